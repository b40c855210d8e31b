// What a call refuses, by name, before anything is sent; and what it writes exactly.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import {
  ClaimSigner,
  Client,
  Courier,
  extractReferrerCode,
  guestCustomerId,
  keyEnvironment,
  ledgerForecast,
  ledgerStatus,
  prepare,
  referralLink,
  sessionToken,
  Vault,
} from "gameball-referrals";
import { failure, local } from "./support.mjs";

const ORDER = { orderId: "1", customerId: "u1", orderDate: "2026-01-01T00:00:00Z", totalPaid: "1" };

/** @type {any} */
const cyclic = { name: "loop" };
cyclic.self = cyclic;
/** @param {number} levels @returns {any} */
const deep = (levels) => (levels === 0 ? {} : { deeper: deep(levels - 1) });

/** A list with a hole. @param {any[]} list */
const hole = (list, at = 1) => {
  delete list[at];
  return list;
};
/** A valid amount that is none when it is read again. */
const fickle = () => {
  let reads = 0;
  return {
    get totalTax() {
      reads += 1;
      return reads === 1 ? 1 : Number.NaN;
    },
  };
};
const throwing = () => {
  throw new Error("on purpose");
};
const revoked = Proxy.revocable({}, {});
revoked.revoke();
class Line {
  price = "1";
  get discount() {
    return "1";
  }
}

/** A refused argument of an order, and the path in the error. @type {[string, any, string][]} */
const ORDERS = [
  ["NaN", { totalPaid: Number.NaN }, "totalPaid"],
  ["an infinite price", { totalPrice: Number.POSITIVE_INFINITY }, "totalPrice"],
  ["a negative amount", { totalPaid: -1 }, "totalPaid"],
  ["NaN in a line", { lineItems: [{ price: "1" }, { price: Number.NaN }] }, "lineItems[1].price"],
  ["NaN deep in extra facts", { extra: { a: [{ b: Number.NaN }] } }, "extra.a[0].b"],
  ["an invalid Date", { orderDate: new Date("never") }, "orderDate"],
  ["an invalid Date in extra facts", { extra: { at: new Date(Number.NaN) } }, "extra.at"],
  ["a date without a zone", { orderDate: "2026-01-01T00:00:00" }, "orderDate"],
  ["a date alone", { orderDate: "2026-01-01" }, "orderDate"],
  ["a function", { extra: { f: () => 1 } }, "extra.f"],
  ["a symbol", { extra: { s: Symbol("s") } }, "extra.s"],
  ["a Map, which JSON would empty", { extra: { m: new Map([["a", 1]]) } }, "extra.m"],
  ["undefined in a list", { lineItems: [undefined] }, "lineItems[0]"],
  ["a hole in a list", { extra: { list: hole([1, 2, 3]) } }, "extra.list[1]"],
  ["a hole at the start", { extra: { list: hole([1, 2, 3], 0) } }, "extra.list[0]"],
  ["a hole in the lines", { lineItems: hole([{ price: "1" }, {}, { price: "2" }]) }, "lineItems[1]"],
  ["a list of holes", { lineItems: new Array(1_000_000) }, "lineItems[0]"],
  ["a list with one far item", { extra: { list: Object.assign([1], { 4000000000: 2 }) } }, "extra.list[1]"],
  [
    "a getter that throws",
    {
      extra: {
        get a() {
          return throwing();
        },
      },
    },
    "extra.a",
  ],
  [
    "a getter in a list that throws",
    {
      lineItems: [
        {
          get price() {
            return throwing();
          },
        },
      ],
    },
    "lineItems[0].price",
  ],
  ["a proxy that throws", { extra: new Proxy({}, { ownKeys: throwing }) }, "extra"],
  ["a proxy whose fields throw", { extra: new Proxy({ a: 1 }, { get: throwing }) }, "extra"],
  ["a revoked proxy", { extra: { a: revoked.proxy } }, "extra.a"],
  ["a proxy of a list with holes", { extra: { list: new Proxy(hole([1, 2, 3]), {}) } }, "extra.list[1]"],
  ["a key that is a symbol", { extra: { lines: [{ [Symbol("price")]: 1 }] } }, "extra.lines[0]"],
  ["a class whose getters would be left out", { lineItems: [new Line()] }, "lineItems[0]"],
  ["what toJSON makes NaN of", { totalTax: { toJSON: () => Number.NaN } }, "totalTax"],
  ["what toJSON makes nothing of", { totalTax: { toJSON: () => undefined } }, "totalTax"],
  ["what toJSON makes a function of", { extra: { a: { toJSON: () => throwing } } }, "extra.a"],
  ["what toJSON throws at", { totalTax: { toJSON: throwing } }, "totalTax"],
  [
    "what toJSON returns itself for",
    {
      extra: {
        a: {
          toJSON() {
            return this;
          },
        },
      },
    },
    "extra.a",
  ],
  [
    "a Date with another toJSON",
    { orderDate: Object.assign(new Date(0), { toJSON: () => Number.NaN }) },
    "orderDate",
  ],
  ["what only looks like a Date", { orderDate: Object.create(Date.prototype) }, "orderDate"],
  ["a Buffer", { extra: { b: Buffer.from("b") } }, "extra.b"],
  ["a boxed number", { totalTax: Object(1) }, "totalTax"],
  ["what contains itself", { extra: cyclic }, "extra.self"],
  ["40 levels", { extra: deep(40) }, `extra${".deeper".repeat(31)}`],
  ["half of a character", { cartId: "\ud800" }, "cartId"],
  ["the other half of a character", { lineItems: [{ title: "a\udc00b" }] }, "lineItems[0].title"],
  ["half of a character in what toJSON returns", { extra: { a: { toJSON: () => "\ud800" } } }, "extra.a"],
  ["an amount of 29 digits", { totalPaid: 10n ** 29n }, "totalPaid"],
  ["an object as an amount", { totalPaid: { amount: 1 } }, "totalPaid"],
  ["an order without an id", { orderId: undefined }, "orderId"],
  ["an unknown field", { totalPayed: "1" }, "totalPayed"],
];

