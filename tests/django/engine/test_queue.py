"""Who goes first, who waits for whom, and what finding out costs when a million deliveries are settled."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from django.db import connection
from engine.support import SetClock, explained, order, receipts, register
from gameball_referrals import courier as couriers
from gameball_referrals.django import claiming, outbox
from gameball_referrals.django.models import Delivery
from gameball_referrals.django.sender import Sender
from gameball_referrals.testing import Emulator

NOW = datetime.now(timezone.utc)


@pytest.fixture
def courier(shop: Emulator) -> couriers.Courier:
    return couriers.Courier(shop.api_key, shop.secret_key, base_url=shop.url)


def claimed(courier: couriers.Courier, clock: SetClock, room: int = 32) -> list[str]:
    found = claiming.claim("default", courier, claiming.Wanted("default", room), clock)
    return [f"{row.operation} {row.customer_id}" for row in found.rows]


def many(customers: Iterable[str], **columns: Any) -> None:
    values = {"operation": "createCustomer", "bucket": "createCustomer", "priority": 2, "deadline_at": NOW, **columns}
    Delivery.objects.bulk_create(
        Delivery(customer_id=customer, dedupe_key=f"{values['operation']}:{customer}", due_at=NOW, **values)
        for customer in customers
    )


def test_the_most_urgent_goes_first(courier: couriers.Courier, clock: SetClock) -> None:
    now = clock()
    outbox.put("deleteCustomer", {"customer_id": "gone"})
    order("guest", "1")
    register("nobody-referred", None)
    register("late", registered_at=now - timedelta(minutes=10))
    register("in-time", registered_at=now)
    register("nearly-late", registered_at=now - timedelta(minutes=4))
    assert claimed(courier, clock) == [
        "createCustomer nearly-late",
        "createCustomer in-time",
        "createCustomer late",
        "createCustomer nobody-referred",
        "trackOrder guest",
        "deleteCustomer gone",
    ]


def test_referrals_that_can_be_linked_do_not_wait_behind_those_that_are_late(
    courier: couriers.Courier, clock: SetClock
) -> None:
    many((f"late{nth}" for nth in range(300)), priority=0, deadline_at=NOW - timedelta(hours=1), arguments="{}")
    register("in-time")
    assert claimed(courier, clock, room=1) == ["createCustomer in-time"]


def test_a_kind_of_call_that_is_held_hides_no_other(shop: Emulator, clock: SetClock) -> None:
    """An account that may not check codes: what waits for that piles up, and the read-backs behind it go on."""
    shop.inject("status", status=403, code=8000, operation="validateReferrerCode", times=None)
    checks = json.dumps({"phase": "check"})
    many(
        (f"held{nth}" for nth in range(300)),
        priority=0,
        deadline_at=NOW - timedelta(hours=1),
        bucket="other",
        progress=checks,
        arguments=json.dumps({"customerId": "x", "referrerCode": "ANNA1"}),
    )
    register("bo")
    Sender(clock=clock).drain()
    assert receipts()["bo"] == ("linked", "by_registration")
    assert Delivery.objects.filter(state="pending").count() == 300


def test_an_order_behind_very_many_that_wait_goes_when_its_customer_is_there(
    shop: Emulator, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claiming, "SHALLOW", 4)
    far = NOW + timedelta(days=1)
    many((f"c{nth}" for nth in range(20)), arguments="{}")
    Delivery.objects.update(due_at=far)
    many((f"c{nth}" for nth in range(20)), operation="trackOrder", bucket="trackOrder", priority=3, arguments="{}")
    register("bo")
    order("bo", "1")
    order("cy", "2")
    sender = Sender(clock=clock)
    sender.drain()
    assert sorted(one["orderId"] for one in shop.state()["orders"]) == ["1", "2"]


def test_what_is_not_due_is_not_sent_and_is_waited_for_exactly(courier: couriers.Courier, clock: SetClock) -> None:
    register("bo", None)
    due_at = clock() + timedelta(seconds=30)
    Delivery.objects.update(due_at=due_at)
    assert claimed(courier, clock) == []
    assert claiming.next_due("default", "default") == Delivery.objects.get().due_at
    sender = Sender(clock=clock)
    assert 0 < sender._work() <= 30
    clock.advance(30)
    assert claimed(courier, clock) == ["createCustomer bo"]


@pytest.mark.parametrize("senders", [2])
def test_the_limits_hold_for_all_senders_together(shop: Emulator, configure: Callable[..., None], senders: int) -> None:
    shop.configure(limits=True, limit_windows_divisor=5)
    configure(LIMIT_WINDOWS_DIVISOR=5)
    many(f"c{nth}" for nth in range(100))
    for row in Delivery.objects.all():
        Delivery.objects.filter(pk=row.pk).update(arguments=json.dumps({"customerId": row.customer_id}))
    failures: list[BaseException] = []

    def run() -> None:
        try:
            Sender().drain()
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(senders)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    Sender().drain()
    assert failures == []
    assert shop.state()["counters"]["statuses"] == {"200": 100}, "each once, and no 429"


def settled(first: int, last: int) -> None:
    """Have very many deliveries settled, without the price of the ORM."""
    quote = connection.ops.quote_name
    columns = {
        "account_id": "'default'",
        "customer_id": "'old' || n",
        "operation": "'createCustomer'",
        "order_id": "''",
        "dedupe_key": "'c:old' || n",
        "arguments": "''",
        "dropped": "'[]'",
        "priority": "0",
        "bucket": "'getCustomer'",
        "deadline_at": "now() - interval '1 day'",
        "due_at": "now() - interval '1 day'",
        "state": "'applied'",
        "attempts": "0",
        "progress": "''",
        "lease_token": "md5(n::text)",
        "created_at": "now() - interval '1 day'",
        "settled_at": "now() - interval '1 day'",
        "error_kind": "''",
        "error_message": "''",
        "request_id": "''",
        "history": "'[]'",
    }
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quote(Delivery._meta.db_table)} ({', '.join(columns)}) "
            f"SELECT {', '.join(columns.values())} FROM generate_series({first}, {last}) n"
        )


def pages(statement: str, parameters: list[Any]) -> int:
    """Return how many pages PostgreSQL looks at for a statement."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", parameters)
        ((plan,),) = cursor.fetchall()
    (found,) = json.loads(plan) if isinstance(plan, str) else plan
    return int(found["Plan"]["Shared Hit Blocks"] + found["Plan"]["Shared Read Blocks"])


