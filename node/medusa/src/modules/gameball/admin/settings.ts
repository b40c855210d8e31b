/** The settings as the admin sees them, and how they are saved. No key leaves by here. */

import { Courier, fingerprint, keyEnvironment, referralLink } from "gameball-referrals";
import type { Check, Settings, SettingsUpdate } from "../../../api/admin/gameball/contract";
import { readAccount } from "../database";
import { type AccountRow, DEFAULT_ID, type Host, type StoredCheck, TABLES } from "../host";
import { ENCRYPTION_COMMAND, encryption, encryptionAdvice, keysOf, sealedColumns } from "../keys";

/** Columns of the account that a form may change; keys are sealed in them. */
export type SettingsColumns = Partial<
  Pick<
    AccountRow,
    | "enabled"
    | "api_key_sealed"
    | "api_key_fingerprint"
    | "secret_key_sealed"
    | "secret_key_fingerprint"
    | "environment"
    | "api_version"
    | "high_security"
    | "base_url"
    | "attribution"
    | "claim_days"
    | "referral_link"
    | "send_orders"
    | "order_moment"
  >
>;

/** What cannot be saved, and why; the message may be shown. */
export class RefusedSettings extends Error {}

export function settingsView({ options }: Host, account: AccountRow): Settings {
  const keys = keysOf(options, account);
  const fromOptions = options.apiKey !== undefined;
  const state = encryption(options, account);
  const baseUrl = options.baseUrl ?? account.base_url;
  return {
    enabled: account.enabled,
    api_key_set: fromOptions || account.api_key_sealed !== null,
    api_key_fingerprint:
      options.apiKey !== undefined ? fingerprint(options.apiKey) : account.api_key_fingerprint,
    secret_key_set: fromOptions ? options.secretKey !== undefined : account.secret_key_sealed !== null,
    secret_key_fingerprint: fromOptions
      ? options.secretKey === undefined
        ? null
        : fingerprint(options.secretKey)
      : account.secret_key_fingerprint,
    keys_source: fromOptions ? "options" : account.api_key_sealed !== null ? "admin" : null,
    environment: options.apiKey !== undefined ? keyEnvironment(options.apiKey) : account.environment,
    encryption: state,
    encryption_advice: encryptionAdvice(state),
    encryption_command: ENCRYPTION_COMMAND,
    api_version: options.apiVersion ?? account.api_version ?? "v4.0",
    high_security: account.high_security,
    base_url: baseUrl,
    is_emulator: baseUrl !== null && isLoopback(baseUrl),
    attribution: account.attribution,
    claim_days: account.claim_days,
    referral_link: account.referral_link,
    send_orders: account.send_orders,
    order_moment: account.order_moment,
    fixed: fixed(options),
    installed_at: account.installed_at.toISOString(),
    updated_at: account.updated_at.toISOString(),
    last_check: account.last_check && checkView(account.last_check, credentialsOf(keys)),
  };
}

/** Which fields the options decide. */
export function fixed(options: Host["options"]): (keyof SettingsUpdate)[] {
  const found: (keyof SettingsUpdate)[] = options.apiKey !== undefined ? ["api_key", "secret_key"] : [];
  if (options.baseUrl !== undefined) {
    found.push("base_url");
  }
  if (options.apiVersion !== undefined) {
    found.push("api_version");
  }
  return found;
}

/**
 * Checks a change, and makes columns of it, with keys sealed: so none is in any workflow's record.
 *
 * @throws RefusedSettings
 */
export function columnsOf(host: Host, update: SettingsUpdate): SettingsColumns {
  const taken = Object.keys(update).filter((name) =>
    fixed(host.options).includes(name as keyof SettingsUpdate),
  );
  if (taken.length > 0) {
    throw new RefusedSettings(`${taken.join(", ")}: decided by the plugin's options or the environment.`);
  }
  const { api_key, secret_key, ...others } = update;
  const columns: SettingsColumns = { ...others };
  if (others.base_url) {
    columns.base_url = checkedUrl(host, others.base_url);
  }
  if (others.referral_link) {
    try {
      referralLink(others.referral_link, "CODE");
    } catch {
      throw new RefusedSettings("referral_link: must be a URL, with {referralCode} where the code goes.");
    }
  }
  for (const [name, value] of [
    ["api_key", api_key],
    ["secret_key", secret_key],
  ] as const) {
    if (value === undefined) {
      continue;
    }
    const key = value === null ? null : value.trim();
    if (key === "") {
      throw new RefusedSettings(`${name}: is empty. Leave it out to keep the saved one.`);
    }
    try {
      Object.assign(columns, sealedColumns(host.options, name, key));
    } catch (error) {
      throw new RefusedSettings((error as Error).message);
    }
  }
  return columns;
}

