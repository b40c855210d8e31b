/** What the evidence is asked with, a shop's own rows, and what it answers, in sentences. Times are `Date`s. */

import type { Bucket, DeliveryOperation, Forecast, ReceiptStatus } from "./deliveries.js";

/** What a step, a verdict or an alert means; the screen has a colour for each. */
export type Tone = "good" | "bad" | "warn" | "wait" | "quiet";

/** Where a delivery stands: it waits, is being sent, is delivered, failed for good, or was cancelled by somebody. */
export type DeliveryState = "pending" | "in_flight" | "applied" | "dead" | "cancelled";

/** An account, and what its calls meet. */
export interface AccountRecord {
  /** Its name; an advice that is followed on its page has it. */
  readonly id?: string | null | undefined;
  /** Default true. */
  readonly enabled?: boolean | null | undefined;
  /** Whether there are keys; `sealed`: there are, and they cannot be opened. Default `present`. */
  readonly keys?: "present" | "missing" | "sealed" | null | undefined;
  /** {@link Courier.credentials}: holds of other credentials hold nothing. */
  readonly credentials?: string | null | undefined;
  /** As stored. */
  readonly ledger?: string | null | undefined;
  /** When a sender last wrote the ledger, or was seen otherwise. */
  readonly senderSeenAt?: Date | null | undefined;
  /** For tests only, as at {@link CourierOptions.limitWindowsDivisor}. */
  readonly limitWindowsDivisor?: number | null | undefined;
}

/** A friend's referral. */
export interface ReferralRecord {
  readonly referrerCode: string;
  /** How the code came; anything but the first three: the shop gave it. */
  readonly source?: "visit" | "field" | "state" | (string & {}) | null | undefined;
  readonly claimedAt?: Date | null | undefined;
  readonly registeredAt: Date;
  /** Until when Gameball links it. */
  readonly deadlineAt: Date;
  readonly guest?: boolean | null | undefined;
  /** None: it is on its way. */
  readonly receipt?: ReceiptStatus | (string & {}) | null | undefined;
  readonly reason?: string | null | undefined;
  readonly lateByMs?: number | null | undefined;
  /** When Gameball took the registration. */
  readonly acknowledgedAt?: Date | null | undefined;
  readonly settledAt?: Date | null | undefined;
}

/** One call that was made for a delivery: of {@link Verdict.call}, and when. */
export interface CallRecord {
  readonly operation: string;
  /** None: nobody knows any more. */
  readonly at?: Date | null | undefined;
  /** {@link Verdict.outcome}. */
  readonly outcome?: string | null | undefined;
  readonly status?: number | null | undefined;
  readonly gameballCode?: number | null | undefined;
  readonly requestId?: string | null | undefined;
  /** The error's kind; none: all went well. */
  readonly kind?: string | null | undefined;
}

/** A delivery, as the shop has it. */
export interface DeliveryRecord {
  readonly id: number | string;
  readonly operation: DeliveryOperation | (string & {});
  readonly state: DeliveryState | (string & {});
  readonly createdAt: Date;
  readonly dueAt: Date;
  /** {@link Verdict.nextBucket}; none: the operation's. */
  readonly bucket?: Bucket | (string & {}) | null | undefined;
  readonly leaseUntil?: Date | null | undefined;
  readonly settledAt?: Date | null | undefined;
  readonly orderId?: string | null | undefined;
  /** The kind of its last failure. */
  readonly errorKind?: string | null | undefined;
  readonly gameballCode?: number | null | undefined;
  readonly requestId?: string | null | undefined;
  /** Oldest first. */
  readonly history?: readonly CallRecord[] | null | undefined;
}

/** What waits and what has failed. */
export interface QueueRecord {
  /** Of the referred registrations that wait; none: there are none. */
  readonly forecast?: Pick<Forecast, "misses" | "firstMissAt" | "blocked"> | null | undefined;
  /** Since when the first of those that wait has been due. */
  readonly dueSince?: Date | null | undefined;
  readonly failed?: number | null | undefined;
  /** Whether there are more of them than were counted. */
  readonly failedAndMore?: boolean | null | undefined;
}

