/** Sends deliveries: the outgoing calls that a shop has recorded in its own database. */

import { inspect } from "node:util";
import { addon } from "./addon.js";
import { answered, type Outcome, queue, started } from "./calls.js";
import type {
  Bucket,
  Candidate,
  ConnectionCheck,
  Delivery,
  Forecast,
  LedgerStatus,
  Plan,
  Reservation,
  Verdict,
} from "./deliveries.js";
import {
  ask,
  askText,
  callsByBucket,
  candidateText,
  deliveryText,
  ledgerEvent,
  monotonicMs,
  optionalDate,
  type SlotText,
  slotFrom,
  type VerdictText,
  verdictFrom,
} from "./delivery-text.js";
import { encode } from "./encode.js";
import { GameballError, guarded, invalidArgument } from "./errors.js";
import { ledgerForecast, ledgerStatus } from "./ledgers.js";
import type { NativeCourier } from "./native.js";
import type { ClientOptions } from "./types.js";
import { list, whole } from "./values.js";

/**
 * Options of a courier: the client's, but for `maxRetries`, because it is the delivery that is repeated. The defaults
 * are the core's.
 */
export interface CourierOptions extends Omit<ClientOptions, "maxRetries"> {
  /** How many calls are under way at most. Default 32; 1 to 1000. */
  readonly concurrency?: number | null | undefined;
  /** How long after a registration Gameball links a referral. Default five minutes; at most a day. */
  readonly referralWindowMs?: number | null | undefined;
  /** How many attempts make a delivery `dead`. Default 100; 1 to 1000. */
  readonly maxAttempts?: number | null | undefined;
  /** For tests only: shortens the limits' windows, as the emulator's option of that name does. Default 1; at most 100. */
  readonly limitWindowsDivisor?: number | null | undefined;
}

/**
 * Sends deliveries, and keeps an account's ledger. The core decides, the host stores. A sender's round is:
 *
 * 1. read the account's ledger and the waiting deliveries, and {@link Courier.plan} what may be sent now;
 * 2. store the ledger that comes back and mark what was taken as in flight, in the same transaction;
 * 3. {@link Courier.submit} what was taken, each with the plan's slot;
 * 4. settle each delivery by its verdict as it comes, {@link Courier.record} in the ledger those that say so, and plan
 *    again.
 *
 * Exactly one request leaves per delivery handed over, and none without a slot that is still good. Make one courier an
 * account and keep it: it holds the connections. Nothing is opened before the first delivery; a delivery under way keeps
 * the process alive, as `fetch` does.
 *
 * @example
 * const courier = new Courier({ apiKey, secretKey });
 * const plan = courier.plan(ledger, now, candidates, courier.concurrency - courier.inFlight);
 * await courier.submit(deliveries(plan.take, plan.slot), (verdict) => settle(verdict));
 */
export class Courier {
  readonly #native: NativeCourier;
  readonly #divisor: number;
  #inFlight = 0;

  /** @throws GameballError `configuration`, whose `field` is the option that cannot work. */
  constructor(options: CourierOptions) {
    if (typeof options !== "object" || options === null) {
      const message = "the options must be an object, with an apiKey at least";
      throw new GameballError({ kind: "configuration", message });
    }
    const text = encode(options, "configuration");
    this.#native = guarded(() => new addon.NativeCourier(text, queue()));
    this.#divisor = (JSON.parse(text) as CourierOptions).limitWindowsDivisor ?? 1;
  }

  /** Where deliveries are sent. */
  get baseUrl(): string {
    return this.#native.baseUrl;
  }

  /** `v4.0` or `v4.1`. */
  get apiVersion(): string {
    return this.#native.apiVersion;
  }

  /** A fingerprint of keys, address and version; no secret. A ledger's hold is lifted where it differs. */
  get credentials(): string {
    return this.#native.credentials;
  }

  /** How many calls are under way at most. */
  get concurrency(): number {
    return this.#native.concurrency;
  }

