// The courier as a sender uses it: rounds of planning, sending, settling, against the emulator.

import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Courier, ledgerForecast, ledgerStatus, prepare, reasons } from "gameball-referrals";
import { failure, local, rawServer } from "./support.mjs";

/** @typedef {import("gameball-referrals").Delivery} Delivery */
/** @typedef {import("gameball-referrals").Verdict} Verdict */
/** @typedef {Omit<Delivery, "progress" | "attempts"> & { progress: string | null, attempts: number, lane: string,
 *   dueAt: Date, deadlineAt: Date | null, inFlight: boolean }} Row */

/**
 * An emulator and a courier of it.
 *
 * @param {import("node:test").TestContext} t
 * @param {{ emulator?: import("gameball-referrals/testing").EmulatorOptions,
 *   courier?: Partial<import("gameball-referrals").CourierOptions> }} [options]
 */
async function desk(t, { emulator: emulatorOptions, courier: options } = {}) {
  const { emulator } = local(t, { emulator: emulatorOptions ?? {} });
  const { apiKey, secretKey, url: baseUrl } = emulator;
  const courier = new Courier({ apiKey, secretKey, baseUrl, ...options });
  // The first call of all loads certificates: it is not to take its time from a slot.
  await courier.check();
  emulator.reset();
  emulator.addCustomer({ customerId: "ann", referralCode: "ANN123" });
  return { emulator, courier };
}

/** A shop's database: its outbox, the account's ledger, the receipts of its referrals. */
class Shop {
  /** @type {Map<number, Row>} */
  rows = new Map();
  /** @type {string | null} */
  ledger = null;
  /** @type {Map<string, string>} */
  receipts = new Map();
  /** @type {Verdict[]} */
  verdicts = [];
  now = new Date();

  /**
   * @param {"createCustomer" | "trackOrder" | "deleteCustomer"} operation
   * @param {any} input
   * @param {{ referrerCode?: string, registeredAt?: Date }} [referral]
   */
  add(operation, input, { referrerCode, registeredAt = this.now } = {}) {
    const prepared = prepare(operation, input, { now: registeredAt, referrerCode });
    const id = this.rows.size + 1;
    this.rows.set(id, {
      id,
      operation,
      arguments: prepared.arguments,
      lane: prepared.customerId,
      referrerCode,
      registeredAt: referrerCode === undefined ? null : registeredAt,
      deadlineAt: prepared.deadlineAt,
      dueAt: this.now,
      inFlight: false,
      progress: null,
      attempts: 0,
    });
  }

  /** What a sender does again and again: plans, sends, and settles each verdict as it comes. @param {Courier} courier */
  async round(courier) {
    const candidates = [...this.rows.values()].map((row) => ({ ...row, referred: row.deadlineAt !== null }));
    const plan = courier.plan(this.ledger, this.now, candidates, courier.concurrency - courier.inFlight);
    this.ledger = plan.ledger;
    const deliveries = plan.take.map((id) => {
      const row = /** @type {Row} */ (this.rows.get(id));
      row.inFlight = true;
      return { ...row, receipt: this.receipts.get(row.lane), slot: plan.slot };
    });
    await courier.submit(deliveries, (verdict) => this.settle(courier, verdict));
    return plan;
  }

  /** @param {Courier} courier @param {Verdict} verdict */
  settle(courier, verdict) {
    const row = /** @type {Row} */ (this.rows.get(verdict.id));
    row.inFlight = false;
    row.progress = verdict.progress;
    row.attempts += Number(verdict.costsAttempt);
    row.dueAt = new Date(this.now.getTime() + verdict.dueInMs);
    if (verdict.receipt !== null) this.receipts.set(row.lane, verdict.receipt.status);
    if (verdict.settled) this.rows.delete(verdict.id);
    if (verdict.needsRecord) this.ledger = courier.record(this.ledger, this.now, [verdict]);
    this.verdicts.push(verdict);
  }

