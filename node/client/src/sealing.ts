/** Secrets at rest: sealed with the host's own secret, shown by a fingerprint. No network. */

import { inspect } from "node:util";
import { addon } from "./addon.js";
import { bytes } from "./bytes.js";
import { guarded } from "./errors.js";
import type { NativeVault } from "./native.js";

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
  constructor(secret: string | Uint8Array, { fallbackSecrets }: VaultOptions = {}) {
    const fallbacks = (fallbackSecrets ?? []).map((secret, index) =>
      bytes(`fallbackSecrets[${index}]`, secret),
    );
    this.#native = guarded(() => new addon.NativeVault(bytes("secret", secret), fallbacks));
  }

  /** @throws GameballError `invalid_argument` at `plaintext` (over 64 KiB) or `context` (empty). */
  seal(plaintext: string, context: string): string {
    return guarded(() => this.#native.seal(plaintext, context));
  }

  /** @throws GameballError `configuration` if it was sealed otherwise or elsewhere, or was altered. */
  open(sealed: string, context: string): string {
    return guarded(() => this.#native.open(sealed, context));
  }

  /** Whether a fallback secret sealed it: open it and seal it again, before that secret goes. */
  needsReseal(sealed: string): boolean {
    return guarded(() => this.#native.needsReseal(sealed));
  }

  /** @internal */
  [inspect.custom](): string {
    return "Vault {}";
  }
}

/** A short mark (12 hex digits) by which an operator recognises a key without seeing it. */
export function fingerprint(secret: string): string {
  return guarded(() => addon.fingerprint(secret));
}
