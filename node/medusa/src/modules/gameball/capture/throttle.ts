/** How often one visitor may call the store routes: a fixed window of a minute, in this process. */

import { createHmac } from "node:crypto";
import { BlockList, isIP } from "node:net";
import type { Host } from "../host";

const WINDOW_MS = 60_000;
/** How many visitors an address may stand for that is a proxy's, such as a storefront's server. */
const SHARED = 50;
const MOST_VISITORS = 50_000;

const privateNetworks = new BlockList();
for (const [network, bits] of [
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["127.0.0.0", 8],
] as const) {
  privateNetworks.addSubnet(network, bits, "ipv4");
}
privateNetworks.addAddress("::1", "ipv6");
privateNetworks.addSubnet("fc00::", 7, "ipv6");

let window = 0;
const calls = new Map<string, number>();

/** Counts a call and tells whether the visitor has had at most `limit` of them in this minute. */
export function allows(
  host: Host,
  request: Asked,
  purpose: string,
  limit: number,
  now = Date.now(),
): boolean {
  if (Math.floor(now / WINDOW_MS) !== window || calls.size > MOST_VISITORS) {
    window = Math.floor(now / WINDOW_MS);
    calls.clear();
  }
  const { name, isShared } = visitor(host, request);
  const key = `${purpose}:${name}`;
  const count = (calls.get(key) ?? 0) + 1;
  calls.set(key, count);
  return count <= limit * (isShared ? SHARED : 1);
}

/** What a request tells of its sender. */
export interface Asked {
  readonly ip?: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

function visitor(host: Host, request: Asked): { name: string; isShared: boolean } {
  const header = host.options.trustedIpHeader?.toLowerCase();
  // A proxy appends the address that it saw; what stands before it came from the visitor.
  const told =
    header === undefined
      ? ""
      : (
          String(request.headers[header] ?? "")
            .split(",")
            .at(-1) ?? ""
        ).trim();
  const address = (told || request.ip || "").replace(/^::ffff:/, "");
  const family = isIP(address);
  const isPrivate = family === 0 || privateNetworks.check(address, family === 6 ? "ipv6" : "ipv4");
  // One household has a whole /64.
  const network = family === 6 ? address.split(":").slice(0, 4).join(":") : address;
  const name = createHmac("sha256", host.claimSecret)
    .update(`throttle:${network}`)
    .digest("base64url")
    .slice(0, 22);
  return { name, isShared: told === "" && isPrivate };
}
