// A shop on Fastify: visits are captured, a sign-up carries the code, Gameball links the two. `node fastify_shop.mjs` walks
// through it against the emulator.

import assert from "node:assert/strict";
import Fastify from "fastify";
import { referralCapture } from "gameball-referrals/fastify";
import { Emulator } from "gameball-referrals/testing";

const gameball = new Emulator();
const client = gameball.client();
gameball.addCustomer({ customerId: "ann", referralCode: "ANN4FRIENDS" });

const app = Fastify();
await app.register(referralCapture, {
  key: "a secret of the shop, 16 bytes or more", // from the environment, in a real one
  validate: (code) => client.validateReferrerCode(code),
});
app.get("/", async (request) => (request.referral.currentClaim() ? "A friend sent you." : "Welcome."));
app.post("/sign-up", async (request, reply) => {
  // The field came filled in with the claim's code; what is in it now wins. Left out: the claim counts as it is.
  const { name, referrer_code: typed } = request.body;
  const claim = typed === undefined ? request.referral.currentClaim() : request.referral.typedCode(typed);
  // A shop that must lose nothing records the call in its own transaction, and has a Courier send it: docs/node.md.
  await client.createCustomer({ customerId: name, referrerCode: claim?.code });
  return reply.code(201).send({ name });
});
const shop = await app.listen({ port: 0, host: "127.0.0.1" });

// Ben opens Ann's link, and signs up.
const visit = await fetch(`${shop}/?ref=ANN4FRIENDS`);
const cookie = visit.headers.getSetCookie()[0].split(";")[0];
assert.equal(await visit.text(), "A friend sent you.");
const body = JSON.stringify({ name: "ben" });
await fetch(`${shop}/sign-up`, {
  method: "POST",
  headers: { cookie, "content-type": "application/json" },
  body,
});
assert((await client.getCustomer("ben")).isReferred);
console.log("Ben was referred by Ann.");

await app.close();
gameball.stop();
