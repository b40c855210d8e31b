"""The storefront's own shop, and settings of the app for one test."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from gameball_referrals import ClaimSigner
from gameball_referrals.django import accounts, capture


@pytest.fixture(autouse=True)
def _shop(settings: Any) -> None:
    settings.ROOT_URLCONF = "storefront.pages"
    cache.clear()


@pytest.fixture
def configure(settings: Any) -> Callable[..., None]:
    """Change the app's settings for this test."""

    def change(**values: Any) -> None:
        settings.GAMEBALL_REFERRALS = {**settings.GAMEBALL_REFERRALS, **values}

    return change


class Clock:
    """The time that captures and reads claims; it stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime.now(timezone.utc).replace(microsecond=0)

    def advance(self, by: timedelta) -> None:
        self.now += by


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(capture, "utc_now", lambda: clock.now)
    return clock


def code_in_cookie(client: Client) -> str | None:
    """Return the code that the visitor's browser keeps."""
    cookie = client.cookies.get("gb_claim")
    claim = ClaimSigner(accounts.derived_key("claim")).read(cookie.value) if cookie else None
    return claim.code if claim else None
