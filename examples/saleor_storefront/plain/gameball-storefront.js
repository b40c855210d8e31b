// Which friend sent this visitor? Remembers the referral link of a visit, and hands it to Saleor as metadata.
// An ES module without dependencies, for any storefront: copy it, or serve it as it is.

/** The metadata key under which the Saleor app and plugin look. */
export const KEY = "gameball_claim";

const STORED_AS = "gameball_claim";
const NAMES = ["gbreferral", "referralcode", "ref"];
const DAYS = 30;
const LONGEST = 1024;

/**
 * Remembers the visit's referral link, if it is one. Call it on every page, and again once the visitor consents.
 *
 * What a code looks like is none of the browser's business: the app reads the link, and ignores what is none. Only the
 * parameter with the code is kept, nothing else of the visit. A later link replaces an earlier one.
 *
 * @param {{ url?: string, consent?: boolean, now?: number }} [options]
 */
export function captureVisit({ url = location.href, consent = true, now = Date.now() } = {}) {
  if (!consent) return;
  const { origin, search, hash } = new URL(url);
  const queries = [search, hash.slice(hash.indexOf("?") + 1)];
  for (const [name, value] of queries.flatMap((query) => [...new URLSearchParams(query)])) {
    if (!NAMES.includes(name.toLowerCase()) || !value.trim()) continue;
    const link = `${origin}/?${new URLSearchParams({ [name]: value.trim() })}`;
    if (link.length <= LONGEST) store({ value: link, until: now + DAYS * 86_400_000 });
    return;
  }
}

/**
 * Returns what to pass as `metadata` to `accountRegister`, `checkoutCreate` and `checkoutComplete`: one item, or none.
 *
 * @param {{ typed?: string, now?: number }} [options] `typed`: what the visitor wrote into a field for codes, which wins
 * @returns {{ key: string, value: string }[]}
 */
export function referralMetadata({ typed = "", now = Date.now() } = {}) {
  const value = typed.trim() || remembered(now);
  return value && value.length <= LONGEST ? [{ key: KEY, value }] : [];
}

/** Forgets it: after a registration or an order, which Gameball hears of once, and when consent is withdrawn. */
export function forgetReferral() {
  try {
    localStorage.removeItem(STORED_AS);
  } catch {}
}

function store(what) {
  try {
    localStorage.setItem(STORED_AS, JSON.stringify(what));
  } catch {} // storage is full, or not allowed: then there is nothing to remember with
}

function remembered(now) {
  try {
    const { value, until } = JSON.parse(localStorage.getItem(STORED_AS));
    return typeof value === "string" && until > now ? value : "";
  } catch {
    return "";
  }
}
