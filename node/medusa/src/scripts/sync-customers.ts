/**
 * Hands the customers from before the installation to Gameball, in batches, without referrer codes: whoever was a
 * customer before cannot be referred any more. Interrupted, it goes on where it was.
 *
 * `npx medusa exec ./node_modules/medusa-plugin-gameball-referrals/.medusa/server/src/scripts/sync-customers.js`; with
 * `preview` it only counts, with `restart` it begins anew.
 */

import type { ExecArgs } from "@medusajs/framework/types";
import { GAMEBALL_MODULE } from "../modules/gameball";
import type GameballModuleService from "../modules/gameball/service";
import { CustomerSync, StoppedSync, type SyncState } from "../shop/syncing";

export default async function syncCustomers({ container, args }: ExecArgs): Promise<void> {
  const gameball = container.resolve<GameballModuleService>(GAMEBALL_MODULE);
  const { logger } = gameball.host;
  const sync = new CustomerSync(container, gameball, {
    restart: args.includes("restart"),
    progress: (state) => logger.info(`gameball: ${inWords(state)}`),
  });
  try {
    if (args.includes("preview")) {
      const { sent, skipped, refused } = await sync.preview();
      logger.info(
        `gameball: ${sent} customers would be sent; ${skipped} are told of already; ${refused} cannot be sent.`,
      );
      return;
    }
    const state = await sync.run();
    logger.info(`gameball: done. ${inWords(state)}`);
  } catch (error) {
    if (!(error instanceof StoppedSync)) {
      throw error;
    }
    logger.error(
      `gameball: the sync stopped, and goes on where it was when it is run again. ${error.message}`,
    );
    process.exitCode = 1;
  }
}

function inWords({ seen, total, sent, skipped, refused }: SyncState): string {
  const share = total === 0 ? 100 : Math.floor((100 * seen) / total);
  return `${seen} of ${total} customers (${share} %): ${sent} sent, ${skipped} told of already, ${refused} refused.`;
}
