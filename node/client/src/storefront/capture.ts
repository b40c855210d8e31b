/** Sends the code in a page's URL to the shop, where no server sees the visit: full-page caches, static sites. */

/** What became of a page's code. */
export interface Captured {
  /** Whether the visitor has a claim. */
  readonly captured: boolean;
  /** Until when it is remembered, in Unix milliseconds; missing where it is not (no consent, for instance). */
  readonly until?: number;
}

/** Where the browser keeps until when there is a claim, so that pages know without asking. */
const UNTIL_KEY = "gb_until";

/** The documented parameters, in lower case; the tests compare them with the core's. */
export const PARAMS: readonly string[] = ["gbreferral", "referralcode", "ref"];

/** Whether a query has one of the parameters, in any case. What is in it the shop decides. */
export function carriesCode(query: string, params: readonly string[] = PARAMS): boolean {
  const names = params.map((name) => name.toLowerCase());
  return [...new URLSearchParams(query).keys()].some((name) => names.includes(name.toLowerCase()));
}

/** Remembers until when there is a claim. */
export function kept(captured: Captured): Captured {
  try {
    if (captured.until) localStorage[UNTIL_KEY] = captured.until;
  } catch {
    // A browser without storage asks again on the next visit with a code.
  }
  return captured;
}

/** Whether this browser has a claim, as far as it knows: for a banner on pages that are the same for everybody. */
export function hasReferral(now: number = Date.now()): boolean {
  try {
    return localStorage[UNTIL_KEY] > now;
  } catch {
    return false;
  }
}
