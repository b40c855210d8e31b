/** Claims: captured codes, signed and dated, that survive until registration. No network. */

import { inspect } from "node:util";
import { addon } from "./addon.js";
import { guarded, invalidArgument } from "./errors.js";
import type { NativeClaimSigner } from "./native.js";
import { anyText, bytes, date, given, list, reading, seconds, text, whole } from "./values.js";

/** What a genuine claim says. */
export interface Claim {
  /** The referrer code; whether it exists, only Gameball knows. */
  readonly code: string;
  readonly issuedAt: Date;
}

/** Options of a {@link ClaimSigner}. */
export interface ClaimSignerOptions {
  /** Former keys that are still believed, while a key is being replaced. */
  readonly fallbackKeys?: readonly (string | Uint8Array)[] | null | undefined;
  /** How old a claim may be, in seconds. Default 30 days. */
  readonly maxAgeSeconds?: number | null | undefined;
  /** What time it is, where none is given; for tests. Default the system's. */
  readonly clock?: (() => Date) | null | undefined;
}

/**
 * Signs captured codes with the shop's own key, and reads them back: from a cookie, a hidden field, an OAuth state.
 *
 * @example
 * const signer = new ClaimSigner(process.env.SESSION_SECRET);
 * const cookie = signer.issue("REF123456");
 * signer.read(cookie)?.code; // "REF123456"
 */
export class ClaimSigner {
  readonly #native: NativeClaimSigner;
  readonly #clock: () => Date;

  /**
   * @param key At least 16 random bytes; text is taken as UTF-8.
   * @throws GameballError `invalid_argument` at `key`, `fallbackKeys[i]`, `maxAgeSeconds` or `clock`.
   */
  constructor(key: string | Uint8Array, options?: ClaimSignerOptions) {
    const { fallbackKeys, maxAgeSeconds, clock } = given(options, ["fallbackKeys", "maxAgeSeconds", "clock"]);
    const keyBytes = bytes("key", key);
    const fallbacks = list("fallbackKeys", fallbackKeys ?? [], bytes);
    const maxAge = maxAgeSeconds == null ? null : whole("maxAgeSeconds", maxAgeSeconds);
    this.#clock = clock ?? (() => new Date());
    if (typeof this.#clock !== "function") {
      throw invalidArgument("clock", "must be a function that returns a Date");
    }
    this.#native = guarded(() => new addon.NativeClaimSigner(keyBytes, fallbacks, maxAge));
  }

  /**
   * A token for the code, of letters, digits, `-`, `_` and `.`, at most 600 characters long.
   *
   * @throws GameballError `invalid_argument` at `code` or `at`.
   */
  issue(code: string, options?: { readonly at?: Date | null | undefined }): string {
    const { at } = given(options, ["at"]);
    const [issued, moment] = [text("code", code), this.#seconds("at", at)];
    return guarded(() => this.#native.issue(issued, moment));
  }

  /** The claim in a token, or null if it is forged, altered, too old or none at all. */
  read(token: string, options?: { readonly now?: Date | null | undefined }): Claim | null {
    const { now } = given(options, ["now"]);
    const [claimed, moment] = [anyText("token", token), this.#seconds("now", now)];
    const claim = guarded(() => this.#native.read(claimed, moment));
    return claim && { code: claim.code, issuedAt: date(claim.issuedAt) };
  }

  #seconds(field: string, at: Date | null | undefined): number {
    return at == null ? seconds("clock", reading("clock", this.#clock)) : seconds(field, at);
  }

  /** @internal */
  [inspect.custom](): string {
    return "ClaimSigner {}";
  }
}
