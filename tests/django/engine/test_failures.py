"""Gameball fails, asks to wait, refuses the account, or is away: what is tried again, when, and at what price."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from engine.support import SetClock, delivery, order, receipts, register
from gameball_referrals import courier
from gameball_referrals.django import operations, signals
from gameball_referrals.django.models import Account, Delivery, Ledger
from gameball_referrals.django.sender import Sender
from gameball_referrals.testing import Emulator

Deliver = Callable[[], int]


def ledger(clock: SetClock) -> courier.LedgerStatus:
    return courier.status(Ledger.objects.get().state, clock())


def test_a_failure_is_tried_again_later_and_later(shop: Emulator, deliver: Deliver, clock: SetClock) -> None:
    shop.inject("status", status=500, times=None, operation="createCustomer")
    register("bo")
    waits = []
    for attempts in range(1, 5):
        assert deliver() == 1
        row = delivery("bo")
        assert (row.state, row.attempts, row.status, row.error_kind) == ("pending", attempts, 500, "server")
        waits.append((row.due_at - clock()).total_seconds())
        assert deliver() == 0, "not before it is due"
        clock.advance(waits[-1] + 0.1)
    for nth, wait in enumerate(waits):
        assert 0.4 * 2**nth < wait <= 2**nth, f"1, 2, 4, 8 s, by chance down to half of that: {waits}"
    shop.clear_faults()
    clock.advance(20)
    assert deliver() == 2
    assert receipts() == {"bo": ("linked", "by_registration")}
    assert delivery("bo").error_kind == "", "what it ended with is no error"
    assert len(delivery("bo").history) == 6


def test_who_fails_too_often_is_laid_aside_and_holds_up_nobody(
    shop: Emulator, deliver: Deliver, clock: SetClock, configure: Callable[..., None]
) -> None:
    configure(MAX_ATTEMPTS=3)
    shop.inject("status", status=500, times=None, customer_id="bo")
    register("bo")
    register("cy")
    for _ in range(3):
        deliver()
        clock.advance(40)
    row = delivery("bo")
    assert (row.state, row.attempts) == ("dead", 3)
    assert row.arguments, "kept, to be sent again"
    assert row.settled_at is not None
    assert receipts() == {"bo": ("unverified", "attempts_exhausted"), "cy": ("linked", "by_registration")}
    assert deliver() == 0
    # Somebody looks into it, and has it sent again.
    shop.clear_faults()
    assert operations.replay([row.pk]) == 1
    deliver()
    assert (delivery("bo").state, delivery("bo").attempts) == ("applied", 0)
    assert receipts()["bo"] == ("linked", "by_registration")


def test_what_gameball_refuses_for_good_is_not_repeated(shop: Emulator, deliver: Deliver) -> None:
    shop.inject("status", status=422, code=3003, operation="trackOrder")
    order("bo", "1")
    assert deliver() == 1
    row = delivery("bo", "trackOrder")
    assert (row.state, row.status, row.gameball_code) == ("dead", 422, 3003)
    assert row.request_id
    assert row.error_message


def test_429_pauses_one_kind_of_call_and_costs_nothing(shop: Emulator, deliver: Deliver, clock: SetClock) -> None:
    shop.inject("status", status=429, retry_after=7, operation="createCustomer")
    register("bo", None)
    order("cy", "1")
    deliver()
    row = delivery("bo")
    assert (row.state, row.attempts, row.status) == ("pending", 0, 429)
    assert delivery("cy", "trackOrder").state == "applied", "orders go on"
    register("di", None)
    clock.advance(5)
    assert deliver() == 0, "nobody's registration goes out while Gameball wants none"
    clock.advance(3)
    assert deliver() == 2
    assert set(Delivery.objects.values_list("state", flat=True)) == {"applied"}


def test_a_vendor_who_is_down_is_asked_by_one_probe_at_a_time(
    shop: Emulator, deliver: Deliver, clock: SetClock
) -> None:
    for nth in range(10):
        register(f"c{nth}", None)
    shop.inject("resetBefore", times=None)
    deliver()
    seen = len(shop.requests())
    assert ledger(clock).breaker.state == "open"
    for _ in range(3):
        clock.advance(31)
        assert deliver() == 1, "one probe"
    assert len(shop.requests()) <= seen + 3
    assert max(Delivery.objects.values_list("attempts", flat=True)) <= 1, "an outage costs no attempts"
    shop.clear_faults()
    clock.advance(31)
    deliver()
    clock.advance(900)
    deliver()
    assert ledger(clock).breaker.state == "closed"
    assert set(Delivery.objects.values_list("state", flat=True)) == {"applied"}


def test_wrong_keys_hold_the_account_and_new_ones_resume_it_at_once(
    shop: Emulator, clock: SetClock, configure: Callable[..., None]
) -> None:
    held: list[Any] = []

    def on_hold(account: Account, hold: courier.Hold, **_: Any) -> None:
        held.append((account.pk, hold.bucket, hold.kind))

    configure(API_KEY="gb_test_no_longer_valid")
    register("bo")
    register("cy")
    signals.account_held.connect(on_hold)
    try:
        sender = Sender(clock=clock)
        sender.drain()
        assert 1 <= len(shop.requests()) <= 2, "those that were under way at once"
        clock.advance(30)
        assert Sender(clock=clock).drain() == 0, "nothing more is tried"
    finally:
        signals.account_held.disconnect(on_hold)
    assert held == [("default", "createCustomer", "authentication")], "said once"
    rows = list(Delivery.objects.all())
    assert {(row.state, row.attempts) for row in rows} == {("pending", 0)}, "nothing is burnt"
    assert {row.customer_id for row in rows if row.status == 401}
    configure(API_KEY=shop.api_key)
    assert Sender(clock=clock).drain() == 4
    assert set(receipts().values()) == {("linked", "by_registration")}
    assert ledger(clock).holds == []


def test_an_account_switched_off_at_gameball_is_probed_now_and_then(
    shop: Emulator, deliver: Deliver, clock: SetClock
) -> None:
    shop.configure(disabled=True)
    register("bo")
    assert deliver() == 1
    assert deliver() == 0
    clock.advance(61)
    assert deliver() == 1, "a probe"
    shop.configure(disabled=False)
    clock.advance(121)
    assert deliver() == 2
    assert receipts() == {"bo": ("linked", "by_registration")}


def test_an_account_without_one_right_still_does_the_rest(shop: Emulator, deliver: Deliver) -> None:
    shop.inject("status", status=403, code=8000, operation="trackOrder", times=None)
    for nth in range(3):
        order(f"o{nth}", f"{nth}")
    register("bo")
    deliver()
    assert receipts() == {"bo": ("linked", "by_registration")}
    assert Delivery.objects.filter(state="pending", operation="trackOrder").count() == 3


def test_what_was_perhaps_applied_is_sent_again_to_the_same_effect(
    shop: Emulator, deliver: Deliver, clock: SetClock
) -> None:
    shop.inject("resetBefore", after_apply=True, operation="createCustomer")
    shop.inject("resetBefore", after_apply=True, operation="trackOrder")
    register("bo")
    order("bo", "1")
    for _ in range(4):
        deliver()
        clock.advance(2)
    assert receipts() == {"bo": ("linked", "by_registration")}
    state = shop.state()
    assert len(state["customers"]) == 2
    assert [one["orderId"] for one in state["orders"]] == ["1"]
    assert set(Delivery.objects.values_list("state", flat=True)) == {"applied"}


def test_keys_that_do_not_open_are_said_once_and_nothing_is_lost(
    shop: Emulator, deliver: Deliver, caplog: Any, settings: Any
) -> None:
    from gameball_referrals.django import accounts

    account, _ = Account.objects.get_or_create(pk="default")
    accounts.set_keys(account, api_key=shop.api_key, secret_key=shop.secret_key)
    account.save()
    with_the_right_secret = settings.SECRET_KEY
    settings.SECRET_KEY = "another one, of which nobody said anything"
    register("bo")
    sender = Sender()
    sender._work()
    sender._poll_at = 0.0
    sender._work()
    assert caplog.text.count("Deliveries of the account 'default' wait") == 1
    assert "restore the secret" in caplog.text
    settings.SECRET_KEY = with_the_right_secret
    deliver()
    assert receipts() == {"bo": ("linked", "by_registration")}


def test_waits_are_measured_by_the_databases_clock(shop: Emulator, deliver: Deliver, clock: SetClock) -> None:
    shop.inject("status", status=500)
    register("bo", None)
    clock.advance(3600)
    deliver()
    assert delivery("bo").due_at - clock() > timedelta(0), "an hour ahead of this machine"
