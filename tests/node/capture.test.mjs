// Capture on real frameworks: the same visits to the same shop on Express 5, Express 4 and Fastify.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";
import fastifyCookie from "@fastify/cookie";
import fastifySession from "@fastify/session";
import express from "express";
import session from "express-session";
// @ts-expect-error An alias has no types of its own.
import express4 from "express4";
import Fastify from "fastify";
import { ClaimSigner, GameballError } from "gameball-referrals";
import { referralCapture as forExpress } from "gameball-referrals/express";
import { referralCapture as forFastify } from "gameball-referrals/fastify";

const KEY = "a key of the tests, long enough";
const DAY = 86_400_000;
const OWN = { "sec-fetch-site": "same-origin", "content-type": "application/json" };
const PUBLIC = { "cache-control": "public, max-age=60, s-maxage=600", "surrogate-control": "max-age=600" };
const signer = new ClaimSigner(KEY);

/** @typedef {Partial<import("gameball-referrals/express").CaptureOptions<any>>} Options */
/** @typedef {{ url: string, stop: () => Promise<unknown> }} Shop */

/**
 * A shop with the same pages on each framework: `/` reads nothing, `/public` is for shared caches, `/whose` shows the
 * claim, `/sign-up` takes `{"referrer_code"}` or none, `/agree` gives consent.
 *
 * @type {Record<string, (options: Options) => Promise<Shop>>}
 */
const SHOPS = {
  "Express 5": (options) => onExpress(express, options),
  "Express 4": (options) => onExpress(/** @type {any} */ (express4), options),
  async Fastify(options) {
    const app = Fastify({ trustProxy: true });
    await app.register(fastifyCookie);
    await app.register(fastifySession, {
      secret: "s".repeat(32),
      cookie: { secure: false },
      saveUninitialized: false,
    });
    await app.register(forFastify, { key: KEY, ...options });
    app.get("/", async () => "home");
    app.get("/public", async (_, reply) => reply.headers(PUBLIC).send("public"));
    app.get("/whose", async (request) => ({ claim: request.referral.currentClaim() }));
    app.get("/other-cookie", async (_, reply) => reply.header("set-cookie", "other=1").send("page"));
    app.post("/sign-up", async (request, reply) => {
      const { referrer_code: typed } = /** @type {{ referrer_code?: string }} */ (request.body);
      try {
        const claim =
          typed === undefined ? request.referral.currentClaim() : request.referral.typedCode(typed);
        return { claim };
      } catch (error) {
        return reply.code(400).send({ field: error instanceof GameballError && error.field });
      }
    });
    app.post("/agree", async (request) => {
      Object.assign(request.session, { agreed: true });
      return { remembered: await request.referral.remember() };
    });
    const url = await app.listen({ port: 0, host: "127.0.0.1" });
    return { url, stop: () => app.close() };
  },
};

/**
 * @param {typeof express} framework
 * @param {Options} options
 */
