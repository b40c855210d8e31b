/**
 * What a storefront needs in the browser, whatever it is made with. No native addon, no framework, no dependency; loads on
 * a server, too.
 *
 * - `share.ts`: {@link defineReferralShare}, the element · `labels.ts`: {@link ENGLISH}, its texts · `qr.ts` its QR code
 * - `store.ts`: {@link storeClient}, {@link medusaClient}, the shop's referral routes
 * - `capture.ts`: {@link carriesCode}, {@link hasReferral} · `capture-script.ts`: capture as a script of 1 KB
 *
 * @packageDocumentation
 */

export { type Captured, carriesCode, hasReferral, PARAMS } from "./capture.js";
export { ENGLISH, type ShareLabels } from "./labels.js";
export {
  defineReferralShare,
  type ReferralShareAttributes,
  type ReferralShareElement,
  type Shared,
  TAG,
} from "./share.js";
export {
  CLAIM_HEADER,
  type ClaimStorage,
  CODE_HEADER,
  type MedusaClient,
  type MedusaOptions,
  medusaClient,
  type OwnReferrals,
  type Program,
  type StoreClient,
  StoreError,
  type StoreOptions,
  storeClient,
  type Validity,
} from "./store.js";
