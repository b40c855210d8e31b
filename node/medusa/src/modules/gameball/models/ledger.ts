/** The account's use of its limits, its breaker and its holds, as the core keeps them; all senders share the row. */

import { model } from "@medusajs/framework/utils";

const GameballLedger = model.define("gameball_ledger", {
  /** Always `default`. */
  id: model.text().primaryKey(),
  state: model.text(),
  version: model.number(),
  /** When a sender last looked at the queue. */
  sender_seen_at: model.dateTime().nullable(),
});

export default GameballLedger;
