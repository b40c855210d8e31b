// A friend's way through a shop: visit, claim, registration, first order, proof. From both kinds of module.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import * as imported from "gameball-referrals";
import { local, run } from "./support.mjs";

const require = createRequire(import.meta.url);

for (const program of ["journey.mjs", "journey.cjs"]) {
  test(`a friend is referred (${program})`, async () => {
    const { code, stdout, stderr } = await run(program);
    assert.equal(stderr, "");
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(stdout), {
      visited: "https://shop.example/signup?ref=REF123456",
      captured: "REF123456",
      isReferred: true,
      friends: ["bob"],
      tracked: "bob",
    });
  });
}

test("both kinds of module are one implementation", () => {
  const required = require("gameball-referrals");
  assert.equal(required.Client, imported.Client);
  assert.deepEqual(Object.keys(required).sort(), Object.keys(imported).sort());
});

test("friends are fetched page by page, as they are reached", async (t) => {
  const { emulator, client } = local(t);
  emulator.addCustomer({ customerId: "ann" });
  const friends = Array.from({ length: 5 }, (_, index) => `friend-${index}`);
  for (const customerId of friends) emulator.addCustomer({ customerId, referredBy: "ann" });
  const pages = () => emulator.requests({ operation: "getCustomerReferrals" }).length;

  const seen = [];
  const referrals = client.getCustomerReferrals("ann", { limit: 2 });
  assert.equal(pages(), 0, "nothing is fetched before it is asked for");
  for await (const friend of referrals) {
    seen.push(friend.customerId);
    assert.equal(pages(), Math.ceil(seen.length / 2));
  }
  assert.deepEqual(seen, friends);

  for await (const _ of client.getCustomerReferrals("ann", { limit: 2 })) break;
  assert.equal(pages(), 3 + 1, "a loop that ends early fetches no more");
});

test("what an answer lacks is null", async (t) => {
  const { emulator, client } = local(t);
  emulator.inject({ fault: "status", status: 200, body: '{"customerId":"u1","unknown":1}' });
  assert.deepEqual(await client.getCustomer("u1"), {
    gameballId: null,
    customerId: "u1",
    referralCode: null,
    referralLink: null,
    isReferred: null,
    dynamicReferralLink: null,
    attributes: null,
  });
});

test("the other calls", async (t) => {
  const { emulator, client } = local(t);
  emulator.addCustomer({ customerId: "ann", referralCode: "REF123456" });
  emulator.addCustomer({ customerId: "bob", referredBy: "ann" });
  assert.deepEqual(await client.getCustomerReferralsCount("ann"), {
    count: 1,
    totalPending: 1,
    totalActive: 0,
  });
  assert.equal(await client.validateReferrerCode("REF123456"), true);
  assert.equal(
    await client.validateReferrerCode("REF123456", { forCustomerId: "ann" }),
    false,
    "nobody refers themselves",
  );
  assert.equal(await client.validateReferrerCode("NOBODYS"), false);
  const [step] = await client.getReferralsConfigurations({ lang: "en" });
  assert.ok(step?.referralMethod);
  assert.equal(await client.deleteCustomer("bob"), undefined);
  assert.equal(emulator.state().customers.length, 1);
});

test("many calls at once keep their order, and each has its own fate", async (t) => {
  const { emulator, client } = local(t);
  emulator.addCustomer({ customerId: "ann", referralCode: "REF123456" });
  const [ann, nobody, refused, valid] = await client.callMany(
    [
      ["getCustomer", { customerId: "ann" }],
      ["getCustomer", { customerId: "nobody" }],
      ["trackOrder", { orderId: "1", customerId: "ann", orderDate: new Date(), totalPaid: Number.NaN }],
      ["validateReferrerCode", { code: "REF123456" }],
    ],
    { concurrency: 2 },
  );
  assert.ok(ann.status === "fulfilled" && ann.value.referralCode === "REF123456");
  assert.ok(nobody.status === "rejected" && nobody.reason.kind === "not_found");
  assert.ok(refused.status === "rejected" && refused.reason.field === "totalPaid");
  assert.deepEqual(valid, { status: "fulfilled", value: true });
  assert.deepEqual(await client.callMany([], { concurrency: 1 }), []);
});
