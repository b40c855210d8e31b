/**
 * The loop that delivers what the database holds. Any number of processes may run one: the database coordinates.
 *
 * It claims (`claiming.ts`), submits to the courier, settles verdicts as they arrive (`settling.ts`) and claims again
 * where calls may leave. In between it sleeps until something is due, or arrives, or is told of.
 */

import { Courier, type Verdict } from "gameball-referrals";
import { codeOf, databaseNow, inShort, pause, readAccount } from "../database";
import { reached } from "../failpoints";
import { DEFAULT_ID, type DeliveryRow, type Host, TABLES } from "../host";
import { type Keys, keysOf } from "../keys";
import { claim, DEEP, nextDue, SHALLOW, takeOver } from "./claiming";
import { maintain } from "./maintenance";
import { type Arrived, giveBack, record, settle } from "./settling";

/** Milliseconds at most between two tries while the database is away. */
const LONGEST_PAUSE_MS = 30_000;
/** Milliseconds between two rounds of upkeep in one process. */
const UPKEEP_MS = 3_600_000;
const FIRST_UPKEEP_MS = 60_000;
/** How close a look at the queue must be to come before anything else. */
const IMMINENT_MS = 150;
/** How long to wait where the tables are missing: somebody has to run a command. */
const UNMIGRATED_PAUSE_MS = 15_000;

export class Sender {
  readonly #host: Host;
  #courier: Courier | null = null;
  /** What the courier was built of. */
  #builtOf = "";
  #complaint = "";
  #stopping = false;
  #running: Promise<void> | null = null;
  #wake: (() => void) | null = null;
  #told = true;
  #lookAt = 0;
  #pollAt = 0;
  #upkeepAt = performance.now() + FIRST_UPKEEP_MS * (0.5 + Math.random() / 2);
  #failures = 0;
  /** Ours: under way, or answered and not stored yet. By a ticket, since a row may come back to us. */
  readonly #leased = new Map<number, DeliveryRow>();
  #lastTicket = 0;
  #arrived: { readonly ticket: number; readonly courier: Courier; readonly verdict: Verdict }[] = [];
  #unrecorded: { readonly courier: Courier; readonly verdict: Verdict }[] = [];
  /** Customers whose next delivery may go. */
  readonly #freed = new Set<string>();

  constructor(host: Host) {
    this.#host = host;
  }

  /** Begins to deliver; nothing happens where it does already. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Says that there is something to deliver. */
  wake(): void {
    this.#told = true;
    this.#wake?.();
  }

  /** Settles what is in flight and ends; what is not answered in time is taken over once its lease is over. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      await this.#sleep(await this.#turn());
    }
    await this.#end();
  }

  /** Does what there is to do, whatever fails, and returns for how many milliseconds there is nothing more. */
  async #turn(): Promise<number> {
    try {
      const wait = await this.#work();
      this.#failures = 0;
      return wait;
    } catch (error) {
      this.#told = true;
      this.#failures += 1;
      if (codeOf(error) === "42P01") {
        this.#complain("the tables are missing; run “npx medusa db:migrate”.");
        return UNMIGRATED_PAUSE_MS;
      }
      const most = Math.min(500 * 2 ** (this.#failures - 1), LONGEST_PAUSE_MS);
      const wait = most * (0.5 + Math.random() / 2);
      this.#host.logger.warn(
        `gameball: the sender failed; deliveries wait. Next try in ${Math.ceil(wait / 1000)} s. (${inShort(error)})`,
      );
      return wait;
    }
  }

