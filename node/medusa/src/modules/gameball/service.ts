/** The module's service: what routes, workflows and jobs ask of it. It holds the process's sender. */

import type { Knex } from "@medusajs/framework/mikro-orm/knex";
import type { ConfigModule, Logger } from "@medusajs/framework/types";
import { MedusaService } from "@medusajs/framework/utils";
import { inShort, readAccount } from "./database";
import { erase } from "./delivery/erasure";
import { type Action, act } from "./delivery/operations";
import { takeBack } from "./delivery/outbox";
import { Sender } from "./delivery/sender";
import type { AccountRow, Host } from "./host";
import GameballDelivery from "./models/delivery";
import GameballProfile from "./models/profile";
import GameballReferral from "./models/referral";
import { readOptions } from "./options";
import { recordCustomer, recordOrder, type ShopCustomer, type ShopOrder } from "./recording";

interface Injected {
  readonly logger: Logger;
  readonly configModule?: ConfigModule;
  readonly __pg_connection__: Knex;
}

// Not the account and the ledger: nothing generic reads or links those.
class GameballModuleService extends MedusaService({ GameballReferral, GameballDelivery, GameballProfile }) {
  /** What the module's functions are handed. */
  readonly host: Host;
  readonly #sender: Sender;
  readonly #delivers: boolean;

  constructor(injected: Injected, given?: Record<string, unknown>, declaration?: { worker_mode?: string }) {
    // biome-ignore lint/complexity/noArguments: as Medusa's services hand on whatever they are given
    super(...arguments);
    const { options, problems } = readOptions(given);
    for (const problem of problems) {
      injected.logger.error(`gameball: ${problem}`);
    }
    const config = injected.configModule?.projectConfig;
    // So that claims work before anybody has set up anything, and outlive it; whoever shares them sets `claimSecret`.
    const cookieSecret = String(config?.http?.cookieSecret ?? config?.databaseUrl ?? "");
    const { claimSecret, encryptionKey, encryptionKeyFallbacks } = options;
    const secrets = [claimSecret, encryptionKey, ...encryptionKeyFallbacks, cookieSecret];
    const [newest = "", ...former] = secrets.filter((one) => one !== undefined);
    this.host = {
      db: injected.__pg_connection__,
      logger: injected.logger,
      options,
      claimSecret: newest,
      claimFallbacks: former,
    };
    this.#sender = new Sender(this.host);
    const mode = config?.workerMode ?? declaration?.worker_mode ?? "shared";
    this.#delivers = options.sender === "loop" && mode !== "server";
  }

  __hooks = {
    onApplicationStart: async () => {
      // Commands (`medusa exec`) start an application too, and are done before anything could be delivered.
      if (this.#delivers && process.env.MEDUSA_WORKER_MODE !== "server") {
        this.#sender.start();
      }
    },
    onApplicationPrepareShutdown: async () => {
      try {
        await this.#sender.stop();
      } catch (error) {
        this.host.logger.error(`gameball: the sender did not end in good order (${inShort(error)}).`);
      }
    },
  };

  /** The account's row: settings, sealed keys, the watermark. Not for answers: `admin/settings.ts` has the view. */
  async account(): Promise<AccountRow> {
    return await readAccount(this.host.db);
  }

  /** Says that there is something to deliver. */
  wake(): void {
    this.#sender.wake();
  }

  /** Writes a customer's creation down; returns the dedupe keys of what was new. */
  async recordCustomer(customer: ShopCustomer): Promise<string[]> {
    const written = await recordCustomer(this.host, await this.account(), customer);
    this.wake();
    return written;
  }

  /** Writes an order down, likewise; see `recording.ts`. */
  async recordOrder(
    order: ShopOrder,
    owner: ShopCustomer | null,
    medusaCustomerId: string | null,
  ): Promise<string[]> {
    const written = await recordOrder(this.host, await this.account(), order, owner, medusaCustomerId);
    this.wake();
    return written;
  }

  /** Takes back what was written, as far as nothing of it has been sent: a workflow's compensation. */
  async takeBack(keys: readonly string[]): Promise<void> {
    if (keys.length > 0) {
      await this.host.db.transaction((db) => takeBack(db, keys));
    }
  }

  /** Forgets a customer here and at Gameball; returns the dedupe keys of what was new. */
  async eraseCustomer(customerId: string, medusaCustomerId: string): Promise<string[]> {
    const written = await erase(this.host, await this.account(), customerId, medusaCustomerId);
    this.wake();
    return written;
  }

  /** What an operator does to deliveries; returns how many it changed. */
  async act(action: Action, ids: readonly number[]): Promise<number> {
    const changed = await act(this.host, action, ids);
    this.wake();
    return changed;
  }
}

export default GameballModuleService;
