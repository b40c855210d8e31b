/**
 * `GET /gameball/script`: the script that captures visits on any storefront.
 *
 * `<script async src="https://shop-backend.example/gameball/script" data-key="pk_…"></script>`. It keeps the claim in a
 * cookie of the storefront's, `gb_claim`, for its own code to send as `x-gameball-claim` with sign-up and carts.
 */

import type { MedusaRequest, MedusaResponse } from "@medusajs/framework/http";
import { DEFAULT_PARAMS } from "gameball-referrals";
import { gameballOf } from "../../../http/module";

export async function GET(req: MedusaRequest, res: MedusaResponse): Promise<void> {
  const { captureParams, cookieName } = gameballOf(req).host.options;
  res.setHeader("Content-Type", "text/javascript; charset=utf-8");
  res.setHeader("Cache-Control", "public, max-age=3600");
  res.send(script(captureParams ?? DEFAULT_PARAMS, cookieName));
}

/** Asks the shop only where the URL carries one of the parameters. */
function script(params: readonly string[], cookie: string): string {
  const names = JSON.stringify(params.map((name) => name.toLowerCase()));
  const name = JSON.stringify(cookie);
  return `(function(d,l){var s=d.currentScript,p=${names},n=${name},f;
try{new URLSearchParams(l.search).forEach(function(v,k){f=f||p.indexOf(k.toLowerCase())>=0})}catch(e){}
if(!f||!s)return;var c=d.cookie.match("(?:^|; )"+n+"=([^;]*)"),h={"x-publishable-api-key":s.getAttribute("data-key")};
if(c)h["x-gameball-claim"]=c[1];
fetch(new URL("/store/gameball/visit?url="+encodeURIComponent(l.search),s.src),{headers:h,credentials:"include"})
.then(function(r){return r.json()}).then(function(a){if(a.claim)d.cookie=n+"="+a.claim+"; path=/; samesite=lax; expires="+
new Date(a.until).toUTCString()+(l.protocol==="https:"?"; secure":"")}).catch(function(){})})(document,location);
`;
}
