"""Every page costs with many settled rows what it costs with few: counted in the database's own units, not in time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from admin import support
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from gameball_referrals.django.models import Delivery, Profile, Referral, Tally

ROOT = "/admin/gameball/"
FEW, MANY = 1_500, 30_000
ALLOWED = {"sqlite": 40_000, "postgresql": 2_500, "mysql": 2_500}
"""What a page may cost more with many rows than with few: deeper trees, and pages that were not full."""


class Meter:
    """Counts what pages make the database do: SQLite's instructions, or the rows that the others read."""

    def __init__(self) -> None:
        self.spent = 0

    @contextmanager
    def reading(self) -> Iterator[None]:
        self.spent = 0
        if connection.vendor == "sqlite":
            connection.connection.set_progress_handler(self._instructions, 100)
            yield
            connection.connection.set_progress_handler(None, 100)
        elif connection.vendor == "mysql":
            before = self._handlers()
            yield
            self.spent = self._handlers() - before
        else:
            with CaptureQueriesContext(connection) as queries:
                yield
            self.spent = sum(self._rows(query["sql"]) for query in queries if query["sql"].startswith("SELECT"))

    def _instructions(self) -> int:
        self.spent += 100
        return 0

    def _handlers(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SHOW SESSION STATUS LIKE 'Handler_read%%'")
            return sum(int(value) for _name, value in cursor.fetchall())

    def _rows(self, sql: str) -> int:
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + sql.replace("%", "%%"))
            plan = cursor.fetchone()[0]
        return self._read((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])

    def _read(self, node: dict[str, Any]) -> int:
        below = node.get("Plans", [])
        if below:
            return sum(self._read(one) for one in below)
        removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
        return int((node["Actual Rows"] + removed) * node["Actual Loops"])


def grow(first: int, last: int) -> None:
    """Write settled rows: the first of this month, as there always are some, all others of the months before."""
    now = timezone.now()
    deliveries, referrals, profiles = [], [], []
    for number in range(first, last):
        at = now - (timedelta(minutes=(FEW - number) * 20) if number < FEW else timedelta(days=400 - number / 100))
        customer = f"g{number // 2}"
        operation, order = ("createCustomer", "") if number % 2 == 0 else ("trackOrder", f"G-{number}")
        deliveries.append(
            Delivery(
                # Ids grow with time in a shop's life, and planners rely on it.
                id=number + (10_000_000 if number < FEW else 10_000),
                customer_id=customer,
                operation=operation,
                order_id=order,
                dedupe_key=f"g:{number}",
                state="applied",
                created_at=at,
                due_at=at,
                settled_at=at,
                deadline_at=at,
                status=200,
            )
        )
        if number % 4 == 0:
            receipt = "linked" if number % 40 else "lost"
            referrals.append(
                Referral(
                    customer_id=customer,
                    referrer_code=f"CODE{number % 5000}",
                    registered_at=at,
                    deadline_at=at,
                    receipt=receipt,
                    settled_at=at,
                )
            )
            profiles.append(Profile(customer_id=customer))
    Delivery.objects.bulk_create(deliveries, batch_size=500)
    Referral.objects.bulk_create(referrals, batch_size=500)
    Profile.objects.bulk_create(profiles, batch_size=500)
    if connection.vendor != "sqlite":  # no shop's SQLite has statistics
        with connection.cursor() as cursor:
            for model in (Delivery, Referral, Profile, Tally):
                cursor.execute(
                    f"{'ANALYZE TABLE' if connection.vendor == 'mysql' else 'ANALYZE'} {model._meta.db_table}"
                )


def pages() -> list[str]:
    one, friend = Delivery.objects.get(customer_id="5001"), Referral.objects.get(customer_id="4902")
    calls = ("createCustomer", "trackOrder", "deleteCustomer", "getCustomer")
    states = ("pending", "in_flight", "applied", "dead", "cancelled")
    return [
        "",
        "dashboard/",
        "dashboard/?days=90",
        "account/",
        "account/default/change/",
        "delivery/",
        "delivery/?p=3",
        *(f"delivery/?state={state}" for state in states),
        *(f"delivery/?call={call}" for call in calls),
        *(f"delivery/?state={state}&call={call}" for state in states for call in calls),
        "delivery/?error=server",
        "delivery/?error=decode",
        "delivery/?error=server&state=applied",
        *(f"delivery/?since={since}" for since in ("hour", "day", "month")),
        "delivery/?since=hour&state=applied",
        "delivery/?since=day&call=deleteCustomer",
        "delivery/?q=5001",
        "delivery/?q=G-77",
        "delivery/?q=nothing-like-that",
        f"delivery/{one.pk}/change/",
        "referral/",
        *(f"referral/?receipt={receipt}" for receipt in ("none", "linked", "rejected", "lost", "unverified")),
        "referral/?q=CODE4",
        "referral/?q=nobody",
        f"referral/{friend.pk}/change/",
        "referral/customer/?id=g4",
        "referral/customer/?id=nobody",
    ]


# MySQL's ANALYZE commits.
@pytest.mark.django_db(transaction=True)
def test_what_is_settled_costs_nothing(boss: Client) -> None:
    support.lived_in()
    grow(0, FEW)
    found = pages()
    meter = Meter()

    def costs() -> dict[str, int]:
        spent = {}
        for path in found:
            with meter.reading():
                assert boss.get(ROOT + path).status_code == 200, path
            spent[path] = meter.spent
        return spent

    few = costs()
    grow(FEW, MANY)
    many = costs()
    allowed = ALLOWED[connection.vendor]
    dearer = {path: (few[path], many[path]) for path in found if many[path] > few[path] + allowed}
    assert dearer == {}
    assert max(few.values()) > 0
