/** Why a friend did, or did not, count; why a delivery waits; what an account's operator has to do. No network. */

import { addon } from "./addon.js";
import type { Blocked, Bucket, ReceiptStatus } from "./deliveries.js";
import { optionalDate } from "./delivery-text.js";
import { guarded } from "./errors.js";
import type {
  AccountRecord,
  Alert,
  CallRecord,
  DeliveryRecord,
  Evidence,
  QueueRecord,
  ReferralRecord,
  Step,
  Waiting,
  Words,
} from "./evidence-types.js";
import { flag, list, millis, natural, optional, optionalText, parts, text, whole } from "./values.js";

/** What {@link evidence} is asked. */
export interface EvidenceInput {
  /** The customer's, if there is one. */
  readonly referral?: ReferralRecord | null | undefined;
  /** All of the customer's, oldest first. */
  readonly deliveries: readonly DeliveryRecord[];
  readonly account: AccountRecord;
  /** The present. */
  readonly now: Date;
  /** How many deliveries are sent before this customer's first waiting one, if that is known. */
  readonly ahead?: number | null | undefined;
}

/**
 * Answers *why did this friend (not) count?* for one customer.
 *
 * @throws GameballError `invalid_argument` at a part of another type.
 *
 * @example
 * const { verdict, why, steps } = evidence({ referral, deliveries, account, now: new Date() });
 * console.log(verdict.english, why.english, steps.map((step) => step.title.english));
 */
export function evidence(input: EvidenceInput): Evidence {
  const read = parts("input", input, ["referral", "deliveries", "account", "now", "ahead"]);
  const told = ask<EvidenceText>("evidence", {
    referral: optional("referral", read.referral, referralText),
    deliveries: list("deliveries", read.deliveries, deliveryText),
    account: accountText("account", read.account),
    nowMs: millis("now", read.now),
    ahead: optional("ahead", read.ahead, natural),
  });
  const steps = told.steps.map(({ atMs, ...step }): Step => ({ at: optionalDate(atMs), ...step }));
  return { ...told, steps };
}

/** What {@link waiting} is asked. */
export interface WaitingInput {
  readonly delivery: DeliveryRecord;
  readonly account: AccountRecord;
  /** The present. */
  readonly now: Date;
  /** How many deliveries are sent before it, if that is known. */
  readonly ahead?: number | null | undefined;
}

/**
 * Tells what an unsettled delivery waits for, the first that applies, and what to do; null if it is settled.
 *
 * @throws GameballError `invalid_argument` at a part of another type.
 */
export function waiting(input: WaitingInput): Waiting | null {
  const read = parts("input", input, ["delivery", "account", "now", "ahead"]);
  return ask("waiting", {
    delivery: deliveryText("delivery", read.delivery),
    account: accountText("account", read.account),
    nowMs: millis("now", read.now),
    ahead: optional("ahead", read.ahead, natural),
  });
}

/** What {@link alerts} is asked. */
export interface AlertsInput {
  readonly account: AccountRecord;
  /** The present. */
  readonly now: Date;
  /** Without it only what stops calls is told. */
  readonly queue?: QueueRecord | null | undefined;
}

/**
 * Tells what an account's operator has to know and do, the gravest first; what is held for one reason is told once.
 *
 * @throws GameballError `invalid_argument` at a part of another type.
 */
export function alerts(input: AlertsInput): Alert[] {
  const read = parts("input", input, ["account", "now", "queue"]);
  return ask("alerts", {
    account: accountText("account", read.account),
    nowMs: millis("now", read.now),
    backlog: optional("queue", read.queue, queueText) ?? {},
  });
}

/** The core's words by its codes, for lists and filters; and every template, for a catalogue of translations. */
export function words(): Words {
  return ask("words", {});
}

type EvidenceText = Omit<Evidence, "steps"> & {
  readonly steps: readonly (Omit<Step, "at"> & { readonly atMs: number | null })[];
};

function ask<Told>(name: string, asked: object): Told {
  const given = JSON.stringify(asked);
  return JSON.parse(guarded(() => addon.delivery(name, given)));
}

// --- Records as the core reads them ---------------------------------------------------------------------------

function accountText(field: string, value: unknown): object {
  const read = parts(field, value as AccountRecord, [
    "id",
    "enabled",
    "keys",
    "credentials",
    "ledger",
    "senderSeenAt",
    "limitWindowsDivisor",
  ]);
  return {
    id: text(`${field}.id`, read.id ?? ""),
    enabled: flag(`${field}.enabled`, read.enabled ?? true),
    keys: text(`${field}.keys`, read.keys ?? "present"),
    credentials: optionalText(`${field}.credentials`, read.credentials),
    ledger: optionalText(`${field}.ledger`, read.ledger),
    senderSeenAtMs: optional(`${field}.senderSeenAt`, read.senderSeenAt, millis),
    limitWindowsDivisor: natural(`${field}.limitWindowsDivisor`, read.limitWindowsDivisor ?? 1),
  };
}

