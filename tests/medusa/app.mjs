/**
 * A real Medusa app with the plugin from its packed tarball. One folder serves the tests, the demo and the browser
 * tests: it is made once, and again only where something that it is made of has changed.
 */

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "./postgres.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const NODE = join(HERE, "../../node");
/** Where the app is. */
export const APP = process.env.GAMEBALL_MEDUSA_APP ?? join(HERE, ".app");

/** What no run may inherit from the shell. */
const INHERITED = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(GAMEBALL_|SHOP_|DATABASE_URL|REDIS_URL|MEDUSA_|NODE_ENV|NODE_OPTIONS)/.test(name),
  ),
);

/** Runs a program, and returns what it printed; fails with the end of it. */
export async function run(program, args, { cwd = APP, env = {}, seconds = 600 } = {}) {
  const child = spawn(program, args, {
    cwd,
    env: { ...INHERITED, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (data) => (output += data));
  child.stderr.on("data", (data) => (output += data));
  const timer = setTimeout(() => child.kill("SIGKILL"), seconds * 1000);
  const status = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? signal));
  });
  clearTimeout(timer);
  if (status !== 0) {
    throw new Error(`${program} ${args.join(" ")} ended with ${status}\n${output.slice(-4000)}`);
  }
  return output;
}

/**
 * Packs the two packages and installs them into the app.
 *
 * @param {{ say?: (text: string) => void, admin?: boolean }} [options] `admin`: build the admin's pages, too (a minute).
 */
export async function makeApp({ say = () => {}, admin = false } = {}) {
  mkdirSync(APP, { recursive: true });
  const packed = await pack(say);
  const template = join(HERE, "template");
  cpSync(template, APP, { recursive: true });
  const description = JSON.parse(readFileSync(join(template, "package.json"), "utf8"));
  for (const [name, { file }] of Object.entries(packed)) {
    description.dependencies[name] = `file:${file}`;
  }
  writeFileSync(join(APP, "package.json"), `${JSON.stringify(description, null, 2)}\n`);
  const stamp = digest(
    JSON.stringify([description, Object.values(packed).map((one) => one.hash), process.version]),
  );
  await once("installed", stamp, async () => {
    say("installing Medusa and the plugin's tarball (1 to 3 minutes)");
    rmSync(join(APP, "node_modules/medusa-plugin-gameball-referrals"), { recursive: true, force: true });
    rmSync(join(APP, "node_modules/gameball-referrals"), { recursive: true, force: true });
    // npm keeps what a tarball held by its name and version, which stay the same while we work on it.
    rmSync(join(APP, "package-lock.json"), { force: true });
    await run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], { seconds: 900 });
  });
  if (admin) {
    await once("built", stamp, async () => {
      say("building the admin's pages (a minute)");
      await run(medusa(), ["build"], {
        env: { DATABASE_URL: "postgres://localhost/none", SHOP_ADMIN: "on" },
        seconds: 300,
      });
      // `medusa start` looks for them where it is started.
      cpSync(join(APP, ".medusa/server/public"), join(APP, "public"), { recursive: true });
    });
  }
}

function medusa() {
  return join(APP, "node_modules/.bin/medusa");
}

async function once(what, stamp, work) {
  const file = join(APP, `.${what}`);
  if (existsSync(file) && readFileSync(file, "utf8") === stamp) {
    return;
  }
  await work();
  writeFileSync(file, stamp);
}

