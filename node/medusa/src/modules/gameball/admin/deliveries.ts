/** The deliveries as the admin lists them. */

import type {
  Call,
  DeliveriesAnswer,
  Delivery,
  DeliveryAnswer,
  Referral,
} from "../../../api/admin/gameball/contract";
import { POSSIBLE } from "../delivery/operations";
import {
  type DeliveryRow,
  type DeliveryState,
  deliveryRows,
  type Host,
  REFERRED,
  type ReferralRow,
} from "../host";
import { evidenceAccount } from "./account";
import { waiting } from "./explaining";
import {
  call as callLabel,
  operation as operationLabel,
  problem,
  receipt as receiptLabel,
  state as stateLabel,
} from "./words";

/** Further than this nobody counts. */
const MOST = 10_000;

export interface Filter {
  readonly states: readonly string[];
  readonly operations: readonly string[];
  readonly referred: boolean;
  readonly q: string | null;
}

export async function list(
  { db }: Host,
  filter: Filter,
  limit: number,
  offset: number,
): Promise<DeliveriesAnswer> {
  const matching = () => {
    const rows = deliveryRows(db).whereNull("deleted_at");
    if (filter.states.length > 0) {
      rows.whereIn("state", [...filter.states]);
    }
    if (filter.operations.length > 0) {
      rows.whereIn("operation", [...filter.operations]);
    }
    if (filter.referred) {
      rows.where({ priority: REFERRED });
    }
    const { q } = filter;
    if (q !== null) {
      rows.andWhere((any) => {
        any
          .where({ customer_id: q })
          .orWhere({ medusa_customer_id: q })
          .orWhere({ order_id: q })
          .orWhere({ request_id: q });
      });
    }
    return rows;
  };
  const counted = async (rows: ReturnType<typeof matching>) => {
    const { rows: found } = await db.raw("select count(*) as count from (?) counted", [
      rows.select("id").limit(MOST),
    ]);
    return Number(found[0].count);
  };
  const states: readonly DeliveryState[] = ["pending", "in_flight", "applied", "dead", "cancelled"];
  const [rows, count, ...counts] = await Promise.all([
    matching().select("*").orderBy("id", "desc").limit(limit).offset(offset) as Promise<DeliveryRow[]>,
    counted(matching()),
    ...states.map((state) => counted(deliveryRows(db).where({ state }) as never)),
  ]);
  return {
    deliveries: rows.map(view),
    count,
    limit,
    offset,
    counts: Object.fromEntries(states.map((state, nth) => [state, counts[nth] ?? 0])) as Record<
      DeliveryState,
      number
    >,
  };
}

export async function one(host: Host, id: number, now: Date): Promise<DeliveryAnswer["delivery"] | null> {
  const row: DeliveryRow | undefined = await deliveryRows(host.db).where({ id }).first();
  if (row === undefined) {
    return null;
  }
  return {
    ...view(row),
    history: row.history.map((call, nth) => callView(row, call, nth === row.history.length - 1)),
    dropped: row.dropped,
    waiting: waiting(row, await evidenceAccount(host), now),
  };
}

export function view(row: DeliveryRow): Delivery {
  const { label, tone } = stateLabel(row.state);
  const isSettledWell = row.state === "applied" || row.state === "cancelled";
  return {
    id: row.id,
    operation: row.operation as Delivery["operation"],
    operation_label: operationLabel(row.operation),
    state: row.state,
    state_label: label,
    tone,
    customer_id: row.customer_id,
    medusa_customer_id: row.medusa_customer_id,
    order_id: row.order_id,
    referred: row.priority === REFERRED,
    created_at: row.created_at.toISOString(),
    due_at: row.due_at.toISOString(),
    deadline_at: row.priority === REFERRED ? row.deadline_at.toISOString() : null,
    settled_at: row.settled_at?.toISOString() ?? null,
    attempts: row.attempts,
    problem: isSettledWell
      ? null
      : problem(
          { kind: row.error_kind, status: row.status, gameball_code: row.gameball_code },
          row.error_message,
        ),
    request_id: row.request_id,
    status: row.status,
    gameball_code: row.gameball_code,
    actions: (["retry", "replay", "cancel"] as const).filter((action) => {
      return POSSIBLE[action].includes(row.state) && (action !== "replay" || row.arguments !== "");
    }),
  };
}

function callView(row: DeliveryRow, call: DeliveryRow["history"][number], isLast: boolean): Call {
  const failed = call.kind !== null;
  return {
    at: call.at,
    operation: call.operation,
    operation_label: callLabel(call),
    outcome: call.outcome,
    tone:
      call.operation === "operator" ? "quiet" : !failed ? "good" : call.outcome === "dead" ? "bad" : "warn",
    status: call.status,
    gameball_code: call.gameball_code,
    request_id: call.request_id,
    problem: problem(call, isLast ? row.error_message : null),
  };
}

export function referralView(row: ReferralRow): Referral {
  const { label, tone } = receiptLabel(row.receipt);
  return {
    customer_id: row.customer_id,
    referrer_code: row.referrer_code,
    source: row.source,
    claimed_at: row.claimed_at?.toISOString() ?? null,
    registered_at: row.registered_at.toISOString(),
    deadline_at: row.deadline_at.toISOString(),
    guest: row.guest,
    receipt: row.receipt,
    receipt_label: label,
    tone,
    reason: row.reason,
    settled_at: row.settled_at?.toISOString() ?? null,
  };
}
