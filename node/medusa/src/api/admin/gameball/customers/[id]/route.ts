/** `GET /admin/gameball/customers/:id`: why this friend counts, or doesn't. */

import type { MedusaRequest, MedusaResponse } from "@medusajs/framework/http";
import { MedusaError } from "@medusajs/framework/utils";
import { gameballOf } from "../../../../../http/module";
import { ofCustomer } from "../../../../../modules/gameball/admin/evidence";
import { customersWhere } from "../../../../../shop/reading";
import type { CustomerEvidenceAnswer } from "../../contract";

export async function GET(req: MedusaRequest, res: MedusaResponse<CustomerEvidenceAnswer>): Promise<void> {
  const [customer] = await customersWhere(req.scope, { id: req.params.id });
  if (customer === undefined) {
    throw new MedusaError(MedusaError.Types.NOT_FOUND, "There is no such customer.");
  }
  res.json(await ofCustomer(gameballOf(req).host, customer));
}
