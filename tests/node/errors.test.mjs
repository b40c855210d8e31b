// The one class of errors: what it tells, and who recognises it.

import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { GameballError } from "gameball-referrals";
import { failure, local, node } from "./support.mjs";

const require = createRequire(import.meta.url);
const PACKAGE = dirname(dirname(require.resolve("gameball-referrals")));

test("an error tells what Gameball told", async (t) => {
  const { emulator, client } = local(t);
  emulator.inject({ fault: "status", status: 429, retryAfter: 3 });
  const error = await failure(client.getCustomer("u1"));
  assert.deepEqual(
    [error.kind, error.status, error.retryAfterMs, error.retryable],
    ["rate_limited", 429, 3000, true],
  );
  assert.equal(error.requestId, emulator.requests()[0]?.requestId);
  assert.match(error.message, /HTTP 429.*\[request /);
  assert.equal(error.name, "GameballError");
});

test("its stack shows who called", async (t) => {
  const { client } = local(t);
  async function theShopsFunction() {
    return await client.getCustomer("nobody");
  }
  assert.match((await failure(theShopsFunction())).stack ?? "", /theShopsFunction/);
});

test("its JSON has everything but the stack", async (t) => {
  const { client } = local(t);
  const error = await failure(client.getCustomer(""));
  assert.deepEqual(JSON.parse(JSON.stringify(error)), {
    name: "GameballError",
    message: error.message,
    kind: "invalid_argument",
    code: "GAMEBALL_INVALID_ARGUMENT",
    field: "customerId",
    status: null,
    gameballCode: null,
    requestId: null,
    retryAfterMs: null,
    attempts: 0,
    retryable: false,
  });
});

test("subclasses have their own instances", () => {
  class Mine extends GameballError {}
  const mine = new Mine({ kind: "api", message: "" });
  assert.ok(mine instanceof Mine && mine instanceof GameballError && mine instanceof Error);
  assert.ok(!(new GameballError({ kind: "api", message: "" }) instanceof Mine));
  for (const other of [null, undefined, 1, "x", {}, new Error("x")]) assert.ok(!GameballError.is(other));
});

test("two installed copies know each other's errors", (t) => {
  const copy = copyOfPackage(t);
  const other = require(join(copy, "dist/index.js"));
  assert.notEqual(other.GameballError, GameballError);
  const theirs = new other.GameballError({ kind: "api", message: "" });
  assert.ok(theirs instanceof GameballError && GameballError.is(theirs));
  assert.ok(new GameballError({ kind: "api", message: "" }) instanceof other.GameballError);
});

test("two installed copies work side by side", async (t) => {
  const copy = copyOfPackage(t);
  const { emulator, client } = local(t);
  emulator.addCustomer({ customerId: "ann" });
  const { Client } = require(join(copy, "dist/index.js"));
  const other = new Client({ apiKey: emulator.apiKey, baseUrl: emulator.url });
  const [mine, theirs] = await Promise.all([client.getCustomer("ann"), other.getCustomer("ann")]);
  assert.deepEqual(mine, theirs);
});

test("without a binary for the platform, the error names it and what to do", async (t) => {
  const copy = copyOfPackage(t);
  for (const file of require("node:fs").readdirSync(join(copy, "dist"))) {
    if (file.endsWith(".node")) rmSync(join(copy, "dist", file));
  }
  const program = `try { require(${JSON.stringify(copy)}) } catch (e) { console.log(JSON.stringify([e.code, e.message])) }`;
  const { stdout } = await node(["-e", program]);
  const [code, message] = JSON.parse(stdout);
  assert.equal(code, "GAMEBALL_CONFIGURATION");
  assert.ok(message.includes(`${process.platform}-${process.arch}`), message);
  assert.match(message, /optional dependencies/);
});

/** @param {import("node:test").TestContext} t */
function copyOfPackage(t) {
  const copy = mkdtempSync(join(tmpdir(), "gameball-referrals-"));
  t.after(() => rmSync(copy, { recursive: true }));
  for (const part of ["package.json", "dist"])
    cpSync(join(PACKAGE, part), join(copy, part), { recursive: true });
  return copy;
}
