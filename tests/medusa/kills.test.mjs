/**
 * The Medusa process is killed at every boundary and at random, on the local bus and on Redis: every committed customer
 * and order reaches Gameball, once in effect, and no referral is left without a receipt.
 *
 * `GAMEBALL_KILLS=200` makes that many on each bus.
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { APP, Api, eventually, Shop } from "./app.mjs";
import { freePort } from "./postgres.mjs";
import { World } from "./world.mjs";

const PLUGIN = join(APP, "node_modules/medusa-plugin-gameball-referrals/.medusa/server/src");
const { FAILPOINTS } = createRequire(join(APP, "package.json"))(
  join(PLUGIN, "modules/gameball/failpoints.js"),
);

const world = World.create();
after(() => world.close());

/** What kills the process in each round: a boundary, or null for a random moment. */
function rounds(count, boundaries) {
  const random = Array.from({ length: Math.max(count - boundaries.length, 0) }, () => null);
  return [...boundaries, ...random];
}

async function history(kills, env) {
  const emulator = await world.emulator();
  const databaseUrl = await world.database();
  const options = JSON.stringify({ timeoutMs: 1000, leaseMs: 6000, pollIntervalMs: 500 });
  const common = world.env(emulator, {
    GAMEBALL_OPTIONS: options,
    GAMEBALL_RECONCILE_INTERVAL_MS: "2000",
    ...env,
  });
  let people = 0;
  let survived = 0;
  /** Some friends and guests, of whom some have the code; whatever the killed process says to them. */
  const traffic = async (api, until) => {
    const claim = await api.visit("?ref=FRIEND42").catch(() => null);
    const headers = claim === null ? {} : { "x-gameball-claim": claim };
    while (!until.over) {
      people += 1;
      const email = `person${people}@kills.example`;
      try {
        if (people % 3 === 0) {
          await api.order(email, { headers });
        } else {
          const { token } = await api.signUp(email, { headers: people % 3 === 1 ? headers : {} });
          await api.order(email, { token });
        }
      } catch (error) {
        // The process died under it.
        if (process.env.GAMEBALL_TEST_VERBOSE) {
          console.log(people, error.message, error.cause?.code);
        }
      }
    }
  };
  const port = await freePort();
  for (const boundary of kills) {
    const nth = 1 + Math.floor(Math.random() * 2);
    const failpoint = boundary === null ? {} : { GAMEBALL_FAILPOINT: `${boundary}:${nth}` };
    if (boundary === "ledger.saved") {
      // The ledger only hears of failures.
      emulator.inject({ fault: "status", status: 500, times: 5 });
    }
    // A boundary may be reached before the shop takes requests.
    const shop = await Shop.start({ databaseUrl, env: { ...common, ...failpoint }, port, ready: false });
    await shop.ready().catch(() => {});
    const until = { over: false };
    const visitors = shop.isAlive ? [1, 2].map(() => traffic(new Api(shop.url, world.seed), until)) : [];
    const limit = boundary === null ? Math.random() * 3000 : 12_000;
    const how = await Promise.race([shop.ended, pause(limit).then(() => null)]);
    if (how === null) {
      survived += Number(boundary !== null);
      await shop.kill();
    }
    until.over = true;
    await Promise.all(visitors);
  }
  const { shop, api } = await world.shop({ databaseUrl, env: common, port });
  // Some who are not disturbed, so that there is always somebody to judge by.
  const calm = { over: false };
  const last = traffic(api, calm);
  await eventually(async () => (await world.sql(databaseUrl, `select 1 from "order"`)).length >= 3, {
    seconds: 30,
  });
  calm.over = true;
  await last;
  const unsettled = async () =>
    await world.sql(
      databaseUrl,
      "select id, operation, state, error_message from gameball_delivery where state not in ('applied', 'cancelled')",
    );
  await eventually(
    async () => {
      const { json } = await api.admin("POST", "/gameball/reconcile", { dry_run: true });
      return json.customers === 0 && json.orders === 0 && (await unsettled()).length === 0;
    },
    { seconds: 60, what: async () => JSON.stringify(await unsettled()).slice(0, 2000) },
  );
  await shop.stop();
  await judge(emulator, databaseUrl);
  return { people, survived };
}

async function judge(emulator, databaseUrl) {
  const state = emulator.state();
  const customers = await world.sql(databaseUrl, "select id from customer where has_account");
  const created = state.customers.map((one) => one.customerId);
  for (const { id } of customers) {
    assert.equal(created.filter((one) => one === id).length, 1, `customer ${id}`);
  }
  const orders = await world.sql(
    databaseUrl,
    `select id, customer_id, email from "order" where not is_draft_order`,
  );
  const tracked = new Set(state.orders.map((one) => one.orderId));
  assert.equal(tracked.size, state.orders.length, "an order counts once");
  for (const { id } of orders) {
    assert.ok(tracked.has(id), `order ${id} is missing`);
  }
  const known = new Set(orders.map((one) => one.id));
  assert.ok(
    [...tracked].every((id) => known.has(id)),
    "nothing is told that did not happen",
  );
  const referrals = await world.sql(
    databaseUrl,
    "select customer_id, receipt, reason from gameball_referral",
  );
  const counts = { customers: customers.length, orders: orders.length, referrals: referrals.length };
  assert.ok(
    Object.values(counts).every((count) => count > 0),
    JSON.stringify(counts),
  );
  assert.deepEqual(
    referrals.filter((one) => one.receipt !== "linked"),
    [],
  );
  // Whoever came with a code has a referral: every second account, and every guest.
  const claimed = await world.sql(
    databaseUrl,
    "select id from customer where has_account and metadata ? 'gameball_claim'",
  );
  const referred = new Set(referrals.map((one) => one.customer_id));
  assert.deepEqual(
    claimed.filter(({ id }) => !referred.has(id)),
    [],
  );
}

const wanted = Number(process.env.GAMEBALL_KILLS) || null;

describe("killed", { timeout: 3_600_000 }, () => {
  it("at every boundary and at random, on the local bus", async (t) => {
    const kills = rounds(wanted ?? FAILPOINTS.length + 5, [...FAILPOINTS]);
    const { people, survived } = await history(kills, {});
    t.diagnostic(`${kills.length} kills, ${people} people`);
    assert.equal(survived, 0, "each boundary was reached");
  });

  it("at boundaries and at random, on Redis", async (t) => {
    const redisUrl = await startRedis();
    const boundaries =
      wanted === null ? ["record.committed", "claim.committed", "settle.begin"] : [...FAILPOINTS];
    const kills = rounds(wanted ?? boundaries.length + 3, boundaries);
    const { people } = await history(kills, { REDIS_URL: redisUrl });
    t.diagnostic(`${kills.length} kills, ${people} people`);
  });
});

async function startRedis() {
  const port = await freePort();
  const args = [
    "--port",
    String(port),
    "--bind",
    "127.0.0.1",
    "--save",
    "",
    "--appendonly",
    "no",
    "--dir",
    "/tmp",
  ];
  const server = spawn("redis-server", args, { stdio: "ignore" });
  await new Promise((resolve, reject) => {
    server.once("error", () =>
      reject(new Error("There is no redis-server here; install it (Debian: apt-get install redis-server).")),
    );
    server.once("spawn", resolve);
  });
  world.later(() => server.kill());
  await pause(500);
  return `redis://127.0.0.1:${port}`;
}