  /** Rounds until nothing is left. @param {Courier} courier */
  async drain(courier) {
    for (let rounds = 0; this.rows.size > 0; rounds++) {
      assert.ok(rounds < 20, "it should be done by now");
      const { take, nextAt } = await this.round(courier);
      if (take.length === 0 && nextAt !== null) this.now = nextAt;
    }
    return this.verdicts;
  }
}

/** @param {import("gameball-referrals/testing").Emulator} emulator */
const operations = (emulator) => emulator.requests().map(({ operation }) => operation);

/** @param {number} id @param {string} customerId @returns {Delivery} */
const creation = (id, customerId) => ({
  id,
  operation: "createCustomer",
  arguments: JSON.stringify({ customerId }),
});

test("a referred registration is read back and linked, and the first order waits for it", async (t) => {
  const { emulator, courier } = await desk(t);
  const shop = new Shop();
  const orderDate = shop.now;
  shop.add("createCustomer", { customerId: "bob", email: "bob@shop.example" }, { referrerCode: "ANN123" });
  shop.add(
    "trackOrder",
    { orderId: "1", customerId: "bob", orderDate, totalPaid: "100.10" },
    { referrerCode: "ANN123" },
  );

  const first = await shop.round(courier);
  assert.deepEqual(first.take, [1], "an order never overtakes its customer");
  assert.ok(shop.verdicts[0]?.outcome === "continue" && shop.verdicts[0].acknowledged);

  const [, readBack, order] = await shop.drain(courier);
  assert.deepEqual(readBack?.receipt, { status: "linked", reason: "by_registration", lateByMs: null });
  assert.ok(readBack?.answer?.referralCode, "the customer's own code comes with it");
  assert.deepEqual([order?.outcome, order?.receipt], ["applied", null]);
  assert.deepEqual(operations(emulator), ["createCustomer", "getCustomer", "trackOrder"]);
  const { referrals, orders } = emulator.state();
  assert.equal(referrals[0]?.friend, "bob");
  assert.equal(orders[0]?.totalPaid, "100.10", "money arrives as it was written");
  assert.ok(emulator.requests().at(-1)?.body.includes('"referrerCode":"ANN123"'));
});

for (const [invalidCode, reason] of /** @type {const} */ ([
  ["silent", "code_not_valid"],
  ["error7006", "invalid_referral"],
])) {
  test(`a code that nobody owns is rejected, and the customer is created (${invalidCode})`, async (t) => {
    const { emulator, courier } = await desk(t, { emulator: { switches: { invalidCode } } });
    const shop = new Shop();
    shop.add("createCustomer", { customerId: "bob" }, { referrerCode: "NOBODYS" });
    const receipt = (await shop.drain(courier)).at(-1)?.receipt;
    assert.deepEqual(receipt, { status: "rejected", reason, lateByMs: null });
    assert.match(reasons()[reason] ?? "", /Gameball does not accept this/);
    assert.equal(emulator.state().customers.length, 2);
  });
}

test("a registration that comes too late is lost, and by how much", async (t) => {
  const { emulator, courier } = await desk(t);
  emulator.control("widgetInit", { customerId: "bob" });
  emulator.advance(360);
  const shop = new Shop();
  const registeredAt = new Date(shop.now.getTime() - 360_000);
  shop.add("createCustomer", { customerId: "bob" }, { referrerCode: "ANN123", registeredAt });
  const receipt = (await shop.drain(courier)).at(-1)?.receipt;
  assert.deepEqual([receipt?.status, receipt?.reason], ["lost", "late"]);
  const lateByMs = receipt?.lateByMs ?? 0;
  assert.ok(lateByMs >= 60_000 && lateByMs < 90_000, String(lateByMs));
});

