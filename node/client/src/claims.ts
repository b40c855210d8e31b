/** Claims: captured codes, signed and dated, that survive until registration. No network. */

import { inspect } from "node:util";
import { addon } from "./addon.js";
import { bytes } from "./bytes.js";
import { guarded } from "./errors.js";
import { date, seconds } from "./moments.js";
import type { NativeClaimSigner } from "./native.js";

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
   * @throws GameballError `invalid_argument` at `key`, `fallbackKeys[i]` or `maxAgeSeconds`.
   */
  constructor(key: string | Uint8Array, { fallbackKeys, maxAgeSeconds, clock }: ClaimSignerOptions = {}) {
    const fallbacks = (fallbackKeys ?? []).map((key, index) => bytes(`fallbackKeys[${index}]`, key));
    this.#native = guarded(() => new addon.NativeClaimSigner(bytes("key", key), fallbacks, maxAgeSeconds));
    this.#clock = clock ?? (() => new Date());
  }

  /**
   * A token for the code, of letters, digits, `-`, `_` and `.`, at most 600 characters long.
   *
   * @throws GameballError `invalid_argument` at `code` or `at`.
   */
  issue(code: string, { at }: { readonly at?: Date | null | undefined } = {}): string {
    return guarded(() => this.#native.issue(code, seconds("at", at ?? this.#clock())));
  }

  /** The claim in a token, or null if it is forged, altered, too old or none at all. */
  read(token: string, { now }: { readonly now?: Date | null | undefined } = {}): Claim | null {
    const claim = guarded(() => this.#native.read(token, seconds("now", now ?? this.#clock())));
    return claim && { code: claim.code, issuedAt: date(claim.issuedAt) };
  }

  /** @internal */
  [inspect.custom](): string {
    return "ClaimSigner {}";
  }
}
