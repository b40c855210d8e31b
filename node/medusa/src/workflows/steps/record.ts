/** Steps that write deliveries; their compensation takes back what has not been sent. */

import type { MedusaContainer } from "@medusajs/framework/types";
import { createStep, StepResponse } from "@medusajs/framework/workflows-sdk";
import { GAMEBALL_MODULE } from "../../modules/gameball";
import { customerIdOf } from "../../modules/gameball/recording";
import type GameballModuleService from "../../modules/gameball/service";
import { customersWhere, ordersWhere, ownersOf } from "../../shop/reading";

export interface Recorded {
  /** The dedupe keys of the deliveries that were new. */
  readonly keys: string[];
}

async function takeBack(
  keys: string[] | undefined,
  { container }: { container: MedusaContainer },
): Promise<void> {
  await container.resolve<GameballModuleService>(GAMEBALL_MODULE).takeBack(keys ?? []);
}

export const recordCustomerStep = createStep(
  "gameball-record-customer-step",
  async (input: { customer_id: string }, { container }) => {
    const gameball = container.resolve<GameballModuleService>(GAMEBALL_MODULE);
    const [customer] = await customersWhere(container, { id: input.customer_id });
    const keys = customer === undefined ? [] : await gameball.recordCustomer(customer);
    return new StepResponse<Recorded, string[]>({ keys }, keys);
  },
  takeBack,
);

export const recordOrderStep = createStep(
  "gameball-record-order-step",
  async (input: { order_id: string }, { container }) => {
    const gameball = container.resolve<GameballModuleService>(GAMEBALL_MODULE);
    const { order_moment } = await gameball.account();
    const [found] = await ordersWhere(container, { id: input.order_id }, true);
    const keys: string[] = [];
    if (found?.placed && (found.captured || order_moment === "placed")) {
      const owner = (await ownersOf(container, [found])).get(found.order.id) ?? null;
      keys.push(...(await gameball.recordOrder(found.order, owner, found.customer_id)));
    }
    return new StepResponse<Recorded, string[]>({ keys }, keys);
  },
  takeBack,
);

/** Without a compensation: what was given up cannot be had back. It is the last step of whatever workflow has it. */
export const eraseCustomerStep = createStep(
  "gameball-erase-customer-step",
  async (input: { customer_id: string }, { container }) => {
    const gameball = container.resolve<GameballModuleService>(GAMEBALL_MODULE);
    const [customer] = await customersWhere(container, { id: input.customer_id });
    const customerId = customer && customerIdOf(customer.email, customer.has_account ? customer : null);
    const keys = customerId ? await gameball.eraseCustomer(customerId, input.customer_id) : [];
    return new StepResponse<Recorded>({ keys });
  },
);
