"""Erasing a customer: at Gameball, here, and for good."""

from __future__ import annotations

from decimal import Decimal
from io import StringIO
from typing import Any
from unittest import mock

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone
from gameball_referrals.courier import guest_customer_id
from gameball_referrals.django import erasure, maintenance, reconcile, track_order
from gameball_referrals.django.models import Delivery, Profile, Referral
from gameball_referrals.django.testing import deliver_now
from gameball_referrals.testing import Emulator
from hooks.support import installed, known, visit
from hooks.test_mapped_orders import SHOP
from shop.models import Order

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def mapped(settings: Any, gameball: Emulator) -> None:
    settings.GAMEBALL_REFERRALS = {**settings.GAMEBALL_REFERRALS, "ORDERS": SHOP}
    installed(days=10)


@pytest.fixture
def bo() -> User:
    with visit():
        return User.objects.create_user("bo", "bo@example.com")


def buy(user: User | None, number: str = "A-1", **values: Any) -> Order:
    paid = {"number": number, "customer": user, "total": Decimal("9.90"), "paid_at": timezone.now()}
    order: Order = Order.objects.create(**{**paid, **values})
    return order


def erase(*arguments: str) -> str:
    out = StringIO()
    call_command("gameball_erase", *arguments, "--no-input", stdout=out)
    return out.getvalue()


def everything() -> str:
    """Whatever is kept, but for the keys against repetition."""
    rows = [*Delivery.objects.values(), *Referral.objects.values(), *Profile.objects.values()]
    return repr([{name: value for name, value in row.items() if name != "dedupe_key"} for row in rows])


def test_a_customer_is_forgotten_there_and_here(bo: User, gameball: Emulator) -> None:
    buy(bo)
    deliver_now()
    assert str(bo.pk) in known(gameball)
    assert Profile.objects.exists()
    erase(str(bo.pk))
    assert str(bo.pk) in known(gameball)
    deliver_now()
    assert str(bo.pk) not in known(gameball)
    kept = everything()
    assert "A-1" not in kept
    assert "example.com" not in kept
    assert not Profile.objects.exists()
    assert {each.customer_id[:7] for each in Delivery.objects.all()} == {"erased-"}
    assert all(each.history == [] and each.arguments == "" for each in Delivery.objects.all())
    referral = Referral.objects.get()
    assert (referral.customer_id[:7], referral.receipt, referral.referrer_code) == ("erased-", "linked", "ANNA1")


def test_what_had_not_been_sent_is_not_sent(bo: User, gameball: Emulator) -> None:
    buy(bo)
    assert "2 waiting call(s) cancelled" in erase(str(bo.pk))
    deliver_now()
    assert [request["operation"] for request in gameball.requests()] == ["deleteCustomer"]
    assert not Referral.objects.exists()


def test_nothing_brings_them_back(bo: User, gameball: Emulator) -> None:
    order = buy(bo)
    deliver_now()
    erase(str(bo.pk))
    deliver_now()
    order.save()
    buy(bo, "A-2")
    reconcile.reconcile()
    deliver_now()
    assert str(bo.pk) not in known(gameball)


def test_somebody_from_before_the_installation(gameball: Emulator) -> None:
    User.objects.bulk_create([User(username="old", date_joined=timezone.now().replace(year=2020))])
    old = User.objects.get()
    gameball.add_customer(str(old.pk))
    assert "nothing is written down of them here" in erase(str(old.pk))
    deliver_now()
    assert str(old.pk) not in known(gameball)
    buy(old)
    deliver_now()
    assert str(old.pk) not in known(gameball)


def test_again(bo: User, gameball: Emulator) -> None:
    deliver_now()
    for _ in range(2):
        erase(str(bo.pk))
        erase(str(bo.pk))
        deliver_now()
    assert [request["operation"] for request in gameball.requests()].count("deleteCustomer") == 2
    assert Delivery.objects.filter(operation="deleteCustomer").count() == 1
    assert Referral.objects.count() == 1


