/** The referral program in words: "Give 10 %, get 200 points." */

import type { ReferralsConfiguration, Reward } from "gameball-referrals";

export interface Program {
  /** One sentence for a banner; null where the program names no reward. */
  readonly headline: string | null;
  /** What the friend has to do, such as `place_order`, and what both get for it. */
  readonly steps: readonly {
    readonly event: string | null;
    readonly referrer_gets: string | null;
    readonly friend_gets: string | null;
  }[];
}

export function inWords(configurations: readonly ReferralsConfiguration[]): Program {
  const steps = configurations.map((one) => ({
    event: one.eventName,
    referrer_gets: rewardInWords(one.customerReward),
    friend_gets: rewardInWords(one.friendReward),
  }));
  const friend = joined(steps.map((step) => step.friend_gets));
  const referrer = joined(steps.map((step) => step.referrer_gets));
  const parts = [friend && `give ${friend}`, referrer && `get ${referrer}`].filter((part) => part !== null);
  const text = parts.join(", ");
  return { headline: text === "" ? null : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`, steps };
}

function joined(texts: readonly (string | null)[]): string | null {
  const said = [...new Set(texts.filter((text) => text !== null))];
  return said.length === 0 ? null : said.join(" and ");
}

function rewardInWords(reward: Reward | null): string | null {
  if (reward === null) {
    return null;
  }
  const parts = [
    counted(reward.point, "point", "points"),
    coupon(reward.coupon),
    counted(reward.score, "score point", "score points"),
  ];
  return joined(parts);
}

function counted(amount: string | null, one: string, many: string): string | null {
  return amount === null || Number(amount) === 0
    ? null
    : `${plain(amount)} ${Number(amount) === 1 ? one : many}`;
}

/** The vendor's coupons: `{type: "percentage_discount" | "fixed_discount" | "free_shipping" | …, value}`. */
function coupon(value: unknown): string | null {
  if (typeof value !== "object" || value === null) {
    return null;
  }
  const told = value as Record<string, unknown>;
  const kind = String(told.discountType ?? told.couponType ?? told.type ?? "").toLowerCase();
  const amount = told.discountValue ?? told.value;
  const number = typeof amount === "string" || typeof amount === "number" ? plain(String(amount)) : null;
  if (kind.includes("shipping")) {
    return "free shipping";
  }
  if (number !== null && (kind.includes("percent") || kind.includes("rate"))) {
    return `${number} % off`;
  }
  return number === null ? "a coupon" : `${number} off`;
}

/** Without zeros that say nothing. */
function plain(amount: string): string {
  return amount.includes(".") ? amount.replace(/\.?0+$/, "") : amount;
}
