/** Typed fetch helpers for a shop's referral routes: those of Medusa (`/store/gameball`), or of the middlewares. */

import { type Captured, captureReferral, PARAMS } from "./capture.js";

/** The header in which a storefront hands a visitor's claim to the back end. */
export const CLAIM_HEADER = "x-gameball-claim";

/** The header in which it hands over a code that the customer typed; it wins over every visit's. */
export const CODE_HEADER = "x-gameball-code";

/** Where the browser keeps a claim that the shop gave into its hands. */
const CLAIM_KEY = "gb_claim";

/** What is known of a typed code; never whose it is. */
export type Validity = "valid" | "invalid" | "unknown";

/** A customer's own referrals. */
export interface OwnReferrals {
  /** Null while Gameball is still making it. */
  readonly code: string | null;
  /** Null likewise. */
  readonly link: string | null;
  readonly friends: {
    readonly count: number;
    readonly active: number;
    readonly pending: number;
  };
}

/** What the program gives, in words. */
export interface Program {
  /** Such as "Give 10 %, get 200 points"; null where the program says nothing that can be put so. */
  readonly headline: string | null;
  readonly rewards: readonly {
    /** What the friend has to do, such as "places their first order". */
    readonly event: string | null;
    /** What whoever refers them gets. */
    readonly customer: string | null;
    readonly friend: string | null;
  }[];
}

/** Options of {@link storeClient}. */
export interface StoreOptions {
  /** Where the back end is, such as `https://api.shop.example`. Default the page's own origin. */
  readonly baseUrl?: string | undefined;
  /** Where its referral routes are. Default `/gameball`; Medusa's are at `/store/gameball`. */
  readonly path?: string | undefined;
  /** Medusa's publishable API key. */
  readonly publishableKey?: string | undefined;
  /** Names of query parameters that carry a code. Default the documented ones. */
  readonly params?: readonly string[] | undefined;
  /** Further headers, asked for with each call: `() => ({ authorization: `Bearer ${token}` })`. */
  readonly headers?: (() => Readonly<Record<string, string>>) | undefined;
  /** Default that of the browser. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Where a claim is kept that comes without a cookie. Default `localStorage`; null: nowhere. */
  readonly storage?: Pick<Storage, "getItem" | "setItem" | "removeItem"> | null | undefined;
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

/** The calls. */
export interface StoreClient {
  /** Captures the code of the page's query, if it carries one; null where it carries none. */
  capture(query?: string): Promise<Captured | null>;
  /** Whether Gameball knows a code, or a link that was pasted. A sign-up does not wait for it. */
  validate(code: string): Promise<Validity>;
  /** The signed-in customer's own code, link and friends. */
  me(): Promise<OwnReferrals>;
  /** What the program gives. */
  program(): Promise<Program>;
  /** The headers with which a customer or a cart is created, so that its referral counts: the kept claim, and what was typed. */
  claimHeaders(typed?: string | null): Record<string, string>;
  /** Forgets the kept claim: once the customer is registered. */
  forget(): void;
}

/**
 * The shop's referral routes, for browsers and storefronts' servers.
 *
 * @example
 * const gameball = storeClient({ baseUrl: MEDUSA_URL, path: "/store/gameball", publishableKey: KEY });
 * await gameball.capture();
 * await sdk.store.customer.create(customer, {}, gameball.claimHeaders(form.get("referrer_code")));
 */
export function storeClient(options: StoreOptions = {}): StoreClient {
  const { baseUrl = "", path = "/gameball", publishableKey, params = PARAMS } = options;
  const ask = options.fetch ?? ((...given) => globalThis.fetch(...given));
  const folder = baseUrl.replace(/\/+$/, "") + path;
  const storage = options.storage === undefined ? browserStorage() : options.storage;

  const headers = () => ({
    ...(publishableKey === undefined ? {} : { "x-publishable-api-key": publishableKey }),
    ...options.headers?.(),
  });

  async function call<T>(method: "GET" | "POST", name: string, body?: object): Promise<T> {
    const init: RequestInit = { method, headers: headers(), credentials: "include" };
    if (body !== undefined) {
      init.headers = { ...headers(), "content-type": "application/json" };
      init.body = JSON.stringify(body);
    }
    const answer = await ask(`${folder}/${name}`, init);
    if (!answer.ok) throw new StoreError(`${method} ${path}/${name}`, answer.status);
    return await answer.json();
  }

  return {
    async capture(query) {
      const kept = storage?.getItem(CLAIM_KEY);
      const sent = { ...headers(), ...(kept ? { [CLAIM_HEADER]: kept } : {}) };
      const captured = await captureReferral({ url: `${folder}/capture`, query, params, headers: sent }, ask);
      if (captured?.claim) storage?.setItem(CLAIM_KEY, captured.claim);
      return captured;
    },
    async validate(code) {
      return (await call<{ result: Validity }>("POST", "validate", { code })).result;
    },
    me: () => call("GET", "me"),
    program: () => call("GET", "program"),
    claimHeaders(typed) {
      const kept = storage?.getItem(CLAIM_KEY);
      const code = typed?.trim();
      return {
        ...(kept ? { [CLAIM_HEADER]: kept } : {}),
        ...(code ? { [CODE_HEADER]: printable(code) } : {}),
      };
    },
    forget: () => storage?.removeItem(CLAIM_KEY),
  };
}

/** What a header can carry: other letters go as in a link, encoded. */
function printable(code: string): string {
  return /^[\x20-\x7e]+$/.test(code) ? code : `code://?ref=${encodeURIComponent(code)}`;
}

/** Null on a server, and where the browser forbids it. */
function browserStorage(): StoreOptions["storage"] {
  try {
    return typeof document === "undefined" ? null : localStorage;
  } catch {
    return null;
  }
}
