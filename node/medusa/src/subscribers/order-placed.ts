/** An order was placed: write it down, unless the shop waits for its payment. */

import type { SubscriberArgs, SubscriberConfig } from "@medusajs/framework";
import recordOrderWorkflow from "../workflows/record-order";

export default async function orderPlaced({ event, container }: SubscriberArgs<{ id: string }>) {
  await recordOrderWorkflow(container).run({ input: { order_id: event.data.id } });
}

export const config: SubscriberConfig = {
  event: "order.placed",
  context: { subscriberId: "gameball-order-placed" },
};
