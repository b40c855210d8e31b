/** Writes deliveries, each at most once, and the referral they carry. */

import {
  type CreateCustomerInput,
  type DeliveryOperation,
  prepare,
  type TrackOrderInput,
} from "gameball-referrals";
import { reached } from "../failpoints";
import {
  type AccountRow,
  type Db,
  type DeliveryRow,
  deliveryRows,
  type Host,
  type ReferralRow,
  referralRows,
  TABLES,
} from "../host";

/** A delivery that is not written yet. */
export type NewDelivery = Pick<
  DeliveryRow,
  | "customer_id"
  | "medusa_customer_id"
  | "operation"
  | "order_id"
  | "dedupe_key"
  | "arguments"
  | "dropped"
  | "priority"
  | "bucket"
  | "deadline_at"
  | "state"
> &
  Partial<Pick<DeliveryRow, "error_kind" | "error_message" | "settled_at">>;

export type NewReferral = Pick<
  ReferralRow,
  "customer_id" | "referrer_code" | "source" | "claimed_at" | "registered_at" | "deadline_at" | "guest"
>;

/** What each operation takes. */
export type Input = CreateCustomerInput | TrackOrderInput | { readonly customerId: string };

/**
 * Checks a call's arguments and makes a delivery of them.
 *
 * @throws GameballError `invalid_argument` where it cannot be sent at all, such as an order without an amount.
 */
export function delivery(
  host: Host,
  account: AccountRow,
  operation: DeliveryOperation,
  input: Input,
  more: {
    readonly now: Date;
    readonly referrerCode?: string | null;
    readonly medusaCustomerId?: string | null;
  },
): NewDelivery {
  const prepared = prepare(operation, input as CreateCustomerInput & TrackOrderInput, {
    now: more.now,
    referrerCode: more.referrerCode ?? null,
    referralWindowMs: host.options.referralWindowMs,
    orders: account.send_orders,
  });
  return {
    customer_id: prepared.customerId,
    medusa_customer_id: more.medusaCustomerId ?? null,
    operation,
    order_id: prepared.orderId,
    dedupe_key: prepared.dedupeKey,
    arguments: prepared.arguments,
    dropped: [...prepared.dropped],
    priority: prepared.priority,
    // What it begins with is a call of its own name; later ones, the sender knows.
    bucket: operation === "deleteCustomer" ? "other" : operation,
    deadline_at: prepared.deadlineAt ?? more.now,
    state: "pending",
  };
}

/** A referral, and the dedupe key of the delivery that carries it: it is written only if that one is new. */
export interface Carried {
  readonly referral: NewReferral;
  readonly by: string;
}

/** Writes what does not stand yet, in this order, and tells the dedupe keys of what was new. */
export async function write(
  db: Db,
  deliveries: readonly NewDelivery[],
  carried: Carried | null,
): Promise<string[]> {
  reached("record.begin");
  const written: string[] = [];
  // One by one: within one statement the order of their ids would not be sure.
  for (const { dropped, ...row } of deliveries) {
    const rows: { dedupe_key: string }[] = await db(TABLES.delivery)
      .insert({
        ...row,
        dropped: JSON.stringify(dropped),
        history: "[]",
        due_at: db.raw("clock_timestamp()"),
      })
      .onConflict()
      .ignore()
      .returning("dedupe_key");
    written.push(...rows.map((one) => one.dedupe_key));
  }
  if (carried !== null && written.includes(carried.by)) {
    await db(TABLES.referral).insert(carried.referral).onConflict().ignore();
  }
  reached("record.inserted");
  return written;
}

/** Takes back what was just written, as far as nothing of it has been sent. */
export async function takeBack(db: Db, keys: readonly string[]): Promise<void> {
  const gone: { customer_id: string }[] = await deliveryRows(db)
    .whereIn("dedupe_key", [...keys])
    .andWhere({ state: "pending", attempts: 0 })
    .andWhereRaw("history = '[]'::jsonb")
    .delete()
    .returning("customer_id");
  const lanes = deliveryRows(db).select("customer_id");
  await referralRows(db)
    .whereIn(
      "customer_id",
      gone.map((row) => row.customer_id),
    )
    .whereNull("receipt")
    .whereNotIn("customer_id", lanes)
    .delete();
}

/** The dedupe keys that stand already. */
export async function known(db: Db, keys: readonly string[]): Promise<Set<string>> {
  if (keys.length === 0) {
    return new Set();
  }
  const rows: { dedupe_key: string }[] = await deliveryRows(db)
    .whereIn("dedupe_key", keys)
    .select("dedupe_key");
  return new Set(rows.map((row) => row.dedupe_key));
}
