/** Two instances and 2,000 registrations that wait: all of the allowed rate is used, and no more. */

import assert from "node:assert/strict";
import { after, it } from "node:test";
import { eventually } from "./app.mjs";
import { World } from "./world.mjs";

const REGISTRATIONS = 2_000;
/** Shortens the windows, here as at the emulator: the shorter, the more weighs a wake-up on a busy machine. */
const DIVISOR = 2;
/** Of the allowed rate. */
const SHARE = 0.97;
/** Calls a second and in 30 seconds, as the vendor documents them. */
const WINDOWS = { createCustomer: [30, 360], getCustomer: [100, 1200] };

const world = World.create();
after(() => world.close());

it("uses the limits that two instances share, without a 429", { timeout: 400_000 }, async () => {
  const emulator = await world.emulator({ limitWindowsDivisor: DIVISOR, linkWindowSeconds: 100_000 });
  const databaseUrl = await world.database();
  const options = JSON.stringify({ limitWindowsDivisor: DIVISOR });
  const env = world.env(emulator, { GAMEBALL_OPTIONS: options });
  const [one, other] = [await world.shop({ databaseUrl, env }), await world.shop({ databaseUrl, env })];
  await one.api.admin("POST", "/gameball/settings", { enabled: false });
  // Customers as an import leaves them, of whom no event tells.
  await world.sql(
    databaseUrl,
    `insert into customer (id, email, first_name, has_account)
     select 'cus_queued' || lpad(n::text, 5, '0'), 'queued' || n || '@limits.example', 'Queued', true
     from generate_series(1, $1) as n`,
    [REGISTRATIONS],
  );
  const found = await one.api.admin("POST", "/gameball/reconcile", {});
  assert.ok(found.json.customers <= REGISTRATIONS, found.text);
  const waiting = async () => {
    const [row] = await world.sql(
      databaseUrl,
      "select count(*) from gameball_delivery where state in ('pending', 'in_flight')",
    );
    return Number(row.count);
  };
  await eventually(async () => (await waiting()) === REGISTRATIONS, {
    seconds: 120,
    what: async () => `${await waiting()} of them`,
  });
  await one.api.admin("POST", "/gameball/settings", { enabled: true });
  await eventually(async () => (await waiting()) === 0, {
    seconds: 200,
    what: async () => `an empty queue (${await waiting()})`,
  });
  await Promise.all([one.shop.stop(), other.shop.stop()]);

  const calls = emulator.requests();
  assert.deepEqual([...new Set(calls.map((call) => call.status))], [200], "no 429, nor anything else");
  for (const [operation, [perSecond, perWindow]] of Object.entries(WINDOWS)) {
    const times = calls
      .filter((call) => call.operation === operation)
      .map((call) => Date.parse(call.at))
      .sort((a, b) => a - b);
    assert.ok(busiest(times, 1000 / DIVISOR) <= perSecond, operation);
    assert.ok(busiest(times, 30_000 / DIVISOR) <= perWindow, operation);
  }
  const creations = calls.filter((call) => call.operation === "createCustomer");
  assert.equal(new Set(creations.map((call) => JSON.parse(call.body).customerId)).size, REGISTRATIONS);
  assert.equal(creations.length, REGISTRATIONS);
  const times = creations.map((call) => Date.parse(call.at)).sort((a, b) => a - b);
  // Over whole windows of 30 seconds: what follows them is too short to be held up by that limit, and the limit of a
  // second costs more of it, since a slot counts half a second longer than its window.
  const [, perWindow] = WINDOWS.createCustomer;
  const windows = Math.floor((REGISTRATIONS - 1) / perWindow);
  const took = (times[windows * perWindow] - times[0]) / 1000;
  const share = (windows * 30) / DIVISOR / took;
  const all = (times.at(-1) - times[0]) / 1000;
  console.log(
    `${REGISTRATIONS} registrations, 2 instances, ${all.toFixed(1)} s; in ${windows} whole windows ${(share * 100).toFixed(1)} % of the allowed rate`,
  );
  assert.ok(share >= SHARE);
});

/** How many calls the fullest window of so many milliseconds had, wherever it begins. */
function busiest(times, span) {
  let [most, end] = [0, 0];
  for (const [start, at] of times.entries()) {
    while (end < times.length && times[end] < at + span) {
      end += 1;
    }
    most = Math.max(most, end - start);
  }
  return most;
}
