"""SIGKILL at every boundary between a webhook's arrival and the settled delivery: nothing lost, nothing twice.

A server process dies where it is told to. Saleor tries again as the real one does, and reaches the next process (this
one), whose sender takes over what the dead one had leased.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from conftest import InProcess, Shop
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone
from fake_saleor import Answer, HttpTransport
from fake_saleor.core import RETRY_AFTER
from gameball_referrals.courier import guest_customer_id
from gameball_referrals.django import conf, failpoints
from gameball_referrals.django.models import Delivery, Referral
from gameball_referrals.django.sender import Sender
from gameball_referrals.saleor import claims, webhooks
from gameball_referrals.saleor.models import Event

pytestmark = pytest.mark.django_db(transaction=True)
HERE = Path(__file__).parent

IN_THE_REQUEST = [*webhooks.FAILPOINTS, *(name for name in failpoints.NAMES if name.startswith("outbox."))]
BOUNDARIES = [
    *(f"{name}:{nth}" for name in IN_THE_REQUEST for nth in (1, 2)),
    *(name for name in failpoints.NAMES if not name.startswith("outbox.")),
]


class ToTheServer:
    """Reaches the server process while it is the one that serves, and this process afterwards."""

    def __init__(self) -> None:
        self.port: int | None = None
        self._http, self._here = HttpTransport(), InProcess()

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        if self.port is None:
            return self._here.send(method, url, headers, body)
        where = urlsplit(url)._replace(scheme="http", netloc=f"127.0.0.1:{self.port}")
        return self._http.send(method, where.geturl(), headers, body)


@contextmanager
def serving(failpoint: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    configured = connection.settings_dict
    given = {**django_settings.GAMEBALL_REFERRALS, "SENDER": "thread"}
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "saleor_site.settings",
        "PYTHONPATH": str(HERE),
        "GAMEBALL_TEST_DB_NAME": str(configured["NAME"]),
        "GAMEBALL_TEST_DB_USER": configured["USER"],
        "GAMEBALL_TEST_DB_HOST": configured["HOST"],
        "GAMEBALL_TEST_DB_PORT": str(configured["PORT"]),
        "GAMEBALL_TEST_SETTINGS": json.dumps(given),
        "GAMEBALL_FAILPOINT": failpoint,
    }
    process = subprocess.Popen([sys.executable, HERE / "mortal.py"], env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process, int(process.stdout.readline())
    finally:
        process.kill()
        process.wait(10)
        process.stdout.close()


class LaterClock:
    """The sender's time, which runs ahead, so that leases end."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self, using: str) -> datetime:
        return timezone.now() + self.ahead


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_a_death_loses_nothing_and_repeats_nothing(boundary: str, shop: Shop) -> None:
    saleor, gameball = shop.saleor, shop.gameball
    transport = saleor.transport = ToTheServer()
    if boundary.startswith("record."):
        gameball.inject("status", status=503)
    claim = {claims.KEY: "ANNA1"}
    bo = saleor.register("bo@example.org", metadata=claim)
    assert bo is not None
    order = saleor.pay(user=bo)
    guest_order = saleor.pay(email="guest@example.org", metadata=claim)

    with serving(boundary) as (process, transport.port):
        saleor.deliver()
        assert process.wait(30) == -signal.SIGKILL
    transport.port = None
    for seconds in RETRY_AFTER:
        saleor.clock.advance(seconds)  # type: ignore[attr-defined]
        saleor.deliver()
    tried: list[Any] = [each.attempts for each in saleor.deliveries]
    assert {each.state for each in saleor.deliveries} == {"success"}, tried

    clock = LaterClock()
    for _ in range(6):
        clock.ahead += timedelta(seconds=conf.get().LEASE + 1)
        Sender(clock=clock).drain(30)

    guest = guest_customer_id("guest@example.org")
    assert set(Delivery.objects.values_list("state", flat=True)) == {"applied"}, tried
    assert Delivery.objects.count() == Event.objects.count() == 3
    assert dict(Referral.objects.values_list("customer_id", "receipt")) == {bo["id"]: "linked", guest: "linked"}
    assert set(shop.customers()) == {bo["id"], guest}
    assert all(each["isReferred"] for each in shop.customers().values())
    assert sorted(each["orderId"] for each in shop.orders()) == sorted([order["id"], guest_order["id"]])
    assert gameball.state()["counters"]["refusedInFlight"] == 0


def test_what_a_dead_server_has_left_the_next_one_sends(shop: Shop) -> None:
    bo = shop.saleor.register("bo@example.org", metadata={claims.KEY: "ANNA1"})
    assert bo is not None
    shop.deliveries()
    transport = ToTheServer()
    with serving("") as (process, transport.port):
        while not shop.customers().get(bo["id"], {}).get("isReferred"):
            # Its first request, and no event of Saleor's.
            assert transport.send("GET", "http://-/saleor/manifest", {}).status == 200
            assert process.poll() is None


def test_the_list_of_boundaries_is_what_the_code_has() -> None:
    import inspect
    import re

    from gameball_referrals import saleor as app

    sources = Path(inspect.getfile(app)).parent.rglob("*.py")
    used = {name for source in sources for name in re.findall(r'reached\("([\w.]+)"\)', source.read_text("utf-8"))}
    assert used == set(webhooks.FAILPOINTS)
