/** Referral links, and the referrer codes in visits' URLs and in what somebody types. No network. */

import { addon, defaults } from "./addon.js";
import { guarded } from "./errors.js";
import { anyText, given, list, reading, text } from "./values.js";

/** The query parameters that may carry a code, the most trusted first. Their case does not matter. */
export const DEFAULT_PARAMS: readonly string[] = Object.freeze([...defaults.captureParams]);

/**
 * The URL that carries a referral code.
 *
 * @param template A URL with the placeholder `{referralCode}` or `{ReferralCode}`; `ref=` is added to one without.
 * @throws GameballError `invalid_argument` at `template` or `code`.
 *
 * @example
 * referralLink("https://shop.example/signup?ref={referralCode}", "REF123456");
 */
export function referralLink(template: string, code: string): string {
  const [link, shared] = [text("template", template), text("code", code)];
  return guarded(() => addon.referralLink(link, shared));
}

/** Options of {@link extractReferrerCode}. */
export interface ExtractOptions {
  /** Names of query parameters, the most trusted first. Default {@link DEFAULT_PARAMS}. */
  readonly params?: readonly string[] | null | undefined;
}

/**
 * The referrer code in a visit's URL (whole, or from the path on), if there is one that can be a code. Whether it
 * exists, only Gameball knows.
 *
 * @throws GameballError `invalid_argument` at `url` or `params` if it is of another type; never for any text.
 */
export function extractReferrerCode(url: string | URL, options?: ExtractOptions): string | null {
  const { params } = given(options, ["params"]);
  const names = params == null ? null : list("params", params, text);
  const visited = anyText(
    "url",
    reading("url", () => (typeof url === "object" && url !== null ? url.href : url)),
  );
  return guarded(() => addon.extractReferrerCode(visited, names));
}

/**
 * The code in what somebody typed or pasted, be it a whole referral link; null where there is none.
 *
 * @throws GameballError `invalid_argument` at `text` or `params` if it is of another type; never for any text.
 */
export function typedReferrerCode(typed: string, options?: ExtractOptions): string | null {
  const { params } = given(options, ["params"]);
  const names = params == null ? null : list("params", params, text);
  const told = anyText("text", typed);
  return guarded(() => addon.typedReferrerCode(told, names));
}
