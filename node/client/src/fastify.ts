/**
 * Capture for Fastify 5.
 *
 * @packageDocumentation
 */

import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { Endpoints } from "./visits/endpoints.js";
import { tellCaches, withCookie } from "./visits/headers.js";
import { type Exchange, Referral } from "./visits/referral.js";
import { type CaptureOptions, settingsFrom } from "./visits/settings.js";

export type { Attribution } from "./visits/core.js";
export type { CurrentClaim, Referral } from "./visits/referral.js";
export type { CaptureOptions } from "./visits/settings.js";

declare module "fastify" {
  interface FastifyRequest {
    /** The referrer code of this visit; there once `referralCapture` is registered. */
    referral: Referral;
  }
}

/**
 * The plugin: captures referrer codes, gives each request its `referral`, and answers the endpoints under `path`
 * (`POST …/capture`, `POST …/validate`, and the browser's scripts).
 *
 * It goes after the session plugin where there is a consent gate, since a claim then waits in the session. Behind a proxy,
 * set Fastify's own `trustProxy`. Whatever goes wrong in here is logged, and the page is served.
 *
 * @example
 * await app.register(referralCapture, { key: process.env.GAMEBALL_CLAIM_KEY });
 * app.post("/sign-up", async (request) => {
 *   const claim = request.referral.currentClaim();
 *   await client.createCustomer({ customerId, referrerCode: claim?.code });
 * });
 */
export const referralCapture: FastifyPluginAsync<CaptureOptions<FastifyRequest>> = async (app, options) => {
  const settings = settingsFrom({ warn: (message) => app.log.warn(message), ...options });
  const endpoints = new Endpoints(settings);
  // Each request gets its own before anybody can look; a getter that says so is no reference that requests share.
  app.decorateRequest("referral", null as unknown as Referral);

  app.addHook("onRequest", async (request, reply) => {
    request.referral = new Referral(settings, exchangeOf(request, reply));
    if (endpoints.at(request.method, pathOf(request)) !== null) return;
    try {
      await request.referral.begin();
    } catch (error) {
      settings.warn("A visit's referrer code could not be captured", error);
    }
  });

  app.addHook("onSend", async (request, reply) => {
    const headers = {
      get: (name: string) => String(reply.getHeader(name) ?? ""),
      set: (name: string, value: string) => void reply.header(name, value),
      delete: (name: string) => void reply.removeHeader(name),
    };
    // A request that was refused before it came to us has none.
    tellCaches(headers, request.referral?.caching() ?? "shared");
  });

  function exchangeOf(request: FastifyRequest, reply: FastifyReply): Exchange {
    return {
      method: request.method,
      url: request.originalUrl,
      isSecure: request.protocol === "https",
      header: (name) => headerOf(request, name),
      session: () => (request as { session?: Record<string, unknown> }).session ?? null,
      consents: () => settings.consent?.(request),
      setCookie(cookie) {
        const sent = reply.getHeader("set-cookie") ?? [];
        const all = withCookie(Array.isArray(sent) ? sent : [String(sent)], cookie);
        // `header` would add them to those that are there.
        reply.removeHeader("set-cookie").header("set-cookie", all);
      },
    };
  }

  // In a scope of their own, whose body parser keeps the text and its bound.
  await app.register(async (scope: FastifyInstance) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => done(null, body));
    for (const [method, name] of [
      ["POST", "capture"],
      ["POST", "validate"],
      ["GET", "capture.js"],
      ["GET", "storefront.js"],
    ] as const) {
      const endpoint = endpoints.named(method, name);
      if (endpoint === null) continue;
      for (const url of [`${settings.path}/${name}`, `${settings.path}/${name}/`]) {
        scope.route({
          method,
          url,
          handler: async (request, reply) => {
            const answer = await endpoint({
              host: request.host,
              address: request.ip,
              header: (header) => headerOf(request, header),
              body: async (longest) => withinBytes(request.body, longest),
              referral: () => request.referral,
            });
            reply.code(answer.status).type(answer.type).header("cache-control", answer.caching);
            return answer.body;
          },
        });
      }
    }
  });
};

// What `fastify-plugin` does: the hooks belong to the shop's own scope, not to one of the plugin's.
Object.assign(referralCapture, {
  [Symbol.for("skip-override")]: true,
  [Symbol.for("fastify.display-name")]: "gameball-referrals",
  [Symbol.for("plugin-meta")]: { name: "gameball-referrals", fastify: ">=5" },
});

function headerOf(request: FastifyRequest, name: string): string | null {
  const value = request.headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

function pathOf(request: FastifyRequest): string {
  return request.originalUrl.split("?")[0] ?? "";
}

function withinBytes(body: unknown, longest: number): string | null {
  return typeof body === "string" && Buffer.byteLength(body) <= longest ? body : null;
}
