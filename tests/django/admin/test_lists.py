"""The lists: what filters and searches find."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from admin import support
from django.test import Client
from django.utils import timezone
from gameball_referrals.django.models import Account, Delivery

State = Delivery.State


def shown(client: Client, path: str) -> list[str]:
    page = client.get(f"/admin/gameball/{path}")
    assert page.status_code == 200
    return [row.customer_id for row in page.context["cl"].result_list]


@pytest.fixture
def deliveries(db: None) -> None:
    now = timezone.now()
    old = now - timedelta(days=40)
    support.delivery("a", created_at=old, state=State.APPLIED, settled_at=old)
    support.delivery("b", "trackOrder", order_id="R-1", state=State.DEAD, settled_at=now, error_kind="conflict")
    support.delivery("c", error_kind="timeout", request_id="req-9")
    support.delivery("d", "deleteCustomer", state=State.CANCELLED, settled_at=now)
    # Delivered in the end: its error is history.
    support.delivery("e", state=State.APPLIED, settled_at=now, error_kind="conflict")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["e", "d", "c", "b", "a"]),
        ("?state=applied", ["e", "a"]),
        ("?state=dead", ["b"]),
        ("?state=pending", ["c"]),
        ("?state=nonsense", ["e", "d", "c", "b", "a"]),
        ("?call=createCustomer", ["e", "c", "a"]),
        ("?call=trackOrder", ["b"]),
        ("?error=conflict", ["b"]),
        ("?error=timeout", ["c"]),
        ("?since=month", ["e", "d", "c", "b"]),
        ("?since=month&state=applied", ["e"]),
        ("?q=b", ["b"]),
        ("?q=B", []),
        ("?q=R-1", ["b"]),
        ("?q=%20req-9%20", ["c"]),
        ("?q=R", []),
        ("?q=b&state=applied", []),
    ],
)
def test_deliveries(deliveries: None, boss: Client, query: str, found: list[str]) -> None:
    assert shown(boss, f"delivery/{query}") == found


@pytest.fixture
def referrals(db: None) -> None:
    now = timezone.now()
    support.referral(
        "1", referrer_code="ANNA1", registered_at=now - timedelta(days=2), receipt="linked", reason="by_order"
    )
    support.referral("2", referrer_code="ANNA1", registered_at=now - timedelta(days=1), receipt="lost", reason="late")
    support.referral("3", referrer_code="anna1")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["3", "2", "1"]),
        ("?receipt=linked", ["1"]),
        ("?receipt=none", ["3"]),
        ("?q=ANNA1", ["2", "1"]),
        ("?q=2", ["2"]),
        ("?q=ANNA1&receipt=lost", ["2"]),
    ],
)
def test_referrals(referrals: None, boss: Client, query: str, found: list[str]) -> None:
    assert shown(boss, f"referral/{query}") == found


def test_several_accounts_can_be_told_apart(deliveries: None, referrals: None, boss: Client) -> None:
    for path in ("delivery/", "referral/"):
        assert "By account" not in boss.get(f"/admin/gameball/{path}").content.decode()
    Account.objects.create(pk="outlet")
    support.delivery("z", account_id="outlet")
    support.referral("z", account_id="outlet", receipt="linked")
    assert "By account" in boss.get("/admin/gameball/delivery/").content.decode()
    assert shown(boss, "delivery/?account=outlet") == ["z"]
    assert shown(boss, "delivery/?q=z") == ["z"]
    assert shown(boss, "referral/?account=outlet&receipt=linked") == ["z"]
    assert shown(boss, "referral/?receipt=linked") == ["z", "1"]
    assert "account=outlet" in boss.get("/admin/gameball/dashboard/").content.decode()


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("delivery/", "A delivery is written with every registration"),
        ("delivery/?q=x", "Ids are found when they are whole"),
        ("referral/", "?ref="),
        ("referral/?q=x", "referral/customer/?id=x"),
        ("dashboard/", "No referral has a receipt yet."),
    ],
)
def test_an_empty_page_says_what_to_do(db: None, boss: Client, path: str, says: str) -> None:
    assert says in boss.get(f"/admin/gameball/{path}").content.decode()


def test_a_row_says_what_matters(db: None, boss: Client) -> None:
    now = timezone.now()
    row: Any = support.delivery(
        "77",
        priority=0,
        attempts=3,
        due_at=now + timedelta(seconds=90),
        error_kind="server",
        status=503,
        gameball_code=5003,
        request_id="req-1",
    )
    page = boss.get("/admin/gameball/delivery/").content.decode()
    for text in (
        "waiting",
        "3 attempts",
        "in 90 seconds",
        "links until",
        "HTTP 503",
        "code 5003",
        'data-gb-copy="req-1"',
    ):
        assert text in page, text
    assert f"/admin/gameball/delivery/{row.pk}/change/" in page
