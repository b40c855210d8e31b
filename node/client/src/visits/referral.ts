/** Which referrer code counts for one request, and how it is remembered. The core decides; the framework stores. */

import { defaults } from "../addon.js";
import { GameballError } from "../errors.js";
import { extractReferrerCode, typedReferrerCode } from "../links.js";
import { decide } from "./core.js";
import { type ClaimCookie, cookieIn } from "./headers.js";
import type { Settings } from "./settings.js";

/** Where a session keeps a claim that waits for consent. */
const SESSION_KEY = "gameball_claim";

/** The referrer code that counts for a request. */
export interface CurrentClaim {
  /** Whether it exists, only Gameball knows. */
  readonly code: string;
  /** When it was captured. */
  readonly claimedAt: Date;
  /** A visit's URL, a typed field, or the state that came back from an identity provider. */
  readonly source: "visit" | "field" | "state";
}

/**
 * A request and its answer, as a framework has them.
 *
 * @internal
 */
export interface Exchange {
  readonly method: string;
  /** From the path on. */
  readonly url: string;
  readonly isSecure: boolean;
  header(name: string): string | null;
  /** Where a claim waits for consent; null without sessions. */
  session(): Record<string, unknown> | null;
  consents(): unknown;
  /** Puts the claim cookie into the answer, in place of one that is there already. */
  setCookie(cookie: ClaimCookie): void;
}

/** What one request has to do with referrals: `request.referral`. */
export class Referral {
  readonly #settings: Settings;
  readonly #exchange: Exchange;
  #captured: CurrentClaim | null = null;
  #state: CurrentClaim | null = null;
  #typed: CurrentClaim | null = null;
  #wasTyped = false;
  #remembered = false;
  #hasSetCookie = false;
  #kept: { cookie: CurrentClaim | null; waiting: CurrentClaim | null } | null = null;
  #wasRead = false;
  #isPrivate = false;

  /** @internal */
  constructor(settings: Settings, exchange: Exchange) {
    this.#settings = settings;
    this.#exchange = exchange;
    this.#note(exchange.url);
  }

