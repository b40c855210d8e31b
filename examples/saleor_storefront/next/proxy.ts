// Runs before each page: a visit to a referral link leaves its signed claim in a cookie.
import { type NextRequest, NextResponse } from "next/server";
import { COOKIE, claimOf, MAX_AGE } from "./lib/referral";

export function proxy(request: NextRequest): NextResponse {
  const response = NextResponse.next();
  const claim = claimOf(request.url);
  if (claim) {
    const secure = request.nextUrl.protocol === "https:";
    response.cookies.set(COOKIE, claim, { httpOnly: true, sameSite: "lax", secure, maxAge: MAX_AGE });
    // No cache that several visitors share may hand one's claim to another.
    response.headers.set("Cache-Control", "private, no-store");
  }
  return response;
}

export const config = { matcher: "/((?!_next/|favicon.ico).*)" };
