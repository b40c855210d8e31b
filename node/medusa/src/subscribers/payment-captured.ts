/** A payment was captured: its order counts now, where the shop waits for that. */

import type { SubscriberArgs, SubscriberConfig } from "@medusajs/framework";
import { orderOfPayment } from "../shop/reading";
import recordOrderWorkflow from "../workflows/record-order";

export default async function paymentCaptured({ event, container }: SubscriberArgs<{ id: string }>) {
  const orderId = await orderOfPayment(container, event.data.id);
  if (orderId !== null) {
    await recordOrderWorkflow(container).run({ input: { order_id: orderId } });
  }
}

export const config: SubscriberConfig = {
  event: "payment.captured",
  context: { subscriberId: "gameball-payment-captured" },
};
