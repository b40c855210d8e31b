/** Answers of the plugin's routes in states that a test cannot wait for: a held account, a rush, months of life. */

/** @typedef {import("../../../node/medusa/src/api/admin/gameball/contract.js").Settings} Settings */
/** @typedef {import("../../../node/medusa/src/api/admin/gameball/contract.js").Delivery} Delivery */
/** @typedef {import("../../../node/medusa/src/api/admin/gameball/contract.js").DeliveryAnswer} DeliveryAnswer */
/** @typedef {import("../../../node/medusa/src/api/admin/gameball/contract.js").DeliveriesAnswer} DeliveriesAnswer */
/** @typedef {import("../../../node/medusa/src/api/admin/gameball/contract.js").DashboardAnswer} DashboardAnswer */
/** @typedef {import("../../../node/medusa/src/api/admin/gameball/contract.js").CustomerEvidenceAnswer} CustomerEvidenceAnswer */
/** @typedef {import("../../../node/medusa/src/api/admin/gameball/contract.js").OrderEvidenceAnswer} OrderEvidenceAnswer */
/** @typedef {import("../../../node/medusa/src/api/admin/gameball/contract.js").Referral} Referral */
/** @typedef {import("../../../node/medusa/src/api/admin/gameball/contract.js").Evidence} Evidence */

/** So many seconds ago. @param {number} seconds */
export const ago = (seconds) => new Date(Date.now() - seconds * 1000).toISOString();

const CUSTOMER = "cus_01KA7M3X8V5Q2ZJ4T6W9R1BENF";
const ORDER = "order_01KA7M5C2N8P4S6U7V9X1Y3Z5A";

/** @param {Partial<Settings>} values @returns {{ settings: Settings }} */
export const settings = (values = {}) => ({
  settings: {
    enabled: true,
    api_key_set: true,
    api_key_fingerprint: "3f9a0c71be24",
    secret_key_set: true,
    secret_key_fingerprint: "a81d55e0c93b",
    keys_source: "admin",
    environment: "live",
    encryption: "ready",
    encryption_advice: null,
    encryption_command: "openssl rand -base64 32",
    api_version: "v4.0",
    high_security: false,
    base_url: null,
    is_emulator: false,
    attribution: "last",
    claim_days: 30,
    referral_link: "https://shop.example/?ref={referralCode}",
    send_orders: "first",
    order_moment: "placed",
    fixed: [],
    installed_at: ago(86_400 * 42),
    updated_at: ago(3_600),
    last_check: {
      at: ago(1_800),
      ok: true,
      api_key: "accepted",
      secret_key: "accepted",
      reason: "connected",
      message: "Gameball accepts the keys.",
      is_current: true,
    },
    ...values,
  },
});

export const noKeys = settings({
  api_key_set: false,
  api_key_fingerprint: null,
  secret_key_set: false,
  secret_key_fingerprint: null,
  keys_source: null,
  environment: null,
  last_check: null,
  referral_link: null,
});

export const noEncryption = settings({
  ...noKeys.settings,
  encryption: "missing",
  encryption_advice:
    "Keys are only stored sealed. Set the environment variable GAMEBALL_ENCRYPTION_KEY to 32 random bytes or more, the same on every instance, and restart Medusa. Keep it: without it the saved keys cannot be opened.",
});

export const refusedKeys = settings({
  last_check: {
    at: ago(120),
    ok: false,
    api_key: "refused",
    secret_key: "unknown",
    reason: "api_key_refused",
    message: "Gameball does not accept the API key: copy it again from the Gameball dashboard.",
    is_current: false,
  },
});

export const byOptions = settings({
  keys_source: "options",
  environment: "test",
  base_url: "http://127.0.0.1:4010",
  is_emulator: true,
  fixed: ["api_key", "secret_key", "base_url", "send_orders"],
});

/** @param {Partial<Delivery>} values @returns {Delivery} */
export const delivery = (values = {}) => ({
  id: 4211,
  operation: "createCustomer",
  operation_label: "registration",
  state: "applied",
  state_label: "delivered",
  tone: "good",
  customer_id: CUSTOMER,
  medusa_customer_id: CUSTOMER,
  order_id: null,
  referred: true,
  created_at: ago(600),
  due_at: ago(600),
  deadline_at: ago(300),
  settled_at: ago(599),
  attempts: 1,
  problem: null,
  request_id: null,
  status: 200,
  gameball_code: null,
  actions: [],
  ...values,
});

const failed = delivery({
  id: 4205,
  state: "dead",
  state_label: "failed",
  tone: "bad",
  referred: false,
  deadline_at: null,
  created_at: ago(7_400),
  settled_at: ago(7_399),
  problem: "Another customer has this e-mail address",
  request_id: "0HN7Q2K4M8E1B:00000003",
  status: 422,
  gameball_code: 3008,
  actions: ["replay", "cancel"],
});

