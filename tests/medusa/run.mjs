/**
 * Runs the plugin's tests: makes the shop once (the app, a PostgreSQL, a database to copy), then hands it to all files.
 *
 * `node tests/medusa/run.mjs [--admin] [--bench] [files]`; `--bench`: `bench.mjs` instead; `--admin` builds the admin's pages, too, for tests in a browser.
 */

import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { APP, makeApp, prepareDatabase } from "./app.mjs";
import { startPostgres } from "./postgres.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const began = Date.now();
const say = (text) =>
  console.log(`[${String(Math.round((Date.now() - began) / 1000)).padStart(3)} s] ${text}`);

const args = process.argv.slice(2);
const isBench = args.includes("--bench");
const options = args.filter((one) => one.startsWith("--") && !["--admin", "--bench"].includes(one));
const named = args.filter((one) => !one.startsWith("--"));
const files =
  named.length > 0
    ? named
    : readdirSync(HERE)
        .filter((name) => name.endsWith(".test.mjs"))
        .sort()
        .map((name) => join(HERE, name));

await makeApp({ say, admin: args.includes("--admin") });
const postgres = await startPostgres();
let status = 1;
try {
  const { Client } = createRequire(join(APP, "package.json"))("pg");
  const client = new Client(postgres.url("postgres"));
  await client.connect();
  await client.query("drop database if exists gameball_seeded with (force)");
  await client.query("create database gameball_seeded");
  await client.end();
  const seed = await prepareDatabase(postgres.url("gameball_seeded"), { say });
  say(`running ${files.length} files`);
  const tests = ["--test", "--test-concurrency=1", "--test-reporter=spec", ...options, ...files];
  const child = spawn(process.execPath, isBench ? [join(HERE, "bench.mjs")] : tests, {
    stdio: "inherit",
    env: {
      ...process.env,
      DATABASE_URL: postgres.url("postgres"),
      GAMEBALL_TEST_SEED: JSON.stringify(seed),
    },
  });
  status = await new Promise((resolve) => child.once("close", (code) => resolve(code ?? 1)));
} finally {
  postgres.stop();
}
say(status === 0 ? "all of it holds" : "something does not hold");
process.exit(status);
