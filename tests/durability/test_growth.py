"""Whatever is settled costs nothing any more: query plans of claiming, delivering and every admin page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import growth
import pytest
from django.db import connection
from gameball_referrals.django import maintenance, outbox, sender
from gameball_referrals.testing import Emulator

SETTLED = 40_000
MOST = 2_500
"""Rows that one statement may look at: a page, a page's worth of counting, what waits. A scan would see 40,000."""

TABLES = ("gameball_delivery", "gameball_referral", "gameball_profile")

Statement = tuple[str, Any]


@pytest.fixture
def full(settings: Any, transactional_db: None) -> Iterator[None]:
    with Emulator(limits=False) as emulator:
        settings.ALLOWED_HOSTS = ["shop.example"]
        settings.GAMEBALL_REFERRALS = {
            "API_KEY": emulator.api_key,
            "SECRET_KEY": emulator.secret_key,
            "BASE_URL": emulator.url,
            "SENDER": "worker",
        }
        growth.fill(SETTLED)
        for number in range(30):
            outbox.put("createCustomer", {"customer_id": f"new-{number}"})
        yield


def statements(work: Callable[[], object]) -> list[Statement]:
    """Return the statements about the outbox's tables that some work executes."""
    seen: list[Statement] = []

    def note(execute: Callable[..., Any], sql: str, parameters: Any, many: bool, context: Any) -> Any:
        if any(table in sql for table in TABLES) and sql.lstrip("( ").startswith(
            ("SELECT", "UPDATE", "DELETE", "WITH")
        ):
            seen.append((sql, parameters[0] if many else parameters))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(note):
        work()
    return seen


def expensive(statement: Statement) -> str | None:
    """Tell what a statement looks at too many rows for; None if it doesn't."""
    sql, parameters = statement
    # Only what reads is carried out once more.
    reads = not sql.startswith(("UPDATE", "DELETE"))
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON{', ANALYZE' if reads else ''}) {sql}", parameters)
        (told,) = cursor.fetchone()
    plan = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
    for node in _nodes(plan):
        if node.get("Relation Name") not in TABLES:
            continue
        if node["Node Type"] == "Seq Scan" and not reads:
            return f"reads all of {node['Relation Name']}: {sql}"
        removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
        rows = (node.get("Actual Rows", 0) + removed) * node.get("Actual Loops", 1)
        if rows > MOST:
            return f"looks at {rows:.0f} rows of {node['Relation Name']}: {sql}"
    return None


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)


@pytest.mark.usefixtures("full")
def test_delivering_looks_at_what_waits_only() -> None:
    seen = statements(sender.drain)

    assert seen
    assert [found for found in map(expensive, seen) if found] == []


@pytest.mark.usefixtures("full")
def test_upkeep_looks_at_what_is_old_only() -> None:
    seen = statements(lambda: maintenance.purge("default"))

    assert seen
    assert [found for found in map(expensive, seen) if found] == []


@pytest.mark.usefixtures("full")
def test_every_page_of_the_admin_looks_at_a_page() -> None:
    admin = growth.Admin("shop.example")

    pages = admin.pages()
    found = [
        f"{kind} {text}"
        for kind, url in pages.items()
        for text in map(expensive, statements(lambda url=url: admin.get(url)))
        if text
    ]

    assert len(pages) > 30, pages
    assert not found, "\n".join(found)
