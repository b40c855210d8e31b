/** A customer was created: write it down at once, with the claim in their metadata. */

import type { SubscriberArgs, SubscriberConfig } from "@medusajs/framework";
import recordCustomerWorkflow from "../workflows/record-customer";

export default async function customerCreated({ event, container }: SubscriberArgs<{ id: string }>) {
  await recordCustomerWorkflow(container).run({ input: { customer_id: event.data.id } });
}

export const config: SubscriberConfig = {
  event: "customer.created",
  context: { subscriberId: "gameball-customer-created" },
};