const waits = delivery({
  id: 4213,
  state: "pending",
  state_label: "waiting",
  tone: "wait",
  created_at: ago(48),
  due_at: ago(-14),
  deadline_at: ago(-252),
  settled_at: null,
  attempts: 2,
  problem: "No answer in time",
  status: null,
  actions: ["retry", "cancel"],
});

const list = [
  waits,
  delivery({
    id: 4212,
    operation: "trackOrder",
    operation_label: "order",
    order_id: ORDER,
    referred: true,
    deadline_at: null,
    state: "in_flight",
    state_label: "being sent",
    tone: "wait",
    settled_at: null,
    created_at: ago(2),
    attempts: 0,
  }),
  delivery(),
  delivery({
    id: 4210,
    operation: "trackOrder",
    operation_label: "order",
    order_id: ORDER,
    customer_id: "guest-6f1d0a7c55e98b02",
    medusa_customer_id: null,
    referred: false,
    deadline_at: null,
    created_at: ago(1_900),
    settled_at: ago(1_899),
  }),
  failed,
  delivery({
    id: 4204,
    referred: false,
    deadline_at: null,
    state: "cancelled",
    state_label: "cancelled",
    tone: "quiet",
    created_at: ago(90_000),
    settled_at: ago(86_900),
    attempts: 0,
  }),
  delivery({
    id: 4203,
    operation: "deleteCustomer",
    operation_label: "erasure",
    referred: false,
    deadline_at: null,
    created_at: ago(190_000),
    settled_at: ago(189_990),
  }),
];

/** @param {Partial<DeliveriesAnswer>} values @returns {DeliveriesAnswer} */
export const deliveries = (values = {}) => ({
  deliveries: list,
  count: 48,
  limit: 20,
  offset: 0,
  counts: { pending: 1, in_flight: 1, applied: 10_000, dead: 1, cancelled: 1 },
  ...values,
});

export const noDeliveries = deliveries({
  deliveries: [],
  count: 0,
  counts: { pending: 0, in_flight: 0, applied: 0, dead: 0, cancelled: 0 },
});

/** @type {DeliveryAnswer} */
export const waitingDelivery = {
  delivery: {
    ...waits,
    history: [38, 26].map((seconds) => ({
      at: ago(seconds),
      operation: "createCustomer",
      operation_label: "The registration was sent",
      outcome: "retry",
      tone: "warn",
      status: null,
      gameball_code: null,
      request_id: null,
      problem: "No answer in time",
    })),
    dropped: ["mobile"],
    waiting: {
      title: "due again later",
      why: "No answer in time. The next try is due in 14 seconds.",
      tone: "wait",
      advice: [
        {
          text: "Nothing has to be done. Retry now sends it at once.",
          link: { kind: "delivery", id: waits.id },
        },
      ],
    },
  },
};

/** @type {DeliveryAnswer} */
export const failedDelivery = {
  delivery: {
    ...failed,
    history: [
      {
        at: ago(7_399),
        operation: "createCustomer",
        operation_label: "The registration was sent",
        outcome: "dead",
        tone: "bad",
        status: 422,
        gameball_code: 3008,
        request_id: "0HN7Q2K4M8E1B:00000003",
        problem: "Another customer has this e-mail address",
      },
    ],
    dropped: [],
    waiting: null,
  },
};

/** @param {Partial<Referral>} values @returns {Referral} */
export const referral = (values = {}) => ({
  customer_id: CUSTOMER,
  referrer_code: "ANNA1",
  source: "visit",
  claimed_at: ago(8_000),
  registered_at: ago(600),
  deadline_at: ago(300),
  guest: false,
  receipt: "linked",
  receipt_label: "linked",
  tone: "good",
  reason: "by_registration",
  settled_at: ago(598),
  ...values,
});

/** @param {number} at @param {string} title @param {Partial<import("../../../node/medusa/src/api/admin/gameball/contract.js").Step>} more
 * @returns {import("../../../node/medusa/src/api/admin/gameball/contract.js").Step} */
const step = (at, title, more = {}) => ({
  at: ago(at),
  title,
  detail: null,
  tone: "quiet",
  request_id: null,
  now: false,
  ...more,
});

