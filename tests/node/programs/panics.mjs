// A call that panics, alone and among others, then one that does not. Prints what came of them.

import { Client } from "gameball-referrals";
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
console.log(JSON.stringify({ kind: outcome.kind, message: outcome.message, customerId }));
emulator.stop();
