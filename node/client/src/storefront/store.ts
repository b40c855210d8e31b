/** Typed fetch helpers for a shop's referral routes: Medusa's, or those of the middlewares and of Django. */

import { type Captured, carriesCode, kept, PARAMS } from "./capture.js";

/** The header in which a storefront hands a visitor's claim to the back end. */
export const CLAIM_HEADER = "x-gameball-claim";

/** The header in which it hands over a code that the customer typed; it wins over every visit's. */
export const CODE_HEADER = "x-gameball-code";

/** The cookie in which a storefront on another site than its back end keeps the claim. */
const CLAIM_COOKIE = "gb_claim";

/** What is known of a typed code; never whose it is. */
export type Validity = "valid" | "invalid" | "unknown";

/** A customer's own referrals. */
export interface OwnReferrals {
  /** Null while Gameball is still making it. */
  readonly code: string | null;
  /** Null likewise. */
  readonly link: string | null;
  /** Who joined by it, by this shop's receipts, and whose receipt is not there yet. */
  readonly friends: { readonly linked: number; readonly pending: number };
}

/** What the program gives, in words. */
export interface Program {
  /** One sentence for a banner; null where the program names no reward. */
  readonly headline: string | null;
  readonly steps: readonly {
    /** What the friend has to do, such as `place_order`. */
    readonly event: string | null;
    readonly referrer_gets: string | null;
    readonly friend_gets: string | null;
  }[];
}

