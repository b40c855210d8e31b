/** One outgoing call, recorded before it is sent: the outbox. Its referral, if any, is the one of the same customer. */

import { model } from "@medusajs/framework/utils";

const GameballDelivery = model
  .define("gameball_delivery", {
    /** Growing, since a customer's deliveries are sent in this order. */
    id: model.autoincrement().primaryKey(),
    customer_id: model.text(),
    /** Medusa's own id, which is another one for guests. */
    medusa_customer_id: model.text().nullable(),
    /** Gameball's operationId. */
    operation: model.text(),
    order_id: model.text().nullable(),
    /** What keeps a repetition out. */
    dedupe_key: model.text(),
    /** The call's body; dropped once it is applied or cancelled. */
    arguments: model.text(),
    dropped: model.json(),
    priority: model.number(),
    /** Whose limit the next call counts against. */
    bucket: model.text(),
    deadline_at: model.dateTime(),
    due_at: model.dateTime(),
    /** `pending`, `in_flight`, `applied`, `dead` or `cancelled`. */
    state: model.text().default("pending"),
    attempts: model.number().default(0),
    /** The courier's own notes; opaque. */
    progress: model.text().nullable(),
    /** Who holds the lease; whoever has another token settles nothing. */
    lease_token: model.text().nullable(),
    lease_until: model.dateTime().nullable(),
    acknowledged_at: model.dateTime().nullable(),
    settled_at: model.dateTime().nullable(),
    error_kind: model.text().nullable(),
    error_message: model.text().nullable(),
    status: model.number().nullable(),
    gameball_code: model.number().nullable(),
    request_id: model.text().nullable(),
    /** The last calls, oldest first. */
    history: model.json(),
  })
  .indexes([
    { name: "IDX_gameball_delivery_dedupe_unique", on: ["dedupe_key"], unique: true },
    { name: "IDX_gameball_delivery_queue", on: ["state", "bucket", "priority", "deadline_at"] },
    { name: "IDX_gameball_delivery_lane", on: ["customer_id", "state"] },
    { name: "IDX_gameball_delivery_due", on: ["state", "due_at"] },
    { name: "IDX_gameball_delivery_settled", on: ["state", "settled_at"] },
    { name: "IDX_gameball_delivery_order", on: ["order_id"] },
    { name: "IDX_gameball_delivery_request", on: ["request_id"] },
    { name: "IDX_gameball_delivery_medusa", on: ["medusa_customer_id"] },
  ]);

export default GameballDelivery;
