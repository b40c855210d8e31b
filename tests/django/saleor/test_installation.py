"""Installing: from the manifest's URL to a stored instance; again, elsewhere, and away again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from conftest import MANIFEST, SERVER, InProcess, Shop
from django.core import checks
from django.test import Client
from fake_saleor import FakeSaleor, InstallError, subscriptions
from gameball_referrals.django.models import Account, Delivery
from gameball_referrals.saleor import manifest, tenants
from gameball_referrals.saleor.models import Event, Instance

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_operator_installs_the_app_from_its_url(saleor: FakeSaleor) -> None:
    app = saleor.install(MANIFEST)

    instance = Instance.objects.get()
    assert (instance.api_url, instance.app_id) == (saleor.api_url, app.id)
    assert [key["kid"] for key in instance.jwks["keys"]] == [saleor.keys.kid]
    assert instance.account.enabled
    assert saleor.asked == ["/graphql/", "/.well-known/jwks.json"]
    # The token was needed once; it is nowhere now.
    stored = json.dumps([list(model.objects.values()) for model in (Instance, Account, Event)], default=str)
    assert app.token not in stored


def test_the_manifest_asks_for_no_more_than_is_needed(saleor: FakeSaleor) -> None:
    made = saleor.install(MANIFEST).manifest

    assert made["permissions"] == ["MANAGE_USERS", "MANAGE_ORDERS"]
    assert made["appUrl"] == f"{SERVER}/saleor/app"
    assert made["tokenTargetUrl"] == f"{SERVER}/saleor/register"
    told = {event for webhook in made["webhooks"] for event in webhook["asyncEvents"]}
    assert told == {"CUSTOMER_CREATED", "ACCOUNT_CONFIRMED", "ORDER_FULLY_PAID", "APP_DELETED", "APP_STATUS_CHANGED"}
    assert "private" not in json.dumps(made).lower()
    for webhook in made["webhooks"]:
        for event in webhook["asyncEvents"]:
            subscriptions.check(event, webhook["query"])


@pytest.mark.parametrize("version", ["3.20.9", "3.22.0"])
def test_an_older_saleor_is_not_asked_for_what_it_does_not_have(saleor: FakeSaleor, version: str) -> None:
    saleor.version = version

    made = saleor.install(MANIFEST).manifest

    assert not any(event.startswith("APP_") for webhook in made["webhooks"] for event in webhook["asyncEvents"])
    assert not manifest.build("", schema="3.20")["webhooks"][3:]
    # One that does not say how old it is: by hand.
    assert len(InProcess().send("GET", f"{MANIFEST}?schema=3.20", {}).body) < len(
        InProcess().send("GET", MANIFEST, {}).body
    )


def test_the_logo_and_the_pages_script_come_from_the_server_itself() -> None:
    for name, kind in (("logo.png", "image/png"), ("app.js", "text/javascript"), ("app.css", "text/css")):
        answer = Client().get(f"/saleor/assets/{name}", secure=True)
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith(kind)
        assert len(answer.content) > 200
    assert Client().get("/saleor/assets/app.html", secure=True).status_code == 404


def test_installing_again_updates_in_place(shop: Shop) -> None:
    before = shop.account
    shop.saleor.keys.rotate()
    again = shop.saleor.install(MANIFEST)

    instance = Instance.objects.get(api_url=shop.saleor.api_url)
    assert instance.app_id == again.id
    assert [key["kid"] for key in instance.jwks["keys"]] == [shop.saleor.keys.kid]
    assert shop.account.pk == before.pk
    assert shop.account.api_key_fingerprint == before.api_key_fingerprint
    assert shop.page("GET", "status", token=shop.saleor.dashboard_token(again)).status_code == 200
    # The page of the former app is closed.
    assert shop.page("GET", "status").status_code == 401


def test_uninstalling_forgets_keys_and_what_waits(shop: Shop) -> None:
    shop.saleor.register("bo@example.org")
    shop.deliveries()
    shop.saleor.uninstall(shop.app)
    assert [each.state for each in shop.deliveries()] == ["success"]

    instance = Instance.objects.get(api_url=shop.saleor.api_url)
    assert instance.removed_at is not None
    assert (instance.jwks, instance.app_id) == ({}, "")
    account = shop.account
    assert (account.enabled, account.api_key_sealed, account.secret_key_sealed) == (False, "", "")
    waiting = Delivery.objects.get(account=account)
    assert (waiting.state, waiting.arguments) == ("cancelled", "")
    assert shop.page("GET", "status").status_code == 401

    shop.saleor.install(MANIFEST)
    assert shop.account.enabled
    assert Instance.objects.count() == 2


def test_the_removal_of_a_former_app_removes_nothing(shop: Shop) -> None:
    shop.saleor.uninstall(shop.app)
    late = shop.saleor.deliveries[-1]
    shop.saleor.install(MANIFEST)

    shop.saleor.attempt(late)

    assert late.attempts == [200]
    assert Instance.objects.get(api_url=shop.saleor.api_url).removed_at is None


def test_switched_off_in_saleor_is_switched_off_here(shop: Shop) -> None:
    shop.saleor.set_active(shop.app, False)
    off = shop.deliveries()[0]
    assert not shop.account.enabled

    shop.saleor.set_active(shop.app, True)
    shop.deliveries()
    assert shop.account.enabled
    # Sent once more by whoever has kept it.
    assert shop.saleor.send(off).status == 200
    assert shop.account.enabled


def test_a_token_that_saleor_does_not_know_is_refused(saleor: FakeSaleor) -> None:
    app = saleor.install(MANIFEST)
    before = list(Instance.objects.values())

    told = saleor.send_token(app, token="somebody's own")

    assert told.status == 403
    assert json.loads(told.body)["error"]["code"] == "token_not_accepted"
    assert list(Instance.objects.values()) == before


def test_an_address_that_is_not_listed_is_not_even_asked(saleor: FakeSaleor, settings: Any) -> None:
    settings.GAMEBALL_REFERRALS = {**settings.GAMEBALL_REFERRALS, "SALEOR_API_URLS": ["https://other.example/graphql/"]}

    with pytest.raises(InstallError, match="api_url_not_allowed"):
        saleor.install(MANIFEST)

    assert saleor.asked == []
    assert not Instance.objects.exists()
    assert not Account.objects.filter(pk__startswith="saleor").exists()


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/graphql/", (302, {"Location": "http://127.0.0.1:1/graphql/"}, b"")),
        ("/graphql/", (500, {}, b"")),
        ("/graphql/", (200, {}, b"<html>")),
        ("/graphql/", (200, {}, b" " * 300_000)),
        ("/.well-known/jwks.json", (404, {}, b"")),
        ("/.well-known/jwks.json", (200, {}, b'{"keys": []}')),
        ("/.well-known/jwks.json", (200, {}, b'{"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "1"}]}')),
    ],
)
def test_a_saleor_that_cannot_be_asked_is_not_stored(saleor: FakeSaleor, path: str, answer: Any) -> None:
    saleor.answers[path] = lambda: answer

    with pytest.raises(InstallError, match="saleor_unreachable"):
        saleor.install(MANIFEST)

    assert not Instance.objects.exists()


def test_nonsense_is_no_registration(saleor: FakeSaleor) -> None:
    headers = {"Saleor-Api-Url": saleor.api_url}
    for body, status in (
        (b"", 400),
        (b"[]", 400),
        (b'{"auth_token": 1}', 400),
        (b'{"auth_token": "a\\nb"}', 400),
        (b" " * 20_000, 413),
    ):
        assert InProcess().send("POST", f"{SERVER}/saleor/register", headers, body).status == status
    assert saleor.asked == []


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ("https://Shop.Example/graphql", "https://shop.example/graphql/"),
        ("https://shop.example:443/graphql/", "https://shop.example/graphql/"),
        ("https://shop.example:8443/graphql/", "https://shop.example:8443/graphql/"),
        ("https://user:secret@shop.example/graphql/", None),
        ("https://shop.example/graphql/?a=b", None),
        ("ftp://shop.example/graphql/", None),
        ("https:///graphql/", None),
        ("https://shop.example/graphql/\n", None),
        ("", None),
        (None, None),
    ],
)
def test_one_address_has_one_spelling(given: Any, normal: str | None) -> None:
    assert tenants.normal(given) == normal


def test_plain_http_is_for_this_machine_only(settings: Any) -> None:
    listed = ["http://saleor.internal/graphql/", "http://localhost:8000/graphql/"]
    settings.GAMEBALL_REFERRALS = {**settings.GAMEBALL_REFERRALS, "SALEOR_API_URLS": listed}
    assert tenants.allowed() == {"http://localhost:8000/graphql/"}
    assert "gameball.E072" in {each.id for each in checks.run_checks()}
    settings.GAMEBALL_REFERRALS = {**settings.GAMEBALL_REFERRALS, "SALEOR_ALLOW_PLAIN_HTTP": True}
    assert tenants.allowed() == set(listed)
    assert "gameball.E072" not in {each.id for each in checks.run_checks()}


def test_each_address_has_an_account_of_its_own() -> None:
    names = {
        tenants.account_key(f"https://{host}/graphql/")
        for host in ("shop.example", "shop-example", "shop.example:8443", "a" * 60 + ".example")
    }
    assert len(names) == 4
    assert all(len(name) <= 64 for name in names)