/** Options of {@link storeClient}. */
export interface StoreOptions {
  /** Where the back end is, such as `https://api.shop.example`. Default the page's own origin. */
  readonly baseUrl?: string | undefined;
  /** Where its referral routes are. Default `/gameball`. */
  readonly path?: string | undefined;
  /** Names of query parameters that carry a code. Default the documented ones. */
  readonly params?: readonly string[] | undefined;
  /** Further headers, asked for with each call: `() => ({ authorization: "Bearer …" })`. */
  readonly headers?: (() => Readonly<Record<string, string>>) | undefined;
  /** Default the global one. */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/** Options of {@link medusaClient}. */
export interface MedusaOptions extends Omit<StoreOptions, "path"> {
  /** Where Medusa is, such as `https://medusa.shop.example`. */
  readonly baseUrl: string;
  /** The publishable API key, `pk_…`. */
  readonly publishableKey: string;
  /**
   * Where the claim is kept. Default the page's cookie `gb_claim`, as the plugin's own script keeps it, so that the
   * storefront's server sees it, too; nowhere on a server.
   */
  readonly storage?: ClaimStorage | undefined;
}

/** Keeps a claim between visit and registration. */
export interface ClaimStorage {
  get(): string | null;
  /** Null: forget it. */
  set(claim: string | null, until: Date | null): void;
}

/** A route that answered otherwise than well. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly status: number;

  constructor(route: string, status: number) {
    super(`${route} answered ${status}`);
    this.status = status;
  }
}

/** The calls that every back end has. */
export interface StoreClient {
  /** Captures the code of the page's query, if it carries one; null where it carries none. */
  capture(query?: string): Promise<Captured | null>;
  /** Whether Gameball knows a code, or a link that was pasted. A sign-up does not wait for it. */
  validate(code: string): Promise<Validity>;
  /** The signed-in customer's own code, link and friends. */
  me(): Promise<OwnReferrals>;
}

/** The calls of Medusa. */
export interface MedusaClient extends StoreClient {
  /** What the program gives; null where it cannot be told right now. */
  program(options?: { readonly lang?: string }): Promise<Program | null>;
  /** The headers with which a customer or a cart is created, so that the referral counts: the claim, and what was typed. */
  claimHeaders(typed?: string | null): Record<string, string>;
  /** Forgets the claim, once the customer is registered. */
  forget(): void;
}

/**
 * The referral routes of Django, or of the middlewares for Express, Fastify and Next.js: they keep the claim in a cookie of
 * their own. The middlewares know no customers, and have no `me`.
 *
 * @example
 * const gameball = storeClient();
 * await gameball.validate(field.value); // "valid", "invalid" or "unknown"
 */
export function storeClient(options: StoreOptions = {}): StoreClient {
  const { path = "/gameball", params = PARAMS } = options;
  const call = caller(options, path, () => ({ ...options.headers?.() }));
  return {
    async capture(query = location.search) {
      return carriesCode(query, params) ? kept(await call<Captured>("POST", "capture", { query })) : null;
    },
    async validate(code) {
      return (await call<{ result: Validity }>("POST", "validate", { code })).result;
    },
    me: () => call("GET", "me"),
  };
}

/**
 * The referral routes of Medusa's plugin.
 *
 * @example
 * const gameball = medusaClient({ baseUrl: MEDUSA_URL, publishableKey: "pk_…" });
 * await gameball.capture(); // on each page, or with the plugin's script
 * await sdk.store.customer.create(customer, {}, gameball.claimHeaders(form.get("referrer_code")));
 */
export function medusaClient(options: MedusaOptions): MedusaClient {
  const { params = PARAMS, publishableKey, storage = cookieStorage } = options;
  const claim = () => {
    const token = storage.get();
    return token ? { [CLAIM_HEADER]: token } : {};
  };
  const headers = () => ({ "x-publishable-api-key": publishableKey, ...options.headers?.(), ...claim() });
  const call = caller(options, "/store/gameball", headers);
  return {
    async capture(query = location.search) {
      if (!carriesCode(query, params)) return null;
      const visit = await call<{ claim: string | null; until: string | null }>("GET", "visit", undefined, {
        url: query,
      });
      if (visit.claim === null || visit.until === null) return { captured: false };
      const until = new Date(visit.until);
      storage.set(visit.claim, until);
      return kept({ captured: true, until: until.getTime() });
    },
    async validate(code) {
      return (await call<{ result: Validity }>("GET", "validate", undefined, { code })).result;
    },
    me: () => call("GET", "me"),
    async program({ lang } = {}) {
      const asked: Record<string, string> = lang === undefined ? {} : { lang };
      return (await call<{ program: Program | null }>("GET", "program", undefined, asked)).program;
    },
    claimHeaders(typed) {
      const code = typed?.trim();
      return { ...claim(), ...(code ? { [CODE_HEADER]: printable(code) } : {}) };
    },
    forget: () => storage.set(null, null),
  };
}

function caller(
  { baseUrl = "", fetch: ask = (...given) => globalThis.fetch(...given) }: StoreOptions,
  path: string,
  headers: () => Record<string, string>,
) {
  const folder = baseUrl.replace(/\/+$/, "") + path;
  return async <T>(
    method: "GET" | "POST",
    name: string,
    body?: object,
    query: Readonly<Record<string, string>> = {},
  ): Promise<T> => {
    const init: RequestInit = { method, headers: headers(), credentials: "include" };
    if (body !== undefined) {
      init.headers = { ...headers(), "content-type": "application/json" };
      init.body = JSON.stringify(body);
    }
    const asked = new URLSearchParams(query).toString();
    const answer = await ask(`${folder}/${name}${asked && `?${asked}`}`, init);
    if (!answer.ok) throw new StoreError(`${method} ${path}/${name}`, answer.status);
    return await answer.json();
  };
}

/** What a header can carry: other letters go as in a link, encoded. */
function printable(code: string): string {
  return /^[\x20-\x7e]+$/.test(code) ? code : `code://?ref=${encodeURIComponent(code)}`;
}

/** The page's own cookie; on a server there is none. */
const cookieStorage: ClaimStorage = {
  get() {
    if (typeof document === "undefined") return null;
    const pairs = document.cookie.split("; ").map((pair) => pair.split("="));
    return pairs.find(([name]) => name === CLAIM_COOKIE)?.[1] || null;
  },
  set(claim, until) {
    if (typeof document === "undefined") return;
    const expires = (until ?? new Date(0)).toUTCString();
    const secure = location.protocol === "https:" ? "; Secure" : "";
    // biome-ignore lint/suspicious/noDocumentCookie: not every browser has the Cookie Store yet
    document.cookie = `${CLAIM_COOKIE}=${claim ?? ""}; Path=/; SameSite=Lax; Expires=${expires}${secure}`;
  },
};
