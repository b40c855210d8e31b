"""What the sender's tests share: a clock they set, a shop's deliveries, and its processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta, timezone
from typing import Any

from django.db import connection
from gameball_referrals.django import outbox
from gameball_referrals.django.models import Delivery, Referral

PATIENCE = 20.0
"""Seconds until a test gives up on something that ought to happen at once, on however busy a machine."""


class SetClock:
    """The time, moved forward by a test, for :class:`Sender`."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self, using: str = "") -> datetime:
        return datetime.now(timezone.utc) + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)


def register(customer: str, code: str | None = "ANNA1", *, registered_at: datetime | None = None, **more: Any) -> None:
    """Do what the hook does when somebody signs up."""
    now = registered_at or datetime.now(timezone.utc)
    referral = None
    if code is not None:
        referral = Referral(
            customer_id=customer, referrer_code=code, registered_at=now, deadline_at=now + timedelta(minutes=5)
        )
    outbox.put("createCustomer", {"customer_id": customer, **more}, referral=referral, now=now)


def order(customer: str, order_id: str, total: str = "49.90") -> None:
    """Do what the hook does when an order is paid."""
    paid_at = datetime.now(timezone.utc)
    outbox.put(
        "trackOrder", {"customer_id": customer, "order_id": order_id, "order_date": paid_at, "total_paid": total}
    )


def delivery(customer: str, operation: str = "createCustomer") -> Delivery:
    return Delivery.objects.get(customer_id=customer, operation=operation)


def receipts() -> dict[str, tuple[str, str]]:
    return {row.customer_id: (row.receipt, row.reason) for row in Referral.objects.all()}


def eventually(holds: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
    """Wait until something holds in another process or thread, and return what it came to."""
    ends_at = time.monotonic() + patience
    while True:
        found = holds()
        if found:
            return found
        if time.monotonic() > ends_at:
            raise AssertionError(f"after {patience} s still not: {what}")
        time.sleep(0.005)


@contextmanager
def running(arguments: Iterable[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Run Python with arguments in a process of its own, which ends with the block."""
    process = subprocess.Popen(
        [sys.executable, *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        # With its children, which have its output's pipe, too.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def says(process: subprocess.Popen[str], text: str) -> None:
    """Wait until a process has printed a line with this text."""
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(line)
        if text in line:
            return
    raise AssertionError(f"it ended without {text!r}: {''.join(seen)}")


def explained(statement: str, parameters: Iterable[Any]) -> str:
    """Return PostgreSQL's plan of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (COSTS OFF) {statement}", list(parameters))
        return "\n".join(line for (line,) in cursor.fetchall())