test("refused keys hold the account, and new ones go on at once", async (t) => {
  const { emulator, courier } = await desk(t);
  emulator.configure({ apiKey: "gb_test_the_new_key" });
  const shop = new Shop();
  shop.add("createCustomer", { customerId: "bob" }, { referrerCode: "ANN123" });
  await shop.round(courier);
  const [held] = shop.verdicts;
  assert.deepEqual([held?.outcome, held?.reason, held?.costsAttempt], ["hold", "keys_refused", false]);

  const { holds } = courier.status(shop.ledger, shop.now);
  assert.deepEqual([holds[0]?.bucket, holds[0]?.credentials], ["createCustomer", courier.credentials]);
  assert.equal(holds[0]?.probeAt.getTime(), shop.now.getTime() + 60_000);
  assert.deepEqual(ledgerStatus(shop.ledger, shop.now).holds, holds, "also without keys at hand");
  const deadline = new Date(shop.now.getTime() + 300_000);
  assert.deepEqual(ledgerForecast(shop.ledger, shop.now, [deadline]), {
    misses: 1,
    late: 0,
    firstMissAt: deadline,
    clearsAt: null,
    blocked: "hold",
  });
  const again = await shop.round(courier);
  assert.deepEqual([again.take, again.blocked], [[], "hold"], "nothing more is burnt");

  const { apiKey, secretKey, url: baseUrl } = emulator;
  const renewed = new Courier({ apiKey, secretKey, baseUrl });
  const verdicts = await shop.drain(renewed);
  assert.equal(verdicts.at(-1)?.receipt?.status, "linked");
  assert.deepEqual(renewed.status(shop.ledger, shop.now).holds, []);
});

test("a 429 pauses the calls it is about, and no others", async (t) => {
  const { emulator, courier } = await desk(t);
  emulator.inject({ fault: "status", status: 429, retryAfter: 2, operation: "createCustomer" });
  const shop = new Shop();
  const start = shop.now.getTime();
  shop.add("createCustomer", { customerId: "bob" });
  await shop.round(courier);
  shop.add("createCustomer", { customerId: "cid" });
  shop.add("deleteCustomer", { customerId: "ann" });
  const plan = await shop.round(courier);
  assert.deepEqual([plan.take, plan.blocked], [[3], "paused"]);
  assert.equal(plan.nextAt?.getTime(), start + 2_000);
  const { pausedUntil } = courier.status(shop.ledger, shop.now).buckets.createCustomer;
  assert.equal(pausedUntil?.getTime(), start + 2_000);
  const verdicts = await shop.drain(courier);
  assert.deepEqual(
    verdicts.map(({ id, outcome, costsAttempt }) => [id, outcome, costsAttempt]),
    [
      [1, "retry", false],
      [3, "applied", false],
      [1, "applied", false],
      [2, "applied", false],
    ],
  );
});

test("senders that share a ledger use the limit to the full and never exceed it", async (t) => {
  const start = new Date();
  const { emulator, courier } = await desk(t, { emulator: { limits: true, clock: start } });
  const { apiKey, secretKey, url: baseUrl } = emulator;
  const couriers = [courier, new Courier({ apiKey, secretKey, baseUrl })];
  const shop = new Shop();
  shop.now = start;
  for (let number = 0; number < 100; number++) shop.add("createCustomer", { customerId: `c${number}` });
  /** @type {number[]} */
  const perMoment = [];
  while (shop.rows.size > 0) {
    const plans = [];
    for (const sender of couriers) plans.push(await shop.round(sender));
    perMoment.push(plans.reduce((sum, { take }) => sum + take.length, 0));
    const nextAt = plans.at(-1)?.nextAt ?? shop.now;
    emulator.advance((nextAt.getTime() - shop.now.getTime()) / 1000);
    shop.now = nextAt;
  }
  assert.deepEqual(perMoment, [30, 30, 30, 10]);
  assert.deepEqual(new Set(emulator.requests().map(({ status }) => status)), new Set([200]));
});

test("what is not sent in its slot is not sent at all", async (t) => {
  const { emulator, courier } = await desk(t);
  const candidate = { ...creation(1, "bob"), lane: "bob", dueAt: new Date() };
  const { slot } = courier.plan(null, new Date(), [candidate], 1);
  const expired = { ...slot, expiresAtMs: slot.expiresAtMs - 250 };
  const [unsent] = await courier.deliver([{ ...creation(1, "bob"), progress: "kept", slot: expired }]);
  assert.deepEqual(
    [unsent?.outcome, unsent?.reason, unsent?.progress, unsent?.dueInMs, unsent?.call],
    ["unsent", "slot_expired", "kept", 0, null],
  );
  assert.deepEqual(emulator.requests(), []);
});

