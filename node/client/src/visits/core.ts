/** What the core decides about visits, typed. No network, no framework. */

import { addon } from "../addon.js";
import { guarded } from "../errors.js";

/** Which visit's code counts when several carry one. */
export type Attribution = "first" | "last";

/** @internal */
export interface Codes {
  readonly attribution: Attribution;
  readonly captured: string | null;
  readonly kept: string | null;
  readonly state: string | null;
  readonly wasTyped: boolean;
  readonly typed: string | null;
}

/** @internal */
export interface Known {
  readonly attribution: Attribution;
  readonly captured: string | null;
  readonly hasCookie: boolean;
  readonly cookie: string | null;
  readonly hasWaiting: boolean;
  readonly waiting: string | null;
  readonly consent: boolean | null;
}

/** @internal */
export interface Keeping {
  readonly asksConsent: boolean;
  readonly isNews: boolean;
  readonly intoCookie: "captured" | "cookie" | "waiting" | null;
  readonly dropsCookie: boolean;
  readonly waits: boolean;
  readonly dropsWaiting: boolean;
  readonly isRemembered: boolean;
}

/**
 * The attributes of the claim cookie, but for its domain.
 *
 * @internal
 */
export interface CookieAttributes {
  /** In seconds. */
  readonly maxAge: number;
  readonly path: string;
  readonly secure: boolean;
  readonly httpOnly: boolean;
  readonly sameSite: "Lax";
}

/** @internal */
export interface Asking {
  readonly secFetchSite: string | null;
  readonly origin: string | null;
  readonly host: string;
  readonly trustedOrigins: readonly string[];
}

/** Each function of the core, by its name: what it is given, and what it answers. */
interface Functions {
  countingCode: [Codes, "captured" | "kept" | "state" | "typed" | null];
  keepCode: [Known, Keeping];
  claimCookie: [
    { claimedAtMs: number; nowMs: number; maxAgeSeconds: number; isSecure: boolean },
    CookieAttributes,
  ];
  privateCacheControl: [{ header: string }, string];
  variesByCookie: [{ header: string }, string];
  isVisit: [{ secFetchSite: string | null; secFetchDest: string | null }, boolean];
  isOwnPage: [Asking, boolean];
  visitorNetwork: [{ address: string }, { name: string; isPrivate: boolean }];
}

/** @internal */
export function decide<Name extends keyof Functions>(
  name: Name,
  given: Functions[Name][0],
): Functions[Name][1] {
  // Half of a character, which a header may bring, is none: JSON for the core has whole ones only.
  const text = JSON.stringify(given, (_, value) =>
    typeof value === "string" ? value.toWellFormed() : value,
  );
  return guarded(() => JSON.parse(addon.visit(name, text)));
}
