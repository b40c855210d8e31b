// Worker threads: each makes calls of its own; some end, or are ended, while calls are under way.

import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

const FILE = fileURLToPath(import.meta.url);

if (isMainThread) {
  // The package is loaded in the workers only, so that its addon has to survive all of them.
  const first = new Worker(FILE, { workerData: { role: "emulator" } });
  const [{ url }] = await once(first, "message");
  for (let round = 0; round < 5; round++) {
    const start = (/** @type {string} */ role) => {
      const worker = new Worker(FILE, { workerData: { role, url } });
      return { worker, message: once(worker, "message").then(([message]) => message) };
    };
    const callers = [start("caller"), start("caller")];
    const leavers = [start("leaver"), start("leaver")];
    const cutOff = new Worker(FILE, { workerData: { role: "leaver", url } });
    const answers = await Promise.all([...callers, ...leavers].map(({ message }) => message));
    if (String(answers) !== "20,20,leaving,leaving") throw new Error(`answers: ${answers}`);
    await cutOff.terminate();
  }
  await first.terminate();
  console.log("done");
} else if (workerData.role === "emulator") {
  const { Emulator } = await import("gameball-referrals/testing");
  const emulator = new Emulator({ limits: false });
  emulator.addCustomer({ customerId: "ann" });
  emulator.inject({ fault: "blackHole", customerId: "nobody", times: null });
  parentPort?.postMessage({ url: emulator.url });
  setInterval(() => {}, 60_000);
} else {
  const { Client } = await import("gameball-referrals");
  const client = new Client({ apiKey: "gb_test_api_key", baseUrl: workerData.url });
  if (workerData.role === "caller") {
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.getCustomer("ann")));
    parentPort?.postMessage(answers.length);
  } else {
    for (let index = 0; index < 20; index++) client.getCustomer("nobody").catch(() => {});
    await client.getCustomer("ann");
    parentPort?.postMessage("leaving");
    process.exit(0);
  }
}
