"""Who delivers in Saleor: Celery's workers where there is a broker, else a thread; and never the request."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import threading
from pathlib import Path
from typing import Any

import pytest
from conftest import Shop
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from gameball_referrals.django import outbox, reconcile
from gameball_referrals.django.models import Account, Delivery, Referral
from gameball_saleor_plugin import sending, tasks

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "replica"])

HERE = Path(__file__).parent


@pytest.fixture
def with_broker(settings: Any, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """A Saleor with a broker; returns what was published."""
    settings.CELERY_BROKER_URL, settings.CELERY_TASK_ALWAYS_EAGER = "memory://", False
    settings.CELERY_BEAT_SCHEDULE = {}
    published: list[dict[str, Any]] = []
    monkeypatch.setattr(tasks.deliver, "apply_async", lambda **options: published.append(options))
    monkeypatch.setattr(outbox, "_wakers", list(outbox._wakers))
    sending.connect()
    return published


def test_each_commit_enqueues_the_task(with_broker: list[dict[str, Any]], shop: Shop) -> None:
    shop.register()
    assert with_broker == [{"retry": False, "expires": 60.0}]


def test_beat_runs_it_besides(with_broker: list[dict[str, Any]], settings: Any) -> None:
    entry = settings.CELERY_BEAT_SCHEDULE["gameball-deliver"]
    assert entry["task"] == tasks.deliver.name
    assert entry["schedule"] <= 15


def test_a_broker_that_is_away_breaks_nothing(
    with_broker: list[dict[str, Any]], shop: Shop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(**options: Any) -> None:
        raise ConnectionRefusedError("redis://:secret@broker")

    monkeypatch.setattr(tasks.deliver, "apply_async", refuse)
    shop.register()
    assert Delivery.objects.count() == 1
    assert "waits for beat" in caplog.text
    assert "secret" not in caplog.text


def test_the_task_delivers_and_finds_what_the_hooks_missed(shop: Shop) -> None:
    from saleor.account.models import User

    shop.register(metadata={"gameball_claim": "ANNA1"})
    User.objects.create(email="carla@shop.test")
    assert tasks.deliver() > 0
    assert Referral.objects.get().receipt == "linked"
    assert Delivery.objects.count() == 2
    tasks.deliver()
    assert {row.state for row in Delivery.objects.all()} == {"applied"}


def test_nothing_is_done_while_the_plugin_is_off(off: Shop) -> None:
    from saleor.account.models import User

    User.objects.create(email="carla@shop.test")
    assert tasks.deliver() == 0
    reconcile.sweep_if_due()
    assert not Delivery.objects.exists()
    assert not Account.objects.get().enabled


def test_one_run_at_a_time_which_sees_to_what_came_meanwhile(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    from gameball_referrals.django.sender import Sender

    shop.register()
    drain = Sender.drain
    second: list[int] = []

    def drain_and_meanwhile(self: Sender, *arguments: Any, **named: Any) -> int:
        calls = drain(self, *arguments, **named)
        if not second:
            # A commit after the run's last look; its own task finds this one at work.
            shop.register("carla@shop.test")
            second.append(tasks.deliver())
        return calls

    monkeypatch.setattr(Sender, "drain", drain_and_meanwhile)
    assert tasks.deliver() == 2
    assert second == [0]


def test_a_cache_that_is_away_holds_nothing_up(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    class Away:
        def __getattr__(self, name: str) -> Any:
            raise ConnectionRefusedError

    monkeypatch.setattr(tasks, "cache", Away())
    shop.register()
    assert tasks.deliver() == 1


def test_a_hook_asks_gameball_nothing_and_the_database_little(shop: Shop) -> None:
    user = shop.register(metadata={"gameball_claim": "ANNA1"})
    order = shop.order(user, paid=False)
    order.charge_status = "full"
    calls = len(shop.gameball.requests())
    manager = shop.manager
    with CaptureQueriesContext(connections["default"]) as queries:
        manager.order_fully_paid(order, webhooks=set())
    assert len(queries) <= 10
    assert len(shop.gameball.requests()) == calls
    with CaptureQueriesContext(connections["default"]) as again:
        manager.order_fully_paid(order, webhooks=set())
    assert len(again) <= 6


def child_environment(gameball: Any, **environment: str) -> dict[str, str]:
    """Return the environment of a process that has the test's database."""
    configured = connection.settings_dict
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "saleor_settings",
        "PYTHONPATH": os.pathsep.join([str(HERE), str(HERE / "standin")]),
        "GAMEBALL_TEST_DB_NAME": str(configured["NAME"]),
        "GAMEBALL_TEST_DB_HOST": configured["HOST"],
        "GAMEBALL_TEST_DB_PORT": str(configured["PORT"]),
        "GAMEBALL_BASE_URL": gameball.url,
        **environment,
    }


