/**
 * One run over the customers from before the installation. Where it stands is kept in the account's row; a batch that is
 * handed over twice only updates the same customers.
 */

import type { MedusaContainer } from "@medusajs/framework/types";
import { Client, Courier, type CreateCustomerInput, GameballError } from "gameball-referrals";
import { pause, reserve } from "../modules/gameball/database";
import { delivery, known } from "../modules/gameball/delivery/outbox";
import { type AccountRow, DEFAULT_ID, referralRows, TABLES } from "../modules/gameball/host";
import { keysOf } from "../modules/gameball/keys";
import { customerInput, type ShopCustomer } from "../modules/gameball/recording";
import type GameballModuleService from "../modules/gameball/service";
import { customersWhere } from "./reading";

const BATCH = 200;
/** Batches that Gameball works on at once before the next is handed over. */
const WATCHED_JOBS = 5;
const POLL_MS = 2_000;
const TRIES = 5;
/** Age at which a job of an interrupted sync is not asked after any more. */
const FORGOTTEN_MS = 86_400_000;

/** How far a sync is; nothing in it is personal. */
export interface SyncState {
  started_at: string | null;
  finished_at: string | null;
  /** The id of the last customer looked at. */
  cursor: string | null;
  total: number;
  seen: number;
  sent: number;
  skipped: number;
  refused: number;
  jobs: { id: string; customers: number; at: string }[];
}

/** Waiting would not help now; the message says what to do. */
export class StoppedSync extends Error {}

const NEW: SyncState = {
  started_at: null,
  finished_at: null,
  cursor: null,
  total: 0,
  seen: 0,
  sent: 0,
  skipped: 0,
  refused: 0,
  jobs: [],
};

export class CustomerSync {
  readonly #container: MedusaContainer;
  readonly #gameball: GameballModuleService;
  readonly #restart: boolean;
  readonly #progress: (state: SyncState) => void;

  constructor(
    container: MedusaContainer,
    gameball: GameballModuleService,
    options: { restart: boolean; progress: (state: SyncState) => void },
  ) {
    this.#container = container;
    this.#gameball = gameball;
    this.#restart = options.restart;
    this.#progress = options.progress;
  }

  /** Counts who would be handed over, and who not. */
  async preview(): Promise<{ sent: number; skipped: number; refused: number }> {
    const account = await this.#gameball.account();
    const counted = { sent: 0, skipped: 0, refused: 0 };
    for await (const page of this.#pages(account, null)) {
      const { wanted, refused } = await this.#wanted(account, page);
      counted.sent += wanted.length;
      counted.refused += refused;
      counted.skipped += page.length - wanted.length - refused;
    }
    return counted;
  }

  /** @throws StoppedSync Gameball refuses the account's calls, or keeps failing. */
  async run(): Promise<SyncState> {
    const account = await this.#gameball.account();
    const former = account.sync_state as SyncState | null;
    const state: SyncState =
      former === null || this.#restart || former.finished_at !== null ? { ...NEW, jobs: [] } : former;
    if (state.started_at === null) {
      state.started_at = new Date().toISOString();
      state.total = await this.#count(account);
    }
    const gameball = this.#open(account);
    try {
      for await (const page of this.#pages(account, state.cursor)) {
        const { wanted, refused } = await this.#wanted(account, page);
        if (wanted.length > 0) {
          await this.#collect(gameball, state, WATCHED_JOBS - 1);
          const { jobId } = await this.#persistently(gameball, () => gameball.client.createCustomers(wanted));
          state.jobs.push({ id: jobId, customers: wanted.length, at: new Date().toISOString() });
        }
        state.cursor = page.at(-1)?.id ?? state.cursor;
        state.seen += page.length;
        state.sent += wanted.length;
        state.refused += refused;
        state.skipped += page.length - wanted.length - refused;
        await this.#keep(state);
      }
      await this.#collect(gameball, state, 0);
    } finally {
      gameball.client.close();
      gameball.courier.close();
    }
    state.finished_at = new Date().toISOString();
    await this.#keep(state);
    return state;
  }

  #open(account: AccountRow): { client: Client; courier: Courier } {
    const keys = keysOf(this.#gameball.host.options, account);
    if (keys.state !== "present") {
      throw new StoppedSync(
        "There are no keys that can be used; the Gameball settings in the admin say what to do.",
      );
    }
    const {
      concurrency: _,
      referralWindowMs: __,
      maxAttempts: ___,
      limitWindowsDivisor: ____,
      ...options
    } = keys.courier;
    return { client: new Client(options), courier: new Courier(keys.courier) };
  }

