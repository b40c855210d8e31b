/** The one set of Gameball credentials and settings. Keys are sealed; only `keys.ts` opens them. */

import { model } from "@medusajs/framework/utils";

const GameballAccount = model.define("gameball_account", {
  /** Always `default`. */
  id: model.text().primaryKey(),
  enabled: model.boolean().default(true),
  api_key_sealed: model.text().nullable(),
  api_key_fingerprint: model.text().nullable(),
  secret_key_sealed: model.text().nullable(),
  secret_key_fingerprint: model.text().nullable(),
  environment: model.text().nullable(),
  api_version: model.text().nullable(),
  high_security: model.boolean().default(false),
  base_url: model.text().nullable(),
  attribution: model.text().default("last"),
  claim_days: model.number().default(30),
  referral_link: model.text().nullable(),
  send_orders: model.text().default("first"),
  order_moment: model.text().default("placed"),
  /** The watermark: customers and orders from here on are referral business; earlier ones are for the sync. */
  installed_at: model.dateTime(),
  last_check: model.json().nullable(),
  sync_state: model.json().nullable(),
  /** Until when the reconcile job has looked for what the event bus lost. */
  swept_at: model.dateTime().nullable(),
});

export default GameballAccount;
