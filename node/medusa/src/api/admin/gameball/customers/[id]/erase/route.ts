/** `POST /admin/gameball/customers/:id/erase`: forgets a customer here and at Gameball. */

import type { MedusaRequest, MedusaResponse } from "@medusajs/framework/http";
import eraseCustomerWorkflow from "../../../../../../workflows/erase-customer";
import type { EraseAnswer } from "../../../contract";

export async function POST(req: MedusaRequest, res: MedusaResponse<EraseAnswer>): Promise<void> {
  const { result } = await eraseCustomerWorkflow(req.scope).run({
    input: { customer_id: req.params.id as string },
  });
  res.json({ recorded: result.keys.length > 0 });
}
