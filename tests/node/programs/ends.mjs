// Makes calls and then has nothing more to do: the process must end by itself, though the emulator still runs.

import { Courier } from "gameball-referrals";
import { Emulator } from "gameball-referrals/testing";

const emulator = new Emulator();
const client = emulator.client();
await client.createCustomer({ customerId: "ann" });
// Nobody awaits this one: the process has to stay for it.
client.getCustomer("ann").then((customer) => console.log(customer.customerId));
const courier = new Courier({ apiKey: emulator.apiKey, baseUrl: emulator.url });
const delivery = { id: 1, operation: "createCustomer", arguments: '{"customerId":"ben"}' };
courier.submit([delivery], async ({ outcome }) => console.log(outcome));