test("no delivery makes the others fail", async (t) => {
  const { courier } = await desk(t);
  const verdicts = await courier.deliver([
    { ...creation(1, "bob"), arguments: "no JSON" },
    { ...creation(2, "bob"), operation: "fly" },
    creation(3, "bob"),
    { ...creation(4, "cid"), progress: "no progress" },
  ]);
  assert.deepEqual(
    verdicts.map(({ id, outcome }) => [id, outcome]),
    [
      [1, "dead"],
      [2, "dead"],
      [3, "applied"],
      [4, "applied"],
    ],
  );
  assert.deepEqual(await courier.deliver([]), []);
  await courier.submit([], () => assert.fail("there is none"));
});

/** @param {import("node:net").Socket} socket */
const answer = (socket) => {
  socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 17\r\n\r\n{"gameballId":77}');
};

test("each verdict is there as soon as its answer is", async (t) => {
  /** @type {import("node:net").Socket[]} */
  const waiting = [];
  const { url } = await rawServer(t, (socket) => {
    waiting.push(socket);
    // The one that comes second is answered first; the other one, once that verdict is dealt with.
    if (waiting.length === 2) answer(socket);
  });
  const courier = new Courier({ apiKey: "k", baseUrl: url });
  /** @type {[number, number][]} */
  const seen = [];
  await courier.submit([creation(1, "bob"), creation(2, "cid")], async (verdict) => {
    assert.equal(verdict.outcome, "applied");
    seen.push([verdict.id, courier.inFlight]);
    answer(/** @type {import("node:net").Socket} */ (waiting[0]));
  });
  assert.equal(new Set(seen.map(([id]) => id)).size, 2);
  assert.deepEqual(
    seen.map(([, inFlight]) => inFlight),
    [2, 1],
  );
  assert.equal(courier.inFlight, 0);
});

test("a verdict that cannot be dealt with costs no other, and is told at the end", async (t) => {
  const { courier } = await desk(t);
  /** @type {number[]} */
  const dealtWith = [];
  const deliveries = [creation(1, "bob"), creation(2, "cid"), creation(3, "dan")];
  const [, two] = [new Error("one"), new Error("two")];
  const failing = courier.submit(deliveries, async ({ id }) => {
    if (id === 2) throw two;
    dealtWith.push(id);
  });
  assert.equal(courier.inFlight, 3);
  await assert.rejects(failing, two);
  assert.deepEqual(dealtWith.sort(), [1, 3]);
  assert.equal(courier.inFlight, 0);

  await assert.rejects(
    courier.submit(deliveries, ({ id }) => {
      throw new Error(String(id));
    }),
    (error) => error instanceof AggregateError && error.errors.length === 3,
  );
});

test("no more calls are under way than its concurrency", async (t) => {
  let open = 0;
  let most = 0;
  /** @type {import("node:net").Socket[]} */
  const waiting = [];
  const { url } = await rawServer(t, (socket) => {
    open += 1;
    most = Math.max(most, open);
    waiting.push(socket);
    if (waiting.length < 2) return;
    for (const each of waiting.splice(0)) {
      open -= 1;
      answer(each);
    }
  });
  const courier = new Courier({ apiKey: "k", baseUrl: url, concurrency: 2 });
  assert.equal(courier.concurrency, 2);
  const verdicts = await courier.deliver([1, 2, 3, 4, 5, 6].map((id) => creation(id, `c${id}`)));
  assert.ok(verdicts.every(({ outcome }) => outcome === "applied"));
  assert.equal(most, 2);
});

