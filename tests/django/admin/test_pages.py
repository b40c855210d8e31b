"""Every page: who sees it, that it tells no secret, and that its cost is bounded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from admin import support
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from gameball_referrals.django.models import Account, Delivery, Profile, Referral

ROOT = "/admin/gameball/"
SECRETS = (support.API_KEY, support.SECRET_KEY, "private@example.org", "opaque-progress", "lease-of-somebody")


def pages() -> list[str]:
    def pk(model: Any, **of: Any) -> int:
        return int(model.objects.filter(**of).latest("pk").pk)

    referrals = [
        pk(Referral, receipt=receipt)
        for receipt in ("", "linked", "already_referred", "rejected", "lost", "unverified")
    ]
    deliveries = [pk(Delivery, state=state) for state in Delivery.State.values]
    return [
        "",
        "account/",
        "account/add/",
        "account/default/change/",
        "account/default/history/",
        "dashboard/",
        "dashboard/?days=90",
        "delivery/",
        *(f"delivery/?state={state}" for state in Delivery.State.values),
        "delivery/?call=trackOrder",
        "delivery/?error=server",
        "delivery/?since=day",
        "delivery/?q=5001",
        "delivery/?q=2026-5002",
        "delivery/?q=0HN7Q2K4M8E1B:00000003",
        *(f"delivery/{one}/change/" for one in deliveries),
        f"delivery/{deliveries[0]}/history/",
        "referral/",
        *(f"referral/?receipt={receipt}" for receipt in ("none", "linked", "rejected", "lost", "unverified")),
        "referral/?q=ANNA1",
        *(f"referral/{one}/change/" for one in referrals),
        "referral/customer/",
        "referral/customer/?id=6006",
        "referral/customer/?id=nobody",
    ]


@pytest.fixture
def shop(db: None) -> Iterator[None]:
    support.lived_in()
    Delivery.objects.filter(state="in_flight").update(lease_token="lease-of-somebody")
    Delivery.objects.filter(state__in=("pending", "dead")).update(progress="opaque-progress")
    yield


def test_no_page_tells_a_key_or_a_body(shop: None, boss: Client) -> None:
    account = Account.objects.get()
    hidden = (*SECRETS, account.api_key_sealed, account.secret_key_sealed)
    for path in pages():
        page = boss.get(ROOT + path)
        assert page.status_code == 200, path
        text = page.content.decode()
        assert [secret for secret in hidden if secret in text] == [], path


def test_no_page_even_reads_a_body(shop: None, boss: Client) -> None:
    for path in pages():
        with CaptureQueriesContext(connection) as queries:
            boss.get(ROOT + path)
        for query in queries:
            assert not re.search(r'gameball_delivery["`]\.["`](arguments|progress)', query["sql"]), path


def test_whoever_may_look_sees_every_page_but_adds_nothing(shop: None, viewer: Client) -> None:
    for path in pages():
        assert viewer.get(ROOT + path).status_code == (403 if path == "account/add/" else 200), path


def test_whoever_may_not_look_sees_none(shop: None, stranger: Client) -> None:
    for path in pages():
        # Django hides the app's index altogether.
        assert stranger.get(ROOT + path).status_code == (404 if path == "" else 403), path


def test_whoever_is_not_signed_in_is_asked_to(shop: None) -> None:
    for path in pages():
        page = Client().get(ROOT + path)
        assert (page.status_code, page["Location"].split("?")[0]) == (302, "/admin/login/"), path


def test_referrals_are_seen_without_deliveries(shop: None, staff: Any) -> None:
    support_staff = staff("support", "view_referral")
    dashboard = support_staff.get(f"{ROOT}dashboard/").content.decode()
    assert "Failed deliveries" not in dashboard
    assert "5001" not in dashboard
    late = Referral.objects.get(customer_id="4902")
    page = support_staff.get(f"{ROOT}referral/{late.pk}/change/").content.decode()
    assert "This friend does not count" in page
    assert "/delivery/" not in page


def test_the_menu_leads_to_the_dashboard(shop: None, viewer: Client, stranger: Client) -> None:
    for path in ("/admin/", ROOT):
        assert f'href="{ROOT}dashboard/"' in viewer.get(path).content.decode()
    assert "gameball" not in stranger.get("/admin/").content.decode()


@pytest.mark.parametrize(
    "guess", ["arguments__startswith=%7B", "account__api_key_sealed__contains=a", "o=1", "receipt__in=a"]
)
def test_no_url_brings_a_condition_of_its_own(shop: None, boss: Client, guess: str) -> None:
    expected = 200 if guess == "o=1" else 400
    for model in ("delivery", "referral"):
        assert boss.get(f"{ROOT}{model}/?{guess}").status_code == expected


def test_a_delivery_of_hostile_names_is_no_markup(boss: Client) -> None:
    hostile = "<script>alert(1)</script>"
    support.referral(hostile, referrer_code=hostile)
    row = support.delivery(
        hostile,
        "trackOrder",
        order_id=hostile,
        state="dead",
        settled_at=timezone.now(),
        error_kind="api",
        error_message=hostile,
        request_id=hostile,
        dropped=[hostile],
        history=[support.call("trackOrder", timezone.now(), status=422, kind="api", request_id=hostile)],
    )
    referral = Referral.objects.get()
    for path in (
        "delivery/",
        f"delivery/{row.pk}/change/",
        "referral/",
        f"referral/{referral.pk}/change/",
        "dashboard/",
    ):
        assert hostile not in boss.get(ROOT + path).content.decode(), path


def test_queries_are_few_and_do_not_grow_with_what_is_settled(shop: None, boss: Client) -> None:
    found = pages()

    def count() -> dict[str, int]:
        counts = {}
        for path in found:
            with CaptureQueriesContext(connection) as queries:
                boss.get(ROOT + path)
            counts[path] = len(queries)
        return counts

    before = count()
    assert max(before.values()) <= 14, {path: number for path, number in before.items() if number > 14}
    now = timezone.now()
    Delivery.objects.bulk_create(
        Delivery(
            customer_id=f"old-{n}",
            operation="createCustomer",
            dedupe_key=f"c:old-{n}",
            state="applied",
            settled_at=now,
            deadline_at=now,
        )
        for n in range(300)
    )
    Referral.objects.bulk_create(
        Referral(customer_id=f"old-{n}", referrer_code="OLD", registered_at=now, deadline_at=now, receipt="linked")
        for n in range(300)
    )
    Profile.objects.bulk_create(Profile(customer_id=f"old-{n}") for n in range(300))
    assert count() == before


def test_nothing_is_counted_without_a_bound(shop: None, boss: Client) -> None:
    for path in pages():
        with CaptureQueriesContext(connection) as queries:
            boss.get(ROOT + path)
        for query in queries:
            sql = query["sql"]
            if "COUNT(" in sql and re.search("gameball_(delivery|referral|profile)", sql):
                unsettled = re.search(r"state\W+ IN \(\W*pending\W+in_flight", sql)
                assert "LIMIT" in sql or unsettled, f"{path}: {sql}"


def test_a_list_past_its_bound_says_so(db: None, boss: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from gameball_referrals.django.admin import lists

    monkeypatch.setattr(lists, "COUNTED", 60)
    for number in range(70):
        support.delivery(str(number))
    page = boss.get(f"{ROOT}delivery/?p=2").content.decode()
    assert "the newest 60 deliveries; filter or search for older ones" in page
    assert page.count('name="_selected_action"') == 10
    assert boss.get(f"{ROOT}delivery/?p=3").status_code == 302
