// gameball-referrals: `sequential`, `in-flight` (a promise a call), `batch` (`callMany`) and `courier`.

import { Client, Courier, prepare } from "../../node/client/dist/index.mjs";
import { check, IN_FLIGHT, key, measure, mode, order, PAGE, url } from "./protocol.mjs";

const client = new Client({ apiKey: key, secretKey: key, baseUrl: url });
const courier = new Courier({ apiKey: key, secretKey: key, baseUrl: url, concurrency: IN_FLIGHT });

async function track(number) {
  check(number, await client.trackOrder(order(number)));
}

async function trackMany(first) {
  const calls = Array.from({ length: PAGE }, (_, index) => ["trackOrder", order(first + index)]);
  const results = await client.callMany(calls, { concurrency: IN_FLIGHT });
  for (const [index, result] of results.entries()) {
    if (result.status === "rejected") {
      throw result.reason;
    }
    check(first + index, result.value);
  }
}

/** As a sender does it: pages of deliveries as they lie in the outbox, verdicts as they come. */
async function deliverMany(first) {
  const now = new Date();
  const deliveries = Array.from({ length: PAGE }, (_, index) => {
    const prepared = prepare("trackOrder", order(first + index), { now, orders: "all" });
    return { id: first + index, operation: prepared.operation, arguments: prepared.arguments };
  });
  await courier.submit(deliveries, (verdict) => {
    if (verdict.outcome !== "applied") {
      throw new Error(`order ${verdict.id} came to ${verdict.outcome}`);
    }
  });
}

if (mode === "batch") {
  await measure(trackMany, { lanes: 1, step: PAGE });
} else if (mode === "courier") {
  await measure(deliverMany, { lanes: 1, step: PAGE });
} else {
  await measure(track);
}
client.close();
