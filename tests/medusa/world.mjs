/** What every test of the plugin needs: the app, a PostgreSQL, databases with a shop in them, the emulator. */

import { createRequire } from "node:module";
import { join } from "node:path";
import { APP, Api, Shop } from "./app.mjs";
import { databaseUrl } from "./postgres.mjs";

const require = createRequire(join(APP, "package.json"));

/** Seals keys in the tests. */
export const ENCRYPTION_KEY = "c2VjcmV0IG9mIHRoZSB0ZXN0cywgbm90IG9mIGFueWJvZHkh";

export class World {
  /** What `run.mjs` has prepared. Whoever calls it closes it, too: `after(() => world.close())`. */
  static create() {
    const { DATABASE_URL, GAMEBALL_TEST_SEED } = process.env;
    if (!DATABASE_URL || !GAMEBALL_TEST_SEED) {
      throw new Error(
        "Run the tests by “node tests/medusa/run.mjs [files]”, which makes the shop that they need.",
      );
    }
    return new World(DATABASE_URL, JSON.parse(GAMEBALL_TEST_SEED));
  }

  #databases = 0;
  #open = [];
  #url;

  constructor(url, seed) {
    this.#url = url;
    this.seed = seed;
    this.testing = require("gameball-referrals/testing");
    this.client = require("gameball-referrals");
  }

  /** Runs a statement as one connection of its own. */
  async sql(database, text, values) {
    const { Client } = require("pg");
    const url = database.includes("://") ? database : databaseUrl(this.#url, database);
    const client = new Client(url);
    await client.connect();
    try {
      return (await client.query(text, values)).rows;
    } finally {
      await client.end();
    }
  }

  /** A fresh database with the shop in it; returns its URL. */
  async database() {
    this.#databases += 1;
    const name = `gameball_test_${process.pid}_${this.#databases}`;
    await this.sql("postgres", `drop database if exists ${name} with (force)`);
    await this.sql("postgres", `create database ${name} template gameball_seeded`);
    const url = databaseUrl(this.#url, name);
    // As if it had been installed just now.
    await this.sql(url, "update gameball_account set installed_at = clock_timestamp()");
    return url;
  }

  /** A Gameball with one customer whose code is FRIEND42. */
  async emulator(options = {}) {
    const emulator = new this.testing.Emulator({
      apiKey: "gb_test_public",
      secretKey: "gb_test_private_key",
      ...options,
    });
    this.#open.push(() => emulator.stop());
    emulator.addCustomer({ customerId: "referrer", referralCode: "FRIEND42" });
    return emulator;
  }

  /** What a shop's environment needs for the emulator. */
  env(emulator, more = {}) {
    return {
      GAMEBALL_API_KEY: emulator.apiKey,
      GAMEBALL_SECRET_KEY: emulator.secretKey,
      GAMEBALL_BASE_URL: emulator.url,
      GAMEBALL_ENCRYPTION_KEY: ENCRYPTION_KEY,
      ...more,
    };
  }

  /** A running shop, and its API. */
  async shop(options) {
    const shop = await Shop.start(options);
    this.#open.push(() => shop.kill());
    return { shop, api: new Api(shop.url, this.seed) };
  }

  later(work) {
    this.#open.push(work);
  }

  async close() {
    for (const close of this.#open.reverse()) {
      await close();
    }
  }
}
