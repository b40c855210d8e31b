"""What a full outbox costs: claiming, delivering and every admin page, with few and with many settled deliveries.

`growth.py FEW MANY ROUNDS` on PostgreSQL. Prints one line of JSON: milliseconds by what is measured, for both sizes.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from statistics import median
from typing import Any

from hooks import KEY, connect, emulator, postgres_server, shared

growth = shared("durability/growth.py")
PAGE = 200
"""Deliveries that wait, besides those that are settled."""


def leave_deliveries(start: int) -> None:
    from gameball_referrals.django import outbox

    for number in range(start, start + PAGE):
        outbox.put("createCustomer", {"customer_id": f"new-{number}"})


def milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1e3


def database_milliseconds(work: Callable[[], object]) -> float:
    """Return what the database takes; the rest waits for rate limits."""
    from django.db import connection

    took = 0.0

    def timed(execute: Callable[..., Any], *arguments: Any) -> Any:
        nonlocal took
        began = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            took += time.perf_counter() - began

    with connection.execute_wrapper(timed):
        work()
    return took * 1e3


def measure(count: int, rounds: int) -> dict[str, Any]:
    from django.db import connection
    from gameball_referrals.django import claiming, sender
    from gameball_referrals.django.database import database_clock
    from gameball_referrals.django.models import Delivery

    filling = milliseconds(lambda: growth.fill(count)) / 1e3
    print(f"{count} deliveries in {filling:.0f} s", file=sys.stderr)
    looked, delivered = [], []
    for nth in range(rounds):
        leave_deliveries(nth * PAGE)
        now, wanted = database_clock("default"), claiming.Wanted("default", 32)
        looked.append(
            median(
                milliseconds(lambda: claiming.heads("default", wanted, claiming.BUCKETS, now)) for _ in range(20)
            )
        )
        delivered.append(database_milliseconds(sender.drain) / PAGE)
        if Delivery.objects.filter(state__in=["pending", "in_flight"]).exists():
            raise SystemExit("not all was delivered")
    admin = growth.Admin("shop.example")
    figures = {"looking for work": median(looked), "delivering one, in the database": median(delivered)}
    for kind, url in admin.pages().items():
        # It has been asked for once, to find the links in it.
        figures[kind] = median(milliseconds(lambda url=url: admin.get(url)) for _ in range(rounds))
    connection.close()
    return figures


def main() -> None:
    few, many, rounds = map(int, sys.argv[1:4])
    with ExitStack() as stack:
        url = stack.enter_context(emulator(latency_ms=0))
        server = postgres_server(shared_buffers="256MB")
        stack.callback(server.remove)
        told = {}
        for count in (few, many):
            name = f"outbox_{count}"
            with connect({**server.settings(), "NAME": "postgres"}) as connection:
                connection.execute(f"CREATE DATABASE {name}")
            read, write = os.pipe()
            # A process of its own: Django is set up once in each.
            child = os.fork()
            if child == 0:
                os.close(read)
                told = {}
                try:
                    settings = {"ENGINE": "django.db.backends.postgresql", **server.settings(), "NAME": name}
                    gameball = {
                        "API_KEY": KEY,
                        "SECRET_KEY": KEY,
                        "BASE_URL": url,
                        "SENDER": "worker",
                        "LIMIT_WINDOWS_DIVISOR": 5,
                    }
                    os.environ["BENCH_SHOP"] = json.dumps({"database": settings, "gameball": gameball})
                    os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
                    import django
                    from django.core.management import call_command

                    django.setup()
                    call_command("migrate", verbosity=0)
                    told = measure(count, rounds)
                except BaseException:
                    traceback.print_exc()
                finally:
                    with os.fdopen(write, "w") as pipe:
                        json.dump(told, pipe)
                    os._exit(0 if told else 1)
            os.close(write)
            with os.fdopen(read) as pipe:
                told[str(count)] = json.load(pipe)
            if os.waitpid(child, 0)[1]:
                raise SystemExit(f"the run with {count} deliveries failed")
        print(json.dumps(told))


if __name__ == "__main__":
    main()
