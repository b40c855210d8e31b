// axios, with an agent that keeps its connections.

import { Agent } from "node:http";
import axios from "axios";
import { check, headers, IN_FLIGHT, measure, order, ordersUrl } from "./protocol.mjs";

const httpAgent = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT });
const client = axios.create({ headers, httpAgent });

await measure(async (number) => {
  const answer = await client.post(ordersUrl, order(number));
  check(number, answer.data);
});
httpAgent.destroy();
