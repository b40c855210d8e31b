/** A customer's own code and link, from what is cached: no page view asks Gameball. */

import { referralLink } from "gameball-referrals";
import { friends } from "../admin/evidence";
import { delivery, write } from "../delivery/outbox";
import { type AccountRow, deliveryRows, type Host, type ProfileRow, TABLES } from "../host";

/** Age at which Gameball is asked again for a customer who had no code yet. */
const EMPTY_MAX_AGE_MS = 10 * 60_000;

export interface OwnProfile {
  /** Null: not known yet; ask again in some seconds. */
  readonly code: string | null;
  readonly link: string | null;
  /** Who joined by it, by this shop's receipts. */
  readonly friends: { readonly linked: number; readonly pending: number };
}

/** What is missing, or old, is asked for in the background, and there for a later request; tells whether it was. */
export async function ownProfile(
  host: Host,
  account: AccountRow,
  customerId: string,
  now = new Date(),
): Promise<{ profile: OwnProfile; asked: boolean }> {
  const row: ProfileRow | undefined = await host
    .db(TABLES.profile)
    .where({ customer_id: customerId })
    .first();
  const asked = isStale(host, row, now) && (await ask(host, account, customerId, now));
  const code = row?.referral_code ?? null;
  const template = account.referral_link;
  const { linked, pending } = await friends(host, code);
  const link =
    code === null ? null : template === null ? (row?.referral_link ?? null) : referralLink(template, code);
  return { profile: { code, link, friends: { linked, pending } }, asked };
}

function isStale(host: Host, row: ProfileRow | undefined, now: Date): boolean {
  const longest = host.options.profileMaxAgeMs;
  const maxAge = row?.referral_code ? longest : Math.min(longest, EMPTY_MAX_AGE_MS);
  return !row?.fetched_at || row.fetched_at.getTime() + maxAge < now.getTime();
}

async function ask(host: Host, account: AccountRow, customerId: string, now: Date): Promise<boolean> {
  const waits = await deliveryRows(host.db).where({ customer_id: customerId, state: "pending" }).first("id");
  if (waits !== undefined) {
    // What waits tells of the customer, too; or nothing of theirs can go.
    return false;
  }
  return (
    (await write(host.db, [delivery(host, account, "getCustomer", { customerId }, { now })], null)).length > 0
  );
}
