"""The page's parts: keys go in and never come out; what was sent, what is held and why; each shop its own."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Shop
from django.test import Client
from django.utils import timezone
from gameball_referrals import courier
from gameball_referrals.courier import guest_customer_id
from gameball_referrals.django.models import Account, Delivery, Ledger, Referral
from gameball_referrals.saleor import claims, overview

pytestmark = pytest.mark.django_db(transaction=True)
Send = Callable[[], int]


def text(shop: Shop, part: str, **query: Any) -> str:
    answer = shop.page("GET", part, query)
    assert answer.status_code == 200
    content: str = answer.content.decode()
    for secret in (shop.gameball.api_key, shop.gameball.secret_key, "@example.org"):
        assert secret not in content
    return content


def test_the_shell_holds_nothing_and_is_embedded_by_one_dashboard_alone(shops: list[Shop], settings: Any) -> None:
    one, other = shops
    answer = Client().get(one.saleor.page_url(one.app, theme="dark"), secure=True)
    policy = answer["Content-Security-Policy"]
    assert f"frame-ancestors {one.saleor.origin}" in policy
    assert other.saleor.origin not in policy
    assert "'unsafe" not in policy
    assert "X-Frame-Options" not in answer
    assert 'data-theme="dark"' in answer.content.decode()

    settings.GAMEBALL_REFERRALS = {
        **settings.GAMEBALL_REFERRALS,
        "SALEOR_DASHBOARDS": {one.saleor.api_url: ["https://dashboard.shop.example/apps", "bad; script-src *"]},
    }
    policy = Client().get(one.saleor.page_url(one.app), secure=True)["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors https://dashboard.shop.example")
    assert (
        Client()
        .get(other.saleor.page_url(other.app), secure=True)["Content-Security-Policy"]
        .endswith(other.saleor.origin)
    )
    nobody = Client().get("/saleor/app?saleorApiUrl=https://nobody.example/graphql/", secure=True)
    assert nobody.status_code == 404
    assert nobody["Content-Security-Policy"].endswith("frame-ancestors 'none'")


def test_keys_go_in_and_never_come_out(shop: Shop) -> None:
    page = text(shop, "keys")
    for fingerprint in (shop.account.api_key_fingerprint, shop.account.secret_key_fingerprint):
        assert fingerprint[:4] in page
    assert ">Test</span>" in page


def test_a_mistake_is_told_and_nothing_is_saved(shop: Shop) -> None:
    before = Account.objects.values().get(pk=shop.key)
    answer = shop.page("POST", "keys", {"api_key": shop.gameball.secret_key, "secret_key": shop.gameball.api_key})
    assert answer.status_code == 422
    assert "look swapped" in answer.content.decode()
    assert shop.gameball.secret_key not in answer.content.decode()
    assert Account.objects.values().get(pk=shop.key) == before


def test_where_gameball_is_staff_do_not_decide(shop: Shop) -> None:
    shop.page(
        "POST", "keys", {"api_key": "gb_test_new", "secret_key": "gb_test_new_secret", "base_url": "http://10.0.0.1"}
    )
    assert shop.account.base_url == shop.gameball.url
    assert shop.account.enabled


def test_version_and_mode(shop: Shop) -> None:
    shop.page("POST", "keys", {"api_version": "v4.1", "high_security": "on"})
    assert (shop.account.api_version, shop.account.high_security) == ("v4.1", True)


def test_the_connection_is_tested_when_asked_to(shop: Shop) -> None:
    assert "Gameball accepts the keys." in shop.page("POST", "test").content.decode()
    shop.gameball.configure(api_key="gb_test_rotated")
    told = shop.page("POST", "test").content.decode()
    assert "refuses" in told
    assert "Copy" in told


def test_a_hold_says_what_to_do(shop: Shop, send: Send) -> None:
    shop.gameball.configure(disabled=True)
    shop.saleor.register("bo@example.org")
    shop.deliveries()
    send()
    told = text(shop, "status")
    assert "Gameball is disabled for this account" in told
    assert "Enable it in the Gameball dashboard." in told
    assert "held" in text(shop, "deliveries")


def test_what_was_sent_and_why(shop: Shop, send: Send) -> None:
    for name, code in (("bo", "ANNA1"), ("cy", "NOBODYS")):
        shop.saleor.pay(
            user=shop.saleor.register(f"{name}@example.org", metadata={claims.KEY: code}), metadata={claims.KEY: code}
        )
    shop.saleor.pay(email="guest@example.org", metadata={claims.KEY: "ANNA1"})
    shop.deliveries()
    send()
    everyone = text(shop, "referrals")
    assert everyone.count("<tr>") == 4
    assert "linked" in text(shop, "referrals", receipt="linked")
    assert text(shop, "referrals", receipt="rejected").count("<tr>") == 2
    assert "None." in text(shop, "referrals", receipt="lost")
    assert text(shop, "referrals", receipt="' OR 1=1").count("<tr>") == 4
    sent = text(shop, "deliveries", state="applied")
    assert sent.count("Receipt: linked") >= 2
    assert "None." in text(shop, "deliveries", state="dead")
    assert overview.name(guest_customer_id("guest@example.org"), guest=True) in sent


def test_why_a_friend_counts_or_does_not(shops: list[Shop], send: Send) -> None:
    shop, other = shops
    users = [
        shop.saleor.register(f"{name}@example.org", metadata=metadata)
        for name, metadata in (("bo", {claims.KEY: "ANNA1"}), ("cy", {claims.KEY: "NOBODYS"}), ("di", {}))
    ]
    shop.deliveries()
    send()
    for user, verdict in zip(users, ("This friend counts.", "does not accept the code", "was not referred by anybody")):
        assert user is not None
        assert verdict in text(shop, "friend", customer=user["id"])
        # The other shop has nobody of this id.
        assert "has recorded nothing" in text(other, "friend", customer=user["id"])
    for odd in ("", "\0", "x" * 2000, "<script>"):
        assert "<script" not in text(shop, "friend", customer=odd)


def test_lists_are_paged(shop: Shop, send: Send) -> None:
    for number in range(overview.PAGE + 3):
        shop.saleor.register(f"friend{number}@example.org")
    shop.deliveries()
    first, second = text(shop, "deliveries"), text(shop, "deliveries", page="2")
    assert (first.count("<tr>"), second.count("<tr>")) == (overview.PAGE + 1, 4)
    assert "Older" in first
    assert "Newer" in second
    for odd in ("0", "-1", "x", "9" * 30, "\u0662"):
        text(shop, "deliveries", page=odd)


def test_what_failed_is_sent_again_by_its_own_shop_only(shops: list[Shop], send: Send) -> None:
    one, other = shops
    one.saleor.register("bo@example.org")
    one.deliveries()
    Delivery.objects.update(state="dead", error_kind="api")
    row = Delivery.objects.get()
    other.page("POST", f"replay/{row.pk}")
    assert Delivery.objects.get().state == "dead"
    one.page("POST", f"replay/{row.pk}")
    assert Delivery.objects.get().state == "pending"
    send()
    assert len(one.customers()) == 1


def test_the_page_speaks_a_language_that_it_was_translated_into(shop: Shop, settings: Any, tmp_path: Path) -> None:
    def shell(locale: str) -> str:
        answer = Client().get(f"{shop.saleor.page_url(shop.app)}&locale={locale}", secure=True)
        content: str = answer.content.decode()
        return content

    assert '<html lang="en"' in shell("de")
    # A shop's own translation.
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    words = {"": "Content-Type: text/plain; charset=UTF-8\n", "Connecting to the Dashboard…": "Verbinde …"}
    (folder / "django.mo").write_bytes(catalogue(words))
    settings.LOCALE_PATHS = [str(tmp_path)]
    try:
        assert '<html lang="de"' in shell("de")
        assert "Verbinde …" in shell("de")
        assert "Verbinde" not in shell("en")
    finally:
        settings.LOCALE_PATHS = []


def catalogue(words: dict[str, str]) -> bytes:
    """Make a compiled catalogue, as ``msgfmt`` does."""
    entries = sorted((key.encode(), value.encode()) for key, value in words.items())
    count, tables, strings = len(entries), b"", b""
    for side in (0, 1):
        for entry in entries:
            tables += struct.pack("<II", len(entry[side]), 28 + 16 * count + len(strings))
            strings += entry[side] + b"\0"
    return struct.pack("<7I", 0x950412DE, 0, count, 28, 28 + 8 * count, 0, 0) + tables + strings


def test_times_are_those_of_whoever_looks(shop: Shop) -> None:
    shop.gameball.configure(disabled=True)
    headers = {"Authorization-Bearer": shop.saleor.dashboard_token(shop.app), "Saleor-Api-Url": shop.saleor.api_url}
    for zone in ("Asia/Tokyo", "../../etc/passwd", "Nowhere/Else", ""):
        answer = Client().get("/saleor/app/status", headers={**headers, "Gameball-Time-Zone": zone}, secure=True)
        assert answer.status_code == 200
    for locale in ("de", "xx-yy", "\u00e9", "en-GB"):
        answer = Client().get("/saleor/app/status", headers={**headers, "Gameball-Locale": locale}, secure=True)
        assert answer.status_code == 200


@pytest.mark.parametrize(
    ("customer_id", "shown"),
    [("VXNlcjox", "User 1"), ("17", "17"), ("plain", "plain"), ("VXNlcjo8c2NyaXB0Pg==", "User <script>")],
)
def test_ids_are_shown_as_saleor_means_them(customer_id: str, shown: str) -> None:
    assert overview.name(customer_id) == shown


def test_what_comes_from_a_storefront_is_escaped(shop: Shop, send: Send) -> None:
    shop.saleor.register("bo@example.org", metadata={claims.KEY: "<script>alert(1)</script>"})
    shop.saleor.register("cy@example.org", metadata={claims.KEY: "A<b>"})
    shop.deliveries()
    for part in ("referrals", "deliveries"):
        assert "<script" not in text(shop, part)
        assert "<b>" not in text(shop, part)


class TestTwoShops:
    """Two Saleors at once, with different keys."""

    def test_customers_orders_and_pages_never_mix(self, shops: list[Shop], send: Send) -> None:
        users = {}
        for shop, name in zip(shops, ("bo", "cy")):
            # The two cores count alike: their ids are the same, and mean different people.
            users[name] = shop.saleor.register(f"{name}@example.org", metadata={claims.KEY: "ANNA1"})
            shop.saleor.pay(user=users[name], amount={"bo": 10.5, "cy": 20.25}[name])
        assert users["bo"]["id"] == users["cy"]["id"]  # type: ignore[index]
        for shop in shops:
            shop.deliveries()
        send()
        for shop, name, paid in zip(shops, ("bo", "cy"), (10.5, 20.25)):
            (customer,) = shop.customers().values()
            assert customer["email"] == f"{name}@example.org"
            (order,) = shop.orders()
            assert float(order["totalPaid"]) == paid
            assert Referral.objects.get(account_id=shop.key).receipt == "linked"
            assert text(shop, "referrals").count("<tr>") == 2
            assert text(shop, "deliveries").count("<tr>") == 3
        assert len({shop.key for shop in shops}) == 2

    def test_the_hold_of_one_is_not_the_others(self, shops: list[Shop], send: Send) -> None:
        one, other = shops
        one.gameball.configure(api_key="gb_test_rotated")
        for shop in shops:
            shop.saleor.register("bo@example.org")
            shop.deliveries()
        send()
        assert "refuses" in text(other, "status") or len(other.customers()) == 1
        assert "Held" in one.page("GET", "status").content.decode()
        assert "Held" not in text(other, "status")
        assert (len(one.customers()), len(other.customers())) == (0, 1)

    def test_each_has_its_own_limits(self, shops: list[Shop], send: Send) -> None:
        for shop, friends in zip(shops, (5, 2)):
            for number in range(friends):
                shop.saleor.register(f"friend{number}@example.org")
            shop.deliveries()
        send()
        used = {row.account_id: courier.status(row.state, timezone.now()).buckets for row in Ledger.objects.all()}
        assert [used[shop.key]["createCustomer"].used_long for shop in shops] == [5, 2]

    def test_the_removal_of_one_leaves_the_other(self, shops: list[Shop]) -> None:
        one, other = shops
        one.saleor.uninstall(one.app)
        one.deliveries()
        assert other.account.api_key_sealed
        assert other.page("GET", "status").status_code == 200
