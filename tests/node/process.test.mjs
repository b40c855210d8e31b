// What the package does to its process: nothing when loaded, nothing left when done, no crash when cut short.

import assert from "node:assert/strict";
import { test } from "node:test";
import { run } from "./support.mjs";

test("loading it, and making a client, starts no thread and opens no socket", {
  skip: process.platform !== "linux",
}, async () => {
  const { stdout, stderr } = await run("load-only.cjs");
  assert.equal(stderr, "");
  const { before, loaded, made } = JSON.parse(stdout);
  assert.deepEqual(loaded, before);
  assert.deepEqual(made, before);
});

test("a process stays for its pending calls and then ends by itself", async () => {
  const { code, signal, stdout, stderr } = await run("ends.mjs");
  assert.deepEqual([code, signal, stderr], [0, null, ""]);
  assert.deepEqual(new Set(stdout.trim().split("\n")), new Set(["ann", "applied"]));
});

test("a process may exit while calls are under way", async () => {
  for (let round = 0; round < 5; round++) {
    const { code, signal, stderr } = await run("exits-mid-call.mjs");
    assert.deepEqual([code, signal, stderr], [7, null, ""]);
  }
});

test("worker threads have calls of their own, and may end while they are under way", async () => {
  const { code, signal, stdout, stderr } = await run("workers.mjs");
  assert.deepEqual([code, signal, stdout, stderr], [0, null, "done\n", ""]);
});

test("a panic in a call is an internal error, and the next call goes on", async (t) => {
  const { code, signal, stdout, stderr } = await run("panics.mjs");
  assert.deepEqual([code, signal], [0, null], stderr);
  const { kind, message, customerId, outcomes } = JSON.parse(stdout);
  assert.equal(customerId, "bob");
  if (kind === "invalid_argument") {
    t.skip("only built with the Cargo feature panic-for-tests");
    return;
  }
  assert.equal(kind, "internal");
  assert.deepEqual(outcomes, [
    ["retry", "internal"],
    ["applied", null],
  ]);
  assert.match(stderr, /^(gameball-referrals: a defect at \S+client\.rs:\d+:\d+: please report it\n){2}$/);
  assert.ok(!(message + stderr).includes("on purpose"));
});
