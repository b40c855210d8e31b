/**
 * The capture script: `<script src="/gameball/capture.js" data-url="/gameball/capture" defer></script>`. It shows what is
 * marked `data-gameball-banner` once the visitor has a claim. At most 1 KB, packed.
 */

import { type Captured, carriesCode, hasReferral, kept, PARAMS } from "./capture.js";

const { url = "/gameball/capture", params } = (document.currentScript as HTMLScriptElement).dataset;
const show = () => {
  for (const banner of document.querySelectorAll<HTMLElement>("[data-gameball-banner]"))
    banner.hidden = false;
};
if (hasReferral()) show();
if (carriesCode(location.search, params?.split(" ") ?? PARAMS)) {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ query: location.search });
  fetch(url, { method: "POST", headers, body, credentials: "include", keepalive: true })
    .then((answer) => answer.json())
    .then((captured: Captured) => kept(captured).captured && show())
    .catch(() => {});
}
