"""What most tests of the sender start from: a shop with keys, a database of its own, and a sender by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import django
import pytest
from engine.support import SetClock
from gameball_referrals.django import thread
from gameball_referrals.django.sender import Sender
from gameball_referrals.testing import Emulator


@pytest.fixture(autouse=True)
def shop(gameball: Emulator, transactional_db: None) -> Iterator[Emulator]:
    """Give the shop Gameball's keys and a database whose commits are real."""
    yield gameball
    thread.stop()


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def deliver(clock: SetClock) -> Callable[[], int]:
    """Deliver what is due by the test's clock, and return how many calls it took."""
    return lambda: Sender(clock=clock).drain()


@pytest.fixture
def configure(settings: Any) -> Callable[..., None]:
    """Change settings of the app."""

    def change(**changes: Any) -> None:
        settings.GAMEBALL_REFERRALS = {**settings.GAMEBALL_REFERRALS, **changes}

    return change


# Django has had tasks since 6.0.
collect_ignore = ["test_django_tasks.py"] if django.VERSION < (6, 0) else []
