/** How often one visitor may call the public endpoints: a fixed window a minute, in this process's memory. */

import { defaults } from "../addon.js";
import { decide } from "./core.js";
import type { Settings } from "./settings.js";

const WINDOW_MS = 60_000;
/** Visitors that are counted at most in a window; somebody with more networks than that is not stopped by counting. */
const COUNTED_AT_MOST = 100_000;

/** @internal */
export class Throttle {
  readonly #settings: Settings;
  readonly #calls = new Map<string, number>();
  #window = 0;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Counts a call, and tells whether its visitor has had at most `limit` of them in this minute. */
  allows(address: string | null, purpose: "capture" | "validate"): boolean {
    const { capturesPerMinute, validationsPerMinute, visitorsPerProxy } = defaults.visitLimits;
    const limit = purpose === "capture" ? capturesPerMinute : validationsPerMinute;
    const window = Math.floor(this.#settings.clock().getTime() / WINDOW_MS);
    if (window !== this.#window || this.#calls.size > COUNTED_AT_MOST) this.#calls.clear();
    this.#window = window;
    const { name, isPrivate } = decide("visitorNetwork", { address: address ?? "" });
    const visitor = `${purpose} ${name}`;
    const calls = (this.#calls.get(visitor) ?? 0) + 1;
    this.#calls.set(visitor, calls);
    return calls <= limit * (isPrivate ? visitorsPerProxy : 1);
  }
}