  /**
   * The referrer code that counts for this request, or null. What was typed wins; then come the visit's own URL and the
   * claim cookie (first or last touch, by the option), and a claim that rode in an OAuth state.
   */
  currentClaim(): CurrentClaim | null {
    if (this.#wasTyped) return this.#typed;
    return this.#counting(false, null);
  }

  /**
   * Says what was typed as referrer code, or pasted as a link: it wins over every visit. Empty text says that there is
   * none, also where a field that came filled in was emptied. Returns the claim that counts now.
   *
   * @throws GameballError `invalid_argument` at `code`: it can be no code. The message may be shown.
   */
  typedCode(text: string | null | undefined): CurrentClaim | null {
    const typed = (text ?? "").trim();
    const code = typed === "" ? null : typedReferrerCode(typed, { params: this.#settings.captureParams });
    if (typed !== "" && code === null) {
      const message = "is no referral code. Correct it, or leave the field empty";
      throw new GameballError({ kind: "invalid_argument", field: "code", message });
    }
    const before = this.#typed;
    this.#typed = this.#counting(true, code);
    this.#wasTyped = true;
    if (this.#typed?.source === "field" && before?.code !== this.#typed.code) this.#tell(this.#typed);
    return this.#typed;
  }

  /**
   * The current claim as a token to carry in an OAuth `state`, or "". A provider that answers by POST (Apple's
   * `form_post`) brings none of the `SameSite=Lax` cookies back.
   */
  claimForState(): string {
    const claim = this.currentClaim();
    return claim === null ? "" : this.#settings.signer.issue(claim.code, { at: claim.claimedAt });
  }

  /** Takes the claim that {@link Referral.claimForState} made; what is forged or too old counts as none. */
  claimFromState(token: string | null | undefined): void {
    this.#state = this.#read(token, "state") ?? this.#state;
  }

  /**
   * Keeps the claim in the visitor's cookie, or in their session while there is no consent. The middleware does so
   * itself; a shop calls it again in the request in which consent is given or taken back. Resolves to whether the claim
   * that counts is in the cookie now.
   */
  async remember(): Promise<boolean> {
    const { attribution, consent } = this.#settings;
    const { cookie, waiting } = this.#keeps();
    const known = {
      attribution,
      captured: this.#captured?.code ?? null,
      hasCookie: this.#cookie() !== null || this.#hasSetCookie,
      cookie: cookie?.code ?? null,
      hasWaiting: this.#waiting() !== null,
      waiting: waiting?.code ?? null,
    };
    let keeping = decide("keepCode", { ...known, consent: consent === null ? true : null });
    if (keeping.asksConsent) keeping = decide("keepCode", { ...known, consent: await this.#consents() });
    const session = this.#session();
    if (keeping.isNews && this.#captured !== null && !this.#remembered) this.#tell(this.#captured);
    this.#remembered = true;
    if (keeping.dropsCookie) {
      this.#setCookie("", new Date(0));
      this.#kept = { cookie: null, waiting };
    }
    if (keeping.waits && session !== null && this.#captured !== null) {
      session[SESSION_KEY] = this.#issue(this.#captured);
      this.#isPrivate = true;
    }
    if (keeping.dropsWaiting && session !== null) delete session[SESSION_KEY];
    const claim = keeping.intoCookie && { captured: this.#captured, cookie, waiting }[keeping.intoCookie];
    if (claim) {
      this.#setCookie(this.#issue(claim), claim.claimedAt);
      this.#kept = { cookie: claim, waiting: null };
    }
    return keeping.isRemembered;
  }

  /**
   * What the middleware does when a request comes.
   *
   * @internal
   */
  async begin(): Promise<void> {
    const { method } = this.#exchange;
    const isPage = method === "GET" || method === "HEAD";
    if (isPage && this.#settings.cacheSafe) return;
    if (this.#captured === null && this.#settings.consent === null) return;
    const [secFetchSite, secFetchDest] = ["sec-fetch-site", "sec-fetch-dest"].map((name) =>
      this.#exchange.header(name),
    ) as [string | null, string | null];
    if (decide("isVisit", { secFetchSite, secFetchDest })) await this.remember();
  }

  /**
   * Captures what a cached page tells of its own URL, and says until when it is remembered.
   *
   * @internal
   */
  async capture(query: string): Promise<{ captured: boolean; until?: number }> {
    this.#note(query);
    const claim = this.currentClaim();
    if (!(await this.remember()) || claim === null) return { captured: claim !== null };
    // A claim is dated in whole seconds.
    const claimedAt = Math.floor(claim.claimedAt.getTime() / 1000);
    return { captured: true, until: (claimedAt + this.#settings.claimMaxAgeSeconds) * 1000 };
  }

  /**
   * What the answer has to tell caches: nothing, that it depends on the cookie, or that it is one visitor's own.
   *
   * @internal
   */
  caching(): "shared" | "varies" | "private" {
    if (this.#isPrivate) return "private";
    return this.#wasRead ? "varies" : "shared";
  }

  #note(url: string): void {
    if (!url.includes("?")) return;
    const code = extractReferrerCode(url, { params: this.#settings.captureParams });
    if (code !== null) this.#captured = { code, claimedAt: this.#settings.clock(), source: "visit" };
  }

  #counting(wasTyped: boolean, typed: string | null): CurrentClaim | null {
    this.#wasRead = true;
    const { cookie, waiting } = this.#keeps();
    const claims = { captured: this.#captured, kept: cookie ?? waiting, state: this.#state };
    const which = decide("countingCode", {
      attribution: this.#settings.attribution,
      captured: claims.captured?.code ?? null,
      kept: claims.kept?.code ?? null,
      state: claims.state?.code ?? null,
      wasTyped,
      typed,
    });
    if (which === "typed") {
      return typed === null ? null : { code: typed, claimedAt: this.#settings.clock(), source: "field" };
    }
    return which === null ? null : claims[which];
  }

  #keeps(): { cookie: CurrentClaim | null; waiting: CurrentClaim | null } {
    this.#kept ??= {
      cookie: this.#read(this.#cookie(), "visit") ?? this.#read(this.#handedOver(), "visit"),
      waiting: this.#read(this.#waiting(), "visit"),
    };
    return this.#kept;
  }

  #cookie(): string | null {
    return cookieIn(this.#exchange.header("cookie"), this.#settings.cookieName);
  }

  /** What a storefront's server hands over, with requests that no cache answers. */
  #handedOver(): string | null {
    const { method } = this.#exchange;
    return method === "GET" || method === "HEAD" ? null : this.#exchange.header(defaults.claimHeader);
  }

  #session(): Record<string, unknown> | null {
    // Only a consent gate puts claims into sessions, so without one no session is ever looked at.
    return this.#settings.consent === null ? null : this.#exchange.session();
  }

  #waiting(): string | null {
    const token = this.#session()?.[SESSION_KEY];
    return typeof token === "string" ? token : null;
  }

  #read(token: string | null | undefined, source: "visit" | "state"): CurrentClaim | null {
    const claim = token ? this.#settings.signer.read(token) : null;
    return claim && { code: claim.code, claimedAt: claim.issuedAt, source };
  }

  #issue(claim: CurrentClaim): string {
    return this.#settings.signer.issue(claim.code, { at: claim.claimedAt });
  }

  #setCookie(value: string, claimedAt: Date): void {
    const {
      cookieName: name,
      cookieDomain: domain,
      claimMaxAgeSeconds: maxAgeSeconds,
      clock,
    } = this.#settings;
    const { isSecure } = this.#exchange;
    const dated = { claimedAtMs: claimedAt.getTime(), nowMs: clock().getTime(), maxAgeSeconds, isSecure };
    this.#hasSetCookie = value !== "";
    this.#exchange.setCookie({ name, value, domain, ...decide("claimCookie", dated) });
    this.#isPrivate = true;
  }

  /** Asks the shop; what fails says no. */
  async #consents(): Promise<boolean> {
    try {
      return Boolean(await this.#exchange.consents());
    } catch (error) {
      this.#settings.warn("The consent function failed, which counts as no consent", error);
      return false;
    }
  }

  #tell({ code, source }: CurrentClaim): void {
    try {
      this.#settings.onCaptured?.({ code, source });
    } catch (error) {
      this.#settings.warn("onCaptured failed", error);
    }
  }
}
