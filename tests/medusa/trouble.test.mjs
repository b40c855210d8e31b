/** Whatever is wrong with Gameball or with its keys, the shop boots, sells, and says in the admin what to do. */

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { APP, blackHole, eventually } from "./app.mjs";
import { ENCRYPTION_KEY, World } from "./world.mjs";

const world = World.create();
after(() => world.close());

/** Signs somebody up who was brought, and has them order: what every shop must do. */
async function sells(api, name) {
  const email = `${name}@trouble.example`;
  const claim = await api.visit("?ref=FRIEND42");
  const friend = await api.signUp(email, { headers: { "x-gameball-claim": claim } });
  const order = await api.order(email, { token: friend.token });
  return { friend, order };
}

async function alertsOf(api) {
  const { json } = await api.admin("GET", "/gameball/dashboard");
  return json.alerts.map((alert) => alert.about);
}

async function receiptOf(api, id) {
  return await eventually(
    async () => (await api.admin("GET", `/gameball/customers/${id}`)).json.referral?.receipt,
    {
      seconds: 40,
      what: async () => (await api.admin("GET", `/gameball/customers/${id}`)).text,
    },
  );
}

describe("a shop", () => {
  it("without keys and without an encryption key sells, and takes the keys later", async () => {
    const emulator = await world.emulator();
    const databaseUrl = await world.database();
    const { shop, api } = await world.shop({ databaseUrl, env: { GAMEBALL_BASE_URL: emulator.url } });
    const { friend } = await sells(api, "nokeys");
    assert.deepEqual(await alertsOf(api), ["keys_missing"]);
    const { settings } = (await api.admin("GET", "/gameball/settings")).json;
    assert.equal(settings.encryption, "missing");
    assert.match(settings.encryption_advice, /openssl rand -base64 32.*GAMEBALL_ENCRYPTION_KEY/s);
    const refused = await api.admin("POST", "/gameball/settings", { api_key: emulator.apiKey });
    assert.equal(refused.status, 400);
    assert.match(refused.json.message, /GAMEBALL_ENCRYPTION_KEY/);
    const check = (await api.admin("POST", "/gameball/settings/check")).json.check;
    assert.deepEqual([check.ok, check.reason], [false, "no_keys"]);
    const health = await api.admin("GET", "/gameball/health");
    assert.deepEqual([health.status, health.json.status], [503, "keys_missing"]);
    const waits = (await api.admin("GET", `/gameball/customers/${friend.id}`)).json;
    assert.equal(waits.evidence.advice[0].link.kind, "settings");
    await shop.stop();

    // An encryption key is set, and the keys are entered in the admin.
    const env = { GAMEBALL_BASE_URL: emulator.url, GAMEBALL_ENCRYPTION_KEY: ENCRYPTION_KEY };
    const later = await world.shop({ databaseUrl, env });
    const saved = await later.api.admin("POST", "/gameball/settings", {
      api_key: emulator.apiKey,
      secret_key: emulator.secretKey,
    });
    assert.equal(saved.status, 200, saved.text);
    assert.equal(saved.json.settings.environment, "test");
    assert.ok(!saved.text.includes(emulator.apiKey));
    assert.equal((await later.api.admin("POST", "/gameball/settings/check")).json.check.reason, "connected");
    assert.equal(await receiptOf(later.api, friend.id), "linked");
    const [row] = await world.sql(databaseUrl, "select * from gameball_account");
    assert.ok(
      !JSON.stringify(row).includes(emulator.apiKey) && !JSON.stringify(row).includes(emulator.secretKey),
    );
    assert.ok(row.api_key_sealed.length > 20 && row.api_key_fingerprint.length === 12);
    await later.shop.stop();

    // Without its encryption key, or with another one, nothing opens; the shop goes on all the same.
    for (const [key, state] of [
      [undefined, "missing"],
      ["another key that is long enough for it", "changed"],
    ]) {
      const closed = await world.shop({ databaseUrl, env: { ...env, GAMEBALL_ENCRYPTION_KEY: key ?? "" } });
      await sells(closed.api, `closed-${state}`);
      assert.deepEqual(await alertsOf(closed.api), ["keys_sealed"]);
      assert.equal((await closed.api.admin("GET", "/gameball/settings")).json.settings.encryption, state);
      await closed.shop.stop();
    }

    // The former key as a fallback opens them again.
    const fallback = {
      ...env,
      GAMEBALL_ENCRYPTION_KEY: "another key that is long enough for it",
      GAMEBALL_ENCRYPTION_KEY_FALLBACKS: ENCRYPTION_KEY,
    };
    const rotated = await world.shop({ databaseUrl, env: fallback });
    const [{ count }] = await world.sql(
      databaseUrl,
      "select count(*) from gameball_delivery where state = 'pending'",
    );
    assert.ok(Number(count) >= 0);
    await eventually(async () => {
      const rows = await world.sql(databaseUrl, "select 1 from gameball_delivery where state <> 'applied'");
      return rows.length === 0;
    });
    await rotated.shop.stop();
  });

  it("with wrong keys holds what waits, burns nothing, and goes on with the right ones", async () => {
    const emulator = await world.emulator();
    const databaseUrl = await world.database();
    const env = { GAMEBALL_BASE_URL: emulator.url, GAMEBALL_ENCRYPTION_KEY: ENCRYPTION_KEY };
    const { shop, api } = await world.shop({ databaseUrl, env });
    await api.admin("POST", "/gameball/settings", {
      api_key: "gb_test_wrong",
      secret_key: "gb_test_wrong_too",
    });
    const { friend } = await sells(api, "wrongkeys");
    await eventually(async () => (await alertsOf(api)).includes("hold"));
    assert.equal((await api.admin("POST", "/gameball/settings/check")).json.check.ok, false);
    const [row] = await world.sql(
      databaseUrl,
      "select state, attempts from gameball_delivery order by id limit 1",
    );
    assert.deepEqual(row, { state: "pending", attempts: 0 });
    await api.admin("POST", "/gameball/settings", {
      api_key: emulator.apiKey,
      secret_key: emulator.secretKey,
    });
    assert.equal(await receiptOf(api, friend.id), "linked");
    assert.deepEqual(await alertsOf(api), []);
    await shop.stop();
  });

  it("sells while Gameball is a black hole, and delivers when it is back", async () => {
    const emulator = await world.emulator();
    const hole = await blackHole();
    world.later(hole.stop);
    const databaseUrl = await world.database();
    const options = JSON.stringify({ timeoutMs: 1000 });
    const env = world.env(emulator, { GAMEBALL_OPTIONS: options });
    const { shop, api } = await world.shop({ databaseUrl, env: { ...env, GAMEBALL_BASE_URL: hole.url } });
    const began = performance.now();
    const { friend } = await sells(api, "blackhole");
    assert.ok(performance.now() - began < 15_000);
    await eventually(
      async () =>
        (await world.sql(databaseUrl, "select 1 from gameball_delivery where error_kind = 'timeout'"))
          .length > 0,
    );
    assert.equal((await api.call("GET", "/store/gameball/validate?code=FRIEND42")).json.result, "unknown");
    await shop.stop();
    const back = await world.shop({ databaseUrl, env });
    assert.equal(await receiptOf(back.api, friend.id), "linked");
    await back.shop.stop();
  });

  it("boots before its tables are there, and with options that make no sense", async () => {
    const databaseUrl = await world.database();
    await world.sql(databaseUrl, "drop table gameball_delivery, gameball_account, gameball_ledger");
    const options = JSON.stringify({ nonsense: 1, timeoutMs: "soon" });
    const { shop, api } = await world.shop({ databaseUrl, env: { GAMEBALL_OPTIONS: options } });
    const friend = await api.signUp("untabled@trouble.example", { headers: { "x-gameball-claim": "x.y" } });
    await api.order("untabled@trouble.example", { token: friend.token });
    await eventually(() => shop.output.includes("medusa db:migrate"));
    assert.match(shop.output, /There is no option \\?"nonsense\\?"/);
    assert.match(shop.output, /The option timeoutMs must be a whole number/);
    await shop.stop();
  });

  it("tells of nothing while it is switched off, and of all once it is on again", async () => {
    const emulator = await world.emulator();
    const databaseUrl = await world.database();
    const { shop, api } = await world.shop({ databaseUrl, env: world.env(emulator) });
    await api.admin("POST", "/gameball/settings", { enabled: false });
    const { friend } = await sells(api, "off");
    await eventually(async () => (await api.admin("GET", `/gameball/customers/${friend.id}`)).json.known);
    assert.deepEqual(await alertsOf(api), ["off"]);
    assert.equal(emulator.requests().length, 0);
    await api.admin("POST", "/gameball/settings", { enabled: true });
    assert.equal(await receiptOf(api, friend.id), "linked");
    await shop.stop();
  });

  it("sends an order once its payment is captured, where the settings say so", async () => {
    const emulator = await world.emulator();
    const databaseUrl = await world.database();
    const { shop, api } = await world.shop({ databaseUrl, env: world.env(emulator) });
    await api.admin("POST", "/gameball/settings", { order_moment: "captured" });
    const { friend, order } = await sells(api, "captured");
    assert.equal(await receiptOf(api, friend.id), "linked");
    assert.equal((await api.admin("POST", "/gameball/reconcile", {})).json.orders, 0);
    const shown = (await api.admin("GET", `/gameball/orders/${order.id}`)).json;
    assert.deepEqual([shown.delivery, shown.note], [null, "It is sent once its payment is captured."]);
    const fields = "fields=*payment_collections.payments";
    const { json } = await api.admin("GET", `/orders/${order.id}?${fields}`);
    await api.admin("POST", `/payments/${json.order.payment_collections[0].payments[0].id}/capture`, {});
    await eventually(() => emulator.state().orders.some((one) => one.orderId === order.id));
    await shop.stop();
  });

  it("retries, replays and cancels what an operator says", async () => {
    const emulator = await world.emulator();
    const databaseUrl = await world.database();
    const env = world.env(emulator, { GAMEBALL_OPTIONS: JSON.stringify({ maxAttempts: 1 }) });
    const { shop, api } = await world.shop({ databaseUrl, env });
    emulator.inject({ fault: "status", status: 500, operation: "createCustomer", times: 1 });
    const claim = await api.visit("?ref=FRIEND42");
    const friend = await api.signUp("replayed@trouble.example", { headers: { "x-gameball-claim": claim } });
    const dead = await eventually(
      async () => (await api.admin("GET", "/gameball/deliveries?state=dead")).json.deliveries[0],
    );
    assert.deepEqual(dead.actions, ["replay", "cancel"]);
    assert.ok(dead.problem.length > 5);
    assert.equal((await api.admin("POST", "/gameball/deliveries/retry", { ids: [dead.id] })).json.changed, 0);
    assert.equal(
      (await api.admin("POST", "/gameball/deliveries/replay", { ids: [dead.id] })).json.changed,
      1,
    );
    await eventually(
      async () =>
        (await api.admin("GET", `/gameball/customers/${friend.id}`)).json.referral.receipt === "linked",
    );
    const { delivery } = (await api.admin("GET", `/gameball/deliveries/${dead.id}`)).json;
    assert.ok(delivery.history.some((call) => call.outcome === "replayed"));
    // One that waits is given up, and its friend's referral with it.
    await api.admin("POST", "/gameball/settings", { enabled: false });
    const other = await api.signUp("given-up@trouble.example", { headers: { "x-gameball-claim": claim } });
    const waits = await eventually(
      async () => (await api.admin("GET", `/gameball/deliveries?q=${other.id}`)).json.deliveries[0],
    );
    assert.equal(
      (await api.admin("POST", "/gameball/deliveries/cancel", { ids: [waits.id] })).json.changed,
      1,
    );
    const { referral } = (await api.admin("GET", `/gameball/customers/${other.id}`)).json;
    assert.deepEqual([referral.receipt, referral.reason], ["lost", "cancelled"]);
    await shop.stop();
  });
});