describe("an order is refused for", () => {
  for (const [name, change, field] of ORDERS) {
    test(name, async (t) => {
      const { emulator, client } = local(t);
      const error = await failure(client.trackOrder({ ...ORDER, ...change }));
      assert.deepEqual([error.kind, error.field, error.attempts], ["invalid_argument", field, 0]);
      assert.ok(error.message.startsWith(`${field}: `));
      assert.deepEqual(emulator.requests(), []);
    });
  }
});

describe("an id or a code is refused:", () => {
  for (const id of ["", " ", ".", "..", "a\nb", "\u0000", "x".repeat(256)]) {
    test(`id ${JSON.stringify(id.slice(0, 9))}`, async (t) => {
      const { emulator, client } = local(t);
      for (const call of [
        () => client.getCustomer(id),
        () => client.deleteCustomer(id),
        () => client.getCustomerReferralsCount(id),
        () => client.getCustomerReferrals(id).next(),
        () => client.createCustomer({ customerId: id }),
      ]) {
        assert.equal((await failure(call)).field, "customerId");
      }
      assert.equal((await failure(client.trackOrder({ ...ORDER, orderId: id }))).field, "orderId");
      assert.deepEqual(emulator.requests(), []);
    });
  }

  for (const code of ["", "A B", "<b>", "x".repeat(10_000)]) {
    test(`code ${JSON.stringify(code.slice(0, 9))}`, async (t) => {
      const { emulator, client } = local(t);
      assert.equal(
        (await failure(client.createCustomer({ customerId: "u", referrerCode: code }))).field,
        "referrerCode",
      );
      assert.equal(
        (await failure(client.trackOrder({ ...ORDER, referrerCode: code }))).field,
        "referrerCode",
      );
      assert.equal((await failure(client.validateReferrerCode(code))).field, "code");
      assert.equal((await failure(() => referralLink("https://shop.example/", code))).field, "code");
      assert.deepEqual(emulator.requests(), []);
    });
  }

  test("what TypeScript would not let through", async (t) => {
    const { emulator, client } = local(t);
    /** @type {any} */
    const any = client;
    for (const call of [
      () => any.getCustomer(undefined),
      () => any.getCustomer(42),
      () => any.createCustomer(undefined),
      () => any.createCustomer("bob"),
      () => any.createCustomer([]),
      () => any.trackOrder(null),
      () => referralLink(/** @type {any} */ (null), "A"),
      () => extractReferrerCode("https://shop.example/?ref=A", { params: /** @type {any} */ ([1]) }),
    ]) {
      assert.equal((await failure(call)).kind, "invalid_argument", String(call));
    }
    assert.deepEqual(emulator.requests(), []);
  });
});

test("what throws when it is read is the error's cause", async (t) => {
  const { emulator, client } = local(t);
  const order = { ...ORDER, extra: Object.defineProperty({}, "a", { enumerable: true, get: throwing }) };
  const error = await failure(client.trackOrder(order));
  assert.equal(error.field, "extra.a");
  assert.equal(/** @type {Error} */ (error.cause).message, "on purpose");
  assert.ok(!error.message.includes("on purpose"));
  const results = await client.callMany(
    [
      ["trackOrder", order],
      ["trackOrder", ORDER],
    ],
    { concurrency: 1 },
  );
  assert.deepEqual(
    results.map(({ status }) => status),
    ["rejected", "fulfilled"],
  );
  assert.equal(emulator.requests().length, 1);
});

test("a batch of anything but calls is refused", async (t) => {
  const { emulator, client } = local(t);
  for (const call of [null, [], ["getCustomer"], [1, {}], "getCustomer"]) {
    const calls = /** @type {any} */ ([["getCustomer", { customerId: "u1" }], call]);
    const error = await failure(client.callMany(calls, { concurrency: 1 }));
    assert.deepEqual([error.kind, error.field], ["invalid_argument", "calls[1]"]);
  }
  for (const calls of /** @type {any[]} */ ([undefined, null, "ab", {}, revoked.proxy, { length: 1 }])) {
    const error = await failure(client.callMany(calls, { concurrency: 1 }));
    assert.deepEqual([error.kind, error.field], ["invalid_argument", "calls"]);
  }
  assert.deepEqual(emulator.requests(), []);
});

test("a batch of which a call cannot be carried out has the answers of the others, in order", async (t) => {
  const { emulator, client } = local(t);
  emulator.addCustomer({ customerId: "ann" });
  /** @type {any} */
  const calls = [
    ["getCustomer", { customerId: "\ud800" }],
    ["getCustomer", { customerId: "ann" }],
    ["getCustomer", undefined],
    ["getCustomer", "ann"],
    ["getCustomer", { customerId: "ann", a: revoked.proxy }],
    ["getCustomer", { customerId: "ann" }],
  ];
  const pending = client.callMany(calls, { concurrency: 2 });
  calls.length = 0;
  const results = /** @type {any[]} */ (await pending);
  assert.deepEqual(
    results.map(({ value, reason }) => value?.customerId ?? `${reason.kind} ${reason.field}`),
    [
      "invalid_argument customerId",
      "ann",
      "invalid_argument null",
      "invalid_argument null",
      "invalid_argument a",
      "ann",
    ],
  );
  assert.equal(emulator.requests().length, 2);
});

test("an operation that there is not is the caller's mistake, and costs no other call", async (t) => {
  const { emulator, client } = local(t);
  emulator.addCustomer({ customerId: "ann" });
  /** @type {any} */
  const calls = [
    ["fly", { customerId: "ann" }],
    ["getCustomer", { customerId: "ann" }],
  ];
  const [refused, ann] = /** @type {any[]} */ (await client.callMany(calls, { concurrency: 2 }));
  assert.deepEqual([refused.reason.kind, refused.reason.field], ["invalid_argument", "operation"]);
  assert.equal(ann.value.customerId, "ann");
});

test("a concurrency that cannot be is refused", async (t) => {
  const { emulator, client } = local(t);
  /** @type {any[]} */
  const numbers = [0, -1, Number.NaN, 1e12, 2 ** 32, 1.5, Number.POSITIVE_INFINITY, "2", 2n, null, undefined];
  for (const concurrency of numbers) {
    for (const calls of [[], [["getCustomer", { customerId: "u1" }]]]) {
      const error = await failure(client.callMany(/** @type {any} */ (calls), { concurrency }));
      assert.deepEqual([error.kind, error.field], ["invalid_argument", "concurrency"], inspect(concurrency));
    }
  }
  assert.deepEqual(await client.callMany([], { concurrency: 2 ** 32 - 1 }), []);
  assert.deepEqual(emulator.requests(), []);
});

