"""Pages from a full-page cache: they set no cookie, and a script brings the code to a small endpoint."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gameball_referrals.django
import pytest
from django.core.cache import cache
from django.test import Client
from storefront.conftest import code_in_cookie

Configure = Callable[..., None]
OWN = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(autouse=True)
def _cache_safe(configure: Configure) -> None:
    configure(CACHE_SAFE=True)


def tell(client: Client, query: str, headers: dict[str, str] = OWN, **extra: Any) -> Any:
    return client.post(
        "/gameball/capture/", json.dumps({"query": query}), content_type="application/json", headers=headers, **extra
    )


def test_pages_set_no_cookie_but_their_code_counts_for_themselves(client: Client) -> None:
    response = client.get("/whose/?ref=ANNA1")
    assert response.content == b"ANNA1 visit"
    assert not response.cookies
    assert not client.get("/public/?ref=ANNA1").has_header("Vary")


def test_the_endpoint_sets_the_cookie(client: Client) -> None:
    response = tell(client, "?utm=x&ref=ANNA1")
    answer = response.json()
    assert answer["captured"]
    assert 29 * 86400 < answer["until"] / 1000 - time.time() <= 30 * 86400
    assert code_in_cookie(client) == "ANNA1"
    assert "private" in response["Cache-Control"]
    assert client.get("/whose/").content == b"ANNA1 visit"


def test_it_works_for_real_browsers_with_csrf_checks() -> None:
    strict = Client(enforce_csrf_checks=True)
    assert tell(strict, "?ref=ANNA1").json()["captured"]


def test_a_broken_origin_is_another_site(client: Client) -> None:
    assert tell(client, "?ref=ANNA1", {"Origin": "http://["}).status_code == 400


@pytest.mark.parametrize("query", ["", "?ref=", "?ref=<x>", "?page=2"])
def test_no_code_no_cookie(client: Client, query: str) -> None:
    response = tell(client, query)
    assert response.json() == {"captured": False}
    assert not response.cookies


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.test"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.test"},
        {"Origin": "null"},
    ],
)
def test_other_sites_are_refused(client: Client, headers: dict[str, str]) -> None:
    response = tell(client, "?ref=ANNA1", headers)
    assert response.status_code == 400
    assert not response.cookies


def test_browsers_without_fetch_metadata_are_told_by_their_origin(client: Client, settings: Any) -> None:
    assert tell(client, "?ref=ANNA1", {"Origin": "http://testserver"}).status_code == 200
    settings.CSRF_TRUSTED_ORIGINS = ["https://shop.test"]
    assert tell(client, "?ref=ANNA1", {"Origin": "https://shop.test"}).status_code == 200


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("query=?ref=A", "application/x-www-form-urlencoded"),
        ('{"query": "?ref=A"}', "text/plain"),
        ("{", "application/json"),
        ("[]", "application/json"),
        ('{"query": 1}', "application/json"),
        ("[" * 4000, "application/json"),
        (json.dumps({"query": "?ref=A&" + "x" * 5000}), "application/json"),
    ],
)
def test_anything_else_is_refused(client: Client, body: str, kind: str) -> None:
    response = client.post("/gameball/capture/", body, content_type=kind, headers=OWN)
    assert response.status_code == 400
    assert not response.cookies


def test_each_visitor_has_a_limit_of_their_own(client: Client) -> None:
    codes = [tell(client, "?ref=ANNA1", REMOTE_ADDR="8.8.8.8").status_code for _ in range(31)]
    assert codes == [200] * 30 + [429]
    assert tell(client, "?ref=ANNA1", REMOTE_ADDR="8.8.4.4").status_code == 200


def test_a_household_counts_as_one_visitor(client: Client) -> None:
    codes = [tell(client, "?ref=A", REMOTE_ADDR=f"2a00:1450::{number:x}").status_code for number in range(1, 32)]
    assert codes[-1] == 429


def test_a_proxy_is_not_taken_for_a_visitor(client: Client, configure: Configure) -> None:
    for _ in range(40):
        assert tell(client, "?ref=ANNA1", REMOTE_ADDR="10.0.0.1").status_code == 200
    configure(TRUSTED_IP_HEADER="X-Forwarded-For")
    told = [
        tell(
            client, "?ref=A", {**OWN, "X-Forwarded-For": f"{number}.1.1.1, 8.8.8.8"}, REMOTE_ADDR="10.0.0.1"
        ).status_code
        for number in range(1, 32)
    ]
    assert told == [200] * 30 + [429]


def test_without_a_cache_everybody_is_let_in(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: Any, **__: Any) -> None:
        raise ConnectionError

    for name in ("add", "incr", "get", "set"):
        monkeypatch.setattr(cache, name, down)
    for _ in range(40):
        assert tell(client, "?ref=ANNA1", REMOTE_ADDR="8.8.8.8").status_code == 200


@pytest.mark.django_db
def test_consent_is_asked_there_too(client: Client, configure: Configure) -> None:
    configure(CONSENT="storefront.test_consent.by_cookie")
    response = tell(client, "?ref=ANNA1")
    assert response.json() == {"captured": True}
    assert "gb_claim" not in response.cookies
    assert client.get("/whose/").content == b"ANNA1 visit"


def test_the_script_is_small_and_the_tag_says_what_it_needs(client: Client, configure: Configure) -> None:
    script = Path(gameball_referrals.django.__file__).parent / "static/gameball/capture.js"
    assert script.stat().st_size <= 1024
    html = client.get("/tags/", {"template": "{% referral_capture %}"}).content.decode()
    assert 'src="/static/gameball/capture.js"' in html
    assert 'data-url="/gameball/capture/"' in html
    assert " ref " in html.partition('data-params="')[2].replace('"', " ").partition("=")[0] + " "
    configure(CAPTURE_PARAMS=("Friend",))
    assert 'data-params="friend"' in client.get("/tags/", {"template": "{% referral_capture %}"}).content.decode()
