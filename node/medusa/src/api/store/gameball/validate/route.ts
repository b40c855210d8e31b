/** `GET /store/gameball/validate?code=…`: whether a typed code is `valid`, `invalid` or `unknown`; never whose it is. */

import type { MedusaRequest, MedusaResponse } from "@medusajs/framework/http";
import { gameballOf } from "../../../../http/module";
import { typedCode } from "../../../../modules/gameball/capture/claims";
import { validate } from "../../../../modules/gameball/capture/lookup";
import { allows } from "../../../../modules/gameball/capture/throttle";

const LONGEST = 4096;
const A_MINUTE = 10;

export interface ValidateAnswer {
  /** `unknown`: it cannot be told right now. Let the customer go on: sign-up works with any of the three. */
  result: "valid" | "invalid" | "unknown";
}

export async function GET(req: MedusaRequest, res: MedusaResponse<ValidateAnswer>): Promise<void> {
  const gameball = gameballOf(req);
  res.setHeader("Cache-Control", "no-store");
  const typed = req.query.code;
  if (typeof typed !== "string" || typed.length > LONGEST) {
    res.status(400).json({ result: "unknown" });
    return;
  }
  const code = typedCode(gameball.host, typed);
  if (code === null) {
    res.json({ result: "invalid" });
    return;
  }
  if (!allows(gameball.host, req, "validate", A_MINUTE)) {
    res.status(429).json({ result: "unknown" });
    return;
  }
  res.json({ result: await validate(gameball.host, await gameball.account(), code) });
}
