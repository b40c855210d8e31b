/** Which referrer code counts, and the signed claim in which it travels: header, cookie, metadata. No network. */

import { createHmac } from "node:crypto";
import { type Claim, ClaimSigner, extractReferrerCode } from "gameball-referrals";
import type { AccountRow, Host } from "../host";

/** The claim's key in the metadata of customers, carts and orders. */
export const CLAIM_KEY = "gameball_claim";
/** How it came: `visit` or `field`. */
export const SOURCE_KEY = "gameball_claim_source";
export const CLAIM_HEADER = "x-gameball-claim";
/** A code that the customer typed; it wins over every visit's. */
export const CODE_HEADER = "x-gameball-code";

/** How much the clocks of the shop's machines may differ. */
const SKEW_MS = 60_000;

/** A claim that may be frozen into a referral. */
export interface GenuineClaim extends Claim {
  readonly source: "visit" | "field" | "metadata";
}

/** The signer of this shop's claims. The key is derived as the Python package derives it from `SECRET_KEY`. */
export function signer(host: Host, account: AccountRow): ClaimSigner {
  const [key, ...fallbackKeys] = [host.claimSecret, ...host.claimFallbacks].map((secret) => {
    return createHmac("sha256", secret).update("gameball-referrals:claim").digest();
  }) as [Buffer, ...Buffer[]];
  return new ClaimSigner(key, { fallbackKeys, maxAgeSeconds: account.claim_days * 86_400 });
}

/** What a visit leaves: a token to keep, and until when. */
export interface Kept {
  readonly token: string;
  readonly claim: Claim;
  readonly until: Date;
}

/** Which claim counts after a visit, first or last touch by the settings. */
export function captured(
  host: Host,
  account: AccountRow,
  url: string,
  keptTokens: readonly string[],
  now: Date,
): Kept | null {
  const claims = signer(host, account);
  const kept = keptTokens
    .map((token) => ({ token, claim: claims.read(token, { now }) }))
    .find(({ claim }) => claim !== null);
  const code = extractReferrerCode(url, { params: host.options.captureParams ?? null });
  const isNews = code !== null && (kept === undefined || account.attribution === "last");
  const token = isNews ? claims.issue(code, { at: now }) : kept?.token;
  const claim = token === undefined ? null : claims.read(token, { now });
  if (token === undefined || claim === null) {
    return null;
  }
  return { token, claim, until: new Date(claim.issuedAt.getTime() + account.claim_days * 86_400_000) };
}

/** What a typed field holds, as a code: itself, or the one in a pasted link; null where it can be none. */
export function typedCode(host: Host, typed: string): string | null {
  const text = typed.trim();
  // As a parameter's value it meets the same checks as a visit's.
  const query = text.includes("=") ? text : `?ref=${encodeURIComponent(text)}`;
  return text === "" ? null : extractReferrerCode(query, { params: host.options.captureParams ?? null });
}

/** The metadata of whoever registers or orders: what the request brought, if it is genuine, and nothing forged. */
export function claimMetadata(
  host: Host,
  account: AccountRow,
  request: {
    readonly typed: string | null;
    readonly tokens: readonly string[];
    readonly metadata: Record<string, unknown>;
  },
  now: Date,
): Record<string, unknown> {
  const { [CLAIM_KEY]: given, [SOURCE_KEY]: givenSource, ...others } = request.metadata;
  const claims = signer(host, account);
  const code = request.typed === null ? null : typedCode(host, request.typed);
  if (code !== null) {
    return { ...others, [CLAIM_KEY]: claims.issue(code, { at: now }), [SOURCE_KEY]: "field" };
  }
  const token = [given, ...request.tokens].find((one): one is string => {
    return typeof one === "string" && claims.read(one, { now }) !== null;
  });
  if (token === undefined) {
    return others;
  }
  const source = token === given ? (givenSource === "field" ? "field" : "metadata") : "visit";
  return { ...others, [CLAIM_KEY]: token, [SOURCE_KEY]: source };
}

/** The claim in metadata, if it is genuine and was there when it happened: customers can rewrite theirs later. */
export function claimIn(host: Host, account: AccountRow, metadata: unknown, at: Date): GenuineClaim | null {
  const { [CLAIM_KEY]: token, [SOURCE_KEY]: source } = (metadata ?? {}) as Record<string, unknown>;
  if (typeof token !== "string") {
    return null;
  }
  const claim = signer(host, account).read(token, { now: new Date(at.getTime() + SKEW_MS) });
  return claim && { ...claim, source: source === "field" || source === "visit" ? source : "metadata" };
}