@pytest.mark.databases("postgres")
@pytest.mark.parametrize("analyzed", [False, True], ids=["without statistics", "with statistics"])
def test_claiming_walks_along_its_indexes_whatever_is_settled(analyzed: bool) -> None:
    settled(1, 1_000)
    many((f"w{nth}" for nth in range(300)), priority=0, deadline_at=NOW + timedelta(hours=4))
    many((f"w{nth}" for nth in range(300)), operation="trackOrder", bucket="trackOrder", priority=3)
    if analyzed:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    wanted = claiming.Wanted("default", 32, ["w1", "w2"])
    statement, parameters = claiming.heads_statement("default", wanted, claiming.BUCKETS, datetime.now(timezone.utc))
    few = pages(statement, parameters)
    settled(1_001, 40_000)
    plan = explained(statement, parameters)
    assert plan.count("gameball_queue") == 5, plan
    assert plan.count("gameball_lane") == 13, plan
    for costly in ("Seq Scan", "Hash", "gameball_due"):
        assert costly not in plan
    many_settled = pages(statement, parameters)
    assert many_settled < 2 * few + 20, f"{few} pages with 1,000 settled, {many_settled} with 40,000"


@pytest.mark.databases("postgres")
def test_so_do_looking_for_the_next_and_throwing_away_the_oldest() -> None:
    settled(1, 20_000)
    many(f"w{nth}" for nth in range(100))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    waiting = Delivery.objects.filter(account_id="default", state="pending").order_by("due_at").values("due_at")[:1]
    assert "gameball_due" in explained(*waiting.query.sql_with_params())
    old = Delivery.objects.filter(state="applied", settled_at__lt=NOW - timedelta(days=1)).order_by("settled_at")
    plan = explained(*old.values("pk")[:500].query.sql_with_params())
    assert "gameball_settled" in plan
    assert "Sort" not in plan
