// Uses a client with the keys of its arguments, logs whatever can be logged, and fails unhandled.

import { inspect } from "node:util";
import { Client, Courier, fingerprint, sessionToken, Vault, verifyWebhook } from "gameball-referrals";
import { Emulator } from "gameball-referrals/testing";

const [, , apiKey = "", secretKey = ""] = process.argv;
const emulator = new Emulator({ apiKey, secretKey });
const client = emulator.client();
console.log(client, JSON.stringify(client), inspect(client, { showHidden: true }), emulator.state());
await client.createCustomer({ customerId: "ann" });
const courier = new Courier({ apiKey, secretKey, baseUrl: emulator.url });
const delivery = { id: 1, operation: "createCustomer", arguments: '{"customerId":"ben"}' };
console.log(courier, inspect(courier, { showHidden: true }), await courier.deliver([delivery]));
console.log(await courier.check());
/** @type {any} */
const noKey = { secretKey };
/** @type {any} */
const noOptions = { apiKey: noKey, secretKey: [secretKey] };
for (const mistaken of [
  () => fingerprint(noKey),
  () => verifyWebhook("{}", "signature", noKey),
  () => sessionToken({ secretKey: noKey, customerId: "ann", expiresAt: new Date() }),
  () => new Vault(secretKey).seal(noKey, "context"),
  () => new Client(noOptions),
  () => new Courier(noOptions),
  () => new Emulator({ port: /** @type {any} */ (secretKey) }),
]) {
  try {
    mistaken();
  } catch (error) {
    console.log(error, String(error), inspect(error, { showHidden: true }), JSON.stringify(error));
  }
}
emulator.inject({ fault: "status", status: 401, code: 1000, body: `{"code":1000,"message":"${secretKey}"}` });
await client.getCustomer("ann").catch((error) => console.log(error, error.stack, JSON.stringify(error)));
emulator.configure({ secretKey: "another_secret_key" });
await client.getCustomerReferralsCount("ann");