  async #work(): Promise<number> {
    const { db, options } = this.#host;
    await this.#settle();
    const now = performance.now();
    // What is done now and then does not stand in the way of a slot that is about to be free.
    const isImminent = this.#lookAt < now + IMMINENT_MS;
    const polls = now >= this.#pollAt + (isImminent ? options.pollIntervalMs : 0);
    const told = this.#told;
    this.#told = false;
    if (polls || told) {
      await this.#adopt();
    }
    if (polls) {
      await db(TABLES.ledger)
        .where({ id: DEFAULT_ID })
        .update({ sender_seen_at: db.raw("clock_timestamp()") });
      const taken = await takeOver(this.#host);
      if (taken > 0) {
        this.#host.logger.warn(`gameball: ${taken} deliveries of a sender that died are sent again.`);
      }
      // So that many processes don't all ask at the same moment.
      this.#pollAt = now + options.pollIntervalMs * (0.9 + Math.random() / 10);
    }
    if (told || polls || this.#lookAt <= performance.now()) {
      await this.#look(told || this.#lookAt <= now, polls);
    }
    if (now >= this.#upkeepAt && this.#leased.size === 0) {
      this.#upkeepAt = now + UPKEEP_MS;
      await maintain(this.#host);
    }
    const after = performance.now();
    const pollIn = this.#pollAt - after;
    const lookIn = this.#lookAt - after;
    // A poll that gave way to a look comes right after it.
    return Math.max(pollIn <= 0 && lookIn < IMMINENT_MS ? lookIn : Math.min(pollIn, lookIn), 0);
  }

  /** Goes by the account as it is now: its keys may be new, or gone; it may be switched off. */
  async #adopt(): Promise<void> {
    const account = await readAccount(this.#host.db);
    const keys: Keys = account.enabled ? keysOf(this.#host.options, account) : { state: "missing" };
    const wanted = keys.state === "present" ? JSON.stringify(keys.courier) : keys.state;
    if (wanted === this.#builtOf) {
      return;
    }
    this.#builtOf = wanted;
    this.#courier = null;
    if (keys.state === "present") {
      try {
        this.#courier = new Courier(keys.courier);
        this.#complaint = "";
      } catch (error) {
        this.#complain(inShort(error));
      }
    } else if (keys.state === "sealed") {
      this.#complain("the saved keys cannot be opened; the Gameball settings in the admin say what to do.");
    } else if (account.enabled) {
      this.#complain("there are no keys yet; enter them in the admin, under Settings → Gameball.");
    }
    this.#lookAt = 0;
  }

  #complain(what: string): void {
    // Once, not at every look.
    if (what !== this.#complaint) {
      this.#complaint = what;
      this.#host.logger.warn(`gameball: deliveries wait: ${what}`);
    }
  }

  /** Claims and submits what may be sent now, and notes when to look again. */
  async #look(expecting: boolean, deep: boolean): Promise<void> {
    this.#lookAt = Number.POSITIVE_INFINITY;
    const courier = this.#courier;
    const room = courier === null ? 0 : courier.concurrency - this.#leased.size;
    if (courier === null || room <= 0) {
      return;
    }
    if (!expecting) {
      // Found out first, for less.
      const due = await nextDue(this.#host.db);
      const wait = due === null ? 0 : due.getTime() - (await databaseNow(this.#host.db)).getTime();
      if (due === null || wait > 0) {
        this.#lookAt = due === null ? Number.POSITIVE_INFINITY : performance.now() + wait;
        return;
      }
    }
    const freed = [...this.#freed].slice(0, 200);
    const claimed = await claim(this.#host, courier, { room, freed, depth: deep ? DEEP : SHALLOW });
    for (const customer of freed) {
      this.#freed.delete(customer);
    }
    if (claimed.lookAgainInMs !== null) {
      this.#lookAt = performance.now() + claimed.lookAgainInMs;
    } else {
      const due = await nextDue(this.#host.db);
      if (due !== null) {
        const wait = due.getTime() - (await databaseNow(this.#host.db)).getTime();
        // What is due and could not go now waits for something that will wake us, or for the next poll.
        this.#lookAt = wait > 0 ? performance.now() + wait : Number.POSITIVE_INFINITY;
      }
    }
    if (claimed.rows.length > 0) {
      this.#submit(courier, claimed);
    }
  }

  #submit(courier: Courier, claimed: Awaited<ReturnType<typeof claim>>): void {
    const deliveries = claimed.deliveries.map((delivery, index) => {
      this.#lastTicket += 1;
      this.#leased.set(this.#lastTicket, claimed.rows[index] as DeliveryRow);
      return { ...delivery, id: this.#lastTicket };
    });
    const tickets = deliveries.map(({ id }) => id);
    courier
      .submit(deliveries, (verdict) => {
        this.#arrived.push({ ticket: verdict.id, courier, verdict });
        this.#wake?.();
      })
      .catch(async (error) => {
        // A defect: what was not sent waits again, what was sent has its verdict.
        this.#host.logger.error(`gameball: deliveries could not be sent (${inShort(error)}).`);
        const answered = new Set(this.#arrived.map(({ ticket }) => ticket));
        const left = tickets.filter((ticket) => this.#leased.has(ticket) && !answered.has(ticket));
        const rows = left.flatMap((ticket) => this.#leased.get(ticket) ?? []);
        await giveBack(this.#host.db, rows, 5_000, 0).catch(() => {});
        for (const ticket of left) {
          this.#leased.delete(ticket);
        }
        this.#wake?.();
      });
    reached("send.submitted");
  }

  /** Stores what has come. If the database is away, nothing is forgotten. */
  async #settle(): Promise<void> {
    const arrived = this.#arrived.splice(0);
    this.#unrecorded.push(...arrived.filter(({ verdict }) => verdict.needsRecord));
    if (arrived.length === 0 && this.#unrecorded.length === 0) {
      return;
    }
    reached("send.answered");
    try {
      const unrecorded = [...this.#unrecorded];
      const last = unrecorded.at(-1);
      if (last !== undefined) {
        await record(
          this.#host,
          last.courier,
          unrecorded.map(({ verdict }) => verdict),
        );
        this.#unrecorded = this.#unrecorded.slice(unrecorded.length);
      }
      const entries = arrived.flatMap(({ ticket, verdict }): [number, Arrived][] => {
        const row = this.#leased.get(ticket);
        return row === undefined ? [] : [[ticket, [row, verdict]]];
      });
      try {
        for (const customer of await settle(
          this.#host,
          entries.map(([, entry]) => entry),
        )) {
          this.#freed.add(customer);
        }
        for (const [ticket] of entries) {
          this.#leased.delete(ticket);
        }
      } catch (error) {
        if (isOfDatabase(error)) {
          throw error;
        }
        await this.#settleAlone(entries);
      }
    } catch (error) {
      const recorded = arrived.map((one) => ({ ...one }));
      this.#arrived.unshift(...recorded.filter(({ ticket }) => this.#leased.has(ticket)));
      // They are in the list of the unrecorded already, where they are still needed.
      this.#arrived = this.#arrived.map((one) => ({
        ...one,
        verdict: { ...one.verdict, needsRecord: false },
      }));
      throw error;
    }
    // Slots may be free, and the next in a lane may go.
    this.#lookAt = 0;
  }

  async #settleAlone(entries: readonly [number, Arrived][]): Promise<void> {
    for (const [ticket, entry] of entries) {
      try {
        await settle(this.#host, [entry]);
      } catch (error) {
        if (isOfDatabase(error)) {
          throw error;
        }
        const [row, verdict] = entry;
        this.#host.logger.error(
          `gameball: the verdict on delivery ${row.id} (${verdict.outcome}) could not be stored (${inShort(error)}).`,
        );
        // Later, since the same may happen again, and costing an attempt, since a call was made.
        await giveBack(this.#host.db, [row], 15 * 60_000, 1);
      }
      this.#leased.delete(ticket);
    }
  }

  async #sleep(ms: number): Promise<void> {
    if (ms <= 0 || this.#told || this.#arrived.length > 0 || this.#stopping) {
      // One turn of the event loop, so that a busy sender never starves the shop's requests.
      await new Promise((resolve) => setImmediate(resolve));
      return;
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.min(ms, 3_600_000));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = null;
  }

  async #end(): Promise<void> {
    const endsAt = performance.now() + this.#host.options.graceMs;
    while (this.#leased.size > 0 && performance.now() < endsAt) {
      try {
        await this.#settle();
      } catch {
        await pause(200);
      }
      if (this.#leased.size > 0 && this.#arrived.length === 0) {
        const left = endsAt - performance.now();
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, Math.max(left, 0));
          this.#wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    }
    this.#courier?.close();
    this.#courier = null;
    if (this.#leased.size > 0) {
      this.#host.logger.warn(
        `gameball: ${this.#leased.size} calls were not answered in time; another sender takes them over.`,
      );
    }
  }
}

/** Whether the database is away or refuses for a passing reason, rather than this one statement being wrong. */
function isOfDatabase(error: unknown): boolean {
  const code = codeOf(error);
  // Connection trouble has no SQLSTATE of a statement: classes 08, 53, 57, and Node's own ECONN….
  return code === "" || /^(08|40|53|55|57|58)/.test(code) || code.startsWith("E");
}
