/** The facts of one customer, and of one order, for the admin's pages. */

import { guestCustomerId } from "gameball-referrals";
import type { CustomerEvidenceAnswer, OrderEvidenceAnswer } from "../../../api/admin/gameball/contract";
import { databaseNow } from "../database";
import {
  type DeliveryRow,
  deliveryRows,
  type Host,
  type ProfileRow,
  type ReferralRow,
  referralRows,
  TABLES,
} from "../host";
import { evidenceAccount } from "./account";
import { referralView, view } from "./deliveries";
import { explain, waiting } from "./explaining";

const RECENT = 20;
/** More than anybody's lane is long. */
const MOST = 500;

/** Answers for a customer of Medusa's. */
export async function ofCustomer(
  host: Host,
  customer: { id: string; email: string | null; has_account: boolean },
): Promise<CustomerEvidenceAnswer> {
  const customerId = customer.has_account || !customer.email ? customer.id : guestCustomerId(customer.email);
  const { referral, deliveries, evidence } = await factsOf(host, customerId);
  const profile: ProfileRow | undefined = await host
    .db(TABLES.profile)
    .where({ customer_id: customerId })
    .first();
  return {
    customer_id: customerId,
    known: deliveries.length > 0 || referral !== null,
    evidence,
    referral: referral && referralView(referral),
    profile: profile
      ? {
          referral_code: profile.referral_code,
          referral_link: profile.referral_link,
          friends: await friends(host, profile.referral_code),
          fetched_at: profile.fetched_at?.toISOString() ?? null,
        }
      : null,
    deliveries: deliveries.slice(-RECENT).reverse().map(view),
  };
}

/** Answers for an order of Medusa's. */
export async function ofOrder(
  host: Host,
  order: { id: string; customerId: string | null; captured: boolean; placed: boolean; since: Date },
): Promise<OrderEvidenceAnswer> {
  const row: DeliveryRow | undefined = await deliveryRows(host.db)
    .where({ order_id: order.id })
    .orderBy("id", "desc")
    .first();
  const customerId = row?.customer_id ?? order.customerId;
  const { referral, deliveries, evidence, account, now } = await factsOf(host, customerId ?? "");
  const settings = await host.db(TABLES.account).first();
  let note: string | null = null;
  if (row !== undefined) {
    note =
      waiting(row, account, now)?.why ?? (row.state === "dead" ? (view(row).problem ?? "It failed.") : null);
  } else if (order.since < settings.installed_at) {
    note = "This order is from before the installation; it is not sent.";
  } else if (!order.placed) {
    note = "Drafts and cancelled orders are not sent.";
  } else if (settings.order_moment === "captured" && !order.captured) {
    note = "It is sent once its payment is captured.";
  } else if (settings.send_orders === "first" && deliveries.some((one) => one.operation === "trackOrder")) {
    note = "Only a customer's first order is sent, and this one is a later one.";
  } else if (customerId === null) {
    note = "It has neither a customer nor an e-mail address.";
  } else {
    note =
      "It is not recorded yet; the reconcile job does so within a minute, unless the customer has had a first order as a guest.";
  }
  return {
    customer_id: customerId,
    evidence,
    referral: referral && referralView(referral),
    delivery: row === undefined ? null : view(row),
    note,
  };
}

async function factsOf(host: Host, customerId: string) {
  const [referral, deliveries, account, now] = await Promise.all([
    referralRows(host.db).where({ customer_id: customerId }).first() as Promise<ReferralRow | undefined>,
    deliveryRows(host.db).where({ customer_id: customerId }).orderBy("id").limit(MOST) as Promise<
      DeliveryRow[]
    >,
    evidenceAccount(host),
    databaseNow(host.db),
  ]);
  const facts = { referral: referral ?? null, deliveries, account, now };
  return { ...facts, evidence: explain(facts) };
}

/** Friends who came by a code, by this shop's receipts. */
export async function friends(
  { db }: Host,
  code: string | null,
): Promise<{ linked: number; pending: number; other: number }> {
  const found = { linked: 0, pending: 0, other: 0 };
  if (code !== null) {
    const rows: { receipt: string | null; count: string }[] = (await referralRows(db)
      .where({ referrer_code: code })
      .groupBy("receipt")
      .select("receipt")
      .count("* as count")) as never;
    for (const { receipt, count } of rows) {
      found[receipt === "linked" ? "linked" : receipt === null ? "pending" : "other"] += Number(count);
    }
  }
  return found;
}
