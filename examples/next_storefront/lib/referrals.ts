/** Capture, set up once. */

import { Client } from "gameball-referrals";
import { referralCapture } from "gameball-referrals/next";

const { GAMEBALL_CLAIM_KEY, GAMEBALL_API_KEY, GAMEBALL_BASE_URL } = process.env;

const client = GAMEBALL_API_KEY ? new Client({ apiKey: GAMEBALL_API_KEY, baseUrl: GAMEBALL_BASE_URL }) : null;

export const referrals = referralCapture({
  // The back end has the same key: it reads the claims of this storefront, and this storefront reads the back end's.
  key: GAMEBALL_CLAIM_KEY ?? "",
  validate: client ? (code) => client.validateReferrerCode(code) : undefined,
});
