// Replays of the vectors of delivery: what is sent and what comes of it, ledgers, lanes, prepared rows, evidence.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  alerts,
  Courier,
  evidence,
  GameballError,
  guestCustomerId,
  keyEnvironment,
  prepare,
  reasons,
  waiting,
  words,
} from "gameball-referrals";
import { local } from "./support.mjs";

/** @typedef {import("gameball-referrals").Delivery} Delivery */
/** @typedef {import("gameball-referrals").Verdict} Verdict */

/**
 * A courier at an emulator that answers as it is told.
 *
 * @param {import("node:test").TestContext} t
 */
function desk(t) {
  const { emulator } = local(t, { emulator: { processingMs: 0 } });
  const { apiKey, secretKey, url: baseUrl } = emulator;
  return { emulator, courier: new Courier({ apiKey, secretKey, baseUrl, timeoutMs: 5_000 }) };
}

/** The delivery of a vector, as its host has it. @param {any} input @returns {Delivery} */
function stored(input) {
  const { operation, rawArguments, registeredAgoMs, attempts, referrerCode, receipt, slot } = input;
  const [seconds, nanoseconds] = process.hrtime();
  const monotonicMs = seconds * 1e3 + nanoseconds / 1e6;
  return {
    id: 7,
    operation,
    arguments: rawArguments ?? JSON.stringify(input.arguments),
    attempts,
    registeredAt: registeredAgoMs === undefined ? null : new Date(Date.now() - registeredAgoMs),
    referrerCode,
    receipt,
    slot: slot && { ...slot, expiresAtMs: monotonicMs + slot.expiresInMs },
  };
}

/** What the host stores of a verdict. @param {Delivery} delivery @param {Verdict} verdict @returns {Delivery} */
function followed(delivery, { progress, costsAttempt }) {
  return { ...delivery, progress, attempts: (delivery.attempts ?? 0) + Number(costsAttempt) };
}

/**
 * Sends a delivery, the emulator answering as told.
 *
 * @param {ReturnType<typeof desk>} at
 * @param {Delivery} delivery
 * @param {any} answer
 */
async function send({ emulator, courier }, delivery, answer) {
  emulator.clearFaults();
  emulator.inject(answer);
  const [verdict] = await courier.deliver([delivery]);
  assert.ok(verdict !== undefined && verdict.id === 7);
  return verdict;
}

/** Whether a number lies in the `[least, most]` of a vector. @param {unknown} number @param {any} range */
function assertWithin(number, range) {
  if (Array.isArray(range)) {
    assert.ok(
      typeof number === "number" && range[0] <= number && number <= range[1],
      `${number} in ${range}`,
    );
  } else {
    assert.equal(number, range);
  }
}

/** @param {Verdict["receipt"]} receipt @param {any} expected */
function assertReceipt(receipt, expected) {
  assert.deepEqual(
    receipt && [receipt.status, receipt.reason],
    expected && [expected.status, expected.reason],
  );
  if (receipt !== null) assertWithin(receipt.lateByMs, expected.lateByMs);
}

/** @param {any[]} cases */
export function deliveries(cases) {
  for (const { name, input, calls } of cases) {
    test(name, async (t) => {
      const at = desk(t);
      let delivery = stored(input);
      for (const { request, answer, carriesCode, verdict: expected } of calls) {
        const verdict = await send(at, delivery, answer);
        const sent = at.emulator.requests();
        at.emulator.reset();
        const lines = sent.map(({ method, path, query }) => {
          return `${method} ${path.replace("/api/v4.0/integrations/", "")}${query === "" ? "" : `?${query}`}`;
        });
        assert.deepEqual(lines, request === null ? [] : [request]);
        if (carriesCode !== undefined) {
          assert.equal(/** @type {any} */ (sent[0]).body.includes("referrerCode"), carriesCode);
        }
        compare(verdict, expected);
        delivery = followed(delivery, verdict);
      }
    });
  }
}