async function onExpress(framework, options) {
  const app = framework();
  app.set("trust proxy", true);
  app.use(session({ secret: "s".repeat(32), resave: false, saveUninitialized: false }));
  app.use(forExpress({ key: KEY, ...options }));
  app.use(framework.json());
  app.get("/", (_, response) => void response.send("home"));
  app.get("/public", (_, response) => void response.set(PUBLIC).send("public"));
  app.get(
    "/raw",
    (_, response) => void response.writeHead(200, "Fine", { ...PUBLIC, "x-own": "1" }).end("raw"),
  );
  app.get("/whose", (request, response) => void response.json({ claim: request.referral.currentClaim() }));
  app.get("/other-cookie", (_, response) => void response.cookie("other", "1").send("page"));
  app.post("/sign-up", (request, response) => {
    const { referrer_code: typed } = request.body;
    try {
      const claim = typed === undefined ? request.referral.currentClaim() : request.referral.typedCode(typed);
      response.json({ claim });
    } catch (error) {
      response.status(400).json({ field: error instanceof GameballError && error.field });
    }
  });
  app.post("/agree", async (request, response) => {
    Object.assign(request.session, { agreed: true });
    response.json({ remembered: await request.referral.remember() });
  });
  const server = createServer(app).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Keeps cookies, as far as these shops set any. */
class Browser {
  /** @type {Map<string, string>} */
  cookies = new Map();

  /** @param {Shop} shop */
  constructor(shop) {
    this.shop = shop;
  }

  /**
   * @param {string} path
   * @param {RequestInit & { headers?: Record<string, string> }} [init]
   */
  async open(path, init = {}) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { ...(cookie ? { cookie } : {}), ...init.headers };
    const response = await fetch(this.shop.url + path, { ...init, headers });
    for (const set of response.headers.getSetCookie()) {
      const [pair = ""] = set.split(";");
      const [name = "", value = ""] = pair.split("=");
      if (/max-age=0(;|$)/i.test(set)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }

  /** @param {string} path @param {unknown} body @param {Record<string, string>} [headers] */
  async post(path, body, headers = OWN) {
    return await this.open(path, { method: "POST", headers, body: JSON.stringify(body) });
  }

  async whose() {
    const { claim } = await answer(await this.open("/whose"));
    return claim?.code ?? null;
  }

  /** The code in the cookie. */
  get claim() {
    return signer.read(this.cookies.get("gb_claim") ?? "")?.code ?? null;
  }
}

/** @param {Response} response @returns {Promise<any>} */
const answer = (response) => response.json();

/** @param {Response} response */
const claimCookie = (response) =>
  response.headers.getSetCookie().find((cookie) => cookie.startsWith("gb_claim=")) ?? null;

for (const [name, start] of Object.entries(SHOPS)) {
  describe(name, () => {
    /** @type {Shop[]} */
    const shops = [];
    /** @param {Options} [options] */
    const browser = async (options = {}) => {
      const shop = await start({ warn: (message) => warnings.push(message), ...options });
      shops.push(shop);
      return new Browser(shop);
    };
    /** @type {string[]} */
    let warnings = [];
    before(() => {
      warnings = [];
    });
    after(() => Promise.all(shops.map((shop) => shop.stop())));

    test("a visit leaves a signed claim in a cookie, which no shared cache keeps", async () => {
      const ben = await browser();
      const response = await ben.open("/public?utm_source=mail&ReferralCode=ANNA1");
      assert.equal(await response.text(), "public");
      const [, ...attributes] = (claimCookie(response) ?? "").split("; ");
      assert.deepEqual(attributes.sort(), ["HttpOnly", "Max-Age=2592000", "Path=/", "SameSite=Lax"]);
      assert.equal(ben.claim, "ANNA1");
      assert.equal(response.headers.get("cache-control"), "max-age=60, private");
      assert.match(response.headers.get("vary") ?? "", /Cookie/);
      assert.equal(response.headers.get("surrogate-control"), null);
    });

    test("over TLS the cookie is for TLS alone", async () => {
      const ben = await browser();
      const response = await ben.open("/?ref=ANNA1", { headers: { "x-forwarded-proto": "https" } });
      assert.match(claimCookie(response) ?? "", /; Secure/);
    });

    test("other pages stay as they are", async () => {
      const ben = await browser();
      for (const path of ["/public", "/public?utm_source=mail", "/public?ref=no%20code"]) {
        const response = await ben.open(path);
        assert.equal(response.headers.get("cache-control"), PUBLIC["cache-control"]);
        assert.equal(response.headers.get("vary"), null);
        assert.deepEqual(response.headers.getSetCookie(), []);
      }
      ben.cookies.set("gb_claim", signer.issue("ANNA1"));
      assert.equal((await ben.open("/public")).headers.get("cache-control"), PUBLIC["cache-control"]);
    });

    test("a page that shows the claim depends on the cookie", async () => {
      const ben = await browser();
      assert.match((await ben.open("/whose")).headers.get("vary") ?? "", /Cookie/);
    });

    test("the shop's own cookies stay", async () => {
      const ben = await browser();
      const response = await ben.open("/other-cookie?ref=ANNA1");
      assert.deepEqual(
        response.headers
          .getSetCookie()
          .map((cookie) => cookie.split("=")[0])
          .sort(),
        ["gb_claim", "other"],
      );
    });

    test("last touch and first touch", async () => {
      for (const [attribution, expected] of /** @type {const} */ ([
        ["last", "BEA2"],
        ["first", "ANNA1"],
      ])) {
        const ben = await browser({ attribution });
        await ben.open("/?ref=ANNA1");
        assert.equal((await answer(await ben.open("/whose?ref=BEA2"))).claim.code, expected);
        assert.equal(ben.claim, expected);
        assert.equal(await ben.whose(), expected);
      }
    });

    test("forged and old claims count as none", async () => {
      const ben = await browser();
      for (const token of [
        "x",
        new ClaimSigner("another key, long enough").issue("EVE1"),
        signer.issue("ANNA1", { at: new Date(Date.now() - 31 * DAY) }),
      ]) {
        ben.cookies.set("gb_claim", token);
        assert.equal(await ben.whose(), null);
      }
      const rotated = await browser({ key: "a new key, that is long enough", fallbackKeys: [KEY] });
      rotated.cookies.set("gb_claim", signer.issue("ANNA1"));
      assert.equal(await rotated.whose(), "ANNA1");
    });

    test("an image or a frame on another site is no visit", async () => {
      const ben = await browser();
      const headers = { "sec-fetch-site": "cross-site", "sec-fetch-dest": "image" };
      assert.equal(claimCookie(await ben.open("/?ref=EVE1", { headers })), null);
      assert.notEqual(
        claimCookie(await ben.open("/?ref=ANNA1", { headers: { ...headers, "sec-fetch-dest": "document" } })),
        null,
      );
    });

    test("what is typed at the sign-up wins, also by saying that there is none", async () => {
      /** @type {{ code: string, source: string }[]} */
      const captured = [];
      const ben = await browser({ onCaptured: (one) => captured.push(one) });
      await ben.open("/?ref=ANNA1");
      const sign = async (/** @type {object} */ form) => {
        const response = await ben.post("/sign-up", form);
        return response.ok ? (await answer(response)).claim : await answer(response);
      };
      assert.deepEqual(
        { ...(await sign({})), claimedAt: null },
        { code: "ANNA1", claimedAt: null, source: "visit" },
      );
      assert.equal((await sign({ referrer_code: " https://shop.example/?ref=BEA2 " })).code, "BEA2");
      assert.equal((await sign({ referrer_code: "ANNA1" })).source, "visit");
      assert.equal(await sign({ referrer_code: "" }), null);
      assert.deepEqual(await sign({ referrer_code: "<b>" }), { field: "code" });
      assert.deepEqual(captured, [
        { code: "ANNA1", source: "visit" },
        { code: "BEA2", source: "field" },
      ]);
    });

    test("a storefront's server hands a claim over with what it sends, and no page shows it", async () => {
      const server = await browser();
      const headers = { "x-gameball-claim": signer.issue("ANNA1") };
      const response = await server.post("/sign-up", {}, { "content-type": "application/json", ...headers });
      assert.equal((await answer(response)).claim.code, "ANNA1");
      assert.equal(claimCookie(response), null);
      assert.equal((await answer(await server.open("/whose", { headers }))).claim, null);
    });

    test("until there is consent the code waits in the session, and no cookie is set", async () => {
      const ben = await browser({ consent: (request) => request.session.agreed === true });
      assert.equal(claimCookie(await ben.open("/?ref=ANNA1")), null);
      assert.equal(await ben.whose(), "ANNA1");
      const agreed = await ben.post("/agree", {});
      assert.deepEqual(await answer(agreed), { remembered: true });
      assert.equal(ben.claim, "ANNA1");
      assert.match(agreed.headers.get("cache-control") ?? "", /private/);
    });

    test("without consent a cookie from before is taken back", async () => {
      const ben = await browser({ consent: async () => false });
      ben.cookies.set("gb_claim", signer.issue("ANNA1"));
      await ben.open("/");
      assert.equal(ben.cookies.get("gb_claim"), undefined);
    });

    test("a consent function that fails says no, and the page is served", async () => {
      const ben = await browser({
        consent: () => {
          throw new RangeError("ben@shop.example has no profile");
        },
      });
      const response = await ben.open("/?ref=ANNA1");
      assert.equal(await response.text(), "home");
      assert.equal(claimCookie(response), null);
      assert.match(warnings.at(-1) ?? "", /consent.*\(RangeError\)/);
      assert(!warnings.join().includes("ben@"));
    });

    test("with a full-page cache pages set no cookie, and the script's endpoint does", async () => {
      const ben = await browser({ cacheSafe: true });
      const page = await ben.open("/public?ref=ANNA1");
      assert.deepEqual(page.headers.getSetCookie(), []);
      assert.equal(page.headers.get("cache-control"), PUBLIC["cache-control"]);
      const before = Date.now();
      const response = await ben.post("/gameball/capture", { query: "?ref=ANNA1" });
      const { captured, until } = await answer(response);
      assert.equal(captured, true);
      assert.ok(Math.abs(until - before - 30 * DAY) < 60_000);
      assert.match(response.headers.get("cache-control") ?? "", /no-store/);
      assert.equal(ben.claim, "ANNA1");
      assert.deepEqual(await answer(await ben.post("/gameball/capture/", { query: "?page=2" })), {
        captured: true,
        until,
      });
    });

    test("the endpoints are for the shop's own pages", async () => {
      const ben = await browser({ trustedOrigins: ["https://www.shop.example"] });
      const json = { "content-type": "application/json" };
      for (const headers of [
        json,
        { ...json, "sec-fetch-site": "cross-site", origin: "https://evil.example" },
        { ...json, "sec-fetch-site": "same-site" },
        { "content-type": "text/plain", "sec-fetch-site": "same-origin" },
      ]) {
        const response = await ben.post("/gameball/capture", { query: "?ref=EVE1" }, headers);
        assert.equal(response.status, 400, JSON.stringify(headers));
        assert.equal(claimCookie(response), null);
      }
      const trusted = { ...json, "sec-fetch-site": "same-site", origin: "https://www.shop.example" };
      assert.equal((await ben.post("/gameball/capture", { query: "?ref=ANNA1" }, trusted)).status, 200);
      const older = { ...json, origin: ben.shop.url };
      assert.equal((await ben.post("/gameball/capture", { query: "?ref=ANNA1" }, older)).status, 200);
    });

    test("malformed and huge bodies are refused", async () => {
      const ben = await browser();
      for (const body of [
        "",
        "{",
        "[]",
        "null",
        '{"query":1}',
        '{"other":"?ref=A"}',
        JSON.stringify({ query: "x".repeat(5000) }),
      ]) {
        const response = await ben.open("/gameball/capture", { method: "POST", headers: OWN, body });
        assert.equal(response.status, 400, body.slice(0, 20));
      }
    });

    test("a typed code is looked up, remembered, and Gameball is spared when it fails", async () => {
      /** @type {string[]} */
      const asked = [];
      const ben = await browser({
        validate: async (code) => {
          asked.push(code);
          if (code === "DOWN") throw new GameballError({ kind: "server", message: "down", retryable: true });
          return code === "ANNA1";
        },
      });
      const look = async (/** @type {string} */ code) =>
        (await answer(await ben.post("/gameball/validate", { code }))).result;
      assert.equal(await look("ANNA1"), "valid");
      assert.equal(await look(`${ben.shop.url}/?ref=ANNA1`), "valid");
      assert.equal(await look("NOBODYS"), "invalid");
      assert.equal(await look("two words"), "invalid");
      assert.equal(await look("DOWN"), "unknown");
      assert.equal(await look("OTHER"), "unknown");
      assert.deepEqual(asked, ["ANNA1", "NOBODYS", "DOWN"]);
    });

    test("a Gameball that is silent keeps nobody waiting for long", async () => {
      const ben = await browser({ validate: () => new Promise(() => {}) });
      const response = await ben.post("/gameball/validate", { code: "ANNA1" });
      assert.deepEqual(await answer(response), { result: "unknown" });
    });

    test("one visitor may only ask so often", async () => {
      let now = new Date("2026-11-26T12:00:00Z");
      const ben = await browser({ clock: () => now });
      const ask = async (/** @type {string} */ address) =>
        (await ben.post("/gameball/validate", { code: "A" }, { ...OWN, "x-forwarded-for": address })).status;
      const statuses = [];
      for (let call = 0; call < 11; call += 1) statuses.push(await ask("8.8.8.8"));
      assert.deepEqual(statuses, [...Array(10).fill(200), 429]);
      assert.equal(await ask("8.8.4.4"), 200);
      now = new Date("2026-11-26T12:01:00Z");
      assert.equal(await ask("8.8.8.8"), 200);
    });

    test("it serves the browser's scripts", async () => {
      const ben = await browser();
      for (const script of ["capture.js", "storefront.js"]) {
        const response = await ben.open(`/gameball/${script}`);
        assert.equal(response.status, 200);
        assert.match(response.headers.get("content-type") ?? "", /^text\/javascript/);
        assert.match(await response.text(), /gameball/);
      }
      assert.equal((await ben.open("/gameball/other.js")).status, 404);
    });
  });
}

test("headers that a page gives at the last moment are kept private, too", async (t) => {
  const shop = await onExpress(express, {});
  t.after(() => shop.stop());
  const response = await new Browser(shop).open("/raw?ref=ANNA1");
  assert.equal(response.statusText, "Fine");
  assert.equal(response.headers.get("x-own"), "1");
  assert.equal(response.headers.get("cache-control"), "max-age=60, private");
  assert.notEqual(claimCookie(response), null);
});

test("options that cannot work are refused by name", () => {
  for (const [options, field] of /** @type {[any, string][]} */ ([
    [undefined, "options"],
    [{}, "key"],
    [{ key: "short" }, "key"],
    [{ key: KEY, attribution: "middle" }, "attribution"],
    [{ key: KEY, cookieName: "a b" }, "cookieName"],
    [{ key: KEY, path: "gameball/" }, "path"],
    [{ key: KEY, claimMaxAgeSeconds: 0 }, "maxAgeSeconds"],
    [{ key: KEY, consent: true }, "consent"],
  ])) {
    assert.throws(
      () => forExpress(options),
      (error) => error instanceof GameballError && error.field === field,
      field,
    );
  }
});
