/** What goes into a courier and what comes back. Times are `Date`s; names that end in `Ms` are milliseconds. */

/** What a delivery does; Gameball's `operationId`. */
export type DeliveryOperation = "createCustomer" | "trackOrder" | "deleteCustomer" | "getCustomer";

/** The calls that share one limit. */
export type Bucket = "createCustomer" | "getCustomer" | "trackOrder" | "other";

/**
 * What came of sending a delivery.
 *
 * | outcome | meaning |
 * | --- | --- |
 * | `applied` | its goal is reached; it is settled |
 * | `continue` | this call did its part, and another one is due: store `progress` |
 * | `retry` | due again after `dueInMs` |
 * | `hold` | nothing of this account can succeed until its operator acts; the ledger knows, the delivery stays due |
 * | `dead` | can never succeed as it stands: keep it, show it, let it be replayed |
 * | `unsent` | nothing was sent, since the slot had expired; due at once, free |
 */
export type Outcome = "applied" | "continue" | "retry" | "hold" | "dead" | "unsent";

/** What became of a referral. */
export type ReceiptStatus = "linked" | "already_referred" | "rejected" | "lost" | "unverified";

/** Why nothing may be sent: the limit is used up, Gameball asks to wait (429), is down, or refuses the account. */
export type Blocked = "limit" | "paused" | "breaker" | "hold";

/** Leave to send, from {@link Courier.plan} or {@link Courier.reserve}: for a moment, in the process that got it. */
export interface Slot {
  /** When it ends, by `process.hrtime()` in milliseconds. */
  readonly expiresAtMs: number;
  /** Whether the ledger wants to hear of a success, too. */
  readonly watched: boolean;
  /** Whether this call finds out if Gameball is back: its failure costs no attempt. */
  readonly probe: boolean;
}

/** One outgoing call, as the host has it in its database. */
export interface Delivery {
  /** A whole number. Those of later deliveries are larger. */
  readonly id: number;
  readonly operation: DeliveryOperation | (string & {});
  /** {@link Prepared.arguments}. */
  readonly arguments: string;
  /** What the latest verdict said to store. */
  readonly progress?: string | null | undefined;
  /** How many verdicts before cost an attempt. Default 0. */
  readonly attempts?: number | null | undefined;
  /** When the referred customer registered; with the referral window it makes the deadline. */
  readonly registeredAt?: Date | null | undefined;
  /** The referral's code, if the delivery is about a referred customer. */
  readonly referrerCode?: string | null | undefined;
  /** The referral's receipt so far, for orders: it tells whether the code still has to ride along. */
  readonly receipt?: ReceiptStatus | (string & {}) | null | undefined;
  /** The plan's slot. Without one the delivery is sent at once. */
  readonly slot?: Slot | null | undefined;
}

/** Proof of a referral, given with the verdict that settles its delivery. */
export interface Receipt {
  readonly status: ReceiptStatus;
  /** A key of {@link reasons}. */
  readonly reason: string;
  /** How long after the referral window Gameball took the registration, for `late`. */
  readonly lateByMs: number | null;
}

/** The one call that was made. */
export interface CallReport {
  readonly operation: string;
  readonly bucket: Bucket;
  readonly durationMs: number;
  /** HTTP status, if an answer came. */
  readonly status: number | null;
  readonly gameballCode: number | null;
  /** Gameball's id of a request that it refused. */
  readonly requestId: string | null;
  /** The error's kind ({@link GameballError.kind}); null if all went well. */
  readonly kind: string | null;
  /** What failed and what to do; without keys and personal data. */
  readonly message: string | null;
}

/** What Gameball told of the customer. */
export interface Answer {
  readonly gameballId: number | null;
  /** The customer's own code. */
  readonly referralCode: string | null;
  readonly referralLink: string | null;
}

/** What came of sending a delivery. */
export interface Verdict {
  /** The delivery's. */
  readonly id: number;
  readonly outcome: Outcome;
  /** Whether the delivery is over: `applied` or `dead`. */
  readonly settled: boolean;
  /** Why, as a key of {@link reasons}; null where the outcome says it all. */
  readonly reason: string | null;
  /** To be stored and given back with the next try; opaque. Null: forget what was stored. */
  readonly progress: string | null;
  /** The limit to which the delivery's next call counts; null once it is settled. */
  readonly nextBucket: Bucket | null;
  /** For `continue`, `retry`, `hold` and `unsent`: when it is due again. */
  readonly dueInMs: number;
  /** Whether to count an attempt. */
  readonly costsAttempt: boolean;
  /** Whether the customer (or the order) is known to exist at Gameball from this call on. */
  readonly acknowledged: boolean;
  /** The referral's receipt; only with `applied` and `dead`. Null: it stays as it is. */
  readonly receipt: Receipt | null;
  /** Null if nothing was sent. */
  readonly call: CallReport | null;
  readonly answer: Answer | null;
  /** For {@link Courier.record}; opaque. */
  readonly ledgerEvent: string | null;
  /** Whether the ledger has to hear of it. A plain success need not be recorded. */
  readonly needsRecord: boolean;
}

