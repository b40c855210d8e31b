"""The vectors shared by all languages, replayed through the Python package."""

from __future__ import annotations

import inspect
from base64 import b64decode
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Callable

import gameball_referrals
import pytest
import test_courier_vectors
from gameball_referrals import ClaimSigner, Client, GameballError, Vault
from gameball_referrals._visits import decide
from gameball_referrals.claims import Claim
from gameball_referrals.exceptions import _CLASSES
from gameball_referrals.session_tokens import SessionClaims
from support import VECTORS, cases, snake

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gameball_referrals.testing import Emulator

ORDER: dict[str, Any] = {"customer_id": "u1", "order_date": "2026-01-01T00:00:00Z"}


def signer(given: dict[str, Any]) -> ClaimSigner:
    fallback_keys = [b64decode(key) for key in given["fallbackKeysBase64"]]
    max_age = timedelta(seconds=given["maxAgeSeconds"])
    return ClaimSigner(b64decode(given["keyBase64"]), fallback_keys=fallback_keys, max_age=max_age)


def vault(given: dict[str, Any]) -> Vault:
    fallback_secrets = [b64decode(secret) for secret in given["fallbackSecretsBase64"]]
    return Vault(b64decode(given["secretBase64"]), fallback_secrets=fallback_secrets)


def claim(read: Claim | None) -> Any:
    return read and {"code": read.code, "issuedAt": read.issued_at.timestamp()}


def session_claims(read: SessionClaims | None) -> Any:
    return read and {
        "customerId": read.customer_id,
        "expiresAt": read.expires_at.timestamp(),
        "email": read.email,
        "mobile": read.mobile,
    }


def session_token(given: dict[str, Any]) -> Any:
    token = gameball_referrals.session_token(
        given["secretKey"], given["customerId"], given["expiresAt"], given["email"], given["mobile"]
    )
    return session_claims(gameball_referrals.read_session_token(given["secretKey"], token, now=given["now"]))


def seal(given: dict[str, Any]) -> Any:
    opener = vault(given)
    return opener.open(opener.seal(given["plaintext"], given["context"]), given["context"])


def extract(given: dict[str, Any]) -> Any:
    params = {"params": given["params"]} if "params" in given else {}
    return gameball_referrals.extract_referrer_code(given["url"], **params)


def typed(given: dict[str, Any]) -> Any:
    params = {"params": given["params"]} if "params" in given else {}
    return gameball_referrals.typed_referrer_code(given["text"], **params)


def visit(function: str) -> Callable[[dict[str, Any]], Any]:
    return lambda given: decide(function, **given)


VISITS = ("countingCode", "keepCode", "claimCookie", "privateCacheControl", "variesByCookie", "isVisit", "isOwnPage")
CALLS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "extractReferrerCode": extract,
    "referralLink": lambda given: gameball_referrals.referral_link(given["template"], given["code"]),
    "issueClaim": lambda given: signer(given).issue(given["code"], at=given["at"]),
    "readClaim": lambda given: claim(signer(given).read(given["token"], now=given["now"])),
    "sessionToken": session_token,
    "readSessionToken": lambda given: session_claims(
        gameball_referrals.read_session_token(given["secretKey"], given["token"], now=given["now"])
    ),
    "signWebhook": lambda given: gameball_referrals.sign_webhook(b64decode(given["rawBodyBase64"]), given["secretKey"]),
    "verifyWebhook": lambda given: gameball_referrals.verify_webhook(
        b64decode(given["rawBodyBase64"]), given["signature"], given["secretKey"]
    ),
    "seal": seal,
    "open": lambda given: vault(given).open(given["sealed"], given["context"]),
    "needsReseal": lambda given: vault(given).needs_reseal(given["sealed"]),
    "fingerprint": lambda given: gameball_referrals.fingerprint(given["secret"]),
    "typedReferrerCode": typed,
    **{name: visit(name) for name in (*VISITS, "visitorNetwork")},
}

PURE = ("capture", "claims", "links", "tokens", "vault", "visits", "webhooks")
"""Files whose cases name one of CALLS."""
REPLAYED = {*PURE, "errors", "money", "requests"} | test_courier_vectors.REPLAYED


