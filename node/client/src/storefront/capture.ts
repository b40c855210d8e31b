/** Sends the code in a page's URL to the shop, where no server sees the visit: full-page caches, static sites. */

/** Options of {@link captureReferral}. */
export interface CaptureRequest {
  /** The shop's endpoint, such as `/gameball/capture`. */
  readonly url: string;
  /** The page's query. Default that of the page. */
  readonly query?: string | undefined;
  /** Names of query parameters that carry a code, in any case. */
  readonly params?: readonly string[] | undefined;
  /** Further headers, such as `x-publishable-api-key`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** What became of a page's code. */
export interface Captured {
  /** Whether the visitor has a claim. */
  readonly captured: boolean;
  /** Until when it is remembered, in Unix milliseconds; missing where it is not (no consent, for instance). */
  readonly until?: number;
  /** The claim, from a shop whose answers keep it in a header instead of a cookie (Medusa). */
  readonly claim?: string;
}

/** Where the browser keeps until when there is a claim, so that pages know without asking. */
export const UNTIL_KEY = "gb_until";

/** The documented parameters; the tests compare them with the core's. */
export const PARAMS = ["gbreferral", "referralcode", "ref"];

/**
 * Sends the page's query to the shop if it carries a code; null where it carries none.
 *
 * @throws TypeError as `fetch` does.
 */
export async function captureReferral(
  request: CaptureRequest,
  ask: typeof fetch = fetch,
): Promise<Captured | null> {
  const { url, query = location.search, params = PARAMS, headers } = request;
  const names = params.map((name) => name.toLowerCase());
  if (![...new URLSearchParams(query).keys()].some((name) => names.includes(name.toLowerCase()))) return null;
  const answer = await ask(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query }),
    credentials: "include",
    keepalive: true,
  });
  const captured: Captured = await answer.json();
  try {
    if (captured.until) localStorage[UNTIL_KEY] = captured.until;
  } catch {
    // A browser without storage asks again on the next visit with a code.
  }
  return captured;
}

/** Whether this browser has a claim, as far as it knows. */
export function hasReferral(now: number = Date.now()): boolean {
  try {
    return localStorage[UNTIL_KEY] > now;
  } catch {
    return false;
  }
}
