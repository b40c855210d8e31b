/** The same, for `import`: one implementation, so that both kinds of module share its classes and connections. */

export type * from "./index.js";
export {
  alerts,
  ClaimSigner,
  Client,
  Courier,
  DEFAULT_PARAMS,
  evidence,
  extractReferrerCode,
  fingerprint,
  GameballError,
  guestCustomerId,
  keyEnvironment,
  ledgerForecast,
  ledgerStatus,
  prepare,
  reasons,
  referralLink,
  sessionToken,
  typedReferrerCode,
  Vault,
  verifyWebhook,
  waiting,
  words,
} from "./index.js";
