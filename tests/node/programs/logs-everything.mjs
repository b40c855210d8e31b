// Uses a client with the keys of its arguments, logs whatever can be logged, and fails unhandled.

import { inspect } from "node:util";
import { Emulator } from "gameball-referrals/testing";

const [, , apiKey = "", secretKey = ""] = process.argv;
const emulator = new Emulator({ apiKey, secretKey });
const client = emulator.client();
console.log(client, JSON.stringify(client), inspect(client, { showHidden: true }), emulator.state());
await client.createCustomer({ customerId: "ann" });
emulator.inject({ fault: "status", status: 401, code: 1000, body: `{"code":1000,"message":"${secretKey}"}` });
await client.getCustomer("ann").catch((error) => console.log(error, error.stack, JSON.stringify(error)));
emulator.configure({ secretKey: "another_secret_key" });
await client.getCustomerReferralsCount("ann");
