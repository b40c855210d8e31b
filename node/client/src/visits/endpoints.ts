/** The public endpoints: capture for cached pages, live validation of typed codes, the browser's scripts. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { defaults } from "../addon.js";
import { typedReferrerCode } from "../links.js";
import { decide } from "./core.js";
import { Lookup } from "./lookup.js";
import type { Referral } from "./referral.js";
import type { Settings } from "./settings.js";
import { Throttle } from "./throttle.js";

/**
 * Who asks, and what they say.
 *
 * @internal
 */
export interface Asked {
  readonly host: string;
  readonly address: string | null;
  header(name: string): string | null;
  /** The body, at most `longest` bytes of it as text, or parsed already; null where it is longer. */
  body(longest: number): Promise<unknown>;
  referral(): Referral;
}

/** @internal */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly caching: string;
}

const SCRIPTS = ["capture.js", "storefront.js"] as const;

/** @internal */
export class Endpoints {
  readonly #settings: Settings;
  readonly #throttle: Throttle;
  readonly #lookup: Lookup;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#throttle = new Throttle(settings);
    this.#lookup = new Lookup(settings);
  }

  /** The endpoint that a path leads to; null where it is none of ours, or the method is another. */
  at(method: string, path: string): ((asked: Asked) => Promise<Answer>) | null {
    const folder = `${this.#settings.path}/`;
    if (!path.startsWith(folder)) return null;
    return this.named(method, path.slice(folder.length).replace(/\/$/, ""));
  }

  /** The same by the last part of the path. */
  named(method: string, name: string): ((asked: Asked) => Promise<Answer>) | null {
    if (method === "POST" && name === "capture") return (asked) => this.#capture(asked);
    if (method === "POST" && name === "validate") return (asked) => this.#validate(asked);
    const script = SCRIPTS.find((script) => script === name);
    return method === "GET" && script ? () => served(script) : null;
  }

  async #capture(asked: Asked): Promise<Answer> {
    const query = await this.#told(asked, "query");
    if (query === null) return json(400, { captured: false });
    if (!this.#throttle.allows(asked.address, "capture")) return json(429, { captured: false });
    return json(200, await asked.referral().capture(query.includes("?") ? query : `?${query}`));
  }

  async #validate(asked: Asked): Promise<Answer> {
    const typed = await this.#told(asked, "code");
    if (typed === null) return json(400, { result: "unknown" });
    const code = typedReferrerCode(typed, { params: this.#settings.captureParams });
    if (code === null) return json(200, { result: "invalid" });
    if (!this.#throttle.allows(asked.address, "validate")) return json(429, { result: "unknown" });
    return json(200, { result: await this.#lookup.validate(code) });
  }

  /** A text of the JSON that the shop's own page sent; null where it is none, or another site asks. */
  async #told(asked: Asked, name: string): Promise<string | null> {
    const isOwn = decide("isOwnPage", {
      secFetchSite: asked.header("sec-fetch-site"),
      origin: asked.header("origin"),
      host: asked.host,
      trustedOrigins: this.#settings.trustedOrigins,
    });
    // No form of another site can send JSON.
    if (!isOwn || !/^application\/json\s*(;|$)/i.test(asked.header("content-type") ?? "")) return null;
    try {
      const body = await asked.body(defaults.visitLimits.maxTold);
      const told = typeof body === "string" ? JSON.parse(body) : body;
      const value = Object.hasOwn(told, name) ? told[name] : null;
      return typeof value === "string" && value.length <= defaults.visitLimits.maxTold ? value : null;
    } catch {
      return null;
    }
  }
}

function json(status: number, body: object): Answer {
  return { status, type: "application/json", body: JSON.stringify(body), caching: "no-store, private" };
}

async function served(script: (typeof SCRIPTS)[number]): Promise<Answer> {
  const body = await readFile(join(__dirname, "../browser", script), "utf8");
  return { status: 200, type: "text/javascript; charset=utf-8", body, caching: "public, max-age=3600" };
}
