"""Customers from before the installation are handed over in batches; an interrupted sync goes on where it was."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone
from gameball_referrals import GameballError
from gameball_referrals.django import sync, track_order
from gameball_referrals.django.models import Account, Ledger
from gameball_referrals.django.progress import Progress
from gameball_referrals.testing import Emulator
from hooks.support import known, visit

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def shop(gameball: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync, "BATCH", 4)


def old_users(count: int, **values: Any) -> list[User]:
    at = timezone.now() - timedelta(days=30)
    first = User.objects.count()
    User.objects.bulk_create(
        [
            User(
                **{
                    "username": f"u{first + number}",
                    "email": f"u{first + number}@example.com",
                    "date_joined": at,
                    **values,
                }
            )
            for number in range(count)
        ]
    )
    return list(User.objects.order_by("pk")[first:])


def work(**options: Any) -> sync.CustomerSync:
    return sync.CustomerSync(Account.objects.get(), sleep=lambda seconds: None, **options)


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("gameball_sync_customers", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def test_everybody_from_before_is_handed_over(gameball: Emulator) -> None:
    old = old_users(10)
    new = User.objects.create_user("new")
    old_users(1, is_staff=True)
    state = work().run()
    assert set(known(gameball)) == {str(user.pk) for user in old}
    assert str(new.pk) not in known(gameball)
    assert (state.sent, state.skipped, state.refused, state.total) == (10, 1, 0, 11)
    created = known(gameball)[str(old[0].pk)]
    assert created["email"] == "u0@example.com"
    assert len(gameball.requests("batchCustomers")) == 3


def test_whoever_the_hooks_have_told_of_is_left_to_them(gameball: Emulator) -> None:
    old = old_users(3)
    track_order("1", customer=old[0], order_date=timezone.now(), total_paid=1)
    with visit():
        referred = User.objects.create_user("referred", date_joined=timezone.now() - timedelta(days=30))
    state = work().run()
    assert set(known(gameball)) == {str(old[1].pk), str(old[2].pk)}
    assert str(referred.pk) not in known(gameball)
    assert state.skipped == 2


def test_it_goes_on_where_it_was(gameball: Emulator) -> None:
    old = old_users(10)
    gameball.inject("status", operation="batchCustomers", status=401, code=1000, times=None)
    running = work()
    with pytest.raises(GameballError):
        running.run()
    assert set(known(gameball)) == set()
    gameball.clear_faults()

    stops = iter(range(2))

    def stop(state: sync.State) -> None:
        if next(stops, None) is None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work(progress=stop).run()
    before = len(gameball.requests("batchCustomers"))
    kept = Account.objects.get().sync_state
    assert kept["cursor"]
    assert "example.com" not in repr(kept)
    said = command()
    assert "Going on after" in said
    assert "10 customers were handed over" in said
    assert set(known(gameball)) == {str(user.pk) for user in old}
    assert len(gameball.requests("batchCustomers")) - before <= 2


def test_again_after_the_end_it_begins_anew(gameball: Emulator) -> None:
    old_users(2)
    work().run()
    gameball.reset()
    assert work().run().sent == 2
    assert len(known(gameball)) == 2


def test_a_dry_run_only_counts(gameball: Emulator) -> None:
    old_users(5)
    old_users(1, is_superuser=True)
    said = command("--dry-run")
    assert "5 customers from before" in said
    assert "1 users would not" in said
    assert set(known(gameball)) == set()
    assert Account.objects.get().sync_state is None


def test_refused_customers_are_counted_by_code(gameball: Emulator) -> None:
    old_users(3)
    User.objects.filter(username="u1").update(email="no address")
    state = work().run()
    assert state.sent == 3  # without the address
    assert len(known(gameball)) == 3
    gameball.reset()
    gameball.configure(switches={"duplicateEmail": "error3008"})
    old_users(1, email="u0@example.com")
    said = command("--restart")
    assert "3 customers were handed over" in said
    assert "1 were refused (code 3008: 1)" in said


def test_its_calls_are_booked_in_the_shared_ledger(gameball: Emulator) -> None:
    old_users(10)
    work().run()
    assert "other" in Ledger.objects.get().state


def test_a_busy_vendor_is_asked_again(gameball: Emulator) -> None:
    old_users(1)
    gameball.inject("status", operation="batchCustomers", status=503, code=5003, times=2)
    assert work().run().sent == 1
    assert len(known(gameball)) == 1


def test_without_keys(settings: Any) -> None:
    settings.GAMEBALL_REFERRALS = {"SENDER": "worker"}
    with pytest.raises(CommandError, match="API key"):
        command()


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_a_bar_with_an_estimate() -> None:
    clock, screen = Clock(), Terminal()
    progress = Progress(screen, clock=clock)
    progress.show(0, 1000)
    clock.now += 30
    progress.show(250, 1000)
    last = screen.getvalue().rpartition("\r")[2]
    assert "███████░" in last
    assert "25%" in last
    assert "250 of 1,000, about 1 min 30 s left" in last
    clock.now += 6000
    progress.show(500, 1000)
    assert "about 1 h 40 min left" in screen.getvalue()
    progress.end()
    assert screen.getvalue().endswith("\n")


def test_a_log_gets_a_line_now_and_then() -> None:
    clock, log = Clock(), StringIO()
    progress = Progress(log, clock=clock)
    for done in range(100):
        progress.show(done, 100)
        clock.now += 1
    progress.end()
    assert len(log.getvalue().splitlines()) == 10
    assert "\r" not in log.getvalue()