/** @type {Evidence} */
const lost = {
  verdict: "This friend does not count: the referral was lost.",
  why: "The registration reached Gameball 80 seconds after the time in which it links referrals.",
  tone: "bad",
  steps: [
    step(8_000, "Visited the shop by a link with the code ANNA1"),
    step(900, "Registered, with this code"),
    step(899, "The registration was sent", {
      detail:
        "Gameball had an internal error (HTTP 503, Gameball code 5003). The same happened 7 more times, until 12:03:20 UTC.",
      tone: "warn",
      request_id: "0HN7Q2K4M8E1B:00000411",
    }),
    step(600, "Gameball's time to link ended", { tone: "bad" }),
    step(520, "The registration was sent", {
      detail: "Gameball accepted it, 80 seconds too late to be linked.",
      tone: "bad",
    }),
    step(519, "Gameball was asked whether the friend is linked", {
      detail: "Gameball: no, not linked.",
      tone: "warn",
    }),
    step(518, "Receipt: lost", {
      detail: "The registration reached Gameball after the time in which it links referrals.",
      tone: "bad",
    }),
  ],
  advice: [
    {
      text: "The evidence below says what held it up. Ask Gameball's support whether they can link the friend by hand; the request ids help them.",
      link: null,
    },
    {
      text: "If it happens again: the dashboard shows windows that will be missed before they are.",
      link: null,
    },
  ],
};

/** @type {CustomerEvidenceAnswer} */
export const lostFriend = {
  customer_id: CUSTOMER,
  known: true,
  evidence: lost,
  referral: referral({ receipt: "lost", receipt_label: "lost", tone: "bad", reason: "late" }),
  profile: {
    referral_code: "BEN42",
    referral_link: "https://shop.example/?ref=BEN42",
    friends: { linked: 2, pending: 1, other: 0 },
    fetched_at: ago(60),
  },
  deliveries: [
    delivery({ id: 4212, operation: "trackOrder", operation_label: "order", order_id: ORDER }),
    delivery(),
  ],
};

/** @type {CustomerEvidenceAnswer} */
export const stranger = {
  customer_id: CUSTOMER,
  known: false,
  evidence: {
    verdict: "The shop has recorded nothing of a customer with this id.",
    why: "Neither a registration nor an order of theirs was written down for Gameball.",
    tone: "quiet",
    steps: [],
    advice: [
      {
        text: "Customers from before the installation are not recorded: the synchronization of customers sends them.",
        link: null,
      },
    ],
  },
  referral: null,
  profile: null,
  deliveries: [],
};

/** @type {CustomerEvidenceAnswer} */
export const heldFriend = {
  customer_id: CUSTOMER,
  known: true,
  evidence: {
    verdict: "It is not decided yet whether this friend counts.",
    why: "Gameball refuses the keys, since 11:58:00 UTC. Everything waits meanwhile; one call tries again in 87 seconds.",
    tone: "bad",
    steps: [
      step(8_000, "Typed the code ANNA1 into the form"),
      step(20, "Registered, with this code"),
      step(0, "Now: held", {
        detail: "Gameball refuses the keys, since 11:58:00 UTC.",
        tone: "wait",
        now: true,
      }),
      step(-280, "Until then Gameball links the friend", { tone: "wait" }),
    ],
    advice: [
      {
        text: "Save new keys on the account's page: everything that waits goes out by itself within seconds.",
        link: { kind: "settings" },
      },
    ],
  },
  referral: referral({
    receipt: null,
    receipt_label: "on its way",
    tone: "wait",
    source: "field",
    settled_at: null,
  }),
  profile: null,
  deliveries: [waits],
};

/** @type {OrderEvidenceAnswer} */
export const order = {
  customer_id: CUSTOMER,
  evidence: { ...lost },
  referral: referral({ receipt: "lost", receipt_label: "lost", tone: "bad", reason: "late" }),
  delivery: delivery({ id: 4212, operation: "trackOrder", operation_label: "order", order_id: ORDER }),
  note: null,
};

/** @type {OrderEvidenceAnswer} */
export const secondOrder = {
  customer_id: CUSTOMER,
  evidence: stranger.evidence,
  referral: null,
  delivery: null,
  note: "Only a customer's first order is sent, and this is a later one.",
};

const limits = /** @type {const} */ ([
  ["createCustomer", "Registrations", 12, 30, 214, 360],
  ["getCustomer", "Profiles and proofs", 9, 100, 180, 1200],
  ["trackOrder", "Orders", 29, 30, 351, 360],
  ["other", "Everything else", 0, 30, 4, 360],
]);

/** @param {number} length @param {boolean} [quiet] */
function days(length, quiet = false) {
  return Array.from({ length }, (_, index) => {
    const day = ago(86_400 * (length - 1 - index)).slice(0, 10);
    const seed = (index * 7 + 3) % 11;
    const any = quiet ? 0 : 1;
    return {
      day,
      linked: any * (seed % 6) * 2,
      already_referred: any * (seed % 5 === 0 ? 2 : 0),
      rejected: any * (seed % 4 === 1 ? 1 : 0),
      lost: any * (index === length - 9 ? 5 : 0),
      unverified: any * (seed % 7 === 2 ? 1 : 0),
      pending: any * (index === length - 1 ? 3 : 0),
    };
  });
}

