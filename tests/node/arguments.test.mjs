// What a call refuses, by name, before anything is sent; and what it writes exactly.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Client, extractReferrerCode, referralLink } from "gameball-referrals";
import { failure, local } from "./support.mjs";

const ORDER = { orderId: "1", customerId: "u1", orderDate: "2026-01-01T00:00:00Z", totalPaid: "1" };

/** @type {any} */
const cyclic = { name: "loop" };
cyclic.self = cyclic;
/** @param {number} levels @returns {any} */
const deep = (levels) => (levels === 0 ? {} : { deeper: deep(levels - 1) });

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
  // biome-ignore lint/suspicious/noSparseArray: the hole is the point.
  ["a hole in a list", { extra: { list: [1, , 2] } }, "extra.list[1]"],
  ["what toJSON makes NaN of", { totalTax: { toJSON: () => Number.NaN } }, "totalTax"],
  ["what contains itself", { extra: cyclic }, "extra.self"],
  ["40 levels", { extra: deep(40) }, `extra${".deeper".repeat(31)}`],
  ["half of a character", { cartId: "\ud800" }, "cartId"],
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

/** Options that cannot work, and a part of what is said about them. @type {[any, RegExp][]} */
const OPTIONS = [
  [{}, /api_?key/i],
  [{ apiKey: "" }, /api_?key/i],
  [{ apiKey: "k k" }, /api_?key/i],
  [{ apiKey: 42 }, /apiKey/],
  [{ apiKey: "k", baseUrl: "http://shop.example" }, /base_?url/i],
  [{ apiKey: "k", baseUrl: "shop" }, /base_?url/i],
  [{ apiKey: "k", apiVersion: "v3" }, /api_?version/i],
  [{ apiKey: "k", apiVersion: "v4.1" }, /secret_?key/i],
  [{ apiKey: "k", highSecurity: true }, /secret_?key/i],
  [{ apiKey: "k", timeoutMs: 0 }, /timeout/],
  [{ apiKey: "k", timeoutMs: -1 }, /timeout/],
  [{ apiKey: "k", timeoutMs: 1e12 }, /timeout/],
  [{ apiKey: "k", timeoutMs: "10" }, /timeoutMs/],
  [{ apiKey: "k", maxRetries: 1.5 }, /maxRetries/],
  [{ apiKey: "k", maxRetries: 11 }, /max_?retries/i],
  [{ apiKey: "k", highSecurity: "yes" }, /highSecurity/],
  [{ apiKey: "k", secret: "s" }, /secret/],
];

describe("a client is refused:", () => {
  for (const [options, message] of OPTIONS) {
    test(JSON.stringify(options), async () => {
      const error = await failure(() => new Client(options));
      assert.equal(error.kind, "configuration");
      assert.match(error.message, message);
    });
  }

  test("NaN is named as well", async () => {
    assert.equal(
      (await failure(() => new Client({ apiKey: "k", timeoutMs: Number.NaN }))).field,
      "timeoutMs",
    );
  });
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
