/** `GET /store/gameball/program?lang=…`: the program's rewards in words. */

import type { MedusaRequest, MedusaResponse } from "@medusajs/framework/http";
import { gameballOf } from "../../../../http/module";
import { program } from "../../../../modules/gameball/capture/lookup";
import type { Program } from "../../../../modules/gameball/capture/program";
import { allows } from "../../../../modules/gameball/capture/throttle";

const A_MINUTE = 60;

export interface ProgramAnswer {
  /** Null: it cannot be told right now. */
  program: Program | null;
}

export async function GET(req: MedusaRequest, res: MedusaResponse<ProgramAnswer>): Promise<void> {
  const gameball = gameballOf(req);
  if (!allows(gameball.host, req, "program", A_MINUTE)) {
    res.status(429).json({ program: null });
    return;
  }
  const { lang } = req.query;
  const language = typeof lang === "string" && /^[A-Za-z-]{2,10}$/.test(lang) ? lang : null;
  res.json({ program: await program(gameball.host, await gameball.account(), language) });
}
