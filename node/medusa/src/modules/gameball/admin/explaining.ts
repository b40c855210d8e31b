/** Why a friend counts or not, why a delivery waits, what the operator has to know: the core's answers, as the contract has them. */

import {
  type AccountRecord,
  alerts as coreAlerts,
  evidence as coreEvidence,
  waiting as coreWaiting,
  type DeliveryRecord,
  type QueueRecord,
  type ReferralRecord,
  type Text,
  type Advice as ToldAdvice,
  type Waiting as ToldWaiting,
} from "gameball-referrals";
import type { Advice, Alert, Evidence, Waiting } from "../../../api/admin/gameball/contract";
import type { DeliveryRow, ReferralRow } from "../host";

/** The facts of one customer. */
export interface Facts {
  readonly referral: ReferralRow | null;
  /** All of theirs, oldest first. */
  readonly deliveries: readonly DeliveryRow[];
  readonly account: AccountRecord;
  readonly now: Date;
}

export function explain({ referral, deliveries, account, now }: Facts): Evidence {
  const told = coreEvidence({
    referral: referral && referralRecord(referral),
    deliveries: deliveries.map(deliveryRecord),
    account,
    now,
  });
  return {
    verdict: say(told.verdict),
    why: say(told.why),
    tone: told.tone,
    steps: told.steps.map((step) => ({
      at: step.at?.toISOString() ?? null,
      title: say(step.title),
      detail: step.detail && say(step.detail),
      tone: step.tone,
      request_id: step.requestId,
      now: step.now,
    })),
    advice: told.advice.map(advice),
  };
}

/** What a delivery waits for; null if it is settled. */
export function waiting(row: DeliveryRow, account: AccountRecord, now: Date): Waiting | null {
  const told = coreWaiting({ delivery: deliveryRecord(row), account, now });
  return told && waitingView(told);
}

/** What the operator has to know, the gravest first. */
export function alerts(account: AccountRecord, now: Date, queue: QueueRecord): Alert[] {
  return coreAlerts({ account, now, queue }).map((told) => ({ about: told.about, ...waitingView(told) }));
}

function waitingView({ title, why, tone, advice: advices }: ToldWaiting): Waiting {
  return { title: sentence(say(title)), why: say(why), tone, advice: advices.map(advice) };
}

/** As a title of its own. */
function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function advice({ text, link }: ToldAdvice): Advice {
  return {
    text: say(text),
    link:
      link === null
        ? null
        : link.kind === "account"
          ? { kind: "settings" }
          : { kind: "delivery", id: Number(link.id) },
  };
}

const SENDER =
  "Run at least one Medusa process in worker mode “shared” or “worker”, with GAMEBALL_SENDER not set to “off”.";

/** What only this host can name, in place of the core's own sentence. */
const HERE: Readonly<Record<string, string>> = {
  "step.paid": "Placed the order {order}",
  "step.paid_an_order": "Placed an order",
  "advice.reconcile": "The reconcile job looks after it within a minute; Medusa's log says if it fails.",
  "advice.check_id":
    "Gameball knows customers by their Medusa id, and guests by a digest of their e-mail address.",
  "advice.sync": "Customers from before the installation are not recorded: the sync command sends them.",
  "advice.retention": "Settled deliveries are deleted in the end; the option retentionDays says when.",
  "advice.after_keys":
    "Save new keys in the settings: everything that waits goes out by itself within seconds.",
  "advice.test": "Then press Test connection in the settings.",
  "advice.switch_on": "Switch it on in the settings.",
  "advice.unseal":
    "Enter the keys again, or put the former GAMEBALL_ENCRYPTION_KEY into GAMEBALL_ENCRYPTION_KEY_FALLBACKS.",
  "advice.how_sent": SENDER,
  "advice.start_sender": SENDER,
};

/** A sentence in English, in this host's own words where it has some. */
function say(text: Text): string {
  const own = HERE[text.key];
  return own === undefined
    ? text.english
    : own.replace(/\{(\w+)\}/g, (_, name) => String(text.parts?.[name] ?? ""));
}

function referralRecord(row: ReferralRow): ReferralRecord {
  return {
    referrerCode: row.referrer_code,
    source: row.source,
    claimedAt: row.claimed_at,
    registeredAt: row.registered_at,
    deadlineAt: row.deadline_at,
    guest: row.guest,
    receipt: row.receipt,
    reason: row.reason,
    lateByMs: row.late_by_seconds === null ? null : row.late_by_seconds * 1000,
    acknowledgedAt: row.acknowledged_at,
    settledAt: row.settled_at,
  };
}

function deliveryRecord(row: DeliveryRow): DeliveryRecord {
  return {
    id: row.id,
    operation: row.operation,
    state: row.state,
    bucket: row.bucket,
    createdAt: row.created_at,
    dueAt: row.due_at,
    leaseUntil: row.lease_until,
    settledAt: row.settled_at,
    orderId: row.order_id,
    errorKind: row.error_kind,
    gameballCode: row.gameball_code,
    requestId: row.request_id,
    // What an operator did is no call.
    history: row.history
      .filter((call) => call.operation !== "operator")
      .map((call) => ({
        at: new Date(call.at),
        operation: call.operation,
        outcome: call.outcome,
        status: call.status,
        gameballCode: call.gameball_code,
        requestId: call.request_id,
        kind: call.kind,
      })),
  };
}
