/** Upkeep that every sender does now and then: old deliveries go, keys are sealed anew. */

import { readAccount } from "../database";
import { DEFAULT_ID, deliveryRows, type Host, SETTLED, TABLES } from "../host";
import { resealed } from "../keys";

const BATCH = 500;
const BATCHES = 20;

/** Does one round, of bounded length. */
export async function maintain(host: Host): Promise<void> {
  await purge(host);
  const account = await readAccount(host.db);
  const changes = resealed(host.options, account);
  if (Object.keys(changes).length > 0) {
    // Unless an operator has just saved another one.
    const { api_key_sealed, secret_key_sealed } = account;
    await host
      .db(TABLES.account)
      .where({ id: DEFAULT_ID, api_key_sealed, secret_key_sealed })
      .update(changes);
  }
}

/**
 * Deletes deliveries settled longer than `retentionDays` ago. Of a registration and of a first order the bare row
 * stays: it is what keeps the reconcile job from telling Gameball again, and tells that a later order isn't the first.
 */
async function purge({ db, options }: Host): Promise<void> {
  if (options.retentionDays === 0) {
    return;
  }
  for (const state of SETTLED) {
    for (let nth = 0; nth < BATCHES; nth += 1) {
      const old = deliveryRows(db)
        .where({ state })
        .andWhere(
          "settled_at",
          "<",
          db.raw("clock_timestamp() - ? * interval '1 day'", [options.retentionDays]),
        )
        .orderBy("settled_at")
        .limit(BATCH)
        .select("id");
      const cleared = await deliveryRows(db)
        .whereIn("id", old)
        .whereIn("operation", ["createCustomer", "trackOrder"])
        .update({ settled_at: null, arguments: "", history: "[]", error_message: null, request_id: null });
      const gone = await deliveryRows(db).whereIn("id", old).delete();
      if (cleared + gone < BATCH) {
        break;
      }
    }
  }
}
