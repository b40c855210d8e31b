/** The kit as one script: `<script src="/gameball/storefront.js" defer></script>` makes the element known by itself. */

import { defineReferralShare } from "./share.js";

export * from "./index.js";

defineReferralShare();