test("whatever is passed in place of objects, lists and dates is refused by name", async (t) => {
  const { emulator, client } = local(t);
  /** @type {any} */
  const any = client;
  /** @type {any} */
  const Signer = ClaimSigner;
  /** @type {any} */
  const Sealer = Vault;
  /** @type {any} */
  const proxy = revoked.proxy;
  const key = "a key of 32 bytes, for this test";
  const session = { secretKey: key, customerId: "u1", expiresAt: new Date("2100-01-01T00:00:00Z") };
  const noDate = Object.create(Date.prototype);
  /** @type {any} */
  const courier = new Courier({ apiKey: "k", baseUrl: emulator.url });
  const now = new Date();
  const delivery = { id: 1, operation: "createCustomer", arguments: '{"customerId":"u1"}' };
  const candidate = { id: 1, operation: "createCustomer", lane: "u1", dueAt: now };
  /** @type {any} */
  const anyPrepare = prepare;
  /** @type {[string, () => unknown][]} */
  const calls = [
    ["input", () => any.createCustomer()],
    ["input", () => any.trackOrder()],
    ["options", () => any.callMany([])],
    ["options", () => any.callMany([], null)],
    ["options", () => any.getCustomer("u1", null)],
    ["options", () => any.getCustomer("u1", "x")],
    ["options", () => any.validateReferrerCode("A", null)],
    ["options", () => any.getCustomerReferrals("u1", null).next()],
    ["options", () => any.getReferralsConfigurations(null)],
    ["signal", () => any.getCustomer("u1", proxy)],
    ["signal", () => any.getCustomer("u1", { signal: "x" })],
    ["signal", () => any.getCustomer("u1", { signal: proxy })],
    ["signal", () => any.getCustomer("u1", { signal: Object.create(AbortSignal.prototype) })],
    ["forCustomerId", () => any.validateReferrerCode("A", { forCustomerId: proxy })],
    ["input", () => /** @type {any} */ (sessionToken)()],
    ["input", () => sessionToken(/** @type {any} */ (null))],
    ["secretKey", () => sessionToken(proxy)],
    ["expiresAt", () => sessionToken({ ...session, expiresAt: noDate })],
    ["expiresAt", () => sessionToken({ ...session, expiresAt: proxy })],
    ["key", () => new Signer()],
    ["key", () => new Signer(proxy)],
    ["key", () => new Signer(Object.create(Uint8Array.prototype))],
    ["options", () => new Signer(key, null)],
    ["fallbackKeys", () => new Signer(key, { fallbackKeys: key })],
    ["fallbackKeys", () => new Signer(key, { fallbackKeys: proxy })],
    ["fallbackKeys", () => new Signer(key, { fallbackKeys: { length: 1, 0: key } })],
    ["fallbackKeys[1]", () => new Signer(key, { fallbackKeys: hole([key, key]) })],
    ["maxAgeSeconds", () => new Signer(key, { maxAgeSeconds: 1.5 })],
    ["maxAgeSeconds", () => new Signer(key, { maxAgeSeconds: Number.NaN })],
    ["clock", () => new Signer(key, { clock: 1 })],
    ["clock", () => new Signer(key, { clock: throwing }).issue("A")],
    ["clock", () => new Signer(key, { clock: () => noDate }).read("token")],
    ["at", () => new Signer(key).issue("A", { at: noDate })],
    ["token", () => new Signer(key).read()],
    ["fallbackSecrets", () => new Sealer(key, { fallbackSecrets: key })],
    ["secret", () => new Sealer()],
    ["url", () => extractReferrerCode(Object.create(null))],
    ["url", () => extractReferrerCode(proxy)],
    ["url", () => /** @type {any} */ (extractReferrerCode)()],
    ["options", () => extractReferrerCode("/", /** @type {any} */ (null))],
    ["params", () => extractReferrerCode("/?ref=A", { params: /** @type {any} */ ("ref") })],
    ["params", () => extractReferrerCode("/?ref=A", { params: proxy })],
    ["deliveries", () => courier.deliver()],
    ["deliveries", () => courier.deliver(proxy)],
    ["deliveries[0]", () => courier.deliver([null])],
    ["deliveries[1].id", () => courier.deliver([delivery, { ...delivery, id: "2" }])],
    ["deliveries[0].operation", () => courier.deliver([{ ...delivery, operation: 1 }])],
    ["deliveries[0].arguments", () => courier.deliver([{ ...delivery, arguments: {} }])],
    ["deliveries[0].progress", () => courier.deliver([{ ...delivery, progress: {} }])],
    ["deliveries[0].attempts", () => courier.deliver([{ ...delivery, attempts: -1 }])],
    ["deliveries[0].registeredAt", () => courier.deliver([{ ...delivery, registeredAt: 1 }])],
    ["deliveries[0].referrerCode", () => courier.deliver([{ ...delivery, referrerCode: 1 }])],
    ["deliveries[0].receipt", () => courier.deliver([{ ...delivery, receipt: {} }])],
    ["deliveries[0].slot", () => courier.deliver([{ ...delivery, slot: 1 }])],
    ["deliveries[0].slot.expiresAtMs", () => courier.deliver([{ ...delivery, slot: {} }])],
    [
      "deliveries[0].slot.probe",
      () => courier.deliver([{ ...delivery, slot: { expiresAtMs: 1, probe: 1 } }]),
    ],
    ["onVerdict", () => courier.submit([delivery])],
    ["ledger", () => courier.plan({}, now, [], 1)],
    ["now", () => courier.plan(null, 1, [], 1)],
    ["candidates", () => courier.plan(null, now, {}, 1)],
    ["candidates[0].lane", () => courier.plan(null, now, [{ ...candidate, lane: 1 }], 1)],
    ["candidates[0].dueAt", () => courier.plan(null, now, [{ ...candidate, dueAt: noDate }], 1)],
    ["candidates[0].deadlineAt", () => courier.plan(null, now, [{ ...candidate, deadlineAt: "x" }], 1)],
    ["candidates[0].inFlight", () => courier.plan(null, now, [{ ...candidate, inFlight: 1 }], 1)],
    ["room", () => courier.plan(null, now, [candidate], 1.5)],
    ["wanted", () => courier.reserve(null, now, null)],
    ["wanted.other", () => courier.reserve(null, now, { other: -1 })],
    ["wanted.orders", () => courier.reserve(null, now, { orders: 1 })],
    ["verdicts", () => courier.record(null, now, {})],
    ["verdicts[0].ledgerEvent", () => courier.record(null, now, [{ ledgerEvent: {} }])],
    ["verdicts[0].ledgerEvent", () => courier.record(null, now, [{ ledgerEvent: "no JSON" }])],
    ["deadlines[0]", () => courier.forecast(null, now, [1])],
    ["ledger", () => ledgerStatus(/** @type {any} */ (1), now)],
    ["now", () => ledgerForecast(null, noDate, [])],
    ["limitWindowsDivisor", () => ledgerStatus(null, now, { limitWindowsDivisor: 1.5 })],
    ["operation", () => anyPrepare(1, {}, { now })],
    ["operation", () => anyPrepare("fly", {}, { now })],
    ["input", () => anyPrepare("createCustomer", null, { now })],
    ["options", () => anyPrepare("createCustomer", { customerId: "u1" })],
    ["now", () => anyPrepare("createCustomer", { customerId: "u1" }, {})],
    ["referrerCode", () => anyPrepare("createCustomer", { customerId: "u1" }, { now, referrerCode: 1 })],
    ["referralWindowMs", () => anyPrepare("createCustomer", {}, { now, referralWindowMs: "1" })],
    ["orders", () => anyPrepare("trackOrder", ORDER, { now, orders: "last" })],
    ["email", () => guestCustomerId(/** @type {any} */ (undefined))],
    ["apiKey", () => keyEnvironment(/** @type {any} */ (undefined))],
    ["customers", () => any.createCustomers()],
    ["jobId", () => any.getBatchStatus(1)],
  ];
  for (const [field, call] of calls) {
    const error = await failure(call);
    assert.deepEqual([error.kind, error.field], ["invalid_argument", field], String(call));
    assert.ok(error.message.length > field.length + 10, error.message);
  }
  for (const options of [undefined, null, 1, proxy, Object.create(Date.prototype)]) {
    assert.equal((await failure(() => new Client(/** @type {any} */ (options)))).kind, "configuration");
    assert.equal((await failure(() => new Courier(/** @type {any} */ (options)))).kind, "configuration");
  }
  assert.deepEqual(emulator.requests(), []);
});

