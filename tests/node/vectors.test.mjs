// Every file of shared vectors is replayed here, and fails if nobody knows how.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { describe, test } from "node:test";
import {
  ClaimSigner,
  extractReferrerCode,
  fingerprint,
  GameballError,
  referralLink,
  sessionToken,
  typedReferrerCode,
  Vault,
  verifyWebhook,
} from "gameball-referrals";
import { readSessionToken, signWebhook } from "gameball-referrals/testing";
import { deliveries, ledgers, prepared, receipts, told } from "./delivery-vectors.mjs";
import { local } from "./support.mjs";

// What frameworks' middlewares ask the core; private to the package.
const { decide } = /** @type {any} */ (
  await import(new URL("../../node/client/dist/visits/core.js", import.meta.url).href)
);
const FOLDER = new URL("../vectors/", import.meta.url);

/** @typedef {{ name: string, call?: string, input: any, output?: any,
 *   error?: { kind: string, field?: string, messageContains?: string } }} Case */

/** Beyond what a Date can hold, the farthest it can. @param {number} seconds */
const at = (seconds) => new Date(Math.max(-8.64e15, Math.min(8.64e15, seconds * 1000)));
/** @param {string} text */
const bytes = (text) => Buffer.from(text, "base64");
/** @param {any} input */
const signer = (input) =>
  new ClaimSigner(bytes(input.keyBase64), {
    fallbackKeys: input.fallbackKeysBase64.map(bytes),
    maxAgeSeconds: input.maxAgeSeconds,
  });
/** @param {any} input */
const vault = (input) =>
  new Vault(bytes(input.secretBase64), { fallbackSecrets: input.fallbackSecretsBase64.map(bytes) });
/** @param {any} input @param {string} token */
const session = (input, token) => {
  const read = readSessionToken(input.secretKey, token, { now: at(input.now) });
  return read && { ...read, expiresAt: read.expiresAt.getTime() / 1000 };
};

/** Functions, by the name in `call`. @type {Record<string, (input: any) => unknown>} */
const FUNCTIONS = {
  referralLink: ({ template, code }) => referralLink(template, code),
  extractReferrerCode: ({ url, params }) => extractReferrerCode(url, { params }),
  issueClaim: (input) => signer(input).issue(input.code, { at: at(input.at) }),
  readClaim: (input) => {
    const claim = signer(input).read(input.token, { now: at(input.now) });
    return claim && { code: claim.code, issuedAt: claim.issuedAt.getTime() / 1000 };
  },
  sessionToken: (input) => session(input, sessionToken({ ...input, expiresAt: at(input.expiresAt) })),
  readSessionToken: (input) => session(input, input.token),
  signWebhook: ({ rawBodyBase64, secretKey }) => signWebhook(bytes(rawBodyBase64), secretKey),
  verifyWebhook: ({ rawBodyBase64, signature, secretKey }) =>
    verifyWebhook(bytes(rawBodyBase64), signature, secretKey),
  seal: (input) => vault(input).open(vault(input).seal(input.plaintext, input.context), input.context),
  open: (input) => vault(input).open(input.sealed, input.context),
  needsReseal: (input) => vault(input).needsReseal(input.sealed),
  fingerprint: ({ secret }) => fingerprint(secret),
  typedReferrerCode: ({ text, params }) => typedReferrerCode(text, { params }),
  ...Object.fromEntries(
    [
      "countingCode",
      "keepCode",
      "claimCookie",
      "privateCacheControl",
      "variesByCookie",
      "isVisit",
      "isOwnPage",
      "visitorNetwork",
    ].map((name) => [name, (/** @type {any} */ input) => decide(name, input)]),
  ),
};

/** How each file is replayed. @type {Record<string, (cases: Case[], file: any) => void>} */
const REPLAYS = {
  "links.json": functions,
  "capture.json": functions,
  "claims.json": functions,
  "tokens.json": functions,
  "webhooks.json": functions,
  "vault.json": functions,
  "visits.json": functions,
  "requests.json": requests,
  "errors.json": errors,
  "money.json": money,
  "deliveries.json": deliveries,
  "receipts.json": receipts,
  "ledger.json": ledgers,
  "lanes.json": ledgers,
  "prepare.json": prepared,
  "evidence.json": told,
};

for (const file of readdirSync(FOLDER).filter((file) => file.endsWith(".json"))) {
  describe(file, () => {
    const replay = REPLAYS[basename(file)];
    if (replay === undefined) {
      test("is replayed", () => assert.fail("no test replays these vectors"));
      return;
    }
    const vectors = JSON.parse(readFileSync(new URL(file, FOLDER), "utf8"));
    assert.ok(vectors.cases.length > 0);
    replay(expanded(vectors.cases), vectors);
  });
}

