"""The Celery task."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from celery import Celery
from engine.support import delivery, eventually, receipts, register
from gameball_referrals.django.sender import Sender
from gameball_referrals.testing import Emulator


@pytest.fixture
def celery() -> Iterator[Celery]:
    app = Celery("shop", broker="memory://", backend="cache+memory://", set_as_current=True)
    app.autodiscover_tasks(["gameball_referrals.django"], force=True)
    yield app
    app.close()


def test_celery_finds_and_runs_it(shop: Emulator, celery: Celery) -> None:
    task = celery.tasks["gameball_referrals.deliver"]
    register("bo")
    assert task.apply().get() == 2
    assert receipts() == {"bo": ("linked", "by_registration")}
    assert task.apply().get() == 0


def test_it_is_over_before_the_tasks_time_limit(
    shop: Emulator, celery: Celery, monkeypatch: pytest.MonkeyPatch
) -> None:
    budgets: list[float | None] = []

    def drain(self: Sender, budget: float | None = None, **_: Any) -> int:
        budgets.append(budget)
        return 0

    monkeypatch.setattr(Sender, "drain", drain)
    task = celery.tasks["gameball_referrals.deliver"]
    task.apply()
    celery.conf.task_soft_time_limit = 30
    task.apply()
    celery.conf.task_soft_time_limit = 5
    task.apply()
    assert budgets == [50.0, 18.0, 1.0], "TIMEOUT and a little more are left for what is under way"


def test_a_budget_that_is_used_up_ends_it(shop: Emulator) -> None:
    shop.inject("latency", ms=150, times=None)
    for nth in range(40):
        register(f"c{nth}", None)
    calls = Sender().drain(budget=0.05)
    assert calls <= 30
    assert eventually(lambda: shop.state()["counters"]["requests"] == calls, "what was begun is finished")
    assert delivery("c39").state == "pending"
    from gameball_referrals.django.models import Delivery

    assert Delivery.objects.filter(state="in_flight").count() == 0


def test_without_celery_the_module_may_be_imported_all_the_same(child_environment: dict[str, str]) -> None:
    program = (
        "import sys; sys.modules['celery'] = None\n"
        "import django; django.setup()\n"
        "import gameball_referrals.django.tasks as tasks; print(tasks.__all__)"
    )
    done = subprocess.run([sys.executable, "-c", program], env=child_environment, capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr
