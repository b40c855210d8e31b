/** The dashboard's figures, and the health that monitoring asks for. */

import { ledgerForecast, ledgerStatus } from "gameball-referrals";
import type {
  DashboardAnswer,
  Day,
  DeliveryOperation,
  HealthAnswer,
  Sync,
} from "../../../api/admin/gameball/contract";
import { databaseNow, readAccount, readLedger } from "../database";
import { BUCKETS, deliveryRows, type Host, REFERRED, type ReferralRow, referralRows } from "../host";
import { evidenceAccount } from "./account";
import { referralView } from "./deliveries";
import { alerts } from "./explaining";
import { settingsView } from "./settings";
import { bucket as bucketLabel, reason } from "./words";

const RECENT = 10;
const MOST = 10_000;
/** A sender with work to do has done some of it by then. */
const STUCK_MS = 10 * 60_000;

export async function dashboard(host: Host, days: number): Promise<DashboardAnswer> {
  const { db, options } = host;
  const [account, ledger, now] = await Promise.all([readAccount(db), readLedger(db), databaseNow(db)]);
  const first = new Date(Math.floor(now.getTime() / 86_400_000) * 86_400_000 - (days - 1) * 86_400_000);
  const [known, queue, receipts, late, recent] = await Promise.all([
    evidenceAccount(host),
    backlog(host, now),
    perDay(host, first, days),
    referralRows(db)
      .where("registered_at", ">=", first)
      .whereRaw("acknowledged_at > deadline_at")
      .count("* as count")
      .first(),
    referralRows(db).orderBy("id", "desc").limit(RECENT) as Promise<ReferralRow[]>,
  ]);
  const reading = { limitWindowsDivisor: options.limitWindowsDivisor, credentials: known.credentials };
  const status = ledgerStatus(ledger.state, now, reading);
  const sum = (name: Exclude<keyof Day, "day">) => receipts.reduce((total, day) => total + day[name], 0);
  const totals = {
    linked: sum("linked"),
    already_referred: sum("already_referred"),
    rejected: sum("rejected"),
    lost: sum("lost"),
    unverified: sum("unverified"),
    pending: sum("pending"),
  };
  const forecast = ledgerForecast(ledger.state, now, queue.deadlines, reading);
  return {
    now: now.toISOString(),
    environment: settingsView(host, account).environment,
    alerts: alerts(known, now, {
      forecast: queue.deadlines.length === 0 ? null : forecast,
      failed: queue.failed,
      dueSince: queue.dueSince,
    }),
    receipts,
    totals: {
      ...totals,
      registered: Object.values(totals).reduce((one, other) => one + other, 0),
      late: Number(late?.count ?? 0),
    },
    backlog: {
      waiting: queue.waiting,
      in_flight: queue.inFlight,
      failed: queue.failed,
      due_since: queue.dueSince?.toISOString() ?? null,
      misses: forecast.misses,
      clears_at: queue.deadlines.length === 0 ? null : (forecast.clearsAt?.toISOString() ?? null),
    },
    limits: BUCKETS.map((bucket) => {
      const use = status.buckets[bucket];
      return {
        bucket,
        label: bucketLabel(bucket),
        used_short: use.usedShort,
        limit_short: use.limitShort,
        used_long: use.usedLong,
        limit_long: use.limitLong,
        paused_until: use.pausedUntil?.toISOString() ?? null,
      };
    }),
    breaker: { state: status.breaker.state, until: status.breaker.until?.toISOString() ?? null },
    holds: status.holds.map((hold) => ({
      bucket: hold.bucket,
      label: bucketLabel(hold.bucket),
      reason: hold.reason,
      message: reason(hold.reason),
      since: hold.since.toISOString(),
      probe_at: hold.probeAt.toISOString(),
    })),
    recent: recent.map(referralView),
    sync: account.sync_state === null ? null : syncView(account.sync_state),
  };
}

