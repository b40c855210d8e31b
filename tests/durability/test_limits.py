"""Ten thousand registrations at once, four workers, one account: all of the allowed rate is used, and no more."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from bisect import bisect_left
from datetime import datetime
from pathlib import Path
from typing import Any

from databases import PostgresSource
from processes import HERE, Emulator, wait_until

REGISTRATIONS = 10_000
REFERRED = 4_000
WORKERS = 4
DIVISOR = 2
"""Shortens the windows, here as at the emulator: 14 minutes otherwise. The shorter, the more weighs a wake-up."""

SHARE = 0.97
"""Of the allowed rate, from the first call to the last."""

WINDOWS = {"createCustomer": (30, 360), "getCustomer": (100, 1200), "trackOrder": (30, 360)}
"""Calls a second and in 30 seconds, as the vendor documents them; everything else is like orders."""

REFERRAL_WINDOW = 45.0
"""Seconds: too few for so many friends at this rate, so that some are going to be late."""

FILL = """
import json, sys
import django
django.setup()
from datetime import datetime, timedelta, timezone
from django.db import transaction
from gameball_referrals.django import outbox
from gameball_referrals.django.models import Referral

count, referred, window = json.load(sys.stdin)
now = datetime.now(timezone.utc)
with transaction.atomic():
    for number in range(count):
        customer = f"customer-{number:05}"
        # Friends among others, and not in the order of their deadlines.
        is_friend = number * referred // count != (number + 1) * referred // count
        registered_at = now - timedelta(milliseconds=number * 7919 % 10_000)
        referral = Referral(
            customer_id=customer, referrer_code="ANNA", registered_at=registered_at,
            deadline_at=registered_at + timedelta(seconds=window),
        ) if is_friend else None
        outbox.put("createCustomer", {"customer_id": customer}, referral=referral, now=registered_at)
"""

FORESEE = """
import django
django.setup()
from django.utils import timezone
from gameball_referrals.django.admin import dashboard, health

now = timezone.now()
print(dashboard._forecast(health.of_named("default", now), "default", now).misses)
"""


class Shop:
    """A shop with a PostgreSQL server, a settings' environment and an emulator."""

    def __init__(self, source: PostgresSource, folder: Path) -> None:
        self.database = source.fresh(folder)
        self.emulator = Emulator(limitWindowsDivisor=DIVISOR, linkWindowSeconds=100_000)
        self.emulator.control("addCustomer", customerId="anna", referralCode="ANNA")
        gameball = {
            "API_KEY": "gb_test_api_key",
            "SECRET_KEY": "gb_test_secret_key_0123456789abc",
            "BASE_URL": self.emulator.url,
            "SENDER": "worker",
            "REFERRAL_WINDOW": REFERRAL_WINDOW,
            "LIMIT_WINDOWS_DIVISOR": DIVISOR,
        }
        self.environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])]),
            "DJANGO_SETTINGS_MODULE": "mortal.settings",
            "DURABILITY_SHOP": json.dumps({"database": self.database.settings, "gameball": gameball}),
        }

    def fill(self) -> None:
        given = json.dumps([REGISTRATIONS, REFERRED, REFERRAL_WINDOW])
        subprocess.run([sys.executable, "-c", FILL], input=given, text=True, env=self.environment, check=True)

    def worker(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-m", "django", "gameball_worker"], env=self.environment)

    def misses(self) -> int:
        """Return how many friends the dashboard says will be late."""
        done = subprocess.run(
            [sys.executable, "-c", FORESEE], env=self.environment, check=True, capture_output=True, text=True
        )
        return int(done.stdout)

    def late(self) -> int:
        (row,) = self.database.rows("SELECT count(*) AS n FROM gameball_referral WHERE acknowledged_at > deadline_at")
        return int(row["n"])

    def unsettled(self) -> int:
        (row,) = self.database.rows(
            "SELECT count(*) AS n FROM gameball_delivery WHERE state IN ('pending', 'in_flight')"
        )
        return int(row["n"])


def busiest(times: list[float], span: float) -> int:
    """Return how many calls the fullest window of ``span`` seconds had, wherever it begins."""
    return max((bisect_left(times, at + span) - index for index, at in enumerate(times)), default=0)


def fastest(calls: int, per_second: int, per_window: int) -> float:
    """Return the least seconds from the first to the last of so many calls that both limits allow."""
    windows, rest = divmod(calls - 1, per_window)
    return (windows * 30 + rest // per_second) / DIVISOR


def test_all_of_the_allowed_rate_is_used_and_no_more(postgres: PostgresSource, tmp_path: Path) -> None:
    shop = Shop(postgres, tmp_path)
    workers: list[subprocess.Popen[bytes]] = []
    try:
        shop.fill()
        foreseen = shop.misses()
        workers += [shop.worker() for _ in range(WORKERS)]
        assert wait_until(900, 1.0, lambda: shop.unsettled() == 0)
        state = shop.emulator.control("state")
        late = shop.late()
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait(30)
        shop.emulator.stop()

    calls = state["requests"]
    assert state["counters"]["statuses"] == {"200": len(calls)}, "no 429, nor anything else"
    for operation, (per_second, per_window) in WINDOWS.items():
        times = sorted(at(call) for call in calls if call["operation"] == operation)
        assert busiest(times, 1 / DIVISOR) <= per_second, operation
        assert busiest(times, 30 / DIVISOR) <= per_window, operation

    creations = sorted((call for call in calls if call["operation"] == "createCustomer"), key=at)
    assert len(creations) == len({call["body"] for call in creations}) == REGISTRATIONS
    took = at(creations[-1]) - at(creations[0])
    used = fastest(REGISTRATIONS, 30, 360) / took
    print(f"{REGISTRATIONS} registrations, {WORKERS} workers, {took:.1f} s: {used:.1%} of the allowed rate")
    assert used >= SHARE, f"{took:.1f} s"

    # Friends first, while they can still be linked; the operator was told before how many would not.
    in_time = [call for call in creations if "referrerCode" in call["body"]][: REFERRED - foreseen - 400]
    assert creations.index(in_time[-1]) < len(in_time) + 400
    assert abs(late - foreseen) <= 0.1 * REFERRED, (late, foreseen)


def at(call: dict[str, Any]) -> float:
    """Return when the emulator had a call, in seconds."""
    return datetime.fromisoformat(call["at"].replace("Z", "+00:00")).timestamp()
