/** The account's credentials: options and environment first, else sealed in its row. Only this file opens keys. */

import { type CourierOptions, fingerprint, GameballError, keyEnvironment, Vault } from "gameball-referrals";
import type { AccountRow } from "./host";
import type { Options } from "./options";

/** How to make an encryption key. */
export const ENCRYPTION_COMMAND = "openssl rand -base64 32";

/** An encryption key's least length, in characters. */
const LEAST = 32;

export type Encryption = "ready" | "missing" | "short" | "changed";

export type Keys =
  | { readonly state: "present"; readonly source: "options" | "admin"; readonly courier: CourierOptions }
  | { readonly state: "missing" }
  /** They are stored, and cannot be opened. */
  | { readonly state: "sealed" };

/** Why keys can(not) be sealed; whether those that are stored open, {@link encryption} tells. */
function vault(options: Options): Vault | "missing" | "short" {
  const key = options.encryptionKey;
  if (key === undefined) {
    return "missing";
  }
  if (key.length < LEAST) {
    return "short";
  }
  const fallbackSecrets = options.encryptionKeyFallbacks.filter((one) => one.length >= LEAST);
  return new Vault(key, { fallbackSecrets });
}

/** Names the one place where a sealed key opens. */
function context(name: "api_key" | "secret_key"): string {
  return `medusa:account:default:${name}`;
}

/** Whether keys can be saved, and those that are saved opened. */
export function encryption(options: Options, account: AccountRow): Encryption {
  const box = vault(options);
  if (typeof box === "string") {
    return box;
  }
  const sealed = [account.api_key_sealed, account.secret_key_sealed];
  const opens = sealed.every(
    (one, index) => one === null || open(box, one, index ? "secret_key" : "api_key") !== null,
  );
  return opens ? "ready" : "changed";
}

/** What to do about it, for the operator. */
export function encryptionAdvice(state: Encryption): string | null {
  const where = "in the environment of every Medusa process (.env), and restart them";
  switch (state) {
    case "ready":
      return null;
    case "missing":
      return `Keys are only saved sealed. Make an encryption key with “${ENCRYPTION_COMMAND}”, set it as GAMEBALL_ENCRYPTION_KEY ${where}. Or give the keys as GAMEBALL_API_KEY and GAMEBALL_SECRET_KEY there.`;
    case "short":
      return `GAMEBALL_ENCRYPTION_KEY has fewer than ${LEAST} characters. Make one with “${ENCRYPTION_COMMAND}”, set it ${where}.`;
    case "changed":
      return "The saved keys cannot be opened: GAMEBALL_ENCRYPTION_KEY was changed. Put the former one into GAMEBALL_ENCRYPTION_KEY_FALLBACKS, or enter the keys again.";
  }
}

/** The columns that hold a key; null removes it. */
export function sealedColumns(
  options: Options,
  name: "api_key" | "secret_key",
  value: string | null,
): Partial<AccountRow> {
  const environment =
    name === "api_key" ? { environment: value === null ? null : keyEnvironment(value) } : {};
  if (value === null) {
    return { [`${name}_sealed`]: null, [`${name}_fingerprint`]: null, ...environment };
  }
  const box = vault(options);
  if (typeof box === "string") {
    throw new GameballError({ kind: "configuration", message: encryptionAdvice(box) ?? "" });
  }
  return {
    [`${name}_sealed`]: box.seal(value, context(name)),
    [`${name}_fingerprint`]: fingerprint(value),
    ...environment,
  };
}

/** The keys that were sealed with a former encryption key, sealed anew. */
export function resealed(options: Options, account: AccountRow): Partial<AccountRow> {
  const box = vault(options);
  const changes: Record<string, string> = {};
  for (const name of ["api_key", "secret_key"] as const) {
    const sealed = account[`${name}_sealed`];
    if (typeof box !== "string" && sealed !== null && box.needsReseal(sealed)) {
      const key = open(box, sealed, name);
      if (key !== null) {
        changes[`${name}_sealed`] = box.seal(key, context(name));
      }
    }
  }
  return changes;
}

/** The account's keys, with all that a courier needs. */
export function keysOf(options: Options, account: AccountRow): Keys {
  if (options.apiKey !== undefined) {
    return {
      state: "present",
      source: "options",
      courier: courierOptions(options, account, options.apiKey, options.secretKey ?? null),
    };
  }
  if (account.api_key_sealed === null) {
    return { state: "missing" };
  }
  const box = vault(options);
  const apiKey = typeof box === "string" ? null : open(box, account.api_key_sealed, "api_key");
  const secretKey =
    typeof box === "string" || account.secret_key_sealed === null
      ? null
      : open(box, account.secret_key_sealed, "secret_key");
  if (apiKey === null || (account.secret_key_sealed !== null && secretKey === null)) {
    return { state: "sealed" };
  }
  return { state: "present", source: "admin", courier: courierOptions(options, account, apiKey, secretKey) };
}

function courierOptions(
  options: Options,
  account: AccountRow,
  apiKey: string,
  secretKey: string | null,
): CourierOptions {
  return {
    apiKey,
    secretKey,
    baseUrl: options.baseUrl ?? account.base_url,
    apiVersion: options.apiVersion ?? account.api_version,
    highSecurity: account.high_security,
    allowPlainHttp: options.allowPlainHttp ?? false,
    timeoutMs: options.timeoutMs,
    concurrency: options.concurrency,
    referralWindowMs: options.referralWindowMs,
    maxAttempts: options.maxAttempts,
    limitWindowsDivisor: options.limitWindowsDivisor,
  };
}

function open(box: Vault, sealed: string, name: "api_key" | "secret_key"): string | null {
  try {
    return box.open(sealed, context(name));
  } catch {
    return null;
  }
}
