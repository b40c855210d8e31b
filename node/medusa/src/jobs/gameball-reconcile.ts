/** Finds what the event bus lost, twice a minute: within the five minutes that a referral has. */

import type { MedusaContainer } from "@medusajs/framework/types";
import { ContainerRegistrationKeys } from "@medusajs/framework/utils";
import { inShort } from "../modules/gameball/database";
import { sweep } from "../shop/reconciling";

export default async function reconcile(container: MedusaContainer) {
  const logger = container.resolve(ContainerRegistrationKeys.LOGGER);
  try {
    const { customers, orders } = await sweep(container);
    if (customers + orders > 0) {
      logger.info(
        `gameball: the reconcile job found ${customers} customers and ${orders} orders that no event told of.`,
      );
    }
  } catch (error) {
    logger.error(`gameball: the reconcile job failed and is run again. (${inShort(error)})`);
  }
}

export const config = {
  name: "gameball-reconcile",
  schedule: { interval: Number(process.env.GAMEBALL_RECONCILE_INTERVAL_MS) || 30_000 },
};
