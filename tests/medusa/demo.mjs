/**
 * `make demo-medusa`: a real Medusa shop with the plugin and a local Gameball, the journey of a referral over HTTP, then
 * shop and admin, open to click through. Ctrl-C ends all of it.
 */

import { createRequire } from "node:module";
import { join } from "node:path";
import { APP, Api, eventually, makeApp, OPERATOR, prepareDatabase, Shop } from "./app.mjs";
import { embeddedPrograms, startPostgres } from "./postgres.mjs";

const DATABASE = "gameball_demo";
const ENCRYPTION_KEY = "the demo's key, 32 characters or more";
const stays = !process.argv.includes("--no-stay") && !process.env.CI;

const began = Date.now();
const say = (text) =>
  console.log(`[${String(Math.round((Date.now() - began) / 1000)).padStart(3)} s] ${text}`);

const open = [];
let ending = null;
/** Ends all of it, whatever made it end, once. */
function end(code) {
  ending ??= (async () => {
    for (const close of open.reverse()) {
      await close();
    }
    process.exit(code);
  })();
  return ending;
}
process.on("SIGINT", () => end(0));
process.on("SIGTERM", () => end(0));

try {
  await demo();
  if (!stays) {
    await end(0);
  }
} catch (error) {
  console.error(error.message ?? error);
  await end(1);
}

async function demo() {
  say("a real Medusa is set up: some minutes the first time");
  await makeApp({ say, admin: true });
  const postgres = await startPostgres({ programs: embeddedPrograms(say) });
  open.push(postgres.stop);
  const require = createRequire(join(APP, "package.json"));
  const { Client } = require("pg");
  const client = new Client(postgres.url("postgres"));
  await client.connect();
  await client.query(`drop database if exists ${DATABASE} with (force)`);
  await client.query(`create database ${DATABASE}`);
  await client.end();
  const databaseUrl = postgres.url(DATABASE);
  const seed = await prepareDatabase(databaseUrl, { say });

  const { Emulator } = require("gameball-referrals/testing");
  const emulator = new Emulator({
    apiKey: "gb_test_demo_api_key",
    secretKey: "gb_test_demo_secret_key_01234567",
  });
  open.push(() => emulator.stop());
  const env = { GAMEBALL_BASE_URL: emulator.url, GAMEBALL_ENCRYPTION_KEY: ENCRYPTION_KEY, SHOP_ADMIN: "on" };
  say("starting the shop");
  const shop = await Shop.start({ databaseUrl, env, port: Number(process.env.PORT) || 9000 });
  open.push(() => shop.stop());
  const api = new Api(shop.url, seed);

  say("the operator enters the keys in the admin, and tests them");
  const { apiKey, secretKey } = emulator;
  const saved = await api.admin("POST", "/gameball/settings", { api_key: apiKey, secret_key: secretKey });
  if (saved.status !== 200) {
    throw new Error(saved.text);
  }
  const { check } = (await api.admin("POST", "/gameball/settings/check")).json;
  say(`  ${check.message}`);

  say("Hanna signs up, and gets a code to share");
  const hanna = await api.signUp("hanna@shop.example", { firstName: "Hanna" });
  const { code } = await eventually(async () => {
    const me = await api.ok("GET", "/store/gameball/me", { token: hanna.token });
    return me.code ? me : null;
  });
  say(`  ${code}`);

  say(`Frida visits the shop by https://shop.example/?ref=${code}, signs up, and orders`);
  const claim = await api.visit(`https://shop.example/?ref=${code}`);
  const frida = await api.signUp("frida@shop.example", { headers: { "x-gameball-claim": claim } });
  const order = await api.order("frida@shop.example", { token: frida.token });
  const answer = await eventually(async () => {
    const { json } = await api.admin("GET", `/gameball/customers/${frida.id}`);
    return json.referral?.receipt ? json : null;
  });
  const tracked = await eventually(() => emulator.state().orders.find((one) => one.orderId === order.id));
  say(`  receipt: ${answer.referral.receipt_label}. ${answer.evidence.verdict}`);
  for (const step of answer.evidence.steps) {
    say(`    ${step.at}  ${step.title}`);
  }
  say(`  her order of ${order.total} ${order.currency_code} is at Gameball (${tracked.orderId})`);
  if (answer.referral.receipt !== "linked") {
    throw new Error("the referral is not linked");
  }

  say("Greta orders as a guest with the same link; Nora types a code that nobody has");
  await api.order("greta@shop.example", { headers: { "x-gameball-claim": await api.visit(`?ref=${code}`) } });
  const nora = await api.signUp("nora@shop.example", {
    firstName: "Nora",
    headers: { "x-gameball-code": "NOBODY9" },
  });
  const rejected = await eventually(async () => {
    const { json } = await api.admin("GET", `/gameball/customers/${nora.id}`);
    return json.referral?.receipt ? json : null;
  });
  say(`  Nora: ${rejected.evidence.verdict}`);

  if (stays) {
    console.log(`
The admin       ${shop.url}/app/gameball          ${OPERATOR.email} / ${OPERATOR.password}
  its settings  ${shop.url}/app/settings/gameball
Frida's page    ${shop.url}/app/customers/${frida.id}
her order       ${shop.url}/app/orders/${order.id}
Gameball        ${emulator.url}          the emulator
Store API       ${shop.url}/store/…       x-publishable-api-key: ${seed.publishableKey}

Ctrl-C ends all of it.`);
  }
}
