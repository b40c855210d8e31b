/**
 * What a storefront needs in the browser, whatever it is made with. No native addon, no framework, no dependency; loads on
 * a server, too.
 *
 * - `share.ts`: {@link defineReferralShare}, the element · `labels.ts`: {@link ENGLISH}, its texts · `qr.ts` its QR code
 * - `store.ts`: {@link storeClient}, the shop's referral routes
 * - `capture.ts`: {@link captureReferral}, {@link hasReferral} · `capture-script.ts`: the same as a script of 1 KB
 *
 * @packageDocumentation
 */

export { type Captured, type CaptureRequest, captureReferral, hasReferral, PARAMS } from "./capture.js";
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
  CODE_HEADER,
  type OwnReferrals,
  type Program,
  type StoreClient,
  StoreError,
  type StoreOptions,
  storeClient,
  type Validity,
} from "./store.js";
