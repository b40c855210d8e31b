"""What an operator may do to deliveries, and what the sender makes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from engine.support import SetClock, delivery, order, receipts, register
from gameball_referrals.django import operations, signals
from gameball_referrals.django.models import Delivery, Tally
from gameball_referrals.testing import Emulator

Deliver = Callable[[], int]


def test_what_waits_for_another_try_is_tried_at_once(shop: Emulator, deliver: Deliver) -> None:
    shop.inject("status", status=500, operation="createCustomer")
    register("bo")
    deliver()
    assert deliver() == 0
    assert operations.retry_now([delivery("bo").pk]) == 1
    deliver()
    assert receipts()["bo"] == ("linked", "by_registration")


def test_only_what_failed_is_replayed(shop: Emulator, deliver: Deliver) -> None:
    shop.inject("status", status=422, code=3003, customer_id="bo")
    register("bo")
    register("cy")
    deliver()
    register("di")
    every = list(Delivery.objects.values_list("pk", flat=True))
    assert operations.replay(every) == 1
    row = delivery("bo")
    assert (row.state, row.attempts, row.settled_at) == ("pending", 0, None)
    assert operations.replay(every) == 0
    deliver()
    assert delivery("bo").state == "applied"


def test_what_is_given_up_is_not_sent_and_its_referral_is_told(shop: Emulator, deliver: Deliver) -> None:
    heard: list[tuple[str, str]] = []

    def on_delivery(delivery: Delivery, **_: Any) -> None:
        heard.append((delivery.operation, delivery.state))

    register("bo")
    order("bo", "1")
    signals.delivery_settled.connect(on_delivery)
    try:
        assert operations.cancel([delivery("bo").pk]) == 1
        assert operations.cancel([delivery("bo").pk]) == 0
    finally:
        signals.delivery_settled.disconnect(on_delivery)
    assert heard == [("createCustomer", "cancelled")]
    row = delivery("bo")
    assert (row.state, row.arguments) == ("cancelled", "")
    assert receipts() == {"bo": ("lost", "cancelled")}
    assert dict(Tally.objects.values_list("what", "count")) == {"registered": 1, "lost": 1}
    deliver()
    assert [one["operation"] for one in shop.requests()][:1] == ["trackOrder"], "the customer's order goes on"
    assert receipts() == {"bo": ("linked", "by_order")}, "and links what can be linked"
    assert dict(Tally.objects.filter(count__gt=0).values_list("what", "count")) == {
        "registered": 1,
        "linked": 1,
        "applied": 1,
    }


@pytest.mark.parametrize("operation", [operations.retry_now, operations.replay, operations.cancel])
@pytest.mark.parametrize("state", ["in_flight", "applied"])
def test_nothing_is_done_to_what_is_being_sent_or_done(
    operation: Callable[[list[int]], int], state: str, clock: SetClock
) -> None:
    register("bo")
    Delivery.objects.update(state=state, lease_token="x", lease_until=clock(), settled_at=clock())
    before = Delivery.objects.values().get()
    assert operation([before["id"]]) == 0
    assert Delivery.objects.values().get() == before


@pytest.mark.databases("postgres")
def test_a_worker_hears_of_it() -> None:
    register("bo")
    with connection.cursor() as cursor:
        cursor.execute("LISTEN gameball_deliveries")
        operations.retry_now([delivery("bo").pk])
        cursor.execute("SELECT 1")
        raw: Any = connection.connection
        assert len(list(raw.notifies(timeout=0, stop_after=5))) == 1
