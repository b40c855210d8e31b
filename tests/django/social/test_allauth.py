"""Signing up with allauth: by its form, and by an identity provider, through the provider's redirects."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.test import Client
from gameball_referrals.django.models import Delivery, Referral

pytestmark = pytest.mark.django_db


def refuses(request: HttpRequest) -> bool:
    return False


def referred() -> list[tuple[str, str, str]]:
    return list(Referral.objects.values_list("customer_id", "referrer_code", "source"))


def sign_up(client: Client, **typed: str) -> str:
    """Sign up by allauth's form and return the customer's id."""
    form = {"username": "ben", "email": "ben@shop.test", "password1": "correct horse 1", "password2": "correct horse 1"}
    response = client.post("/accounts/signup/", {**form, **typed})
    assert response.status_code == 302, response.content
    return str(User.objects.get(username="ben").pk)


def sign_in_with_provider(client: Client) -> str:
    """Go to the provider and come back, as a browser does, and return the customer's id."""
    to_provider = client.post("/accounts/dummy/login/")
    assert to_provider.status_code == 302
    back = client.post(to_provider["Location"], {"id": "123", "email": "ben@shop.test", "username": "ben"})
    assert back.status_code == 302, back.content
    return str(User.objects.get(socialaccount__uid="123").pk)


def test_the_form_shows_the_claims_code_and_takes_it(client: Client) -> None:
    client.get("/?ref=ANNA1")
    page = client.get("/accounts/signup/").content.decode()
    assert 'name="referrer_code" value="ANNA1"' in page
    customer = sign_up(client, **{"referrer_code": "ANNA1", "initial-referrer_code": "ANNA1"})
    assert referred() == [(customer, "ANNA1", "visit")]


def test_a_typed_code_wins(client: Client) -> None:
    client.get("/?ref=OTHER")
    customer = sign_up(client, referrer_code="ANNA1")
    assert referred() == [(customer, "ANNA1", "field")]
    assert list(Delivery.objects.values_list("operation", "customer_id")) == [("createCustomer", customer)]


def test_the_claim_survives_the_way_through_the_provider(client: Client) -> None:
    client.get("/?ref=ANNA1")
    customer = sign_in_with_provider(client)
    assert referred() == [(customer, "ANNA1", "visit")]


def test_so_does_one_that_waits_in_the_session_for_consent(client: Client, settings: Any) -> None:
    settings.GAMEBALL_REFERRALS = {**settings.GAMEBALL_REFERRALS, "CONSENT": "test_allauth.refuses"}
    client.get("/?ref=ANNA1")
    assert "gb_claim" not in client.cookies
    customer = sign_in_with_provider(client)
    assert referred() == [(customer, "ANNA1", "visit")]


def test_signing_in_again_refers_nobody(client: Client) -> None:
    sign_in_with_provider(client)
    client.logout()
    client.get("/?ref=ANNA1")
    sign_in_with_provider(client)
    assert referred() == []


def test_a_provider_that_answers_by_post_brings_the_claim_in_its_state(client: Client) -> None:
    client.get("/?ref=ANNA1")
    state = client.get("/begin/").json()["state"]
    without_cookies = Client()  # SameSite=Lax: a POST from another site carries none
    assert without_cookies.post("/answer/", {"state": state, "name": "ben"}).status_code == 201
    ((_, code, source),) = referred()
    assert (code, source) == ("ANNA1", "state")
    claimed_at = Referral.objects.get().claimed_at
    assert claimed_at is not None
    assert claimed_at <= Referral.objects.get().registered_at


@pytest.mark.parametrize("state", ["", "forged", "1.QU5OQTE.1795375595.forged"])
def test_a_forged_state_refers_nobody(client: Client, state: str) -> None:
    assert client.post("/answer/", {"state": state, "name": "ben"}).status_code == 201
    assert referred() == []


def test_the_visitors_own_cookie_goes_before_the_state(client: Client) -> None:
    client.get("/?ref=OLD")
    state = client.get("/begin/").json()["state"]
    client.get("/?ref=NEW")
    client.post("/answer/", {"state": state, "name": "ben"})
    assert [code for _, code, _ in referred()] == ["NEW"]
