// Keys are nowhere: not on objects, in errors, in stacks, in what a process writes.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import {
  ClaimSigner,
  Client,
  Courier,
  extractReferrerCode,
  fingerprint,
  guestCustomerId,
  keyEnvironment,
  prepare,
  referralLink,
  sessionToken,
  Vault,
  verifyWebhook,
} from "gameball-referrals";
import { Emulator, readSessionToken, signWebhook } from "gameball-referrals/testing";
import { failure, local, rawServer, run } from "./support.mjs";

const API_KEY = "gb_live_public_key_for_the_scan";
const SECRET_KEY = "gb_live_secret_key_for_the_scan_";
const KEYS = { apiKey: API_KEY, secretKey: SECRET_KEY };

/** @param {unknown} value */
function assertClean(value) {
  const shown = [
    inspect(value, { showHidden: true, depth: 10, getters: true }),
    JSON.stringify(value),
    String(value),
    value instanceof Error ? value.stack : "",
    value instanceof Error ? inspect(value.cause, { showHidden: true, depth: 10 }) : "",
    inspect(Object.getOwnPropertyDescriptors(value)),
  ].join("\n");
  for (const key of [API_KEY, SECRET_KEY]) assert.ok(!shown.includes(key), shown);
}

test("objects show no key", () => {
  const client = new Client(KEYS);
  assertClean(client);
  assert.equal(inspect(client), "Client { baseUrl: 'https://api.gameball.co', apiVersion: 'v4.0' }");
  assert.deepEqual(Object.keys(client), []);
  const courier = new Courier(KEYS);
  assertClean(courier);
  assert.equal(
    inspect(courier),
    "Courier { baseUrl: 'https://api.gameball.co', apiVersion: 'v4.0', inFlight: 0 }",
  );
  assert.deepEqual(Object.keys(courier), []);
  assertClean(courier.credentials);
  assertClean(new ClaimSigner(SECRET_KEY));
  assertClean(new Vault(SECRET_KEY));
});

test("errors show no key, even where Gameball's answer repeats it", async (t) => {
  const { emulator, client } = local(t, { emulator: KEYS });
  const body = JSON.stringify({
    code: 1000,
    message: `key ${API_KEY}, ${SECRET_KEY.toUpperCase()} is wrong`,
  });
  for (const fault of /** @type {const} */ ([
    "status",
    "html",
    "garbage",
    "truncated",
    "resetBefore",
    "redirect",
  ])) {
    emulator.inject({
      fault,
      status: fault === "redirect" ? 302 : 401,
      body,
      location: `http://${SECRET_KEY}.invalid/`,
    });
    assertClean(await failure(client.getCustomerReferralsCount("ann")));
  }
});

test("refused options show no key", async () => {
  for (const options of [
    { ...KEYS, secretKey: `${SECRET_KEY} ` },
    { ...KEYS, apiKey: `${API_KEY}\n` },
    { ...KEYS, baseUrl: `https://user:${SECRET_KEY}@api.gameball.co` },
    { ...KEYS, baseUrl: `https://api.gameball.co/?key=${SECRET_KEY}` },
    { ...KEYS, apiVersion: /** @type {any} */ (SECRET_KEY) },
    { ...KEYS, timeoutMs: /** @type {any} */ (SECRET_KEY) },
    { ...KEYS, secretKey: /** @type {any} */ ({ secret: SECRET_KEY }) },
    { ...KEYS, apiKey: /** @type {any} */ ([API_KEY]) },
    { ...KEYS, secretKey: `${SECRET_KEY}\ud800` },
    { ...KEYS, highSecurity: /** @type {any} */ (Buffer.from(SECRET_KEY)) },
  ]) {
    assertClean(await failure(() => new Client(options)));
    assertClean(await failure(() => new Courier(options)));
  }
});

/** What a shop may take for a key by mistake. @type {any[]} */
const NO_KEYS = [
  { secret: SECRET_KEY },
  [SECRET_KEY],
  Object(SECRET_KEY),
  { toString: () => SECRET_KEY },
  () => SECRET_KEY,
  Symbol(SECRET_KEY),
  new Map([[SECRET_KEY, SECRET_KEY]]),
  new Proxy({ secret: SECRET_KEY }, {}),
  `${SECRET_KEY}\ud800`,
];
const EXPIRES_AT = new Date("2100-01-01T00:00:00Z");
const SESSION = { secretKey: SECRET_KEY, customerId: "ann", expiresAt: EXPIRES_AT };
const vault = new Vault(SECRET_KEY);
const signer = new ClaimSigner(SECRET_KEY);
const courier = new Courier(KEYS);
const DELIVERY = { id: 1, operation: "createCustomer", arguments: "{}" };
/** @type {any} */
const VERDICT = {};

