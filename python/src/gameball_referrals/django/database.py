"""What the sender asks of a database beyond Django's ORM: its clock, a lock, and a second try."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Protocol, TypeVar

from django.db import OperationalError, connections
from django.utils import timezone as django_timezone

from .models import Ledger

T = TypeVar("T")


class Clock(Protocol):
    """Where a sender has the time from."""

    def __call__(self, using: str) -> datetime:
        """Return the present, with a zone."""


def database_clock(using: str) -> datetime:
    """Return the database's own time, by which all machines go; for SQLite that is this machine's."""
    connection = connections[using]
    if connection.vendor == "postgresql":
        query = "SELECT clock_timestamp()"
    elif connection.vendor == "mysql":
        query = "SELECT UTC_TIMESTAMP(6)"
    else:
        return django_timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(query)
        now: datetime = cursor.fetchone()[0]
    return now.astimezone(timezone.utc) if now.tzinfo else now.replace(tzinfo=timezone.utc)


def read_ledger(using: str, account: str) -> Ledger:
    """Return an account's ledger as it is."""
    rows = Ledger.objects.using(using)
    ledger = rows.filter(pk=account).first()
    if ledger is None:
        rows.bulk_create([Ledger(account_id=account)], ignore_conflicts=True)
        ledger = rows.get(pk=account)
    return ledger


def save_ledger(using: str, ledger: Ledger, state: str, now: datetime) -> bool:
    """Store a ledger's new state if nobody has changed it since it was read; tell whether that was so."""
    unchanged = Ledger.objects.using(using).filter(pk=ledger.pk, version=ledger.version)
    return bool(unchanged.update(state=state, version=ledger.version + 1, updated_at=now))


TRIES = 6


def persistently(using: str, work: Callable[[], T]) -> T:
    """Do a transaction's work, again if the database could not do it now: SQLite is locked, a deadlock, a conflict.

    ``work`` opens its own transaction and may be repeated as a whole. Within somebody else's it is done once.
    """
    for nth in range(1, TRIES):
        try:
            return work()
        except OperationalError as error:
            if connections[using].in_atomic_block or not _is_passing(using, error):
                raise
            time.sleep(random.uniform(0.5, 1.0) * 0.01 * 2**nth)  # noqa: S311
    return work()


def _is_passing(using: str, error: OperationalError) -> bool:
    vendor = connections[using].vendor
    if vendor == "sqlite":
        return "locked" in str(error)
    if vendor == "mysql":
        # A deadlock, or a lock that was waited for too long.
        return bool(error.args) and error.args[0] in (1205, 1213)
    cause = error.__cause__
    code = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)
    # A serialisation failure, a deadlock.
    return code in ("40001", "40P01")
