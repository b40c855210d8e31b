/**
 * Takes deliveries to be sent: leases rows and reserves slots, in one short transaction.
 *
 * What may leave is found out without a lock. It is leased and stored together with the ledger's next version, if the
 * ledger still has the version that was read: for then nobody has claimed anything meanwhile. So two senders never take
 * the same row, nor two rows of one customer, nor a slot twice; and who finds nothing disturbs nobody.
 */

import { randomBytes } from "node:crypto";
import type { Candidate, Courier, Delivery, Slot } from "gameball-referrals";
import { databaseNow, pause, persistently, readLedger, saveLedger } from "../database";
import { reached } from "../failpoints";
import {
  BUCKETS,
  type Db,
  type DeliveryRow,
  deliveryRows,
  type Host,
  type LedgerRow,
  REFERRED,
  type ReferralRow,
  referralRows,
  TABLES,
} from "../host";

/** How long before a slot is free to begin to look for whom it is. */
const LEAD_MS = 20;
/** How deep to look, usually. */
export const SHALLOW = 256;
/** How deep to look now and then, for what waits behind very many that cannot go. */
export const DEEP = 100_000;

/** What may be sent now, and when to look again. */
export interface Claim {
  /** Leased to us, the most urgent first. */
  readonly rows: DeliveryRow[];
  /** The same for the courier. */
  readonly deliveries: Delivery[];
  /** In milliseconds; null: when something happens. */
  readonly lookAgainInMs: number | null;
}

/** What a sender looks for. */
export interface Wanted {
  /** Deliveries at most. */
  readonly room: number;
  /** Customers of whom a delivery was settled lately: their next one may go. */
  readonly freed: readonly string[];
  /** How many of the most urgent deliveries to look at. */
  readonly depth: number;
}

/** When the first waiting delivery is (or was) due; one step in an index. */
export async function nextDue(db: Db): Promise<Date | null> {
  const row = await deliveryRows(db).where({ state: "pending" }).orderBy("due_at").select("due_at").first();
  return row?.due_at ?? null;
}

/** Has deliveries of senders that died wait again. Nobody sends them any more: a call ends before its lease does. */
export async function takeOver(host: Host): Promise<number> {
  return await persistently(host, async (db) => {
    const abandoned = deliveryRows(db)
      .where({ state: "in_flight" })
      .andWhere("lease_until", "<", db.raw("clock_timestamp()"))
      .select("id")
      .forUpdate()
      .skipLocked();
    // The token goes with the lease: whoever comes back from the dead settles nothing.
    return await deliveryRows(db)
      .whereIn("id", abandoned)
      .update({ state: "pending", lease_token: null, lease_until: null });
  });
}

/** Leases deliveries whose calls may leave now. */
export async function claim(host: Host, courier: Courier, wanted: Wanted): Promise<Claim> {
  for (;;) {
    const found = await attempt(host, courier, wanted);
    if (found !== OUTRUN) {
      return found;
    }
  }
}

/** Another sender has claimed since the ledger was read. */
const OUTRUN = Symbol("outrun");

async function attempt(host: Host, courier: Courier, wanted: Wanted): Promise<Claim | typeof OUTRUN> {
  const { db } = host;
  const ledger = await readLedger(db);
  const now = await databaseNow(db);
  const readAt = performance.now();
  const present = () => new Date(now.getTime() + (performance.now() - readAt));
  const limits = courier.status(ledger.state, now).buckets;
  const soon = now.getTime() + LEAD_MS;
  const free = BUCKETS.filter((bucket) => limits[bucket].freeAt.getTime() <= soon);
  const found = await heads(db, wanted, free, now);
  const referrals = await referralsOf(db, [...found.values()]);
  const candidates = [...found.values()].map(candidate);
  let plan = courier.plan(ledger.state, now, candidates, wanted.room);
  if (
    plan.take.length === 0 &&
    plan.blocked === "limit" &&
    plan.nextAt !== null &&
    plan.nextAt.getTime() <= soon
  ) {
    // Who goes next is known, and may go in a moment.
    await pause(Math.max(plan.nextAt.getTime() - present().getTime(), 0));
    plan = courier.plan(ledger.state, present(), candidates, wanted.room);
  }
  const wakeAt = BUCKETS.filter((bucket) => !free.includes(bucket)).map((bucket) =>
    limits[bucket].freeAt.getTime(),
  );
  if (plan.nextAt !== null) {
    wakeAt.push(plan.nextAt.getTime());
  }
  let taken: { rows: DeliveryRow[]; slot: Slot } | null = null;
  if (plan.take.length > 0) {
    const chosen = plan.take.flatMap((id) => found.get(id) ?? []);
    const result = await take(host, courier, chosen, ledger, present);
    if (result === OUTRUN) {
      return OUTRUN;
    }
    taken = result;
    if (taken.rows.length < chosen.length) {
      // Somebody else holds those, for as long as a transaction takes.
      wakeAt.push(now.getTime() + 50);
    }
  }
  const rows = taken?.rows ?? [];
  const slot = taken?.slot;
  return {
    rows,
    deliveries: rows.map((row) => forCourier(row, referrals.get(row.customer_id), slot)),
    lookAgainInMs:
      wakeAt.length === 0 ? null : Math.max(Math.min(...wakeAt) - LEAD_MS - present().getTime(), 1),
  };
}

