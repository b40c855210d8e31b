"""A customer's own code: from the cache, asked for in the background, and told by webhook."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.core.cache import cache
from django.test import Client
from gameball_referrals import sign_webhook
from gameball_referrals.django import profiles
from gameball_referrals.django.models import Account, Delivery, Profile
from gameball_referrals.testing import SECRET_KEY

Configure = Callable[..., None]
NOW = datetime.now(timezone.utc)


@pytest.fixture
def anna(db: None) -> User:
    user = User.objects.create_user("anna", id=7)
    Delivery.objects.all().delete()
    return user


def questions() -> int:
    return Delivery.objects.filter(operation="getCustomer").count()


def known(**values: Any) -> Profile:
    defaults = {"customer_id": "7", "referral_code": "ANNA1", "gameball_id": 1, "fetched_at": NOW}
    return Profile.objects.create(**{**defaults, **values})


def test_a_profile_that_is_not_there_is_asked_for_once(anna: User) -> None:
    for _ in range(3):
        assert profiles.profile_of(anna) is None
    assert questions() == 1
    cache.clear()  # another process, an hour later
    assert profiles.profile_of(anna) is None
    assert questions() == 1


def test_a_fresh_profile_is_neither_asked_for_nor_changed(anna: User) -> None:
    known()
    profile = profiles.profile_of(anna)
    assert profile is not None
    assert profile.referral_code == "ANNA1"
    assert questions() == 0


def test_a_stale_one_is_shown_and_asked_for(anna: User) -> None:
    known(fetched_at=NOW - timedelta(hours=25))
    assert profiles.profile_of(anna) is not None
    assert questions() == 1


def test_one_that_gameball_had_no_code_for_is_asked_for_again_soon(anna: User) -> None:
    profile = known(referral_code="", fetched_at=NOW - timedelta(minutes=5))
    assert profiles.profile_of(anna) is not None
    assert questions() == 0
    Profile.objects.filter(pk=profile.pk).update(fetched_at=NOW - timedelta(minutes=11))
    profiles.profile_of(anna)
    assert questions() == 1


def test_visitors_and_staff_have_none(anna: User) -> None:
    assert profiles.profile_of(AnonymousUser()) is None
    assert profiles.profile_of(None) is None
    anna.is_staff = True
    assert profiles.profile_of(anna) is None
    assert questions() == 0


def test_with_the_app_switched_off_nothing_is_asked(anna: User, configure: Configure) -> None:
    configure(ENABLED=False)
    assert profiles.profile_of(anna) is None
    assert questions() == 0


class FailingAdapter(profiles.adapter.DefaultAdapter):
    def get_customer_id(self, user: Any) -> str:
        raise ValueError("anna@shop.test")


def test_an_adapter_that_fails_shows_what_a_visitor_sees(
    anna: User, configure: Configure, caplog: pytest.LogCaptureFixture
) -> None:
    configure(ADAPTER="storefront.test_profiles.FailingAdapter")
    assert profiles.profile_of(anna) is None
    assert "adapter" in caplog.text
    assert "anna@shop.test" not in caplog.text


@pytest.fixture
def account(db: None, configure: Configure) -> Account:
    configure(API_KEY="gb_test_api_key", SECRET_KEY=SECRET_KEY)
    return Account.objects.get_or_create(pk="default")[0]


def updated(**changes: Any) -> bytes:
    event = {
        "event": "customer.profile.updated",
        "client_id": 1,
        "customer_id": "7",
        "gb_customer_id": 42,
        "created_at": NOW.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "data": {"referral_code": "ANNA1", "referral_link": "https://shop.test/?ref=ANNA1", "points": 3},
    }
    return json.dumps({**event, **changes}).encode()


def send(client: Client, body: bytes, signature: str | None = None, account: str = "default") -> int:
    return client.post(
        f"/gameball/webhooks/{account}/",
        body,
        content_type="application/json",
        headers={"X-GB-Signature": sign_webhook(body, SECRET_KEY) if signature is None else signature},
    ).status_code


def test_a_webhook_updates_the_profile(account: Account) -> None:
    client = Client(enforce_csrf_checks=True)
    assert send(client, updated()) == 204
    profile = Profile.objects.get(customer_id="7")
    assert (profile.referral_code, profile.gameball_id) == ("ANNA1", 42)
    assert profile.referral_link == "https://shop.test/?ref=ANNA1"
    later = updated(created_at=(NOW + timedelta(seconds=60)).isoformat(), data={"referral_code": "ANNA2"})
    assert send(client, later) == 204
    profile.refresh_from_db()
    assert (profile.referral_code, profile.referral_link) == ("ANNA2", "https://shop.test/?ref=ANNA1")


def test_a_key_saved_in_the_admin_verifies_too(client: Client, account: Account) -> None:
    from gameball_referrals.django import accounts

    accounts.set_keys(account, api_key="gb_live_x", secret_key="another secret of thirty-two byt")
    account.save()
    body = updated()
    assert send(client, body) == 403
    assert send(client, body, sign_webhook(body, "another secret of thirty-two byt")) == 204


def test_forged_webhooks_change_nothing(client: Client, account: Account) -> None:
    body = updated()
    good = sign_webhook(body, SECRET_KEY)
    for signature in ("", "0" * 40, good[:-1], sign_webhook(body, "x"), sign_webhook(body + b" ", SECRET_KEY)):
        assert send(client, body, signature) == 403
    assert send(client, body, good, account="nobodys") == 403
    assert not Profile.objects.exists()


def test_without_a_secret_key_no_webhook_is_believed(client: Client, db: None, configure: Configure) -> None:
    configure(API_KEY="gb_test_api_key", SECRET_KEY=None)
    body = updated()
    assert send(client, body, sign_webhook(body, "")) == 403


@pytest.mark.parametrize("is_remembered", [True, False])
def test_a_replay_turns_nothing_back(client: Client, account: Account, is_remembered: bool) -> None:
    first = updated(data={"referral_code": "OLD"})
    assert send(client, first) == 204
    second = updated(data={"referral_code": "NEW"}, created_at=(NOW + timedelta(seconds=2)).isoformat())
    assert send(client, second) == 204
    if not is_remembered:
        cache.clear()
    assert send(client, first) in (200, 204)
    assert Profile.objects.get().referral_code == "NEW"


@pytest.mark.parametrize("written", ["%Y-%m-%dT%H:%M:%S.1234567Z", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S+00:00"])
def test_times_as_services_write_them(client: Client, account: Account, written: str) -> None:
    assert send(client, updated(created_at=NOW.strftime(written))) == 204
    assert Profile.objects.exists()


@pytest.mark.parametrize("age", [timedelta(hours=4), timedelta(days=400), -timedelta(hours=1)])
def test_one_of_another_time_is_refused(client: Client, account: Account, age: timedelta) -> None:
    assert send(client, updated(created_at=(NOW - age).isoformat())) == 403
    assert not Profile.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b"1", b"\xff", b"[" * 60_000, updated(created_at=None), updated(created_at=7),
        updated(created_at="yesterday"), updated(created_at="2026-02-30T00:00:00Z"),
    ],
)  # fmt: skip
def test_signed_nonsense_is_refused(client: Client, account: Account, body: bytes) -> None:
    assert send(client, body) == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"event": "customer.notification.push"}, {"event": None}, {"customer_id": None}, {"customer_id": {}},
        {"customer_id": ""}, {"customer_id": "x" * 300}, {"data": None}, {"data": []},
    ],
)  # fmt: skip
def test_what_is_not_about_a_profile_changes_none(client: Client, account: Account, changes: dict[str, Any]) -> None:
    assert send(client, updated(**changes)) == 204
    assert not Profile.objects.exists()


def test_strange_values_in_a_profile_are_left_out(client: Client, account: Account) -> None:
    data = {"referral_code": ["x"], "referral_link": "javascript:" + "x" * 3000, "is_referred": "yes"}
    assert send(client, updated(data=data, gb_customer_id=2**70)) == 204
    profile = Profile.objects.get()
    assert (profile.referral_code, profile.referral_link, profile.is_referred, profile.gameball_id) == (
        "",
        "",
        None,
        None,
    )


def test_huge_bodies_are_not_read(client: Client, account: Account) -> None:
    assert send(client, updated(data={"referral_code": "x" * 100_000})) == 413
    assert client.get("/gameball/webhooks/default/").status_code == 405
