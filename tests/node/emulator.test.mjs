// The emulator as tests of a shop use it, and its command line.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { Client, verifyWebhook } from "gameball-referrals";
import { Emulator, signWebhook } from "gameball-referrals/testing";
import { failure, local, node } from "./support.mjs";

const PACKAGE = dirname(dirname(createRequire(import.meta.url).resolve("gameball-referrals")));
const CLI = join(PACKAGE, "dist/cli.js");

test("it is set up, looked into, moved in time and reset", async (t) => {
  const { emulator, client } = local(t, { emulator: { clock: new Date("2026-01-01T00:00:00Z") } });
  emulator.addCustomer({
    customerId: "ann",
    referralCode: "REF123456",
    registeredAt: new Date("2025-12-31T00:00:00Z"),
  });
  await client.createCustomer({ customerId: "bob" });
  emulator.advance(301);
  await client.trackOrder({
    orderId: "1",
    customerId: "bob",
    orderDate: new Date(),
    totalPaid: 1,
    referrerCode: "REF123456",
  });
  const { customers, orders, ignoredCodes, counters } = emulator.state();
  assert.deepEqual(
    customers.map(({ customerId, isReferred }) => [customerId, isReferred]),
    [
      ["ann", false],
      ["bob", false],
    ],
  );
  assert.equal(orders.length, 1);
  assert.equal(ignoredCodes[0]?.code, "REF123456", "it came later than the five minutes");
  assert.equal(counters.requests, 2);
  assert.equal(emulator.state({ last: 1 }).customers.length, 1);
  emulator.reset();
  assert.deepEqual(emulator.state().customers, []);
});

test("a key is rotated", async (t) => {
  const { emulator, client } = local(t);
  emulator.configure({ apiKey: "gb_test_new_key" });
  assert.equal((await failure(client.getCustomer("ann"))).kind, "authentication");
  assert.equal((await failure(emulator.client().getCustomer("ann"))).kind, "not_found");
});

test("faults are repeated until they are cleared", async (t) => {
  const { emulator, client } = local(t);
  emulator.addCustomer({ customerId: "ann" });
  assert.equal(emulator.inject({ fault: "status", status: 500, operation: "getCustomer", times: null }), 1);
  for (let call = 0; call < 3; call++)
    assert.equal((await failure(client.getCustomer("ann"))).kind, "server");
  emulator.clearFaults();
  assert.equal((await client.getCustomer("ann")).customerId, "ann");
});

test("what it cannot do is refused", async (t) => {
  const { emulator } = local(t);
  assert.equal((await failure(() => emulator.control("fly"))).kind, "invalid_argument");
  assert.equal((await failure(() => emulator.advance(-1))).kind, "invalid_argument");
  assert.equal((await failure(() => new Emulator(/** @type {any} */ ({ nope: 1 })))).kind, "configuration");
  const taken = Number(new URL(emulator.url).port);
  assert.match((await failure(() => new Emulator({ port: taken }))).message, /taken/);
});

test("it stops with its block", async () => {
  let url = "";
  {
    const emulator = new Emulator();
    url = emulator.url;
    await emulator[Symbol.asyncDispose]();
    emulator[Symbol.dispose]();
  }
  assert.equal(
    (await failure(new Client({ apiKey: "k", baseUrl: url, maxRetries: 0 }).getCustomer("a"))).kind,
    "connection",
  );
});

test("its webhooks verify", async (t) => {
  const { emulator } = local(t);
  /** @type {[Buffer, string | string[] | undefined]} */
  const [body, signature] = await new Promise((resolve, reject) => {
    const server = createServer(async (request, response) => {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      response.end();
      resolve([Buffer.concat(chunks), request.headers["x-gb-signature"]]);
    });
    t.after(() => server.close());
    server.on("error", reject).listen(0, "127.0.0.1", () => {
      const address = /** @type {import("node:net").AddressInfo} */ (server.address());
      emulator.configure({ webhookUrl: `http://127.0.0.1:${address.port}/hook` });
      emulator.addCustomer({ customerId: "ann" });
      emulator.control("sendWebhook", { customerId: "ann" });
    });
  });
  assert.equal(JSON.parse(String(body)).customer_id, "ann");
  assert.ok(verifyWebhook(body, signature, emulator.secretKey));
  assert.ok(verifyWebhook(new Uint8Array(body), signWebhook(body, emulator.secretKey), emulator.secretKey));
  assert.ok(!verifyWebhook(Buffer.concat([body, Buffer.from(" ")]), signature, emulator.secretKey));
  assert.ok(!verifyWebhook(body, undefined, emulator.secretKey), "no header");
  assert.ok(!verifyWebhook(body, ["a", "b"], emulator.secretKey), "two headers");
});

for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
  test(`the command line serves until ${signal}`, async () => {
    const child = spawn(process.execPath, [CLI, "emulator", "--port", "0", "--api-key", "k"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    for await (const text of child.stdout.setEncoding("utf8")) {
      output += text;
      if (output.includes("Ctrl-C")) break;
    }
    const url = /API +(http:\S+)/.exec(output)?.[1] ?? "";
    const error = await failure(new Client({ apiKey: "k", baseUrl: url }).getCustomer("nobody"));
    assert.equal(error.gameballCode, 7000);
    child.kill(signal);
    assert.deepEqual(await once(child, "exit"), [0, null]);
  });
}

test("the command line helps", async () => {
  assert.match((await node([CLI, "emulator", "--help"])).stdout, /--switch NAME=VALUE/);
  assert.match((await node([CLI, "--help"])).stdout, /gameball-referrals emulator/);
  for (const args of [[], ["fly"], ["emulator", "--nope"]]) {
    const { code, stderr } = await node([CLI, ...args]);
    assert.equal(code, 2);
    assert.notEqual(stderr, "");
  }
});
