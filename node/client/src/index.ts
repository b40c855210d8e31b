/**
 * Gameball referrals for Node. The way in; each name's home:
 *
 * - `client.ts`: {@link Client}, the calls to Gameball · `types.ts`: what goes in and comes out
 * - `courier.ts`: {@link Courier}, sends what a shop has recorded in its database · `deliveries.ts`: what goes in and
 *   comes out · `prepare.ts`: {@link prepare}, what is recorded · `ledgers.ts`: {@link ledgerStatus},
 *   {@link ledgerForecast} · `evidence.ts`: {@link evidence}, {@link waiting}, {@link alerts}, {@link words} ·
 *   `evidence-types.ts`: what goes in and comes out
 * - `links.ts`: {@link referralLink}, {@link extractReferrerCode}, {@link typedReferrerCode}, {@link DEFAULT_PARAMS}
 * - `claims.ts`: {@link ClaimSigner}, a captured code that survives until registration
 * - `tokens.ts`: {@link sessionToken} for the widget · `webhooks.ts`: {@link verifyWebhook}
 * - `sealing.ts`: {@link Vault}, {@link fingerprint}
 * - `errors.ts`: {@link GameballError}, the one class of errors
 *
 * Ways in of their own: `express.ts`, `fastify.ts`, `next.ts` (capture, each on `visits/`: `referral.ts` one request's
 * claim, `endpoints.ts` what the browser asks), `storefront/` (what runs in the browser), `testing.ts` (the emulator).
 *
 * Below them: `calls.ts` (pending calls), `encode.ts` and `delivery-text.ts` (what crosses as JSON text), `values.ts`
 * (other values, checked), `addon.ts` (loads the native addon).
 *
 * @packageDocumentation
 */

export { type Claim, ClaimSigner, type ClaimSignerOptions } from "./claims.js";
export { Client } from "./client.js";
export { Courier, type CourierOptions } from "./courier.js";
export type * from "./deliveries.js";
export { type ErrorCode, type ErrorDetails, type ErrorKind, GameballError } from "./errors.js";
export {
  type AlertsInput,
  alerts,
  type EvidenceInput,
  evidence,
  type WaitingInput,
  waiting,
  words,
} from "./evidence.js";
export type * from "./evidence-types.js";
export { type LedgerOptions, ledgerForecast, ledgerStatus } from "./ledgers.js";
export {
  DEFAULT_PARAMS,
  type ExtractOptions,
  extractReferrerCode,
  referralLink,
  typedReferrerCode,
} from "./links.js";
export { guestCustomerId, keyEnvironment, type PrepareOptions, prepare, reasons } from "./prepare.js";
export { fingerprint, Vault, type VaultOptions } from "./sealing.js";
export { type SessionTokenInput, sessionToken } from "./tokens.js";
export type * from "./types.js";
export { verifyWebhook } from "./webhooks.js";
