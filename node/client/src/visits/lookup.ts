/** Asking Gameball whether a typed code is one: briefly, remembered, and not while Gameball does not answer. */

import { defaults } from "../addon.js";
import { GameballError } from "../errors.js";
import type { Settings } from "./settings.js";

/** What is known of a typed code; never whose it is. */
export type Validity = "valid" | "invalid" | "unknown";

/** Answers that are remembered at most; the oldest go. */
const REMEMBERED_AT_MOST = 1000;

/** @internal */
export class Lookup {
  readonly #settings: Settings;
  readonly #answers = new Map<string, { readonly result: Validity; readonly until: number }>();
  #underWay = 0;
  #sparedUntil = 0;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** `unknown` whenever Gameball cannot be asked, or does not answer in time. */
  async validate(code: string): Promise<Validity> {
    const { validate, clock } = this.#settings;
    const now = clock().getTime();
    const known = this.#answers.get(code);
    if (known !== undefined && known.until > now) return known.result;
    const { lookupsAtOnce, lookupRememberedSeconds, lookupSparedSeconds } = defaults.visitLimits;
    if (validate === null || this.#sparedUntil > now || this.#underWay >= lookupsAtOnce) return "unknown";
    this.#underWay += 1;
    try {
      // A call that is given up is still under way, and keeps its turn until it ends.
      const asked = validate(code).finally(() => {
        this.#underWay -= 1;
      });
      const result = (await inTime(asked)) ? "valid" : "invalid";
      this.#answers.delete(code);
      this.#answers.set(code, { result, until: now + lookupRememberedSeconds * 1000 });
      const [oldest] = this.#answers.keys();
      if (this.#answers.size > REMEMBERED_AT_MOST && oldest !== undefined) this.#answers.delete(oldest);
      return result;
    } catch (error) {
      this.#settings.warn("A typed referral code could not be looked up", error);
      if (!GameballError.is(error) || error.retryable) this.#sparedUntil = now + lookupSparedSeconds * 1000;
      return "unknown";
    }
  }
}

/** The answer, or an error once the time for it is over. */
async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const give = () => reject(new DOMException("Gameball did not answer in time", "TimeoutError"));
    timer = setTimeout(give, defaults.visitLimits.lookupTimeoutSeconds * 1000);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