/** Every function that takes text or bytes, and the name by which it refuses. @type {[string, (value: any) => unknown][]} */
const FUNCTIONS = [
  ["secret", (value) => fingerprint(value)],
  ["secretKey", (value) => verifyWebhook("{}", "signature", value)],
  ["rawBody", (value) => verifyWebhook(value, "signature", SECRET_KEY)],
  ["secretKey", (value) => signWebhook("{}", value)],
  ["rawBody", (value) => signWebhook(value, SECRET_KEY)],
  ["secretKey", (value) => sessionToken({ ...SESSION, secretKey: value })],
  ["customerId", (value) => sessionToken({ ...SESSION, customerId: value })],
  ["expiresAt", (value) => sessionToken({ ...SESSION, expiresAt: value })],
  ["email", (value) => sessionToken({ ...SESSION, email: value })],
  ["mobile", (value) => sessionToken({ ...SESSION, mobile: value })],
  ["secretKey", (value) => readSessionToken(value, "token")],
  ["key", (value) => new ClaimSigner(value)],
  ["fallbackKeys[0]", (value) => new ClaimSigner(SECRET_KEY, { fallbackKeys: [value] })],
  ["maxAgeSeconds", (value) => new ClaimSigner(SECRET_KEY, { maxAgeSeconds: value })],
  ["code", (value) => signer.issue(value)],
  ["at", (value) => signer.issue("A", { at: value })],
  ["now", (value) => signer.read("token", { now: value })],
  ["secret", (value) => new Vault(value)],
  ["fallbackSecrets[0]", (value) => new Vault(SECRET_KEY, { fallbackSecrets: [value] })],
  ["plaintext", (value) => vault.seal(value, "c")],
  ["context", (value) => vault.seal("plaintext", value)],
  ["context", (value) => vault.open("sealed", value)],
  ["template", (value) => referralLink(value, "A")],
  ["code", (value) => referralLink("https://shop.example/", value)],
  ["params[0]", (value) => extractReferrerCode("/", { params: [value] })],
  ["apiKey", (value) => keyEnvironment(value)],
  ["email", (value) => guestCustomerId(value)],
  ["operation", (value) => prepare(value, { customerId: "ann" }, { now: new Date() })],
  ["now", (value) => prepare("createCustomer", { customerId: "ann" }, { now: value })],
  ["orders", (value) => prepare("createCustomer", { customerId: "ann" }, { now: new Date(), orders: value })],
  ["ledger", (value) => courier.status(value, new Date())],
  ["now", (value) => courier.plan(null, value, [], 1)],
  ["room", (value) => courier.plan(null, new Date(), [], value)],
  ["wanted.other", (value) => courier.reserve(null, new Date(), { other: value })],
  [
    "verdicts[0].ledgerEvent",
    (value) => courier.record(null, new Date(), [{ ...VERDICT, ledgerEvent: value }]),
  ],
  ["deliveries[0].arguments", (value) => courier.deliver([{ ...DELIVERY, arguments: value }])],
  ["deliveries[0].progress", (value) => courier.deliver([{ ...DELIVERY, progress: value }])],
  ["deliveries[0].referrerCode", (value) => courier.deliver([{ ...DELIVERY, referrerCode: value }])],
];

/** Those of strangers' text, any of which has an answer. @type {[string, (value: any) => unknown][]} */
const READERS = [
  ["token", (value) => signer.read(value)],
  ["token", (value) => readSessionToken(SECRET_KEY, value)],
  ["sealed", (value) => vault.open(value, "c")],
  ["sealed", (value) => vault.needsReseal(value)],
  ["url", (value) => extractReferrerCode(value)],
];

test("a key of another type is refused by name and not shown", async () => {
  for (const [field, call] of [...FUNCTIONS, ...READERS]) {
    const isReader = READERS.some(([, reader]) => reader === call);
    for (const value of isReader ? NO_KEYS.filter((value) => typeof value !== "string") : NO_KEYS) {
      const error = await failure(() => call(value));
      const where = `${call} of ${inspect(value)}`;
      assert.deepEqual([error.kind, error.field], ["invalid_argument", field], where);
      assertClean(error);
    }
  }
});

test("a signature of another type is none", () => {
  for (const value of NO_KEYS) assert.equal(verifyWebhook("{}", value, SECRET_KEY), false);
});

test("calls with a key of another type, or at the wrong place, do not show it", async (t) => {
  const { client } = local(t, { emulator: KEYS });
  for (const value of NO_KEYS) {
    for (const call of [
      () => client.getCustomer(value),
      () => client.createCustomer({ customerId: "ann", email: value }),
      () => client.createCustomer({ customerId: "ann", attributes: { displayName: value } }),
      () => client.validateReferrerCode("A", { forCustomerId: value }),
      () => client.validateReferrerCode("A", { signal: value }),
      () => client.getCustomerReferrals("ann", { limit: value }).next(),
      () => prepare("createCustomer", { customerId: value }, { now: new Date() }),
      () => client.callMany([value], { concurrency: 1 }),
      () => client.callMany([["getCustomer", { customerId: "ann" }]], { concurrency: value }),
    ]) {
      const error = await failure(call);
      assert.equal(error.kind, "invalid_argument", `${call} of ${inspect(value)}`);
      assertClean(error);
    }
  }
});

