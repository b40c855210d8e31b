"""Ten thousand registrations at once, four workers, one account: all of the allowed rate is used, and no more."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from bisect import bisect_left
from pathlib import Path

from databases import PostgresSource
from processes import HERE, Emulator

REGISTRATIONS = 10_000
REFERRED = 4_000
WORKERS = 4
DIVISOR = 6
"""Shortens the windows, here as at the emulator: it would take 14 minutes otherwise."""

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


def main() -> None:
    import tempfile

    folder = Path(tempfile.mkdtemp())
    source = PostgresSource()
    shop = Shop(source, folder)
    try:
        t = time.time()
        shop.fill()
        print("filled", time.time() - t)
        workers = [shop.worker() for _ in range(WORKERS)]
        t = time.time()
        while shop.unsettled():
            print(round(time.time() - t), shop.unsettled(), flush=True)
            time.sleep(10)
        for w in workers:
            w.terminate()
        for w in workers:
            print("exit", w.wait(20))
        state = shop.emulator.control("state")
        json.dump(state, open("/tmp/s3/durability/limits.json", "w"))
        print(state["counters"])
    finally:
        for w in workers:
            w.kill()
        shop.emulator.stop()
        source.close()


if __name__ == "__main__":
    main()
