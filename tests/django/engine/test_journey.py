"""From the shop's commit to the receipt, against a local Gameball."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from django.db import transaction
from engine.support import SetClock, delivery, order, receipts, register
from gameball_referrals.django import outbox, settling, signals
from gameball_referrals.django.models import Account, Delivery, Profile, Referral, Tally
from gameball_referrals.testing import Emulator

Deliver = Callable[[], int]


def tallies() -> dict[str, int]:
    return dict(Tally.objects.filter(count__gt=0).values_list("what", "count"))


def test_a_referred_sign_up_is_linked_and_has_its_receipt(shop: Emulator, deliver: Deliver, clock: SetClock) -> None:
    register("bo", email="bo@example.com")
    clock.advance(60)
    assert deliver() == 2
    assert [(one["friend"], one["referrer"]) for one in shop.state()["referrals"]] == [("bo", "anna")]
    referral = Referral.objects.get()
    assert (referral.receipt, referral.reason) == ("linked", "by_registration")
    row = delivery("bo")
    assert row.state == "applied"
    assert row.settled_at == referral.settled_at
    assert row.acknowledged_at == referral.acknowledged_at
    assert referral.acknowledged_at is not None
    assert row.settled_at is not None
    assert timedelta(seconds=59) < referral.acknowledged_at - referral.registered_at < timedelta(seconds=70)
    assert row.settled_at >= referral.acknowledged_at
    assert row.arguments == "", "what it carried is dropped"
    assert [(call["operation"], call["status"], call["outcome"]) for call in row.history] == [
        ("createCustomer", 200, "continue"),
        ("getCustomer", 200, "applied"),
    ]
    profile = Profile.objects.get()
    assert profile.referral_code in profile.referral_link
    assert profile.is_referred is True
    assert tallies() == {"applied": 1, "registered": 1, "linked": 1}


def test_an_order_waits_for_its_customer(shop: Emulator, deliver: Deliver, clock: SetClock) -> None:
    shop.inject("status", status=500, operation="createCustomer")
    register("bo")
    order("bo", "1001")
    order("cy", "1002")
    assert deliver() == 2, "the failed creation, and the order of another customer"
    assert [one["orderId"] for one in shop.state()["orders"]] == ["1002"]
    assert delivery("bo", "trackOrder").state == "pending"
    clock.advance(2)
    deliver()
    assert [one["operation"] for one in shop.requests() if "bo" in one["body"] and one["status"] == 200] == [
        "createCustomer",
        "trackOrder",
    ]
    assert receipts() == {"bo": ("linked", "by_registration")}


def test_a_guest_is_referred_by_the_first_order(shop: Emulator, deliver: Deliver) -> None:
    now = datetime.now(timezone.utc)
    guest = Referral(customer_id="g1", referrer_code="ANNA1", deadline_at=now + timedelta(minutes=5), guest=True)
    arguments = {"customer_id": "g1", "order_id": "1", "order_date": now, "total_paid": "5", "guest": True}
    outbox.put("trackOrder", {**arguments, "email": "g@example.com"}, referral=guest)
    deliver()
    assert receipts() == {"g1": ("linked", "by_order")}


def test_what_gameball_refuses_is_said_in_the_receipt(shop: Emulator, deliver: Deliver) -> None:
    shop.add_customer("di", referral_code="DI1")
    register("bo", "NOBODYS")
    register("di", "ANNA1")
    deliver()
    assert receipts() == {"bo": ("rejected", "code_not_valid"), "di": ("lost", "not_linked")}
    assert tallies() == {"applied": 2, "registered": 2, "rejected": 1, "lost": 1}


def test_a_registration_that_is_late_still_goes_out_and_is_counted(
    shop: Emulator, deliver: Deliver, clock: SetClock
) -> None:
    shop.configure(registration_time="joinDate")
    long_ago = datetime.now(timezone.utc) - timedelta(minutes=7)
    register("bo", registered_at=long_ago, attributes={"join_date": long_ago.date()})
    register("cy", None)
    deliver()
    assert {one["customerId"] for one in shop.state()["customers"]} == {"anna", "bo", "cy"}
    assert receipts() == {"bo": ("lost", "late")}
    assert (Referral.objects.get().late_by or timedelta()) > timedelta(minutes=1)
    assert tallies() == {"applied": 2, "registered": 1, "late": 1, "lost": 1}


def test_receipts_change_for_the_better_only(deliver: Deliver, shop: Emulator) -> None:
    register("bo", "NOBODYS")
    deliver()
    assert receipts() == {"bo": ("rejected", "code_not_valid")}
    Referral.objects.update(receipt="unverified", reason="read_back_failed")
    Tally.objects.filter(what="rejected").update(what="unverified")
    Referral.objects.update(referrer_code="ANNA1")
    order("bo", "1")
    deliver()
    assert receipts() == {"bo": ("linked", "by_order")}
    assert tallies() == {"applied": 2, "registered": 1, "linked": 1}, "the worse receipt isn't counted any more"
    assert settling.BETTER.index("linked") == len(settling.BETTER) - 1


def test_a_profile_refresh_leaves_a_profile_and_nothing_else(shop: Emulator, deliver: Deliver) -> None:
    outbox.put("getCustomer", {"customer_id": "anna"})
    outbox.put("getCustomer", {"customer_id": "nobody"})
    deliver()
    assert Delivery.objects.count() == 0
    assert Profile.objects.get(customer_id="anna").referral_code == "ANNA1"
    unknown = Profile.objects.get(customer_id="nobody")
    assert (unknown.referral_code, unknown.fetched_at is not None) == ("", True), "and it isn't asked for again at once"


def test_signals_are_sent_after_the_commit_and_their_failures_logged(
    deliver: Deliver, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[tuple[str, Any]] = []

    def on_delivery(delivery: Delivery, **_: Any) -> None:
        assert not transaction.get_connection().in_atomic_block
        heard.append(("delivery", (delivery.customer_id, delivery.state, Delivery.objects.get(pk=delivery.pk).state)))
        raise ValueError("a receiver's own fault")

    def on_referral(referral: Referral, **_: Any) -> None:
        heard.append(("referral", (referral.customer_id, referral.receipt)))

    signals.delivery_settled.connect(on_delivery)
    signals.referral_settled.connect(on_referral)
    try:
        register("bo")
        deliver()
    finally:
        signals.delivery_settled.disconnect(on_delivery)
        signals.referral_settled.disconnect(on_referral)
    assert heard == [("delivery", ("bo", "applied", "applied")), ("referral", ("bo", "linked"))]
    assert "a receiver's own fault" in caplog.text


def test_each_account_has_its_own_keys_and_deliveries(
    shop: Emulator, deliver: Deliver, caplog: pytest.LogCaptureFixture
) -> None:
    from gameball_referrals.django import accounts

    with Emulator(api_key="gb_test_second", limits=False, processing_ms=0) as second:
        account = Account(key="second", base_url=second.url)
        accounts.set_keys(account, api_key="gb_test_second", secret_key=second.secret_key)
        account.save()
        Account.objects.create(key="without-keys")
        Account.objects.create(key="off", enabled=False)
        for key in ("second", "without-keys", "off"):
            outbox.put("createCustomer", {"customer_id": f"of-{key}"}, account=key)
        register("bo")
        with caplog.at_level(logging.WARNING):
            deliver()
        assert [one["customerId"] for one in second.state()["customers"]] == ["of-second"]
    assert [one["customerId"] for one in shop.state()["customers"]] == ["anna", "bo"]
    assert dict(Delivery.objects.values_list("account_id", "state")) == {
        "default": "applied",
        "second": "applied",
        "without-keys": "pending",
        "off": "pending",
    }