/** @param {Verdict} verdict @param {any} expected */
function compare(verdict, expected) {
  const { outcome, reason, nextBucket, costsAttempt, acknowledged, answer, settled, needsRecord } = verdict;
  assert.deepEqual(
    { outcome, reason, nextBucket, costsAttempt, acknowledged, answer },
    {
      outcome: expected.outcome,
      reason: expected.reason ?? null,
      nextBucket: expected.nextBucket ?? null,
      costsAttempt: expected.costsAttempt ?? false,
      acknowledged: expected.acknowledged ?? false,
      answer: expected.answer ?? null,
    },
  );
  assert.equal(settled, outcome === "applied" || outcome === "dead");
  assertWithin(verdict.dueInMs, expected.dueInMs ?? 0);
  assertReceipt(verdict.receipt, expected.receipt ?? null);
  assert.equal(verdict.ledgerEvent && JSON.parse(verdict.ledgerEvent).event, expected.event ?? null);
  if (expected.needsRecord !== undefined) assert.equal(needsRecord, expected.needsRecord);
  for (const code of [reason, verdict.receipt?.reason]) if (code != null) assert.ok(code in reasons(), code);
}

/** @param {any[]} cases */
export function receipts(cases) {
  for (const { name, input, answers, output } of cases) {
    test(name, async (t) => {
      const at = desk(t);
      let delivery = stored(input);
      for (const [nth, answer] of answers.entries()) {
        const verdict = await send(at, delivery, answer);
        const isLast = nth + 1 === answers.length;
        assert.equal(verdict.settled, isLast);
        assertReceipt(verdict.receipt, isLast ? output : null);
        delivery = followed(delivery, verdict);
      }
    });
  }
}

/** Each set of credentials in the vectors is a courier here. @type {Record<string, string>} */
const API_KEYS = { keys: "gb_test_a", "other keys": "gb_test_b", "old keys": "gb_test_c" };
const TIMES = [
  "nextAt",
  "freeAt",
  "pausedUntil",
  "until",
  "since",
  "probeAt",
  "firstMissAt",
  "clearsAt",
  "deadlineAt",
];

/** The same with `NameMs` in place of the dates called `Name`. @param {any} value @returns {any} */
function inMillis(value) {
  if (Array.isArray(value)) return value.map(inMillis);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => {
    return TIMES.includes(key) ? [`${key}Ms`, item === null ? null : item.getTime()] : [key, inMillis(item)];
  });
  return Object.fromEntries(entries);
}

/** A ledger's functions one after the other. @param {any[]} cases */
export function ledgers(cases) {
  for (const { name, input } of cases) {
    test(name, (t) => {
      const { limitWindowsDivisor } = input;
      const couriers = Object.entries(API_KEYS).map(([name, apiKey]) => {
        return /** @type {const} */ ([name, new Courier({ apiKey, limitWindowsDivisor })]);
      });
      /** @param {string} credentials */
      const courierOf = (credentials = "keys") => {
        const courier = new Map(couriers).get(credentials);
        assert.ok(courier !== undefined, `no courier for ${credentials}`);
        return courier;
      };
      let jitter = 0;
      t.mock.method(Math, "random", () => jitter);

      /** @type {string | null} */
      let ledger = null;
      for (const { call, input: given, output } of input.steps) {
        const { credentials, nowMs, candidates, room, wanted, events, deadlinesMs } = given;
        const [courier, now] = [courierOf(credentials), new Date(nowMs)];
        const before = given.ledger === undefined ? ledger : given.ledger;
        /** @type {any} */
        let answer = {};
        switch (call) {
          case "plan":
            answer = courier.plan(before, now, candidates.map(candidate), room);
            break;
          case "reserve":
            answer = courier.reserve(before, now, wanted);
            break;
          case "record": {
            jitter = given.jitter;
            const verdicts = events.map((/** @type {any} */ event) => {
              const credentials = event.credentials && courierOf(event.credentials).credentials;
              return { ledgerEvent: JSON.stringify({ ...event, credentials }) };
            });
            answer = { ledger: courier.record(before, now, verdicts) };
            break;
          }
          case "status":
            answer = courier.status(before, now);
            break;
          case "forecast":
            answer = courier.forecast(
              before,
              now,
              deadlinesMs.map((/** @type {number} */ at) => new Date(at)),
            );
            break;
          default:
            assert.fail(`no test knows ${call}`);
        }
        ledger = answer.ledger ?? ledger;
        const { slot, expiresInMs, ...told } = answer;
        const got = inMillis(told);
        if (slot) got.slot = { expiresInMs, watched: slot.watched, probe: slot.probe };
        for (const [field, expected] of Object.entries(output ?? {})) {
          assert.deepEqual(
            got[field],
            field === "holds" ? expected.map(hold) : expected,
            `${call}: ${field}`,
          );
        }
      }

      /** As it is shown here. @param {any} expected */
      function hold({ probes, ...expected }) {
        return { ...expected, credentials: courierOf(expected.credentials).credentials };
      }
    });
  }
}

