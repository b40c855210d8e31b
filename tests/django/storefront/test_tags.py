"""What the tags put on a page, for whom, and when the widget may be there."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import path
from django.utils import timezone as django_timezone
from gameball_referrals import read_session_token
from gameball_referrals.django import erasure
from gameball_referrals.django.adapter import DefaultAdapter
from gameball_referrals.django.models import Account, Delivery, Profile, Referral
from gameball_referrals.testing import API_KEY, SECRET_KEY
from storefront.pages import tags

Configure = Callable[..., None]
NOW = datetime.now(timezone.utc)


@pytest.fixture
def anna(db: None) -> User:
    return User.objects.create_user("anna", id=7)


@pytest.fixture
def browser(client: Client, anna: User) -> Client:
    client.force_login(anna)
    return client


@pytest.fixture
def profile(anna: User) -> Profile:
    return Profile.objects.create(
        customer_id="7", referral_code="ANNA1", referral_link="https://gb.test/?ref=ANNA1", fetched_at=NOW
    )


def render(client: Client, template: str, query: dict[str, str] | None = None, **extra: Any) -> str:
    response = client.get("/tags/", {"template": template, **(query or {})}, **extra)
    assert response.status_code == 200
    return str(response.content.decode())


class TestLink:
    def test_gameballs_own(self, browser: Client, profile: Profile) -> None:
        assert render(browser, "{% referral_link %}") == "https://gb.test/?ref=ANNA1"

    def test_the_shops_template(self, browser: Client, profile: Profile, configure: Configure) -> None:
        configure(REFERRAL_LINK="https://shop.test/join/{referralCode}?x=1&y=2")
        assert render(browser, "{% referral_link as link %}{{ link|safe }}") == "https://shop.test/join/ANNA1?x=1&y=2"
        assert "x=1&amp;y=2" in render(browser, "{% referral_link %}")

    @pytest.mark.parametrize("given", ["", "javascript:alert(1)", "//evil.test"])
    def test_else_the_front_page(self, browser: Client, profile: Profile, given: str) -> None:
        Profile.objects.update(referral_link=given)
        assert render(browser, "{% referral_link %}", secure=True) == "https://testserver/?ref=ANNA1"

    def test_of_another_customer(self, client: Client, profile: Profile, anna: User) -> None:
        assert render(client, "{% referral_link %}") == ""
        Profile.objects.create(customer_id="8", referral_code="BEN22", fetched_at=NOW)
        client.force_login(User.objects.create_user("ben", id=8))
        assert render(client, "{% referral_link %}").endswith("ref=BEN22")

    def test_nothing_before_the_code_is_known(self, browser: Client) -> None:
        assert render(browser, "{% referral_link %}") == ""

    def test_a_template_that_cannot_work_breaks_no_page(
        self, browser: Client, profile: Profile, configure: Configure, caplog: pytest.LogCaptureFixture
    ) -> None:
        configure(REFERRAL_LINK="not a url")
        assert render(browser, "{% referral_link %}") == ""
        assert "referral link" in caplog.text


class TestShare:
    def test_it_works_without_javascript(self, browser: Client, profile: Profile) -> None:
        html = render(browser, "{% referral_share %}")
        assert 'value="https://gb.test/?ref=ANNA1"' in html
        assert "readonly" in html
        (whatsapp,) = re.findall(r'href="(https://wa\.me/[^"]*)"', html)
        assert parse_qs(urlsplit(whatsapp).query)["text"][0].endswith("https://gb.test/?ref=ANNA1")
        (mail,) = re.findall(r'href="(mailto:[^"]*)"', html)
        assert parse_qs(urlsplit(mail.replace("&amp;", "&")).query)["body"][0].endswith("https://gb.test/?ref=ANNA1")

    def test_a_strict_content_security_policy_is_enough(self, browser: Client, profile: Profile) -> None:
        html = render(browser, "{% referral_share %}{% referral_banner %}{% referral_capture %}{% gameball_widget %}")
        assert not re.search(r"\son\w+\s*=|\sstyle\s*=|<style", html)
        for attributes, content in re.findall(r"<script([^>]*)>(.*?)</script>", html, re.DOTALL):
            assert content == "" or 'type="application/json"' in attributes

    def test_markup_in_texts_stays_text(self, browser: Client, profile: Profile) -> None:
        template = "{% referral_share title=request.GET.x text=request.GET.x message=request.GET.x %}"
        html = render(browser, template, {"x": "'\\\"><img src=x onerror=alert(1)>"})
        assert "<img" not in html

    def test_two_blocks_on_a_page_dont_share_ids(self, browser: Client, profile: Profile) -> None:
        ids = re.findall(r'\sid="([^"]+)"', render(browser, "{% referral_share %}{% referral_share theme='dark' %}"))
        assert len(ids) == len(set(ids)) == 4

    def test_the_qr_code_is_drawn_here(self, browser: Client, profile: Profile) -> None:
        html = render(browser, "{% referral_share %}")
        assert '<svg viewBox="0 0 ' in html or "gameball-qr" in html
        assert "gb.test" not in html.partition('class="gameball-qr"')[2].partition("</svg>")[0]

    def test_without_segno_there_is_none(
        self, browser: Client, profile: Profile, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "segno", None)
        html = render(browser, "{% referral_share %}")
        assert "gameball-qr" not in html
        assert "figure" not in html
        assert "ANNA1" in html

    @pytest.mark.parametrize(
        ("friends", "says"),
        [(0, None), (1, "1 friend has joined through your link."), (3, "3 friends have joined through your link.")],
    )
    def test_friends_who_joined(self, browser: Client, profile: Profile, friends: int, says: str | None) -> None:
        for number in range(5):
            Referral.objects.create(
                customer_id=f"f{number}",
                referrer_code="ANNA1" if number < 4 else "anna1",
                receipt="linked" if number < friends or number == 4 else "rejected",
                deadline_at=NOW,
            )
        html = render(browser, "{% referral_share %}")
        assert says in html if says else "joined through" not in html

    def test_before_the_profile_is_there_it_says_so_and_asks_for_it(self, browser: Client) -> None:
        html = render(browser, "{% referral_share %}")
        assert "being prepared" in html
        assert "<input" not in html
        assert Delivery.objects.filter(operation="getCustomer").exists()

    def test_visitors_and_staff_see_nothing(self, client: Client, db: None) -> None:
        assert render(client, "{% referral_share %}").strip() == ""
        client.force_login(User.objects.create_user("boss", is_staff=True))
        assert render(client, "{% referral_share %}").strip() == ""


class TestBanner:
    def test_for_visitors_whom_a_friend_sent(self, client: Client) -> None:
        assert render(client, "{% referral_banner %}").strip() == ""
        response = client.get(
            "/tags/?ref=ANNA1", {"template": "{% referral_banner href='/sign-up/' %}", "ref": "ANNA1"}
        )
        assert "A friend sent you" in response.content.decode()
        assert 'href="/sign-up/"' in response.content.decode()
        assert "Cookie" in response["Vary"]
        assert "A friend sent you" in render(client, "{% referral_banner %}")

    def test_not_for_whoever_is_signed_in(self, client: Client, anna: User) -> None:
        client.get("/?ref=ANNA1")
        client.force_login(anna)
        assert render(client, "{% referral_banner %}").strip() == ""

    def test_on_cached_pages_the_script_shows_it(self, client: Client, configure: Configure) -> None:
        configure(CACHE_SAFE=True)
        response = client.get("/tags/", {"template": "{% referral_banner %}", "ref": "ANNA1"})
        html = response.content.decode()
        assert re.search(r"<aside[^>]* data-gameball-banner hidden>", html)
        assert html == render(Client(), "{% referral_banner %}")
        assert not response.has_header("Vary")


class TestWidget:
    @pytest.fixture(autouse=True)
    def _keys(self, configure: Configure) -> None:
        configure(API_KEY=API_KEY, SECRET_KEY=SECRET_KEY)

    @staticmethod
    def config(html: str) -> Any:
        found = re.search(r'<script id="gameball-widget" type="application/json">(.*?)</script>', html)
        return json.loads(found.group(1)) if found else None

    @staticmethod
    def creation(**values: Any) -> None:
        Delivery.objects.filter(operation="createCustomer", customer_id="7").update(**values)

    def test_it_waits_for_the_creation_to_be_acknowledged(self, browser: Client) -> None:
        assert self.config(render(browser, "{% gameball_widget %}")) == {"wait": "/gameball/widget/"}
        assert browser.get("/gameball/widget/").json() == {"ready": False}
        self.creation(acknowledged_at=NOW)
        expected = {
            "src": "https://assets.gameball.co/widget/js/gameball-init.min.js",
            "init": {"APIKey": API_KEY, "lang": "en", "playerUniqueId": "7"},
        }
        assert browser.get("/gameball/widget/").json() == {"ready": True, **expected}
        assert self.config(render(browser, "{% gameball_widget %}")) == expected

    def test_without_waiting_there_is_nothing_until_then(self, browser: Client) -> None:
        assert render(browser, "{% gameball_widget wait=False %}").strip() == ""
        self.creation(acknowledged_at=NOW)
        assert self.config(render(browser, "{% gameball_widget wait=False %}"))

    @pytest.mark.parametrize(
        ("state", "starts"),
        [("pending", False), ("in_flight", False), ("applied", True), ("dead", True), ("cancelled", True)],
    )
    def test_a_creation_that_is_over_holds_nothing_back(self, browser: Client, state: str, starts: bool) -> None:
        self.creation(state=state)
        assert browser.get("/gameball/widget/").json()["ready"] is starts

    def test_customers_from_before_the_app_have_it_at_once(self, browser: Client, anna: User) -> None:
        Delivery.objects.all().delete()
        assert browser.get("/gameball/widget/").json()["ready"] is False
        User.objects.update(date_joined=django_timezone.now() - timedelta(days=1))
        assert browser.get("/gameball/widget/").json()["ready"] is True

    def test_customers_whose_deliveries_were_cleared_away(self, browser: Client) -> None:
        Delivery.objects.all().delete()
        Profile.objects.create(customer_id="7", gameball_id=1, fetched_at=NOW)
        assert browser.get("/gameball/widget/").json()["ready"] is True

    def test_acknowledged_once_it_is_not_looked_up_again(self, browser: Client, django_assert_num_queries: Any) -> None:
        self.creation(acknowledged_at=NOW)
        browser.get("/gameball/widget/")
        with django_assert_num_queries(3):  # session, user, account
            assert browser.get("/gameball/widget/").json()["ready"] is True

    def test_erased_customers_are_not_created_anew(self, browser: Client) -> None:
        self.creation(acknowledged_at=NOW, state="applied")
        assert browser.get("/gameball/widget/").json()["ready"] is True
        erasure.erase("7")
        assert browser.get("/gameball/widget/").json() == {"ready": False}
        assert "playerUniqueId" not in render(browser, "{% gameball_widget %}")
        render(browser, "{% referral_share %}")
        assert not Delivery.objects.filter(customer_id="7", operation="getCustomer").exists()

    def test_v4_1_gets_a_session_token_and_never_the_secret(self, browser: Client, configure: Configure) -> None:
        configure(API_VERSION="v4.1")
        self.creation(acknowledged_at=NOW)
        html = render(browser, "{% gameball_widget %}")
        assert SECRET_KEY not in html
        claims = read_session_token(SECRET_KEY, self.config(html)["init"]["sessionToken"])
        assert claims is not None
        assert claims.customer_id == "7"
        assert timedelta(minutes=50) < claims.expires_at - datetime.now(timezone.utc) <= timedelta(hours=1)

    @pytest.mark.parametrize("secret", [None, "too short for a token"])
    def test_v4_1_without_a_key_that_fits_has_no_widget(
        self, browser: Client, configure: Configure, caplog: pytest.LogCaptureFixture, secret: str | None
    ) -> None:
        configure(API_VERSION="v4.1", SECRET_KEY=secret)
        self.creation(acknowledged_at=NOW)
        assert render(browser, "{% gameball_widget %}").strip() == ""
        assert "widget" in caplog.text
        assert "too short" not in caplog.text

    def test_a_version_saved_in_the_admin_counts(self, browser: Client) -> None:
        Account.objects.update(api_version="v4.1")
        self.creation(acknowledged_at=NOW)
        assert self.config(render(browser, "{% gameball_widget %}"))["init"]["sessionToken"]

    def test_without_keys_there_is_none(self, browser: Client, configure: Configure) -> None:
        configure(API_KEY=None)
        self.creation(acknowledged_at=NOW)
        assert render(browser, "{% gameball_widget %}").strip() == ""

    def test_ids_cannot_break_out_of_the_page(self, browser: Client, configure: Configure) -> None:
        configure(ADAPTER="storefront.test_tags.HostileIds")
        Delivery.objects.all().delete()
        User.objects.update(date_joined=django_timezone.now() - timedelta(days=1))
        html = render(browser, "{% gameball_widget %}")
        assert "<img" not in html
        assert self.config(html)["init"]["playerUniqueId"] == "</script><img src=x>"

    def test_visitors_have_none(self, client: Client, db: None) -> None:
        assert render(client, "{% gameball_widget %}").strip() == ""
        assert client.get("/gameball/widget/").status_code == 404

    def test_nobody_caches_whose_it_is(self, browser: Client) -> None:
        assert "no-store" in browser.get("/gameball/widget/")["Cache-Control"]


class HostileIds(DefaultAdapter):
    def get_customer_id(self, user: Any) -> str:
        return "</script><img src=x>"


def test_without_the_apps_urls_a_new_customers_page_is_served(
    browser: Client, settings: Any, configure: Configure, caplog: pytest.LogCaptureFixture
) -> None:
    configure(API_KEY=API_KEY)
    settings.ROOT_URLCONF = "storefront.test_tags"
    assert render(browser, "{% gameball_widget %}").strip() == ""
    assert "gameball_referrals.django.urls" in caplog.text


urlpatterns = [path("tags/", tags)]
