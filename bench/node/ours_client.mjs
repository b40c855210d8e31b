// gameball-referrals: `sequential`, `in-flight` (a promise a call) and `batch` (`callMany`).

import { Client } from "../../node/client/dist/index.mjs";
import { check, IN_FLIGHT, key, measure, mode, order, PAGE, url } from "./protocol.mjs";

const client = new Client({ apiKey: key, secretKey: key, baseUrl: url });

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

if (mode === "batch") {
  await measure(trackMany, { lanes: 1, step: PAGE });
} else {
  await measure(track);
}
client.close();