/** A delivery that waits or is in flight, as {@link Courier.plan} needs to know it. */
export interface Candidate {
  /** A whole number. Those of later deliveries are larger. */
  readonly id: number;
  /** The customer's id. One delivery of a lane is sent at a time, oldest first. */
  readonly lane: string;
  readonly operation: DeliveryOperation | (string & {});
  readonly dueAt: Date;
  /** What the latest verdict said to store. */
  readonly progress?: string | null | undefined;
  /** Whether it carries a referral. Default false. */
  readonly referred?: boolean | null | undefined;
  /** {@link Prepared.deadlineAt}. */
  readonly deadlineAt?: Date | null | undefined;
  /** Whether somebody is sending it. Default false. */
  readonly inFlight?: boolean | null | undefined;
}

/** What may be sent now. */
export interface Plan {
  /** The ledger to store before anything is sent. */
  readonly ledger: string;
  /** Ids of the deliveries to send, most urgent first. */
  readonly take: readonly number[];
  /** Goes with each of them. */
  readonly slot: Slot;
  /** For how long the slot was good at `now`. */
  readonly expiresInMs: number;
  /** When to plan again if nothing happens before; null: when there is something new. */
  readonly nextAt: Date | null;
  /** Why something that is due was left, the gravest reason first; null if nothing was, or only for lack of room. */
  readonly blocked: Blocked | null;
}

/** Slots for calls that are no deliveries, such as those of a batch. */
export interface Reservation {
  /** The ledger to store before anything is sent. */
  readonly ledger: string;
  /** Calls that may be made now, by bucket. */
  readonly granted: Readonly<Partial<Record<Bucket, number>>>;
  readonly slot: Slot;
  readonly expiresInMs: number;
  /** When more may be had of what was not granted. */
  readonly nextAt: Date | null;
  readonly blocked: Blocked | null;
}

/** The use of one limit, by the ledger. */
export interface BucketStatus {
  /** Calls in the last second. */
  readonly usedShort: number;
  readonly limitShort: number;
  /** Calls in the last 30 seconds. */
  readonly usedLong: number;
  readonly limitLong: number;
  /** When the next call may be made, as far as the limits go. */
  readonly freeAt: Date;
  /** Gameball said 429: others use the account, too. */
  readonly pausedUntil: Date | null;
}

/** Whether Gameball is taken for reachable. */
export interface BreakerStatus {
  readonly state: "closed" | "open" | "half_open";
  /** Open: when the next probe goes out. Half open: until when the probe's outcome is waited for. */
  readonly until: Date | null;
  /** Failures in a row. */
  readonly failures: number;
}

/** Calls that Gameball refuses for a reason of the account's. */
export interface Hold {
  readonly bucket: Bucket;
  /** The error's kind, such as `authentication`. */
  readonly kind: string;
  /** A key of {@link reasons}: what is wrong, and what to do. */
  readonly reason: string;
  readonly status: number | null;
  readonly gameballCode: number | null;
  readonly since: Date;
  /** When one call will try again; at once with other credentials. */
  readonly probeAt: Date;
  /** The fingerprint under which it was refused. */
  readonly credentials: string;
}

/** The ledger for people to look at. */
export interface LedgerStatus {
  readonly buckets: Readonly<Record<Bucket, BucketStatus>>;
  readonly breaker: BreakerStatus;
  readonly holds: readonly Hold[];
}

/** What the allowed rate makes of the referred registrations that wait. */
export interface Forecast {
  /** How many will be sent after their deadline, or never, as things are. */
  readonly misses: number;
  /** How many are past their deadline already; not among the misses. */
  readonly late: number;
  /** The first deadline that will pass. */
  readonly firstMissAt: Date | null;
  /** When the last of them is sent; null: never, as things are. */
  readonly clearsAt: Date | null;
  /** What stands in the way right now. */
  readonly blocked: Blocked | null;
}

/** The answer of *Test connection*. */
export interface ConnectionCheck {
  /** Whether everything will work that needs these keys. */
  readonly ok: boolean;
  readonly apiKey: "accepted" | "refused" | "unknown";
  readonly secretKey: "accepted" | "refused" | "missing" | "unknown";
  /** A key of {@link reasons}. */
  readonly reason: string;
  /** What it means and what to do, in a plain sentence. */
  readonly message: string;
}

/** A delivery ready to be inserted. */
export interface Prepared {
  readonly operation: DeliveryOperation;
  /** Its lane. */
  readonly customerId: string;
  readonly orderId: string | null;
  /** Canonical JSON: the request's body as it will be sent. */
  readonly arguments: string;
  /** At most 190 characters, case-sensitive. A unique index on account and key keeps repetitions out. */
  readonly dedupeKey: string;
  /** 0 referred registration, 2 other registration, 3 order, 4 the rest: for an index on priority and deadline. */
  readonly priority: number;
  /** Until when Gameball links the referral. */
  readonly deadlineAt: Date | null;
  /** Paths of optional arguments that were malformed, and were left out. */
  readonly dropped: readonly string[];
}