test("no text is altered on its way", async () => {
  const key = "a key of 32 bytes, for this test";
  const expiresAt = new Date("2100-01-01T00:00:00Z");
  const vault = new Vault(key);
  for (const [field, call] of /** @type {[string, () => unknown][]} */ ([
    ["plaintext", () => vault.seal("a\ud800", "c")],
    ["context", () => vault.seal("a", "\udc00")],
    ["customerId", () => sessionToken({ secretKey: key, customerId: "a\ud800", expiresAt })],
    ["email", () => sessionToken({ secretKey: key, customerId: "a", expiresAt, email: "\ud800@x" })],
    ["key", () => new ClaimSigner(`${key}\ud800`)],
    ["secret", () => new Vault(`${key}\ud800`)],
  ])) {
    const error = await failure(call);
    assert.deepEqual([error.kind, error.field], ["invalid_argument", field]);
  }
  assert.equal(vault.open(vault.seal("😀 ü\u0000", "😀"), "😀"), "😀 ü\u0000");
});

test("text of strangers has an answer, whatever it is", () => {
  const key = "a key of 32 bytes, for this test";
  for (const text of ["", "\ud800", "/?ref=\udc00", "/?ref=A&x=\ud800", "\u0000", "%", "%ud800"]) {
    assert.ok([null, "A"].includes(extractReferrerCode(text)), text);
    assert.equal(new ClaimSigner(key).read(text), null);
    assert.equal(new Vault(key).needsReseal(text), false);
  }
  assert.equal(extractReferrerCode(new URL("https://shop.example/?ref=A")), "A");
});

