/**
 * Why a friend counts or not, why a delivery waits, and what the operator has to know: in the contract's sentences.
 *
 * The facts are the routes'; this file only words them.
 */

import { ledgerStatus } from "gameball-referrals";
import type { Advice, Alert, Evidence, Step, Waiting } from "../../../api/admin/gameball/contract";
import { type DeliveryRow, type ReferralRow, SETTLED } from "../host";
import type { EvidenceAccount } from "./account";
import { BUCKETS, CALLS, OPERATIONS, problem, RECEIPTS, reason } from "./words";

const SETTINGS = { kind: "settings" } as const;
/** A sender looks at the queue every few seconds. */
const SENDER_GONE_MS = 120_000;

/** The facts of one customer. */
export interface Facts {
  readonly referral: ReferralRow | null;
  /** All of theirs, oldest first. */
  readonly deliveries: readonly DeliveryRow[];
  readonly account: EvidenceAccount;
  readonly now: Date;
}

export function explain({ referral, deliveries, account, now }: Facts): Evidence {
  const unsettled = deliveries.find((one) => !SETTLED.includes(one.state));
  const wait = unsettled === undefined ? null : waiting(unsettled, account, now);
  const steps = [...stepsOf(referral, deliveries, now), ...presentStep(wait, now)].sort(byDate);
  const failed = deliveries.filter((one) => one.state === "dead").map(failedAdvice);
  if (referral === null) {
    return deliveries.some((one) => one.operation === "createCustomer" || one.operation === "trackOrder")
      ? {
          verdict: "This customer was not referred by anybody.",
          why: "They registered without a referral code; no visit with a code was remembered.",
          tone: "quiet",
          steps,
          advice: [...UNREFERRED, ...failed, ...(wait?.advice ?? [])],
        }
      : {
          verdict: "The shop has recorded nothing of this customer for Gameball.",
          why: STRANGER,
          tone: "quiet",
          steps,
          advice: SYNC,
        };
  }
  const [, tone, verdict] = RECEIPTS[referral.receipt ?? "pending"];
  if (referral.receipt === null && wait !== null) {
    return { verdict, why: wait.why, tone: wait.tone, steps, advice: wait.advice };
  }
  const why =
    referral.receipt === null
      ? "Nothing waits to be sent for this customer, and no receipt was recorded; the reconcile job looks after it."
      : reason(referral.reason);
  return { verdict, why, tone, steps, advice: [...failed, ...(wait?.advice ?? [])] };
}

/** What a delivery waits for; null if it is settled. */
export function waiting(row: DeliveryRow, account: EvidenceAccount, now: Date): Waiting | null {
  if (SETTLED.includes(row.state)) {
    return null;
  }
  if (row.state === "in_flight") {
    return { title: "being sent", why: "Gameball's answer is awaited.", tone: "wait", advice: [] };
  }
  const stop = stops(account, now).find((one) => one.bucket === null || one.bucket === row.bucket);
  if (stop !== undefined) {
    return { title: "waiting", why: stop.why, tone: "warn", advice: stop.advice };
  }
  if (row.due_at > now) {
    const why = problem(
      { kind: row.error_kind, status: row.status, gameball_code: row.gameball_code },
      row.error_message,
    );
    return {
      title: "waiting for its next try",
      why: why ?? "It is tried again later.",
      tone: "wait",
      advice: [],
    };
  }
  const gone = account.senderSeenAtMs === null || now.getTime() - account.senderSeenAtMs > SENDER_GONE_MS;
  return gone
    ? { title: "waiting for a sender", why: NO_SENDER, tone: "warn", advice: [NO_SENDER_ADVICE] }
    : {
        title: "waiting for its turn",
        why: "It is sent as soon as Gameball's limits allow.",
        tone: "wait",
        advice: [],
      };
}

export interface Backlog {
  readonly misses: number;
  readonly failed: number;
  readonly dueSinceMs: number | null;
}

/** What the operator has to know, the gravest first. */
export function alerts(account: EvidenceAccount, now: Date, backlog: Backlog): Alert[] {
  const found: Alert[] = stops(account, now).map(({ about, title, why, advice }) => {
    return { about, title, why, tone: about === "off" ? "warn" : "bad", advice };
  });
  if (backlog.misses > 0) {
    const title = `${backlog.misses} referred friends will reach Gameball too late`;
    found.push({
      about: "misses",
      title,
      why: "More wait than Gameball's limits let through in time.",
      tone: "bad",
      advice: [],
    });
  }
  const gone = account.senderSeenAtMs === null || now.getTime() - account.senderSeenAtMs > SENDER_GONE_MS;
  const stuck = backlog.dueSinceMs !== null && now.getTime() - backlog.dueSinceMs > SENDER_GONE_MS;
  if (gone && stuck) {
    found.push({
      about: "no_sender",
      title: "Nobody delivers",
      why: NO_SENDER,
      tone: "bad",
      advice: [NO_SENDER_ADVICE],
    });
  }
  if (backlog.failed > 0) {
    const title = `${backlog.failed} ${backlog.failed === 1 ? "delivery has" : "deliveries have"} failed`;
    const why = "They are kept. Each says why it failed, and can be replayed or cancelled.";
    found.push({ about: "failed", title, why, tone: "warn", advice: [] });
  }
  return found;
}

interface Stop {
  readonly about: string;
  readonly bucket: string | null;
  readonly title: string;
  readonly why: string;
  readonly advice: Advice[];
}

