"""What a full outbox costs: claiming, delivering and every admin page, with few and with many settled deliveries.

`growth.py FEW MANY ROUNDS` on PostgreSQL. Both databases are measured in turns, so that whatever else happens on the
machine happens to both. Prints one line of JSON: milliseconds by what is measured, for both sizes.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from statistics import median
from typing import Any

from hooks import KEY, connect, emulator, postgres_server, shared

growth = shared("durability/growth.py")
PAGE = 200
"""Deliveries that wait, besides those that are settled."""


class Outbox:
    """One of the databases."""

    def __init__(self, name: str, count: int) -> None:
        self._name = name
        self.use()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        growth.fill(count)
        self._left = 0
        self._admin = growth.Admin("shop.example")
        self.pages: dict[str, str] = self._admin.pages()

    def use(self) -> None:
        """Have this process's connection lead here."""
        from django.db import connection

        connection.close()
        connection.settings_dict["NAME"] = self._name
        connection.ensure_connection()

    def look(self) -> float:
        """Look for work as a sender does."""
        from gameball_referrals.django import claiming
        from gameball_referrals.django.database import database_clock

        now, wanted = database_clock("default"), claiming.Wanted("default", 32)
        return milliseconds(lambda: claiming.heads("default", wanted, claiming.BUCKETS, now))

    def leave(self) -> None:
        """Leave a page of deliveries to be delivered."""
        from gameball_referrals.django import outbox

        for _ in range(PAGE):
            self._left += 1
            outbox.put("createCustomer", {"customer_id": f"new-{self._left}"})

    def deliver(self) -> float:
        """Deliver them, and return what the database took for each; the rest waits for rate limits."""
        from django.db import connection
        from gameball_referrals.django import sender

        took = 0.0

        def timed(execute: Callable[..., Any], *arguments: Any) -> Any:
            nonlocal took
            began = time.perf_counter()
            try:
                return execute(*arguments)
            finally:
                took += time.perf_counter() - began

        with connection.execute_wrapper(timed):
            sender.drain()
        return took * 1e3 / PAGE

    def get(self, kind: str) -> float:
        """Open a page of the admin."""
        return milliseconds(lambda: self._admin.get(self.pages[kind]))


def milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1e3


def measure(outboxes: dict[int, Outbox], rounds: int) -> dict[str, dict[str, float]]:
    took: dict[int, dict[str, list[float]]] = {count: {} for count in outboxes}

    def note(count: int, what: str, value: float) -> None:
        took[count].setdefault(what, []).append(value)

    for _ in range(rounds):
        for count, outbox in outboxes.items():
            outbox.use()
            outbox.leave()
            for _ in range(10):
                note(count, "looking for work", outbox.look())
            note(count, "delivering one, in the database", outbox.deliver())
    common = set.intersection(*(set(outbox.pages) for outbox in outboxes.values()))
    for kind in sorted(common):
        for _ in range(rounds):
            for count, outbox in outboxes.items():
                outbox.use()
                # Not the one that pays for the new connection.
                outbox.get(kind)
                note(count, kind, outbox.get(kind))
    return {str(count): {what: median(values) for what, values in found.items()} for count, found in took.items()}


def main() -> None:
    few, many, rounds = map(int, sys.argv[1:4])
    with ExitStack() as stack:
        url = stack.enter_context(emulator(latency_ms=0))
        server = postgres_server(shared_buffers="256MB")
        stack.callback(server.remove)
        with connect({**server.settings(), "NAME": "postgres"}) as connection:
            for count in (few, many):
                connection.execute(f"CREATE DATABASE outbox_{count}")
        settings = {"ENGINE": "django.db.backends.postgresql", **server.settings(), "NAME": f"outbox_{few}"}
        # The emulator has no limits now; the ledger's are shortened, not to wait for them for long.
        gameball = {"API_KEY": KEY, "SECRET_KEY": KEY, "BASE_URL": url, "SENDER": "worker", "LIMIT_WINDOWS_DIVISOR": 5}
        os.environ["BENCH_SHOP"] = json.dumps({"database": settings, "gameball": gameball})
        os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
        import django
        from django.db import connections

        django.setup()
        outboxes = {count: Outbox(f"outbox_{count}", count) for count in (few, many)}
        print(json.dumps(measure(outboxes, rounds)))
        connections.close_all()


if __name__ == "__main__":
    main()
