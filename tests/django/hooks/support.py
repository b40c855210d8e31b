"""What the hooks' tests share."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from gameball_referrals import ClaimSigner
from gameball_referrals.django import accounts, context
from gameball_referrals.django.models import Account, Delivery
from gameball_referrals.testing import Emulator

CODE = "ANNA1"


class Captured:
    """Statements as ``INSERT auth_user``: what was asked of the database, without the values."""

    def __init__(self, captured: CaptureQueriesContext) -> None:
        self._captured = captured

    @property
    def statements(self) -> list[str]:
        return [_in_short(query["sql"]) for query in self._captured.captured_queries]


@contextmanager
def queries() -> Iterator[Captured]:
    with CaptureQueriesContext(connection) as captured:
        yield Captured(captured)


def _in_short(sql: str) -> str:
    words = sql.replace("`", '"').replace("(", " ").replace(".", " ").split()
    tables = ("auth_", "gameball_", "shapes_", "shop_", "django_")
    table = next((word.strip('"') for word in words if word.strip('"').startswith(tables)), "")
    return f"{words[0].upper().replace('START', 'BEGIN')} {table}".strip()


@contextmanager
def visit(code: str = CODE, *, signed_in_as: Any = None) -> Iterator[None]:
    """Serve a request of somebody who came by a friend's link earlier."""
    request = RequestFactory().post("/")
    request.COOKIES["gb_claim"] = ClaimSigner(accounts.derived_key("claim")).issue(code)
    request.session = SessionStore()
    if signed_in_as is not None:
        request.session["_auth_user_id"] = str(signed_in_as.pk)
    with context.use_request(request):
        yield


def arguments(delivery: Delivery) -> dict[str, Any]:
    """What is going to be sent."""
    found: dict[str, Any] = json.loads(delivery.arguments)
    return found


def installed(**ago: float) -> None:
    """Set back the installation."""
    account = Account.objects.get()
    account.installed_at = timezone.now() - timedelta(**ago)
    account.save()


def told(operation: str | None = None) -> list[tuple[str, str]]:
    """Every delivery as its operation and customer, in their order."""
    rows = Delivery.objects.order_by("pk")
    if operation:
        rows = rows.filter(operation=operation)
    return list(rows.values_list("operation", "customer_id"))


def known(gameball: Emulator) -> dict[str, Any]:
    """The customers that Gameball knows, by their ids, but for the referrer."""
    customers: list[dict[str, Any]] = gameball.state()["customers"]
    return {each["customerId"]: each for each in customers if each["customerId"] != "anna"}
