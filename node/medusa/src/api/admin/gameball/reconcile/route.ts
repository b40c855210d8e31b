/** `POST /admin/gameball/reconcile`: compares the shop with what was recorded, and records what is missing. */

import type { MedusaRequest, MedusaResponse } from "@medusajs/framework/http";
import { reconcile } from "../../../../shop/reconciling";
import type { ReconcileAnswer } from "../contract";
import { parsed, ReconcileBody } from "../validators";

export async function POST(req: MedusaRequest, res: MedusaResponse<ReconcileAnswer>): Promise<void> {
  const dryRun = parsed(ReconcileBody, req.body).dry_run ?? false;
  res.json({ dry_run: dryRun, ...(await reconcile(req.scope, { dryRun })) });
}
