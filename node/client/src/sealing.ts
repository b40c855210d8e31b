/** Secrets at rest: sealed with the host's own secret, shown by a fingerprint. No network. */

import { inspect } from "node:util";
import { addon } from "./addon.js";
import { guarded } from "./errors.js";
import type { NativeVault } from "./native.js";
import { anyText, bytes, given, list, text } from "./values.js";

/** Options of a {@link Vault}. */
export interface VaultOptions {
  /** Former secrets that still open what they sealed, while a secret is being replaced. */
  readonly fallbackSecrets?: readonly (string | Uint8Array)[] | null | undefined;
}

/** Seals keys before they are stored, and opens them again. A `context` names where a value belongs. */
export class Vault {
  readonly #native: NativeVault;

  /**
   * @param secret At least 16 random bytes; text is taken as UTF-8.
   * @throws GameballError `invalid_argument` at `secret` or `fallbackSecrets[i]`.
   */
  constructor(secret: string | Uint8Array, options?: VaultOptions) {
    const { fallbackSecrets } = given(options, ["fallbackSecrets"]);
    const secretBytes = bytes("secret", secret);
    const fallbacks = list("fallbackSecrets", fallbackSecrets ?? [], bytes);
    this.#native = guarded(() => new addon.NativeVault(secretBytes, fallbacks));
  }

  /** @throws GameballError `invalid_argument` at `plaintext` (over 64 KiB) or `context` (empty). */
  seal(plaintext: string, context: string): string {
    const [plain, place] = [text("plaintext", plaintext), text("context", context)];
    return guarded(() => this.#native.seal(plain, place));
  }

  /** @throws GameballError `configuration` if it was sealed otherwise or elsewhere, or was altered. */
  open(sealed: string, context: string): string {
    const [closed, place] = [anyText("sealed", sealed), text("context", context)];
    return guarded(() => this.#native.open(closed, place));
  }

  /** Whether a fallback secret sealed it: open it and seal it again, before that secret goes. */
  needsReseal(sealed: string): boolean {
    const closed = anyText("sealed", sealed);
    return guarded(() => this.#native.needsReseal(closed));
  }

  /** @internal */
  [inspect.custom](): string {
    return "Vault {}";
  }
}

/**
 * A short mark (12 hex digits) by which an operator recognises a key without seeing it.
 *
 * @throws GameballError `invalid_argument` at `secret` if it is no text.
 */
export function fingerprint(secret: string): string {
  const key = text("secret", secret);
  return guarded(() => addon.fingerprint(key));
}