/** @param {any} given */
function candidate({ dueAtMs, deadlineAtMs, ...rest }) {
  return {
    ...rest,
    dueAt: new Date(dueAtMs),
    deadlineAt: deadlineAtMs == null ? null : new Date(deadlineAtMs),
  };
}

/** @type {Record<string, (input: any) => unknown>} */
const FUNCTIONS = {
  prepare: ({ operation, arguments: input, nowMs, ...options }) =>
    inMillis(prepare(operation, input, { now: new Date(nowMs), ...options })),
  guestCustomerId: ({ email }) => guestCustomerId(email),
  keyEnvironment: ({ apiKey }) => keyEnvironment(apiKey),
};

/** @param {any[]} cases */
export function prepared(cases) {
  for (const { name, call, input, output, error } of cases) {
    test(`${call}: ${name}`, () => {
      const replay = FUNCTIONS[call];
      assert.ok(replay !== undefined, `no test knows ${call}`);
      if (error === undefined) {
        assert.deepEqual(replay(input), output);
        return;
      }
      assert.throws(
        () => replay(input),
        (thrown) =>
          thrown instanceof GameballError && thrown.kind === error.kind && thrown.field === error.field,
      );
    });
  }
}

/** A vector's objects as records: a date `name` in place of each `nameMs`. @param {any} value @returns {any} */
function records(value) {
  if (Array.isArray(value)) return value.map(records);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => {
    const isTime = key.endsWith("Ms") && key !== "lateByMs";
    return isTime ? [key.slice(0, -2), new Date(item)] : [key, records(item)];
  });
  return Object.fromEntries(entries);
}

/** @type {Record<string, (input: any) => unknown>} */
const TOLD = {
  evidence: (input) => evidence(input),
  waiting: (input) => waiting(input),
  alerts: ({ account, now, backlog }) => {
    const { misses, firstMissAt = null, blocked = null, ...queue } = backlog ?? {};
    const forecast = misses === undefined ? null : { misses, firstMissAt, blocked };
    return alerts({ account, now, queue: backlog && { ...queue, forecast } });
  },
};

/** Whether it is what a vector says: a text by its English, an object by the fields that are there.
 * @param {any} got @param {any} wanted @param {string} path */
function assertTells(got, wanted, path) {
  if (typeof wanted === "string" && typeof got === "object" && got !== null) {
    assert.equal(got.english, wanted, path);
  } else if (Array.isArray(wanted)) {
    assert.equal(got.length, wanted.length, path);
    for (const [index, item] of wanted.entries()) assertTells(got[index], item, `${path}[${index}]`);
  } else if (typeof wanted === "object" && wanted !== null) {
    for (const [name, part] of Object.entries(wanted)) assertTells(got[name], part, `${path}.${name}`);
  } else {
    assert.equal(got, wanted, path);
  }
}

/** @param {any[]} cases */
export function told(cases) {
  for (const { name, call, input, output } of cases) {
    test(`${call}: ${name}`, () => {
      const replay = TOLD[call];
      assert.ok(replay !== undefined, `no test knows ${call}`);
      const found = replay({ ...records(input), nowMs: undefined });
      const { steps } = /** @type {any} */ (found ?? {});
      const dated = steps?.map((/** @type {any} */ { at, ...step }) => ({
        atMs: at === null ? null : at.getTime(),
        ...step,
      }));
      assertTells(dated ? { .../** @type {object} */ (found), steps: dated } : found, output, call);
    });
  }

  test("every reason has words", () => {
    assert.deepEqual(Object.keys(words().reasons).sort(), [...Object.keys(reasons()), "cancelled"].sort());
  });

  test("a record of another type is refused by its name", () => {
    const account = { keys: "present" };
    assert.throws(
      // @ts-expect-error a date is no number
      () => evidence({ deliveries: [{ id: 1, createdAt: 5 }], account, now: new Date() }),
      (error) => GameballError.is(error) && error.field === "deliveries[0].operation",
    );
  });
}