/** Leases rows and stores the ledger, both or none. */
async function take(
  host: Host,
  courier: Courier,
  chosen: readonly DeliveryRow[],
  ledger: LedgerRow,
  present: () => Date,
): Promise<{ rows: DeliveryRow[]; slot: Slot } | typeof OUTRUN> {
  reached("claim.begin");
  try {
    const taken = await persistently(host, async (db) => {
      const leased = await lease(host, db, chosen);
      // A slot is good for a moment. So it is taken last, when there is nothing more to do but to store it.
      const plan = courier.plan(ledger.state, present(), leased.map(candidate), leased.length);
      const rows = leased.filter((row) => plan.take.includes(row.id));
      await giveUp(
        db,
        leased.filter((row) => !plan.take.includes(row.id)),
      );
      if (!(await saveLedger(db, ledger, plan.ledger))) {
        throw OUTRUN; // so that the leases are undone
      }
      reached("claim.leased");
      return { rows: plan.take.flatMap((id) => rows.find((row) => row.id === id) ?? []), slot: plan.slot };
    });
    reached("claim.committed");
    return taken;
  } catch (error) {
    if (error === OUTRUN) {
      return OUTRUN;
    }
    throw error;
  }
}

/** Marks rows as ours, and returns those that are. Who looks at a row in a long transaction holds up nobody else. */
async function lease(host: Host, db: Db, chosen: readonly DeliveryRow[]): Promise<DeliveryRow[]> {
  const token = randomBytes(16).toString("hex");
  const free = deliveryRows(db)
    .whereIn(
      "id",
      chosen.map((row) => row.id),
    )
    .andWhere({ state: "pending" })
    .select("id")
    .forUpdate()
    .skipLocked();
  const rows: DeliveryRow[] = await deliveryRows(db)
    .whereIn("id", free)
    .update({
      state: "in_flight",
      lease_token: token,
      lease_until: db.raw("clock_timestamp() + ? * interval '1 millisecond'", [host.options.leaseMs]),
    })
    .returning("*");
  const byId = new Map(rows.map((row) => [row.id, row]));
  return chosen.flatMap((row) => byId.get(row.id) ?? []);
}

/** Undoes those leases of this transaction that got no slot. */
async function giveUp(db: Db, rows: readonly DeliveryRow[]): Promise<void> {
  if (rows.length > 0) {
    await deliveryRows(db)
      .whereIn(
        "id",
        rows.map((row) => row.id),
      )
      .update({ state: "pending", lease_token: null, lease_until: null });
  }
}

/**
 * Finds what is due and most urgent: the first deliveries of customers of whom nothing is in flight. One statement,
 * which costs the same however many deliveries are settled.
 *
 * Statistics are old or missing just when much is waiting, and must not matter: what is most urgent is walked to along
 * an index, before anything else is asked of it, and a customer's rows are not looked for by their state (IS TRUE).
 */
async function heads(
  db: Db,
  wanted: Wanted,
  buckets: readonly string[],
  now: Date,
): Promise<Map<number, DeliveryRow>> {
  const parts: string[] = [];
  const values: unknown[] = [];
  const add = (condition: string, given: readonly unknown[], order = "priority, deadline_at") => {
    parts.push(`select * from (
      select d.* from (
        select * from ${TABLES.delivery} where ${condition} and deleted_at is null and due_at <= ?
        order by ${order} limit ?
      ) d
      where not exists (
        select 1 from ${TABLES.delivery} o
        where o.customer_id = d.customer_id and o.deleted_at is null and (o.state = 'in_flight') is true
      )
      and not exists (
        select 1 from ${TABLES.delivery} o
        where o.customer_id = d.customer_id and o.deleted_at is null and (o.state = 'pending') is true and o.id < d.id
      )
      order by ${order} limit ?
    ) part${parts.length}`);
    values.push(...given, now, wanted.depth, wanted.room);
  };
  for (const bucket of buckets) {
    if (bucket === "createCustomer") {
      // Referrals that can still be linked come before those that are late, however many these are.
      const inTime = `state = 'pending' and bucket = ? and priority = ${REFERRED} and deadline_at > ?`;
      add(inTime, [bucket, now], "deadline_at");
    }
    add("state = 'pending' and bucket = ?", [bucket]);
  }
  if (wanted.freed.length > 0) {
    add("customer_id = any(?) and (state = 'pending') is true", [wanted.freed]);
  }
  if (parts.length === 0) {
    return new Map();
  }
  const { rows } = await db.raw(parts.join(" union all "), values as never);
  return new Map(rows.map((row: DeliveryRow) => [row.id, row]));
}

function candidate(row: DeliveryRow): Candidate {
  return {
    id: row.id,
    lane: row.customer_id,
    operation: row.operation,
    dueAt: row.due_at,
    progress: row.progress,
    referred: row.priority === REFERRED,
    deadlineAt: row.deadline_at,
  };
}

/** The referrals that registrations and orders are about, by customer. */
async function referralsOf(db: Db, rows: readonly DeliveryRow[]): Promise<Map<string, ReferralRow>> {
  const about = rows.filter((row) => row.operation === "createCustomer" || row.operation === "trackOrder");
  if (about.length === 0) {
    return new Map();
  }
  const found: ReferralRow[] = await referralRows(db).whereIn(
    "customer_id",
    about.map((row) => row.customer_id),
  );
  return new Map(found.map((referral) => [referral.customer_id, referral]));
}

function forCourier(row: DeliveryRow, referral: ReferralRow | undefined, slot: Slot | undefined): Delivery {
  return {
    id: row.id,
    operation: row.operation,
    arguments: row.arguments,
    progress: row.progress,
    attempts: row.attempts,
    registeredAt: referral?.registered_at ?? null,
    referrerCode: referral?.referrer_code ?? null,
    receipt: referral?.receipt ?? null,
    slot: slot ?? null,
  };
}
