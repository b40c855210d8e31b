/** `POST /admin/gameball/settings/check`: whether Gameball accepts the saved keys, asked when the button is pressed. */

import type { MedusaRequest, MedusaResponse } from "@medusajs/framework/http";
import { gameballOf } from "../../../../../http/module";
import { testConnection } from "../../../../../modules/gameball/admin/settings";
import type { CheckAnswer } from "../../contract";

export async function POST(req: MedusaRequest, res: MedusaResponse<CheckAnswer>): Promise<void> {
  const gameball = gameballOf(req);
  const check = await testConnection(gameball.host);
  gameball.wake();
  res.json({ check });
}