function referralText(field: string, value: unknown): object {
  const read = parts(field, value as ReferralRecord, [
    "referrerCode",
    "source",
    "claimedAt",
    "registeredAt",
    "deadlineAt",
    "guest",
    "receipt",
    "reason",
    "lateByMs",
    "acknowledgedAt",
    "settledAt",
  ]);
  return {
    referrerCode: text(`${field}.referrerCode`, read.referrerCode),
    source: text(`${field}.source`, read.source ?? ""),
    claimedAtMs: optional(`${field}.claimedAt`, read.claimedAt, millis),
    registeredAtMs: millis(`${field}.registeredAt`, read.registeredAt),
    deadlineAtMs: millis(`${field}.deadlineAt`, read.deadlineAt),
    guest: flag(`${field}.guest`, read.guest),
    receipt: optionalText(`${field}.receipt`, read.receipt) satisfies ReceiptStatus | string | null,
    reason: optionalText(`${field}.reason`, read.reason),
    lateByMs: optional(`${field}.lateByMs`, read.lateByMs, whole),
    acknowledgedAtMs: optional(`${field}.acknowledgedAt`, read.acknowledgedAt, millis),
    settledAtMs: optional(`${field}.settledAt`, read.settledAt, millis),
  };
}

function deliveryText(field: string, value: unknown): object {
  const read = parts(field, value as DeliveryRecord, [
    "id",
    "operation",
    "state",
    "bucket",
    "createdAt",
    "dueAt",
    "leaseUntil",
    "settledAt",
    "orderId",
    "errorKind",
    "gameballCode",
    "requestId",
    "history",
  ]);
  return {
    id: typeof read.id === "number" ? whole(`${field}.id`, read.id) : text(`${field}.id`, read.id),
    operation: text(`${field}.operation`, read.operation),
    state: text(`${field}.state`, read.state),
    bucket: optionalText(`${field}.bucket`, read.bucket) satisfies Bucket | string | null,
    createdAtMs: millis(`${field}.createdAt`, read.createdAt),
    dueAtMs: millis(`${field}.dueAt`, read.dueAt),
    leaseUntilMs: optional(`${field}.leaseUntil`, read.leaseUntil, millis),
    settledAtMs: optional(`${field}.settledAt`, read.settledAt, millis),
    orderId: optionalText(`${field}.orderId`, read.orderId),
    errorKind: optionalText(`${field}.errorKind`, read.errorKind),
    gameballCode: optional(`${field}.gameballCode`, read.gameballCode, whole),
    requestId: optionalText(`${field}.requestId`, read.requestId),
    history: list(`${field}.history`, read.history ?? [], callText),
  };
}

function callText(field: string, value: unknown): object {
  const read = parts(field, value as CallRecord, [
    "at",
    "operation",
    "outcome",
    "status",
    "gameballCode",
    "requestId",
    "kind",
  ]);
  return {
    atMs: optional(`${field}.at`, read.at, millis),
    operation: text(`${field}.operation`, read.operation),
    outcome: optionalText(`${field}.outcome`, read.outcome),
    status: optional(`${field}.status`, read.status, whole),
    gameballCode: optional(`${field}.gameballCode`, read.gameballCode, whole),
    requestId: optionalText(`${field}.requestId`, read.requestId),
    kind: optionalText(`${field}.kind`, read.kind),
  };
}

function queueText(field: string, value: unknown): object {
  const read = parts(field, value as QueueRecord, ["forecast", "dueSince", "failed", "failedAndMore"]);
  return {
    ...optional(`${field}.forecast`, read.forecast, forecastText),
    dueSinceMs: optional(`${field}.dueSince`, read.dueSince, millis),
    failed: natural(`${field}.failed`, read.failed ?? 0),
    failedAndMore: flag(`${field}.failedAndMore`, read.failedAndMore),
  };
}

function forecastText(field: string, value: unknown): object {
  const read = parts(field, value as NonNullable<QueueRecord["forecast"]>, [
    "misses",
    "firstMissAt",
    "blocked",
  ]);
  return {
    misses: natural(`${field}.misses`, read.misses),
    firstMissAtMs: optional(`${field}.firstMissAt`, read.firstMissAt, millis),
    blocked: optionalText(`${field}.blocked`, read.blocked) satisfies Blocked | string | null,
  };
}
