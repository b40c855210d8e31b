"""With Gameball silent, what customers do costs an insert or two, and nothing of it waits for a network."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from gameball_referrals.django import thread
from gameball_referrals.django.models import Delivery, Referral

SIGN_UP = {"email": "friend@shop.example", "password1": "a long enough one", "password2": "a long enough one"}
TIMEOUT = 10.0
UNROUTABLE = "http://192.0.2.1:81"
"""An address of the range that is for documentation only."""

pytestmark = pytest.mark.django_db(transaction=True)


class BlackHole:
    """A server that takes every connection and never says a word."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.connections: list[socket.socket] = []
        self.connected = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                taken, _ = self._listener.accept()
            except OSError:
                return
            self.connections.append(taken)
            self.connected.set()

    def close(self) -> None:
        # It wakes the thread that accepts, which closing alone does not.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for taken in self.connections:
            taken.close()


@pytest.fixture
def black_hole() -> Iterator[BlackHole]:
    hole = BlackHole()
    yield hole
    hole.close()


_connects: list[tuple[int, Any]] = []


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.getaddrinfo"):
        _connects.append((threading.get_ident(), arguments))


@contextmanager
def no_network() -> Iterator[None]:
    """Hold this thread to opening no connection and resolving no name; the hook cannot be taken away again."""
    if not _connects:
        sys.addaudithook(_audit)
    mark = len(_connects)
    yield
    mine = [what for who, what in _connects[mark:] if who == threading.get_ident()]
    assert mine == []


@pytest.fixture
def silent(settings: Any, black_hole: BlackHole) -> BlackHole:
    """The shop, with keys, and Gameball gone silent."""
    settings.GAMEBALL_REFERRALS = {
        **settings.GAMEBALL_REFERRALS,
        "API_KEY": "gb_test_api_key",
        "SECRET_KEY": "gb_test_secret_key_0123456789abc",
        "BASE_URL": black_hole.url,
        "TIMEOUT": TIMEOUT,
        "ORDERS": {
            "model": "shop.Order",
            "id": "number",
            "customer": "customer",
            "email": "email",
            "date": "placed_at",
            "total_paid": "total",
            "paid": "paid_at",
        },
    }
    return black_hole


def journey(name: str, *, referred: bool) -> list[tuple[str, list[str], float]]:
    """Sign up, order and pay as a browser does. Returns each request's name, statements, and seconds."""
    browser = Client()
    if referred:
        browser.get("/", {"ref": "ANNA1"})
    steps = [
        ("sign-up", "/sign-up/", {"username": name, **SIGN_UP}),
        ("order", "/orders/", {"number": f"order-{name}", "total": "99.95"}),
        ("payment", f"/orders/order-{name}/pay/", {}),
    ]
    told = []
    for step, path, data in steps:
        with CaptureQueriesContext(connection) as queries, no_network():
            began = time.monotonic()
            assert browser.post(path, data).status_code == 302, step
            took = time.monotonic() - began
        told.append((step, [query["sql"] for query in queries], took))
    return told


def added(without: list[str], with_it: list[str]) -> list[str]:
    """Return the first words of the statements that one list has more of."""

    def words(statements: list[str]) -> list[str]:
        # SQLite shows where transactions begin; PostgreSQL's driver begins them unseen. MySQL quotes in its own way.
        return sorted(" ".join(sql.replace("`", '"').split()[:3]) for sql in statements if not sql.startswith("BEGIN"))

    left = words(with_it)
    for word in words(without):
        if word in left:
            left.remove(word)
    return left


