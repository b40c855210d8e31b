/** The plugin's options: from `medusa-config.ts`, else from the environment, else their defaults. */

/** What may be given in `medusa-config.ts`; all of it is optional. */
export interface GameballOptions {
  /** Gameball's API key; wins over the one saved in the admin. Environment: `GAMEBALL_API_KEY`. */
  apiKey?: string;
  /** Gameball's secret key, likewise. Environment: `GAMEBALL_SECRET_KEY`. */
  secretKey?: string;
  /** Seals keys that are saved in the admin; at least 32 characters. Environment: `GAMEBALL_ENCRYPTION_KEY`. */
  encryptionKey?: string;
  /** Former encryption keys. Environment: `GAMEBALL_ENCRYPTION_KEY_FALLBACKS`, separated by commas. */
  encryptionKeyFallbacks?: string[];
  /** Signs claims; give it where other back ends must read them. Environment: `GAMEBALL_CLAIM_SECRET`. */
  claimSecret?: string;
  /** Where Gameball is; an emulator's URL in development. Environment: `GAMEBALL_BASE_URL`. */
  baseUrl?: string;
  /** `v4.0` or `v4.1`. Environment: `GAMEBALL_API_VERSION`. */
  apiVersion?: "v4.0" | "v4.1";
  /** Let keys travel over plain HTTP to other hosts than loopback. Default false. */
  allowPlainHttp?: boolean;
  /** Milliseconds for one call. Default 10,000. */
  timeoutMs?: number;
  /** Calls that one sender has under way at once. Default 32. */
  concurrency?: number;
  /** Who delivers: `loop`, every process that works off events; `off`: not this one. Environment: `GAMEBALL_SENDER`. */
  sender?: "loop" | "off";
  /** Milliseconds after which a sender looks for work that nobody told it of. Default 2,000. */
  pollIntervalMs?: number;
  /** Milliseconds after which a delivery of a sender that died is taken over. Default 60,000. */
  leaseMs?: number;
  /** Milliseconds that calls under way are given when the process ends. Default 8,000. */
  graceMs?: number;
  /** How long after a registration Gameball links a friend. Default five minutes. */
  referralWindowMs?: number;
  /** Attempts after which a delivery is laid aside as failed. Default 100, most of a day. */
  maxAttempts?: number;
  /** Name of the claim cookie. Default `gb_claim`. */
  cookieName?: string;
  /** Domain of the claim cookie, such as `.shop.example`, for a storefront on another subdomain. */
  cookieDomain?: string;
  /** Query parameters that carry a code. Default: the documented ones. */
  captureParams?: string[];
  /** Header in which your own proxy puts the visitor's address, for the rate limits of the store routes. */
  trustedIpHeader?: string;
  /** Age at which a customer's cached code and link are refreshed. Default 24 hours. */
  profileMaxAgeMs?: number;
  /** Days for which settled deliveries are kept; 0: for ever. Default 365. */
  retentionDays?: number;
  /** For tests with the emulator's switch of the same name only. Environment: `GAMEBALL_LIMIT_WINDOWS_DIVISOR`. */
  limitWindowsDivisor?: number;
}

/** The options as the plugin goes by them. */
export interface Options extends Readonly<GameballOptions> {
  readonly timeoutMs: number;
  readonly concurrency: number;
  readonly sender: "loop" | "off";
  readonly pollIntervalMs: number;
  readonly leaseMs: number;
  readonly graceMs: number;
  readonly referralWindowMs: number;
  readonly maxAttempts: number;
  readonly cookieName: string;
  readonly profileMaxAgeMs: number;
  readonly retentionDays: number;
  readonly encryptionKeyFallbacks: string[];
  readonly limitWindowsDivisor: number;
}

type Kind = "text" | "number" | "flag" | "list";

const KNOWN: Readonly<Record<keyof GameballOptions, readonly [Kind, env?: string]>> = {
  apiKey: ["text", "GAMEBALL_API_KEY"],
  secretKey: ["text", "GAMEBALL_SECRET_KEY"],
  encryptionKey: ["text", "GAMEBALL_ENCRYPTION_KEY"],
  encryptionKeyFallbacks: ["list", "GAMEBALL_ENCRYPTION_KEY_FALLBACKS"],
  claimSecret: ["text", "GAMEBALL_CLAIM_SECRET"],
  baseUrl: ["text", "GAMEBALL_BASE_URL"],
  apiVersion: ["text", "GAMEBALL_API_VERSION"],
  allowPlainHttp: ["flag"],
  timeoutMs: ["number"],
  concurrency: ["number"],
  sender: ["text", "GAMEBALL_SENDER"],
  pollIntervalMs: ["number"],
  leaseMs: ["number"],
  graceMs: ["number"],
  referralWindowMs: ["number"],
  maxAttempts: ["number"],
  cookieName: ["text"],
  cookieDomain: ["text"],
  captureParams: ["list"],
  trustedIpHeader: ["text"],
  profileMaxAgeMs: ["number"],
  retentionDays: ["number"],
  limitWindowsDivisor: ["number", "GAMEBALL_LIMIT_WINDOWS_DIVISOR"],
};

