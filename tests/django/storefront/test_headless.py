"""A storefront of its own before Django: claims that Node signs, a claim handed over, a customer's link as JSON."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from django.test import Client as Browser
from django.utils import timezone
from gameball_referrals import ClaimSigner
from gameball_referrals.django import accounts, conf
from gameball_referrals.django.models import Profile

pytestmark = pytest.mark.django_db
KEY = "a key that the storefront has, too"


def whose(client: Browser) -> str:
    return client.get("/whose/").content.decode()


def test_a_claim_under_the_shared_key_counts(client: Browser, configure) -> None:
    configure(CLAIM_KEY=KEY)
    client.cookies["gb_claim"] = ClaimSigner(KEY).issue("ANNA1")
    assert "ANNA1" in whose(client)


def test_and_the_shop_signs_with_it(client: Browser, configure) -> None:
    configure(CLAIM_KEY=KEY)
    token = client.get("/?ref=ANNA1").cookies["gb_claim"].value
    claim = ClaimSigner(KEY).read(token)
    assert claim is not None
    assert claim.code == "ANNA1"


def test_claims_from_before_the_key_was_set_still_count(client: Browser, configure) -> None:
    client.cookies["gb_claim"] = ClaimSigner(accounts.derived_key("claim")).issue("ANNA1")
    configure(CLAIM_KEY=KEY)
    assert "ANNA1" in whose(client)


def test_claims_of_the_vectors_are_read(client: Browser, configure, settings) -> None:
    """The tokens of the vectors, which Node reads and writes in its own tests, in this shop's cookie."""
    vectors = json.loads((Path(__file__).parents[2] / "vectors/claims.json").read_text(encoding="utf-8"))
    case = next(case for case in vectors["cases"] if case["call"] == "issueClaim")
    assert case["input"]["code"] == "REF123456"
    configure(CLAIM_KEY="a key of 32 bytes for the tests!", CLAIM_MAX_AGE=timedelta(days=3650))
    client.cookies["gb_claim"] = case["output"]
    assert "REF123456" in whose(client)


def test_a_short_key_is_refused(configure) -> None:
    configure(CLAIM_KEY="short")
    with pytest.raises(ImproperlyConfigured, match="openssl rand"):
        conf.get()


def test_a_storefronts_server_hands_a_claim_over_with_what_it_sends_and_no_page_shows_it(
    client: Browser, configure
) -> None:
    configure(CLAIM_KEY=KEY)
    headers = {"X-Gameball-Claim": ClaimSigner(KEY).issue("ANNA1")}
    own = {**headers, "Sec-Fetch-Site": "same-origin"}
    told = client.post("/gameball/capture", {"query": "?page=1"}, content_type="application/json", headers=own)
    assert told.json() == {"captured": True}
    assert "gb_claim" not in told.cookies
    assert "ANNA1" not in client.get("/whose/", headers=headers).content.decode()


class TestMe:
    def test_a_visitor_has_nothing(self, client: Browser) -> None:
        answer = client.get("/gameball/me")
        assert answer.status_code == 401
        assert answer.json()["code"] is None

    def test_a_customer_before_and_after_the_code_is_known(self, client: Browser, configure) -> None:
        configure(REFERRAL_LINK="https://shop.test/")
        anna = User.objects.create_user("anna")
        client.force_login(anna)
        nothing = {"code": None, "link": None, "friends": {"linked": 0, "pending": 0}}
        assert client.get("/gameball/me/").json() == nothing
        Profile.objects.update_or_create(
            account_id="default",
            customer_id=str(anna.pk),
            defaults={"referral_code": "ANNA1", "fetched_at": timezone.now()},
        )
        answer = client.get("/gameball/me")
        assert answer.json() == {**nothing, "code": "ANNA1", "link": "https://shop.test/?ref=ANNA1"}
        assert "no-store" in answer.headers["Cache-Control"]
