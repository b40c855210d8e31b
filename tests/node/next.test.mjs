// Capture for Next.js by its standard requests and responses; `tests/e2e/next.test.mjs` has the real thing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ClaimSigner } from "gameball-referrals";
import { referralCapture } from "gameball-referrals/next";

const KEY = "a key of the tests, long enough";
const signer = new ClaimSigner(KEY);

/** A `NextResponse` as far as capture knows one. */
class Going {
  headers = new Headers({ "cache-control": "public, s-maxage=60" });
  /** @type {{ name: string, value: string, attributes: any }[]} */
  set = [];
  cookies = {
    set: (/** @type {string} */ name, /** @type {string} */ value, /** @type {any} */ attributes) =>
      void this.set.push({ name, value, attributes }),
  };
}

/** @param {Record<string, string>} cookies */
const jar = (cookies) => ({
  get: (/** @type {string} */ name) => (name in cookies ? { value: String(cookies[name]) } : undefined),
});

/** @param {string} name @param {unknown} body @param {Record<string, string>} [headers] */
const asked = (name, body, headers = { "sec-fetch-site": "same-origin" }) => {
  const init = {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  };
  return /** @type {const} */ ([
    new Request(`http://127.0.0.1:3000/gameball/${name}`, init),
    { params: Promise.resolve({ action: name }) },
  ]);
};

test("a visit's response carries the claim, and is private", async () => {
  const referrals = referralCapture({ key: KEY });
  const response = await referrals.capture(
    new Request("http://shop.example/?ref=ANNA1", { headers: { "x-forwarded-proto": "https" } }),
    new Going(),
  );
  const [cookie] = response.set;
  assert.equal(signer.read(cookie?.value ?? "")?.code, "ANNA1");
  assert.deepEqual(cookie?.attributes, {
    maxAge: 2592000,
    path: "/",
    secure: true,
    httpOnly: true,
    sameSite: "lax",
  });
  assert.equal(response.headers.get("cache-control"), "private");
  assert.equal(response.headers.get("vary"), "Cookie");
  const plain = await referrals.capture(new Request("http://shop.example/"), new Going());
  assert.deepEqual([plain.set, plain.headers.get("cache-control")], [[], "public, s-maxage=60"]);
});

test("server code reads the claim that counts", () => {
  const referrals = referralCapture({ key: KEY });
  const cookies = jar({ gb_claim: signer.issue("ANNA1") });
  assert.equal(referrals.currentClaim(cookies)?.code, "ANNA1");
  assert.equal(referrals.currentClaim(cookies, { typed: "BEA2" })?.source, "field");
  assert.equal(referrals.currentClaim(cookies, { typed: "" }), null);
  assert.equal(referrals.currentClaim(jar({})), null);
  assert.throws(() => referrals.currentClaim(cookies, { typed: "two words" }), { field: "code" });
  const state = referrals.claimForState(cookies);
  assert.equal(referrals.currentClaim(jar({}), { state })?.source, "state");
  assert.equal(referrals.claimForState(jar({})), "");
});

test("route handlers: capture, validation, scripts, and nothing else", async () => {
  const { handlers } = referralCapture({ key: KEY, validate: async (code) => code === "ANNA1" });
  const captured = await handlers.POST(...asked("capture", { query: "?ref=ANNA1" }));
  assert.deepEqual(Object.keys(/** @type {any} */ (await captured.json())), ["captured", "until"]);
  assert.match(captured.headers.get("set-cookie") ?? "", /^gb_claim=1\..*HttpOnly/);
  const validated = await handlers.POST(...asked("validate", { code: "ANNA1" }));
  assert.deepEqual(await validated.json(), { result: "valid" });
  assert.equal((await handlers.POST(...asked("capture", { query: "?ref=A" }, {}))).status, 400);
  assert.equal((await handlers.POST(...asked("other", {}))).status, 404);
  const script = await handlers.GET(new Request("http://127.0.0.1/gameball/capture.js"), {
    params: Promise.resolve({ action: "capture.js" }),
  });
  assert.match(await script.text(), /localStorage/);
});

test("limits are the visitor's where the proxy tells them, and the proxy's otherwise", async () => {
  const statuses = async (/** @type {string | undefined} */ trustedIpHeader) => {
    const { handlers } = referralCapture({ key: KEY, validate: async () => true, trustedIpHeader });
    const ask = async () => {
      const headers = { "sec-fetch-site": "same-origin", "x-real-ip": "8.8.8.8" };
      return (await handlers.POST(...asked("validate", { code: "A" }, headers))).status;
    };
    const all = [];
    for (let call = 0; call < 11; call += 1) all.push(await ask());
    return all.at(-1);
  };
  assert.deepEqual([await statuses("x-real-ip"), await statuses(undefined)], [429, 200]);
});
