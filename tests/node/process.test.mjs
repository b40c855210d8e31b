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
  assert.deepEqual([code, signal, stdout, stderr], [0, null, "ann\n", ""]);
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
