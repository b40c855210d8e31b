/**
 * What the admin's routes take and give, as types alone: the pages in `src/admin` are written against this file.
 *
 * | route | takes | gives |
 * | --- | --- | --- |
 * | `GET /admin/gameball/settings` | | {@link SettingsAnswer} |
 * | `POST /admin/gameball/settings` | {@link SettingsUpdate} | {@link SettingsAnswer} |
 * | `POST /admin/gameball/settings/check` | | {@link CheckAnswer} |
 * | `GET /admin/gameball/deliveries` | {@link DeliveriesQuery} | {@link DeliveriesAnswer} |
 * | `GET /admin/gameball/deliveries/:id` | | {@link DeliveryAnswer} |
 * | `POST /admin/gameball/deliveries/retry` | {@link DeliveriesAction} | {@link DeliveriesActionAnswer} |
 * | `POST /admin/gameball/deliveries/replay` | {@link DeliveriesAction} | {@link DeliveriesActionAnswer} |
 * | `POST /admin/gameball/deliveries/cancel` | {@link DeliveriesAction} | {@link DeliveriesActionAnswer} |
 * | `GET /admin/gameball/customers/:id` | Medusa's id of a customer | {@link CustomerEvidenceAnswer} |
 * | `POST /admin/gameball/customers/:id/erase` | | {@link EraseAnswer} |
 * | `GET /admin/gameball/orders/:id` | Medusa's id of an order | {@link OrderEvidenceAnswer} |
 * | `GET /admin/gameball/dashboard` | {@link DashboardQuery} | {@link DashboardAnswer} |
 * | `GET /admin/gameball/health` | | {@link HealthAnswer} |
 * | `POST /admin/gameball/reconcile` | {@link ReconcileRequest} | {@link ReconcileAnswer} |
 *
 * Bodies are strict: an unknown field is a 400 with `{type, message}`, Medusa's own form of errors. Times are ISO 8601
 * in UTC. Sentences are complete and in English, and hold no keys and no personal data.
 */

/** What a thing means; a page has a colour for each. */
export type Tone = "good" | "bad" | "warn" | "wait" | "quiet";

// --- Settings -----------------------------------------------------------------------------------------------------

/** Where a value comes from: `options` of the plugin or the environment win over what is saved here. */
export type Source = "options" | "admin" | "default";

/** What the plugin goes by. No key is ever in it. */
export interface Settings {
  /** Off: what happens in the shop is recorded, and sent once it is on again. */
  enabled: boolean;
  api_key_set: boolean;
  /** 12 hex digits by which an operator recognises a key; null if there is none or it cannot be opened. */
  api_key_fingerprint: string | null;
  secret_key_set: boolean;
  secret_key_fingerprint: string | null;
  /** Where the keys come from; null: there are none. `options`: the fields for keys are shown, but read-only. */
  keys_source: "options" | "admin" | null;
  /** Told by the API key; null without one. */
  environment: "test" | "live" | "unknown" | null;
  /**
   * Whether keys can be saved here. `missing`: `GAMEBALL_ENCRYPTION_KEY` is unset; `short`: it is too short to be
   * safe; `changed`: saved keys cannot be opened with it. {@link encryption_advice} says what to do.
   */
  encryption: "ready" | "missing" | "short" | "changed";
  /** What to do, in sentences; null if it is ready. */
  encryption_advice: string | null;
  /** A command that makes a good `GAMEBALL_ENCRYPTION_KEY`, to be shown as code. */
  encryption_command: string;

  api_version: "v4.0" | "v4.1";
  /** High Security Mode is on in Gameball's dashboard. */
  high_security: boolean;
  /** Null: Gameball itself. */
  base_url: string | null;
  /** Whether the base URL is of this machine: an emulator's, in development. */
  is_emulator: boolean;

  /** Which visit's code counts when several carry one. */
  attribution: "first" | "last";
  /** Days for which a visit's code is remembered: 1 to 365. */
  claim_days: number;
  /** Template of referral links with `{referralCode}`, or a bare URL; null: Gameball's own link. */
  referral_link: string | null;

  /** Which orders are sent: a customer's first, or all (for points). */
  send_orders: "first" | "all";
  /** When an order is sent: as soon as it is placed, or once its payment is captured. */
  order_moment: "placed" | "captured";

  /** Which fields the plugin's options or the environment decide: they are read-only here. */
  fixed: (keyof SettingsUpdate)[];
  /** Customers and orders from here on are referral business; earlier ones are for the sync. */
  installed_at: string;
  updated_at: string;
  /** The last *Test connection*; null: never. */
  last_check: Check | null;
}

export interface SettingsAnswer {
  settings: Settings;
}

