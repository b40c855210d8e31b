/** A friend's claim, frozen at registration, with its receipt. */

import { model } from "@medusajs/framework/utils";

const GameballReferral = model
  .define("gameball_referral", {
    id: model.autoincrement().primaryKey(),
    /** The id by which Gameball knows the friend. */
    customer_id: model.text(),
    referrer_code: model.text(),
    /** `visit`, `field` or `metadata`. */
    source: model.text(),
    claimed_at: model.dateTime().nullable(),
    registered_at: model.dateTime(),
    /** Until when Gameball links the friend. */
    deadline_at: model.dateTime(),
    guest: model.boolean().default(false),
    acknowledged_at: model.dateTime().nullable(),
    /** Null: on its way. */
    receipt: model.text().nullable(),
    reason: model.text().nullable(),
    late_by_seconds: model.number().nullable(),
    settled_at: model.dateTime().nullable(),
  })
  .indexes([
    { name: "IDX_gameball_referral_customer_unique", on: ["customer_id"], unique: true },
    { name: "IDX_gameball_referral_time", on: ["registered_at"] },
    { name: "IDX_gameball_referral_code", on: ["referrer_code", "receipt"] },
    { name: "IDX_gameball_referral_open", on: ["receipt", "registered_at"] },
  ]);

export default GameballReferral;
