"""*Look up a customer*: by whatever support staff have at hand."""

from __future__ import annotations

from typing import Any

import pytest
from admin import support
from django.contrib.auth import get_user_model
from django.test import Client
from gameball_referrals import courier
from gameball_referrals.django.models import Account, Delivery

PAGE = "/admin/gameball/referral/customer/"


def look_up(client: Client, who: str, **more: str) -> Any:
    return client.post(PAGE, {"who": who, "account": "default", **more}, follow=True)


def test_by_id(boss: Client) -> None:
    support.referral("42")
    page = look_up(boss, " 42 ")
    assert page.redirect_chain == [(f"{PAGE}?account=default&id=42", 302)]
    assert "It is not decided yet whether this friend counts." in page.content.decode()


def test_by_user_name(boss: Client) -> None:
    user = get_user_model().objects.create_user("bea@example.org")
    page = look_up(boss, "bea@example.org")
    assert page.redirect_chain[0][0] == f"{PAGE}?account=default&id={user.pk}"


def test_by_a_guests_address_which_reaches_no_url(boss: Client) -> None:
    guest = courier.guest_customer_id("guest@example.org")
    support.delivery(guest, "trackOrder", order_id="R-1", state="applied")
    page = look_up(boss, "Guest@Example.org")
    assert [url for url, _status in page.redirect_chain] == [f"{PAGE}?account=default&id={guest}"]
    assert "Paid the order R-1" in page.content.decode()
    assert "example.org" not in page.content.decode().lower()


def test_an_id_is_an_id_even_if_it_looks_like_an_address(boss: Client) -> None:
    support.delivery("odd@example.org")
    assert "id=odd%40example.org" in look_up(boss, "odd@example.org").redirect_chain[0][0]


def test_without_a_referral_the_answer_is_an_answer(boss: Client) -> None:
    support.delivery("7", state="applied", history=[])
    page = look_up(boss, "7").content.decode()
    assert "This customer was not referred by anybody." in page
    assert "no visit with a code was remembered" in page


def test_a_stranger(boss: Client) -> None:
    assert "The shop has recorded nothing" in look_up(boss, "nobody").content.decode()


def test_nothing_is_asked_without_a_name(boss: Client) -> None:
    page = look_up(boss, "  ")
    assert page.status_code == 200
    assert "This field is required." in page.content.decode()
    assert "Whose referral is it about?" in boss.get(PAGE).content.decode()


def test_in_another_account(boss: Client) -> None:
    Account.objects.create(pk="outlet")
    support.referral("42", account_id="outlet", receipt="linked", reason="by_registration")
    page = look_up(boss, "42", account="outlet")
    assert "This friend counts." in page.content.decode()
    assert look_up(boss, "42", account="of nobody").redirect_chain == []


def test_only_whoever_may_see_referrals(staff: Any, stranger: Client) -> None:
    assert stranger.get(f"{PAGE}?id=42").status_code == 403
    assert stranger.post(PAGE, {"who": "42"}).status_code == 403
    assert staff("courier", "view_delivery").get(f"{PAGE}?id=42").status_code == 403


@pytest.mark.parametrize("count", [60])
def test_somebody_with_many_orders_is_answered_by_the_latest(boss: Client, count: int) -> None:
    Delivery.objects.bulk_create(
        Delivery(
            customer_id="9",
            operation="trackOrder",
            order_id=f"R-{number}",
            dedupe_key=f"o:R-{number}",
            state="applied",
            deadline_at="2026-01-01T00:00:00Z",
        )
        for number in range(count)
    )
    page = look_up(boss, "9").content.decode()
    assert f"R-{count - 1}" in page
    assert "R-0<" not in page
