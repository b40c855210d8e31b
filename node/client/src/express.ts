/**
 * Capture for Express 4 and 5, and whatever else has Node's requests and a `next`: Connect, Polka, NestJS.
 *
 * @packageDocumentation
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import { type Answer, Endpoints } from "./visits/endpoints.js";
import { tellCaches, withCookie } from "./visits/headers.js";
import { type Exchange, Referral } from "./visits/referral.js";
import { type CaptureOptions, settingsFrom } from "./visits/settings.js";

export type { Attribution } from "./visits/core.js";
export type { CurrentClaim, Referral } from "./visits/referral.js";
export type { CaptureOptions } from "./visits/settings.js";

declare global {
  namespace Express {
    interface Request {
      /** The referrer code of this visit; there behind `referralCapture`. */
      referral: Referral;
    }
  }
}

/** A request as Express has it; what is missing in other frameworks is not needed. */
export interface ExpressRequest extends IncomingMessage {
  originalUrl?: string;
  secure?: boolean;
  ip?: string | undefined;
  body?: unknown;
  session?: unknown;
  referral?: Referral;
}

/** What `referralCapture` returns. */
export type ExpressMiddleware = (
  request: ExpressRequest,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * The middleware: captures referrer codes, gives each request its `referral`, and answers the endpoints under `path`
 * (`POST …/capture`, `POST …/validate`, and the browser's scripts).
 *
 * It goes after the session middleware where there is a consent gate, since a claim then waits in the session. Behind a
 * proxy, set Express's own `trust proxy`: it tells whether the visitor came over TLS, and from where. Whatever goes wrong
 * in here is told to `warn`, and the page is served.
 *
 * @throws GameballError `invalid_argument` at the option that cannot work.
 *
 * @example
 * app.use(referralCapture({ key: process.env.GAMEBALL_CLAIM_KEY }));
 * app.post("/sign-up", async (request, response) => {
 *   const claim = request.referral.currentClaim();
 *   await client.createCustomer({ customerId, referrerCode: claim?.code });
 * });
 */
export function referralCapture<Request = ExpressRequest>(
  options: CaptureOptions<Request>,
): ExpressMiddleware {
  const settings = settingsFrom(options);
  const endpoints = new Endpoints(settings);
  return (request, response, next) => {
    const header = (name: string) => {
      const value = request.headers[name];
      return (Array.isArray(value) ? value[0] : value) ?? null;
    };
    const url = request.originalUrl ?? request.url ?? "/";
    const method = request.method ?? "GET";
    const exchange: Exchange = {
      method,
      url,
      isSecure: request.secure ?? (request.socket as { encrypted?: boolean }).encrypted ?? false,
      header,
      session: () => sessionOf(request.session),
      consents: () => settings.consent?.(request),
      setCookie(cookie) {
        const sent = response.getHeader("Set-Cookie") ?? [];
        response.setHeader("Set-Cookie", withCookie(Array.isArray(sent) ? sent : [String(sent)], cookie));
      },
    };
    const serve = async (): Promise<boolean> => {
      const referral = new Referral(settings, exchange);
      request.referral = referral;
      beforeHeaders(response, () => {
        const headers = {
          get: (name: string) => String(response.getHeader(name) ?? ""),
          set: (name: string, value: string) => void response.setHeader(name, value),
          delete: (name: string) => response.removeHeader(name),
        };
        tellCaches(headers, referral.caching());
      });
      const endpoint = endpoints.at(method, url.split("?")[0] ?? "");
      if (endpoint === null) {
        await referral.begin();
        return false;
      }
      const answer = await endpoint({
        host: header("host") ?? "",
        address: request.ip ?? request.socket.remoteAddress ?? null,
        header,
        body: (longest) => bodyOf(request, longest),
        referral: () => referral,
      });
      send(response, answer);
      return true;
    };
    serve().then(
      (isAnswered) => isAnswered || next(),
      (error) => {
        settings.warn("A visit's referrer code could not be captured", error);
        next();
      },
    );
  };
}

function sessionOf(session: unknown): Record<string, unknown> | null {
  return typeof session === "object" && session !== null ? (session as Record<string, unknown>) : null;
}

function send(response: ServerResponse, { status, type, body, caching }: Answer): void {
  response.statusCode = status;
  response.setHeader("Content-Type", type);
  response.setHeader("Cache-Control", caching);
  response.setHeader("Content-Length", Buffer.byteLength(body));
  response.end(body);
}

async function bodyOf(request: ExpressRequest, longest: number): Promise<unknown> {
  // A parser that ran before has emptied the stream.
  if (request.readableEnded || (typeof request.body === "object" && request.body !== null))
    return request.body;
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > longest) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Runs `last` when all that the shop says in headers has been said, and before they leave. */
function beforeHeaders(response: ServerResponse, last: () => void): void {
  const { writeHead } = response;
  response.writeHead = function told(this: ServerResponse, status: number, ...rest: unknown[]) {
    response.writeHead = writeHead;
    const [reason] = rest;
    const given = typeof reason === "string" ? rest[1] : reason;
    // Headers that are given here would otherwise go past `getHeader`.
    for (const [name, value] of headersIn(given)) response.setHeader(name, value);
    last();
    return typeof reason === "string" ? response.writeHead(status, reason) : response.writeHead(status);
  } as typeof writeHead;
}

function headersIn(given: unknown): [string, string | string[]][] {
  if (!Array.isArray(given)) return Object.entries((given ?? {}) as Record<string, string | string[]>);
  const all = new Map<string, string[]>();
  const pairs = given.every(Array.isArray) ? given.flat() : given;
  for (let index = 0; index + 1 < pairs.length; index += 2) {
    const name = String(pairs[index]);
    all.set(name, [...(all.get(name) ?? []), String(pairs[index + 1])]);
  }
  return [...all].map(([name, values]) => [name, values.length === 1 ? (values[0] ?? "") : values]);
}
