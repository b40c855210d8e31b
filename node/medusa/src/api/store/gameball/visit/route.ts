/**
 * `GET /store/gameball/visit?url=…`: what a page tells of its own URL. Answers with the claim to keep, and keeps it in a
 * cookie, too, for storefronts on the same site.
 */

import type { MedusaRequest, MedusaResponse } from "@medusajs/framework/http";
import { tokensOf } from "../../../../http/claim";
import { gameballOf } from "../../../../http/module";
import { captured } from "../../../../modules/gameball/capture/claims";
import { allows } from "../../../../modules/gameball/capture/throttle";

const LONGEST_URL = 4096;
const A_MINUTE = 60;

export interface VisitAnswer {
  /** To be kept by the storefront, and sent as `x-gameball-claim` with sign-up and carts; null: there is none. */
  claim: string | null;
  until: string | null;
}

export async function GET(req: MedusaRequest, res: MedusaResponse<VisitAnswer>): Promise<void> {
  const gameball = gameballOf(req);
  res.setHeader("Cache-Control", "no-store");
  const { url } = req.query;
  if (typeof url !== "string" || url.length > LONGEST_URL) {
    res.status(400).json({ claim: null, until: null });
    return;
  }
  if (!allows(gameball.host, req, "visit", A_MINUTE)) {
    res.status(429).json({ claim: null, until: null });
    return;
  }
  const now = new Date();
  const kept = captured(gameball.host, await gameball.account(), url, tokensOf(req), now);
  if (kept !== null) {
    const { cookieName, cookieDomain } = gameball.host.options;
    res.cookie(cookieName, kept.token, {
      httpOnly: true,
      secure: req.secure,
      sameSite: "lax",
      path: "/",
      expires: kept.until,
      ...(cookieDomain === undefined ? {} : { domain: cookieDomain }),
    });
  }
  res.json({ claim: kept?.token ?? null, until: kept?.until.toISOString() ?? null });
}
