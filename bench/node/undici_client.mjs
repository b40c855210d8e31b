// undici: one pool with as many connections as calls are in flight.

import { Pool } from "undici";
import { check, headers, IN_FLIGHT, measure, order, ordersUrl, url } from "./protocol.mjs";

const pool = new Pool(url, { connections: IN_FLIGHT });
const path = new URL(ordersUrl).pathname;
const all = { ...headers, "content-type": "application/json" };

await measure(async (number) => {
  const body = JSON.stringify(order(number));
  const answer = await pool.request({ path, method: "POST", headers: all, body });
  if (answer.statusCode !== 200) {
    throw new Error(`status ${answer.statusCode}`);
  }
  check(number, await answer.body.json());
});
await pool.close();
