/** A customer's own code and link as Gameball last told them, so that no page view asks. */

import { model } from "@medusajs/framework/utils";

const GameballProfile = model.define("gameball_profile", {
  /** The id by which Gameball knows the customer. */
  customer_id: model.text().primaryKey(),
  gameball_id: model.text().nullable(),
  referral_code: model.text().nullable(),
  referral_link: model.text().nullable(),
  is_referred: model.boolean().nullable(),
  fetched_at: model.dateTime().nullable(),
});

export default GameballProfile;
