"""From Saleor's events to Gameball: customers with claims, first orders, guests, both senses of *registered*."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from conftest import Shop
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils import timezone
from gameball_referrals import ClaimSigner
from gameball_referrals.courier import guest_customer_id
from gameball_referrals.django import capture
from gameball_referrals.django.models import Delivery, Referral
from gameball_referrals.saleor import claims
from gameball_referrals.saleor.models import Event

pytestmark = pytest.mark.django_db(transaction=True)
Send = Callable[[], int]

CLAIM = {claims.KEY: "ANNA1"}


def receipts(shop: Shop) -> dict[str, tuple[str, str]]:
    return {
        row.customer_id: (row.receipt, row.reason)
        for row in Referral.objects.filter(account_id=shop.key).order_by("pk")
    }


def accepted(shop: Shop) -> None:
    assert [each.attempts for each in shop.deliveries()]
    assert {each.state for each in shop.saleor.deliveries} == {"success"}


def test_a_friend_registers_and_orders(shop: Shop, send: Send) -> None:
    bo = shop.saleor.register("bo@example.org", metadata=CLAIM)
    assert bo is not None
    order = shop.saleor.pay(user=bo, amount=1234567.89)
    accepted(shop)
    send()

    assert receipts(shop) == {bo["id"]: ("linked", "by_registration")}
    known = shop.customers()[bo["id"]]
    assert known["isReferred"] is True
    (paid,) = shop.orders()
    assert (paid["orderId"], paid["customerId"]) == (order["id"], bo["id"])
    assert Decimal(str(paid["totalPaid"])) == Decimal("1234567.89")


def test_what_gameball_is_told(shop: Shop) -> None:
    bo = shop.saleor.register("bo@example.org", metadata={"other": "x", **CLAIM}, first_name="Bo", last_name="Berg")
    assert bo is not None
    order = shop.saleor.pay(user=bo, metadata={"private": "note"})
    accepted(shop)

    creation, paid = (json.loads(row.arguments) for row in Delivery.objects.order_by("pk"))
    assert (creation["customerId"], creation["email"]) == (bo["id"], "bo@example.org")
    assert creation["customerAttributes"]["displayName"] == "Bo Berg"
    assert paid["orderId"] == order["id"]
    assert paid["extra"] == {"number": order["number"], "channel": "default-channel", "currency": "EUR"}
    assert paid["lineItems"] == [{"productId": "MUG-30", "sku": "MUG-30", "quantity": 2}]
    assert "note" not in json.dumps(paid)


@pytest.mark.parametrize("by_hand", [False, True])
def test_only_the_first_order_is_sent(shop: Shop, send: Send, by_hand: bool) -> None:
    bo = shop.saleor.register("bo@example.org")
    first = shop.saleor.pay(user=bo, by_hand=by_hand)
    shop.saleor.pay(user=bo)
    accepted(shop)
    send()
    assert [order["orderId"] for order in shop.orders()] == [first["id"]]


def test_a_guest_is_referred_by_their_order(shop: Shop, send: Send) -> None:
    shop.saleor.pay(email="guest@example.org", metadata=CLAIM)
    accepted(shop)
    send()
    guest = guest_customer_id("guest@example.org")
    assert receipts(shop) == {guest: ("linked", "by_order")}
    assert set(shop.customers()) == {guest}


def test_a_guest_who_registers_later_counts_once(shop: Shop, send: Send) -> None:
    first = shop.saleor.pay(email="Guest@example.org", metadata=CLAIM)
    accepted(shop)
    send()
    bo = shop.saleor.register("guest@example.org", metadata=CLAIM)
    assert bo is not None
    shop.saleor.pay(user=bo, metadata=CLAIM)
    accepted(shop)
    send()

    guest = guest_customer_id("guest@example.org")
    assert receipts(shop) == {guest: ("linked", "by_order")}
    # Known under the id that stays theirs from now on, and not referred a second time.
    assert set(shop.customers()) == {guest, bo["id"]}
    assert not shop.customers()[bo["id"]]["isReferred"]
    assert [order["orderId"] for order in shop.orders()] == [first["id"]]


def test_a_code_that_comes_with_a_customers_first_order_counts(shop: Shop, send: Send) -> None:
    bo = shop.saleor.register("bo@example.org")
    assert bo is not None
    # Whose registration was lost on the way.
    shop.saleor.deliveries.clear()
    shop.saleor.pay(user=bo, metadata=CLAIM)
    accepted(shop)
    send()
    assert {receipt for receipt, _ in receipts(shop).values()} == {"linked"}


def test_an_old_customers_code_counts_for_nothing(shop: Shop, send: Send) -> None:
    bo = shop.saleor.register("bo@example.org")
    assert bo is not None
    bo["orders"]["totalCount"] = 4
    shop.saleor.deliveries.clear()
    shop.saleor.pay(user=bo, metadata=CLAIM)
    accepted(shop)
    send()
    assert receipts(shop) == {}
    assert not shop.customers()[bo["id"]]["isReferred"]


def test_an_order_from_before_the_installation_is_not_sent(shop: Shop, send: Send) -> None:
    old = (timezone.now() - timedelta(days=3)).isoformat()
    shop.saleor.pay(email="guest@example.org", created=old)
    accepted(shop)
    send()
    assert shop.orders() == []


def test_what_the_storefront_may_write(shop: Shop, settings: Any) -> None:
    settings.GAMEBALL_REFERRALS = {**settings.GAMEBALL_REFERRALS, "SALEOR_CLAIM_KEY": "the storefront's own key"}
    visited = timezone.now().replace(microsecond=0) - timedelta(days=2)
    storefront = ClaimSigner("the storefront's own key")
    forged = ClaimSigner("somebody else's own key").issue("ANNA1")

    assert claims.read("ANNA1") == capture.CurrentClaim("ANNA1", None, "metadata")
    signed = claims.read(storefront.issue("ANNA1", at=visited))
    assert signed == capture.CurrentClaim("ANNA1", visited, "metadata")
    assert claims.read(capture.signer().issue("ANNA1", at=visited)) == signed
    link = claims.read("https://shop.example/?ref=ANNA1")
    assert link is not None
    assert link.code == "ANNA1"
    for worthless in (
        forged,
        storefront.issue("ANNA1", at=timezone.now() - timedelta(days=31)),
        "",
        "a b\n",
        "x" * 999,
    ):
        assert claims.read(worthless) is None
    assert claims.value_in([{"key": claims.KEY, "value": "x" * 2000}]) == ""
    for odd in (None, {}, [None], [{"key": claims.KEY}], [{"key": claims.KEY, "value": 3}]):
        assert claims.value_in(odd) == ""


def test_a_wrong_code_loses_no_customer(shop: Shop, send: Send) -> None:
    bo = shop.saleor.register("bo@example.org", metadata={claims.KEY: "NOBODYS"})
    cy = shop.saleor.register("cy@example.org", metadata={claims.KEY: "\u0000 bad\n"})
    assert bo is not None
    assert cy is not None
    accepted(shop)
    send()
    assert receipts(shop)[bo["id"]][0] == "rejected"
    assert set(shop.customers()) == {bo["id"], cy["id"]}


class TestConfirmed:
    """``SALEOR_REGISTER_ON = "confirmed"``."""

    @pytest.fixture(autouse=True)
    def _confirmed(self, settings: Any, shops: list[Shop]) -> None:
        settings.GAMEBALL_REFERRALS = {**settings.GAMEBALL_REFERRALS, "SALEOR_REGISTER_ON": "confirmed"}

    def test_nobody_is_told_of_before(self, shop: Shop, send: Send) -> None:
        bo = shop.saleor.register("bo@example.org", metadata=CLAIM)
        assert bo is not None
        accepted(shop)
        send()
        assert shop.customers() == {}
        # Two days later: what counts is the confirmation.
        shop.saleor.confirm(bo)
        accepted(shop)
        send()
        assert receipts(shop) == {bo["id"]: ("linked", "by_registration")}

    def test_whoever_needs_no_confirmation_is_told_of_at_once(self, shop: Shop, send: Send) -> None:
        bo = shop.saleor.register("bo@example.org", metadata=CLAIM, confirmed=True)
        assert bo is not None
        accepted(shop)
        send()
        assert receipts(shop) == {bo["id"]: ("linked", "by_registration")}

    def test_whoever_pays_before_keeps_their_claim(self, shop: Shop, send: Send) -> None:
        bo = shop.saleor.register("bo@example.org", metadata=CLAIM)
        assert bo is not None
        shop.saleor.pay(user=bo)
        accepted(shop)
        send()
        assert {receipt for receipt, _ in receipts(shop).values()} == {"linked"}
        assert len(shop.orders()) == 1


def test_a_confirmation_makes_up_for_a_registration_that_got_lost(shop: Shop, send: Send) -> None:
    bo = shop.saleor.register("bo@example.org", metadata=CLAIM)
    assert bo is not None
    shop.saleor.deliveries.clear()
    shop.saleor.confirm(bo)
    accepted(shop)
    send()
    assert receipts(shop) == {bo["id"]: ("linked", "by_registration")}


def test_every_event_counts_once(shop: Shop, send: Send) -> None:
    bo = shop.saleor.register("bo@example.org", metadata=CLAIM)
    shop.saleor.pay(user=bo)
    accepted(shop)
    before = list(Delivery.objects.order_by("pk").values())
    for delivery in shop.saleor.deliveries:
        again = shop.saleor.send(delivery)
        assert again.status == 200
        assert "Nothing new" in again.body.decode()
    assert list(Delivery.objects.order_by("pk").values()) == before
    send()
    assert len(shop.orders()) == len(shop.customers()) == 1


def test_one_event_many_times_at_once(shop: Shop, send: Send) -> None:
    shop.saleor.register("bo@example.org", metadata=CLAIM)
    (delivery,) = shop.saleor.deliveries

    def once(_: int) -> int:
        try:
            return shop.saleor.send(delivery).status
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(once, range(12))) == {200}
    assert (Delivery.objects.count(), Event.objects.count(), Referral.objects.count()) == (1, 1, 1)
    send()
    assert len(shop.customers()) == 1


def test_erasing_names_the_shop_where_two_count_alike(shops: list[Shop], send: Send) -> None:
    for shop in shops:
        shop.saleor.register("bo@example.org")
        shop.saleor.pay(email="guest@example.org")
        shop.deliveries()
    send()
    (bo,) = (each for each in shops[0].customers() if each.startswith("V"))
    with pytest.raises(CommandError, match="--account"):
        call_command("gameball_erase", bo, interactive=False)
    call_command("gameball_erase", bo, account=shops[0].key, interactive=False)
    call_command("gameball_erase", "guest@example.org", interactive=False)
    send()
    assert shops[0].customers() == {}
    assert set(shops[1].customers()) == {bo}


def test_an_order_that_cannot_be_sent_is_kept_for_the_operator(shop: Shop) -> None:
    shop.saleor.pay(email="guest@example.org", total={"gross": {"amount": None, "currency": "EUR"}}, totalCharged=None)
    shop.saleor.pay(email="")
    assert [each.attempts for each in shop.deliveries()] == [[422], [422]]
    assert list(Delivery.objects.values_list("state", "error_kind")) == [("dead", "invalid_argument")] * 2
    page = shop.page("GET", "deliveries").content.decode()
    assert "guest@example.org" not in page
