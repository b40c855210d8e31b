/** `POST /admin/gameball/deliveries/retry`: has those that wait tried at once. */

import type { MedusaRequest, MedusaResponse } from "@medusajs/framework/http";
import { gameballOf } from "../../../../../http/module";
import type { DeliveriesActionAnswer } from "../../contract";
import { ActionBody, parsed } from "../../validators";

export async function POST(req: MedusaRequest, res: MedusaResponse<DeliveriesActionAnswer>): Promise<void> {
  const { ids } = parsed(ActionBody, req.body);
  res.json({ changed: await gameballOf(req).act("retry", ids) });
}
