/** `GET /admin/gameball/deliveries/:id`: one delivery, with its calls and why it waits. */

import type { MedusaRequest, MedusaResponse } from "@medusajs/framework/http";
import { MedusaError } from "@medusajs/framework/utils";
import { gameballOf } from "../../../../../http/module";
import { one } from "../../../../../modules/gameball/admin/deliveries";
import { databaseNow } from "../../../../../modules/gameball/database";
import type { DeliveryAnswer } from "../../contract";

export async function GET(req: MedusaRequest, res: MedusaResponse<DeliveryAnswer>): Promise<void> {
  const { host } = gameballOf(req);
  const id = Number(req.params.id);
  // As large as the column's numbers are.
  const found =
    Number.isInteger(id) && id > 0 && id < 2 ** 31 ? await one(host, id, await databaseNow(host.db)) : null;
  if (found === null) {
    throw new MedusaError(
      MedusaError.Types.NOT_FOUND,
      "There is no such delivery; settled ones are deleted in the end.",
    );
  }
  res.json({ delivery: found });
}
