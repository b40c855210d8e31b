/** The options of capture, and what is made of them. */

import { defaults } from "../addon.js";
import { ClaimSigner } from "../claims.js";
import { invalidArgument } from "../errors.js";
import { DEFAULT_PARAMS } from "../links.js";
import { whole } from "../values.js";
import type { Attribution } from "./core.js";

/** Options of capture, the same for every framework; all but `key` are optional. */
export interface CaptureOptions<Request = unknown> {
  /**
   * Signs claims: at least 16 random bytes. Whoever else reads them (a Django back end: its setting `CLAIM_KEY`) has the
   * same one.
   */
  readonly key: string | Uint8Array;
  /** Former keys that are still believed, while a key is being replaced. */
  readonly fallbackKeys?: readonly (string | Uint8Array)[] | undefined;
  /** Query parameters that carry a code. Default {@link DEFAULT_PARAMS}. */
  readonly captureParams?: readonly string[] | undefined;
  /** Which visit's code counts when several carry one. Default `last`. */
  readonly attribution?: Attribution | undefined;
  /** How long a visit's code is remembered, in seconds. Default 30 days. */
  readonly claimMaxAgeSeconds?: number | undefined;
  /** Name of the claim cookie. Default `gb_claim`. */
  readonly cookieName?: string | undefined;
  /** Domain of the claim cookie. Default the host. */
  readonly cookieDomain?: string | undefined;
  /**
   * Whether this visitor lets the shop remember. While it says no, no cookie is set: the code waits in the session where
   * the framework has one, else it is in the URL alone.
   */
  readonly consent?: ((request: Request) => boolean | Promise<boolean>) | undefined;
  /** Pages come from a full-page cache: the capture script captures, and no page sets a cookie. Default false. */
  readonly cacheSafe?: boolean | undefined;
  /** Where the endpoints are. Default `/gameball`. */
  readonly path?: string | undefined;
  /** Other origins whose pages may use the endpoints, such as `https://www.shop.example` or `https://*.shop.example`. */
  readonly trustedOrigins?: readonly string[] | undefined;
  /**
   * Whether Gameball knows a code: `(code) => client.validateReferrerCode(code)`. Without it, typed codes are not looked
   * up while one types. Answers are remembered for a while, and Gameball is spared when it fails.
   */
  readonly validate?: ((code: string) => Promise<boolean>) | undefined;
  /** Told of each newly captured code. */
  readonly onCaptured?: ((captured: { readonly code: string; readonly source: string }) => void) | undefined;
  /** Where it is told what went wrong; no text has a code or a key. Default `console.warn`. */
  readonly warn?: ((message: string) => void) | undefined;
  /** What time it is; for tests. Default the system's. */
  readonly clock?: (() => Date) | undefined;
}

/**
 * The options, checked and filled up.
 *
 * @internal
 */
export interface Settings {
  readonly signer: ClaimSigner;
  readonly captureParams: readonly string[];
  readonly attribution: Attribution;
  readonly claimMaxAgeSeconds: number;
  readonly cookieName: string;
  readonly cookieDomain: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: each framework hands over its own
  readonly consent: ((request: any) => boolean | Promise<boolean>) | null;
  readonly cacheSafe: boolean;
  readonly path: string;
  readonly trustedOrigins: readonly string[];
  readonly validate: ((code: string) => Promise<boolean>) | null;
  readonly onCaptured: ((captured: { readonly code: string; readonly source: string }) => void) | null;
  readonly clock: () => Date;
  /** Tells what happened and the error's kind, and nothing of its text, which may hold anything. */
  warn(message: string, error: unknown): void;
}

/**
 * Checks the options.
 *
 * @throws GameballError `invalid_argument` at the option that cannot work.
 * @internal
 */
export function settingsFrom<Request>(options: CaptureOptions<Request>): Settings {
  if (typeof options !== "object" || options === null) {
    throw invalidArgument("options", "must be an object, with a key at least");
  }
  const {
    key,
    fallbackKeys = [],
    captureParams = DEFAULT_PARAMS,
    attribution = "last",
    cookieName = defaults.claimCookie,
    path = "/gameball",
  } = options;
  const { clock = () => new Date(), warn = (message: string) => console.warn(message) } = options;
  const claimMaxAgeSeconds = whole(
    "claimMaxAgeSeconds",
    options.claimMaxAgeSeconds ?? defaults.claimMaxAgeSeconds,
  );
  if (attribution !== "first" && attribution !== "last") {
    throw invalidArgument("attribution", "must be 'first' or 'last'");
  }
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(cookieName)) {
    throw invalidArgument("cookieName", "can be no cookie's name");
  }
  if (!/^(\/[^/?#]+)+$/.test(path)) {
    throw invalidArgument("path", "must begin with a slash and not end with one, such as '/gameball'");
  }
  for (const name of ["consent", "validate", "onCaptured"] as const) {
    if (options[name] !== undefined && typeof options[name] !== "function") {
      throw invalidArgument(name, "must be a function");
    }
  }
  return {
    signer: new ClaimSigner(key, { fallbackKeys, maxAgeSeconds: claimMaxAgeSeconds, clock }),
    captureParams,
    attribution,
    claimMaxAgeSeconds,
    cookieName,
    cookieDomain: options.cookieDomain ?? null,
    consent: options.consent ?? null,
    cacheSafe: options.cacheSafe ?? false,
    path,
    trustedOrigins: options.trustedOrigins ?? [],
    validate: options.validate ?? null,
    onCaptured: options.onCaptured ?? null,
    clock,
    warn(message, error) {
      const kind = error instanceof Error ? error.name : typeof error;
      warn(`gameball-referrals: ${message} (${kind}).`);
    },
  };
}
