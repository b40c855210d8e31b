// What several tests need: an emulator and a client of it, refusals, subprocesses, raw servers.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { GameballError } from "gameball-referrals";
import { Emulator } from "gameball-referrals/testing";

/**
 * An emulator without limits that ends with the test, and a client of it that sends each call once.
 *
 * @param {import("node:test").TestContext} test
 * @param {{ emulator?: import("gameball-referrals/testing").EmulatorOptions,
 *   client?: Partial<import("gameball-referrals").ClientOptions> }} [options]
 */
export function local(test, { emulator: options = {}, client: clientOptions = {} } = {}) {
  const emulator = new Emulator({ limits: false, ...options });
  test.after(() => emulator.stop());
  return { emulator, client: emulator.client({ maxRetries: 0, ...clientOptions }) };
}

/**
 * The GameballError with which something fails.
 *
 * @param {(() => unknown) | Promise<unknown>} action
 * @returns {Promise<GameballError>}
 */
export async function failure(action) {
  try {
    await (typeof action === "function" ? action() : action);
  } catch (error) {
    assert.ok(error instanceof GameballError, `not a GameballError: ${error}`);
    return error;
  }
  assert.fail("it should have failed");
}

/**
 * Runs a program beside this file to its end.
 *
 * @param {string} name
 * @param {string[]} [args]
 */
export async function run(name, args = []) {
  const file = fileURLToPath(new URL(`programs/${name}`, import.meta.url));
  return await node([file, ...args]);
}

/**
 * Runs Node to its end.
 *
 * @param {string[]} args
 * @param {{ cwd?: string }} [options]
 */
export async function node(args, options = {}) {
  return await execute(process.execPath, args, options);
}

/**
 * Runs a command to its end.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 */
export async function execute(command, args, options = {}) {
  const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
  const [code, signal] = await once(child, "close");
  return { code, signal, stdout, stderr };
}

/**
 * A server that says exactly what it is told to, and remembers all it was sent.
 *
 * @param {import("node:test").TestContext} test
 * @param {(socket: import("node:net").Socket) => void} answer once a request's head has come
 */
export async function rawServer(test, answer) {
  /** @type {string[]} */
  const received = [];
  /** @type {Set<import("node:net").Socket>} */
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket);
    let text = "";
    const index = received.push("") - 1;
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (data) => {
      const wasComplete = text.includes("\r\n\r\n");
      text += data.toString("latin1");
      received[index] = text;
      if (!wasComplete && text.includes("\r\n\r\n")) {
        answer(socket);
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  test.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  return { url: `http://127.0.0.1:${address.port}`, received };
}
