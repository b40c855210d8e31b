/** Carries the claim from the request into the metadata of customers and carts, and guards the customer's own route. */

import {
  authenticate,
  defineMiddlewares,
  type MedusaNextFunction,
  type MedusaRequest,
  type MedusaResponse,
} from "@medusajs/framework/http";
import { requestClaim } from "../http/claim";

/**
 * Runs after Medusa's own validation. Whatever goes wrong here, the customer or the cart is created: without a claim
 * rather than not at all.
 */
async function carryClaim(req: MedusaRequest, _res: MedusaResponse, next: MedusaNextFunction): Promise<void> {
  await requestClaim(req);
  next();
}

export default defineMiddlewares({
  routes: [
    { method: ["POST"], matcher: "/store/customers", middlewares: [carryClaim] },
    { method: ["POST"], matcher: "/store/carts", middlewares: [carryClaim] },
    { method: ["POST"], matcher: "/store/carts/:id", middlewares: [carryClaim] },
    {
      method: ["GET"],
      matcher: "/store/gameball/me",
      middlewares: [authenticate("customer", ["session", "bearer"])],
    },
  ],
});
