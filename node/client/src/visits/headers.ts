/** Cookies and cache headers, read and written. What has to be in them the core says. */

import { defaults } from "../addon.js";
import { type CookieAttributes, decide } from "./core.js";

/**
 * The claim cookie as it goes into an answer.
 *
 * @internal
 */
export interface ClaimCookie extends CookieAttributes {
  readonly name: string;
  readonly value: string;
  readonly domain: string | null;
}

/**
 * An answer's headers, as a framework has them.
 *
 * @internal
 */
export interface Headers {
  get(name: string): string | null;
  set(name: string, value: string): void;
  delete(name: string): void;
}

/**
 * A cookie's value in a `Cookie` header; null where it has none.
 *
 * @internal
 */
export function cookieIn(header: string | null, name: string): string | null {
  for (const pair of (header ?? "").split(";")) {
    const [key, ...value] = pair.split("=");
    if (key?.trim() === name) return value.join("=").trim() || null;
  }
  return null;
}

/** @internal */
export function cookieText({ name, value, ...attributes }: ClaimCookie): string {
  const { maxAge, path, domain, secure, httpOnly, sameSite } = attributes;
  const parts = [`${name}=${value}`, `Max-Age=${maxAge}`, `Path=${path}`, `SameSite=${sameSite}`];
  if (domain !== null) parts.push(`Domain=${domain}`);
  if (secure) parts.push("Secure");
  if (httpOnly) parts.push("HttpOnly");
  return parts.join("; ");
}

/**
 * The `Set-Cookie` headers with a cookie put in place of one of its name.
 *
 * @internal
 */
export function withCookie(headers: readonly string[], cookie: ClaimCookie): string[] {
  return [...headers.filter((header) => !header.startsWith(`${cookie.name}=`)), cookieText(cookie)];
}

/**
 * Tells caches what an answer depends on: no cache that several visitors share may hand one's claim to another.
 *
 * @internal
 */
export function tellCaches(headers: Headers, caching: "shared" | "varies" | "private"): void {
  if (caching === "shared") return;
  headers.set("Vary", decide("variesByCookie", { header: headers.get("Vary") ?? "" }));
  if (caching === "varies") return;
  headers.set("Cache-Control", decide("privateCacheControl", { header: headers.get("Cache-Control") ?? "" }));
  for (const name of defaults.sharedCacheHeaders) headers.delete(name);
}
