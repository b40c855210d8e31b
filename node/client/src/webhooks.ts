/** Gameball's webhooks. No network. */

import { addon } from "./addon.js";
import { guarded } from "./errors.js";
import { bytes, text } from "./values.js";

/**
 * Whether a webhook comes from Gameball, compared in constant time.
 *
 * @param rawBody The body as it came, before any parsing: parsed and written again it would be another one.
 * @param signature The header `X-GB-Signature`. What is no text (a missing header) is refused.
 * @param secretKey The account's private key.
 * @throws GameballError `invalid_argument` at `rawBody` or `secretKey` if it is of another type.
 */
export function verifyWebhook(
  rawBody: string | Uint8Array,
  signature: string | readonly string[] | null | undefined,
  secretKey: string,
): boolean {
  if (typeof signature !== "string") {
    return false;
  }
  const [body, key] = [bytes("rawBody", rawBody), text("secretKey", secretKey)];
  return guarded(() => addon.verifyWebhook(body, signature, key));
}