@pytest.mark.parametrize("referred", [False, True], ids=["visitor", "referred friend"])
def test_a_request_costs_an_insert_or_two(silent: BlackHole, settings: Any, referred: bool) -> None:
    journey("warm-up", referred=referred)
    with_it = journey("with", referred=referred)
    settings.GAMEBALL_REFERRALS = {**settings.GAMEBALL_REFERRALS, "ENABLED": False}
    without = journey("without", referred=referred)

    more = {step: added(plain, ours) for (step, plain, _), (_, ours, _) in zip(without, with_it)}

    # This shop pays an order without having loaded whose it is, which tells whether they are a customer at all.
    loaded = [statement for statement in more["payment"] if statement.startswith("SELECT")]
    assert len(loaded) <= 1, more
    assert all(statement.split(".")[0] == 'SELECT "auth_user"' for statement in loaded), more
    inserts = {step: [statement for statement in some if statement not in loaded] for step, some in more.items()}
    assert {step: len(statements) for step, statements in inserts.items()} == {
        "sign-up": 2 if referred else 1,
        "order": 0,
        "payment": 1,
    }, more
    assert all(statement.startswith("INSERT") for statements in inserts.values() for statement in statements), more
    user = User.objects.get(username="with")
    told = Delivery.objects.filter(customer_id=str(user.pk)).order_by("pk")
    assert list(told.values_list("operation", flat=True)) == ["createCustomer", "trackOrder"]
    assert Referral.objects.filter(customer_id=str(user.pk)).exists() is referred


def test_no_request_reaches_out(silent: BlackHole) -> None:
    for number in range(3):
        journey(f"friend-{number}", referred=True)

    # Native code opens connections that no hook of Python's sees; the other end does.
    assert silent.connections == []


@pytest.mark.parametrize("gone", ["silent", "unroutable"])
def test_a_stuck_sender_disturbs_no_request(
    silent: BlackHole, settings: Any, monkeypatch: pytest.MonkeyPatch, gone: str
) -> None:
    monkeypatch.setattr(thread, "in_tests", True)
    base_url = silent.url if gone == "silent" else UNROUTABLE
    sending = {"BASE_URL": base_url, "SENDER": "thread", "ALLOW_PLAIN_HTTP": True}
    settings.GAMEBALL_REFERRALS = {**settings.GAMEBALL_REFERRALS, **sending}
    try:
        journey("first", referred=True)
        if gone == "silent":
            assert silent.connected.wait(TIMEOUT), "the sender never called"
            in_flight = Delivery.objects.filter(state=Delivery.State.IN_FLIGHT)
            assert in_flight.exists()
            deadline = time.monotonic() + 5
            while held_transactions():
                assert time.monotonic() < deadline, "a sender that waits for Gameball holds a transaction open"

        slowest = max(took for number in range(10) for _, _, took in journey(f"next-{number}", referred=True))

        assert slowest < TIMEOUT / 4
    finally:
        thread.stop(timeout=0)


def held_transactions() -> int:
    """Return how many other sessions are in a transaction now."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'"
        )
        count: int = cursor.fetchone()[0]
        return count


SHOP = """
import sys, time
import django
django.setup()
from django.test import Client
browser = Client()
browser.get("/", {"ref": "ANNA1"})
fields = {"username": "child", "email": "", "password1": "a long enough one", "password2": "a long enough one"}
assert browser.post("/sign-up/", fields).status_code == 302
sys.stdout.write("signed up\\n")
sys.stdout.flush()
sys.stdin.readline()
"""


def test_a_process_ends_although_its_sender_is_stuck(
    silent: BlackHole, child_environment: dict[str, str], python: str
) -> None:
    environment = {
        **child_environment,
        "GAMEBALL_TEST_SENDER": "thread",
        "GAMEBALL_API_KEY": "gb_test_api_key",
        "GAMEBALL_BASE_URL": silent.url,
    }
    shop = subprocess.Popen(
        [python, "-c", SHOP], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert shop.stdout is not None
        assert shop.stdin is not None
        assert shop.stdout.readline() == "signed up\n"
        assert silent.connected.wait(TIMEOUT), "the sender never called"
        began = time.monotonic()
        shop.stdin.close()
        assert shop.wait(TIMEOUT) == 0
        took = time.monotonic() - began
    finally:
        shop.kill()
        shop.wait()
    assert took < thread.GRACE + 1.5 < TIMEOUT
    # Not lost, though: another process takes it over once the lease is over.
    delivery = Delivery.objects.get(operation="createCustomer", customer_id=str(User.objects.get().pk))
    assert delivery.state == Delivery.State.IN_FLIGHT
    assert delivery.lease_until is not None
