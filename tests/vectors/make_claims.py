"""Writes claims.json with nothing but the standard library: a second implementation to agree with."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import pathlib

KEY = b"a key of 32 bytes for the tests!"
OLD_KEY = b"an older key, still good"
OTHER_KEY = b"a key that nobody knows"
AT = 1767225600
DAY = 24 * 60 * 60
MAX_AGE = 30 * DAY
SKEW = 5 * 60

cases = []


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def sign(signed: str, key: bytes = KEY) -> str:
    derived = hmac.digest(key, b"gameball-referrals claim v1", hashlib.sha256)
    return f"{signed}.{b64url(hmac.digest(derived, signed.encode(), hashlib.sha256))}"


def token(code: str, at: int = AT, key: bytes = KEY) -> str:
    return sign(f"1.{b64url(code.encode())}.{at}", key)


def add(call: str, name: str, fields: dict, outcome: dict, **signer: object) -> None:
    base = {"keyBase64": b64(KEY), "fallbackKeysBase64": [], "maxAgeSeconds": MAX_AGE}
    cases.append({"name": name, "call": call, "input": base | signer | fields} | outcome)


def issue(name: str, code: object, at: int = AT, field: str = "", **signer: object) -> None:
    error = {"error": {"kind": "invalid_argument", "field": field}}
    add("issueClaim", name, {"code": code, "at": at}, error if field else {"output": token(code, at)}, **signer)


def read(name: str, text: object, code: str | None = None, now: int = AT, at: int = AT, **signer: object) -> None:
    claim = None if code is None else {"code": code, "issuedAt": at}
    add("readClaim", name, {"token": text, "now": now}, {"output": claim}, **signer)


for code in ["REF123456", "A+B/C=", "é", "𝒜", "%41", "a&b#c", "x", "a.b", "a" * 100]:
    issue(f"code {code[:12]}", code)
    read(f"code {code[:12]}", token(code), code)
issue("the beginning of 1970", "REF1", 0)
issue("the end of 9999", "REF1", 253402300799)
issue("before 1970", "REF1", -1, "at")
issue("after 9999", "REF1", 253402300800, "at")
issue("the greatest number of JavaScript", "REF1", 2**53 - 1, "at")
issue("empty code", "", field="code")
issue("space in the code", "A B", field="code")
issue("markup as the code", "<b>", field="code")
issue("code a character too long", "a" * 101, field="code")
issue("key of 15 bytes", "REF1", field="key", keyBase64=b64(b"k" * 15))
issue("empty key", "REF1", field="key", keyBase64="")
issue("fallback key of 15 bytes", "REF1", field="fallback_keys[1]", fallbackKeysBase64=[b64(OLD_KEY), b64(b"k" * 15)])
issue("no maximum age", "REF1", field="max_age_seconds", maxAgeSeconds=0)
issue("negative maximum age", "REF1", field="max_age_seconds", maxAgeSeconds=-1)

good = token("REF123456")
version, text, at, mac = good.split(".")
read("under a fallback key", token("REF1", key=OLD_KEY), "REF1", fallbackKeysBase64=[b64(OTHER_KEY), b64(OLD_KEY)])
read("under the present key beside a fallback", good, "REF123456", fallbackKeysBase64=[b64(OLD_KEY)])
read("under a key that is no fallback any more", token("REF1", key=OLD_KEY))
read("under another key", token("REF1", key=OTHER_KEY))
read("as old as it may be", good, "REF123456", now=AT + MAX_AGE)
read("a second too old", good, now=AT + MAX_AGE + 1)
read("younger maximum age", good, now=AT + 61, maxAgeSeconds=60)
read("as far in the future as it may be", good, "REF123456", now=AT - SKEW)
read("a second too far in the future", good, now=AT - SKEW - 1)
read("the least time of JavaScript", good, now=-(2**53) + 1)
read("the greatest time of JavaScript", good, now=2**53 - 1)
read("issued at 0", token("REF1", 0), "REF1", now=0, at=0)
read("another code under the same signature", f"{version}.{b64url(b'REF654321')}.{at}.{mac}")
read("another date under the same signature", f"{version}.{text}.{AT + 1}.{mac}")
read("another version under the same signature", f"2.{text}.{at}.{mac}")
read("signed, but of another version", sign(f"2.{text}.{at}"))
read(
    "signed by the key itself, not the derived one",
    f"1.{text}.{at}." + b64url(hmac.digest(KEY, f"1.{text}.{at}".encode(), hashlib.sha256)),
)
read("no signature", f"{version}.{text}.{at}")
read("empty signature", f"{version}.{text}.{at}.")
read("half a signature", f"{version}.{text}.{at}.{mac[:21]}")
read("signature with padding", good + "=")
read("signature with stray bits", good[:-1] + chr(ord(good[-1]) + 1))
read("signature in standard base64", f"{version}.{text}.{at}." + b64(base64.urlsafe_b64decode(mac + "=")))
read("code with padding, signed", sign(f"1.{base64.urlsafe_b64encode(b'REF1').decode()}.{AT}"))
read("code with stray bits, signed", sign(f"1.UkVGMR.{AT}"))
read("code that is not base64, signed", sign(f"1.!!!!.{AT}"))
read("code that is not UTF-8, signed", sign(f"1.{b64url(bytes([0xFF]))}.{AT}"))
read("code that is impossible, signed", token("A B"))
read("empty code, signed", sign(f"1..{AT}"))
for name, time in [
    ("leading zero", f"0{AT}"),
    ("plus sign", f"+{AT}"),
    ("minus sign", "-1"),
    ("fraction", f"{AT}.0"),
    ("exponent", "1e9"),
    ("no digits", ""),
    ("space", f" {AT}"),
    ("Arabic digits", "١٢٣"),
    ("too many digits", "9" * 30),
    ("after 9999", "253402300800"),
]:
    read(f"date with {name}, signed", sign(f"1.{text}.{time}"))
read("one part too many, signed", sign(f"1.{text}.{AT}.x"))
read("one part too few, signed", sign(f"1.{text}"))
read("whitespace around", f" {good} ")
read("line break behind", f"{good}\n")
read("quoted, as some cookies are", f'"{good}"')
read("upper case", good.upper())
read("empty", "")
read("dots", "...")
read("beyond ASCII", "1.é.1.é")
read("NUL", "\0")
read("100 kB", {"repeat": {"prefix": good, "unit": "A", "times": 100_000, "suffix": ""}})
read("100 kB of dots", {"repeat": {"prefix": "", "unit": ".", "times": 100_000, "suffix": ""}})

about = "Signed, dated claims. Written by make_claims.py, which shares no code with the core."
path = pathlib.Path(__file__).with_name("claims.json")
path.write_text(json.dumps({"about": about, "cases": cases}, indent=2) + "\n", encoding="ascii")