test("an emulator's options are refused by name and not shown", async (t) => {
  const { emulator } = local(t);
  const BROKEN = `${SECRET_KEY} `;
  /** @type {[string, any][]} */
  const options = [
    ["port", { port: SECRET_KEY }],
    ["processingMs", { processingMs: SECRET_KEY }],
    ["limitWindowsDivisor", { limitWindowsDivisor: SECRET_KEY }],
    ["highSecurity", { highSecurity: SECRET_KEY }],
    ["clock", { clock: SECRET_KEY }],
    ["clock", { clock: `${SECRET_KEY}, expected ${SECRET_KEY}` }],
    ["minVersion", { minVersion: SECRET_KEY }],
    ["webhookUrl", { webhookUrl: SECRET_KEY }],
    ["apiKey", { apiKey: BROKEN }],
    ["secretKey", { secretKey: [SECRET_KEY] }],
    ["switches", { switches: SECRET_KEY }],
    ["switches.wrongSecret", { switches: { wrongSecret: SECRET_KEY } }],
    ["switches.nope", { switches: { nope: SECRET_KEY } }],
    ["nope", { nope: SECRET_KEY }],
    ["host", { host: SECRET_KEY }],
  ];
  for (const [field, given] of options) {
    const error = await failure(() => new Emulator(given));
    assert.deepEqual([error.kind, error.field], ["configuration", field], inspect(given));
    assertClean(error);
  }
  const startOnly = ["port", "host", "nope", "switches.nope"];
  for (const [field, given] of options.filter(([field]) => !startOnly.includes(field))) {
    const error = await failure(() => emulator.configure(given));
    assert.deepEqual([error.kind, error.field], ["invalid_argument", field], inspect(given));
    assertClean(error);
  }
  for (const given of /** @type {any[]} */ ([{ port: SECRET_KEY }, { nope: SECRET_KEY }])) {
    assertClean(await failure(() => emulator.configure(given)));
  }
});

test("verdicts and connection checks show no key, even where Gameball's answer repeats it", async (t) => {
  const { emulator } = local(t, { emulator: KEYS });
  const atEmulator = new Courier({ ...KEYS, baseUrl: emulator.url });
  const body = JSON.stringify({
    code: 1000,
    message: `key ${API_KEY}, ${SECRET_KEY.toUpperCase()} is wrong`,
  });
  for (const status of [401, 403, 422, 500, 503]) {
    emulator.inject({ fault: "status", status, body });
    const [verdict] = await atEmulator.deliver([{ ...DELIVERY, arguments: '{"customerId":"ann"}' }]);
    assert.notEqual(verdict?.call?.message, null);
    assertClean(verdict);
    emulator.inject({ fault: "status", status, body });
    assertClean(await atEmulator.check());
  }
});

test("what the addon itself would say of a value is not told", async () => {
  // No value gets that far, so that the guard behind the checks is tried alone.
  const { guarded } = createRequire(import.meta.url)(
    fileURLToPath(new URL("errors.js", import.meta.resolve("gameball-referrals"))),
  );
  for (const thrown of [
    Object.assign(new Error(`Failed to convert ${SECRET_KEY}`), { code: "StringExpected" }),
    Object.assign(new Error(JSON.stringify(SECRET_KEY)), { code: "StringExpected" }),
    new Error(JSON.stringify({ message: SECRET_KEY })),
    new TypeError(SECRET_KEY),
    SECRET_KEY,
    null,
  ]) {
    const error = await failure(() =>
      guarded(() => {
        throw thrown;
      }),
    );
    assert.deepEqual([error.kind, error.cause], ["internal", undefined]);
    assertClean(error);
  }
});

test("redirects are not followed, so that no key goes anywhere else", async (t) => {
  const other = await rawServer(t, (socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"));
  for (const status of [301, 302, 303, 307, 308]) {
    const first = await rawServer(t, (socket) => {
      socket.end(`HTTP/1.1 ${status} Elsewhere\r\nlocation: ${other.url}/\r\ncontent-length: 0\r\n\r\n`);
    });
    const client = new Client({ ...KEYS, baseUrl: first.url });
    const error = await failure(
      client.trackOrder({ orderId: "1", customerId: "u", orderDate: new Date(), totalPaid: 1 }),
    );
    assert.deepEqual([error.kind, error.status, error.attempts], ["api", status, 1]);
    assert.ok(first.received[0]?.includes(SECRET_KEY), "the first server did get the call");
  }
  assert.deepEqual(other.received, []);
});

test("a process that logs all it can writes no key", async () => {
  const { stdout, stderr, code } = await run("logs-everything.mjs", [API_KEY, SECRET_KEY]);
  assert.equal(code, 1, "it ends with an unhandled rejection");
  assert.match(stdout, /GameballError/);
  assert.match(stderr, /GameballError/);
  for (const key of [API_KEY, SECRET_KEY]) assert.ok(!`${stdout}${stderr}`.includes(key));
});