/** The default of the referral window; the vendor's documentation. */
export const REFERRAL_WINDOW_MS = 5 * 60_000;
const DAY_MS = 24 * 60 * 60_000;

/**
 * Reads the options. What cannot be used is left out and named, without its value: a shop must boot and sell whatever
 * is written there.
 */
export function readOptions(
  given: Record<string, unknown> = {},
  env: NodeJS.ProcessEnv = process.env,
): { options: Options; problems: string[] } {
  const problems = Object.keys(given)
    .filter((name) => !(name in KNOWN))
    .map((name) => `There is no option ${JSON.stringify(name)}.`);
  const read: Record<string, unknown> = {};
  for (const [name, [kind, variable]] of Object.entries(KNOWN)) {
    const own = given[name];
    const raw = own === undefined || own === null || own === "" ? variable && env[variable] : own;
    if (raw === undefined || raw === "") {
      continue;
    }
    const value = usable(kind, raw);
    const wrong = value === undefined ? `must be ${WANTED[kind]}` : misfit(name, value);
    if (wrong === null) {
      read[name] = value;
    } else {
      problems.push(`The option ${name} ${wrong}; it is left out.`);
    }
  }
  const options = {
    timeoutMs: 10_000,
    concurrency: 32,
    sender: "loop",
    pollIntervalMs: 2_000,
    graceMs: 8_000,
    referralWindowMs: REFERRAL_WINDOW_MS,
    maxAttempts: 100,
    cookieName: "gb_claim",
    profileMaxAgeMs: DAY_MS,
    retentionDays: 365,
    encryptionKeyFallbacks: [],
    limitWindowsDivisor: 1,
    ...read,
  } as Omit<Options, "leaseMs"> & { leaseMs?: number };
  // A call must end before its lease does, or somebody else would send it a second time.
  const leaseMs = Math.max(options.leaseMs ?? 60_000, options.timeoutMs + 5_000);
  return { options: { ...options, leaseMs }, problems };
}

const WANTED: Readonly<Record<Kind, string>> = {
  text: "text",
  number: "a whole number",
  flag: "true or false",
  list: "a list of texts",
};

function usable(kind: Kind, raw: unknown): unknown {
  switch (kind) {
    case "text":
      return typeof raw === "string" ? raw.trim() : undefined;
    case "number": {
      const number = typeof raw === "string" ? Number(raw) : raw;
      return Number.isSafeInteger(number) ? number : undefined;
    }
    case "flag":
      return typeof raw === "boolean" ? raw : undefined;
    case "list": {
      const list = typeof raw === "string" ? raw.split(",").map((part) => part.trim()) : raw;
      const isList = Array.isArray(list) && list.every((part) => typeof part === "string");
      return isList ? list.filter((part) => part !== "") : undefined;
    }
  }
}

const RANGES: Readonly<Record<string, readonly [least: number, most: number]>> = {
  timeoutMs: [100, 600_000],
  concurrency: [1, 1000],
  pollIntervalMs: [100, 60_000],
  leaseMs: [1_000, 3_600_000],
  graceMs: [0, 600_000],
  referralWindowMs: [1_000, DAY_MS],
  maxAttempts: [1, 1000],
  profileMaxAgeMs: [60_000, 365 * DAY_MS],
  retentionDays: [0, 36_500],
  limitWindowsDivisor: [1, 100],
};

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  apiVersion: ["v4.0", "v4.1"],
  sender: ["loop", "off"],
};

function misfit(name: string, value: unknown): string | null {
  const range = RANGES[name];
  if (range !== undefined && ((value as number) < range[0] || (value as number) > range[1])) {
    return `must be from ${range[0]} to ${range[1]}`;
  }
  const choices = CHOICES[name];
  if (choices !== undefined && !choices.includes(value as string)) {
    return `must be one of ${choices.join(", ")}`;
  }
  return null;
}
