"""The dashboard: what an operator has to know, before it is too late."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from admin import support
from django.test import Client
from django.utils import timezone
from gameball_referrals import courier
from gameball_referrals.django.models import Account, Delivery, Ledger, Referral, Tally
from gameball_referrals.testing import Emulator

PAGE = "/admin/gameball/dashboard/"


def text(client: Client, query: str = "") -> str:
    """Return the page as one reads it, in one line."""
    page = client.get(PAGE + query).content.decode()
    main = page[page.index('<div id="content"') :]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main)))


def test_a_shop_at_rest(boss: Client) -> None:
    support.account()
    page = text(boss)
    assert "All is well Nothing waits, and nothing needs you." in page
    assert "Waiting 0 nothing in the queue" in page


def test_friends_by_day_and_receipt(boss: Client) -> None:
    support.account()
    today = timezone.now().date()
    for day, what, count in (
        (0, "linked", 3),
        (0, "registered", 5),
        (0, "lost", 1),
        (1, "linked", 2),
        (1, "registered", 2),
        (1, "late", 1),
        (40, "linked", 100),
        (40, "registered", 100),
    ):
        Tally.objects.create(account_id="default", day=today - timedelta(days=day), what=what, count=count)
    support.referral("1")
    page = text(boss)
    assert "Referred friends, 30 days 8 1 of them on its way" in page
    assert "Linked, 30 days 5 83 % of those with a receipt" in page
    assert "Were too late, 30 days 1" in page
    assert "Linked, 90 days 105" in text(boss, "?days=90")
    bars = re.findall(r"<title>([^<]*)</title><rect", boss.get(PAGE).content.decode())
    assert [bar.partition(": ")[2] for bar in bars] == ["2 linked", "3 linked, 1 lost"]


def test_numbers_of_the_drawing_are_no_local_ones(boss: Client, settings: Any) -> None:
    support.account()
    Tally.objects.create(account_id="default", day=timezone.now().date(), what="linked", count=3)
    settings.LANGUAGE_CODE = "de"
    page = boss.get(PAGE).content.decode()
    drawing = page[page.index("<svg viewBox") : page.index("</svg>", page.index("<svg viewBox"))]
    assert 'width="0.82"' in drawing
    assert re.findall(r'(?:x|y|width|height)="([^"]*,[^"]*)"', drawing) == []


def test_the_backlog_and_its_age(boss: Client) -> None:
    support.account()
    old = timezone.now() - timedelta(hours=3)
    support.delivery("1", created_at=old, due_at=timezone.now() + timedelta(minutes=5))
    support.delivery("2", state="in_flight", lease_until=timezone.now() + timedelta(minutes=1))
    assert "Waiting 1 the oldest for 3 hours · 1 being sent" in text(boss)


def test_a_missed_window_is_told_before_it_is_missed(boss: Client) -> None:
    support.account()
    now = timezone.now()
    # Gameball takes 360 registrations in 30 seconds: 3,600 in their five minutes, and not these.
    support.rush(now, 4_000)
    page = text(boss)
    found = re.search(r"(\d+) friends will be registered too late", page)
    assert found
    assert 300 < int(found[1]) < 500
    assert "The first misses it in 4 minutes" in page or "The first misses it in 5 minutes" in page
    assert "Were too late, 30 days 0" in page
    Delivery.objects.all().delete()
    Referral.objects.all().delete()
    support.rush(now, 3_000)
    assert "will be registered too late" not in text(boss)


def test_a_hold_names_what_to_do_and_what_it_will_cost(boss: Client, vendor: Emulator) -> None:
    now = timezone.now()
    support.refused_ledger(support.account(), now=now, url=vendor.url)
    support.rush(now, 2)
    page = text(boss)
    assert "Held: Registrations Gameball refuses the" in page
    assert "2 friends will be registered too late" in page
    assert "What stands in the way is named above." in page
    assert "as things are, they never go out" in page
    assert 'href="/admin/gameball/account/default/change/">Save new keys' in boss.get(PAGE).content.decode()


def test_a_vendor_that_is_down(boss: Client, vendor: Emulator) -> None:
    account = support.account(base_url=vendor.url)
    now = timezone.now()
    vendor.stop()
    sender = courier.Courier(support.API_KEY, support.SECRET_KEY, base_url=vendor.url)
    deliveries = [
        courier.Delivery(
            id=number,
            operation="createCustomer",
            arguments=courier.prepare("createCustomer", {"customer_id": f"d{number}"}, now=now).arguments,
        )
        for number in range(6)
    ]
    state = ""
    for delivery in deliveries:
        state = sender.record(state, now, sender.deliver([delivery]))
    Ledger.objects.create(account=account, state=state)
    page = text(boss)
    assert "Gameball is down Gameball does not answer: " in page
    assert "everything goes out as soon as Gameball answers" in page


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"enabled": False}, "The account is switched off"),
        ({"api_key_sealed": "not to be opened"}, "The saved keys cannot be opened"),
        ({"api_key_sealed": "", "secret_key_sealed": ""}, "There is no API key"),
    ],
)
def test_what_stops_an_account(boss: Client, values: dict[str, object], says: str) -> None:
    support.account()
    Account.objects.filter(pk="default").update(**values)
    assert says in text(boss)


def test_nobody_sends(boss: Client) -> None:
    support.account()
    support.delivery("1", created_at=timezone.now() - timedelta(minutes=4))
    assert "No sender runs Deliveries have been due for 4 minutes" in text(boss)
    Ledger.objects.create(account_id="default")
    assert "No sender runs" not in text(boss)


def test_use_of_the_limits(boss: Client) -> None:
    account = support.account()
    sender = courier.Courier(support.API_KEY, support.SECRET_KEY)
    reserved = sender.reserve("", timezone.now(), {"createCustomer": 17, "trackOrder": 2})
    Ledger.objects.create(account=account, state=reserved.ledger)
    page = text(boss)
    assert "17 / 360" in page
    assert "2 / 360" in page
    assert "0 / 1200" in page


def test_what_failed_is_counted_listed_and_linked(boss: Client) -> None:
    support.account()
    now = timezone.now()
    for number in range(7):
        support.delivery(
            f"f{number}", state="dead", settled_at=now - timedelta(hours=number), error_kind="api", status=422
        )
    page = text(boss)
    assert "7 deliveries have failed" in page
    assert "Gameball refuses the data" in page
    assert [f"f{number}" in page for number in range(7)] == [True] * 5 + [False] * 2
    assert "/admin/gameball/delivery/?state=dead" in boss.get(PAGE).content.decode()


def test_each_account_has_its_own(boss: Client) -> None:
    support.account()
    Account.objects.create(pk="outlet")
    support.delivery("1", account_id="outlet", due_at=timezone.now() + timedelta(hours=1))
    assert "Waiting 0" in text(boss)
    assert "Waiting 1" in text(boss, "?account=outlet")
    assert "Waiting 0" in text(boss, "?account=nobodys")
