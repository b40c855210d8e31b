/** What the core's evidence has to know of the account. */

import { readAccount, readLedger } from "../database";
import type { Host } from "../host";
import { keysOf } from "../keys";
import { credentialsOf } from "./settings";

/** As the core's `evidence`, `waiting` and `alerts` take it. */
export interface EvidenceAccount {
  readonly id: string;
  readonly enabled: boolean;
  readonly keys: "present" | "missing" | "sealed";
  readonly credentials: string | null;
  readonly ledger: string;
  readonly senderSeenAtMs: number | null;
  readonly limitWindowsDivisor: number;
}

export async function evidenceAccount(host: Host): Promise<EvidenceAccount> {
  const [account, ledger] = await Promise.all([readAccount(host.db), readLedger(host.db)]);
  const keys = keysOf(host.options, account);
  return {
    id: "settings",
    enabled: account.enabled,
    keys: keys.state,
    credentials: credentialsOf(keys),
    ledger: ledger.state,
    senderSeenAtMs: ledger.sender_seen_at?.getTime() ?? null,
    limitWindowsDivisor: host.options.limitWindowsDivisor,
  };
}
