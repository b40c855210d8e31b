/** Forgetting a customer: what waits is given up, Gameball is told to erase them, and then the rows forget whose they were. */

import { createHmac } from "node:crypto";
import { persistently } from "../database";
import { type AccountRow, type Db, deliveryRows, type Host, referralRows, TABLES } from "../host";
import { delivery, type NewDelivery, write } from "./outbox";

/** What the ids of forgotten customers begin with. */
const PREFIX = "erased:";

/** Gives up what waits and writes the erasure down, both or none. */
export async function erase(
  host: Host,
  account: AccountRow,
  customerId: string,
  medusaCustomerId: string,
): Promise<string[]> {
  const sent = delivery(
    host,
    account,
    "deleteCustomer",
    { customerId },
    { now: new Date(), medusaCustomerId },
  );
  return await persistently(host, async (db) => {
    await deliveryRows(db)
      .where({ customer_id: customerId })
      .whereIn("state", ["pending", "dead"])
      .whereNot({ operation: "deleteCustomer" })
      .update({ state: "cancelled", settled_at: db.raw("clock_timestamp()"), arguments: "", progress: null });
    const written = await write(db, [sent], null);
    await write(db, tombstones(host, account, customerId), null);
    return written;
  });
}

/** Settled rows that keep the subscribers and the reconcile job from telling Gameball of this customer again. */
function tombstones(host: Host, account: AccountRow, customerId: string): NewDelivery[] {
  const now = new Date();
  const order = { orderId: "0", customerId, orderDate: now, totalPaid: 0 };
  const rows = [delivery(host, account, "createCustomer", { customerId }, { now })];
  if (account.send_orders === "first") {
    rows.push(delivery(host, account, "trackOrder", order, { now }));
  }
  return rows.map((row) => ({ ...row, order_id: null, arguments: "", state: "cancelled", settled_at: now }));
}

/**
 * Forgets a customer, now that Gameball has. The dedupe keys stay: they keep the reconcile job from telling Gameball of
 * this customer again.
 */
export async function forget(host: Host, db: Db, customerId: string): Promise<void> {
  const pseudonym =
    PREFIX + createHmac("sha256", host.claimSecret).update(`erased:${customerId}`).digest("hex").slice(0, 32);
  await deliveryRows(db).where({ customer_id: customerId }).update({
    customer_id: pseudonym,
    medusa_customer_id: null,
    order_id: null,
    arguments: "",
    error_message: null,
    history: "[]",
  });
  await referralRows(db).where({ customer_id: customerId }).update({ customer_id: pseudonym });
  await db(TABLES.profile).where({ customer_id: customerId }).delete();
}
