/** What the core's evidence has to know of the account. */

import type { AccountRecord } from "gameball-referrals";
import { readAccount, readLedger } from "../database";
import type { Host } from "../host";
import { keysOf } from "../keys";
import { credentialsOf } from "./settings";

export async function evidenceAccount(host: Host): Promise<AccountRecord> {
  const [account, ledger] = await Promise.all([readAccount(host.db), readLedger(host.db)]);
  const keys = keysOf(host.options, account);
  return {
    id: "default",
    enabled: account.enabled,
    keys: keys.state,
    credentials: credentialsOf(keys),
    ledger: ledger.state,
    senderSeenAt: ledger.sender_seen_at,
    limitWindowsDivisor: host.options.limitWindowsDivisor,
  };
}
