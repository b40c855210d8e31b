/**
 * The capture script: `<script src="/gameball/capture.js" data-url="/gameball/capture" defer></script>`. It shows what is
 * marked `data-gameball-banner` once the visitor has a claim. At most 1 KB, packed.
 */

import { captureReferral, hasReferral } from "./capture.js";

const { url, params, key } = (document.currentScript as HTMLScriptElement).dataset;
const show = () => {
  for (const banner of document.querySelectorAll<HTMLElement>("[data-gameball-banner]")) banner.hidden = false;
};
if (hasReferral()) show();
captureReferral({
  url: url ?? "/gameball/capture",
  params: params?.split(" "),
  headers: key ? { "x-publishable-api-key": key } : {},
}).then(
  (captured) => captured?.captured && show(),
  () => {},
);
