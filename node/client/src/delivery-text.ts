/** Deliveries, ledgers and verdicts as the JSON text in which they cross to the addon, and back. */

import { addon } from "./addon.js";
import type { Bucket, Candidate, Delivery, Slot, Verdict } from "./deliveries.js";
import { guarded, invalidArgument } from "./errors.js";
import { flag, millis, natural, optional, optionalText, parts, text, whole } from "./values.js";

/**
 * Asks one of the core's functions of a ledger.
 *
 * @internal
 */
export function ask<Told>(
  name: string,
  ledger: string | null,
  now: Date,
  limitWindowsDivisor: number,
  asked: object,
): Told {
  return JSON.parse(askText(name, ledger, now, limitWindowsDivisor, asked));
}

/** @internal */
export function askText(
  name: string,
  ledger: string | null,
  now: Date,
  limitWindowsDivisor: number,
  asked: object,
): string {
  const [stored, nowMs] = [optionalText("ledger", ledger), millis("now", now)];
  const text = JSON.stringify({ ledger: stored, nowMs, limitWindowsDivisor, ...asked });
  return guarded(() => addon.delivery(name, text));
}

/** @internal */
export function optionalDate(at: number | null): Date | null {
  return at === null ? null : new Date(at);
}

/**
 * What the core knows of a slot.
 *
 * @internal
 */
export interface SlotText {
  readonly expiresInMs: number;
  readonly watched: boolean;
  readonly probe: boolean;
}

/**
 * The slot that was granted at `began`.
 *
 * @internal
 */
export function slotFrom(began: number, { expiresInMs, watched, probe }: SlotText): Slot {
  return { expiresAtMs: began + expiresInMs, watched, probe };
}

/**
 * Milliseconds of a clock that never jumps, one for all threads of the process.
 *
 * @internal
 */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1_000_000;
}

/** @internal */
export type VerdictText = Omit<Verdict, "settled" | "ledgerEvent"> & { readonly ledgerEvent: object | null };

/** @internal */
export function verdictFrom(verdict: VerdictText): Verdict {
  const { outcome, ledgerEvent } = verdict;
  return {
    ...verdict,
    settled: outcome === "applied" || outcome === "dead",
    ledgerEvent: ledgerEvent && JSON.stringify(ledgerEvent),
  };
}

const DELIVERY = [
  "id",
  "operation",
  "arguments",
  "progress",
  "attempts",
  "registeredAt",
  "referrerCode",
  "receipt",
  "slot",
] as const;

/**
 * A delivery that is handed over at `now`, by {@link monotonicMs}.
 *
 * @internal
 */
export function deliveryText(field: string, value: unknown, now: number): object {
  const read = parts(field, value as Delivery, DELIVERY);
  return {
    id: whole(`${field}.id`, read.id),
    operation: text(`${field}.operation`, read.operation),
    arguments: text(`${field}.arguments`, read.arguments),
    progress: optionalText(`${field}.progress`, read.progress),
    attempts: natural(`${field}.attempts`, read.attempts ?? 0),
    registeredAtMs: optional(`${field}.registeredAt`, read.registeredAt, millis),
    referrerCode: optionalText(`${field}.referrerCode`, read.referrerCode),
    receipt: optionalText(`${field}.receipt`, read.receipt),
    slot: optional(`${field}.slot`, read.slot, (name, slot) => slotLeft(name, slot, now)),
  };
}

function slotLeft(field: string, value: unknown, now: number): SlotText {
  const read = parts(field, value as Slot, ["expiresAtMs", "watched", "probe"]);
  const left = typeof read.expiresAtMs === "number" ? Math.floor(read.expiresAtMs - now) : Number.NaN;
  return {
    expiresInMs: whole(`${field}.expiresAtMs`, left),
    watched: flag(`${field}.watched`, read.watched),
    probe: flag(`${field}.probe`, read.probe),
  };
}

const CANDIDATE = [
  "id",
  "lane",
  "operation",
  "dueAt",
  "progress",
  "referred",
  "deadlineAt",
  "inFlight",
] as const;

/** @internal */
export function candidateText(field: string, value: unknown): object {
  const read = parts(field, value as Candidate, CANDIDATE);
  return {
    id: whole(`${field}.id`, read.id),
    lane: text(`${field}.lane`, read.lane),
    operation: text(`${field}.operation`, read.operation),
    progress: optionalText(`${field}.progress`, read.progress),
    referred: flag(`${field}.referred`, read.referred),
    deadlineAtMs: optional(`${field}.deadlineAt`, read.deadlineAt, millis),
    dueAtMs: millis(`${field}.dueAt`, read.dueAt),
    inFlight: flag(`${field}.inFlight`, read.inFlight),
  };
}

const BUCKETS = ["createCustomer", "getCustomer", "trackOrder", "other"] as const satisfies Bucket[];

/**
 * Numbers of calls by bucket.
 *
 * @internal
 */
export function callsByBucket(field: string, value: unknown): object {
  const read = parts(field, value as Partial<Record<Bucket, number>>, BUCKETS);
  const unknown = Object.keys(value as object).find((name) => !(BUCKETS as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw invalidArgument(`${field}.${unknown}`, `is no bucket: there are ${BUCKETS.join(", ")}`);
  }
  const given = BUCKETS.filter((bucket) => read[bucket] !== undefined);
  return Object.fromEntries(given.map((bucket) => [bucket, natural(`${field}.${bucket}`, read[bucket])]));
}

/**
 * What a verdict has for the ledger.
 *
 * @internal
 */
export function ledgerEvent(field: string, value: unknown): unknown {
  const name = `${field}.ledgerEvent`;
  const event = optionalText(name, parts(field, value as Verdict, ["ledgerEvent"]).ledgerEvent);
  try {
    return event === null ? null : JSON.parse(event);
  } catch {
    throw invalidArgument(name, "is not what a verdict said");
  }
}
