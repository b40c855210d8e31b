// Makes calls and then has nothing more to do: the process must end by itself, though the emulator still runs.

import { Emulator } from "gameball-referrals/testing";

const emulator = new Emulator();
const client = emulator.client();
await client.createCustomer({ customerId: "ann" });
// Nobody awaits this one: the process has to stay for it.
client.getCustomer("ann").then((customer) => console.log(customer.customerId));
