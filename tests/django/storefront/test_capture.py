"""Visits that carry a code: what the visitor's browser keeps, for how long, and what it costs everybody else.

Where a test has no `db` fixture, pytest-django refuses every query: those pages make none.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, Client, RequestFactory
from gameball_referrals import DEFAULT_PARAMS
from gameball_referrals.django import context, outbox, signals
from gameball_referrals.django.middleware import ReferralCaptureMiddleware
from storefront.conftest import Clock, code_in_cookie

Configure = Callable[..., None]


@pytest.mark.parametrize("name", [*DEFAULT_PARAMS, "REF", "gbreferral"])
def test_every_documented_parameter_is_captured_into_a_careful_cookie(client: Client, name: str) -> None:
    response = client.get("/", {name: "ANNA1"}, secure=True)
    cookie = response.cookies["gb_claim"]
    assert code_in_cookie(client) == "ANNA1"
    assert cookie["httponly"]
    assert cookie["secure"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 30 * 86400
    assert response["Cache-Control"] == "private"
    assert response["Vary"] == "Cookie"


def test_the_shops_own_parameters_and_cookie(client: Client, configure: Configure) -> None:
    configure(CAPTURE_PARAMS=("friend",), COOKIE_NAME="shop_friend", COOKIE_DOMAIN=".shop.test")
    response = client.get("/?ref=OTHER&friend=ANNA1", headers={"host": "www.shop.test"})
    assert list(response.cookies) == ["shop_friend"]
    assert response.cookies["shop_friend"]["domain"] == ".shop.test"
    assert client.get("/whose/").content == b"ANNA1 visit"


def test_without_tls_the_cookie_is_kept_too(client: Client) -> None:
    assert not client.get("/?ref=ANNA1").cookies["gb_claim"]["secure"]
    assert code_in_cookie(client) == "ANNA1"


def test_pages_without_a_code_ask_no_database_and_stay_as_cacheable_as_they_were(client: Client) -> None:
    client.get("/?ref=ANNA1")
    client.cookies["sessionid"] = "somebody's"
    response = client.get("/public/?utm_source=news")
    assert response["Cache-Control"] == "public, max-age=60, s-maxage=600"
    assert response["Surrogate-Control"] == "max-age=600"
    assert not response.has_header("Vary")
    assert not response.cookies


def test_no_shared_cache_may_keep_a_page_that_hands_out_a_claim(client: Client) -> None:
    response = client.get("/public/?ref=ANNA1")
    assert sorted(response["Cache-Control"].split(", ")) == ["max-age=60", "private"]
    assert not response.has_header("Surrogate-Control")
    assert response["Vary"] == "Cookie"


def test_what_a_cached_view_shows_of_a_claim_is_stored_for_nobody() -> None:
    friend, stranger = Client(), Client()
    friend.get("/?ref=ANNA1")
    assert friend.get("/cached-whose/").content == b"ANNA1 visit"
    assert stranger.get("/cached-whose/").content == b"nobody's"


def test_djangos_own_page_cache_hands_no_claim_to_others(client: Client) -> None:
    client.get("/cached/?ref=ANNA1")
    stranger = Client()
    assert not stranger.get("/cached/?ref=").cookies
    assert stranger.get("/whose/").content == b"nobody's"


def test_a_page_that_reads_the_claim_says_so_to_caches(client: Client) -> None:
    assert client.get("/whose/")["Vary"] == "Cookie"


@pytest.mark.parametrize(("attribution", "counts"), [("first", b"FIRST visit"), ("last", b"LAST visit")])
def test_first_or_last_touch(client: Client, configure: Configure, attribution: str, counts: bytes) -> None:
    configure(ATTRIBUTION=attribution)
    client.get("/?ref=FIRST")
    assert client.get("/whose/?ref=LAST").content == counts
    assert client.get("/whose/").content == counts


def test_a_claim_ends_by_its_own_date_whatever_the_browser_keeps(client: Client, clock: Clock) -> None:
    client.get("/?ref=ANNA1")
    clock.advance(timedelta(days=29))
    assert client.get("/whose/").content == b"ANNA1 visit"
    clock.advance(timedelta(days=2))
    assert client.get("/whose/").content == b"nobody's"
    client.get("/?ref=BEN22")
    assert client.get("/whose/").content == b"BEN22 visit"


def test_claims_outlive_a_rotated_secret_key(client: Client, settings: Any) -> None:
    client.get("/?ref=ANNA1")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another one"
    assert client.get("/whose/").content == b"ANNA1 visit"
    settings.SECRET_KEY_FALLBACKS = []
    assert client.get("/whose/").content == b"nobody's"


@pytest.mark.parametrize(
    "query",
    [
        "ref=", "ref=%00", "ref=<script>", "ref=%3Cscript%3E", "ref=a%20b", "ref=" + "A" * 101, "ref=%ff%fe",
        "ref[]=A B", "ref=A%0d%0aSet-Cookie:x=y", "&&&=&ref", "\xff\xfe=\xff", "ref=\ud800", "a" * 100_000,
        "&".join(f"x{number}=1" for number in range(3000)),
    ],
)  # fmt: skip
def test_malformed_codes_and_hostile_queries_are_ignored(client: Client, query: str) -> None:
    response = client.generic("GET", "/", QUERY_STRING=query)
    assert response.status_code == 200
    assert not response.cookies


def test_codes_beyond_ascii_arrive_whole(client: Client) -> None:
    assert (
        client.generic("GET", "/whose/", QUERY_STRING="ref=ÉVA".encode().decode("latin-1")).content.decode()
        == "ÉVA visit"
    )
    assert client.get("/whose/", {"ref": "紹介"}).content.decode() == "紹介 visit"


@pytest.mark.parametrize("cookie", ["", "garbage", "v1.garbage.garbage", "A" * 5000])
def test_forged_cookies_count_for_nothing(client: Client, cookie: str) -> None:
    client.cookies["gb_claim"] = cookie
    assert client.get("/whose/").content == b"nobody's"


def test_an_image_on_another_site_leaves_no_claim(client: Client) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "image"}
    assert not client.get("/?ref=ANNA1", headers=headers).cookies
    assert client.get("/?ref=ANNA1", headers={**headers, "Sec-Fetch-Dest": "document"}).cookies


def test_the_shop_hears_of_each_new_code_once_and_its_mistakes_break_nothing(client: Client) -> None:
    heard: list[tuple[str, str]] = []

    def hear(request: HttpRequest, code: str, source: str, **_: Any) -> None:
        heard.append((code, source))

    def stumble(**_: Any) -> None:
        raise ValueError

    for receiver in (stumble, hear):
        signals.referral_captured.connect(receiver)
    try:
        for query in ("ref=ANNA1", "ref=ANNA1", "", "ref=BEN22"):
            assert client.get(f"/?{query}").status_code == 200
    finally:
        for receiver in (stumble, hear):
            signals.referral_captured.disconnect(receiver)
    assert heard == [("ANNA1", "visit"), ("BEN22", "visit")]


def test_a_page_is_served_whatever_goes_wrong_with_its_code(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("gameball_referrals.django.capture.remember", fail)
        assert client.get("/?ref=ANNA1").content == b"a page"
    monkeypatch.setattr("gameball_referrals.django.capture.note_visit", fail)
    assert client.get("/?ref=ANNA1").content == b"a page"
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]
    assert "ANNA1" not in caplog.text


def test_the_shops_own_mistakes_stay_its_own(client: Client) -> None:
    with pytest.raises(ValueError, match="own mistake"):
        client.get("/breaks/?ref=ANNA1")
    assert context.current_request() is None


def test_async_pages(client: Client) -> None:
    async def visit() -> None:
        browser = AsyncClient()
        response = await browser.get("/async/?ref=ANNA1")
        assert response.content == b"ANNA1"
        assert response.cookies["gb_claim"]["httponly"]
        assert (await browser.get("/async/")).content == b"ANNA1"
        assert (await browser.get("/whose/")).content == b"ANNA1 visit"

    asyncio.run(visit())


def test_visits_at_the_same_time_dont_see_each_others_codes() -> None:
    async def visits() -> list[str]:
        gate = asyncio.Event()
        arrived = 0

        async def page(request: HttpRequest) -> HttpResponse:
            nonlocal arrived
            arrived += 1
            if arrived == 20:
                gate.set()
            await gate.wait()
            claim = context.current_claim()
            return HttpResponse(claim.code if claim else "")

        middleware = ReferralCaptureMiddleware(page)
        requests = [RequestFactory().get(f"/?ref=CODE{number}") for number in range(20)]
        responses = await asyncio.gather(*(middleware(request) for request in requests))  # type: ignore[arg-type]
        return [response.content.decode() for response in responses]  # type: ignore[attr-defined]

    assert asyncio.run(visits()) == [f"CODE{number}" for number in range(20)]


def test_threads_and_tasks_that_outlive_a_request_dont_see_it() -> None:
    seen: list[Any] = []

    async def serve() -> None:
        over = asyncio.Event()

        async def afterwards() -> None:
            await over.wait()
            seen.append(context.current_request())

        async def page(request: HttpRequest) -> HttpResponse:
            thread = threading.Thread(target=lambda: seen.append(context.current_request()))
            thread.start()
            await asyncio.to_thread(thread.join)
            page.task = asyncio.create_task(afterwards())  # type: ignore[attr-defined]
            return HttpResponse()

        await ReferralCaptureMiddleware(page)(RequestFactory().get("/?ref=ANNA1"))  # type: ignore[misc]
        over.set()
        await page.task  # type: ignore[attr-defined]

    asyncio.run(serve())
    assert seen == [None, None]


def test_the_first_request_of_a_process_wakes_its_sender(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[bool] = []
    monkeypatch.setattr(outbox, "wake", lambda: woken.append(True))
    monkeypatch.setattr(ReferralCaptureMiddleware, "_woken_in", 0)
    client.get("/")
    client.get("/")
    assert woken == [True]
