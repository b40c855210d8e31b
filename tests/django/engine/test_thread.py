"""The sender in a web process: when it starts, what it survives, how it ends."""

from __future__ import annotations

import os
import sys
import textwrap
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from engine.support import delivery, eventually, order, receipts, register, running
from gameball_referrals.django import outbox, thread
from gameball_referrals.testing import Emulator

NAMES = {"gameball-sender", "gameball-verdicts"}


@pytest.fixture(autouse=True)
def in_thread(shop: Emulator, configure: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    configure(SENDER="thread")
    monkeypatch.setattr(thread, "in_tests", True)


def senders() -> list[str]:
    return [one.name for one in threading.enumerate() if one.name == "gameball-sender"]


def test_the_first_commit_starts_it_and_it_delivers_at_once(shop: Emulator) -> None:
    assert senders() == []
    with transaction.atomic():
        register("bo")
        order("bo", "1")
        assert senders() == [], "not before the commit"
    assert senders() == ["gameball-sender"]
    eventually(lambda: delivery("bo", "trackOrder").state == "applied", "it delivers without being asked")
    assert receipts() == {"bo": ("linked", "by_registration")}


def test_a_rollback_starts_nothing(shop: Emulator) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        register("bo")
        raise ZeroDivisionError
    assert senders() == []


def test_the_first_request_starts_it_for_what_a_dead_process_left(
    shop: Emulator, configure: Callable[..., None], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gameball_referrals.django.middleware import ReferralCaptureMiddleware

    monkeypatch.setattr(ReferralCaptureMiddleware, "_woken_in", 0)
    configure(SENDER="worker")
    register("bo")
    configure(SENDER="thread")
    client.get("/")
    eventually(lambda: receipts()["bo"][0] == "linked", "it is delivered")


def test_a_shops_own_tests_have_no_thread_and_call_nobody(
    shop: Emulator, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thread, "in_tests", False)
    client.get("/")
    register("bo")
    assert senders() == []
    assert shop.state()["counters"]["calls"].get("createCustomer", 0) == 0


def test_with_a_worker_no_web_process_has_a_thread(shop: Emulator, configure: Callable[..., None]) -> None:
    configure(SENDER="worker")
    register("bo")
    outbox.wake()
    assert senders() == []


def test_stopping_waits_for_what_is_under_way_and_the_next_commit_starts_another(shop: Emulator) -> None:
    shop.inject("latency", ms=300, operation="createCustomer")
    register("bo", None)
    eventually(lambda: delivery("bo").state == "in_flight", "it is under way")
    thread.stop()
    assert not NAMES & {one.name for one in threading.enumerate() if one.name == "gameball-sender"}
    assert delivery("bo").state == "applied"
    register("cy")
    eventually(lambda: receipts()["cy"][0] == "linked", "the next one works")


def test_it_leaves_no_transaction_open_and_closes_its_connection(shop: Emulator) -> None:
    register("bo")
    eventually(lambda: receipts()["bo"][0] == "linked", "it is delivered")
    if connection.vendor == "postgresql":

        def states() -> list[str]:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT state FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
                return [state for (state,) in cursor.fetchall()]

        # With CONN_MAX_AGE = 0 nothing of it stays while there is nothing to do.
        eventually(lambda: states() == [], "its connection is closed")
    thread.stop()
    with transaction.atomic():
        register("cy")


@pytest.mark.databases("postgres")
def test_it_survives_a_restart_of_the_database(
    shop: Emulator, database_server: Any, configure: Callable[..., None]
) -> None:
    configure(POLL_INTERVAL=0.2)
    shop.inject("latency", ms=1500, operation="createCustomer")
    register("bo")
    eventually(lambda: delivery("bo").state == "in_flight", "a call is under way")
    connection.close()
    database_server.restart("immediate")
    eventually(lambda: receipts()["bo"][0] == "linked", "what was under way is settled, once the database is back")
    assert shop.state()["counters"]["calls"]["createCustomer"] == 1
    register("cy")
    eventually(lambda: receipts()["cy"][0] == "linked", "and the same thread goes on")
    assert senders() == ["gameball-sender"]


def child(body: str, shop: Emulator, environment: dict[str, str], first: str = "") -> str:
    """Run a program that has Django set up, and return what it printed."""
    program = (
        textwrap.dedent(first)
        + textwrap.dedent(
            """
        import os, sys, threading, time, traceback
        import django
        django.setup()
        from gameball_referrals.django import outbox, thread
        from engine.support import register, receipts, delivery, eventually

        def senders():
            return [one.name for one in threading.enumerate() if one.name.startswith("gameball")]
        """
        )
        + textwrap.dedent(body)
    )
    environment = {
        **environment,
        "GAMEBALL_TEST_SENDER": "thread",
        "GAMEBALL_API_KEY": shop.api_key,
        "GAMEBALL_SECRET_KEY": shop.secret_key,
        "GAMEBALL_BASE_URL": shop.url,
    }
    with running(["-c", program], environment) as process:
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    return str(output)


def test_nothing_starts_at_import_or_without_a_commit(shop: Emulator, child_environment: dict[str, str]) -> None:
    output = child(
        """
        from django.test import Client
        import urls
        print("threads:", senders())
        """,
        shop,
        child_environment,
    )
    assert "threads: []" in output


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_each_forked_process_has_a_thread_of_its_own(shop: Emulator, child_environment: dict[str, str]) -> None:
    output = child(
        """
        from django.db import connections

        def run(name):
            pid = os.fork()
            if pid == 0:
                code = 1
                try:
                    assert senders() == [], senders()
                    register(name)
                    eventually(lambda: receipts().get(name, ("",))[0] == "linked", name)
                    assert "gameball-sender" in senders()
                    # As a server's worker does by atexit: it may have the other's row in hand.
                    thread.stop()
                    code = 0
                except BaseException:
                    traceback.print_exc()
                finally:
                    sys.stdout.flush()
                    os._exit(code)
            return pid

        # The master of a preloading server may have made a commit, too.
        register("of-the-master")
        eventually(lambda: receipts()["of-the-master"][0] == "linked", "the master's")
        connections.close_all()
        for pid in [run("first"), run("second")]:
            _, status = os.waitpid(pid, 0)
            print("child:", status)
        register("of-the-master-again")
        eventually(lambda: receipts()["of-the-master-again"][0] == "linked", "the master's, again")
        """,
        shop,
        child_environment,
    )
    assert output.count("child: 0") == 2, output
    assert set(receipts().values()) == {("linked", "by_registration")}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_a_fork_while_it_is_busy_leaves_the_child_no_locks(shop: Emulator, child_environment: dict[str, str]) -> None:
    output = child(
        """
        from django.db import connections
        from gameball_referrals.django.models import Delivery

        for nth in range(30):
            register(f"c{nth}", None)
        ended = 0
        for _ in range(40):
            connections.close_all()
            pid = os.fork()
            if pid == 0:
                # A database driver's lock that is held by a thread which the child doesn't have is held for ever.
                Delivery.objects.count()
                os._exit(0)
            eventually(lambda: os.waitpid(pid, os.WNOHANG)[0], "the child ends", 10)
            ended += 1
        print("ended:", ended)
        """,
        shop,
        child_environment,
    )
    assert "ended: 40" in output, output


def test_a_process_that_ends_gives_its_calls_a_moment(shop: Emulator, child_environment: dict[str, str]) -> None:
    shop.inject("latency", ms=500, operation="createCustomer")
    child(
        """
        register("bo", None)
        eventually(lambda: delivery("bo").state == "in_flight", "it is under way")
        """,
        shop,
        child_environment,
    )
    assert delivery("bo").state == "applied"


def test_a_process_that_ends_does_not_wait_for_ever(shop: Emulator, child_environment: dict[str, str]) -> None:
    shop.inject("blackHole", times=None)
    output = child(
        """
        import atexit
        register("bo", None)
        eventually(lambda: delivery("bo").state == "in_flight", "it is under way")
        began = time.monotonic()
        # Last registered, first called: so this one, from before, comes after the thread's.
        thread.stop()
        print("waited", time.monotonic() - began < 6)
        """,
        shop,
        child_environment,
    )
    assert "waited True" in output
    assert delivery("bo").state == "in_flight", "its lease tells others to wait"


def test_under_gevent_requests_are_served_while_it_delivers(shop: Emulator, child_environment: dict[str, str]) -> None:
    shop.inject("latency", ms=600, operation="createCustomer")
    output = child(
        """
        import gevent
        served = 0

        def serve():
            global served
            while True:
                gevent.sleep(0.01)
                served += 1

        gevent.spawn(serve)
        register("bo")
        eventually(lambda: receipts()["bo"][0] == "linked", "it is delivered")
        print("served:", served)
        thread.stop()
        print("left:", senders())
        """,
        shop,
        child_environment,
        first="from gevent import monkey; monkey.patch_all()",
    )
    assert int(output.partition("served: ")[2].split()[0]) > 20
    assert "left: []" in output


def test_uwsgi_without_threads_is_told_so(
    shop: Emulator, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Uwsgi:
        opt: dict[str, Any] = {}

    monkeypatch.setitem(sys.modules, "uwsgi", Uwsgi)
    register("bo")
    assert senders() == []
    assert "--enable-threads" in caplog.text
