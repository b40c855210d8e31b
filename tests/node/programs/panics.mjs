// A call that panics, alone and among others, then one that does not. Prints what came of them.

import { Client, Courier } from "gameball-referrals";
import { Emulator } from "gameball-referrals/testing";

const emulator = new Emulator({ limits: false });
const client = new Client({ apiKey: emulator.apiKey, baseUrl: emulator.url });
/** @type {any} */
const panicking = ["_panicForTests", {}];
const outcome = await client
  .callMany([["createCustomer", { customerId: "ann" }], panicking], { concurrency: 2 })
  .then(
    ([, result]) => (result?.status === "rejected" ? result.reason : result),
    (error) => error,
  );
await client.createCustomer({ customerId: "bob" });
const { customerId } = await client.getCustomer("bob");
const courier = new Courier({ apiKey: emulator.apiKey, baseUrl: emulator.url });
const delivery = { id: 1, operation: "_panicForTests", arguments: "{}" };
const good = { id: 2, operation: "createCustomer", arguments: '{"customerId":"cid"}' };
const verdicts = await courier.deliver([delivery, good]);
const outcomes = verdicts.map(({ outcome, reason }) => [outcome, reason]);
console.log(JSON.stringify({ kind: outcome.kind, message: outcome.message, customerId, outcomes }));
emulator.stop();
