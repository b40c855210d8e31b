// fetch, as it comes with Node.

import { check, headers, measure, order, ordersUrl } from "./protocol.mjs";

const all = { ...headers, "content-type": "application/json" };

await measure(async (number) => {
  const answer = await fetch(ordersUrl, {
    method: "POST",
    headers: all,
    body: JSON.stringify(order(number)),
  });
  if (!answer.ok) {
    throw new Error(`status ${answer.status}`);
  }
  check(number, await answer.json());
});
