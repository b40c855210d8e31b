"""What is refused: with a clear answer, no state changed, and nothing of the sender's in the answer."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from conftest import InProcess, Shop
from django.test import Client
from fake_saleor import Delivery, SigningKeys
from gameball_referrals.django import models as django_models
from gameball_referrals.saleor import claims, models, webhooks
from jwcrypto import jwk, jws

pytestmark = pytest.mark.django_db(transaction=True)


def everything() -> str:
    """All that is stored, but for when an instance was asked last."""
    tables = [
        django_models.Account,
        django_models.Delivery,
        django_models.Referral,
        django_models.Profile,
        models.Event,
    ]
    rows = [list(table._default_manager.order_by("pk").values()) for table in tables]
    instances = models.Instance.objects.order_by("pk")
    return json.dumps([rows, [{**row, "jwks_asked_at": None} for row in instances.values()]], default=str)


@pytest.fixture
def event(shop: Shop) -> Delivery:
    shop.saleor.register("bo@example.org", metadata={claims.KEY: "ANNA1"})
    asked_long_ago()
    return shop.saleor.deliveries[-1]


def asked_long_ago() -> None:
    models.Instance.objects.update(jwks_asked_at=None)


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def header(**values: Any) -> str:
    return b64(json.dumps(values).encode())


def with_hmac(shop: Shop, body: bytes) -> str:
    # The classic: the public key, which anybody may have, as the secret of an HMAC.
    public = json.dumps(shop.saleor.keys.public()["keys"][0]).encode()
    key = jwk.JWK(kty="oct", k=b64(public))
    made = jws.JWS(body)
    protected = {"alg": "HS256", "b64": False, "crit": ["b64"], "kid": shop.saleor.keys.kid}
    made.add_signature(key, None, json.dumps(protected), None)
    made.detach_payload()
    return str(made.serialize(compact=True))


SIGNATURES: dict[str, Callable[[Shop, Shop, bytes], str]] = {
    "missing": lambda shop, other, body: "",
    "no signature": lambda shop, other, body: "a.b.c",
    "truncated": lambda shop, other, body: shop.saleor.keys.detached(body)[:-9],
    "cut off": lambda shop, other, body: shop.saleor.keys.detached(body).rpartition(".")[0],
    "of another body": lambda shop, other, body: shop.saleor.keys.detached(body + b" "),
    "forged": lambda shop, other, body: shop.saleor.keys.detached(body)[:-40] + "A" * 40,
    "of a stranger's key": lambda shop, other, body: SigningKeys().detached(body),
    "of a stranger's key with our kid": lambda shop, other, body: SigningKeys().detached(
        body, kid=shop.saleor.keys.kid
    ),
    "of another tenant": lambda shop, other, body: other.saleor.keys.detached(body),
    "of another tenant with our kid": lambda shop, other, body: other.saleor.keys.detached(
        body, kid=shop.saleor.keys.kid
    ),
    "alg none": lambda shop, other, body: header(alg="none", b64=False, crit=["b64"], kid=shop.saleor.keys.kid) + "..",
    "alg HS256": lambda shop, other, body: with_hmac(shop, body),
    "no kid": lambda shop, other, body: shop.saleor.keys.detached(body, kid=None),
    "an unknown critical header": lambda shop, other, body: (
        header(alg="RS256", b64=False, crit=["b64", "exp"], exp=1, kid=shop.saleor.keys.kid) + "..AAAA"
    ),
    # Signed by the right key, with a payload of its own: it says nothing of the body.
    "a Dashboard's token": lambda shop, other, body: shop.saleor.dashboard_token(shop.app),
    "an embedded payload": lambda shop, other, body: shop.saleor.keys.token({"a": 1}),
    "enormous": lambda shop, other, body: shop.saleor.keys.detached(body) + "A" * 10_000,
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_a_signature_that_is_not_the_instances(shops: list[Shop], event: Delivery, name: str) -> None:
    shop, other = shops
    signature = SIGNATURES[name](shop, other, event.body)
    before = everything()

    told = shop.saleor.send(event, **{"Saleor-Signature": signature})

    assert told.status == 401, told.body
    assert json.loads(told.body)["error"]["code"] == "signature_refused"
    if name in ("a Dashboard's token", "an embedded payload"):
        # Whatever the library makes of such.
        assert b"is not detached" in told.body
    assert everything() == before
    # What it was a fake of is taken all the same.
    assert shop.saleor.send(event).status == 200


def test_the_event_of_one_tenant_in_the_name_of_another(shops: list[Shop], event: Delivery) -> None:
    before = everything()
    told = shops[0].saleor.send(event, **{"Saleor-Api-Url": shops[1].saleor.api_url})
    assert told.status == 401
    assert everything() == before


@pytest.mark.parametrize("api_url", ["https://nobody.example/graphql/", "", "javascript:alert(1)"])
def test_an_event_of_an_instance_that_is_not_here(shop: Shop, event: Delivery, api_url: str) -> None:
    before = everything()
    told = shop.saleor.send(event, **{"Saleor-Api-Url": api_url})
    assert told.status == 403
    assert json.loads(told.body)["error"]["code"] == "not_installed"
    assert everything() == before


def test_an_instance_that_was_taken_off_the_list(shop: Shop, event: Delivery, settings: Any) -> None:
    settings.GAMEBALL_REFERRALS = {**settings.GAMEBALL_REFERRALS, "SALEOR_API_URLS": []}
    assert shop.saleor.send(event).status == 403
    assert shop.page("GET", "status").status_code == 401
    assert shop.saleor.send_token(shop.app).status == 403


def test_one_event_in_the_place_of_another(shop: Shop, event: Delivery) -> None:
    before = everything()
    url = event.url.replace("customer-created", "order-fully-paid")
    moved = Delivery(event.event, url, event.body, event.due_at)
    told = shop.saleor.send(moved, **{"Saleor-Event": "order_fully_paid"})
    assert told.status == 400
    unknown = Delivery(event.event, event.url.replace("customer-created", "nothing"), event.body, event.due_at)
    assert shop.saleor.send(unknown).status == 404
    assert everything() == before


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b"{", 400),
        (b'{"__typename": "CustomerCreated"}', 422),
        (b'{"__typename": "CustomerCreated", "user": null}', 422),
        (b'{"__typename": "CustomerCreated", "user": {"id": ""}}', 422),
        (b'{"__typename": "CustomerCreated", "user": {"id": "' + b"x" * 300 + b'"}}', 422),
        (b'{"__typename": "CustomerCreated", "user": {"id": NaN}}', 400),
        (b"[" * 100_000, 400),
        (b" " * (webhooks.MAX_BODY + 1), 413),
    ],
)
def test_a_body_that_is_no_payload(shop: Shop, event: Delivery, body: bytes, status: int) -> None:
    before = everything()
    told = shop.saleor.send(Delivery(event.event, event.url, body, event.due_at))
    assert told.status == status, told.body
    assert everything() == before


def test_an_answer_repeats_nothing_personal(shop: Shop, event: Delivery) -> None:
    body = event.body.replace(b'"id"', b'"no"')
    told = shop.saleor.send(Delivery(event.event, event.url, body, event.due_at))
    assert told.status == 422
    assert b"bo@example.org" not in told.body


def test_a_replayed_event_is_accepted_once(shop: Shop, event: Delivery) -> None:
    assert shop.saleor.send(event).status == 200
    before = everything()
    for _ in range(3):
        assert shop.saleor.send(event).status == 200
    assert everything() == before


def test_keys_rotate_and_are_fetched_once(shop: Shop, event: Delivery) -> None:
    asked = len(shop.saleor.asked)
    shop.saleor.keys.rotate()
    assert shop.saleor.send(event).status == 200
    assert shop.saleor.asked[asked:] == ["/.well-known/jwks.json"]
    shop.saleor.register("cy@example.org")
    shop.saleor.deliver()
    assert len(shop.saleor.asked) == asked + 1


def test_a_forger_cannot_have_an_instance_asked_all_the_time(shop: Shop, event: Delivery) -> None:
    asked = len(shop.saleor.asked)
    forged = {"Saleor-Signature": SigningKeys().detached(event.body)}
    assert shop.saleor.send(event, **forged).status == 401
    for _ in range(4):
        assert shop.saleor.send(event, **forged).status == 503
    assert len(shop.saleor.asked) == asked + 1


def test_a_forger_cannot_make_a_new_key_be_refused(shop: Shop, event: Delivery) -> None:
    # They have us ask a moment before the keys change: what comes then is not refused for good, but later taken.
    shop.saleor.send(event, **{"Saleor-Signature": SigningKeys().detached(event.body)})
    shop.saleor.keys.rotate()
    shop.saleor.deliver()
    asked_long_ago()
    shop.saleor.clock.advance(10)  # type: ignore[attr-defined]
    shop.saleor.deliver()
    assert event.attempts == [503, 200]


def test_an_instance_whose_keys_cannot_be_fetched_sends_it_again(shop: Shop, event: Delivery) -> None:
    shop.saleor.keys.rotate()
    shop.saleor.answers["/.well-known/jwks.json"] = lambda: (503, {}, b"")
    before = everything()
    shop.saleor.deliver()
    assert event.attempts == [503]
    assert everything() == before
    del shop.saleor.answers["/.well-known/jwks.json"]
    asked_long_ago()
    shop.saleor.clock.advance(10)  # type: ignore[attr-defined]
    shop.saleor.deliver()
    assert event.attempts == [503, 200]


def test_a_database_that_is_away_has_it_sent_again(
    shop: Shop, event: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import OperationalError

    def away(*_: Any, **__: Any) -> None:
        raise OperationalError("the database is away: bo@example.org")

    with monkeypatch.context() as patched:
        patched.setattr("gameball_referrals.django.outbox.insert_or_ignore", away)
        told = shop.saleor.send(event)
    assert told.status == 503
    assert b"bo@example.org" not in told.body
    assert not models.Event.objects.exists()
    assert shop.saleor.send(event).status == 200


# --- The page ---------------------------------------------------------------------------------------------------


def claims_with(**changes: Any) -> Callable[[Shop, Shop], str]:
    return lambda shop, other: shop.saleor.dashboard_token(shop.app, **changes)


TOKENS: dict[str, tuple[int, Callable[[Shop, Shop], str]]] = {
    "missing": (401, lambda shop, other: ""),
    "none": (401, lambda shop, other: "a.b.c"),
    "of another app": (401, claims_with(app="QXBwOjk5")),
    "of no app": (401, claims_with(app=None)),
    "of another issuer": (401, claims_with(iss="https://nobody.example/graphql/")),
    "of no issuer": (401, claims_with(iss=None)),
    "of another instance": (401, lambda shop, other: other.saleor.dashboard_token(other.app)),
    "of another instance in our name": (
        401,
        lambda shop, other: other.saleor.dashboard_token(other.app, iss=shop.saleor.api_url, app=shop.app.id),
    ),
    "another instance's with our kid": (
        401,
        lambda shop, other: other.saleor.keys.token(
            {
                "iss": shop.saleor.api_url,
                "app": shop.app.id,
                "exp": time.time() + 60,
                "user_permissions": ["MANAGE_APPS"],
            },
            kid=shop.saleor.keys.kid,
        ),
    ),
    "expired": (401, claims_with(exp=int(time.time()) - 60)),
    "without an end": (401, claims_with(exp=None)),
    "truncated": (401, lambda shop, other: shop.saleor.dashboard_token(shop.app)[:-9]),
    "alg none": (401, lambda shop, other: header(alg="none", kid=shop.saleor.keys.kid) + "." + header(app="x") + "."),
    "a webhook's signature": (401, lambda shop, other: shop.saleor.keys.detached(b"{}")),
    "without the permission": (403, claims_with(permissions=("MANAGE_USERS", "MANAGE_ORDERS"))),
    "with odd permissions": (403, claims_with(user_permissions="MANAGE_APPS")),
}


@pytest.mark.parametrize("name", TOKENS)
@pytest.mark.parametrize(("method", "part"), [("GET", "status"), ("POST", "keys"), ("GET", "deliveries")])
def test_a_token_that_does_not_open_the_page(shops: list[Shop], name: str, method: str, part: str) -> None:
    status, make = TOKENS[name]
    asked_long_ago()
    before = everything()
    answer = shops[0].page(method, part, {"api_key": "gb_test_of_a_stranger"}, token=make(*shops) or " ")
    assert answer.status_code == status
    assert everything() == before


def test_a_page_of_one_instance_with_the_token_of_the_other(shops: list[Shop]) -> None:
    one, other = shops
    asked_long_ago()
    assert one.page("GET", "status", api_url=other.saleor.api_url).status_code == 401
    assert one.page("GET", "status", api_url="https://nobody.example/graphql/").status_code == 401


def test_a_form_that_is_too_large(shop: Shop) -> None:
    assert shop.page("POST", "keys", {"api_key": "x" * 20_000}).status_code == 413


def test_only_the_methods_that_there_are(shop: Shop) -> None:
    assert shop.page("POST", "status").status_code == 405
    assert shop.page("GET", "test").status_code == 405
    assert Client().get("/saleor/register", secure=True).status_code == 405
    assert Client().get("/saleor/webhooks/customer-created", secure=True).status_code == 405
    assert InProcess().send("POST", "https://referrals.example/saleor/manifest", {}).status == 405
