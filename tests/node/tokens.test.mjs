// Session tokens are what jose makes and reads, by the vendor's description.

import assert from "node:assert/strict";
import { test } from "node:test";
import { sessionToken } from "gameball-referrals";
import { readSessionToken } from "gameball-referrals/testing";
import { CompactEncrypt, compactDecrypt, jwtVerify, SignJWT } from "jose";
import { failure } from "./support.mjs";

const SECRET = "gb_test_0123456789abcdef01234567";
const KEY = new TextEncoder().encode(SECRET);
const EXPIRES_AT = new Date("2100-01-01T00:00:00Z");
const EXP = EXPIRES_AT.getTime() / 1000;

test("jose reads ours", async () => {
  const input = {
    secretKey: SECRET,
    customerId: "Zoë 客",
    expiresAt: EXPIRES_AT,
    email: "z@shop.example",
    mobile: "+201",
  };
  const { plaintext, protectedHeader } = await compactDecrypt(sessionToken(input), KEY);
  assert.deepEqual([protectedHeader.alg, protectedHeader.enc], ["A256KW", "A256CBC-HS512"]);
  const { payload, protectedHeader: inner } = await jwtVerify(plaintext, KEY, { algorithms: ["HS256"] });
  assert.deepEqual([inner.alg, inner.typ], ["HS256", "JWT"]);
  assert.deepEqual(payload, {
    customerId: "Zoë 客",
    exp: EXP,
    customerEmail: "z@shop.example",
    customerMobile: "+201",
  });
});

test("we read jose's", async () => {
  const jws = await new SignJWT({ customerId: "42", customerEmail: "a@b.example" })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setExpirationTime(EXP)
    .sign(KEY);
  const token = await new CompactEncrypt(new TextEncoder().encode(jws))
    .setProtectedHeader({ alg: "A256KW", enc: "A256CBC-HS512", cty: "JWT" })
    .encrypt(KEY);
  assert.deepEqual(readSessionToken(SECRET, token), {
    customerId: "42",
    expiresAt: EXPIRES_AT,
    email: "a@b.example",
    mobile: null,
  });
  assert.equal(readSessionToken(SECRET, token, { now: EXPIRES_AT }), null, "expired");
  assert.equal(readSessionToken(SECRET.replace("g", "h"), token), null, "another key");
});

test("a secret of 20 bytes is refused with what to do", async () => {
  const input = { secretKey: "gb_test_0123456789ab", customerId: "42", expiresAt: EXPIRES_AT };
  const error = await failure(() => sessionToken(input));
  assert.deepEqual([error.kind, error.field], ["invalid_argument", "secretKey"]);
  assert.match(error.message, /20 bytes.*exactly 32/);
  assert.ok(!error.message.includes(input.secretKey));
});

test("an invalid time is named", async () => {
  for (const expiresAt of [new Date(Number.NaN), /** @type {any} */ (EXP), new Date(-1)]) {
    const error = await failure(() => sessionToken({ secretKey: SECRET, customerId: "42", expiresAt }));
    assert.deepEqual([error.kind, error.field], ["invalid_argument", "expiresAt"]);
  }
});