/** What a text is made of. */
export interface Template {
  /** Stable: what a catalogue of translations may be keyed by. */
  readonly key: string;
  /** English, with parts such as `{code}`; where there is a `plural`, for a `{count}` of one. */
  readonly template: string;
  /** For any other `{count}`. */
  readonly plural?: string;
}

/** A sentence. */
export interface Text extends Template {
  /** What goes into the template. */
  readonly parts?: Readonly<Record<string, Part>>;
  /** The whole sentence in English, its times of the day in UTC. */
  readonly english: string;
}

/**
 * What goes into a text: said as it is; a length of time; a time as seen from now ("in 20 seconds"), or to the second;
 * another text; another sentence, to be said without its full stop.
 */
export type Part =
  | string
  | number
  | { readonly as: "span"; readonly ms: number }
  | { readonly as: "relative" | "clock"; readonly ms: number }
  | { readonly as: "text" | "clause"; readonly text: Text };

/** What one can do. */
export interface Advice {
  readonly text: Text;
  /** The page on which: the account's or a delivery's, by the record's `id`. */
  readonly link:
    | { readonly kind: "account"; readonly id: string }
    | { readonly kind: "delivery"; readonly id: number | string }
    | null;
}

/** One dated fact. */
export interface Step {
  /** Null: nobody knows any more. */
  readonly at: Date | null;
  readonly title: Text;
  readonly detail: Text | null;
  readonly tone: Tone;
  /** Gameball's id of the request. */
  readonly requestId: string | null;
  /** The present state, rather than something that happened. */
  readonly now: boolean;
}

/** The answer to *why did this friend (not) count?*. */
export interface Evidence {
  readonly verdict: Text;
  readonly why: Text;
  readonly tone: Tone;
  /** By their dates. */
  readonly steps: readonly Step[];
  readonly advice: readonly Advice[];
}

/** What a delivery waits for. */
export interface Waiting {
  /** In a few words, which may stand within a sentence. */
  readonly title: Text;
  readonly why: Text;
  readonly tone: Tone;
  readonly advice: readonly Advice[];
}

/** What an account's operator has to know. */
export interface Alert {
  readonly about:
    | "off"
    | "keys_sealed"
    | "keys_missing"
    | "breaker"
    | "hold"
    | "paused"
    | "misses"
    | "no_sender"
    | "failed";
  readonly title: Text;
  /** In a few words, for a badge. */
  readonly briefly: Text;
  readonly why: Text;
  readonly tone: Tone;
  readonly advice: readonly Advice[];
}

/** The core's words by its codes. */
export interface Words {
  readonly reasons: Readonly<
    Record<
      string,
      {
        readonly why: Template;
        /** For lists, where a receipt can have the reason. */
        readonly briefly: Template | null;
        readonly advice: readonly { readonly text: Template; readonly onAccount: boolean }[];
      }
    >
  >;
  /** By {@link ReceiptStatus}, and `pending`. */
  readonly receipts: Readonly<
    Record<string, { readonly name: Template; readonly verdict: Template; readonly tone: Tone }>
  >;
  readonly states: Readonly<Record<DeliveryState, { readonly name: Template; readonly tone: Tone }>>;
  /** By {@link GameballError.kind}. */
  readonly errors: Readonly<Record<string, Template>>;
  /** By Gameball's own codes, which say more than the kind. */
  readonly codes: Readonly<Record<string, Template>>;
  readonly operations: Readonly<Record<DeliveryOperation, Template>>;
  readonly calls: Readonly<Record<string, Template>>;
  readonly buckets: Readonly<Record<Bucket, Template>>;
  readonly sources: Readonly<Record<string, Template>>;
  /** Everything that is ever told. */
  readonly templates: readonly Template[];
}
