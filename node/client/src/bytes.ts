/** Keys and bodies as the addon takes them: bytes. */

import { invalidArgument } from "./errors.js";

/** @internal */
export function bytes(field: string, value: string | Uint8Array): Uint8Array {
  if (typeof value === "string") {
    return Buffer.from(value, "utf8");
  }
  if (value instanceof Uint8Array) {
    return value;
  }
  throw invalidArgument(field, "must be text or bytes (a Uint8Array or Buffer)");
}
