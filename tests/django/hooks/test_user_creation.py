"""A user's creation: what is written of it, in whose transaction, with how many queries."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.forms import UserCreationForm
from django.contrib.auth.models import User
from django.core import serializers
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models.signals import post_save
from django.utils import timezone
from gameball_referrals.django import hooks
from gameball_referrals.django.adapter import DefaultAdapter
from gameball_referrals.django.models import Delivery, Referral
from hooks.shapes.models import Member, Shopper
from hooks.support import CODE, arguments, queries, told, visit

pytestmark = pytest.mark.django_db(transaction=True)

ADAPTED = "hooks.test_user_creation."


def test_a_customer_costs_one_insert_in_the_users_own_transaction() -> None:
    with queries() as captured:
        user = User.objects.create_user("bo", "bo@example.com", "x", first_name="Bo", last_name="Li")
    assert captured.statements == ["BEGIN", "INSERT auth_user", "INSERT gameball_delivery", "COMMIT"]
    delivery = Delivery.objects.get()
    assert (delivery.operation, delivery.customer_id, delivery.state) == ("createCustomer", str(user.pk), "pending")
    assert arguments(delivery) == {
        "customerId": str(user.pk),
        "email": "bo@example.com",
        "customerAttributes": {"displayName": "Bo Li", "email": "bo@example.com"},
    }


def test_a_referred_customer_costs_two_inserts() -> None:
    before = timezone.now()
    with visit(), queries() as captured:
        user = User.objects.create_user("bo", "bo@example.com", "x")
    assert captured.statements == [
        "BEGIN", "INSERT auth_user", "INSERT gameball_referral", "INSERT gameball_delivery", "COMMIT",
    ]  # fmt: skip
    referral = Referral.objects.get()
    assert (referral.customer_id, referral.referrer_code, referral.source) == (str(user.pk), CODE, "visit")
    assert before <= referral.registered_at <= timezone.now()
    assert referral.deadline_at == referral.registered_at + timedelta(minutes=5)
    assert referral.claimed_at is not None
    assert referral.receipt == ""
    delivery = Delivery.objects.get()
    assert arguments(delivery)["referrerCode"] == CODE
    assert delivery.priority == 0
    assert delivery.deadline_at == pytest.approx(referral.deadline_at, abs=timedelta(milliseconds=1))


def test_within_a_transaction_there_is_nothing_but_the_inserts() -> None:
    with visit(), transaction.atomic(), queries() as captured:
        User.objects.create_user("bo")
    assert captured.statements == ["INSERT auth_user", "INSERT gameball_referral", "INSERT gameball_delivery"]


def test_a_rollback_takes_both() -> None:
    with pytest.raises(ZeroDivisionError), visit(), transaction.atomic():
        User.objects.create_user("bo")
        raise ZeroDivisionError
    assert not User.objects.exists()
    assert not Referral.objects.exists()
    assert not Delivery.objects.exists()


def test_a_users_insert_that_fails_leaves_nothing() -> None:
    User.objects.create_user("bo")
    with pytest.raises(IntegrityError):
        User.objects.create_user("bo")
    assert len(told()) == 1
    assert not connection.in_atomic_block


def test_updates_cost_nothing() -> None:
    user = User.objects.create_user("bo")
    with visit(), queries() as captured:
        user.first_name = "Bo"
        user.save()
        user.save(update_fields=["last_login"])
    assert captured.statements == ["UPDATE auth_user"] * 2
    assert not Referral.objects.exists()


def test_a_django_form(client: Any) -> None:
    client.get(f"/?ref={CODE}")
    form = {"username": "bo", "email": "bo@example.com", "password1": "sd8f7s6d5f", "password2": "sd8f7s6d5f"}
    assert client.post("/sign-up/", form).status_code == 302
    referral = Referral.objects.get()
    assert (referral.customer_id, referral.referrer_code) == (str(User.objects.get().pk), CODE)
    body = arguments(Delivery.objects.get())
    assert (body["email"], body["referrerCode"]) == ("bo@example.com", CODE)
    assert body["customerAttributes"]["preferredLanguage"] == "en"


def test_the_language_is_the_requests(client: Any, settings: Any) -> None:
    settings.MIDDLEWARE = ["django.middleware.locale.LocaleMiddleware", *settings.MIDDLEWARE]
    form = {"username": "bo", "email": "", "password1": "sd8f7s6d5f", "password2": "sd8f7s6d5f"}
    client.post("/sign-up/", form, HTTP_ACCEPT_LANGUAGE="pt-BR")
    assert arguments(Delivery.objects.get())["customerAttributes"] == {"preferredLanguage": "pt-BR"}


def test_a_form_saved_by_hand() -> None:
    form = UserCreationForm({"username": "bo", "password1": "sd8f7s6d5f", "password2": "sd8f7s6d5f"})
    user = form.save(commit=False)
    assert told() == []
    user.save()
    assert told() == [("createCustomer", str(user.pk))]


def test_the_orms_ways() -> None:
    user, _ = User.objects.get_or_create(username="a")
    User.objects.get_or_create(username="a")
    other, _ = User.objects.update_or_create(username="b", defaults={"email": "b@example.com"})
    User.objects.update_or_create(username="b", defaults={"email": "c@example.com"})
    asked = async_to_sync(_asynchronously)()
    assert told() == [("createCustomer", str(each.pk)) for each in (user, other, asked)]


async def _asynchronously() -> User:
    user = User(username="d")
    await user.asave()
    return user


def test_a_copy_is_a_new_customer() -> None:
    user = User.objects.create_user("bo")
    user.pk, user.username = None, "li"
    with queries() as captured:
        user.save()
    assert captured.statements == ["BEGIN", "INSERT auth_user", "INSERT gameball_delivery", "COMMIT"]
    assert told()[1] == ("createCustomer", str(user.pk))


def test_a_proxy_and_a_child_table() -> None:
    shopper = Shopper.objects.create(username="a")
    with queries() as captured:
        member = Member.objects.create(username="b", points=3)
    inserts = ["INSERT auth_user", "INSERT shapes_member", "INSERT gameball_delivery"]
    assert captured.statements == ["BEGIN", *inserts, "COMMIT"]
    assert told() == [("createCustomer", str(shopper.pk)), ("createCustomer", str(member.pk))]


def test_a_child_row_for_a_user_who_exists_is_no_new_customer() -> None:
    user = User.objects.create_user("bo")
    with visit():
        member = Member(user_ptr=user)
        member.__dict__.update({name: value for name, value in user.__dict__.items() if name != "_state"})
        member.save()
    assert told() == [("createCustomer", str(user.pk))]
    assert not Referral.objects.exists()


def test_fixtures_staff_and_superusers_are_no_customers(tmp_path: Any) -> None:
    User.objects.create_superuser("root")
    User.objects.create_user("clerk", is_staff=True)
    fixture = tmp_path / "users.json"
    fixture.write_text(serializers.serialize("json", [User(pk=77, username="fixed")]))
    call_command("loaddata", fixture, verbosity=0)
    assert User.objects.count() == 3
    assert told() == []


def test_users_made_by_somebody_who_is_signed_in_have_no_claim() -> None:
    clerk = User.objects.create_user("clerk", is_staff=True)
    with visit(signed_in_as=clerk):
        User.objects.create_user("bo")
    assert not Referral.objects.exists()
    assert "referrerCode" not in arguments(Delivery.objects.get())


def test_switched_off(settings: Any) -> None:
    settings.GAMEBALL_REFERRALS = {"SENDER": "worker", "ENABLED": False}
    with queries() as captured:
        User.objects.create_user("bo")
    assert captured.statements == ["BEGIN", "INSERT auth_user", "COMMIT"]


def test_other_receivers_find_the_user_committed() -> None:
    """As without the app: a task queued by them must find the user, and what they raise must not undo the sign-up."""
    seen = []

    def receiver(instance: User, **_: Any) -> None:
        seen.append((connection.in_atomic_block, Delivery.objects.count()))
        raise ZeroDivisionError

    post_save.connect(receiver, sender=User)
    try:
        with pytest.raises(ZeroDivisionError):
            User.objects.create_user("bo")
    finally:
        post_save.disconnect(receiver, sender=User)
    assert seen == [(False, 1)]
    assert User.objects.count() == 1


class Broken(DefaultAdapter):
    def get_customer_id(self, user: Any) -> str:
        raise ValueError(f"nothing for {user.email}")


class HalfBroken(DefaultAdapter):
    def get_attributes(self, user: Any) -> Any:
        raise ValueError(f"nothing for {user.email}")

    def get_mobile(self, user: Any) -> str:
        return "no number"


class NoClaims(DefaultAdapter):
    def get_claim(self, user: Any, request: Any) -> Any:
        raise ValueError(f"nothing for {user.email}")


class Own(DefaultAdapter):
    def is_customer(self, user: Any) -> bool:
        return bool(user.email)

    def get_customer_id(self, user: Any) -> str:
        return f"shop-{user.pk}"

    def get_account(self, user: Any) -> str:
        return "second"

    def get_attributes(self, user: Any) -> Any:
        return {"custom": {"userName": user.username}}


def test_an_adapter_that_fails_breaks_no_sign_up(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.GAMEBALL_REFERRALS = {"SENDER": "worker", "ADAPTER": f"{ADAPTED}Broken"}
    with visit():
        User.objects.create_user("bo", "bo@example.com")
    assert User.objects.count() == 1
    assert told() == []
    assert "ValueError" in caplog.text
    assert "gameball_reconcile" in caplog.text
    assert "bo@example.com" not in caplog.text


def test_what_an_adapter_fails_to_tell_is_left_out(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.GAMEBALL_REFERRALS = {"SENDER": "worker", "ADAPTER": f"{ADAPTED}HalfBroken"}
    with visit():
        user = User.objects.create_user("bo", "bo@example.com")
    delivery = Delivery.objects.get()
    assert arguments(delivery)["customerId"] == str(user.pk)
    assert arguments(delivery)["referrerCode"] == CODE
    assert "customerAttributes" not in arguments(delivery)
    assert "bo@example.com" not in caplog.text


def test_a_claim_that_cannot_be_read_costs_the_claim_only(settings: Any) -> None:
    settings.GAMEBALL_REFERRALS = {"SENDER": "worker", "ADAPTER": f"{ADAPTED}NoClaims"}
    with visit():
        User.objects.create_user("bo")
    assert len(told()) == 1
    assert not Referral.objects.exists()


def test_a_setting_that_names_no_adapter_breaks_no_sign_up(settings: Any) -> None:
    settings.GAMEBALL_REFERRALS = {"SENDER": "worker", "ADAPTER": "shop.nowhere.Adapter"}
    User.objects.create_user("bo")
    assert User.objects.count() == 1


def test_an_adapter_decides(settings: Any) -> None:
    settings.GAMEBALL_REFERRALS = {"SENDER": "worker", "ADAPTER": f"{ADAPTED}Own"}
    User.objects.create_user("nobody")
    user = User.objects.create_user("bo", "bo@example.com")
    delivery = Delivery.objects.get()
    assert (delivery.account_id, delivery.customer_id) == ("second", f"shop-{user.pk}")
    assert arguments(delivery)["customerAttributes"] == {"custom": {"userName": "bo"}}


def test_connecting_again_changes_nothing() -> None:
    from django.apps import apps

    hooks.connect(apps.get_app_config("gameball"))
    User.objects.create_user("bo")
    assert len(told()) == 1


def test_a_django_that_saves_in_another_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without ``_save_table``, the documented signal does the work."""
    monkeypatch.setattr(User, "_save_table", User._save_table.__wrapped__)  # type: ignore[attr-defined]
    monkeypatch.setitem(hooks._watched, User, False)
    with visit():
        user = User.objects.create_user("bo")
    assert told() == [("createCustomer", str(user.pk))]
    assert Referral.objects.get().referrer_code == CODE
    assert hooks.unclosed() == ["auth.User"]