test("a closed courier takes nothing more, and finishes what is under way", async (t) => {
  /** @type {import("node:net").Socket[]} */
  const waiting = [];
  const { url } = await rawServer(t, (socket) => {
    waiting.push(socket);
    arrived.abort();
  });
  const arrived = new AbortController();
  const courier = new Courier({ apiKey: "k", baseUrl: url });
  const round = courier.deliver([creation(1, "bob")]);
  await once(arrived.signal, "abort");
  courier.close();
  for (const call of [
    courier.deliver([creation(2, "cid")]),
    courier.submit([creation(2, "cid")], () => {}),
    courier.check(),
  ]) {
    assert.equal((await failure(call)).kind, "closed");
  }
  assert.equal(courier.inFlight, 1);
  const { courier: another } = await desk(t);
  assert.equal((await another.deliver([creation(3, "dan")]))[0]?.outcome, "applied", "others go on");
  answer(/** @type {import("node:net").Socket} */ (waiting[0]));
  assert.equal((await round)[0]?.outcome, "applied");
  assert.equal(waiting.length, 1);
  courier[Symbol.dispose]();
  assert.equal(courier.plan(null, new Date(), [], 1).blocked, null, "what needs no network goes on");
});

test("deliveries that are handed over right before closing are sent", async (t) => {
  const { emulator, courier } = await desk(t);
  const round = courier.deliver([creation(1, "bob")]);
  courier.close();
  assert.equal((await round)[0]?.outcome, "applied");
  assert.equal(emulator.state().customers.length, 2);
});

test("the connection is tried out", async (t) => {
  const { emulator, courier } = await desk(t);
  const { apiKey, secretKey, url: baseUrl } = emulator;
  assert.deepEqual(await courier.check(), {
    ok: true,
    apiKey: "accepted",
    secretKey: "accepted",
    reason: "connected",
    message: reasons().connected,
  });
  /** @param {Partial<import("gameball-referrals").CourierOptions>} options */
  const check = async (options) => {
    const { ok, reason, ...keys } = await new Courier({ apiKey, baseUrl, ...options }).check();
    return [ok, keys.apiKey, keys.secretKey, reason];
  };
  assert.deepEqual(await check({}), [false, "accepted", "missing", "connected_without_secret"]);
  assert.deepEqual(await check({ apiKey: "wrong" }), [false, "refused", "missing", "api_key_refused"]);
  assert.deepEqual(await check({ secretKey: `${secretKey}x` }), [
    false,
    "accepted",
    "refused",
    "secret_key_refused",
  ]);
  emulator.stop();
  assert.deepEqual(await check({ secretKey }), [false, "unknown", "unknown", "not_connected"]);
});

test("existing customers go in batches, within the ledger", async (t) => {
  const { emulator, courier } = await desk(t);
  const client = emulator.client();
  const now = new Date();
  const { ledger, granted, blocked, expiresInMs } = courier.reserve(null, now, { other: 1 });
  assert.deepEqual([granted, blocked, expiresInMs], [{ other: 1 }, null, 250]);
  assert.equal(courier.status(ledger, now).buckets.other.usedShort, 1);
  const { jobId } = await client.createCustomers([
    { customerId: "bob", attributes: { displayName: "Bob" } },
    { customerId: "cid" },
  ]);
  assert.deepEqual(await client.getBatchStatus(jobId), {
    status: "pending",
    totalItems: 2,
    processedItems: 0,
    failedItems: 0,
    errors: [],
  });
  emulator.advance(60);
  assert.equal((await client.getBatchStatus(jobId)).status, "completed");
  const error = await failure(client.createCustomers([{ customerId: "dan" }, { customerId: ".." }]));
  assert.equal(error.field, "customers[1].customerId");
  assert.equal((await failure(client.getBatchStatus("404"))).kind, "not_found");
});

test("a ledger that nobody can read rests, and none is altered by nothing", () => {
  const courier = new Courier({ apiKey: "k" });
  const now = new Date();
  const plan = courier.reserve("no ledger", now, { createCustomer: 1 });
  assert.deepEqual([plan.granted, plan.blocked], [{}, "paused"]);
  assert.equal(plan.nextAt?.getTime(), now.getTime() + 30_500);
  const { ledger } = courier.reserve(null, now, { createCustomer: 1 });
  assert.equal(courier.record(ledger, now, []), ledger);
});
