/** `GET /admin/gameball/orders/:id`: whether Gameball has this order, and what came of its customer's referral. */

import type { MedusaRequest, MedusaResponse } from "@medusajs/framework/http";
import { MedusaError } from "@medusajs/framework/utils";
import { gameballOf } from "../../../../../http/module";
import { ofOrder } from "../../../../../modules/gameball/admin/evidence";
import { customerIdOf } from "../../../../../modules/gameball/recording";
import { ordersWhere, ownersOf } from "../../../../../shop/reading";
import type { OrderEvidenceAnswer } from "../../contract";

export async function GET(req: MedusaRequest, res: MedusaResponse<OrderEvidenceAnswer>): Promise<void> {
  const [found] = await ordersWhere(req.scope, { id: req.params.id }, false);
  if (found === undefined) {
    throw new MedusaError(MedusaError.Types.NOT_FOUND, "There is no such order.");
  }
  const owner = (await ownersOf(req.scope, [found])).get(found.order.id) ?? null;
  const { placed, captured, order } = found;
  const facts = {
    id: order.id,
    customerId: customerIdOf(order.email, owner),
    placed,
    captured,
    since: new Date(order.created_at),
  };
  res.json(await ofOrder(gameballOf(req).host, facts));
}
