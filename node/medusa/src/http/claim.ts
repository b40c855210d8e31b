/** The claim of a request: from its header, its cookie, or its metadata. */

import type { MedusaRequest } from "@medusajs/framework/http";
import {
  CLAIM_HEADER,
  CLAIM_KEY,
  CODE_HEADER,
  claimMetadata,
  SOURCE_KEY,
} from "../modules/gameball/capture/claims";
import { inShort } from "../modules/gameball/database";
import { gameballOf } from "./module";

/** The tokens that a request brings, the most trusted first. */
export function tokensOf(req: MedusaRequest): string[] {
  const cookies = (req as { cookies?: Record<string, unknown> }).cookies ?? {};
  const found = [headerOf(req, CLAIM_HEADER), cookies[gameballOf(req).host.options.cookieName]];
  return found.filter((token): token is string => typeof token === "string" && token !== "");
}

export function headerOf(req: MedusaRequest, name: string): string | null {
  const value = req.headers[name];
  return typeof value === "string" && value.trim() !== "" ? value.trim() : null;
}

/** Writes the request's claim into the body's metadata; what is forged is taken out. It never throws. */
export async function requestClaim(req: MedusaRequest): Promise<void> {
  const body = req.validatedBody as { metadata?: Record<string, unknown> | null } | undefined;
  if (body === undefined || body === null) {
    return;
  }
  const given = body.metadata ?? {};
  const tokens = tokensOf(req);
  const typed = headerOf(req, CODE_HEADER);
  if (tokens.length === 0 && typed === null && !(CLAIM_KEY in given) && !(SOURCE_KEY in given)) {
    return;
  }
  const gameball = gameballOf(req);
  try {
    const account = await gameball.account();
    const metadata = claimMetadata(gameball.host, account, { typed, tokens, metadata: given }, new Date());
    if (Object.keys(metadata).length > 0 || body.metadata) {
      body.metadata = metadata;
    }
  } catch (error) {
    gameball.host.logger.warn(`gameball: a claim could not be read and counts as none. (${inShort(error)})`);
  }
}