function stops(account: EvidenceAccount, now: Date): Stop[] {
  const advise = (text: string): Advice[] => [{ text, link: SETTINGS }];
  if (!account.enabled) {
    const why = "What happens in the shop is recorded, and sent once it is on again.";
    return [
      {
        about: "off",
        bucket: null,
        title: "Gameball is switched off",
        why,
        advice: advise("Switch it on in the settings."),
      },
    ];
  }
  if (account.keys !== "present") {
    const sealed = account.keys === "sealed";
    const title = sealed ? "The saved keys cannot be opened" : "There are no keys yet";
    const why = "What happens in the shop is recorded, and sent once there are keys.";
    const about = sealed ? "keys_sealed" : "keys_missing";
    const text = sealed
      ? "The settings say what to do."
      : "Enter the keys from the Gameball dashboard in the settings.";
    return [{ about, bucket: null, title, why, advice: advise(text) }];
  }
  const status = ledgerStatus(account.ledger, now, { limitWindowsDivisor: account.limitWindowsDivisor });
  const holds = status.holds
    .filter((hold) => hold.credentials === account.credentials)
    .map((hold): Stop => {
      const title = `Gameball refuses: ${BUCKETS[hold.bucket].toLowerCase()}`;
      return {
        about: "hold",
        bucket: hold.bucket,
        title,
        why: reason(hold.reason),
        advice: advise("Correct it in the settings, then press Test connection."),
      };
    });
  const breaker: Stop[] =
    status.breaker.state === "closed"
      ? []
      : [
          {
            about: "breaker",
            bucket: null,
            title: "Gameball cannot be reached",
            why: "Deliveries wait, and go out as soon as it answers again.",
            advice: [],
          },
        ];
  return [...holds, ...breaker];
}

// --- The steps ----------------------------------------------------------------------------------------------------

function stepsOf(referral: ReferralRow | null, deliveries: readonly DeliveryRow[], now: Date): Step[] {
  const steps: Step[] = [];
  const add = (at: Date | string | null, title: string, more: Partial<Step> = {}) => {
    const moment = at instanceof Date ? at.toISOString() : at;
    steps.push({ at: moment, title, detail: null, tone: "quiet", request_id: null, now: false, ...more });
  };
  if (referral !== null) {
    const came =
      referral.source === "field"
        ? "Typed the code"
        : referral.source === "visit"
          ? "Visited the shop by a link with the code"
          : "The shop passed on the code";
    add(referral.claimed_at ?? referral.registered_at, `${came} ${referral.referrer_code}`);
    add(
      referral.registered_at,
      referral.guest ? "Ordered as a guest, with this code" : "Registered, with this code",
    );
    if (referral.receipt === null || referral.receipt === "lost") {
      const isOver = referral.deadline_at <= now;
      add(
        referral.deadline_at,
        isOver ? "Gameball's time to link ended" : "Until then Gameball links the friend",
        { tone: isOver ? "quiet" : "wait" },
      );
    }
  }
  for (const one of deliveries) {
    if (one.operation === "trackOrder") {
      add(one.created_at, one.order_id ? `Placed the order ${one.order_id}` : "Placed an order");
    } else if (one.operation === "createCustomer" && referral === null) {
      add(one.created_at, "Registered without a referral code");
    }
    for (const call of one.history) {
      const failed = problem(call, null);
      const title = CALLS[call.operation === "operator" ? call.outcome : call.operation] ?? call.operation;
      add(call.at, title, {
        detail: failed ?? (call.operation === "operator" ? null : "Gameball accepted it."),
        tone: failed ? "warn" : "good",
        request_id: call.request_id,
      });
    }
    if (one.state === "dead" && one.settled_at !== null) {
      const detail = problem(
        { kind: one.error_kind, status: one.status, gameball_code: one.gameball_code },
        one.error_message,
      );
      add(one.settled_at, `The ${OPERATIONS[one.operation] ?? one.operation} was laid aside as failed`, {
        detail,
        tone: "bad",
        request_id: one.request_id,
      });
    }
  }
  if (referral?.receipt && referral.settled_at) {
    const [label, tone] = RECEIPTS[referral.receipt];
    add(referral.settled_at, `Receipt: ${label}`, { detail: reason(referral.reason), tone });
  }
  return steps;
}

function presentStep(wait: Waiting | null, now: Date): Step[] {
  return wait === null
    ? []
    : [
        {
          at: now.toISOString(),
          title: `Now: ${wait.title}`,
          detail: wait.why,
          tone: "wait",
          request_id: null,
          now: true,
        },
      ];
}

function byDate(one: Step, other: Step): number {
  const [first, second] = [one.at ?? "", other.at ?? ""];
  return first < second ? -1 : first > second ? 1 : Number(one.now) - Number(other.now);
}

function failedAdvice(row: DeliveryRow): Advice {
  const text = `Open the delivery that failed (${OPERATIONS[row.operation] ?? row.operation}): it can be replayed.`;
  return { text, link: { kind: "delivery", id: row.id } };
}

const STRANGER = "Neither a registration nor an order of theirs was written down.";
const SYNC: Advice[] = [
  {
    text: "Customers from before the installation are not recorded; the sync command hands them over.",
    link: null,
  },
];
const UNREFERRED: Advice[] = [
  {
    text: "A code is forgotten when the friend registers in another browser or on another device than the one that opened the link, deletes cookies, or waits for longer than the claim is kept.",
    link: null,
  },
  {
    text: "Gameball links nobody after the registration. Ask its support whether they can do so by hand.",
    link: null,
  },
];
const NO_SENDER = "No Medusa process has looked at the queue for two minutes.";
const NO_SENDER_ADVICE: Advice = {
  text: "Run at least one Medusa instance in worker mode “shared” or “worker”, with GAMEBALL_SENDER not set to “off”.",
  link: null,
};
