/** What is written into a shop's outbox, checked in the request that causes it. No network. */

import { addon, defaults } from "./addon.js";
import type { DeliveryOperation, Prepared } from "./deliveries.js";
import { optionalDate } from "./delivery-text.js";
import { encodeSome } from "./encode.js";
import { GameballError, guarded, invalidArgument } from "./errors.js";
import type { Operations } from "./types.js";
import { anyText, millis, optional, parts, text, whole } from "./values.js";

/** How a delivery is prepared. */
export interface PrepareOptions {
  /** When it happens; with the referral window it makes the deadline. */
  readonly now: Date;
  /** The code of whoever referred the customer. It takes the place of the arguments' own. */
  readonly referrerCode?: string | null | undefined;
  /** How long after a registration Gameball links a referral. Default five minutes. */
  readonly referralWindowMs?: number | null | undefined;
  /** Whether only a customer's first order is sent (the dedupe key decides which), or all. Default `first`. */
  readonly orders?: "first" | "all" | null | undefined;
}

/**
 * Checks a call's arguments and makes a delivery of them, in microseconds.
 *
 * Optional arguments that are malformed (a bad phone number) are left out and named in {@link Prepared.dropped}, so
 * that nothing is lost to them: all of a customer but the id; of an order what is no id, amount or date.
 *
 * @throws GameballError `invalid_argument` at an id, an amount or a date that is malformed.
 *
 * @example
 * prepare("createCustomer", { customerId: "42", email }, { now: new Date(), referrerCode: claim?.code });
 */
export function prepare<O extends DeliveryOperation>(
  operation: O,
  input: Operations[O]["arguments"],
  options: PrepareOptions,
): Prepared {
  const name = text("operation", operation);
  if (typeof input !== "object" || input === null) {
    throw invalidArgument("input", "must be an object of named arguments");
  }
  const read = parts("options", options, ["now", "referrerCode", "referralWindowMs", "orders"]);
  const now = millis("now", read.now);
  const code = optional("referrerCode", read.referrerCode, anyText);
  const window = whole("referralWindowMs", read.referralWindowMs ?? defaults.referralWindowMs);
  const orders = text("orders", read.orders ?? "first");
  const { text: args, refused } = encodeSome(input);
  const problems: [path: string, problem: string][] = [...refused].map(([path, { problem }]) => [
    path,
    problem,
  ]);
  if (code !== null && !code.isWellFormed()) {
    // No registration is lost to a code, whatever it is.
    problems.push(["referrerCode", "is broken text"]);
  }
  const carried = code?.isWellFormed() ? code : null;
  const problemsText = JSON.stringify(problems);
  try {
    const { deadlineAtMs, ...prepared }: PreparedText = JSON.parse(
      guarded(() => addon.prepare(name, args, problemsText, now, carried, window, orders)),
    );
    return { ...prepared, deadlineAt: optionalDate(deadlineAtMs) };
  } catch (error) {
    const unwritable = GameballError.is(error) ? refused.get(error.field ?? "") : undefined;
    // The error of what could not even cross has its cause.
    throw unwritable?.error ?? error;
  }
}

type PreparedText = Omit<Prepared, "deadlineAt"> & { readonly deadlineAtMs: number | null };

/**
 * The customer id of somebody who orders without an account: always the same for one e-mail address, and not readable
 * from it.
 */
export function guestCustomerId(email: string): string {
  return ask("guestCustomerId", { email: text("email", email) });
}

/** Tells from an API key's beginning whether it is for test or for live data. */
export function keyEnvironment(apiKey: string): "test" | "live" | "unknown" {
  return ask("keyEnvironment", { apiKey: text("apiKey", apiKey) });
}

/** What each reason of a verdict, receipt, hold or check means: a sentence for support staff, by its code. */
export function reasons(): Readonly<Record<string, string>> {
  return ask("reasons", {});
}

function ask<Told>(name: string, asked: object): Told {
  const text = JSON.stringify(asked);
  return JSON.parse(guarded(() => addon.delivery(name, text)));
}
