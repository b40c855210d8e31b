/**
 * Capture for Next.js 15.5 and newer, on its Node.js runtime: middleware (`proxy.ts`, or `middleware.ts`), route handlers,
 * server components and actions.
 *
 * The native addon does not run on the edge runtime. What does run there: a page with the capture script, whose endpoint is
 * a route handler on Node.js.
 *
 * @packageDocumentation
 */

import { type Answer, Endpoints } from "./visits/endpoints.js";
import { type ClaimCookie, tellCaches, withCookie } from "./visits/headers.js";
import { type CurrentClaim, type Exchange, Referral } from "./visits/referral.js";
import { type CaptureOptions, settingsFrom } from "./visits/settings.js";

export type { Attribution } from "./visits/core.js";
export type { CurrentClaim, Referral } from "./visits/referral.js";
export type { CaptureOptions } from "./visits/settings.js";

/** Options for Next.js. */
export interface NextCaptureOptions extends CaptureOptions<Request> {
  /**
   * Header in which your own proxy puts the visitor's address, for the rate limits of the endpoints: `x-real-ip`. What a
   * list has before its last comma came from the visitor.
   */
  readonly trustedIpHeader?: string | undefined;
}

/** A `NextResponse`. */
export interface ResponseWithCookies {
  readonly headers: Headers;
  readonly cookies: {
    set(
      name: string,
      value: string,
      attributes: {
        readonly maxAge: number;
        readonly path: string;
        readonly secure: boolean;
        readonly httpOnly: boolean;
        readonly sameSite: "lax";
        readonly domain?: string;
      },
    ): unknown;
  };
}

/** What `await cookies()` gives. */
export interface ReadableCookies {
  get(name: string): { readonly value: string } | undefined;
}

/** What a sign-up has besides the cookie. */
export interface ClaimSources {
  /** What the field for it held; leave it out where the form has none, or where the field did not come filled in and is empty. */
  readonly typed?: string | null | undefined;
  /** The claim that rode in an OAuth `state`. */
  readonly state?: string | null | undefined;
}

type Handler = (
  request: Request,
  context: { readonly params: Promise<Record<string, string | string[] | undefined>> },
) => Promise<Response>;

/** What `referralCapture` returns. */
export interface NextReferrals {
  /**
   * Captures the code of a visit into the response that goes on to the page; the page itself sees the cookie already.
   * Whatever goes wrong is told to `warn`.
   *
   * @example
   * export async function proxy(request: NextRequest) {
   *   return await referrals.capture(request, NextResponse.next());
   * }
   */
  capture<Response extends ResponseWithCookies>(request: Request, response: Response): Promise<Response>;
  /**
   * The referrer code that counts, for server components, actions and route handlers; null where there is none.
   *
   * @throws GameballError `invalid_argument` at `code`: what was typed can be no code.
   *
   * @example
   * const claim = referrals.currentClaim(await cookies(), { typed: form.get("referrer_code") });
   */
  currentClaim(cookies: ReadableCookies, sources?: ClaimSources): CurrentClaim | null;
  /** The current claim as a token to carry in an OAuth `state`, or "". */
  claimForState(cookies: ReadableCookies): string;
  /** For `app/gameball/[action]/route.ts`: `export const { GET, POST } = referrals.handlers;` */
  readonly handlers: { readonly GET: Handler; readonly POST: Handler };
}

/**
 * Makes what a Next.js shop needs, once, in a module of its own. Add `gameball-referrals` to `serverExternalPackages` in
 * `next.config`: a native addon cannot be bundled.
 *
 * @throws GameballError `invalid_argument` at the option that cannot work.
 */
export function referralCapture(options: NextCaptureOptions): NextReferrals {
  const settings = settingsFrom(options);
  const endpoints = new Endpoints(settings);
  const header = options.trustedIpHeader;

  function referralOf(request: Request, setCookie: Exchange["setCookie"]): Referral {
    const { pathname, search } = new URL(request.url);
    return new Referral(settings, {
      method: request.method,
      url: pathname + search,
      isSecure: isSecure(request),
      header: (name) => request.headers.get(name),
      session: () => null,
      consents: () => settings.consent?.(request),
      setCookie,
    });
  }

  /** A referral of cookies alone, which reads and sets none. */
  function referralIn(cookies: ReadableCookies, url = ""): Referral {
    const value = cookies.get(settings.cookieName)?.value;
    return new Referral(settings, {
      method: "GET",
      url,
      isSecure: false,
      header: (name) => (name === "cookie" && value ? `${settings.cookieName}=${value}` : null),
      session: () => null,
      consents: () => false,
      setCookie() {},
    });
  }

  async function answer(method: string, request: Request, name: string): Promise<Response> {
    const endpoint = endpoints.named(method, name);
    if (endpoint === null) return new Response(null, { status: 404 });
    let cookie: ClaimCookie | null = null;
    const referral = referralOf(request, (set) => {
      cookie = set;
    });
    const { headers } = request;
    const told: Answer = await endpoint({
      host: headers.get("x-forwarded-host") ?? headers.get("host") ?? "",
      address: (header && headers.get(header)?.split(",").at(-1)?.trim()) || null,
      header: (name) => headers.get(name),
      body: (longest) => bodyOf(request, longest),
      referral: () => referral,
    });
    const response = new Response(told.body, {
      status: told.status,
      headers: { "Content-Type": told.type, "Cache-Control": told.caching },
    });
    if (cookie !== null)
      for (const text of withCookie([], cookie)) response.headers.append("Set-Cookie", text);
    return response;
  }

  const handler =
    (method: string): Handler =>
    async (request, { params }) => {
      const names = Object.values(await params).flat();
      return await answer(method, request, names.join("/"));
    };

  return {
    async capture(request, response) {
      try {
        const referral = referralOf(request, ({ name, value, domain, ...attributes }) => {
          response.cookies.set(name, value, {
            ...attributes,
            sameSite: "lax",
            ...(domain === null ? {} : { domain }),
          });
        });
        await referral.begin();
        tellCaches(response.headers, referral.caching());
      } catch (error) {
        settings.warn("A visit's referrer code could not be captured", error);
      }
      return response;
    },
    currentClaim(cookies, { typed, state } = {}) {
      const referral = referralIn(cookies);
      referral.claimFromState(state);
      return typed === undefined ? referral.currentClaim() : referral.typedCode(typed);
    },
    claimForState: (cookies) => referralIn(cookies).claimForState(),
    handlers: { GET: handler("GET"), POST: handler("POST") },
  };
}

function isSecure(request: Request): boolean {
  // Next.js sets it where no proxy has; it decides about the visitor's own cookie alone.
  const forwarded = request.headers.get("x-forwarded-proto")?.split(",")[0]?.trim();
  return (forwarded ?? new URL(request.url).protocol.replace(":", "")) === "https";
}

async function bodyOf(request: Request, longest: number): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > longest) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