def test_a_guest_by_the_address(gameball: Emulator) -> None:
    buy(None, email="Li@example.com")
    deliver_now()
    guest = guest_customer_id("li@example.com")
    assert guest in known(gameball)
    said = erase("li@EXAMPLE.com")
    assert f"Guest {guest}" in said
    assert "example.com" not in said.lower()
    deliver_now()
    assert guest not in known(gameball)
    assert guest not in everything()


def test_a_user_by_the_address(bo: User, gameball: Emulator) -> None:
    deliver_now()
    assert f"Customer {bo.pk}" in erase("BO@example.com")
    deliver_now()
    assert str(bo.pk) not in known(gameball)


def test_an_address_that_nobody_has() -> None:
    with pytest.raises(CommandError, match="nothing was erased"):
        erase("nobody@example.com")


@pytest.mark.parametrize(("answer", "erased"), [("yes", True), ("no", False), ("", False)])
def test_it_asks_first(bo: User, monkeypatch: pytest.MonkeyPatch, answer: str, erased: bool) -> None:
    monkeypatch.setattr("builtins.input", lambda prompt: answer)
    if erased:
        call_command("gameball_erase", str(bo.pk), stdout=StringIO())
    else:
        with pytest.raises(CommandError, match="Nothing was erased"):
            call_command("gameball_erase", str(bo.pk), stdout=StringIO())
    assert Delivery.objects.filter(operation="deleteCustomer").exists() is erased


def test_a_referrers_code_goes_from_their_friends_referrals(bo: User, gameball: Emulator) -> None:
    deliver_now()
    code = Profile.objects.get(customer_id=str(bo.pk)).referral_code
    with visit(code):
        User.objects.create_user("friend")
    deliver_now()
    erase(str(bo.pk))
    deliver_now()
    assert code
    assert code not in everything()


def test_an_erasure_that_failed_starts_anew(bo: User, gameball: Emulator) -> None:
    deliver_now()
    erase(str(bo.pk))
    Delivery.objects.filter(operation="deleteCustomer").update(state="dead", settled_at=timezone.now(), attempts=12)
    erase(str(bo.pk))
    deliver_now()
    assert str(bo.pk) not in known(gameball)


def test_a_pseudonym_is_nobodys_without_the_shops_secret(bo: User, settings: Any) -> None:
    before = erasure.pseudonyms("default", "7")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]
    after = erasure.pseudonyms("default", "7")
    assert after[0] != before[0]
    assert after[1] == before[0]


def test_what_was_in_flight_is_forgotten_too(bo: User, gameball: Emulator) -> None:
    creation = Delivery.objects.get()
    Delivery.objects.update(state="in_flight", lease_token="t", lease_until=timezone.now())
    erase(str(bo.pk))
    Delivery.objects.filter(pk=creation.pk).update(state="applied", settled_at=timezone.now())
    Profile.objects.create(customer_id=str(bo.pk), referral_code="X")
    deliver_now()
    assert str(bo.pk) not in [*Delivery.objects.values_list("customer_id", flat=True)]
    assert not Profile.objects.exists()


def test_an_id_that_cannot_be_sent() -> None:
    with pytest.raises(CommandError):
        erase("..")
    assert not Delivery.objects.exists()


def test_track_order_of_an_erased_id(bo: User, gameball: Emulator) -> None:
    erase(str(bo.pk))
    deliver_now()
    track_order("9", customer=str(bo.pk), order_date=timezone.now(), total_paid=1)
    assert deliver_now() == 0


def test_an_erasure_that_was_cut_off_is_finished_later(bo: User, gameball: Emulator) -> None:
    buy(bo)
    deliver_now()
    erase(str(bo.pk))
    with mock.patch("gameball_referrals.django.erasure.anonymise", side_effect=OperationalError("database is locked")):
        deliver_now()
    deletion = Delivery.objects.get(operation="deleteCustomer")
    assert (deletion.state, deletion.customer_id) == ("applied", str(bo.pk))
    maintenance.run("default")
    assert not Delivery.objects.filter(customer_id=str(bo.pk)).exists()
