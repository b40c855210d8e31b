/** Reads Medusa's customers and orders as far as Gameball is told of them. */

import type { MedusaContainer } from "@medusajs/framework/types";
import { BigNumber, ContainerRegistrationKeys } from "@medusajs/framework/utils";
import type { ShopCustomer, ShopItem, ShopOrder } from "../modules/gameball/recording";

/** A row as the query gives it. */
// biome-ignore lint/suspicious/noExplicitAny: Medusa's query is typed only in apps that generate its types
type Row = any;

const CUSTOMER = ["id", "email", "phone", "first_name", "last_name", "has_account", "created_at", "metadata"];
/** What tells whose an order is and whether it counts. */
const ORDER_IN_SHORT = [
  "id",
  "email",
  "created_at",
  "status",
  "is_draft_order",
  "customer_id",
  "payment_collections.payments.captured_at",
  "payment_collections.payments.canceled_at",
];
const ORDER = [
  ...ORDER_IN_SHORT,
  "metadata",
  "total",
  "original_item_subtotal",
  "discount_total",
  "shipping_total",
  "tax_total",
  "items.*",
  "items.tax_total",
  "items.discount_total",
];

/** An order, and what tells whether it counts yet. */
export interface ReadOrder {
  readonly order: ShopOrder;
  readonly customer_id: string | null;
  /** Neither a draft nor cancelled. */
  readonly placed: boolean;
  readonly captured: boolean;
}

export async function customersWhere(
  container: MedusaContainer,
  filters: Record<string, unknown>,
  page: { take?: number; skip?: number; order?: Record<string, "ASC" | "DESC"> } = {},
): Promise<ShopCustomer[]> {
  const query = container.resolve(ContainerRegistrationKeys.QUERY);
  const { data } = await query.graph({
    entity: "customer",
    fields: CUSTOMER,
    filters,
    pagination: page,
  } as never);
  return data as ShopCustomer[];
}

/** @param whole With its amounts and lines, which cost a good deal more. */
export async function ordersWhere(
  container: MedusaContainer,
  filters: Record<string, unknown>,
  whole: boolean,
  page: { take?: number; skip?: number; order?: Record<string, "ASC" | "DESC"> } = {},
): Promise<ReadOrder[]> {
  const query = container.resolve(ContainerRegistrationKeys.QUERY);
  const fields = whole ? ORDER : ORDER_IN_SHORT;
  const { data } = await query.graph({ entity: "order", fields, filters, pagination: page } as never);
  return (data as Row[]).map(read);
}

/** The orders of payments that were captured from a time on. */
export async function ordersCapturedSince(
  container: MedusaContainer,
  since: Date,
  page: { take: number; skip: number },
): Promise<string[]> {
  const query = container.resolve(ContainerRegistrationKeys.QUERY);
  const { data } = await query.graph({
    entity: "payment",
    fields: ["id", "payment_collection.order.id"],
    filters: { captured_at: { $gte: since } },
    pagination: { ...page, order: { captured_at: "ASC", id: "ASC" } },
  } as never);
  return (data as Row[]).map((payment) => payment.payment_collection?.order?.id ?? "");
}

/** The order of a payment, by the payment's id. */
export async function orderOfPayment(container: MedusaContainer, paymentId: string): Promise<string | null> {
  const query = container.resolve(ContainerRegistrationKeys.QUERY);
  const { data } = await query.graph({
    entity: "payment",
    fields: ["id", "payment_collection.order.id"],
    filters: { id: paymentId },
  } as never);
  return (data as Row[])[0]?.payment_collection?.order?.id ?? null;
}

/** The accounts that orders belong to, by the orders' ids: the customer's, or a guest's with the same e-mail address. */
export async function ownersOf(
  container: MedusaContainer,
  orders: readonly ReadOrder[],
): Promise<Map<string, ShopCustomer>> {
  const ids = [...new Set(orders.flatMap(({ customer_id }) => customer_id ?? []))];
  const emails = [...new Set(orders.flatMap(({ order }) => order.email?.toLowerCase() ?? []))];
  const [byId, byEmail] = await Promise.all([
    ids.length === 0 ? [] : customersWhere(container, { id: ids, has_account: true }),
    emails.length === 0 ? [] : customersWhere(container, { email: emails, has_account: true }),
  ]);
  const ofId = new Map(byId.map((customer) => [customer.id, customer]));
  const ofEmail = new Map(byEmail.map((customer) => [customer.email?.toLowerCase(), customer]));
  return new Map(
    orders.flatMap(({ order, customer_id }) => {
      const owner = ofId.get(customer_id ?? "") ?? ofEmail.get(order.email?.toLowerCase() ?? "");
      return owner === undefined ? [] : [[order.id, owner]];
    }),
  );
}

function read(row: Row): ReadOrder {
  const payments: Row[] = (row.payment_collections ?? []).flatMap((one: Row) => one?.payments ?? []);
  const live = payments.filter((payment) => payment && !payment.canceled_at);
  const isFree = row.total !== undefined && Number(row.total) === 0;
  return {
    order: {
      id: row.id,
      email: row.email ?? null,
      created_at: row.created_at,
      metadata: row.metadata ?? null,
      total: amount(row.total) ?? "0",
      original_item_subtotal: amount(row.original_item_subtotal),
      discount_total: amount(row.discount_total),
      shipping_total: amount(row.shipping_total),
      tax_total: amount(row.tax_total),
      items: (row.items ?? []).filter(Boolean).map(item),
    },
    customer_id: row.customer_id ?? null,
    placed: row.is_draft_order !== true && !["draft", "canceled"].includes(row.status),
    captured: isFree || (live.length > 0 && live.every((payment) => payment.captured_at)),
  };
}

function item(row: Row): ShopItem {
  return {
    product_id: row.product_id,
    variant_id: row.variant_id,
    variant_sku: row.variant_sku,
    product_title: row.product_title,
    title: row.title,
    quantity: amount(row.quantity) ?? "1",
    unit_price: amount(row.unit_price) ?? "0",
    tax_total: amount(row.tax_total),
    discount_total: amount(row.discount_total),
  };
}

/** An amount as exact decimal text: Medusa keeps it exact, and only its conveniences make a number of it. */
function amount(value: unknown): string | null {
  if (value === null || value === undefined) {
    return null;
  }
  if (value instanceof BigNumber) {
    return value.bigNumber?.toFixed() ?? String(value.numeric);
  }
  if (typeof value === "object") {
    const raw = value as { value?: unknown; raw_?: { value?: unknown } };
    return String(raw.raw_?.value ?? raw.value ?? value);
  }
  return String(value);
}