test("everything is read once, and what was read is what leaves", async (t) => {
  const { emulator, client } = local(t);
  /** @type {Map<string | symbol, number>} */
  const reads = new Map();
  /** A proxy whose every field says NaN from the second time on. @param {any} target @returns {any} */
  const once = (target) =>
    new Proxy(target, {
      get(target, key) {
        if (!Object.hasOwn(target, key)) return Reflect.get(target, key);
        reads.set(key, (reads.get(key) ?? 0) + 1);
        return reads.get(key) === 1 ? target[key] : Number.NaN;
      },
    });
  let calls = 0;
  const amount = {
    toJSON() {
      calls += 1;
      return calls === 1 ? "2.50" : Number.NaN;
    },
  };
  // The bigint, too, must not make it be read again.
  const order = once({ ...ORDER, totalPaid: 5n, totalTax: amount, lineItems: [once({ price: 1 })] });
  await client.trackOrder(order);
  assert.equal(calls, 1);
  assert.deepEqual([...reads.values()], new Array(reads.size).fill(1));
  const body = emulator.requests()[0]?.body ?? "";
  assert.ok(body.includes('"totalPaid":5,') && body.includes('"totalTax":2.50'), body);
  assert.ok(body.includes('"price":1'), body);

  calls = 0;
  reads.clear();
  const [result] = await client.callMany(
    [["trackOrder", once({ ...ORDER, orderId: "2", totalPaid: 5n, totalTax: amount })]],
    { concurrency: 1 },
  );
  assert.equal(result.status, "fulfilled");
  assert.deepEqual([calls, ...reads.values()], new Array(reads.size + 1).fill(1));
});

test("an amount that changes while it is read is not lost", async (t) => {
  const { emulator, client } = local(t);
  await client.trackOrder(Object.defineProperties({ ...ORDER }, Object.getOwnPropertyDescriptors(fickle())));
  assert.ok(emulator.requests()[0]?.body.includes('"totalTax":1'), emulator.requests()[0]?.body);
});

test("objects that stand for plain data are written as such", async (t) => {
  const { emulator, client } = local(t);
  class Address {
    city = "Cairo";
    name() {
      return this.city;
    }
  }
  const extra = {
    proxy: new Proxy({ a: [1, "2"] }, {}),
    bare: Object.assign(Object.create(null), { a: 1 }),
    own: new Address(),
    frozen: Object.freeze([Object.freeze({ a: 1 })]),
    get lazy() {
      return 1;
    },
    url: new URL("https://shop.example/"),
    null: "null \\ud800",
    ["__proto__"]: 1,
  };
  // The emulator takes no objects in `extra`; what was sent is the point here.
  await failure(client.trackOrder({ ...ORDER, extra }));
  assert.deepEqual(JSON.parse(emulator.requests()[0]?.body ?? "").extra, JSON.parse(JSON.stringify(extra)));
});

test("what is written exactly", async (t) => {
  const { emulator, client } = local(t);
  const decimal = { toJSON: () => "12.50" };
  const sent = client.trackOrder({
    orderId: "1",
    customerId: "u1",
    orderDate: new Date("2026-01-01T01:00:00+01:00"),
    totalPaid: 100.1,
    totalPrice: 12_345_678_901_234_567_890n,
    totalTax: decimal,
    cartId: undefined,
    extra: {
      big: 9_007_199_254_740_993n,
      small: 1e-7,
      at: new Date(0),
      nothing: null,
      left: undefined,
      ü: "😀",
    },
  });
  await failure(sent); // The emulator takes no null in `extra`; what was sent is the point here.
  const body = emulator.requests()[0]?.body ?? "";
  assert.ok(body.includes('"orderDate":"2026-01-01T00:00:00Z"'), body);
  assert.ok(body.includes('"totalPaid":100.1,"totalPrice":12345678901234567890,"totalTax":12.50'), body);
  assert.ok(body.includes('"big":9007199254740993,'), body);
  assert.ok(body.includes('"at":"1970-01-01T00:00:00.000Z","nothing":null,"ü":"😀"}'), body);
});

