"""The test kit for shops says what is wrong in a way that a shop's developer can act on."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import TestCase
from gameball_referrals.django import track_order
from gameball_referrals.django.models import Delivery
from gameball_referrals.django.testing import (
    GameballShop,
    assert_no_referral,
    assert_order_tracked,
    assert_referral_linked,
    gameball_shop,
)

SIGN_UP = {"username": "bo", "email": "bo@example.com", "password1": "sd8f7s6d5f", "password2": "sd8f7s6d5f"}
AT = datetime(2026, 5, 4, 12, tzinfo=timezone.utc)


@pytest.mark.django_db
def test_a_friend_counts(client: Any, gameball_shop: GameballShop) -> None:
    gameball_shop.add_referrer("ANNA1")
    client.get("/?ref=ANNA1")
    client.post("/sign-up/", SIGN_UP)
    bo = User.objects.get()
    with pytest.raises(AssertionError, match=r"on its way: createCustomer is pending; call deliver_now\(\)"):
        assert_referral_linked(bo)
    assert gameball_shop.deliver_now() == 2
    assert assert_referral_linked(bo, code="ANNA1").reason == "by_registration"
    with pytest.raises(AssertionError, match="by the code 'ANNA1', not 'BEN22'"):
        assert_referral_linked(bo, code="BEN22")
    with pytest.raises(AssertionError, match="'ANNA1', linked"):
        assert_no_referral(bo)
    track_order("A-1", customer=bo, order_date=AT, total_paid=10)
    with pytest.raises(AssertionError, match="is not delivered: trackOrder is pending"):
        assert_order_tracked("A-1")
    gameball_shop.deliver_now()
    assert_order_tracked("A-1")
    with pytest.raises(AssertionError, match=re.escape("Only a customer's first order is sent (SEND_ORDERS).")):
        assert_order_tracked("A-2")


@pytest.mark.django_db
def test_a_code_that_nobody_has(client: Any, gameball_shop: GameballShop) -> None:
    client.get("/?ref=NOBODY")
    client.post("/sign-up/", SIGN_UP)
    gameball_shop.deliver_now()
    with pytest.raises(AssertionError, match="rejected, not linked: Gameball does not accept this code"):
        assert_referral_linked(User.objects.get())


@pytest.mark.django_db
def test_nobody_sent_them(client: Any, gameball_shop: GameballShop) -> None:
    client.post("/sign-up/", SIGN_UP)
    assert_no_referral(User.objects.get())
    with pytest.raises(AssertionError, match="registered without a referrer code"):
        assert_referral_linked(User.objects.get())
    clerk = User.objects.create_user("clerk", is_staff=True)
    with pytest.raises(AssertionError, match="told nothing of this customer"):
        assert_referral_linked(clerk)


@pytest.mark.django_db
def test_guests(gameball_shop: GameballShop) -> None:
    gameball_shop.add_referrer("ANNA1")
    gameball_shop.emulator.configure(guest_referrals=True)
    track_order("A-1", guest=True, email="li@example.com", order_date=AT, total_paid=10, referrer_code="ANNA1")
    gameball_shop.deliver_now()
    assert assert_referral_linked("li@example.com").guest


@pytest.mark.django_db
def test_an_order_that_cannot_be_sent(gameball_shop: GameballShop) -> None:
    track_order("A-1", customer=1, order_date=AT, total_paid=10)
    Delivery.objects.update(state="dead", error_message="Gameball refused it.")
    with pytest.raises(AssertionError, match=r"cannot be sent: Gameball refused it\."):
        assert_order_tracked("A-1")


class WithoutPytest(TestCase):
    def test_a_friend_counts(self) -> None:
        with gameball_shop() as shop:
            shop.add_referrer("ANNA1")
            self.client.get("/?ref=ANNA1")
            self.client.post("/sign-up/", SIGN_UP)
            shop.deliver_now()
            assert_referral_linked(User.objects.get())
