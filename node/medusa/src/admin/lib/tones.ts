/** What a thing means, in the colours of Medusa's admin. */

import type { Day, Tone } from "../../api/admin/gameball/contract.js";

export const BADGE: Record<Tone, "green" | "red" | "orange" | "blue" | "grey"> = {
  good: "green",
  bad: "red",
  warn: "orange",
  wait: "blue",
  quiet: "grey",
};

/** The colour variables of Medusa's theme, which change with light and dark. */
export const COLOUR: Record<Tone, string> = {
  good: "var(--tag-green-icon)",
  bad: "var(--tag-red-icon)",
  warn: "var(--tag-orange-icon)",
  wait: "var(--tag-blue-icon)",
  quiet: "var(--tag-neutral-icon)",
};

export type Receipt = keyof Omit<Day, "day">;

/** From the bottom of a bar to its top. */
export const RECEIPTS: readonly Receipt[] = [
  "linked",
  "already_referred",
  "pending",
  "unverified",
  "rejected",
  "lost",
];

export const RECEIPT_COLOUR: Record<Receipt, string> = {
  linked: "var(--tag-green-icon)",
  already_referred: "var(--tag-neutral-icon)",
  pending: "var(--tag-blue-icon)",
  unverified: "var(--tag-purple-icon)",
  rejected: "var(--tag-orange-icon)",
  lost: "var(--tag-red-icon)",
};
