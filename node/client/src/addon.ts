/** Loads the native addon for this platform, or says why there is none. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ErrorDetails, GameballError } from "./errors.js";
import type * as Native from "./native.js";

/** What the core decides, so that nothing here repeats it. */
interface Defaults {
  readonly captureParams: readonly string[];
  readonly claimCookie: string;
  readonly claimHeader: string;
  readonly claimMaxAgeSeconds: number;
  readonly maxDepth: number;
  readonly referralWindowMs: number;
  readonly sharedCacheHeaders: readonly string[];
  readonly visitLimits: {
    readonly capturesPerMinute: number;
    readonly validationsPerMinute: number;
    readonly visitorsPerProxy: number;
    readonly maxTold: number;
    readonly lookupsAtOnce: number;
    readonly lookupRememberedSeconds: number;
    readonly lookupSparedSeconds: number;
    readonly lookupTimeoutSeconds: number;
  };
}

/** @internal */
export const addon: typeof Native = load();

/** @internal */
export const defaults: Defaults = JSON.parse(addon.defaults());

function load(): typeof Native {
  const platform = platformName();
  // A file beside this one comes first: it is what `npm run build` has just made.
  const file = join(__dirname, `gameball-referrals.${platform}.node`);
  // A release has one package for each platform instead, named in `optionalDependencies` with its exact version.
  const name = `gameball-referrals-${platform}`;
  try {
    return require(existsSync(file) ? file : name);
  } catch (cause) {
    const isMissing = cause instanceof Error && "code" in cause && cause.code === "MODULE_NOT_FOUND";
    const problem = isMissing
      ? `neither ${file} nor the package ${name} is there. If the platform is supported, npm was told to omit ` +
        "optional dependencies, or node_modules was copied from another platform: install again. " +
        "Otherwise build it from source with `npm run build`."
      : `it cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`;
    const details: ErrorDetails = {
      kind: "configuration",
      message: `gameball-referrals has no native addon for ${platform} (Node ${process.version}): ${problem}`,
    };
    throw new GameballError(details, { cause });
  }
}

/** As the addon's files are named: `linux-x64-gnu`, `darwin-arm64`, `win32-x64-msvc`. */
function platformName(): string {
  const { platform, arch } = process;
  if (platform === "linux") {
    return `linux-${arch}-${isMusl() ? "musl" : "gnu"}`;
  }
  return platform === "win32" ? `win32-${arch}-msvc` : `${platform}-${arch}`;
}

/** Which C library this very process runs on, whatever else is installed. */
function isMusl(): boolean {
  try {
    const maps = readFileSync("/proc/self/maps", "latin1");
    return maps.includes("/ld-musl-") || maps.includes("libc.musl-");
  } catch {
    // Without /proc. It takes milliseconds, so it is not asked first.
    const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
    return report.header?.glibcVersionRuntime === undefined;
  }
}
