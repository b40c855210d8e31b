/** Session tokens of Gameball's widget (v4.1). No network. */

import { addon } from "./addon.js";
import { guarded } from "./errors.js";
import { optionalText, parts, seconds, text } from "./values.js";

/** What a session token is made of. */
export interface SessionTokenInput {
  /** The private key; exactly 32 bytes, which A256KW needs. */
  readonly secretKey: string;
  /** The shop's id of the customer. */
  readonly customerId: string;
  /** When the token ends. */
  readonly expiresAt: Date;
  readonly email?: string | null | undefined;
  readonly mobile?: string | null | undefined;
}

/**
 * The nested token (HS256 in A256KW, A256CBC-HS512) with which a page opens the widget for its customer.
 *
 * @throws GameballError `invalid_argument` at the field that cannot work.
 */
export function sessionToken(input: SessionTokenInput): string {
  const read = parts("input", input, ["secretKey", "customerId", "expiresAt", "email", "mobile"]);
  const secretKey = text("secretKey", read.secretKey);
  const customerId = text("customerId", read.customerId);
  const expiresAt = seconds("expiresAt", read.expiresAt);
  const email = optionalText("email", read.email);
  const mobile = optionalText("mobile", read.mobile);
  return guarded(() => addon.sessionToken(secretKey, customerId, expiresAt, email, mobile));
}
