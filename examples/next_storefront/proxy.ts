/** Captures referrer codes on the way to the pages. On Next.js 15 this file is `middleware.ts`, its function `middleware`. */

import { type NextRequest, NextResponse } from "next/server";
import { referrals } from "@/lib/referrals";

export async function proxy(request: NextRequest) {
  return await referrals.capture(request, NextResponse.next());
}

export const config = {
  // Not the guide: it is static, as from a full-page cache, and has the capture script instead.
  matcher: ["/", "/sign-up", "/log-in", "/account"],
};
