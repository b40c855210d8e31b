/** `GET /store/gameball/me`: the customer's own code, link and friends; never from the network. */

import type { AuthenticatedMedusaRequest, MedusaResponse } from "@medusajs/framework/http";
import { gameballOf } from "../../../../http/module";
import { type OwnProfile, ownProfile } from "../../../../modules/gameball/capture/profiles";

export async function GET(req: AuthenticatedMedusaRequest, res: MedusaResponse<OwnProfile>): Promise<void> {
  const gameball = gameballOf(req);
  res.setHeader("Cache-Control", "private, no-store");
  const { profile, asked } = await ownProfile(
    gameball.host,
    await gameball.account(),
    req.auth_context.actor_id,
  );
  if (asked) {
    gameball.wake();
  }
  res.json(profile);
}
