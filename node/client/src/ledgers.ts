/** Ledgers for people to look at. No network. */

import type { Blocked, Bucket, BucketStatus, Forecast, Hold, LedgerStatus } from "./deliveries.js";
import { ask, optionalDate } from "./delivery-text.js";
import { given, list, millis, optionalText, whole } from "./values.js";

/** How a ledger is read. */
export interface LedgerOptions {
  /** For tests only, as at {@link CourierOptions.limitWindowsDivisor}. */
  readonly limitWindowsDivisor?: number | null | undefined;
  /** {@link Courier.credentials}: holds of others, which these lift, are left out. None: all are counted. */
  readonly credentials?: string | null | undefined;
}

/**
 * Shows a ledger: the limits' use, the breaker, the holds.
 *
 * @param ledger As stored; null or empty text is a new one.
 * @throws GameballError `invalid_argument` at an argument of another type; no text is refused.
 */
export function ledgerStatus(ledger: string | null, now: Date, options?: LedgerOptions): LedgerStatus {
  const { divisor, credentials } = reading(options);
  const read = ask<StatusText>("status", ledger, now, divisor, { credentials });
  const { state, untilMs, failures } = read.breaker;
  return {
    buckets: Object.fromEntries(
      Object.entries(read.buckets).map(([name, { freeAtMs, pausedUntilMs, ...use }]) => {
        return [name, { ...use, freeAt: new Date(freeAtMs), pausedUntil: optionalDate(pausedUntilMs) }];
      }),
    ) as Record<Bucket, BucketStatus>,
    breaker: { state, until: optionalDate(untilMs), failures },
    holds: read.holds.map(
      ({ bucket, kind, reason, status, gameballCode, sinceMs, probeAtMs, credentials }) => {
        const [since, probeAt] = [new Date(sinceMs), new Date(probeAtMs)];
        return { bucket, kind, reason, status, gameballCode, since, probeAt, credentials };
      },
    ),
  };
}

/**
 * Tells what the allowed rate makes of the referred registrations that wait.
 *
 * @param ledger As stored; null or empty text is a new one.
 * @param deadlines Of each referred registration that has not been sent.
 * @throws GameballError `invalid_argument` at an argument of another type; no text is refused.
 */
export function ledgerForecast(
  ledger: string | null,
  now: Date,
  deadlines: readonly Date[],
  options?: LedgerOptions,
): Forecast {
  const deadlinesMs = list("deadlines", deadlines, millis);
  const { divisor, credentials } = reading(options);
  const read = ask<ForecastText>("forecast", ledger, now, divisor, { deadlinesMs, credentials });
  const { misses, late, firstMissAtMs, clearsAtMs, blocked } = read;
  return {
    misses,
    late,
    firstMissAt: optionalDate(firstMissAtMs),
    clearsAt: optionalDate(clearsAtMs),
    blocked,
  };
}

function reading(options: LedgerOptions | undefined): { divisor: number; credentials: string | null } {
  const { limitWindowsDivisor, credentials } = given(options, ["limitWindowsDivisor", "credentials"]);
  return {
    divisor: whole("limitWindowsDivisor", limitWindowsDivisor ?? 1),
    credentials: optionalText("credentials", credentials),
  };
}

/** A `Name` in place of each `NameMs`. */
interface StatusText {
  readonly buckets: Record<
    string,
    Omit<BucketStatus, "freeAt" | "pausedUntil"> & {
      readonly freeAtMs: number;
      readonly pausedUntilMs: number | null;
    }
  >;
  readonly breaker: Omit<LedgerStatus["breaker"], "until"> & { readonly untilMs: number | null };
  readonly holds: (Omit<Hold, "since" | "probeAt"> & {
    readonly sinceMs: number;
    readonly probeAtMs: number;
  })[];
}

interface ForecastText {
  readonly misses: number;
  readonly late: number;
  readonly firstMissAtMs: number | null;
  readonly clearsAtMs: number | null;
  readonly blocked: Blocked | null;
}