describe("beside another plugin", () => {
  it("that takes the same hooks, middlewares and validators, both work", async () => {
    const emulator = await world.emulator();
    const databaseUrl = await world.database();
    const { shop, api } = await world.shop({
      databaseUrl,
      env: world.env(emulator, { SHOP_BESIDE: besidePlugin() }),
    });
    const claim = await api.visit("?ref=FRIEND42");
    const headers = { "x-gameball-claim": claim, "x-beside": "yes" };
    const friend = await api.signUp("beside@trouble.example", { headers, metadata: { mine: 1 } });
    assert.equal(await receiptOf(api, friend.id), "linked");
    const order = await api.order("beside@trouble.example", { token: friend.token });
    await eventually(() => emulator.state().orders.some((one) => one.orderId === order.id));
    const [row] = await world.sql(databaseUrl, "select metadata from customer where id = $1", [friend.id]);
    assert.deepEqual([row.metadata.mine, row.metadata.beside], [1, "yes"]);
    assert.match(shop.output, /BESIDE customersCreated/);
    assert.match(shop.output, /BESIDE orderCreated/);
    await shop.stop();
  });
});

/** A plugin as others write them: the very hooks, a middleware and a validator on the same routes. */
function besidePlugin() {
  const folder = join(APP, "node_modules/gameball-beside");
  const write = (path, text) => {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write(
    "package.json",
    JSON.stringify({
      name: "gameball-beside",
      version: "1.0.0",
      exports: { "./package.json": "./package.json", "./*": "./.medusa/server/src/*" },
    }),
  );
  write(
    ".medusa/server/src/workflows/hooks.js",
    `const { createCustomersWorkflow, completeCartWorkflow } = require("@medusajs/medusa/core-flows");
createCustomersWorkflow.hooks.customersCreated(() => { console.log("BESIDE customersCreated"); });
completeCartWorkflow.hooks.orderCreated(() => { console.log("BESIDE orderCreated"); });`,
  );
  write(
    ".medusa/server/src/api/middlewares.js",
    `const { defineMiddlewares } = require("@medusajs/framework/http");
const { z } = require("@medusajs/framework/zod");
const mark = (req, res, next) => {
  if (req.headers["x-beside"]) req.validatedBody.metadata = { ...req.validatedBody.metadata, beside: req.headers["x-beside"] };
  next();
};
module.exports.default = defineMiddlewares({ routes: [
  { method: ["POST"], matcher: "/store/customers", additionalDataValidator: { theirs: z.string().optional() }, middlewares: [mark] },
  { method: ["POST"], matcher: "/store/carts", middlewares: [mark] },
] });`,
  );
  return "gameball-beside";
}
