/** `GET` and `POST /admin/gameball/settings`: keys go in sealed, and never come out. */

import type { MedusaRequest, MedusaResponse } from "@medusajs/framework/http";
import { gameballOf } from "../../../../http/module";
import { columnsOf, RefusedSettings, settingsView } from "../../../../modules/gameball/admin/settings";
import updateSettingsWorkflow from "../../../../workflows/update-settings";
import type { SettingsAnswer } from "../contract";
import { invalid, parsed, SettingsBody } from "../validators";

export async function GET(req: MedusaRequest, res: MedusaResponse<SettingsAnswer>): Promise<void> {
  const gameball = gameballOf(req);
  res.json({ settings: settingsView(gameball.host, await gameball.account()) });
}

export async function POST(req: MedusaRequest, res: MedusaResponse<SettingsAnswer>): Promise<void> {
  const gameball = gameballOf(req);
  const update = parsed(SettingsBody, req.body);
  try {
    await updateSettingsWorkflow(req.scope).run({ input: columnsOf(gameball.host, update) });
  } catch (error) {
    throw error instanceof RefusedSettings ? invalid(error.message) : error;
  }
  res.json({ settings: settingsView(gameball.host, await gameball.account()) });
}
