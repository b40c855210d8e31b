// The storefront kit without a browser: its size, its defaults, its calls, and that a server can load it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { DEFAULT_PARAMS } from "gameball-referrals";
import * as kit from "gameball-referrals/storefront";
import { node } from "./support.mjs";

const require = createRequire(import.meta.url);
const DIST = new URL("../../node/client/dist/", import.meta.url);

/** @param {string} file */
const source = (file) => readFileSync(new URL(file, DIST), "utf8");
/** @param {string} file */
const packed = (file) => gzipSync(source(file), { level: 9 }).length;

test("the capture script stays under 1 KB, the whole kit under 12", () => {
  assert.ok(packed("browser/capture.js") <= 1024, `${packed("browser/capture.js")} bytes`);
  assert.ok(packed("browser/storefront.js") <= 12 * 1024, `${packed("browser/storefront.js")} bytes`);
});

test("nothing of it needs Node or the native addon", () => {
  for (const file of [
    "browser/capture.js",
    "browser/storefront.js",
    "storefront/index.mjs",
    "storefront/index.js",
  ]) {
    assert.doesNotMatch(source(file), /node:|require\(|^import /m, file);
    assert.doesNotMatch(source(file), /\.node\b/, file);
  }
});

test("the parameters are the core's", () => {
  assert.deepEqual(
    kit.PARAMS,
    DEFAULT_PARAMS.map((name) => name.toLowerCase()),
  );
});

test("a server loads it, as either kind of module, and the element waits for a browser", async () => {
  kit.defineReferralShare();
  const again = require("gameball-referrals/storefront");
  assert.deepEqual(Object.keys(again).sort(), Object.keys(kit).sort());
  assert.equal(kit.hasReferral(), false);
  const { stderr, code } = await node(["-e", 'require("gameball-referrals/storefront").storeClient()'], {
    cwd: import.meta.dirname,
  });
  assert.deepEqual([code, stderr], [0, ""]);
});

/**
 * A fetch that answers what it is told, and remembers what it was asked.
 *
 * @param {Record<string, unknown>} answers by path
 */
function answering(answers) {
  /** @type {{ method: string, url: string, headers: Headers, body: unknown }[]} */
  const asked = [];
  /** @type {typeof fetch} */
  const ask = async (url, init = {}) => {
    const { method = "GET", headers, body } = init;
    asked.push({
      method,
      url: String(url),
      headers: new Headers(headers),
      body: body && JSON.parse(String(body)),
    });
    const answer = answers[new URL(String(url), "https://shop.example").pathname];
    return answer === undefined ? new Response("", { status: 404 }) : Response.json(answer);
  };
  return { asked, ask };
}

test("a shop's own routes", async () => {
  const { asked, ask } = answering({
    "/gameball/capture": { captured: true, until: 5 },
    "/gameball/validate": { result: "valid" },
    "/gameball/me": {
      code: "ANNA1",
      link: "https://shop.example/?ref=ANNA1",
      friends: { linked: 2, pending: 1 },
    },
  });
  const gameball = kit.storeClient({ fetch: ask, headers: () => ({ "x-own": "1" }) });
  assert.equal(await gameball.capture("?page=2"), null);
  assert.deepEqual(await gameball.capture("?GBREFERRAL=ANNA1"), { captured: true, until: 5 });
  assert.equal(await gameball.validate("ANNA1"), "valid");
  assert.equal((await gameball.me()).friends.linked, 2);
  assert.deepEqual(
    asked.map(({ method, url, headers, body }) => [method, url, headers.get("x-own"), body]),
    [
      ["POST", "/gameball/capture", "1", { query: "?GBREFERRAL=ANNA1" }],
      ["POST", "/gameball/validate", "1", { code: "ANNA1" }],
      ["GET", "/gameball/me", "1", undefined],
    ],
  );
});

test("Medusa's routes: the claim is kept, and goes along with what is created", async () => {
  const { asked, ask } = answering({
    "/store/gameball/visit": { claim: "1.x.2.y", until: "2026-12-26T00:00:00.000Z" },
    "/store/gameball/validate": { result: "invalid" },
    "/store/gameball/program": { program: { headline: "Give 10 %, get 200 points.", steps: [] } },
  });
  /** @type {[string | null, Date | null]} */
  let stored = [null, null];
  const storage = {
    get: () => stored[0],
    set: (/** @type {string | null} */ claim, /** @type {Date | null} */ until) => {
      stored = [claim, until];
    },
  };
  const gameball = kit.medusaClient({
    baseUrl: "https://medusa.example/",
    publishableKey: "pk_1",
    fetch: ask,
    storage,
  });
  assert.deepEqual(gameball.claimHeaders(), {});
  assert.deepEqual(await gameball.capture("?ref=A%2BB"), { captured: true, until: Date.UTC(2026, 11, 26) });
  assert.equal(stored[0], "1.x.2.y");
  assert.equal(await gameball.validate("A+B"), "invalid");
  assert.equal((await gameball.program({ lang: "de" }))?.headline, "Give 10 %, get 200 points.");
  assert.deepEqual(gameball.claimHeaders(" CODE "), {
    "x-gameball-claim": "1.x.2.y",
    "x-gameball-code": "CODE",
  });
  assert.equal(gameball.claimHeaders("né")["x-gameball-code"], "code://?ref=n%C3%A9");
  gameball.forget();
  assert.deepEqual(gameball.claimHeaders(""), {});
  assert.deepEqual(
    asked.map(({ method, url, headers }) => [
      method,
      url,
      headers.get("x-publishable-api-key"),
      headers.get("x-gameball-claim"),
    ]),
    [
      ["GET", "https://medusa.example/store/gameball/visit?url=%3Fref%3DA%252BB", "pk_1", null],
      ["GET", "https://medusa.example/store/gameball/validate?code=A%2BB", "pk_1", "1.x.2.y"],
      ["GET", "https://medusa.example/store/gameball/program?lang=de", "pk_1", "1.x.2.y"],
    ],
  );
});

test("a route that fails says which, and how", async () => {
  const gameball = kit.storeClient({ fetch: answering({}).ask });
  await assert.rejects(gameball.me(), (error) => {
    assert.ok(error instanceof kit.StoreError);
    assert.deepEqual([error.status, error.message], [404, "GET /gameball/me answered 404"]);
    return true;
  });
});