  async #count(account: AccountRow): Promise<number> {
    const query = { has_account: true, created_at: { $lt: account.installed_at } };
    const { metadata } = await this.#container.resolve("query").graph({
      entity: "customer",
      fields: ["id"],
      filters: query,
      pagination: { take: 1, skip: 0 },
    } as never);
    return metadata?.count ?? 0;
  }

  async *#pages(account: AccountRow, cursor: string | null): AsyncGenerator<ShopCustomer[]> {
    let last = cursor;
    for (;;) {
      const filters = {
        has_account: true,
        created_at: { $lt: account.installed_at },
        ...(last === null ? {} : { id: { $gt: last } }),
      };
      const page = await customersWhere(this.#container, filters, { take: BATCH, order: { id: "ASC" } });
      if (page.length === 0) {
        return;
      }
      yield page;
      last = page.at(-1)?.id ?? last;
    }
  }

  /** Those to be handed over: not who is told of already, nor whose referral is on its way. */
  async #wanted(
    account: AccountRow,
    page: readonly ShopCustomer[],
  ): Promise<{ wanted: CreateCustomerInput[]; refused: number }> {
    const { host } = this.#gameball;
    const inputs = new Map<string, CreateCustomerInput>();
    let refused = 0;
    for (const customer of page) {
      try {
        const input = customerInput(customer);
        const prepared = delivery(host, account, "createCustomer", input, { now: new Date() });
        inputs.set(prepared.dedupe_key, without(input, prepared.dropped));
      } catch (error) {
        if (!GameballError.is(error)) {
          throw error;
        }
        refused += 1;
      }
    }
    const told = await known(host.db, [...inputs.keys()]);
    const ids = page.map((customer) => customer.id);
    const referred: { customer_id: string }[] = await referralRows(host.db)
      .whereIn("customer_id", ids)
      .select("customer_id");
    const friends = new Set(referred.map((row) => row.customer_id));
    const wanted = [...inputs].filter(([key, input]) => !told.has(key) && !friends.has(input.customerId));
    return { wanted: wanted.map(([, input]) => input), refused };
  }

  /** Waits until Gameball is through with all but so many batches. */
  async #collect(
    gameball: { client: Client; courier: Courier },
    state: SyncState,
    leave: number,
  ): Promise<void> {
    while (state.jobs.length > leave) {
      for (const job of [...state.jobs]) {
        const isOld = Date.parse(job.at) + FORGOTTEN_MS < Date.now();
        const status = isOld
          ? null
          : await this.#persistently(gameball, () => gameball.client.getBatchStatus(job.id));
        if (status === null || status.status === "completed" || status.status === "failed") {
          state.jobs.splice(state.jobs.indexOf(job), 1);
          const failed = status?.failedItems ?? 0;
          state.refused += failed;
          state.sent -= failed;
          await this.#keep(state);
        }
      }
      if (state.jobs.length > leave) {
        await pause(POLL_MS);
      }
    }
  }

  /** Makes a call within the account's limits, and again where that may help. */
  async #persistently<T>({ courier }: { courier: Courier }, call: () => Promise<T>): Promise<T> {
    for (let nth = 1; ; nth += 1) {
      await this.#turn(courier);
      try {
        return await call();
      } catch (error) {
        if (!GameballError.is(error)) {
          throw error;
        }
        if (!error.retryable || nth === TRIES) {
          throw new StoppedSync(error.message);
        }
        await pause(error.retryAfterMs ?? 1000 * 2 ** (nth - 1));
      }
    }
  }

  async #turn(courier: Courier): Promise<void> {
    for (;;) {
      const { granted, waitMs, blocked } = await reserve(this.#gameball.host.db, courier, "other", 1);
      if (granted > 0) {
        return;
      }
      if (blocked === "hold" || blocked === "breaker") {
        throw new StoppedSync(
          "Gameball refuses the account's calls, or is away; the Gameball page in the admin says why.",
        );
      }
      await pause(waitMs);
    }
  }

  async #keep(state: SyncState): Promise<void> {
    const { db } = this.#gameball.host;
    await db(TABLES.account)
      .where({ id: DEFAULT_ID })
      .update({ sync_state: JSON.stringify(state) });
    this.#progress(state);
  }
}

/** An input without what is malformed, named by paths such as `attributes.email`. */
function without(input: CreateCustomerInput, dropped: readonly string[]): CreateCustomerInput {
  const kept: Record<string, unknown> = { ...input, attributes: { ...input.attributes } };
  for (const path of dropped) {
    const [first = "", name] = path.split(".");
    if (name === undefined) {
      delete kept[first];
    } else {
      delete (kept.attributes as Record<string, unknown>)[name];
    }
  }
  return kept as unknown as CreateCustomerInput;
}
