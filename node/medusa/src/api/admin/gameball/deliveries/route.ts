/** `GET /admin/gameball/deliveries`: the newest first, filtered. */

import type { MedusaRequest, MedusaResponse } from "@medusajs/framework/http";
import { gameballOf } from "../../../../http/module";
import { list } from "../../../../modules/gameball/admin/deliveries";
import type { DeliveriesAnswer } from "../contract";
import { DeliveriesParams, parsed } from "../validators";

export async function GET(req: MedusaRequest, res: MedusaResponse<DeliveriesAnswer>): Promise<void> {
  const { state, operation, referred, q, limit, offset } = parsed(DeliveriesParams, req.query);
  const filter = { states: state, operations: operation, referred: referred === "true", q: q || null };
  res.json(await list(gameballOf(req).host, filter, limit, offset));
}