  /** How many deliveries were handed over whose verdicts have not been dealt with yet. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /**
   * Sends deliveries and waits for all verdicts, which keep their order. What goes wrong with a delivery is in its
   * verdict.
   *
   * @throws GameballError `closed`; `invalid_argument` at `deliveries[i]…` if one has a part of another type, and then
   *   none is sent.
   */
  async deliver(deliveries: readonly Delivery[]): Promise<Verdict[]> {
    return await Promise.all(this.#send(deliveries, (verdict) => verdict));
  }

  /**
   * Sends deliveries, and hands each verdict to `onVerdict` as soon as it is there, whatever becomes of the others.
   * Resolves once the last one has been dealt with.
   *
   * `onVerdict` may be asynchronous, and is called again while earlier calls are under way. If it fails, the others
   * still get theirs; then the promise is rejected with its error, or an `AggregateError` of several.
   *
   * @throws GameballError as {@link Courier.deliver}.
   *
   * @example
   * const round = courier.submit(deliveries, async (verdict) => {
   *   await settle(verdict); // in a transaction of its own
   *   planAgain();
   * });
   */
  async submit(deliveries: readonly Delivery[], onVerdict: (verdict: Verdict) => unknown): Promise<void> {
    if (typeof onVerdict !== "function") {
      throw invalidArgument("onVerdict", "must be a function that takes a verdict");
    }
    const dealtWith = await Promise.allSettled(this.#send(deliveries, onVerdict));
    const errors = dealtWith.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
    if (errors.length > 0) {
      throw errors.length === 1
        ? errors[0]
        : new AggregateError(errors, "several verdicts were not dealt with");
    }
  }

  /**
   * Decides which deliveries to send now, and reserves a slot for each.
   *
   * @param ledger The account's ledger as stored; null or empty text at first.
   * @param now The present. Several machines must mean one clock by it: take the database's.
   * @param candidates What waits and what is in flight; for each lane at least its oldest unsettled delivery, due or
   *   not.
   * @param room How many may be taken at most.
   * @throws GameballError `invalid_argument` at an argument of another type; no ledger's text is refused.
   */
  plan(ledger: string | null, now: Date, candidates: readonly Candidate[], room: number): Plan {
    const began = monotonicMs();
    const plan = ask<PlanText>("plan", ledger, now, this.#divisor, {
      candidates: list("candidates", candidates, candidateText),
      room: Math.max(whole("room", room), 0),
      credentials: this.credentials,
    });
    return {
      ledger: plan.ledger,
      take: plan.take,
      slot: slotFrom(began, plan.slot),
      expiresInMs: plan.slot.expiresInMs,
      nextAt: optionalDate(plan.nextAtMs),
      blocked: plan.blocked,
    };
  }

  /**
   * Reserves slots for calls that are no deliveries: as many of the wanted ones, by bucket, as may leave now.
   *
   * @throws GameballError `invalid_argument` at an argument of another type.
   *
   * @example
   * const { ledger, granted } = courier.reserve(stored, now, { other: 1 });
   */
  reserve(ledger: string | null, now: Date, wanted: Readonly<Partial<Record<Bucket, number>>>): Reservation {
    const began = monotonicMs();
    const reservation = ask<ReservationText>("reserve", ledger, now, this.#divisor, {
      wanted: callsByBucket("wanted", wanted),
      credentials: this.credentials,
    });
    return {
      ledger: reservation.ledger,
      granted: reservation.granted,
      slot: slotFrom(began, reservation.slot),
      expiresInMs: reservation.slot.expiresInMs,
      nextAt: optionalDate(reservation.nextAtMs),
      blocked: reservation.blocked,
    };
  }

  /**
   * Tells the ledger what came of calls. Returns the ledger to store: the same text if nothing has changed.
   *
   * @throws GameballError `invalid_argument` at an argument of another type.
   */
  record(ledger: string | null, now: Date, verdicts: readonly Verdict[]): string {
    const events = list("verdicts", verdicts, ledgerEvent).filter((event) => event !== null);
    // Nobody gains by guessing the chance.
    return askText("record", ledger, now, this.#divisor, { events, jitter: Math.random() });
  }

  /** See {@link ledgerStatus}. */
  status(ledger: string | null, now: Date): LedgerStatus {
    return ledgerStatus(ledger, now, { limitWindowsDivisor: this.#divisor });
  }

  /** See {@link ledgerForecast}. */
  forecast(ledger: string | null, now: Date, deadlines: readonly Date[]): Forecast {
    return ledgerForecast(ledger, now, deadlines, { limitWindowsDivisor: this.#divisor });
  }

  /**
   * Finds out with one or two calls whether the keys work: what a *Test connection* button needs. Whatever Gameball
   * answers is told in the result.
   *
   * @throws GameballError `closed`.
   */
  async check(): Promise<ConnectionCheck> {
    const [outcome] = started(1, (id) => this.#native.check(id)) as [Promise<Outcome>];
    return answered(await outcome) as ConnectionCheck;
  }

  /** Refuses every later delivery with `closed`. What is under way goes on, and its verdicts still come. */
  close(): void {
    this.#native.close();
  }

  /** The same as {@link Courier.close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal */
  [inspect.custom](_depth: number, options: object): string {
    const { baseUrl, apiVersion, inFlight } = this;
    return `Courier ${inspect({ baseUrl, apiVersion, inFlight }, options)}`;
  }

  #send<Dealt>(
    deliveries: readonly Delivery[],
    deal: (verdict: Verdict) => Dealt | PromiseLike<Dealt>,
  ): Promise<Dealt>[] {
    const now = monotonicMs();
    const given = list("deliveries", deliveries, (field, delivery) => deliveryText(field, delivery, now));
    const json = JSON.stringify(given);
    const outcomes = started(given.length, (firstId) => this.#native.submit(firstId, json));
    this.#inFlight += given.length;
    return outcomes.map(async (outcome) => {
      try {
        return await deal(verdictFrom(answered(await outcome) as VerdictText));
      } finally {
        this.#inFlight -= 1;
      }
    });
  }
}

interface PlanText extends Omit<Plan, "slot" | "expiresInMs" | "nextAt"> {
  readonly slot: SlotText;
  readonly nextAtMs: number | null;
}

interface ReservationText extends Omit<Reservation, "slot" | "expiresInMs" | "nextAt"> {
  readonly slot: SlotText;
  readonly nextAtMs: number | null;
}