/** What is left out stays as it is. */
export interface SettingsUpdate {
  enabled?: boolean;
  /** Write-only. Null removes it; an empty text is refused. */
  api_key?: string | null;
  /** Write-only, likewise. */
  secret_key?: string | null;
  api_version?: "v4.0" | "v4.1";
  high_security?: boolean;
  base_url?: string | null;
  attribution?: "first" | "last";
  claim_days?: number;
  referral_link?: string | null;
  send_orders?: "first" | "all";
  order_moment?: "placed" | "captured";
}

/** What *Test connection* found out about the saved keys; it takes up to 10 seconds. */
export interface Check {
  at: string;
  ok: boolean;
  api_key: "accepted" | "refused" | "unknown" | "missing";
  secret_key: "accepted" | "refused" | "missing" | "unknown";
  /** A code, such as `connected`, `keys_refused`, `no_keys`, `sealed`. */
  reason: string;
  /** What it means and what to do. */
  message: string;
  /** Whether it was made with the keys and the address that are used now. */
  is_current: boolean;
}

export interface CheckAnswer {
  check: Check;
}

// --- Deliveries ---------------------------------------------------------------------------------------------------

export type DeliveryState = "pending" | "in_flight" | "applied" | "dead" | "cancelled";
export type DeliveryOperation = "createCustomer" | "trackOrder" | "getCustomer" | "deleteCustomer";

/** One outgoing call. */
export interface Delivery {
  id: number;
  operation: DeliveryOperation;
  /** The call in a word: *registration*, *order*, *profile*, *erasure*. */
  operation_label: string;
  state: DeliveryState;
  /** *waiting*, *being sent*, *delivered*, *failed*, *cancelled*. */
  state_label: string;
  tone: Tone;
  /** The id by which Gameball knows the customer: Medusa's, or a digest of a guest's e-mail address. */
  customer_id: string;
  /** Medusa's customer, for links; null once it is erased. */
  medusa_customer_id: string | null;
  order_id: string | null;
  /** Whether it carries a referral. */
  referred: boolean;
  created_at: string;
  /** Waiting: when it is tried next. */
  due_at: string;
  /** Referred registrations: until when Gameball links the friend. */
  deadline_at: string | null;
  settled_at: string | null;
  attempts: number;
  /** What happened last, in a sentence; null if nothing went wrong. */
  problem: string | null;
  /** Gameball's id of the refused request, for its support. */
  request_id: string | null;
  status: number | null;
  gameball_code: number | null;
  /** Which actions would do something now. */
  actions: ("retry" | "replay" | "cancel")[];
}

/** One call of a delivery's history. */
export interface Call {
  at: string;
  operation: string;
  operation_label: string;
  /** `applied`, `continue`, `retry`, `hold`, `dead`, `unsent`; `retried`, `replayed` or `cancelled` by an operator. */
  outcome: string;
  tone: Tone;
  status: number | null;
  gameball_code: number | null;
  request_id: string | null;
  problem: string | null;
}

/** The query; all of it is optional. */
export interface DeliveriesQuery {
  state?: DeliveryState | DeliveryState[];
  operation?: DeliveryOperation | DeliveryOperation[];
  /** Only those that carry a referral. */
  referred?: "true";
  /** An id of a customer, an order or a request, exactly. */
  q?: string;
  /** At most 100; 20 if it is left out. */
  limit?: number;
  offset?: number;
}

export interface DeliveriesAnswer {
  /** The newest first. */
  deliveries: Delivery[];
  /** Of all that match; counted to 10,000 at most. */
  count: number;
  limit: number;
  offset: number;
  /** Of each state, whatever the query, counted to 10,000 at most: for the filter. */
  counts: Record<DeliveryState, number>;
}

export interface DeliveryAnswer {
  delivery: Delivery & {
    history: Call[];
    /** Optional arguments that were malformed and left out, by their paths. */
    dropped: string[];
    /** Why it waits, if it does. */
    waiting: Waiting | null;
  };
}

/** Why something has not gone out yet. */
export interface Waiting {
  title: string;
  why: string;
  tone: Tone;
  advice: Advice[];
}

/** `retry`: try those that wait at once. `replay`: send failed ones again. `cancel`: give up waiting or failed ones. */
export interface DeliveriesAction {
  /** 1 to 500. */
  ids: number[];
}

export interface DeliveriesActionAnswer {
  /** How many it changed: those that were in another state meanwhile are left as they are. */
  changed: number;
}

// --- Evidence -----------------------------------------------------------------------------------------------------

/** What one can do. */
export interface Advice {
  text: string;
  /** Where: the settings page, or a delivery's. */
  link: { kind: "settings" } | { kind: "delivery"; id: number } | null;
}

/** One dated fact, the oldest first. */
export interface Step {
  /** Null: nobody knows. */
  at: string | null;
  title: string;
  detail: string | null;
  tone: Tone;
  request_id: string | null;
  /** The present state, rather than something that happened. */
  now: boolean;
}

/** The answer to *why did this friend (not) count?*. */
export interface Evidence {
  verdict: string;
  why: string;
  tone: Tone;
  steps: Step[];
  advice: Advice[];
}

