"""A consent gate: until the visitor agrees, the claim is in the session and no cookie of ours is set."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import Client
from storefront.conftest import code_in_cookie

Configure = Callable[..., None]


def by_cookie(request: HttpRequest) -> bool:
    return request.COOKIES.get("consent") == "yes"


def stumbles(request: HttpRequest) -> bool:
    raise ValueError


@pytest.fixture(autouse=True)
def _gate(configure: Configure) -> None:
    configure(CONSENT="storefront.test_consent.by_cookie")


@pytest.mark.django_db
def test_the_claim_waits_in_the_session_and_counts_already(client: Client) -> None:
    response = client.get("/?ref=ANNA1")
    assert "gb_claim" not in response.cookies
    assert "private" in response["Cache-Control"]
    assert client.get("/whose/").content == b"ANNA1 visit"


@pytest.mark.django_db
def test_the_first_page_with_consent_moves_it_into_the_cookie(client: Client) -> None:
    client.get("/?ref=ANNA1")
    client.cookies["consent"] = "yes"
    response = client.get("/session/")
    assert code_in_cookie(client) == "ANNA1"
    assert "private" in response["Cache-Control"]
    assert "gameball_claim" not in client.session
    assert "gb_claim" not in client.get("/session/").cookies


@pytest.mark.django_db
def test_consent_from_the_start_needs_no_session(client: Client) -> None:
    client.cookies["consent"] = "yes"
    client.get("/?ref=ANNA1")
    assert code_in_cookie(client) == "ANNA1"
    assert "sessionid" not in client.cookies


@pytest.mark.django_db
def test_withdrawn_consent_removes_the_cookie(client: Client) -> None:
    client.cookies["consent"] = "yes"
    client.get("/?ref=ANNA1")
    client.cookies["consent"] = "no"
    response = client.get("/")
    assert response.cookies["gb_claim"]["max-age"] == 0
    assert "private" in response["Cache-Control"]
    assert client.get("/whose/").content == b"nobody's"


@pytest.mark.django_db
@pytest.mark.parametrize(("attribution", "counts"), [("first", "FIRST"), ("last", "LAST")])
def test_touches_across_the_gate(client: Client, configure: Configure, attribution: str, counts: str) -> None:
    configure(ATTRIBUTION=attribution)
    client.get("/?ref=FIRST")
    client.cookies["consent"] = "yes"
    client.get("/?ref=LAST")
    assert code_in_cookie(client) == counts


@pytest.mark.django_db
def test_a_gate_that_fails_is_closed(client: Client, configure: Configure, caplog: pytest.LogCaptureFixture) -> None:
    configure(CONSENT="storefront.test_consent.stumbles")
    response = client.get("/?ref=ANNA1")
    assert response.status_code == 200
    assert "gb_claim" not in response.cookies
    assert "no consent" in caplog.text


def test_pages_without_a_code_ask_no_database(client: Client, settings: Any) -> None:
    # No `db` fixture: any query would fail the test, also for a visitor with a session.
    client.cookies["sessionid"] = "somebodys"
    for consent in ("yes", "no"):
        client.cookies["consent"] = consent
        assert client.get("/").status_code == 200
