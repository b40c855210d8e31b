// A call ends by its deadline, or when its caller gives up, whatever the other side does.

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, test } from "node:test";
import { Client } from "gameball-referrals";
import { failure, local, rawServer } from "./support.mjs";

/** Long enough to send and answer on a busy machine, short enough to wait for. */
const TIMEOUT_MS = 300;

/** Servers that never come to an end. @type {[string, (socket: import("node:net").Socket) => void][]} */
const SERVERS = [
  ["a black hole", () => {}],
  [
    "one byte a second",
    (socket) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n");
      const drip = setInterval(() => socket.write(" "), 1000);
      socket.on("close", () => clearInterval(drip));
    },
  ],
];

describe("a call ends by its deadline:", () => {
  for (const [name, answer] of SERVERS) {
    test(name, async (t) => {
      const server = await rawServer(t, answer);
      const client = new Client({ apiKey: "k", baseUrl: server.url, timeoutMs: TIMEOUT_MS });
      const started = performance.now();
      const error = await failure(client.getCustomer("u1"));
      const took = performance.now() - started;
      assert.deepEqual([error.kind, error.code, error.attempts], ["timeout", "GAMEBALL_TIMEOUT", 1]);
      assert.ok(took > TIMEOUT_MS * 0.9 && took < TIMEOUT_MS * 10, `${took} ms`);
    });
  }

  for (const fault of /** @type {const} */ (["blackHole", "slowBody"])) {
    test(`the emulator's ${fault}`, async (t) => {
      const { emulator, client } = local(t, { client: { timeoutMs: TIMEOUT_MS } });
      emulator.inject({ fault, times: null });
      assert.equal((await failure(client.getCustomer("u1"))).kind, "timeout");
    });
  }
});

test("an endless body is read only so far", async (t) => {
  const { emulator, client } = local(t, { client: { timeoutMs: 60_000 } });
  emulator.inject({ fault: "endlessBody" });
  const error = await failure(client.getCustomer("u1"));
  assert.equal(error.kind, "decode");
  assert.match(error.message, /larger than/);
});

test("a redirect loop is not entered", async (t) => {
  const { emulator, client } = local(t);
  emulator.inject({ fault: "redirect", times: null, location: emulator.url });
  const error = await failure(client.getCustomer("u1"));
  assert.equal(error.kind, "api");
  assert.equal(emulator.requests().length, 1);
});

test("what is no answer is a clear error", async (t) => {
  const { emulator, client } = local(t);
  for (const [fault, kind] of /** @type {const} */ ([
    ["html", "server"],
    ["empty", "decode"],
    ["truncated", "decode"],
    ["garbage", "decode"],
    ["resetBefore", "connection"],
    ["resetAfter", "connection"],
  ])) {
    emulator.inject({ fault });
    const error = await failure(client.getCustomer("u1"));
    assert.ok(error.kind === kind || (fault === "html" && error.kind === "decode"), `${fault}: ${error}`);
  }
});

test("nobody listening is a connection error", async (t) => {
  const { emulator, client } = local(t);
  emulator.stop();
  const error = await failure(client.getCustomer("u1"));
  assert.deepEqual([error.kind, error.retryable], ["connection", true]);
});

describe("a signal", () => {
  test("gives a call up with its reason", async (t) => {
    const server = await rawServer(t, () => {});
    const client = new Client({ apiKey: "k", baseUrl: server.url });
    const reason = new Error("the visitor left");
    const controller = new AbortController();
    const call = client.getCustomer("u1", { signal: controller.signal });
    controller.abort(reason);
    await assert.rejects(call, (error) => error === reason);
  });

  test("that is aborted already sends nothing", async (t) => {
    const { emulator, client } = local(t);
    await assert.rejects(client.getCustomer("u1", { signal: AbortSignal.abort() }), { name: "AbortError" });
    await assert.rejects(client.getCustomerReferrals("u1", { signal: AbortSignal.abort() }).next(), {
      name: "AbortError",
    });
    assert.deepEqual(emulator.requests(), []);
  });

  test("ends the connection, so that the other side learns of it", async (t) => {
    /** @type {() => void} */
    let closed = () => {};
    const isClosed = new Promise((resolve) => (closed = () => resolve(true)));
    const controller = new AbortController();
    const server = await rawServer(t, (socket) => {
      socket.on("close", closed);
      controller.abort();
    });
    const client = new Client({ apiKey: "k", baseUrl: server.url });
    await assert.rejects(client.getCustomer("u1", { signal: controller.signal }), { name: "AbortError" });
    assert.equal(await isClosed, true);
  });

  test("serves any number of calls, with one listener", async (t) => {
    const warnings = /** @type {Error[]} */ ([]);
    const warn = (/** @type {Error} */ warning) => warnings.push(warning);
    process.on("warning", warn);
    t.after(() => process.off("warning", warn));
    const { emulator, client } = local(t);
    emulator.addCustomer({ customerId: "ann" });
    const { signal } = new AbortController();
    await Promise.all(Array.from({ length: 50 }, () => client.getCustomer("ann", { signal })));
    assert.equal(getEventListeners(signal, "abort").length, 1);
    assert.deepEqual(warnings, []);
  });
});