export type ReceiptStatus = "linked" | "already_referred" | "rejected" | "lost" | "unverified";

/** A friend's claim, frozen at registration. */
export interface Referral {
  customer_id: string;
  referrer_code: string;
  /** `visit`, `field` (typed), `metadata` (the storefront's own code). */
  source: string;
  claimed_at: string | null;
  registered_at: string;
  deadline_at: string;
  guest: boolean;
  /** Null: on its way. */
  receipt: ReceiptStatus | null;
  receipt_label: string;
  tone: Tone;
  reason: string | null;
  settled_at: string | null;
}

/** What Gameball last told of the customer's own code. */
export interface Profile {
  referral_code: string | null;
  referral_link: string | null;
  /** Friends who joined by it, by this shop's receipts. */
  friends: { linked: number; pending: number; other: number };
  fetched_at: string | null;
}

export interface CustomerEvidenceAnswer {
  /** The id by which Gameball knows them. */
  customer_id: string;
  /** Whether the shop has recorded anything of them. */
  known: boolean;
  evidence: Evidence;
  referral: Referral | null;
  profile: Profile | null;
  /** The newest 20. */
  deliveries: Delivery[];
}

/** The customer's rows are made anonymous, and Gameball is told to erase them; it cannot be taken back. */
export interface EraseAnswer {
  /** False: it was asked for before. */
  recorded: boolean;
}

export interface OrderEvidenceAnswer {
  /** Of the order's customer; null for an order without one. */
  customer_id: string | null;
  evidence: Evidence;
  referral: Referral | null;
  /** Of this order; null: none. */
  delivery: Delivery | null;
  /** Why there is none, or what it waits for, in a sentence; null if it is delivered. */
  note: string | null;
}

// --- Dashboard, health --------------------------------------------------------------------------------------------

export interface DashboardQuery {
  /** 7, 30 or 90; 30 if it is left out. */
  days?: number;
}

/** Referrals of one day, by their receipts. */
export interface Day {
  /** `2026-11-26`, in UTC; every day is there. */
  day: string;
  linked: number;
  already_referred: number;
  rejected: number;
  lost: number;
  unverified: number;
  pending: number;
}

/** Something that the operator has to know. */
export interface Alert {
  /** `off`, `keys_missing`, `keys_sealed`, `hold`, `breaker`, `paused`, `misses`, `no_sender`, `failed`. */
  about: string;
  title: string;
  why: string;
  tone: Tone;
  advice: Advice[];
}

/** Use of one limit. */
export interface Limit {
  bucket: "createCustomer" | "getCustomer" | "trackOrder" | "other";
  label: string;
  used_short: number;
  limit_short: number;
  used_long: number;
  limit_long: number;
  /** Gameball asked to wait. */
  paused_until: string | null;
}

/** Calls that Gameball refuses for a reason of the account's. */
export interface Hold {
  bucket: Limit["bucket"];
  label: string;
  reason: string;
  message: string;
  since: string;
  /** When one call tries again by itself; new keys do so at once. */
  probe_at: string;
}

export interface Sync {
  started_at: string;
  finished_at: string | null;
  total: number;
  seen: number;
  sent: number;
  skipped: number;
  refused: number;
}

export interface DashboardAnswer {
  now: string;
  environment: Settings["environment"];
  alerts: Alert[];
  receipts: Day[];
  /** Over the days asked for. */
  totals: Omit<Day, "day"> & { registered: number; late: number };
  backlog: {
    waiting: Record<DeliveryOperation, number>;
    in_flight: number;
    failed: number;
    /** The oldest that is due; null: nothing is. */
    due_since: string | null;
    /** Referred registrations that will be late, as things are. */
    misses: number;
    /** When the last of those that wait is sent; null: nothing waits, or never, as things are. */
    clears_at: string | null;
  };
  limits: Limit[];
  breaker: { state: "closed" | "open" | "half_open"; until: string | null };
  holds: Hold[];
  /** The newest ten. */
  recent: Referral[];
  /** Of the customers from before the installation; null: never run. */
  sync: Sync | null;
}

/** For monitoring: 200 if `ok`, else 503. */
export interface HealthAnswer {
  ok: boolean;
  /** `ready`; or the gravest problem, as in {@link Alert.about}. */
  status: string;
  message: string;
  /** When a sender last looked at the queue; null: never. */
  sender_seen_at: string | null;
  waiting: number;
  failed: number;
  due_since: string | null;
}

/** Compares the shop with what was recorded, from the installation on. */
export interface ReconcileRequest {
  /** True: only say what would be written. Default false. */
  dry_run?: boolean;
}

export interface ReconcileAnswer {
  dry_run: boolean;
  /** Registrations and orders that were missing. */
  customers: number;
  orders: number;
  /** Orders that cannot be sent, such as ones without an amount. */
  unsendable: number;
  /** Referrals without a receipt that nothing is on its way for; they are `unverified` now. */
  orphaned: number;
}
