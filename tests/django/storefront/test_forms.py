"""Typed codes: what a sign-up form shows, takes and refuses, and which code the new customer is referred by."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from django import forms
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from gameball_referrals import Client as GameballClient
from gameball_referrals.courier import status
from gameball_referrals.django.forms import ReferrerCodeField
from gameball_referrals.django.models import Ledger, Referral
from gameball_referrals.testing import Emulator

Configure = Callable[..., None]
OWN = {"Sec-Fetch-Site": "same-origin"}
PASSWORD = "correct horse battery"


def sign_up(client: Client, **typed: str) -> Any:
    return client.post("/sign-up/", {"username": "ben", "password1": PASSWORD, "password2": PASSWORD, **typed})


def referred_by() -> list[tuple[str, str]]:
    return list(Referral.objects.values_list("referrer_code", "source"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "typed", ["ANNA1", "  ANNA1 ", "https://shop.test/?utm=x&ref=ANNA1", "http://shop.test/sign-up?GbReferral=ANNA1"]
)
def test_a_typed_code_or_a_pasted_link_counts(client: Client, typed: str) -> None:
    assert sign_up(client, referrer_code=typed).status_code == 201
    assert referred_by() == [("ANNA1", "field")]


@pytest.mark.django_db
def test_it_counts_instead_of_the_visit(client: Client) -> None:
    client.get("/?ref=OTHER")
    assert sign_up(client, referrer_code="ANNA1").status_code == 201
    assert referred_by() == [("ANNA1", "field")]


@pytest.mark.django_db
def test_the_form_comes_filled_in_and_left_alone_it_is_still_the_visits(client: Client) -> None:
    client.get("/?ref=ANNA1")
    page = client.get("/sign-up/")
    assert 'name="referrer_code" value="ANNA1"' in page.content.decode()
    assert page["Vary"] == "Cookie"
    sign_up(client, **{"referrer_code": "ANNA1", "initial-referrer_code": "ANNA1"})
    assert referred_by() == [("ANNA1", "visit")]


@pytest.mark.django_db
def test_left_blank_the_visit_counts(client: Client) -> None:
    """As where the form came from a cache, or its template shows no such field."""
    client.get("/?ref=ANNA1")
    assert sign_up(client, referrer_code="").status_code == 201
    assert referred_by() == [("ANNA1", "visit")]


@pytest.mark.django_db
def test_taken_out_nothing_counts(client: Client) -> None:
    client.get("/?ref=ANNA1")
    assert sign_up(client, **{"referrer_code": "", "initial-referrer_code": "ANNA1"}).status_code == 201
    assert referred_by() == []


@pytest.mark.django_db
def test_without_any_code_a_customer_is_just_a_customer(client: Client) -> None:
    assert sign_up(client).status_code == 201
    assert referred_by() == []


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["two words", "<b>", "https://shop.test/", "A" * 101, "https://[", "\x00"])
def test_what_is_no_code_is_said_at_the_field(client: Client, typed: str) -> None:
    response = sign_up(client, referrer_code=typed)
    assert response.status_code == 200
    assert "errorlist" in response.content.decode()
    assert not Referral.objects.exists()


def test_a_form_may_have_its_own_field() -> None:
    class Form(forms.Form):
        code = ReferrerCodeField(label="Invited by", required=True)

    assert Form({"code": "ANNA1"}).is_valid()
    assert not Form({"code": ""}).is_valid()


def ask(client: Client, code: str, **extra: Any) -> Any:
    return client.post(
        "/gameball/validate/", json.dumps({"code": code}), content_type="application/json", headers=OWN, **extra
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "result"),
    [("ANNA1", "valid"), ("https://shop.test/?ref=ANNA1", "valid"), ("NOBODYS", "invalid"), ("<b>", "invalid")],
)
def test_a_code_is_looked_up_while_it_is_typed(client: Client, gameball: Emulator, code: str, result: str) -> None:
    response = ask(client, code)
    assert response.json() == {"result": result}  # and nothing about whose it is
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_the_same_code_is_asked_for_once(client: Client, gameball: Emulator) -> None:
    for _ in range(3):
        assert ask(client, "ANNA1").json() == {"result": "valid"}
    assert len(gameball.requests("validateReferrerCode")) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("fault", ["status", "resetBefore", "html"])
def test_with_gameball_down_nothing_is_known_and_signing_up_goes_on(
    client: Client, gameball: Emulator, fault: str
) -> None:
    gameball.inject(fault, times=None)
    assert ask(client, "ANNA1").json() == {"result": "unknown"}
    assert sign_up(client, referrer_code="ANNA1").status_code == 201
    assert referred_by() == [("ANNA1", "field")]


@pytest.mark.django_db
def test_a_gameball_that_does_not_answer_is_spared_for_a_while(client: Client, gameball: Emulator) -> None:
    gameball.inject("resetBefore", times=None)
    for code in ("ANNA1", "BEN22", "CARL3"):
        assert ask(client, code).json() == {"result": "unknown"}
    assert len(gameball.requests("validateReferrerCode")) == 1


@pytest.mark.django_db
def test_without_keys_nothing_is_known(client: Client) -> None:
    assert ask(client, "ANNA1").json() == {"result": "unknown"}


@pytest.mark.django_db
def test_rotated_keys_are_used_at_once(client: Client, gameball: Emulator, configure: Configure) -> None:
    assert ask(client, "ANNA1").json() == {"result": "valid"}
    gameball.configure(api_key="gb_test_another")
    assert ask(client, "BEN22").json() == {"result": "unknown"}
    configure(API_KEY="gb_test_another")
    assert ask(client, "BEN22").json() == {"result": "invalid"}


@pytest.mark.django_db
def test_a_visitor_has_ten_a_minute(client: Client, gameball: Emulator) -> None:
    codes = [ask(client, f"CODE{number}", REMOTE_ADDR="8.8.8.8").status_code for number in range(11)]
    assert codes == [200] * 10 + [429]
    assert len(gameball.requests("validateReferrerCode")) == 10


@pytest.mark.django_db
def test_lookups_share_the_accounts_limits_with_the_senders(client: Client, gameball: Emulator) -> None:
    """30 a second of the bucket of such calls; the senders' ledger counts these, and refuses what is too much."""
    results = [ask(client, f"CODE{number}").json()["result"] for number in range(40)]
    assert results.count("invalid") == len(gameball.requests("validateReferrerCode"))
    assert "unknown" in results
    used = status(Ledger.objects.get().state, datetime.now(timezone.utc)).buckets["other"]
    assert used.used_long == results.count("invalid")


def test_other_sites_learn_nothing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GameballClient, "validate_referrer_code", lambda *_: pytest.fail("asked"))
    for headers in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.test"}):
        response = client.post(
            "/gameball/validate/", '{"code": "ANNA1"}', content_type="application/json", headers=headers
        )
        assert response.status_code == 400


@pytest.mark.django_db
def test_lookups_go_on_without_a_cache(client: Client, gameball: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: Any, **__: Any) -> None:
        raise ConnectionError

    for name in ("add", "incr", "get", "set"):
        monkeypatch.setattr(cache, name, down)
    assert ask(client, "ANNA1").json() == {"result": "valid"}


@pytest.mark.django_db
def test_what_somebody_signed_in_types_for_a_new_customer_counts_unlike_their_own_visit(client: Client) -> None:
    client.force_login(User.objects.create_user("call-centre", is_staff=True))
    client.get("/?ref=OTHER")
    sign_up(client, username="carl")
    assert referred_by() == []
    client.force_login(User.objects.get(username="call-centre"))
    sign_up(client, username="ben", referrer_code="ANNA1")
    assert referred_by() == [("ANNA1", "field")]
