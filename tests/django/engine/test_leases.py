"""Many senders at once, some of which die or come back: no row twice, no customer twice at a time, no stale verdict."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from engine.support import SetClock, delivery, order, receipts, register
from gameball_referrals import courier as couriers
from gameball_referrals.django import claiming, conf, operations, settling
from gameball_referrals.django.database import database_clock
from gameball_referrals.django.models import Delivery
from gameball_referrals.django.sender import Sender
from gameball_referrals.testing import Emulator

Deliver = Callable[[], int]


@pytest.fixture
def courier(shop: Emulator) -> couriers.Courier:
    return couriers.Courier(shop.api_key, shop.secret_key, base_url=shop.url)


def claim(courier: couriers.Courier, clock: Any, room: int = 32) -> claiming.Claim:
    return claiming.claim("default", courier, claiming.Wanted("default", room), clock)


def settle(claimed: claiming.Claim, courier: couriers.Courier, clock: Any) -> settling.Settled:
    verdicts = courier.deliver(claimed.deliveries)
    return settling.settle("default", "default", zip(claimed.rows, verdicts), clock)


def test_a_sender_that_comes_back_from_the_dead_changes_nothing(
    shop: Emulator, courier: couriers.Courier, clock: SetClock
) -> None:
    register("bo", "NOBODYS")
    stale = claim(courier, clock)
    assert [row.customer_id for row in stale.rows] == ["bo"]
    verdict = courier.deliver(stale.deliveries)[0]
    clock.advance(conf.get().LEASE + 1)
    assert claiming.take_over("default", "default", clock) == 1
    fresh = claim(courier, clock)
    assert [row.customer_id for row in fresh.rows] == ["bo"]
    before = Delivery.objects.values().get()
    settled = settling.settle("default", "default", [(stale.rows[0], verdict)], clock)
    assert (settled.deliveries, settled.referrals) == ([], [])
    assert Delivery.objects.values().get() == before
    settle(fresh, courier, clock)
    assert delivery("bo").bucket == "getCustomer", "who has the lease goes on"


def test_a_lease_is_respected_until_it_is_over(shop: Emulator, courier: couriers.Courier, clock: SetClock) -> None:
    register("bo")
    claim(courier, clock)
    clock.advance(conf.get().LEASE - 1)
    assert claiming.take_over("default", "default", clock) == 0
    assert claim(courier, clock).rows == []


def test_what_a_dead_sender_had_in_hand_is_sent_by_another(
    shop: Emulator, courier: couriers.Courier, deliver: Deliver, clock: SetClock
) -> None:
    register("bo")
    order("bo", "1")
    claimed = claim(courier, clock)
    courier.deliver(claimed.deliveries)
    assert deliver() == 0, "the dead sender's lease keeps the whole lane"
    clock.advance(conf.get().LEASE + 1)
    assert deliver() == 3
    assert receipts() == {"bo": ("linked", "by_registration")}
    assert shop.state()["counters"]["customers"] == 2
    assert [one["orderId"] for one in shop.state()["orders"]] == ["1"]


def test_a_lease_outlives_every_call(configure: Callable[..., None]) -> None:
    configure(TIMEOUT=30.0, LEASE=60.0)
    with pytest.raises(ImproperlyConfigured, match=r"LEASE.*twice TIMEOUT"):
        conf.get()
    configure(TIMEOUT=27.0)
    assert conf.get().LEASE == 60.0


def test_nothing_of_a_customer_is_claimed_while_something_is_in_flight(
    courier: couriers.Courier, clock: SetClock
) -> None:
    register("bo", None)
    order("bo", "1")
    first = claim(courier, clock)
    assert [row.operation for row in first.rows] == ["createCustomer"]
    assert claim(courier, clock).rows == []
    # Replaying something older must not overtake what is in flight.
    settle(first, courier, clock)
    second = claim(courier, clock)
    assert [row.operation for row in second.rows] == ["trackOrder"]
    Delivery.objects.filter(operation="createCustomer").update(state="dead", arguments='{"customerId":"bo"}')
    assert operations.replay([first.rows[0].pk]) == 1
    assert claim(courier, clock).rows == []
    settle(second, courier, clock)
    assert [row.operation for row in claim(courier, clock).rows] == ["createCustomer"]


def test_who_is_outrun_between_reading_and_leasing_takes_nothing_of_it(
    courier: couriers.Courier, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another sender claims a customer's registration, and settles it, just when we have read that it is the next."""
    register("bo", None)
    order("bo", "1")
    others: list[claiming.Claim] = []
    heads = claiming.heads

    def outrun(*arguments: Any) -> Any:
        found = heads(*arguments)
        if not others:
            others.append(claiming.Claim())
            others[0] = claim(courier, clock)
        return found

    monkeypatch.setattr(claiming, "heads", outrun)
    assert claim(courier, clock).rows == []
    assert [row.customer_id for row in others[0].rows] == ["bo"]
    assert Delivery.objects.filter(state="in_flight").count() == 1


