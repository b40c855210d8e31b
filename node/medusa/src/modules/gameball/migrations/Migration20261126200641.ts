/** The tables of the module, as its models say, and the watermark: what happens from here on is referral business. */

import { Migration } from "@medusajs/framework/mikro-orm/migrations";

export class Migration20261126200641 extends Migration {
  override async up(): Promise<void> {
    this.addSql(
      `alter table if exists "gameball_referral" drop constraint if exists "gameball_referral_customer_unique";`,
    );
    this.addSql(
      `alter table if exists "gameball_delivery" drop constraint if exists "gameball_delivery_dedupe_unique";`,
    );
    this.addSql(
      `create table if not exists "gameball_account" ("id" text not null, "enabled" boolean not null default true, "api_key_sealed" text null, "api_key_fingerprint" text null, "secret_key_sealed" text null, "secret_key_fingerprint" text null, "environment" text null, "api_version" text null, "high_security" boolean not null default false, "base_url" text null, "attribution" text not null default 'last', "claim_days" integer not null default 30, "referral_link" text null, "send_orders" text not null default 'first', "order_moment" text not null default 'placed', "installed_at" timestamptz not null, "last_check" jsonb null, "sync_state" jsonb null, "swept_at" timestamptz null, "created_at" timestamptz not null default now(), "updated_at" timestamptz not null default now(), "deleted_at" timestamptz null, constraint "gameball_account_pkey" primary key ("id"));`,
    );
    this.addSql(
      `CREATE INDEX IF NOT EXISTS "IDX_gameball_account_deleted_at" ON "gameball_account" ("deleted_at") WHERE deleted_at IS NULL;`,
    );

    this.addSql(
      `create table if not exists "gameball_delivery" ("id" serial primary key, "customer_id" text not null, "medusa_customer_id" text null, "operation" text not null, "order_id" text null, "dedupe_key" text not null, "arguments" text not null, "dropped" jsonb not null, "priority" integer not null, "bucket" text not null, "deadline_at" timestamptz not null, "due_at" timestamptz not null, "state" text not null default 'pending', "attempts" integer not null default 0, "progress" text null, "lease_token" text null, "lease_until" timestamptz null, "acknowledged_at" timestamptz null, "settled_at" timestamptz null, "error_kind" text null, "error_message" text null, "status" integer null, "gameball_code" integer null, "request_id" text null, "history" jsonb not null, "created_at" timestamptz not null default now(), "updated_at" timestamptz not null default now(), "deleted_at" timestamptz null);`,
    );
    this.addSql(
      `CREATE INDEX IF NOT EXISTS "IDX_gameball_delivery_deleted_at" ON "gameball_delivery" ("deleted_at") WHERE deleted_at IS NULL;`,
    );
    this.addSql(
      `CREATE UNIQUE INDEX IF NOT EXISTS "IDX_gameball_delivery_dedupe_unique" ON "gameball_delivery" ("dedupe_key") WHERE deleted_at IS NULL;`,
    );
    this.addSql(
      `CREATE INDEX IF NOT EXISTS "IDX_gameball_delivery_queue" ON "gameball_delivery" ("state", "bucket", "priority", "deadline_at") WHERE deleted_at IS NULL;`,
    );
    this.addSql(
      `CREATE INDEX IF NOT EXISTS "IDX_gameball_delivery_lane" ON "gameball_delivery" ("customer_id", "state") WHERE deleted_at IS NULL;`,
    );
    this.addSql(
      `CREATE INDEX IF NOT EXISTS "IDX_gameball_delivery_due" ON "gameball_delivery" ("state", "due_at") WHERE deleted_at IS NULL;`,
    );
    this.addSql(
      `CREATE INDEX IF NOT EXISTS "IDX_gameball_delivery_settled" ON "gameball_delivery" ("state", "settled_at") WHERE deleted_at IS NULL;`,
    );
    this.addSql(
      `CREATE INDEX IF NOT EXISTS "IDX_gameball_delivery_order" ON "gameball_delivery" ("order_id") WHERE deleted_at IS NULL;`,
    );
    this.addSql(
      `CREATE INDEX IF NOT EXISTS "IDX_gameball_delivery_request" ON "gameball_delivery" ("request_id") WHERE deleted_at IS NULL;`,
    );
    this.addSql(
      `CREATE INDEX IF NOT EXISTS "IDX_gameball_delivery_medusa" ON "gameball_delivery" ("medusa_customer_id") WHERE deleted_at IS NULL;`,
    );

    this.addSql(
      `create table if not exists "gameball_ledger" ("id" text not null, "state" text not null, "version" integer not null, "sender_seen_at" timestamptz null, "created_at" timestamptz not null default now(), "updated_at" timestamptz not null default now(), "deleted_at" timestamptz null, constraint "gameball_ledger_pkey" primary key ("id"));`,
    );
    this.addSql(
      `CREATE INDEX IF NOT EXISTS "IDX_gameball_ledger_deleted_at" ON "gameball_ledger" ("deleted_at") WHERE deleted_at IS NULL;`,
    );

    this.addSql(
      `create table if not exists "gameball_profile" ("customer_id" text not null, "gameball_id" text null, "referral_code" text null, "referral_link" text null, "is_referred" boolean null, "fetched_at" timestamptz null, "created_at" timestamptz not null default now(), "updated_at" timestamptz not null default now(), "deleted_at" timestamptz null, constraint "gameball_profile_pkey" primary key ("customer_id"));`,
    );
    this.addSql(
      `CREATE INDEX IF NOT EXISTS "IDX_gameball_profile_deleted_at" ON "gameball_profile" ("deleted_at") WHERE deleted_at IS NULL;`,
    );

    this.addSql(
      `create table if not exists "gameball_referral" ("id" serial primary key, "customer_id" text not null, "referrer_code" text not null, "source" text not null, "claimed_at" timestamptz null, "registered_at" timestamptz not null, "deadline_at" timestamptz not null, "guest" boolean not null default false, "acknowledged_at" timestamptz null, "receipt" text null, "reason" text null, "late_by_seconds" integer null, "settled_at" timestamptz null, "created_at" timestamptz not null default now(), "updated_at" timestamptz not null default now(), "deleted_at" timestamptz null);`,
    );
    this.addSql(
      `CREATE INDEX IF NOT EXISTS "IDX_gameball_referral_deleted_at" ON "gameball_referral" ("deleted_at") WHERE deleted_at IS NULL;`,
    );
    this.addSql(
      `CREATE UNIQUE INDEX IF NOT EXISTS "IDX_gameball_referral_customer_unique" ON "gameball_referral" ("customer_id") WHERE deleted_at IS NULL;`,
    );
    this.addSql(
      `CREATE INDEX IF NOT EXISTS "IDX_gameball_referral_time" ON "gameball_referral" ("registered_at") WHERE deleted_at IS NULL;`,
    );
    this.addSql(
      `CREATE INDEX IF NOT EXISTS "IDX_gameball_referral_code" ON "gameball_referral" ("referrer_code", "receipt") WHERE deleted_at IS NULL;`,
    );
    this.addSql(
      `CREATE INDEX IF NOT EXISTS "IDX_gameball_referral_open" ON "gameball_referral" ("receipt", "registered_at") WHERE deleted_at IS NULL;`,
    );
    this.addSql(
      `insert into "gameball_account" ("id", "installed_at") values ('default', clock_timestamp()) on conflict do nothing;`,
    );
  }

  override async down(): Promise<void> {
    this.addSql(`drop table if exists "gameball_account" cascade;`);

    this.addSql(`drop table if exists "gameball_delivery" cascade;`);

    this.addSql(`drop table if exists "gameball_ledger" cascade;`);

    this.addSql(`drop table if exists "gameball_profile" cascade;`);

    this.addSql(`drop table if exists "gameball_referral" cascade;`);
  }
}