/** Puts long texts in place of their descriptions. @param {any} value @returns {any} */
function expanded(value) {
  if (Array.isArray(value)) return value.map(expanded);
  if (typeof value !== "object" || value === null) return value;
  if (Object.keys(value).length === 1 && typeof value.repeat === "object") {
    const { prefix, unit, times, suffix } = value.repeat;
    return prefix + unit.repeat(times) + suffix;
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, expanded(item)]));
}

/** @param {unknown} error @param {NonNullable<Case["error"]>} expected */
function assertRefusal(error, expected) {
  assert.ok(error instanceof GameballError, `not a GameballError: ${error}`);
  assert.equal(error.kind, expected.kind);
  // Rust's own parameter names appear where a vector names a function's argument.
  const field = expected.field?.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
  assert.equal(error.field, field ?? null);
  if (expected.messageContains !== undefined) assert.ok(error.message.includes(expected.messageContains));
}

/** @param {Case[]} cases */
function functions(cases) {
  for (const { name, call = "", input, output, error } of cases) {
    test(`${call}: ${name}`, () => {
      const replay = FUNCTIONS[call];
      assert.ok(replay !== undefined, `no test knows ${call}`);
      if (error === undefined) {
        assert.deepEqual(replay(input), output);
      } else {
        let thrown;
        try {
          replay(input);
        } catch (caught) {
          thrown = caught;
        }
        assertRefusal(thrown, error);
      }
    });
  }
}

/** Calls a client as a host would. @param {import("gameball-referrals").Client} client
 * @param {string} operation @param {any} input @returns {Promise<unknown>} */
function call(client, operation, input) {
  const { customerId, code, ...rest } = input;
  switch (operation) {
    case "createCustomer":
      return client.createCustomer(input);
    case "trackOrder":
      return client.trackOrder(input);
    case "getCustomer":
      return client.getCustomer(customerId);
    case "deleteCustomer":
      return client.deleteCustomer(customerId);
    case "validateReferrerCode":
      return client.validateReferrerCode(code, rest);
    case "getCustomerReferrals":
      return client.getCustomerReferrals(customerId, rest).next();
    case "getCustomerReferralsCount":
      return client.getCustomerReferralsCount(customerId);
    case "getReferralsConfigurations":
      return client.getReferralsConfigurations(rest);
    case "createCustomers":
      return client.createCustomers(rest.customers);
    case "getBatchStatus":
      return client.getBatchStatus(rest.jobId);
    default:
      return assert.fail(`no test knows ${operation}`);
  }
}

/** @param {Case[]} cases */
function requests(cases) {
  for (const { name, input, output, error } of cases) {
    test(name, async (t) => {
      const { emulator, client } = local(t);
      const outcome = await call(client, input.operation, input.arguments).catch((error) => error);
      const sent = emulator.requests();
      if (error !== undefined) {
        assertRefusal(outcome, error);
        assert.deepEqual(sent, [], "nothing is sent");
        return;
      }
      assert.equal(sent.length, 1);
      const [{ method, path, query, body }] = /** @type {[typeof sent[0]]} */ (sent);
      const target = query === "" ? path : `${path}?${query}`;
      assert.deepEqual({ method, path: target, body: body === "" ? null : body }, output);
      if (input.arguments.lang !== undefined) assert.equal(sent[0]?.headers.lang, input.arguments.lang);
    });
  }
}

/** @param {Case[]} cases @param {{ kinds: { kind: string, nodeCode: string }[] }} file */
function errors(cases, { kinds }) {
  for (const { kind, nodeCode } of kinds) {
    test(`kind ${kind}`, () => {
      const error = new GameballError({ kind: /** @type {any} */ (kind), message: "" });
      assert.equal(error.code, nodeCode);
    });
  }
  for (const { name, input, output } of cases) {
    test(name, async (t) => {
      const { emulator, client } = local(t);
      const answer = input.code === null ? { body: "" } : { code: input.code };
      emulator.inject({ fault: "status", status: input.status, ...answer });
      const error = await client.getCustomer("u1").then(
        () => assert.fail("it succeeded"),
        (error) => error,
      );
      assert.ok(error instanceof GameballError);
      const { kind, code, retryable, status, gameballCode, attempts } = error;
      assert.deepEqual(
        { kind, code, retryable, status, gameballCode, attempts },
        {
          kind: output.kind,
          code: output.nodeCode,
          retryable: output.retryable,
          status: input.status,
          gameballCode: input.code,
          attempts: 1,
        },
      );
    });
  }
}

/** @param {Case[]} cases */
function money(cases) {
  for (const { name, input, output, error } of cases) {
    test(name, async (t) => {
      const { emulator, client } = local(t);
      const order = { orderId: "1", customerId: "u1", orderDate: "2026-01-01T00:00:00Z", totalPaid: input };
      const outcome = await client.trackOrder(order).catch((error) => error);
      const sent = emulator.requests();
      if (error === undefined) {
        assert.ok(sent[0]?.body.includes(`"totalPaid":${output}}`), sent[0]?.body);
      } else {
        assertRefusal(outcome, error);
        assert.deepEqual(sent, []);
      }
    });
  }
}
