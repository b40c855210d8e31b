/** `GET /admin/gameball/health`: 200 while deliveries flow, 503 while something keeps them. */

import type { MedusaRequest, MedusaResponse } from "@medusajs/framework/http";
import { gameballOf } from "../../../../http/module";
import { health } from "../../../../modules/gameball/admin/dashboard";
import type { HealthAnswer } from "../contract";

export async function GET(req: MedusaRequest, res: MedusaResponse<HealthAnswer>): Promise<void> {
  const found = await health(gameballOf(req).host);
  res.status(found.ok ? 200 : 503).json(found);
}