def child(program: str, gameball: Any, **environment: str) -> str:
    """Run a program in such a process, and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        timeout=60,
        env=child_environment(gameball, **environment),
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_saleors_celery_finds_the_task_and_beat_has_it(off: Shop) -> None:
    told = child(
        """
        import json
        from saleor.celeryconf import app
        app.loader.import_default_modules()
        app.finalize()
        found = sorted(name for name in app.tasks if "gameball" in name)
        print(json.dumps([found, app.conf.beat_schedule["gameball-deliver"]["task"]]))
        """,
        off.gameball,
        CELERY_BROKER_URL="memory://",
    )
    assert json.loads(told) == [
        ["gameball_referrals.deliver", "gameball_saleor_plugin.deliver"], "gameball_saleor_plugin.deliver"
    ]  # fmt: skip


HOOK = """
import django
django.setup()
import threading
from saleor.account.models import User
from saleor.plugins.manager import PluginsManager
user = User.objects.create(email="ben@shop.test", metadata={"gameball_claim": "ANNA1"})
PluginsManager().customer_created(user)
print(threading.active_count())
"""


def test_a_real_worker_delivers_what_another_process_has_written(shop: Shop, tmp_path: Path) -> None:
    broker = {"CELERY_BROKER_URL": "filesystem://", "CELERY_FOLDER": str(tmp_path)}
    assert child(HOOK, shop.gameball, **broker).strip() == "1"  # no thread here
    assert list(tmp_path.glob("*.celery.msg"))
    command = ["celery", "--app", "saleor.celeryconf:app", "worker", "--pool=solo", "--loglevel=INFO"]
    worker = subprocess.Popen(
        [sys.executable, "-m", *command],
        env=child_environment(shop.gameball, **broker),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=tmp_path,
    )
    assert worker.stdout is not None
    output = ""
    try:
        for line in worker.stdout:
            output += line
            if "gameball_saleor_plugin.deliver" in line and "succeeded" in line:
                break
    finally:
        worker.terminate()
        worker.wait(20)
    assert Referral.objects.get().receipt == "linked", output
    assert shop.gameball.secret_key not in output
    assert "ben@shop.test" not in output


def test_without_a_broker_a_thread_delivers(shop: Shop) -> None:
    child(
        """
        import time, django
        django.setup()
        from saleor.account.models import User
        from saleor.plugins.manager import PluginsManager
        from gameball_referrals.django.models import Delivery
        user = User.objects.create(email="ben@shop.test", metadata={"gameball_claim": "ANNA1"})
        PluginsManager().customer_created(user)
        until = time.monotonic() + 20
        while Delivery.objects.exclude(state="applied").exists():
            assert time.monotonic() < until
            time.sleep(0.05)
        """,
        shop.gameball,
    )
    assert Referral.objects.get().receipt == "linked"


def test_loading_starts_no_thread_and_asks_nothing(off: Shop) -> None:
    told = child(
        """
        import threading, django
        django.setup()
        from saleor.plugins.manager import PluginsManager
        import gameball_saleor_plugin.plugin
        print(threading.active_count())
        """,
        off.gameball,
    )
    assert told.strip() == "1"
    assert threading.active_count() >= 1


def test_the_commands_of_the_django_app_work_in_saleor(shop: Shop) -> None:
    shop.register()
    program = """
        import sys, django
        django.setup()
        from django.core.management import call_command
        call_command("check", fail_level="WARNING")
        call_command("makemigrations", "gameball", check=True, dry_run=True)
        call_command("gameball_reconcile", dry_run=True)
        call_command("gameball_check")
        """
    told = child(program, shop.gameball)
    assert "test keys" in told
    assert "FAIL" not in told
    assert "cookie" not in told.lower()