/** Options that cannot work, and the one that is named. @type {[any, string | null][]} */
const OPTIONS = [
  ["k", null],
  [undefined, null],
  [{}, "apiKey"],
  [{ apiKey: "" }, "apiKey"],
  [{ apiKey: "k k" }, "apiKey"],
  [{ apiKey: 42 }, "apiKey"],
  [{ apiKey: "k", baseUrl: "http://shop.example" }, "baseUrl"],
  [{ apiKey: "k", baseUrl: "shop" }, "baseUrl"],
  [{ apiKey: "k", apiVersion: "v3" }, "apiVersion"],
  [{ apiKey: "k", apiVersion: "v4.1" }, "secretKey"],
  [{ apiKey: "k", highSecurity: true }, "secretKey"],
  [{ apiKey: "k", timeoutMs: 0 }, "timeoutMs"],
  [{ apiKey: "k", timeoutMs: -1 }, "timeoutMs"],
  [{ apiKey: "k", timeoutMs: 1e12 }, "timeoutMs"],
  [{ apiKey: "k", timeoutMs: "10" }, "timeoutMs"],
  [{ apiKey: "k", timeoutMs: Number.NaN }, "timeoutMs"],
  [{ apiKey: "k", maxRetries: 1.5 }, "maxRetries"],
  [{ apiKey: "k", maxRetries: 11 }, "maxRetries"],
  [{ apiKey: "k", highSecurity: "yes" }, "highSecurity"],
  [{ apiKey: "k", secret: "s" }, "secret"],
];

describe("a client is refused:", () => {
  for (const [options, field] of OPTIONS) {
    test(inspect(options, { breakLength: Number.POSITIVE_INFINITY }), async () => {
      const error = await failure(() => new Client(options));
      assert.deepEqual([error.kind, error.field], ["configuration", field]);
      assert.equal(error.message.startsWith(`${field}: `), field !== null);
      assert.ok(!/[a-z]_[a-z]/.test(error.message), error.message);
    });
  }
});

/** Options that cannot work of a courier alone, and the one that is named. @type {[any, string][]} */
const COURIER_OPTIONS = [
  [{}, "apiKey"],
  [{ apiKey: "k", apiVersion: "v4.1" }, "secretKey"],
  [{ apiKey: "k", concurrency: 0 }, "concurrency"],
  [{ apiKey: "k", concurrency: 1001 }, "concurrency"],
  [{ apiKey: "k", maxAttempts: 1.5 }, "maxAttempts"],
  [{ apiKey: "k", referralWindowMs: 0 }, "referralWindowMs"],
  [{ apiKey: "k", referralWindowMs: 86_400_001 }, "referralWindowMs"],
  [{ apiKey: "k", limitWindowsDivisor: 101 }, "limitWindowsDivisor"],
  [{ apiKey: "k", limitWindowsDivisor: "1" }, "limitWindowsDivisor"],
  [{ apiKey: "k", maxRetries: 2 }, "maxRetries"],
  [{ apiKey: "k", secret: "s" }, "secret"],
];

describe("a courier is refused:", () => {
  for (const [options, field] of COURIER_OPTIONS) {
    test(inspect(options, { breakLength: Number.POSITIVE_INFINITY }), async () => {
      const error = await failure(() => new Courier(options));
      assert.deepEqual([error.kind, error.field], ["configuration", field]);
      assert.ok(!/[a-z]_[a-z]/.test(error.message), error.message);
    });
  }
});

test("null options take their defaults, and what a client shows of itself is what it uses", () => {
  const client = new Client({
    apiKey: "k",
    secretKey: null,
    baseUrl: null,
    timeoutMs: null,
    maxRetries: undefined,
  });
  assert.deepEqual([client.baseUrl, client.apiVersion], ["https://api.gameball.co", "v4.0"]);
});

test("a closed client refuses calls", async (t) => {
  const { emulator, client } = local(t);
  client.close();
  const error = await failure(client.getCustomer("u1"));
  assert.deepEqual([error.kind, error.code], ["closed", "GAMEBALL_CLOSED"]);
  assert.deepEqual(emulator.requests(), []);
});
