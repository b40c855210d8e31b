// The storefront with the Django example shop as its back end and the emulator as Gameball: `node demo.mjs`, in this folder.
// With --bare it tells its addresses as a line of JSON, and runs until its input ends. It builds the storefront unless told
// --built.

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";

const HERE = import.meta.dirname;
const BACKEND = join(HERE, "../django_shop/demo.py");
const NEXT = join(HERE, "node_modules/next/dist/bin/next");
const isBare = process.argv.includes("--bare");
const isBuilt = process.argv.includes("--built");
const say = (text) => isBare || console.log(text);

/** A port that is free, as long as nobody else takes it. */
async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  return port;
}

/** The first line that a program says that `pick` makes something of. */
async function told(program, pick) {
  for await (const line of createInterface({ input: program.stdout })) {
    const found = pick(line);
    if (found) return found;
  }
  throw new Error("a program ended before it was ready");
}

const output = isBare ? ["ignore", "ignore", "inherit"] : "inherit";
const port = await freePort();
const url = `http://127.0.0.1:${port}/`;
// One key for both: each reads the other's claims.
const shared = { ...process.env, GAMEBALL_CLAIM_KEY: randomBytes(32).toString("hex") };

if (!isBuilt) {
  say("building the storefront (about a minute) …");
  const [code] = await once(
    spawn(process.execPath, [NEXT, "build"], { cwd: HERE, env: shared, stdio: output }),
    "exit",
  );
  if (code !== 0) process.exit(1);
}
const backend = spawn(process.env.PYTHON ?? "python3", [BACKEND, "--bare", "--port", "0"], {
  env: { ...shared, SHOP_URL: url },
  stdio: ["pipe", "pipe", "inherit"],
});
const shop = await told(backend, (line) => JSON.parse(line));
const storefront = spawn(
  process.execPath,
  [NEXT, "start", "--port", String(port), "--hostname", "127.0.0.1"],
  {
    cwd: HERE,
    env: {
      ...shared,
      BACKEND_URL: shop.url,
      GAMEBALL_BASE_URL: shop.gameball,
      GAMEBALL_API_KEY: shop.api_key,
    },
    stdio: ["ignore", "pipe", "inherit"],
  },
);
const stop = () => {
  storefront.kill();
  backend.stdin.end();
};
process.on("SIGINT", stop).on("SIGTERM", stop);
await told(storefront, (line) => line.includes("Ready"));
storefront.stdout.resume();

if (isBare) {
  console.log(JSON.stringify({ url, backend: shop.url, gameball: shop.gameball }));
  process.stdin.resume().on("end", stop);
} else {
  say(`
  storefront   ${url}    as ann (password: demo)
  back end     ${shop.url}    its admin: ${shop.url}admin/ as operator (demo)
  Gameball     ${shop.gameball}/

  Open ${url}?ref=ANN4FRIENDS in a private window, sign up, and look at the admin's referrals. Ctrl-C ends it.`);
}
