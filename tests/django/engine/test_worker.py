"""``manage.py gameball_worker``, in a process of its own."""

from __future__ import annotations

import io
import signal
import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from engine.support import delivery, eventually, order, receipts, register, running, says
from gameball_referrals.django.models import Account, Delivery
from gameball_referrals.testing import Emulator

WORKER = ("-m", "django", "gameball_worker")


@pytest.fixture
def environment(shop: Emulator, child_environment: dict[str, str]) -> dict[str, str]:
    return {
        **child_environment,
        "GAMEBALL_API_KEY": shop.api_key,
        "GAMEBALL_SECRET_KEY": shop.secret_key,
        "GAMEBALL_BASE_URL": shop.url,
    }


def test_once_delivers_what_is_due_and_exits(shop: Emulator, environment: dict[str, str]) -> None:
    for nth in range(40):
        register(f"c{nth}")
    shop.inject("status", status=500, customer_id="later")
    register("later")
    with running([*WORKER, "--once"], environment) as process:
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert "81 calls made." in output
    assert set(Delivery.objects.exclude(customer_id="later").values_list("state", flat=True)) == {"applied"}
    assert delivery("later").state == "pending", "what is due later is for the next time"


def test_once_with_nothing_to_do_says_nothing(shop: Emulator) -> None:
    output = io.StringIO()
    call_command("gameball_worker", "--once", stdout=output)
    assert output.getvalue() == ""


def test_once_does_not_wait_for_an_account_that_is_held(shop: Emulator, configure: Callable[..., None]) -> None:
    configure(API_KEY="gb_test_wrong")
    register("bo")
    output = io.StringIO()
    call_command("gameball_worker", "--once", stdout=output)
    assert output.getvalue() == "1 calls made.\n"
    assert delivery("bo").state == "pending"


def test_one_account_only(shop: Emulator) -> None:
    Account.objects.create(key="second")
    register("bo")
    call_command("gameball_worker", "--once", account="second", stdout=io.StringIO())
    assert delivery("bo").state == "pending"
    call_command("gameball_worker", "--once", account="default", stdout=io.StringIO())
    assert delivery("bo").state == "applied"
    with pytest.raises(CommandError, match="no account 'third'"):
        call_command("gameball_worker", account="third")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_when_stopped_it_settles_what_is_under_way_and_gives_the_rest_back(
    shop: Emulator, environment: dict[str, str], number: signal.Signals
) -> None:
    shop.inject("latency", ms=700, times=None, operation="createCustomer")
    with running(WORKER, environment) as process:
        says(process, "Delivering.")
        register("bo")
        order("bo", "1")
        eventually(lambda: delivery("bo").state == "in_flight", "the registration is under way")
        began = time.monotonic()
        process.send_signal(number)
        output, _ = process.communicate(timeout=20)
    assert process.returncode == 0, output
    assert "Stopped." in output
    assert time.monotonic() - began < 5, "it waits for what is under way, and for nothing else"
    row = delivery("bo")
    assert (row.state, row.lease_until) == ("pending", None), "its next call is anybody's"
    assert row.acknowledged_at is not None, "its first is settled"
    assert delivery("bo", "trackOrder").state == "pending"
    assert len(shop.requests()) == 1


def test_a_call_that_does_not_come_back_is_left_to_its_lease(shop: Emulator, environment: dict[str, str]) -> None:
    shop.inject("blackHole", times=None)
    with running(WORKER, environment) as process:
        says(process, "Delivering.")
        register("bo")
        eventually(lambda: delivery("bo").state == "in_flight", "the registration is under way")

        def ended() -> bool:
            process.send_signal(signal.SIGTERM)
            return process.poll() is not None

        eventually(ended, "it ends", patience=5)
    assert process.returncode == -signal.SIGTERM, "who asks twice is obeyed at once"
    assert delivery("bo").state == "in_flight"


@pytest.mark.databases("postgres")
def test_postgres_tells_it_of_a_commit_at_once(shop: Emulator, environment: dict[str, str]) -> None:
    settings = {**environment, "GAMEBALL_TEST_POLL_INTERVAL": "60"}
    with running(WORKER, settings) as process:
        says(process, "Delivering.")
        register("first", None)
        eventually(lambda: delivery("first").state == "applied", "the first is delivered")
        took = []
        for nth in range(10):
            began = time.monotonic()
            register(f"c{nth}", None)
            customer = f"c{nth}"
            eventually(lambda: delivery(customer).state == "applied", "it is delivered")  # noqa: B023
            took.append(time.monotonic() - began)
    assert statistics.median(took) < 0.5, f"it polls once a minute only: {took}"


@pytest.mark.databases("postgres")
def test_the_trigger_says_so_for_each_statement(shop: Emulator) -> None:
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("LISTEN gameball_deliveries")
        register("bo")
        order("bo", "1")
        cursor.execute("SELECT 1")
        raw: Any = connection.connection
        told = [note.channel for note in raw.notifies(timeout=0, stop_after=10)]
    assert told == ["gameball_deliveries"] * 2


@pytest.mark.databases("sqlite", "mysql")
def test_elsewhere_it_polls(shop: Emulator, environment: dict[str, str]) -> None:
    with running(WORKER, {**environment, "GAMEBALL_TEST_POLL_INTERVAL": "0.1"}) as process:
        says(process, "Delivering.")
        register("bo")
        eventually(lambda: receipts().get("bo") == ("linked", "by_registration"), "it is delivered")


def test_new_keys_resume_a_running_worker(shop: Emulator, environment: dict[str, str]) -> None:
    """An operator has pasted a wrong key, and corrects it: nobody restarts anything."""
    from gameball_referrals.django import accounts

    account, _ = Account.objects.get_or_create(pk="default")
    accounts.set_keys(account, api_key="gb_test_mistyped", secret_key=shop.secret_key)
    account.save()
    with running(WORKER, {**environment, "GAMEBALL_TEST_POLL_INTERVAL": "0.2"}) as process:
        says(process, "Delivering.")
        register("bo")
        eventually(lambda: delivery("bo").status == 401, "Gameball refuses the key")
        accounts.set_keys(account, api_key=shop.api_key)
        account.save()
        eventually(lambda: receipts()["bo"] == ("linked", "by_registration"), "the new key works")
    assert delivery("bo").attempts == 0
