/** Pending calls: what JavaScript waits for, and how the addon says that it is over. */

import { addon } from "./addon.js";
import { type ErrorDetails, GameballError, guarded } from "./errors.js";
import type { NativeClient, NativeQueue } from "./native.js";

/**
 * A finished call as it crosses: its id, whether it failed, and its answer or the error's record.
 *
 * @internal
 */
export type Outcome =
  | readonly [id: number, failed: 0, answer: unknown]
  | readonly [id: number, failed: 1, ErrorDetails];

const pending = new Map<number, (outcome: Outcome) => void>();
let shared: NativeQueue | undefined;
let lastId = 0;

/**
 * The way back from the addon's threads, one for all clients of this thread of Node's.
 *
 * @internal
 */
export function queue(): NativeQueue {
  shared ??= new addon.NativeQueue(dispatch);
  return shared;
}

/** Starts a call under an id, which it is finished or cancelled by. */
type Start = (native: NativeClient, id: number, cancellable: boolean) => void;

/**
 * Starts a call and waits for its answer. The process stays alive until it is settled.
 *
 * @internal
 */
export async function settled(
  native: NativeClient,
  signal: AbortSignal | null | undefined,
  start: Start,
): Promise<unknown> {
  signal?.throwIfAborted();
  const outcome = await new Promise<Outcome>((resolve, reject) => {
    if (signal) {
      beginAbortable(native, signal, start, resolve, reject);
    } else {
      begin((id) => start(native, id, false), [resolve]);
    }
  });
  return answered(outcome);
}

/**
 * Starts so many calls at once, under ids that follow the first, and promises each one's outcome.
 *
 * @internal
 */
export function started(count: number, start: (firstId: number) => void): Promise<Outcome>[] {
  const resolves: ((outcome: Outcome) => void)[] = [];
  const outcomes = Array.from({ length: count }, () => {
    return new Promise<Outcome>((resolve) => resolves.push(resolve));
  });
  begin(start, resolves);
  return outcomes;
}

/**
 * A call's answer. To be called after an `await`, so that an error's stack shows who called.
 *
 * @internal
 */
export function answered([, failed, value]: Outcome): unknown {
  if (failed) {
    throw new GameballError(value);
  }
  return value;
}

/** Returns the first call's id. */
function begin(start: (firstId: number) => void, resolves: readonly ((outcome: Outcome) => void)[]): number {
  const firstId = (lastId + 1) >>> 0;
  // Also if it fails: no later call is to get what might still come under these ids.
  lastId = (lastId + resolves.length) >>> 0;
  guarded(() => start(firstId));
  if (pending.size === 0 && resolves.length > 0) {
    queue().hold();
  }
  for (const [place, resolve] of resolves.entries()) {
    pending.set((firstId + place) >>> 0, resolve);
  }
  return firstId;
}

function beginAbortable(
  native: NativeClient,
  signal: AbortSignal,
  start: Start,
  resolve: (outcome: Outcome) => void,
  reject: (reason: unknown) => void,
): void {
  const finish = (outcome: Outcome) => {
    forget();
    resolve(outcome);
  };
  const id = begin((id) => start(native, id, true), [finish]);
  const forget = onAbort(signal, () => {
    pending.delete(id);
    native.cancel(id);
    releaseIfIdle();
    reject(signal.reason);
  });
}

/** What to do when a signal aborts. One listener serves all calls with it: of a dozen, Node would warn. */
const aborts = new WeakMap<AbortSignal, Set<() => void>>();

function onAbort(signal: AbortSignal, abort: () => void): () => void {
  const known = aborts.get(signal) ?? listening(signal);
  known.add(abort);
  return () => known.delete(abort);
}

function listening(signal: AbortSignal): Set<() => void> {
  const known = new Set<() => void>();
  const abortAll = () => {
    for (const abort of known) {
      abort();
    }
  };
  signal.addEventListener("abort", abortAll, { once: true });
  aborts.set(signal, known);
  return known;
}

/** Called by the addon with everything that has finished since: `[[id, 0, answer], [id, 1, record], …]`. */
function dispatch(text: string): void {
  for (const outcome of JSON.parse(text) as Outcome[]) {
    const resolve = pending.get(outcome[0]);
    // A call that was given up is no longer there.
    if (resolve !== undefined) {
      pending.delete(outcome[0]);
      resolve(outcome);
    }
  }
  releaseIfIdle();
}

function releaseIfIdle(): void {
  if (pending.size === 0) {
    shared?.release();
  }
}