@pytest.mark.parametrize("senders", [2, 4])
def test_senders_at_once_never_send_anything_twice(shop: Emulator, senders: int) -> None:
    customers = 20
    for nth in range(customers):
        register(f"c{nth}")
        order(f"c{nth}", f"o{nth}")
    failures: list[BaseException] = []
    barrier = threading.Barrier(senders)

    def run() -> None:
        try:
            barrier.wait()
            Sender().drain()
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(senders)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    # Whoever finds nothing due leaves; what was in another's hands then is due now.
    Sender().drain()
    counters = shop.state()["counters"]
    assert counters["calls"] == {"createCustomer": customers, "getCustomer": customers, "trackOrder": customers}
    assert counters["refusedInFlight"] == 0
    assert counters["statuses"] == {"200": 3 * customers}
    assert set(receipts().values()) == {("linked", "by_registration")}


@pytest.mark.databases("postgres", "mysql")
def test_a_row_in_somebodys_long_transaction_holds_up_no_other(shop: Emulator, courier: couriers.Courier) -> None:
    register("bo", None)
    register("cy", None)
    locked, done = threading.Event(), threading.Event()

    def look_closely() -> None:
        with transaction.atomic():
            Delivery.objects.select_for_update().get(customer_id="bo")
            locked.set()
            done.wait(20)
        connection.close()

    other = threading.Thread(target=look_closely)
    other.start()
    try:
        assert locked.wait(20)
        claimed = claim(courier, database_clock)
        assert [row.customer_id for row in claimed.rows] == ["cy"]
        assert claimed.look_again_at is not None, "and bo's is looked at again soon"
    finally:
        done.set()
        other.join()
    assert [row.customer_id for row in claim(courier, database_clock).rows] == ["bo"]


def test_keys_are_used_again_only_after_the_slot_is_stored(courier: couriers.Courier, clock: SetClock) -> None:
    """Slots belong to one claim: two claims never hand out the same."""
    for nth in range(40):
        register(f"c{nth}", None)
    taken = [len(claim(courier, clock, 25).rows), len(claim(courier, clock, 25).rows)]
    assert taken == [25, 5], "30 a second, whoever asks"
    clock.advance(2)
    assert len(claim(courier, clock, 25).rows) == 10


def test_a_slot_that_was_not_used_in_time_is_not_used(
    shop: Emulator, courier: couriers.Courier, clock: SetClock
) -> None:
    from dataclasses import replace

    register("bo")
    claimed = claim(courier, clock)
    slot = claimed.deliveries[0].slot
    assert slot is not None
    late = replace(claimed.deliveries[0], slot=replace(slot, expires_at=slot.expires_at - 10))
    verdicts = courier.deliver([late])
    settling.settle("default", "default", zip(claimed.rows, verdicts), clock)
    row = delivery("bo")
    assert (row.state, row.attempts, row.history) == ("pending", 0, [])
    assert shop.requests() == []
