/**
 * What the plugin adds to a sign-up and to a checkout, over HTTP: two shops, with and without it, take turns, so that
 * both meet the same machine. Gameball answers, and then is a black hole.
 *
 * `node tests/medusa/run.mjs --bench [pairs]` prints a table and writes nothing.
 */

import { blackHole } from "./app.mjs";
import { World } from "./world.mjs";

const PAIRS = Number(process.env.GAMEBALL_BENCH_PAIRS) || 150;
const WARM_UP = 10;

const world = World.create();
let people = 0;

/** One friend's sign-up and checkout, timed apart. */
async function visit(api, claim) {
  people += 1;
  const email = `bench${people}@bench.example`;
  const headers = claim === null ? {} : { "x-gameball-claim": claim };
  const { token } = await api.ok("POST", "/auth/customer/emailpass/register", {
    body: { email, password: "a long password" },
  });
  const began = performance.now();
  await api.ok("POST", "/store/customers", { token, headers, body: { email, first_name: "Bench" } });
  const signedUp = performance.now();
  await api.order(email, { headers });
  return { "sign-up": signedUp - began, checkout: performance.now() - signedUp };
}

function quantile(values, share) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)];
}

async function compare(name, env) {
  const [withIt, without] = [
    await world.shop({ databaseUrl: await world.database(), env }),
    await world.shop({ databaseUrl: await world.database(), env: { SHOP_PLUGIN: "off" } }),
  ];
  const claim = await withIt.api.visit("?ref=FRIEND42");
  const times = { with: { "sign-up": [], checkout: [] }, without: { "sign-up": [], checkout: [] } };
  for (let nth = -WARM_UP; nth < PAIRS; nth += 1) {
    // Who goes first changes, so that neither always finds the machine warm.
    for (const side of nth % 2 === 0 ? ["with", "without"] : ["without", "with"]) {
      const took = side === "with" ? await visit(withIt.api, claim) : await visit(without.api, null);
      if (nth >= 0) {
        for (const what of ["sign-up", "checkout"]) {
          times[side][what].push(took[what]);
        }
      }
    }
  }
  for (const what of ["sign-up", "checkout"]) {
    const differences = times.with[what].map((time, nth) => time - times.without[what][nth]);
    const told = [
      name,
      what,
      ...[0.5, 0.99].flatMap((share) => [
        quantile(times.without[what], share),
        quantile(times.with[what], share),
      ]),
      quantile(differences, 0.5),
    ];
    console.log(`| ${told.map((one) => (typeof one === "number" ? one.toFixed(1) : one)).join(" | ")} |`);
  }
  await withIt.shop.kill();
  await without.shop.kill();
}

console.log(`${PAIRS} pairs, milliseconds\n`);
console.log("| Gameball | | median without | with | p99 without | with | median of the differences |");
console.log("| --- | --- | ---: | ---: | ---: | ---: | ---: |");
const emulator = await world.emulator();
await compare("answers", world.env(emulator));
const hole = await blackHole();
world.later(hole.stop);
await compare("is a black hole", { ...world.env(emulator), GAMEBALL_BASE_URL: hole.url });
await world.close();
