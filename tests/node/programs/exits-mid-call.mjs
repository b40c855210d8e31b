// Ends the process while calls are under way.

import { Emulator } from "gameball-referrals/testing";

const emulator = new Emulator();
emulator.inject({ fault: "blackHole", times: null });
const client = emulator.client();
for (let index = 0; index < 50; index++) client.getCustomer("ann").catch(() => {});
while (emulator.requests().length === 0) await new Promise((resolve) => setImmediate(resolve));
process.exit(7);
