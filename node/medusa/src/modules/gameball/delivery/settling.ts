/** Stores what came of deliveries: their rows, their referrals' receipts, and what Gameball told of customers. */

import type { Courier, Verdict } from "gameball-referrals";
import { databaseNow, persistently, readLedger, saveLedger } from "../database";
import { reached } from "../failpoints";
import {
  type Db,
  type DeliveryRow,
  deliveryRows,
  type Host,
  type ReceiptStatus,
  type ReferralRow,
  referralRows,
  type StoredCall,
  TABLES,
} from "../host";
import { forget } from "./erasure";

/** Receipts, the better the later. A receipt is only ever replaced by a better one. */
const BETTER: readonly (ReceiptStatus | null)[] = [
  null,
  "unverified",
  "lost",
  "rejected",
  "already_referred",
  "linked",
];

const LONGEST_HISTORY = 20;

/** A delivery that was leased to us, and what came of it. */
export type Arrived = readonly [row: DeliveryRow, verdict: Verdict];

/** Tells the ledger of failures, before anything else is sent. */
export async function record(host: Host, courier: Courier, verdicts: readonly Verdict[]): Promise<void> {
  for (;;) {
    const ledger = await readLedger(host.db);
    const now = await databaseNow(host.db);
    const state = courier.record(ledger.state, now, verdicts);
    if (state === ledger.state) {
      return;
    }
    if (await saveLedger(host.db, ledger, state)) {
      reached("ledger.saved");
      const held = new Set(courier.status(ledger.state, now).holds.map((hold) => hold.bucket));
      for (const hold of courier.status(state, now).holds.filter((one) => !held.has(one.bucket))) {
        host.logger.warn(
          `Gameball refuses ${hold.bucket} calls (${hold.reason}). Deliveries wait; what to do is on the Gameball page of the admin.`,
        );
      }
      return;
    }
  }
}

/** Stores verdicts; whoever has lost a lease changes nothing. Returns the customers whose delivery is over. */
export async function settle(host: Host, arrived: readonly Arrived[]): Promise<string[]> {
  const batch = [...arrived].sort(([one], [other]) => one.id - other.id);
  reached("settle.begin");
  const ours = await persistently(host, async (db) => {
    const now = await databaseNow(db);
    const stored: Arrived[] = [];
    for (const [row, verdict] of batch) {
      if (await store(db, row, verdict, now)) {
        stored.push([row, verdict]);
      }
    }
    reached("settle.updated");
    await storeReceipts(db, stored, now);
    await storeProfiles(db, stored, now);
    for (const [row, verdict] of stored) {
      if (row.operation === "deleteCustomer" && verdict.outcome === "applied") {
        await forget(host, db, row.customer_id);
      }
    }
    reached("settle.stored");
    return stored;
  });
  reached("settle.committed");
  if (ours.length < batch.length) {
    host.logger.info(`gameball: ${batch.length - ours.length} leases were lost; their verdicts are void.`);
  }
  return ours.filter(([, verdict]) => verdict.settled).map(([row]) => row.customer_id);
}

/** Has deliveries wait again that were leased to us, where a defect of this package left them without a verdict. */
export async function giveBack(
  db: Db,
  rows: readonly DeliveryRow[],
  waitMs: number,
  attempts: number,
): Promise<void> {
  for (const row of rows) {
    await deliveryRows(db)
      .where({ id: row.id, lease_token: row.lease_token, state: "in_flight" })
      .update({
        state: "pending",
        lease_token: null,
        lease_until: null,
        due_at: db.raw("clock_timestamp() + ? * interval '1 millisecond'", [waitMs]),
        attempts: row.attempts + attempts,
        error_kind: "internal",
        error_message: "An error of this plugin; Medusa's log tells more.",
      });
  }
}

async function store(db: Db, row: DeliveryRow, verdict: Verdict, now: Date): Promise<boolean> {
  const leased = deliveryRows(db).where({ id: row.id, lease_token: row.lease_token, state: "in_flight" });
  if (row.operation === "getCustomer" && verdict.settled) {
    // It has nothing to tell; the profile has.
    return (await leased.delete()) > 0;
  }
  return (await leased.update(changes(row, verdict, now))) > 0;
}

