/** `GET /admin/gameball/dashboard`: receipts over time, the backlog, what the operator has to know. */

import type { MedusaRequest, MedusaResponse } from "@medusajs/framework/http";
import { gameballOf } from "../../../../http/module";
import { dashboard } from "../../../../modules/gameball/admin/dashboard";
import type { DashboardAnswer } from "../contract";
import { DashboardParams, parsed } from "../validators";

export async function GET(req: MedusaRequest, res: MedusaResponse<DashboardAnswer>): Promise<void> {
  const { days } = parsed(DashboardParams, req.query);
  res.json(await dashboard(gameballOf(req).host, days));
}
