// Keys are nowhere: not on objects, in errors, in stacks, in what a process writes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { ClaimSigner, Client, Vault } from "gameball-referrals";
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
    inspect(Object.getOwnPropertyDescriptors(value)),
  ].join("\n");
  for (const key of [API_KEY, SECRET_KEY]) assert.ok(!shown.includes(key), shown);
}

test("objects show no key", () => {
  const client = new Client(KEYS);
  assertClean(client);
  assert.equal(inspect(client), "Client { baseUrl: 'https://api.gameball.co', apiVersion: 'v4.0' }");
  assert.deepEqual(Object.keys(client), []);
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
  ]) {
    assertClean(await failure(() => new Client(options)));
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
