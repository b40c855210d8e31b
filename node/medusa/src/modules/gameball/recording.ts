/** What is told of Medusa's customers and orders: the deliveries and the referral that each of them makes. */

import { type Amount, GameballError, guestCustomerId } from "gameball-referrals";
import { claimIn } from "./capture/claims";
import { inShort, persistently } from "./database";
import { type Carried, delivery, known, type NewDelivery, type NewReferral, write } from "./delivery/outbox";
import { reached } from "./failpoints";
import { type AccountRow, deliveryRows, type Host } from "./host";

/** A customer of Medusa's, as far as Gameball is told of them. */
export interface ShopCustomer {
  readonly id: string;
  readonly email: string | null;
  readonly phone?: string | null;
  readonly first_name?: string | null;
  readonly last_name?: string | null;
  readonly has_account: boolean;
  readonly created_at: Date | string;
  readonly metadata?: Record<string, unknown> | null;
}

/** An order of Medusa's, likewise. Amounts are exact. */
export interface ShopOrder {
  readonly id: string;
  readonly email: string | null;
  readonly created_at: Date | string;
  readonly metadata?: Record<string, unknown> | null;
  readonly cart_id?: string | null;
  readonly total: Amount;
  readonly original_item_subtotal?: Amount | null;
  readonly discount_total?: Amount | null;
  readonly shipping_total?: Amount | null;
  readonly tax_total?: Amount | null;
  readonly items?: readonly ShopItem[];
}

export interface ShopItem {
  readonly product_id?: string | null;
  readonly variant_id?: string | null;
  readonly variant_sku?: string | null;
  readonly product_title?: string | null;
  readonly title?: string | null;
  readonly quantity: Amount;
  readonly unit_price: Amount;
  readonly tax_total?: Amount | null;
  readonly discount_total?: Amount | null;
}

/** Who Gameball takes an order for: the account, also of a guest with its e-mail address; else the guest. */
export function customerIdOf(email: string | null, account: Pick<ShopCustomer, "id"> | null): string | null {
  return account?.id ?? (email ? guestCustomerId(email) : null);
}

/** Writes a customer's creation, with the referral if they were brought; returns the dedupe keys of what was new. */
export async function recordCustomer(
  host: Host,
  account: AccountRow,
  customer: ShopCustomer,
): Promise<string[]> {
  // A guest is no customer of Gameball's before the first order.
  return customer.has_account ? await writeAll(host, creation(host, account, customer)) : [];
}

/**
 * Writes an order, after its customer's creation.
 *
 * @param owner The account whose order it is; null for a guest.
 */
export async function recordOrder(
  host: Host,
  account: AccountRow,
  order: ShopOrder,
  owner: ShopCustomer | null,
  medusaCustomerId: string | null,
): Promise<string[]> {
  const customerId = customerIdOf(order.email, owner);
  if (customerId === null) {
    return [];
  }
  if (account.send_orders === "first" && order.email && owner !== null) {
    // Who has ordered as a guest before has had their first order.
    const asGuest = orderKey(host, account, order, guestCustomerId(order.email));
    if ((await known(host.db, [asGuest])).has(asGuest)) {
      return owner.has_account ? await recordCustomer(host, account, owner) : [];
    }
  }
  const told = owner === null ? { deliveries: [], carried: null } : creation(host, account, owner);
  const at = new Date(order.created_at);
  const claim = owner === null ? await guestClaim(host, account, order, customerId) : null;
  const input = {
    orderId: order.id,
    customerId,
    orderDate: at,
    totalPaid: order.total,
    totalPrice: order.original_item_subtotal,
    totalDiscount: order.discount_total,
    totalShipping: order.shipping_total,
    totalTax: order.tax_total,
    email: order.email,
    guest: owner === null ? true : null,
    cartId: order.cart_id,
    lineItems: (order.items ?? []).map((item) => ({
      productId: item.product_id ?? item.variant_id,
      sku: item.variant_sku,
      title: item.product_title ?? item.title,
      quantity: item.quantity,
      price: item.unit_price,
      taxes: item.tax_total,
      discount: item.discount_total,
    })),
  };
  let sent: NewDelivery;
  try {
    const code = claim?.referrer_code ?? null;
    sent = delivery(host, account, "trackOrder", input as never, {
      now: at,
      referrerCode: code,
      medusaCustomerId,
    });
  } catch (error) {
    if (!GameballError.is(error)) {
      throw error;
    }
    sent = unsendable(order, customerId, medusaCustomerId, at, error);
  }
  const carried = claim === null ? told.carried : { referral: claim, by: sent.dedupe_key };
  return await writeAll(host, { deliveries: [...told.deliveries, sent], carried });
}