def check_error(error: GameballError, expected: dict[str, Any]) -> None:
    assert error.kind == expected["kind"]
    assert type(error) is _CLASSES[expected["kind"]]
    field = snake(expected["field"]) if "field" in expected else None
    # Python has a type for ages, so its option names no unit.
    assert error.field == ("max_age" if field == "max_age_seconds" else field)
    assert expected.get("messageContains", "") in str(error)


def test_every_vector_file_is_replayed() -> None:
    assert {path.stem for path in VECTORS.glob("*.json")} == REPLAYED


@pytest.mark.parametrize("case", [case for vectors in PURE for case in cases(vectors)])
def test_pure(case: dict[str, Any]) -> None:
    call = CALLS[case["call"]]
    if "error" in case:
        with pytest.raises(GameballError) as raised:
            call(case["input"])
        check_error(raised.value, case["error"])
    else:
        assert call(case["input"]) == case["output"]


@pytest.mark.parametrize("case", cases("errors"))
def test_errors(emulator: Emulator, case: dict[str, Any]) -> None:
    given, expected = case["input"], case["output"]
    body = None if given["code"] else "{}"
    emulator.inject("status", status=given["status"], code=given["code"], body=body)
    with emulator.client(max_retries=0) as client, pytest.raises(GameballError) as raised:
        client.get_customer("u1")
    error = raised.value
    assert type(error).__name__ == expected["pythonClass"]
    assert (error.kind, error.retryable) == (expected["kind"], expected["retryable"])
    assert (error.status, error.gameball_code, error.attempts) == (given["status"], given["code"], 1)


def amounts() -> Iterator[Any]:
    """Each case as text, and as a Decimal where that is the same amount."""
    for param in cases("money"):
        (case,) = param.values
        yield pytest.param(case, case["input"], id=f"str-{param.id}")
        try:
            amount = Decimal(case["input"])
        except ArithmeticError:
            continue
        # Decimal reads "1_000" and digits of other scripts, which no amount may look like: it is then a good amount.
        if "_" not in case["input"] and case["input"].isascii():
            yield pytest.param(case, amount, id=f"Decimal-{param.id}")


@pytest.mark.parametrize(("case", "amount"), amounts())
def test_money(emulator: Emulator, client: Client, case: dict[str, Any], amount: str | Decimal) -> None:
    if "error" in case:
        with pytest.raises(GameballError) as raised:
            client.track_order("o1", total_paid=amount, **ORDER)
        check_error(raised.value, case["error"])
        assert emulator.requests() == []
    else:
        client.track_order("o1", total_paid=amount, **ORDER)
        assert f'"totalPaid":{case["output"]}}}' in emulator.requests()[0]["body"]


@pytest.mark.parametrize("case", cases("requests"))
def test_requests(emulator: Emulator, client: Client, case: dict[str, Any]) -> None:
    method, given = snake(case["input"]["operation"]), _python_names(case["input"]["arguments"])
    try:
        outcome = _call(client, method, given)
    except GameballError as error:
        outcome = error
    if "error" in case:
        assert isinstance(outcome, GameballError), outcome
        check_error(outcome, case["error"])
        assert emulator.requests() == []
    else:
        request = emulator.requests()[0]
        path = "?".join(filter(None, (request["path"], request["query"])))
        assert (request["method"], path, request["body"]) == (
            case["output"]["method"],
            case["output"]["path"],
            case["output"].get("body") or "",
        )


def _call(client: Client, method: str, given: dict[str, Any]) -> Any:
    try:
        inspect.signature(getattr(client, method)).bind(**given)
    except TypeError:
        # Python's own signature refuses it; what is behind must do so, too.
        return client.call_many([(method, given)], concurrency=1)[0]
    result = getattr(client, method)(**given)
    return list(result) if method == "get_customer_referrals" else result


def _python_names(value: Any) -> Any:
    if isinstance(value, list):
        return [_python_names(item) for item in value]
    if isinstance(value, dict):
        return {
            snake(name): item if name in ("custom", "extra") else _python_names(item) for name, item in value.items()
        }
    return value
