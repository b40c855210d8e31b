// What is recorded of a registration or an order: nothing is lost to what could be left out.

import assert from "node:assert/strict";
import { test } from "node:test";
import { prepare } from "gameball-referrals";
import { failure } from "./support.mjs";

const NOW = { now: new Date("2026-01-01T00:00:00Z") };
const ORDER = { orderId: "1", customerId: "bob", orderDate: NOW.now, totalPaid: "100.10" };
const throwing = () => {
  throw new Error("on purpose");
};
/** @type {any} */
const cyclic = { name: "loop" };
cyclic.self = cyclic;

/** Attributes and arguments that cannot even be written. @type {[string, any][]} */
const UNWRITABLE = [
  ["NaN", Number.NaN],
  ["a function", throwing],
  ["a symbol", Symbol("s")],
  ["an invalid Date", new Date(Number.NaN)],
  ["half of a character", "\ud800"],
  ["a Map", new Map()],
  ["what throws when it is read", { toJSON: throwing }],
  ["a proxy that throws", new Proxy({}, { ownKeys: throwing })],
];

for (const [name, value] of UNWRITABLE) {
  test(`a registration is not lost to ${name}`, () => {
    const prepared = prepare(
      "createCustomer",
      { customerId: "bob", mobile: value, attributes: { displayName: "Bob", city: value } },
      { ...NOW, referrerCode: "ANN123" },
    );
    assert.deepEqual(new Set(prepared.dropped), new Set(["mobile", "attributes.city"]));
    assert.deepEqual(JSON.parse(prepared.arguments), {
      customerId: "bob",
      referrerCode: "ANN123",
      customerAttributes: { displayName: "Bob" },
    });
  });

  test(`an order is refused for ${name} as its amount, and not for it as an address`, async () => {
    const error = await failure(() => prepare("trackOrder", { ...ORDER, totalPaid: value }, NOW));
    assert.deepEqual([error.kind, error.field], ["invalid_argument", "totalPaid"]);
    const { dropped, arguments: written } = prepare("trackOrder", { ...ORDER, email: value }, NOW);
    assert.deepEqual(dropped, ["email"]);
    assert.ok(written.includes('"totalPaid":100.10'));
  });
}

test("attributes that are nothing to be read are left out as a whole", () => {
  for (const attributes of /** @type {any[]} */ ([
    cyclic,
    new Map(),
    new Proxy({}, { ownKeys: throwing }),
    "x",
  ])) {
    const prepared = prepare("createCustomer", { customerId: "bob", attributes }, NOW);
    assert.ok(prepared.dropped.length > 0);
    assert.equal(prepared.customerId, "bob");
  }
});

test("a getter that throws is the cause of the refusal", async () => {
  const order = Object.defineProperty({ ...ORDER }, "totalPaid", { enumerable: true, get: throwing });
  const error = await failure(() => prepare("trackOrder", order, NOW));
  assert.equal(error.field, "totalPaid");
  assert.equal(/** @type {Error} */ (error.cause).message, "on purpose");
});

test("a code that cannot be one is left out", () => {
  for (const referrerCode of ["\ud800", "no code", "x".repeat(1000)]) {
    const prepared = prepare("createCustomer", { customerId: "bob" }, { ...NOW, referrerCode });
    assert.deepEqual([prepared.dropped, prepared.priority], [["referrerCode"], 2]);
  }
});

test("what is written exactly", () => {
  const decimal = { toJSON: () => "12.50" };
  const extra = { big: 9_007_199_254_740_993n, at: new Date(0) };
  const input = { ...ORDER, totalPaid: 100.1, totalPrice: 10n ** 20n, totalTax: decimal, extra };
  const { arguments: written, dropped, deadlineAt } = prepare("trackOrder", input, NOW);
  assert.deepEqual([dropped, deadlineAt], [[], null]);
  assert.ok(
    written.includes('"totalPaid":100.1,"totalPrice":100000000000000000000,"totalTax":12.50'),
    written,
  );
  assert.ok(written.includes('"big":9007199254740993,"at":"1970-01-01T00:00:00.000Z"'), written);
});

test("objects that stand for plain data are taken as such", () => {
  class Customer {
    customerId = "bob";
    email = "bob@shop.example";
  }
  const proxy = new Proxy({ customerId: "bob", email: "bob@shop.example" }, {});
  const bare = Object.assign(Object.create(null), { customerId: "bob", email: "bob@shop.example" });
  for (const input of [new Customer(), proxy, bare, { ...proxy, attributes: undefined, guest: null }]) {
    const { arguments: written } = prepare("createCustomer", input, NOW);
    assert.equal(written, '{"customerId":"bob","email":"bob@shop.example"}');
  }
});

test("everything is read once", () => {
  /** @type {Map<string | symbol, number>} */
  const reads = new Map();
  /** @param {any} target @returns {any} */
  const counting = (target) =>
    Object.defineProperties(
      {},
      Object.fromEntries(
        Object.keys(target).map((key) => [
          key,
          {
            enumerable: true,
            get() {
              reads.set(key, (reads.get(key) ?? 0) + 1);
              return reads.get(key) === 1 ? target[key] : Number.NaN;
            },
          },
        ]),
      ),
    );
  const attributes = counting({ displayName: "Bob" });
  prepare("createCustomer", counting({ customerId: "bob", email: "bob@shop.example", attributes }), NOW);
  assert.deepEqual([...reads.values()], [1, 1, 1, 1]);
});
