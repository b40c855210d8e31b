"""What a full outbox costs: claiming, delivering and every admin page, with few and with many settled deliveries.

`growth.py FEW MANY ROUNDS` on PostgreSQL. Prints one line of JSON: milliseconds by what is measured, for both sizes.
"""

from __future__ import annotations

import html
import json
import os
import re
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from statistics import median
from typing import Any
from urllib.parse import urljoin, urlsplit

from hooks import KEY, connect, emulator, postgres_server

DELIVERIES = """
INSERT INTO gameball_delivery (
    account_id, customer_id, operation, order_id, dedupe_key, arguments, dropped, priority, bucket, deadline_at, due_at,
    state, attempts, progress, lease_token, created_at, acknowledged_at, settled_at, error_kind, error_message, status,
    request_id, history
)
SELECT
    'default', 'customer-' || n / 2, operation, CASE WHEN n % 2 = 0 THEN '' ELSE 'order-' || n END,
    CASE WHEN n % 2 = 0 THEN 'c:' ELSE 'f:' END || 'customer-' || n / 2, CASE WHEN dead THEN '{{}}' ELSE '' END, '[]',
    CASE WHEN n % 2 = 1 THEN 3 WHEN n % 6 = 0 THEN 0 ELSE 2 END, operation, at + interval '5 minutes', at,
    CASE WHEN dead THEN 'dead' ELSE 'applied' END, CASE WHEN dead THEN 12 ELSE 1 END, '', '', at, at, at,
    CASE WHEN dead THEN 'server' ELSE '' END, CASE WHEN dead THEN 'Gameball failed' ELSE '' END,
    CASE WHEN dead THEN 500 ELSE 200 END, CASE WHEN dead THEN 'request-' || n ELSE '' END,
    '[{{"at": "2026-01-01T00:00:00.000+00:00", "operation": "createCustomer", "outcome": "applied", "reason": null, '
    '"status": 200, "gameball_code": null, "request_id": null, "kind": null}}]'
FROM (
    SELECT n, n % 1000 = 7 AS dead, CASE WHEN n % 2 = 0 THEN 'createCustomer' ELSE 'trackOrder' END AS operation,
        now() - interval '200 days' * n / {count} AS at
    FROM generate_series(0, {count} - 1) AS n
) AS drawn
"""
REFERRALS = """
INSERT INTO gameball_referral (
    account_id, customer_id, referrer_code, source, registered_at, deadline_at, guest, acknowledged_at, receipt, reason,
    settled_at
)
SELECT 'default', 'customer-' || n / 2, 'CODE' || n % 5000, 'visit', at, at + interval '5 minutes', false, at,
    (ARRAY['linked', 'linked', 'linked', 'rejected', 'lost'])[1 + n / 6 % 5],
    (ARRAY['linked', 'linked', 'linked', 'code_not_valid', 'late'])[1 + n / 6 % 5], at
FROM (
    SELECT n, now() - interval '200 days' * n / {count} AS at FROM generate_series(0, {count} - 1, 6) AS n
) AS drawn
"""
PROFILES = """
INSERT INTO gameball_profile (account_id, customer_id, referral_code, referral_link, fetched_at)
SELECT 'default', 'customer-' || n, 'OWN' || n, '', now() FROM generate_series(0, {count} / 2 - 1) AS n
"""
TALLIES = """
INSERT INTO gameball_tally (account_id, day, what, count)
SELECT 'default', current_date - n, what, 10
FROM generate_series(0, 199) AS n, unnest(ARRAY['registered', 'linked', 'rejected', 'lost', 'applied', 'dead']) AS what
"""
PAGE = 200
"""Deliveries that wait, besides those that are settled."""


def fill(count: int) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in (DELIVERIES, REFERRALS, PROFILES):
            cursor.execute(statement.format(count=count))
        cursor.execute(TALLIES)
        # As autovacuum does in time.
        cursor.execute("VACUUM ANALYZE")


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


class Admin:
    """The admin's pages, all that links lead to from the app's index."""

    def __init__(self) -> None:
        from django.contrib.auth.models import User
        from django.test import Client

        user = User.objects.create_superuser("boss", "boss@shop.example", "!")
        self._browser = Client(HTTP_HOST="shop.example")
        self._browser.force_login(user)
        self.pages = self._find("/admin/gameball/")

    def _get(self, url: str) -> str:
        answer = self._browser.get(url, secure=True)
        if answer.status_code != 200:
            raise SystemExit(f"{url} answered {answer.status_code}")
        content: bytes = b"".join(answer.streaming_content) if answer.streaming else answer.content
        return content.decode()

    def _find(self, first: str) -> dict[str, str]:
        """Follow links, one of each kind: the same path but for its ids, the same fields of the query."""
        found: dict[str, str] = {}
        waiting = [(first, 0)]
        while waiting:
            url, depth = waiting.pop(0)
            kind = self._kind(url)
            if kind in found:
                continue
            try:
                page = self._get(url)
            except SystemExit:
                if depth < 2:
                    raise
                continue
            found[kind] = url
            if depth == 2:
                continue
            for link in re.findall(r'href="([^"#]+)"', page):
                target = urljoin(url, html.unescape(link))
                path = urlsplit(target).path
                if path.startswith("/admin/gameball/") and not path.endswith(("/delete/", "/add/")):
                    waiting.append((target, depth + 1))
        return found

    @staticmethod
    def _kind(url: str) -> str:
        parts = urlsplit(url)
        path = re.sub(r"/[^/]*\d[^/]*/", "/#/", parts.path)
        fields = sorted(
            pair if re.fullmatch(r"[\w]+=[a-z_A-Z]*", pair) else pair.partition("=")[0]
            for pair in parts.query.split("&")
            if pair
        )
        return path + ("?" + "&".join(fields) if fields else "")

    def took(self, rounds: int) -> dict[str, float]:
        for url in self.pages.values():
            self._get(url)
        return {
            kind: median(milliseconds(lambda url=url: self._get(url)) for _ in range(rounds))
            for kind, url in self.pages.items()
        }


def measure(count: int, rounds: int) -> dict[str, Any]:
    from django.db import connection
    from gameball_referrals.django import claiming, sender
    from gameball_referrals.django.database import database_clock
    from gameball_referrals.django.models import Delivery

    filling = milliseconds(lambda: fill(count)) / 1e3
    print(f"{count} deliveries in {filling:.0f} s", file=sys.stderr)
    looked, delivered = [], []
    for nth in range(rounds):
        leave_deliveries(nth * PAGE)
        now, wanted = database_clock("default"), claiming.Wanted("default", 32)
        looked.append(
            median(
                milliseconds(lambda: claiming.heads("default", wanted, claiming.BUCKETS, now))
                for _ in range(20)
            )
        )
        delivered.append(database_milliseconds(sender.drain) / PAGE)
        if Delivery.objects.filter(state__in=["pending", "in_flight"]).exists():
            raise SystemExit("not all was delivered")
    admin = Admin()
    figures = {
        "looking for work": median(looked),
        "delivering one, in the database": median(delivered),
        **admin.took(rounds),
    }
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