function changes(row: DeliveryRow, verdict: Verdict, now: Date): Record<string, unknown> {
  const changed: Record<string, unknown> = {
    lease_token: null,
    lease_until: null,
    progress: verdict.progress,
    attempts: row.attempts + Number(verdict.costsAttempt),
    updated_at: now,
  };
  if (verdict.outcome === "applied") {
    Object.assign(changed, { state: "applied", settled_at: now, arguments: "" });
  } else if (verdict.outcome === "dead") {
    Object.assign(changed, { state: "dead", settled_at: now });
  } else {
    Object.assign(changed, {
      state: "pending",
      due_at: new Date(now.getTime() + verdict.dueInMs),
      bucket: verdict.nextBucket ?? row.bucket,
    });
  }
  if (verdict.acknowledged && row.acknowledged_at === null) {
    changed.acknowledged_at = now;
  }
  const { call } = verdict;
  if (call !== null) {
    const entry: StoredCall = {
      at: now.toISOString(),
      operation: call.operation,
      outcome: verdict.outcome,
      reason: verdict.reason,
      status: call.status,
      gameball_code: call.gameballCode,
      request_id: call.requestId,
      kind: call.kind,
    };
    Object.assign(changed, {
      status: call.status,
      gameball_code: call.gameballCode,
      request_id: call.requestId?.slice(0, 100) ?? null,
      error_kind: call.kind,
      error_message: call.message,
      history: JSON.stringify([...row.history, entry].slice(-LONGEST_HISTORY)),
    });
  }
  return changed;
}

/** Stores what verdicts say of their customers' referrals. */
async function storeReceipts(db: Db, ours: readonly Arrived[], now: Date): Promise<void> {
  const news = ours.filter(([, verdict]) => verdict.receipt !== null || verdict.acknowledged);
  if (news.length === 0) {
    return;
  }
  const customers = news.map(([row]) => row.customer_id);
  const rows: ReferralRow[] = await referralRows(db)
    .whereIn("customer_id", customers)
    .orderBy("id")
    .forUpdate();
  const byCustomer = new Map(rows.map((row) => [row.customer_id, row]));
  for (const [delivery, { acknowledged, receipt }] of news) {
    const referral = byCustomer.get(delivery.customer_id);
    if (referral === undefined) {
      continue;
    }
    const changed: Partial<ReferralRow> = {};
    if (acknowledged && referral.acknowledged_at === null) {
      changed.acknowledged_at = now;
    }
    if (receipt !== null && isBetter(receipt.status, referral.receipt)) {
      changed.receipt = receipt.status;
      changed.reason = receipt.reason;
      changed.late_by_seconds = receipt.lateByMs === null ? null : Math.ceil(receipt.lateByMs / 1000);
      changed.settled_at = now;
    }
    if (Object.keys(changed).length > 0) {
      await referralRows(db)
        .where({ id: referral.id })
        .update({ ...changed, updated_at: now });
      Object.assign(referral, changed);
    }
  }
}

export function isBetter(one: ReceiptStatus, other: ReceiptStatus | null): boolean {
  return BETTER.indexOf(one) > BETTER.indexOf(other);
}

/** Keeps what Gameball told of customers; sorted, so that no two transactions wait for each other. */
async function storeProfiles(db: Db, ours: readonly Arrived[], now: Date): Promise<void> {
  const sorted = [...ours].sort(([one], [other]) => (one.customer_id < other.customer_id ? -1 : 1));
  for (const [row, verdict] of sorted) {
    if (verdict.outcome !== "applied") {
      continue;
    }
    const { answer, receipt } = verdict;
    const told: Record<string, unknown> = {};
    if (answer?.gameballId != null) {
      told.gameball_id = String(answer.gameballId);
    }
    if (answer?.referralCode != null) {
      told.referral_code = answer.referralCode;
    }
    if (answer?.referralLink != null) {
      told.referral_link = answer.referralLink;
    }
    if (row.operation === "getCustomer" || told.referral_code !== undefined) {
      told.fetched_at = now;
    }
    if (receipt?.status === "linked") {
      told.is_referred = true;
    }
    if (Object.keys(told).length > 0) {
      await db(TABLES.profile)
        .insert({ customer_id: row.customer_id, ...told })
        .onConflict("customer_id")
        .merge({ ...told, updated_at: now });
    }
  }
}