/** Saves, and returns what the same columns held before. */
export async function saveSettings({ db }: Host, columns: SettingsColumns): Promise<SettingsColumns> {
  const former = await readAccount(db);
  if (Object.keys(columns).length > 0) {
    await db(TABLES.account)
      .where({ id: DEFAULT_ID })
      .update({ ...columns, updated_at: db.fn.now() });
  }
  const names = Object.keys(columns) as (keyof SettingsColumns)[];
  return Object.fromEntries(names.map((name) => [name, former[name]])) as SettingsColumns;
}

/** Milliseconds a call of *Test connection* may take; somebody waits for the page. There are two calls at most. */
const CHECK_TIMEOUT_MS = 5_000;

/** Asks Gameball whether the keys work, and notes the answer. */
export async function testConnection(host: Host): Promise<Check> {
  const account = await readAccount(host.db);
  const keys = keysOf(host.options, account);
  const found = await ask(keys);
  const stored: StoredCheck = { at: new Date().toISOString(), ...found };
  await host
    .db(TABLES.account)
    .where({ id: DEFAULT_ID })
    .update({ last_check: JSON.stringify(stored) });
  return checkView(stored, found.credentials);
}

async function ask(keys: ReturnType<typeof keysOf>): Promise<Omit<StoredCheck, "at">> {
  const nothing = { ok: false, secret_key: "unknown", credentials: null } as const;
  if (keys.state === "missing") {
    const message = "There is no API key yet. Enter the keys from the Gameball dashboard, and save.";
    return { ...nothing, api_key: "missing", secret_key: "missing", reason: "no_keys", message };
  }
  if (keys.state === "sealed") {
    const message = encryptionAdvice("changed") ?? "";
    return { ...nothing, api_key: "unknown", reason: "sealed", message };
  }
  let courier: Courier;
  try {
    const timeoutMs = Math.min(CHECK_TIMEOUT_MS, keys.courier.timeoutMs ?? CHECK_TIMEOUT_MS);
    courier = new Courier({ ...keys.courier, timeoutMs });
  } catch (error) {
    return { ...nothing, api_key: "unknown", reason: "configuration", message: (error as Error).message };
  }
  try {
    const { ok, apiKey, secretKey, reason, message } = await courier.check();
    return { ok, api_key: apiKey, secret_key: secretKey, reason, message, credentials: courier.credentials };
  } finally {
    courier.close();
  }
}

function checkView({ credentials, ...check }: StoredCheck, current: string | null): Check {
  return { ...check, is_current: credentials === current };
}

/** The fingerprint of what is used now. */
export function credentialsOf(keys: ReturnType<typeof keysOf>): string | null {
  if (keys.state !== "present") {
    return null;
  }
  try {
    const courier = new Courier(keys.courier);
    courier.close();
    return courier.credentials;
  } catch {
    return null;
  }
}

function checkedUrl(host: Host, text: string): string {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    throw new RefusedSettings("base_url: is no URL. Leave it empty for Gameball itself.");
  }
  if (!["https:", "http:"].includes(url.protocol) || url.username || url.password) {
    throw new RefusedSettings("base_url: must begin with https:// and hold no password.");
  }
  if (url.protocol === "http:" && !isLoopback(text) && !host.options.allowPlainHttp) {
    throw new RefusedSettings("base_url: keys travel over https only, but to an emulator on this machine.");
  }
  return text.trim();
}

function isLoopback(text: string): boolean {
  try {
    const { hostname } = new URL(text);
    return hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.");
  } catch {
    return false;
  }
}