/** What monitoring asks for. */
export async function health(host: Host): Promise<HealthAnswer> {
  const [account, now] = await Promise.all([evidenceAccount(host), databaseNow(host.db)]);
  const queue = await backlog(host, now);
  const found = alerts(account, now, { dueSince: queue.dueSince });
  const grave = found.find((alert) => alert.about !== "off");
  const isStuck = queue.dueSince !== null && now.getTime() - queue.dueSince.getTime() > STUCK_MS;
  const waiting = Object.values(queue.waiting).reduce((one, other) => one + other, 0);
  return {
    ok: grave === undefined && !isStuck,
    status: grave?.about ?? (isStuck ? "stuck" : "ready"),
    message: grave
      ? `${grave.title}. ${grave.why}`
      : isStuck
        ? "Deliveries have been due for ten minutes."
        : "Deliveries flow.",
    sender_seen_at: account.senderSeenAt?.toISOString() ?? null,
    waiting,
    failed: queue.failed,
    due_since: queue.dueSince?.toISOString() ?? null,
  };
}

async function backlog({ db }: Host, now: Date) {
  const [byKind, oldest, deadlines] = await Promise.all([
    deliveryRows(db)
      .whereIn("state", ["pending", "in_flight", "dead"])
      .groupBy("state", "operation")
      .select("state", "operation")
      .count("* as count"),
    deliveryRows(db).where({ state: "pending" }).orderBy("due_at").select("due_at").first(),
    deliveryRows(db)
      .where({ state: "pending", bucket: "createCustomer", priority: REFERRED })
      .orderBy("deadline_at")
      .limit(MOST)
      .select("deadline_at"),
  ]);
  const waiting: Record<DeliveryOperation, number> = {
    createCustomer: 0,
    trackOrder: 0,
    getCustomer: 0,
    deleteCustomer: 0,
  };
  let [inFlight, failed] = [0, 0];
  for (const { state, operation, count } of byKind as unknown as {
    state: string;
    operation: DeliveryOperation;
    count: string;
  }[]) {
    if (state === "pending") {
      waiting[operation] += Number(count);
    } else if (state === "in_flight") {
      inFlight += Number(count);
    } else {
      failed += Number(count);
    }
  }
  const dueAt: Date | undefined = oldest?.due_at;
  return {
    waiting,
    inFlight,
    failed,
    dueSince: dueAt !== undefined && dueAt <= now ? dueAt : null,
    deadlines: deadlines.map((row: { deadline_at: Date }) => row.deadline_at),
  };
}

async function perDay({ db }: Host, first: Date, days: number): Promise<Day[]> {
  const rows: { day: string; receipt: string | null; count: string }[] = (await referralRows(db)
    .where("registered_at", ">=", first)
    .groupByRaw("1, 2")
    .select(db.raw("to_char(registered_at at time zone 'utc', 'YYYY-MM-DD') as day"), "receipt")
    .count("* as count")) as never;
  const found = new Map<string, Day>();
  for (let nth = 0; nth < days; nth += 1) {
    const day = new Date(first.getTime() + nth * 86_400_000).toISOString().slice(0, 10);
    found.set(day, { day, linked: 0, already_referred: 0, rejected: 0, lost: 0, unverified: 0, pending: 0 });
  }
  for (const { day, receipt, count } of rows) {
    const entry = found.get(day);
    if (entry !== undefined) {
      entry[(receipt ?? "pending") as Exclude<keyof Day, "day">] += Number(count);
    }
  }
  return [...found.values()];
}

function syncView(state: Record<string, unknown>): Sync {
  const number = (name: string) => Number(state[name] ?? 0);
  return {
    started_at: String(state.started_at ?? ""),
    finished_at: typeof state.finished_at === "string" ? state.finished_at : null,
    total: number("total"),
    seen: number("seen"),
    sent: number("sent"),
    skipped: number("skipped"),
    refused: number("refused"),
  };
}
