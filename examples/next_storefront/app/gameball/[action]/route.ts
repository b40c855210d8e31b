/** What the browser asks: `POST /gameball/capture`, `POST /gameball/validate`, `GET /gameball/capture.js`. */

import { referrals } from "@/lib/referrals";

export const { GET, POST } = referrals.handlers;
