/** What the module's parts share: the database, the options, the logger; and rows as they come from the database. */

import type { Knex } from "@medusajs/framework/mikro-orm/knex";
import type { Logger } from "@medusajs/framework/types";
import type { Options } from "./options";

/** Handed to every function that stores or reads. */
export interface Host {
  readonly db: Knex;
  readonly options: Options;
  readonly logger: Logger;
  /** Signs claims, seals nothing; see `capture/claims.ts`. */
  readonly claimSecret: string;
  /** What has signed claims before. */
  readonly claimFallbacks: readonly string[];
}

/** A database, or a transaction of it. */
export type Db = Knex;

export const DEFAULT_ID = "default";

export const TABLES = {
  account: "gameball_account",
  referral: "gameball_referral",
  delivery: "gameball_delivery",
  ledger: "gameball_ledger",
  profile: "gameball_profile",
} as const;

export type DeliveryState = "pending" | "in_flight" | "applied" | "dead" | "cancelled";
export type ReceiptStatus = "linked" | "already_referred" | "rejected" | "lost" | "unverified";

export interface AccountRow {
  id: string;
  enabled: boolean;
  api_key_sealed: string | null;
  api_key_fingerprint: string | null;
  secret_key_sealed: string | null;
  secret_key_fingerprint: string | null;
  environment: "test" | "live" | "unknown" | null;
  api_version: "v4.0" | "v4.1" | null;
  high_security: boolean;
  base_url: string | null;
  attribution: "first" | "last";
  claim_days: number;
  referral_link: string | null;
  send_orders: "first" | "all";
  order_moment: "placed" | "captured";
  installed_at: Date;
  last_check: StoredCheck | null;
  sync_state: Record<string, unknown> | null;
  swept_at: Date | null;
  updated_at: Date;
}

/** The last *Test connection*. */
export interface StoredCheck {
  at: string;
  ok: boolean;
  api_key: "accepted" | "refused" | "unknown" | "missing";
  secret_key: "accepted" | "refused" | "missing" | "unknown";
  reason: string;
  message: string;
  /** The fingerprint of what it was made with; null: with nothing. */
  credentials: string | null;
}

export interface ReferralRow {
  id: number;
  customer_id: string;
  referrer_code: string;
  source: string;
  claimed_at: Date | null;
  registered_at: Date;
  deadline_at: Date;
  guest: boolean;
  acknowledged_at: Date | null;
  receipt: ReceiptStatus | null;
  reason: string | null;
  late_by_seconds: number | null;
  settled_at: Date | null;
}

/** A call in a delivery's history, as stored. */
export interface StoredCall {
  at: string;
  operation: string;
  outcome: string;
  reason: string | null;
  status: number | null;
  gameball_code: number | null;
  request_id: string | null;
  kind: string | null;
}

export interface DeliveryRow {
  id: number;
  customer_id: string;
  medusa_customer_id: string | null;
  operation: string;
  order_id: string | null;
  dedupe_key: string;
  arguments: string;
  dropped: string[];
  priority: number;
  bucket: Bucket;
  deadline_at: Date;
  due_at: Date;
  state: DeliveryState;
  attempts: number;
  progress: string | null;
  lease_token: string | null;
  lease_until: Date | null;
  acknowledged_at: Date | null;
  settled_at: Date | null;
  error_kind: string | null;
  error_message: string | null;
  status: number | null;
  gameball_code: number | null;
  request_id: string | null;
  history: StoredCall[];
  created_at: Date;
}

export interface LedgerRow {
  id: string;
  state: string;
  version: number;
  sender_seen_at: Date | null;
}

export interface ProfileRow {
  customer_id: string;
  gameball_id: string | null;
  referral_code: string | null;
  referral_link: string | null;
  is_referred: boolean | null;
  fetched_at: Date | null;
}

export const BUCKETS = ["createCustomer", "getCustomer", "trackOrder", "other"] as const;
export type Bucket = (typeof BUCKETS)[number];

/** The priority of referred registrations. */
export const REFERRED = 0;

/** States in which nothing more becomes of a delivery by itself. */
export const SETTLED: readonly DeliveryState[] = ["applied", "dead", "cancelled"];

// Medusa's indexes cover the rows that are not deleted softly. None of ours ever is; saying so lets them be used.

/** The deliveries, to be read, updated or deleted. */
export function deliveryRows(db: Db): Knex.QueryBuilder {
  return db(TABLES.delivery).whereNull(`${TABLES.delivery}.deleted_at`);
}

/** The referrals, likewise. */
export function referralRows(db: Db): Knex.QueryBuilder {
  return db(TABLES.referral).whereNull(`${TABLES.referral}.deleted_at`);
}
