/** What the store routes ask Gameball: whether a code is good, and the program. Short deadlines, cached, within the limits. */

import { Client, Courier, type ReferralsConfiguration } from "gameball-referrals";
import { reserve } from "../database";
import type { AccountRow, Host } from "../host";
import { keysOf } from "../keys";
import { inWords, type Program } from "./program";

/** A visitor waits for it; sign-up never does. */
const TIMEOUT_MS = 3_000;
const CODE_AGE_MS = 5 * 60_000;
const PROGRAM_AGE_MS = 10 * 60_000;
const MOST_CODES = 10_000;

interface Asking {
  readonly key: string;
  readonly client: Client;
  readonly courier: Courier;
}

let asking: Asking | null = null;
const codes = new Map<string, { at: number; result: "valid" | "invalid" }>();
const programs = new Map<string, { at: number; program: Program | null }>();

function clientOf(host: Host, account: AccountRow): Asking | null {
  const keys = keysOf(host.options, account);
  if (keys.state !== "present") {
    return null;
  }
  const {
    concurrency: _,
    referralWindowMs: __,
    maxAttempts: ___,
    limitWindowsDivisor,
    ...options
  } = keys.courier;
  const key = JSON.stringify(options);
  if (asking?.key !== key) {
    asking?.client.close();
    asking?.courier.close();
    codes.clear();
    programs.clear();
    const client = new Client({ ...options, timeoutMs: TIMEOUT_MS, maxRetries: 0 });
    asking = {
      key,
      client,
      courier: new Courier({ ...options, limitWindowsDivisor: limitWindowsDivisor ?? 1 }),
    };
  }
  return asking;
}

/** Whether a code is good; `unknown` where Gameball cannot be asked right now. Never whose it is. */
export async function validate(
  host: Host,
  account: AccountRow,
  code: string,
  now = Date.now(),
): Promise<"valid" | "invalid" | "unknown"> {
  const cached = codes.get(code);
  if (cached !== undefined && now - cached.at < CODE_AGE_MS) {
    return cached.result;
  }
  try {
    const found = clientOf(host, account);
    if (found === null || !(await mayAsk(host, found))) {
      return "unknown";
    }
    const result = (await found.client.validateReferrerCode(code)) ? "valid" : "invalid";
    if (codes.size >= MOST_CODES) {
      codes.clear();
    }
    codes.set(code, { at: now, result });
    return result;
  } catch {
    return "unknown";
  }
}

/** The program in words; null where Gameball cannot be asked right now. An old answer is better than none. */
export async function program(
  host: Host,
  account: AccountRow,
  lang: string | null,
  now = Date.now(),
): Promise<Program | null> {
  const name = lang ?? "";
  try {
    const found = clientOf(host, account);
    const cached = programs.get(name);
    if (found === null || (cached !== undefined && now - cached.at < PROGRAM_AGE_MS)) {
      return cached?.program ?? null;
    }
    // Not asked again at once where it fails.
    programs.set(name, { at: now - PROGRAM_AGE_MS + 30_000, program: cached?.program ?? null });
    if (await mayAsk(host, found)) {
      const steps: readonly ReferralsConfiguration[] = await found.client.getReferralsConfigurations({
        lang,
      });
      if (programs.size > 100) {
        programs.clear();
      }
      programs.set(name, { at: now, program: inWords(steps) });
    }
  } catch {
    // What there was is told.
  }
  return programs.get(name)?.program ?? null;
}

async function mayAsk(host: Host, { courier }: Asking): Promise<boolean> {
  return (await reserve(host.db, courier, "other", 1)).granted > 0;
}
