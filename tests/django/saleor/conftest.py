"""Two Saleors, a Gameball for each, and the server between them, which answers within this process."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

if os.environ.get("DJANGO_SETTINGS_MODULE") != "saleor_site.settings":
    # The other Django tests' run; `make test-saleor` has its own settings.
    collect_ignore_glob = ["*"]

from django.test import Client
from fake_saleor import Answer, App, Delivery, FakeSaleor
from gameball_referrals.testing import Emulator

SERVER = "https://referrals.example"
MANIFEST = f"{SERVER}/saleor/manifest"

# That no key shows up in what a test prints or logs, and that nothing is skipped without leave, are the house's rules.
_rules = importlib.util.spec_from_file_location("house_rules", Path(__file__).parents[2] / "python" / "conftest.py")
assert _rules is not None
assert _rules.loader is not None
_house = importlib.util.module_from_spec(_rules)
_rules.loader.exec_module(_house)
pytest_runtest_makereport = _house.pytest_runtest_makereport
pytest_sessionfinish = _house.pytest_sessionfinish


@pytest.fixture(scope="session")
def database_server() -> Iterator[Any]:
    """Run the server of the tests' database; None for SQLite."""
    if os.environ.get("GAMEBALL_TEST_DB", "sqlite") == "sqlite":
        yield None
        return
    from postgres import PostgresServer

    server = PostgresServer()
    try:
        yield server
    finally:
        server.remove()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(database_server: Any, django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Point Django to the server (pytest-django's own hook for this)."""
    from django.conf import settings
    from django.db import connections

    if database_server is not None:
        for configured in (settings.DATABASES["default"], connections["default"].settings_dict):
            configured.update(database_server.settings())


class InProcess:
    """Reaches the server without a network."""

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        where = urlsplit(url)
        answer = Client(raise_request_exception=False).generic(
            method,
            f"{where.path}?{where.query}" if where.query else where.path,
            data=body or b"",
            content_type=headers.get("Content-Type", "application/octet-stream"),
            headers={name: value for name, value in headers.items() if name != "Content-Type"},
            secure=True,
            SERVER_NAME=where.netloc,
            SERVER_PORT="443",
        )
        return Answer(answer.status_code, answer.content)


class Clock:
    """The cores' time: the present, as far ahead as a test moves it."""

    def __init__(self) -> None:
        self._ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(timezone.utc) + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)


@dataclass
class Shop:
    """A Saleor with the app installed, and the Gameball whose keys its staff have saved."""

    saleor: FakeSaleor
    app: App
    gameball: Emulator

    @property
    def account(self) -> Any:
        from gameball_referrals.django.models import Account
        from gameball_referrals.saleor.models import Instance

        return Account.objects.get(pk=Instance.objects.get(api_url=self.saleor.api_url).account_id)

    @property
    def key(self) -> str:
        return str(self.account.pk)

    def save_keys(self) -> None:
        answer = self.page("POST", "keys", {"api_key": self.gameball.api_key, "secret_key": self.gameball.secret_key})
        assert answer.status_code == 200, answer.content.decode()

    def page(self, method: str, part: str, data: Any = None, *, token: str | None = None, api_url: str = "") -> Any:
        """Ask for a part of the Dashboard's page, as its script does."""
        headers = {
            "Authorization-Bearer": self.saleor.dashboard_token(self.app) if token is None else token,
            "Saleor-Api-Url": api_url or self.saleor.api_url,
        }
        client = Client(enforce_csrf_checks=True)
        send = client.post if method == "POST" else client.get
        return send(f"/saleor/app/{part}", data or {}, headers=headers, secure=True)

    def deliveries(self) -> list[Delivery]:
        return self.saleor.deliver()

    def customers(self) -> dict[str, Any]:
        """What Gameball knows, by customer id, but for the referrer."""
        return {each["customerId"]: each for each in self.gameball.state()["customers"] if each["customerId"] != "anna"}

    def orders(self) -> list[dict[str, Any]]:
        orders: list[dict[str, Any]] = self.gameball.state()["orders"]
        return orders


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def saleors(clock: Clock, settings: Any) -> Iterator[list[FakeSaleor]]:
    """Two cores that may install the app; nothing is installed."""
    with FakeSaleor(clock=clock, transport=InProcess()) as one, FakeSaleor(clock=clock, transport=InProcess()) as other:
        settings.GAMEBALL_REFERRALS = {
            **settings.GAMEBALL_REFERRALS,
            "SALEOR_API_URLS": [one.api_url, other.api_url],
            "SALEOR_PUBLIC_URL": SERVER,
        }
        yield [one, other]


@pytest.fixture
def saleor(saleors: list[FakeSaleor]) -> FakeSaleor:
    return saleors[0]


@pytest.fixture
def shops(transactional_db: None, saleors: list[FakeSaleor], settings: Any) -> Iterator[list[Shop]]:
    """Two shops with the app and keys, each with its own Gameball."""
    from gameball_referrals.django.models import Account

    # One process has one address for Gameball by setting; an account may have its own.
    made: list[Shop] = []
    with (
        Emulator(limits=False, processing_ms=0) as one,
        Emulator(
            limits=False, processing_ms=0, api_key="gb_test_other", secret_key="gb_test_other_secret_0123456789ab"
        ) as other,
    ):
        for core, gameball in zip(saleors, (one, other)):
            gameball.add_customer("anna", referral_code="ANNA1")
            shop = Shop(core, core.install(MANIFEST), gameball)
            Account.objects.filter(pk=shop.key).update(base_url=gameball.url)
            shop.save_keys()
            made.append(shop)
        yield made


@pytest.fixture
def shop(shops: list[Shop]) -> Shop:
    return shops[0]


@pytest.fixture
def send() -> Callable[[], int]:
    """What delivers all that is due, as a sender would."""
    from gameball_referrals.django.sender import Sender

    return lambda: Sender().drain(30)
