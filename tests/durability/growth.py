"""An outbox full of settled deliveries, and every page of the admin that shows them. The growth bench uses it, too."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import urljoin, urlsplit

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
    SELECT n, n % ({count} / {dead}) = 7 AS dead,
        CASE WHEN n % 2 = 0 THEN 'createCustomer' ELSE 'trackOrder' END AS operation,
        now() - interval '200 days' * ({count} - n) / {count} AS at
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
    SELECT n, now() - interval '200 days' * ({count} - n) / {count} AS at FROM generate_series(0, {count} - 1, 6) AS n
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
DEAD = 200
"""Failed deliveries, however many there are: more than a page shows."""


def fill(count: int) -> None:
    """Fill PostgreSQL's tables with so many settled deliveries, and what belongs to them."""
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in (DELIVERIES, REFERRALS, PROFILES):
            cursor.execute(statement.format(count=count, dead=DEAD))
        cursor.execute(TALLIES)
        # As autovacuum does in time.
        cursor.execute("VACUUM ANALYZE")


class Admin:
    """A browser of the admin, signed in."""

    def __init__(self, host: str) -> None:
        from django.contrib.auth.models import User
        from django.test import Client

        self._browser = Client(HTTP_HOST=host)
        self._browser.force_login(User.objects.create_superuser("boss", "boss@shop.example", "!"))

    def get(self, url: str) -> str:
        """Return a page.

        Raises:
            AssertionError: there is none.

        """
        answer: Any = self._browser.get(url, secure=True)
        content: bytes = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert answer.status_code == 200, f"{url} answered {answer.status_code}"
        return content.decode()

    def pages(self) -> dict[str, str]:
        """Return one page of each kind, with its URL: what links lead to, and what is searched for."""
        found: dict[str, str] = {}
        waiting = [
            "/admin/gameball/",
            "/admin/gameball/delivery/?q=customer-77",
            "/admin/gameball/delivery/?q=order-77",
            "/admin/gameball/referral/?q=customer-77",
        ]
        while waiting:
            url = waiting.pop(0)
            kind = _kind(url)
            if kind in found:
                continue
            found[kind] = url
            for link in re.findall(r'href="([^"#]+)"', self.get(url)):
                target = urljoin(url, html.unescape(link))
                path = urlsplit(target).path
                # One filter at a time: all pairs of them would be very many pages.
                if path.startswith("/admin/gameball/") and target.count("&") == 0 and not path.endswith("/add/"):
                    waiting.append(target)
        return found


def _kind(url: str) -> str:
    """Name a page but for the ids in it."""
    parts = urlsplit(url)
    path = re.sub(r"/[^/]*\d[^/]*/", "/…/", parts.path)
    # A filter's choice is part of the kind, a number or an id that is searched for is not.
    field = parts.query if re.fullmatch(r"\w+=[a-z_A-Z]+", parts.query) else parts.query.partition("=")[0]
    return path + ("?" + field if field else "")
