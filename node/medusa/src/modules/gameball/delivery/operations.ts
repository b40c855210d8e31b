/**
 * What an operator does to deliveries: try again now, replay, cancel. Each does nothing to a delivery that is being
 * sent, or that has come to another state meanwhile.
 */

import { persistently } from "../database";
import { type Db, type DeliveryState, deliveryRows, type Host, referralRows } from "../host";

export type Action = "retry" | "replay" | "cancel";

/** In which states an action does something. */
export const POSSIBLE: Readonly<Record<Action, readonly DeliveryState[]>> = {
  retry: ["pending"],
  replay: ["dead"],
  cancel: ["pending", "dead"],
};

/** Returns how many deliveries it changed. */
export async function act(host: Host, action: Action, ids: readonly number[]): Promise<number> {
  return await persistently(host, async (db) => {
    const changed: { id: number; customer_id: string; operation: string }[] = await deliveryRows(db)
      .whereIn("id", [...ids])
      .whereIn("state", [...POSSIBLE[action]])
      .update({ ...changes(db, action), history: withEntry(db, action) })
      .returning(["id", "customer_id", "operation"]);
    const lost = changed.filter((row) => action === "cancel" && row.operation === "createCustomer");
    if (lost.length > 0) {
      await referralRows(db)
        .whereIn(
          "customer_id",
          lost.map((row) => row.customer_id),
        )
        .whereNull("receipt")
        .update({ receipt: "lost", reason: "cancelled", settled_at: db.raw("clock_timestamp()") });
    }
    return changed.length;
  });
}

function changes(db: Db, action: Action): Record<string, unknown> {
  const now = db.raw("clock_timestamp()");
  switch (action) {
    case "retry":
      return { due_at: now };
    case "replay":
      return { state: "pending", due_at: now, attempts: 0, settled_at: null };
    case "cancel":
      return { state: "cancelled", settled_at: now, arguments: "", progress: null, lease_token: null };
  }
}

/** The history with a line for what the operator did. */
function withEntry(db: Db, action: Action): unknown {
  const outcome = { retry: "retried", replay: "replayed", cancel: "cancelled" }[action];
  const entry = {
    operation: "operator",
    outcome,
    reason: null,
    status: null,
    gameball_code: null,
    request_id: null,
    kind: null,
  };
  return db.raw(
    "history || jsonb_build_array(? :: jsonb || jsonb_build_object('at', to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')))",
    [JSON.stringify(entry)],
  );
}
