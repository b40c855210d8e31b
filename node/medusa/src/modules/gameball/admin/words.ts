/** The admin's words for states, calls and receipts. */

import { reasons } from "gameball-referrals";
import type { Tone } from "../../../api/admin/gameball/contract";
import type { Bucket, DeliveryState, ReceiptStatus } from "../host";

export const OPERATIONS: Readonly<Record<string, string>> = {
  createCustomer: "registration",
  trackOrder: "order",
  getCustomer: "profile",
  deleteCustomer: "erasure",
};

/** Single calls of a delivery, and what operators do. */
export const CALLS: Readonly<Record<string, string>> = {
  createCustomer: "The registration was sent",
  trackOrder: "The order was sent",
  deleteCustomer: "The erasure was sent",
  getCustomer: "Gameball was asked whether the friend is linked",
  validateReferrerCode: "Gameball was asked whether the code is good",
  retried: "Somebody had it tried again at once",
  replayed: "Somebody had it sent again",
  cancelled: "Somebody cancelled it",
};

export const BUCKETS: Readonly<Record<Bucket, string>> = {
  createCustomer: "Registrations",
  getCustomer: "Profiles and proofs",
  trackOrder: "Orders",
  other: "Everything else",
};

export const STATES: Readonly<Record<DeliveryState, readonly [label: string, tone: Tone]>> = {
  pending: ["waiting", "wait"],
  in_flight: ["being sent", "wait"],
  applied: ["delivered", "good"],
  dead: ["failed", "bad"],
  cancelled: ["cancelled", "quiet"],
};

export const RECEIPTS: Readonly<
  Record<ReceiptStatus | "pending", readonly [label: string, tone: Tone, verdict: string]>
> = {
  pending: ["on its way", "wait", "It is not decided yet whether this friend counts."],
  linked: ["linked", "good", "This friend counts."],
  already_referred: ["already referred", "quiet", "This friend does not count: they were referred before."],
  rejected: ["rejected", "warn", "This friend does not count: Gameball does not accept the code."],
  lost: ["lost", "bad", "This friend does not count: the referral was lost."],
  unverified: ["unverified", "warn", "It is not known whether this friend counts."],
};

/** A reason's sentence. */
export function reason(code: string | null): string {
  return code === null ? "" : (reasons()[code] ?? code);
}

/** What went wrong with a call, in a sentence; null if nothing did. */
export function problem(
  call: { kind: string | null; status: number | null; gameball_code: number | null },
  message: string | null,
): string | null {
  if (call.kind === null) {
    return null;
  }
  if (message) {
    return message;
  }
  const details = [
    call.status && `HTTP ${call.status}`,
    call.gameball_code && `Gameball code ${call.gameball_code}`,
  ];
  return `${KINDS[call.kind] ?? call.kind} ${parenthesised(details.filter(Boolean).join(", "))}`.trim();
}

function parenthesised(text: string): string {
  return text === "" ? "" : `(${text})`;
}

const KINDS: Readonly<Record<string, string>> = {
  invalid_argument: "The recorded data are not valid.",
  authentication: "Gameball refuses the keys.",
  permission: "Gameball does not allow it.",
  not_found: "Gameball does not know it.",
  conflict: "It contradicts what Gameball has.",
  referral: "Gameball refuses the referral.",
  rate_limited: "The limit of calls was reached.",
  api: "Gameball refuses the data.",
  server: "Gameball had an internal error.",
  timeout: "No answer in time.",
  connection: "Gameball could not be reached.",
  decode: "The answer was not Gameball's.",
  internal: "A defect of this software.",
};
