/**
 * Writes down what the event bus lost: pages Medusa's customers and orders by their date, from the installation on, and
 * records those without a delivery.
 */

import type { MedusaContainer } from "@medusajs/framework/types";
import { GAMEBALL_MODULE } from "../modules/gameball";
import { databaseNow } from "../modules/gameball/database";
import { known } from "../modules/gameball/delivery/outbox";
import {
  type AccountRow,
  DEFAULT_ID,
  type Host,
  referralRows,
  SETTLED,
  TABLES,
} from "../modules/gameball/host";
import { customerIdOf, customerKey, orderKey, unsendableKey } from "../modules/gameball/recording";
import type GameballModuleService from "../modules/gameball/service";
import { customersWhere, ordersCapturedSince, ordersWhere, ownersOf, type ReadOrder } from "./reading";

const PAGE = 200;
/** By the id, too, since an import leaves many of one moment, and pages must not overlap. */
const IN_ORDER = { created_at: "ASC", id: "ASC" } as const;
/** How far a sweep looks back before the last one: longer than any transaction of Medusa's takes to be seen. */
const OVERLAP_MS = 10 * 60_000;
/** A referral younger than this may still have its delivery on the way. */
const YOUNG = "10 minutes";

export interface Findings {
  customers: number;
  orders: number;
  unsendable: number;
  orphaned: number;
}

/** Looks at what is new since the last sweep. Processes may do so at the same time, which changes nothing. */
export async function sweep(container: MedusaContainer): Promise<Findings> {
  const { host } = container.resolve<GameballModuleService>(GAMEBALL_MODULE);
  const began = await databaseNow(host.db);
  const { swept_at } = await container.resolve<GameballModuleService>(GAMEBALL_MODULE).account();
  const since = swept_at === null ? null : new Date(swept_at.getTime() - OVERLAP_MS);
  const findings = await reconcile(container, { since });
  await host.db(TABLES.account).where({ id: DEFAULT_ID }).update({ swept_at: began });
  return findings;
}

/**
 * Compares the shop with what was recorded.
 *
 * @param options.since Null: from the installation on.
 * @param options.dryRun Only count.
 */
export async function reconcile(
  container: MedusaContainer,
  { since = null, dryRun = false }: { since?: Date | null; dryRun?: boolean },
): Promise<Findings> {
  const gameball = container.resolve<GameballModuleService>(GAMEBALL_MODULE);
  const account = await gameball.account();
  const from = since !== null && since > account.installed_at ? since : account.installed_at;
  const findings: Findings = { customers: 0, orders: 0, unsendable: 0, orphaned: 0 };
  await customers(container, gameball, account, from, dryRun, findings);
  await orders(container, gameball, account, from, dryRun, findings);
  findings.orphaned = await orphans(gameball.host, dryRun);
  return findings;
}

async function customers(
  container: MedusaContainer,
  gameball: GameballModuleService,
  account: AccountRow,
  from: Date,
  dryRun: boolean,
  findings: Findings,
): Promise<void> {
  const filters = { has_account: true, created_at: { $gte: from } };
  for (let skip = 0; ; skip += PAGE) {
    const page = await customersWhere(container, filters, { take: PAGE, skip, order: IN_ORDER });
    const keys = new Map(
      page.map((customer) => [customerKey(gameball.host, account, customer.id), customer]),
    );
    const there = await known(gameball.host.db, [...keys.keys()]);
    for (const [key, customer] of keys) {
      if (!there.has(key)) {
        findings.customers += 1;
        if (!dryRun) {
          await gameball.recordCustomer(customer);
        }
      }
    }
    if (page.length < PAGE) {
      return;
    }
  }
}

async function orders(
  container: MedusaContainer,
  gameball: GameballModuleService,
  account: AccountRow,
  from: Date,
  dryRun: boolean,
  findings: Findings,
): Promise<void> {
  const byCapture = account.order_moment === "captured";
  for (let skip = 0; ; skip += PAGE) {
    let page: ReadOrder[];
    let seen: number;
    if (byCapture) {
      const ids = await ordersCapturedSince(container, from, { take: PAGE, skip });
      seen = ids.length;
      const real = [...new Set(ids.filter((id) => id !== ""))];
      page = real.length === 0 ? [] : await ordersWhere(container, { id: real }, false);
    } else {
      const order = IN_ORDER;
      page = await ordersWhere(container, { created_at: { $gte: from } }, false, { take: PAGE, skip, order });
      seen = page.length;
    }
    const counting = page.filter(({ placed, captured }) => placed && (captured || !byCapture));
    await missing(container, gameball, account, counting, dryRun, findings);
    if (seen < PAGE) {
      return;
    }
  }
}

/** Records those of a page's orders that have no delivery. */
async function missing(
  container: MedusaContainer,
  gameball: GameballModuleService,
  account: AccountRow,
  page: readonly ReadOrder[],
  dryRun: boolean,
  findings: Findings,
): Promise<void> {
  const { host } = gameball;
  const owners = await ownersOf(container, page);
  const keysOf = page.map(({ order }) => {
    const owner = owners.get(order.id) ?? null;
    const own = customerIdOf(order.email, owner);
    const asGuest =
      account.send_orders === "first" && owner !== null && order.email
        ? customerIdOf(order.email, null)
        : null;
    const ids = [own, asGuest].filter((id) => id !== null);
    const keys = ids.map((id) => orderKey(host, account, order, id));
    return { id: order.id, own: own === null ? null : keys[0], keys: [...keys, unsendableKey(order.id)] };
  });
  const there = await known(
    host.db,
    keysOf.flatMap(({ keys }) => keys),
  );
  const taken = new Set<string>();
  for (const { id, own, keys } of keysOf) {
    if (own == null || keys.some((key) => there.has(key)) || taken.has(own)) {
      continue;
    }
    // The first of a customer's orders, where only that is sent.
    taken.add(own);
    const owner = owners.get(id) ?? null;
    const [whole] = await ordersWhere(container, { id }, true);
    if (whole === undefined) {
      continue;
    }
    findings.orders += 1;
    if (!dryRun) {
      const written = await gameball.recordOrder(whole.order, owner, whole.customer_id);
      if (written.includes(unsendableKey(id))) {
        findings.orders -= 1;
        findings.unsendable += 1;
      }
    }
  }
}

/** Gives a receipt to referrals that none will reach by itself any more: it says that nothing is known. */
async function orphans({ db }: Host, dryRun: boolean): Promise<number> {
  const underWay = db(`${TABLES.delivery} as d`)
    .whereRaw("d.customer_id = r.customer_id and d.deleted_at is null")
    .whereNotIn("d.state", [...SETTLED])
    .select(db.raw("1"));
  const rows: { id: number }[] = await db(`${TABLES.referral} as r`)
    .whereNull("r.receipt")
    .whereNull("r.deleted_at")
    .andWhereRaw(`r.registered_at < clock_timestamp() - interval '${YOUNG}'`)
    .andWhereRaw(`r.created_at < clock_timestamp() - interval '${YOUNG}'`)
    .whereNotExists(underWay)
    .limit(PAGE)
    .select("r.id");
  if (!dryRun && rows.length > 0) {
    const ids = rows.map((row) => row.id);
    await referralRows(db)
      .whereIn("id", ids)
      .whereNull("receipt")
      .update({ receipt: "unverified", reason: "read_back_failed", settled_at: db.raw("clock_timestamp()") });
  }
  return rows.length;
}
