/** `POST /admin/gameball/deliveries/cancel`: gives up those that wait or have failed. */

import type { MedusaRequest, MedusaResponse } from "@medusajs/framework/http";
import { gameballOf } from "../../../../../http/module";
import type { DeliveriesActionAnswer } from "../../contract";
import { ActionBody, parsed } from "../../validators";

export async function POST(req: MedusaRequest, res: MedusaResponse<DeliveriesActionAnswer>): Promise<void> {
  const { ids } = parsed(ActionBody, req.body);
  res.json({ changed: await gameballOf(req).act("cancel", ids) });
}