/** @param {number} [length] @param {Partial<DashboardAnswer>} [values] @returns {DashboardAnswer} */
export const dashboard = (length = 30, values = {}) => ({
  now: ago(0),
  environment: "live",
  alerts: [],
  receipts: days(length),
  totals: {
    linked: 142,
    already_referred: 12,
    rejected: 8,
    lost: 5,
    unverified: 4,
    pending: 3,
    registered: 174,
    late: 5,
  },
  backlog: {
    waiting: { createCustomer: 1, trackOrder: 0, getCustomer: 0, deleteCustomer: 0 },
    in_flight: 1,
    failed: 1,
    due_since: null,
    misses: 0,
    clears_at: ago(-14),
  },
  limits: limits.map(([bucket, label, used_short, limit_short, used_long, limit_long]) => ({
    bucket,
    label,
    used_short,
    limit_short,
    used_long,
    limit_long,
    paused_until: bucket === "trackOrder" ? ago(-12) : null,
  })),
  breaker: { state: "closed", until: null },
  holds: [],
  recent: [
    referral({ receipt: null, receipt_label: "on its way", tone: "wait", registered_at: ago(48) }),
    referral({ customer_id: "cus_01KA7M3X8V5Q2ZJ4T6W9R1BENG", registered_at: ago(600) }),
    referral({
      customer_id: "guest-6f1d0a7c55e98b02",
      guest: true,
      receipt: "rejected",
      receipt_label: "rejected",
      tone: "warn",
      referrer_code: "ANNA-TYPO",
      registered_at: ago(5_400),
    }),
  ],
  sync: {
    started_at: ago(90),
    finished_at: null,
    total: 5200,
    seen: 3100,
    sent: 2950,
    skipped: 140,
    refused: 10,
  },
  ...values,
});

export const emptyDashboard = dashboard(30, {
  environment: null,
  receipts: days(30, true),
  totals: {
    linked: 0,
    already_referred: 0,
    rejected: 0,
    lost: 0,
    unverified: 0,
    pending: 0,
    registered: 0,
    late: 0,
  },
  backlog: {
    waiting: { createCustomer: 0, trackOrder: 0, getCustomer: 0, deleteCustomer: 0 },
    in_flight: 0,
    failed: 0,
    due_since: null,
    misses: 0,
    clears_at: null,
  },
  limits: dashboard().limits.map((limit) => ({ ...limit, used_short: 0, used_long: 0, paused_until: null })),
  alerts: [
    {
      about: "keys_missing",
      title: "There is no API key",
      why: "There is no API key yet.",
      tone: "bad",
      advice: [{ text: "Enter the keys from the Gameball dashboard.", link: { kind: "settings" } }],
    },
  ],
  recent: [],
  sync: null,
});

export const heldDashboard = dashboard(30, {
  alerts: [
    {
      about: "hold",
      title: "Held: Registrations, Orders",
      why: "Gameball refuses the keys, since 11:58:00 UTC. Everything waits meanwhile; one call tries again in 87 seconds.",
      tone: "bad",
      advice: [
        { text: "Copy both keys again from the Gameball dashboard, from one account.", link: null },
        {
          text: "Save new keys on the account's page: everything that waits goes out by itself within seconds.",
          link: { kind: "settings" },
        },
      ],
    },
    {
      about: "misses",
      title: "37 friends will be registered too late",
      why: "As things are, Gameball gets them after its time to link. The first misses it in 57 seconds.",
      tone: "bad",
      advice: [{ text: "What stands in the way is named above.", link: null }],
    },
    {
      about: "failed",
      title: "1 delivery has failed",
      why: "They stay until somebody replays or cancels them.",
      tone: "warn",
      advice: [],
    },
  ],
  backlog: {
    waiting: { createCustomer: 1412, trackOrder: 310, getCustomer: 12, deleteCustomer: 0 },
    in_flight: 0,
    failed: 1,
    due_since: ago(400),
    misses: 37,
    clears_at: null,
  },
  holds: [
    {
      bucket: "createCustomer",
      label: "Registrations",
      reason: "keys_refused",
      message: "Gameball refuses the keys.",
      since: ago(400),
      probe_at: ago(-87),
    },
    {
      bucket: "trackOrder",
      label: "Orders",
      reason: "keys_refused",
      message: "Gameball refuses the keys.",
      since: ago(380),
      probe_at: ago(-87),
    },
  ],
});
