/** The admin's words for states, calls and receipts: the core's, and what operators do. */

import { words } from "gameball-referrals";
import type { Tone } from "../../../api/admin/gameball/contract";
import type { Bucket, DeliveryState, ReceiptStatus, StoredCall } from "../host";

const core = words();

/** *registration*, *order*, … */
export function operation(code: string): string {
  return (core.operations as Readonly<Record<string, { template: string }>>)[code]?.template ?? code;
}

/** A line of a delivery's history. */
export function call({ operation: code, outcome }: Pick<StoredCall, "operation" | "outcome">): string {
  return code === "operator" ? (BY_OPERATORS[outcome] ?? outcome) : (core.calls[code]?.template ?? code);
}

export function bucket(code: Bucket): string {
  return core.buckets[code].template;
}

export function state(code: DeliveryState): { label: string; tone: Tone } {
  const { name, tone } = core.states[code];
  return { label: name.template, tone };
}

export function receipt(code: ReceiptStatus | null): { label: string; tone: Tone } {
  const { name, tone } = core.receipts[code ?? "pending"] ?? {
    name: { template: code ?? "" },
    tone: "quiet",
  };
  return { label: name.template, tone };
}

export function reason(code: string): string {
  return core.reasons[code]?.why.template ?? code;
}

/** What went wrong with a call, in a sentence; null if nothing did. */
export function problem(
  failed: { kind: string | null; status: number | null; gameball_code: number | null },
  message: string | null,
): string | null {
  if (failed.kind === null) {
    return null;
  }
  if (message) {
    return message;
  }
  const exact = failed.gameball_code === null ? undefined : core.codes[String(failed.gameball_code)];
  const words = (exact ?? core.errors[failed.kind])?.template ?? failed.kind;
  const details = [
    failed.status && `HTTP ${failed.status}`,
    failed.gameball_code && `Gameball code ${failed.gameball_code}`,
  ];
  const told = details.filter(Boolean).join(", ");
  return told === "" ? `${words}.` : `${words} (${told}).`;
}

const BY_OPERATORS: Readonly<Record<string, string>> = {
  retried: "Somebody had it tried again at once",
  replayed: "Somebody had it sent again",
  cancelled: "Somebody cancelled it",
};
