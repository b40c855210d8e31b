// The visitor's claim, signed by this server, in a cookie that no script can read.
import { ClaimSigner, extractReferrerCode } from "gameball-referrals";
import { cookies } from "next/headers";

export const COOKIE = "gb_claim";
export const MAX_AGE = 30 * 24 * 60 * 60;

/** The metadata key under which the Saleor app and plugin look. */
const KEY = "gameball_claim";

/** Returns the claim of a visit to a referral link, signed and dated; null for any other visit. */
export function claimOf(url: string): string | null {
  const code = extractReferrerCode(url);
  return code ? signer().issue(code) : null;
}

/** Returns what to pass as `metadata` to accountRegister, checkoutCreate and checkoutComplete. */
export async function referralMetadata(typed = ""): Promise<{ key: string; value: string }[]> {
  const value = typed.trim() || (await cookies()).get(COOKIE)?.value || "";
  return value && value.length <= 1024 ? [{ key: KEY, value }] : [];
}

/** Forgets it, after a registration or an order. */
export async function forgetReferral(): Promise<void> {
  (await cookies()).delete(COOKIE);
}

function signer(): ClaimSigner {
  // The same as GAMEBALL_SALEOR_CLAIM_KEY of the app, or of Saleor with the plugin.
  const key = process.env.GAMEBALL_SALEOR_CLAIM_KEY;
  if (!key) throw new Error("GAMEBALL_SALEOR_CLAIM_KEY is not set");
  return new ClaimSigner(key);
}
