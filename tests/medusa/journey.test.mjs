/** The journey over Medusa's own HTTP API: visit, sign-up, cart, order, receipt; and all that the routes say of it. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { APP, eventually, run } from "./app.mjs";
import { ENCRYPTION_KEY, World } from "./world.mjs";

const world = World.create();
after(() => world.close());

/** The evidence of a customer, once it is decided. */
async function decided(api, id) {
  return await eventually(
    async () => {
      const { json } = await api.admin("GET", `/gameball/customers/${id}`);
      return json.referral?.receipt ? json : null;
    },
    { what: async () => JSON.stringify((await api.admin("GET", `/gameball/customers/${id}`)).json) },
  );
}

describe("a friend's way through the shop", () => {
  let emulator;
  let api;
  let shop;
  let databaseUrl;
  before(async () => {
    emulator = await world.emulator();
    databaseUrl = await world.database();
    ({ api, shop } = await world.shop({ databaseUrl, env: world.env(emulator) }));
  });

  it("is linked: visit, sign-up with the claim's header, order", async () => {
    const claim = await api.visit("https://shop.example/?utm_source=x&ref=FRIEND42");
    const friend = await api.signUp("frida@friends.example", { headers: { "x-gameball-claim": claim } });
    const evidence = await decided(api, friend.id);
    assert.equal(evidence.referral.receipt, "linked");
    assert.equal(evidence.evidence.verdict, "This friend counts.");
    assert.equal(evidence.referral.source, "visit");
    const order = await api.order("frida@friends.example", { token: friend.token });
    const sent = await eventually(() => emulator.state().orders.find((one) => one.orderId === order.id));
    assert.equal(sent.customerId, friend.id);
    const request = emulator.requests({ operation: "trackOrder" }).at(-1);
    const body = JSON.parse(request.body);
    assert.equal(String(body.totalPaid), "20");
    assert.equal(body.lineItems[0].sku, "COFFEE-DARK");
    assert.match(request.body, /"price":14\.1[,}]/);
    const shown = await eventually(async () => {
      const { json } = await api.admin("GET", `/gameball/orders/${order.id}`);
      return json.delivery?.state === "applied" ? json : null;
    });
    assert.equal(shown.note, null);
    assert.equal(shown.referral.receipt, "linked");
    const create = emulator.requests({ operation: "createCustomer" });
    assert.equal(create.filter((one) => one.body.includes(friend.id)).length, 1);
  });

  it("is linked by the cookie that the visit left", async () => {
    const visit = await api.call("GET", "/store/gameball/visit?url=%3Fref%3DFRIEND42");
    const cookie = visit.headers.get("set-cookie");
    assert.match(cookie, /^gb_claim=[\w.-]+; .*HttpOnly; SameSite=Lax/);
    const friend = await api.signUp("cora@friends.example", { headers: { cookie: cookie.split(";")[0] } });
    assert.equal((await decided(api, friend.id)).referral.receipt, "linked");
  });

  it("is linked by a code that was typed, which wins over a visit", async () => {
    const claim = await api.visit("?ref=OTHER1");
    const headers = { "x-gameball-claim": claim, "x-gameball-code": " FRIEND42 " };
    const friend = await api.signUp("tina@friends.example", { headers });
    const { referral } = await decided(api, friend.id);
    assert.equal(referral.referrer_code, "FRIEND42");
    assert.equal(referral.source, "field");
    assert.equal(referral.receipt, "linked");
  });

  it("is rejected where nobody has the code", async () => {
    const friend = await api.signUp("nora@friends.example", { headers: { "x-gameball-code": "NOBODY9" } });
    const { referral, evidence } = await decided(api, friend.id);
    assert.equal(referral.receipt, "rejected");
    assert.match(evidence.verdict, /does not count/);
  });

  it("keeps the merchant's metadata, and takes a forged claim out", async () => {
    const claim = await api.visit("?ref=FRIEND42");
    const forged = `${claim.slice(0, -4)}AAAA`;
    const friend = await api.signUp("mia@friends.example", {
      metadata: { shoe_size: 38, gameball_claim: forged },
    });
    const [row] = await world.sql(databaseUrl, "select metadata from customer where id = $1", [friend.id]);
    assert.deepEqual(row.metadata, { shoe_size: 38 });
    const { json } = await api.admin("GET", `/gameball/customers/${friend.id}`);
    assert.equal(json.referral, null);
  });

  it("is not changed by what a customer writes into their metadata later", async () => {
    const first = await api.signUp("zoe@friends.example");
    await eventually(async () => (await api.admin("GET", `/gameball/customers/${first.id}`)).json.known);
    const claim = await api.visit("?ref=FRIEND42");
    await api.ok("POST", "/store/customers/me", {
      token: first.token,
      body: { metadata: { gameball_claim: claim } },
    });
    await api.order("zoe@friends.example", { token: first.token });
    await api.admin("POST", "/gameball/reconcile", {});
    const { json } = await api.admin("GET", `/gameball/customers/${first.id}`);
    assert.equal(json.referral, null);
  });

  it("counts as a guest, and once: the later account's order is no first one", async () => {
    const claim = await api.visit("?ref=FRIEND42");
    const email = "greta@guests.example";
    const order = await api.order(email, { headers: { "x-gameball-claim": claim } });
    const [row] = await eventually(async () => {
      const rows = await world.sql(
        databaseUrl,
        "select customer_id, receipt from gameball_referral where guest and receipt is not null",
      );
      return rows.length > 0 ? rows : null;
    });
    assert.equal(row.receipt, "linked");
    const sent = emulator.state().orders.find((one) => one.orderId === order.id);
    assert.equal(sent.customerId, row.customer_id);
    assert.ok(!row.customer_id.includes("greta"));
    const account = await api.signUp(email);
    await eventually(async () => (await api.admin("GET", `/gameball/customers/${account.id}`)).json.known);
    const second = await api.order(email, { token: account.token });
    const { json } = await api.admin("POST", "/gameball/reconcile", {});
    assert.deepEqual([json.customers, json.orders], [0, 0]);
    const all = await world.sql(databaseUrl, "select id from gameball_delivery where order_id = $1", [
      second.id,
    ]);
    assert.equal(all.length, 0);
    assert.equal((await api.admin("GET", `/gameball/orders/${order.id}`)).json.delivery.state, "applied");
  });

  it("an order with an account's e-mail address counts for the account, also without signing in", async () => {
    const account = await api.signUp("anna@friends.example");
    const order = await api.order("anna@friends.example");
    const sent = await eventually(() => emulator.state().orders.find((one) => one.orderId === order.id));
    assert.equal(sent.customerId, account.id);
  });

  it("has a code and a link of their own, and the friends they brought", async () => {
    const host = await api.signUp("hanna@friends.example");
    const me = await eventually(async () => {
      const found = await api.ok("GET", "/store/gameball/me", { token: host.token });
      return found.code ? found : null;
    });
    assert.ok(me.link.includes(me.code));
    assert.deepEqual(me.friends, { linked: 0, pending: 0 });
    const friend = await api.signUp("fay@friends.example", { headers: { "x-gameball-code": me.code } });
    await decided(api, friend.id);
    const again = await api.ok("GET", "/store/gameball/me", { token: host.token });
    assert.deepEqual(again.friends, { linked: 1, pending: 0 });
    assert.equal((await api.call("GET", "/store/gameball/me")).status, 401);
  });

  it("is forgotten here and at Gameball, and not told of again", async () => {
    const friend = await api.signUp("vera@friends.example", { headers: { "x-gameball-code": "FRIEND42" } });
    await decided(api, friend.id);
    const { json } = await api.admin("POST", `/gameball/customers/${friend.id}/erase`);
    assert.deepEqual(json, { recorded: true });
    await eventually(() => !emulator.state().customers.some((one) => one.customerId === friend.id));
    await eventually(async () => {
      const rows = await world.sql(
        databaseUrl,
        "select 1 from gameball_delivery where customer_id = $1 or medusa_customer_id = $1",
        [friend.id],
      );
      return rows.length === 0;
    });
    const referrals = await world.sql(databaseUrl, "select 1 from gameball_referral where customer_id = $1", [
      friend.id,
    ]);
    assert.equal(referrals.length, 0);
    await api.order("vera@friends.example", { token: friend.token });
    const found = await api.admin("POST", "/gameball/reconcile", {});
    assert.deepEqual([found.json.customers, found.json.orders], [0, 0]);
    assert.ok(!emulator.state().customers.some((one) => one.customerId === friend.id));
  });

  it("validates a typed code, and no more than ten a minute", async () => {
    // A visitor's own address is only told by the shop's proxy; the tests' are all the same machine, fifty visitors.
    const ask = async (code) =>
      (await api.call("GET", `/store/gameball/validate?code=${encodeURIComponent(code)}`)).json.result;
    assert.equal(await ask("FRIEND42"), "valid");
    assert.equal(await ask("https://shop.example/?ref=FRIEND42"), "valid");
    assert.equal(await ask("NOBODY9"), "invalid");
    assert.equal(await ask("<script>"), "invalid");
    assert.equal(
      emulator
        .requests({ operation: "validateReferrerCode" })
        .filter((one) => one.query.includes("FRIEND42") && !one.query.includes("forCustomerId")).length >= 1,
      true,
    );
    const results = await Promise.all(
      Array.from({ length: 510 }, () => api.call("GET", "/store/gameball/validate?code=FRIEND42")),
    );
    assert.ok(results.some((one) => one.status === 429));
  });

  it("tells the program in words, and serves the script", async () => {
    const { program } = await api.ok("GET", "/store/gameball/program");
    assert.ok(program.headline.length > 5, JSON.stringify(program));
    const script = await api.call("GET", "/gameball/script");
    assert.ok(script.text.length < 1024, `${script.text.length} bytes`);
    assert.equal(script.headers.get("content-type"), "text/javascript; charset=utf-8");
    new Function(script.text);
  });

  it("has the customers from before the installation handed over, once and after an interruption", async () => {
    await world.sql(
      databaseUrl,
      `insert into customer (id, email, first_name, phone, has_account, created_at)
       select 'cus_before' || lpad(n::text, 4, '0'), 'before' || n || '@friends.example', 'Before', 'no number', true,
         now() - interval '30 days' from generate_series(1, 450) as n`,
    );
    const sync = async (...args) => {
      const script =
        "node_modules/medusa-plugin-gameball-referrals/.medusa/server/src/scripts/sync-customers.js";
      return await run(join(APP, "node_modules/.bin/medusa"), ["exec", `./${script}`, ...args], {
        env: { ...world.env(emulator), DATABASE_URL: databaseUrl },
      });
    };
    assert.match(
      await sync("preview"),
      /450 customers would be sent; 0 are told of already; 0 cannot be sent/,
    );
    // As if it had been killed after its first batch.
    await world.sql(databaseUrl, "update gameball_account set sync_state = $1", [
      JSON.stringify({
        started_at: "2026-01-01T00:00:00Z",
        finished_at: null,
        cursor: "cus_before0200",
        total: 450,
        seen: 200,
        sent: 200,
        skipped: 0,
        refused: 0,
        jobs: [],
      }),
    ]);
    assert.match(await sync(), /done\. 450 of 450 customers \(100 %\): 450 sent/);
    const there = () =>
      emulator.state().customers.filter((one) => one.customerId.startsWith("cus_before")).length;
    await eventually(() => there() === 250);
    await sync();
    await eventually(() => there() === 450);
    const { json } = await api.admin("GET", "/gameball/dashboard");
    assert.equal(json.sync.sent, 450);
    assert.ok(json.sync.finished_at);
  });

  it("answers the admin's pages as the contract says", async () => {
    const { json: dashboard } = await api.admin("GET", "/gameball/dashboard?days=7");
    assert.equal(dashboard.receipts.length, 7);
    assert.ok(dashboard.totals.linked >= 4);
    assert.equal(dashboard.totals.rejected, 1);
    assert.deepEqual(dashboard.alerts, []);
    assert.equal(dashboard.environment, "test");
    const { json: list } = await api.admin("GET", "/gameball/deliveries?state=applied&limit=3");
    assert.equal(list.deliveries.length, 3);
    assert.ok(list.count >= 10 && list.count === list.counts.applied);
    // The oldest order: the rows of who was erased have forgotten their calls.
    const orders = (await api.admin("GET", "/gameball/deliveries?operation=trackOrder&limit=100")).json
      .deliveries;
    const { delivery } = (await api.admin("GET", `/gameball/deliveries/${orders.at(-1).id}`)).json;
    assert.ok(delivery.history.length > 0 && delivery.history[0].operation_label.length > 0);
    assert.equal((await api.admin("GET", "/gameball/deliveries/999999999999")).status, 404);
    assert.equal((await api.admin("GET", "/gameball/deliveries?state=nonsense")).status, 400);
    assert.equal((await api.admin("POST", "/gameball/deliveries/retry", { ids: [1], more: 1 })).status, 400);
    assert.equal((await api.admin("GET", "/gameball/customers/nobody")).status, 404);
    const health = await api.admin("GET", "/gameball/health");
    assert.equal(health.status, 200, health.text);
    assert.equal((await api.call("GET", "/admin/gameball/settings")).status, 401);
  });

  it("tells nobody a key: no answer, no log, no workflow record, no column", async () => {
    const answers = [];
    for (const path of ["settings", "deliveries", "dashboard", "health"]) {
      answers.push((await api.admin("GET", `/gameball/${path}`)).text);
    }
    answers.push((await api.admin("POST", "/gameball/settings/check")).text);
    const refused = await api.admin("POST", "/gameball/settings", { api_key: "gb_test_another" });
    assert.equal(refused.status, 400);
    answers.push(refused.text, shop.output, await dump());
    for (const secret of ["gb_test_public", "gb_test_private_key", "gb_test_another", ENCRYPTION_KEY]) {
      assert.ok(!answers.some((text) => text.includes(secret)), `${secret} is told`);
    }
    // What is personal stays out of the log, too.
    assert.ok(!shop.output.includes("friends.example"));
  });

  /** All text of all tables that could hold a key. */
  async function dump() {
    const tables = await world.sql(
      databaseUrl,
      "select table_name from information_schema.tables where table_schema = 'public' and (table_name like 'gameball%' or table_name like 'workflow%')",
    );
    const rows = await Promise.all(
      tables.map(({ table_name }) => world.sql(databaseUrl, `select * from "${table_name}"`)),
    );
    return JSON.stringify(rows);
  }

  it("ends in good order, with nothing in flight", async () => {
    emulator.inject({ fault: "latency", ms: 1500, operation: "createCustomer" });
    const late = await api.signUp("lara@friends.example");
    await eventually(
      async () =>
        (await world.sql(databaseUrl, "select 1 from gameball_delivery where state = 'in_flight'")).length ===
        1,
    );
    assert.equal(await shop.stop(), 0);
    const rows = await world.sql(databaseUrl, "select state from gameball_delivery where customer_id = $1", [
      late.id,
    ]);
    assert.deepEqual(rows, [{ state: "applied" }]);
  });
});