/** The key that keeps an order's repetition out, found without its amounts. */
export function orderKey(
  host: Host,
  account: AccountRow,
  order: Pick<ShopOrder, "id" | "created_at">,
  customerId: string,
): string {
  const at = new Date(order.created_at);
  const input = { orderId: order.id, customerId, orderDate: at, totalPaid: 0 };
  return delivery(host, account, "trackOrder", input, { now: at }).dedupe_key;
}

/** The key that keeps a creation's repetition out. */
export function customerKey(host: Host, account: AccountRow, customerId: string): string {
  return delivery(host, account, "createCustomer", { customerId }, { now: new Date() }).dedupe_key;
}

/** The key of the note of an order that cannot be sent. */
export function unsendableKey(orderId: string): string {
  return `unsendable:${orderId}`;
}

/** The arguments of a customer's creation. */
export function customerInput(customer: ShopCustomer) {
  const names = [customer.first_name, customer.last_name].filter((name) => name);
  return {
    customerId: customer.id,
    email: customer.email,
    mobile: customer.phone || null,
    attributes: {
      firstName: customer.first_name || null,
      lastName: customer.last_name || null,
      displayName: names.join(" ") || null,
      joinDate: new Date(customer.created_at),
    },
  };
}

interface Told {
  readonly deliveries: readonly NewDelivery[];
  readonly carried: Carried | null;
}

function creation(host: Host, account: AccountRow, customer: ShopCustomer): Told {
  const at = new Date(customer.created_at);
  // Whoever was a customer before the installation cannot be referred any more.
  const claim = at >= account.installed_at ? claimIn(host, account, customer.metadata, at) : null;
  const sent = delivery(host, account, "createCustomer", customerInput(customer), {
    now: at,
    referrerCode: claim?.code ?? null,
    medusaCustomerId: customer.id,
  });
  const carried = claim && {
    referral: referral(host, sent.customer_id, claim, at, false),
    by: sent.dedupe_key,
  };
  return { deliveries: [sent], carried };
}

function referral(
  host: Host,
  customerId: string,
  claim: NonNullable<ReturnType<typeof claimIn>>,
  at: Date,
  guest: boolean,
): NewReferral {
  return {
    customer_id: customerId,
    referrer_code: claim.code,
    source: claim.source,
    claimed_at: claim.issuedAt,
    registered_at: at,
    deadline_at: new Date(at.getTime() + host.options.referralWindowMs),
    guest,
  };
}

/** The referral of somebody who orders without an account; null if they have ordered before. */
async function guestClaim(
  host: Host,
  account: AccountRow,
  order: ShopOrder,
  customerId: string,
): Promise<NewReferral | null> {
  const at = new Date(order.created_at);
  const claim = claimIn(host, account, order.metadata, at);
  if (claim === null) {
    return null;
  }
  const before = await deliveryRows(host.db)
    .where({ customer_id: customerId, operation: "trackOrder" })
    .first("id");
  return before === undefined ? referral(host, customerId, claim, at, true) : null;
}

/** A note of an order that cannot be sent, so that the admin tells of it and nobody tries again and again. */
function unsendable(
  order: ShopOrder,
  customerId: string,
  medusaCustomerId: string | null,
  at: Date,
  error: GameballError,
): NewDelivery {
  return {
    customer_id: customerId,
    medusa_customer_id: medusaCustomerId,
    operation: "trackOrder",
    order_id: order.id,
    dedupe_key: unsendableKey(order.id),
    arguments: "",
    dropped: [],
    priority: 3,
    bucket: "trackOrder",
    deadline_at: at,
    state: "dead",
    settled_at: at,
    error_kind: error.kind,
    error_message: inShort(error),
  };
}

async function writeAll(host: Host, { deliveries, carried }: Told): Promise<string[]> {
  const written = await persistently(host, (db) => write(db, deliveries, carried));
  reached("record.committed");
  return written;
}
