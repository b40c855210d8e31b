/** Gameball's webhooks. No network. */

import { addon } from "./addon.js";
import { bytes } from "./bytes.js";
import { guarded } from "./errors.js";

/**
 * Whether a webhook comes from Gameball, compared in constant time.
 *
 * @param rawBody The body as it came, before any parsing: parsed and written again it would be another one.
 * @param signature The header `X-GB-Signature`. What is no text (a missing header) is refused.
 * @param secretKey The account's private key.
 */
export function verifyWebhook(
  rawBody: string | Uint8Array,
  signature: string | readonly string[] | null | undefined,
  secretKey: string,
): boolean {
  return (
    typeof signature === "string" &&
    guarded(() => addon.verifyWebhook(bytes("rawBody", rawBody), signature, secretKey))
  );
}