/** Builds and packs the client and the plugin. */
async function pack(say) {
  const folder = join(APP, "tarballs");
  mkdirSync(folder, { recursive: true });
  say("building and packing the plugin");
  await run("npm", ["run", "build", "--workspace", "medusa"], { cwd: NODE });
  const packed = {};
  for (const workspace of ["client", "medusa"]) {
    const told = await run(
      "npm",
      ["pack", "--json", "--workspace", workspace, "--pack-destination", folder, "--loglevel=error"],
      { cwd: NODE },
    );
    const json = JSON.parse(told.slice(told.search(/^[[{]/m)));
    const [{ name, filename, shasum }] = Array.isArray(json) ? json : Object.values(json);
    packed[name] = { file: join(folder, filename), hash: shasum };
  }
  return packed;
}

function digest(text) {
  return createHash("sha256").update(text).digest("hex");
}

/** Makes a database ready for the app: its tables, a shop to sell from, an operator. */
export async function prepareDatabase(databaseUrl, { env = {}, say = () => {} } = {}) {
  const given = { DATABASE_URL: databaseUrl, ...env };
  say("creating the shop's tables");
  await run(medusa(), ["db:migrate"], { env: given });
  say("putting a shop into them");
  const told = await run(medusa(), ["exec", "./src/scripts/seed.js"], { env: given });
  await run(medusa(), ["user", "-e", OPERATOR.email, "-p", OPERATOR.password], { env: given });
  return JSON.parse(/^SEED (.*)$/m.exec(told)[1]);
}

export const OPERATOR = { email: "operator@shop.example", password: "a password of the demo" };

/** A running Medusa. */
export class Shop {
  /**
   * @param {{ databaseUrl: string, env?: Record<string, string>, port?: number, ready?: boolean }} options
   *   `ready: false`: don't wait for it.
   */
  static async start({ databaseUrl, env = {}, port, ready = true }) {
    const shop = new Shop(databaseUrl, env, port ?? (await freePort()));
    shop.spawn();
    if (ready) {
      await shop.ready();
    }
    return shop;
  }

  constructor(databaseUrl, env, port) {
    this.env = { DATABASE_URL: databaseUrl, NODE_ENV: "production", ...env };
    this.port = port;
    this.url = `http://localhost:${port}`;
    /** All that it has printed. */
    this.output = "";
  }

  spawn(env = {}) {
    this.child = spawn(process.execPath, [medusa(), "start", "--port", String(this.port)], {
      cwd: APP,
      env: { ...INHERITED, ...this.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.ended = new Promise((resolve) =>
      this.child.once("close", (code, signal) => resolve(signal ?? code)),
    );
    this.child.stdout.on("data", (data) => (this.output += data));
    this.child.stderr.on("data", (data) => (this.output += data));
  }

  get isAlive() {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  async ready() {
    for (let nth = 0; nth < 600; nth += 1) {
      const answer = await fetch(`${this.url}/health`).catch(() => null);
      if (answer?.ok) {
        return;
      }
      if (!this.isAlive) {
        break;
      }
      await pause(100);
    }
    throw new Error(`the shop does not start\n${this.output.slice(-4000)}`);
  }

  async kill() {
    this.child.kill("SIGKILL");
    await this.ended;
  }

  async stop() {
    if (this.isAlive) {
      this.child.kill("SIGTERM");
    }
    return await this.ended;
  }
}

/** Medusa's own HTTP API, as a storefront and the admin use it. */
export class Api {
  constructor(url, seed) {
    this.url = url;
    this.seed = seed;
    this.token = null;
  }

  async call(method, path, { body, headers = {}, token } = {}) {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        "content-type": "application/json",
        "x-publishable-api-key": this.seed.publishableKey,
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const json = text.startsWith("{") ? JSON.parse(text) : {};
    return { status: answer.status, headers: answer.headers, text, json };
  }

  async ok(method, path, options) {
    const answer = await this.call(method, path, options);
    if (answer.status >= 300) {
      throw new Error(`${method} ${path}: ${answer.status} ${answer.text.slice(0, 500)}`);
    }
    return answer.json;
  }

  /** The claim that a visit leaves. */
  async visit(query, headers = {}) {
    return (await this.ok("GET", `/store/gameball/visit?url=${encodeURIComponent(query)}`, { headers }))
      .claim;
  }

  /** Signs somebody up; returns their token and id. */
  async signUp(email, { headers = {}, metadata, firstName = "Frida" } = {}) {
    const { token } = await this.ok("POST", "/auth/customer/emailpass/register", {
      body: { email, password: "a long password" },
    });
    const { customer } = await this.ok("POST", "/store/customers", {
      token,
      headers,
      body: { email, first_name: firstName, last_name: "Friend", ...(metadata ? { metadata } : {}) },
    });
    const login = await this.ok("POST", "/auth/customer/emailpass", {
      body: { email, password: "a long password" },
    });
    return { id: customer.id, token: login.token };
  }

  /** Orders one coffee; returns the order. */
  async order(email, { token, headers = {} } = {}) {
    const address = {
      first_name: "Frida",
      last_name: "Friend",
      address_1: "Street 1",
      city: "Berlin",
      postal_code: "10115",
      country_code: "de",
    };
    const { regionId, variantId, shippingOptionId } = this.seed;
    const { cart } = await this.ok("POST", "/store/carts", {
      token,
      headers,
      body: {
        region_id: regionId,
        email,
        shipping_address: address,
        billing_address: address,
        items: [{ variant_id: variantId, quantity: 1 }],
      },
    });
    if (token) {
      await this.ok("POST", `/store/carts/${cart.id}/customer`, { token, body: {} });
    }
    await this.ok("POST", `/store/carts/${cart.id}/shipping-methods`, {
      token,
      body: { option_id: shippingOptionId },
    });
    const { payment_collection } = await this.ok("POST", "/store/payment-collections", {
      token,
      body: { cart_id: cart.id },
    });
    await this.ok("POST", `/store/payment-collections/${payment_collection.id}/payment-sessions`, {
      token,
      body: { provider_id: "pp_system_default" },
    });
    const { order } = await this.ok("POST", `/store/carts/${cart.id}/complete`, { token, body: {} });
    return order;
  }

  /** Calls a route of the admin as its operator. */
  async admin(method, path, body) {
    if (this.token === null) {
      this.token = (await this.ok("POST", "/auth/user/emailpass", { body: OPERATOR })).token;
    }
    return await this.call(method, `/admin${path}`, { token: this.token, body });
  }
}

/** Waits for something to become true; fails after so many seconds, with what is told then. */
export async function eventually(check, { seconds = 20, what = "it" } = {}) {
  const until = Date.now() + seconds * 1000;
  for (;;) {
    const found = await check();
    if (found) {
      return found;
    }
    if (Date.now() > until) {
      throw new Error(
        `${typeof what === "function" ? await what() : what} did not come true in ${seconds} s`,
      );
    }
    await pause(100);
  }
}

/** A peer that takes connections and never answers. */
export async function blackHole() {
  const server = createServer(() => {});
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
