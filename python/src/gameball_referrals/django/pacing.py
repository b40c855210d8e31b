"""Calls that are no deliveries (a batch, a read-back), made within the limits that all senders share."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType

from django.db import router

from gameball_referrals import Client, ConfigurationError
from gameball_referrals.courier import Courier, reasons

from . import accounts, conf
from .database import Clock, database_clock, persistently, read_ledger, save_ledger
from .models import Account, Ledger


class HeldError(Exception):
    """Gameball refuses the account's calls, or is away; the message says what to do."""


class PacedClient:
    """A client of one account with its share of the limits; a context manager.

    Args:
        account: whose.
        sleep: waits for a number of seconds.
        clock: the time by which slots are reserved.

    Raises:
        ConfigurationError: the account has no API key, or keys that cannot be read.

    """

    def __init__(
        self, account: Account, *, sleep: Callable[[float], None] = time.sleep, clock: Clock = database_clock
    ) -> None:
        credentials = accounts.credentials(account)
        if credentials is None:
            raise ConfigurationError(
                f"the account {account.pk!r} has no API key; save one in the admin", field="api_key"
            )
        keys = (credentials.api_key, credentials.secret_key)
        self.client = Client(*keys, **credentials.options)
        divisor = conf.get().LIMIT_WINDOWS_DIVISOR
        self._courier = Courier(*keys, limit_windows_divisor=divisor, **credentials.options)
        self._account = account.pk
        self._using = router.db_for_write(Ledger)
        self._sleep = sleep
        self._clock = clock

    def wait_for(self, bucket: str, calls: int = 1) -> int:
        """Reserve calls, waiting until the limits allow one at least, and return how many there may be now.

        Use them at once: they are gone a moment later.

        Raises:
            HeldError: waiting would not help.

        """
        while True:
            granted, wait, problem = persistently(self._using, lambda: self._reserve(bucket, calls))
            if granted:
                return granted
            if problem:
                raise HeldError(problem)
            self._sleep(wait)

    def _reserve(self, bucket: str, calls: int) -> tuple[int, float, str | None]:
        """Return how many calls were reserved, and if none were, the seconds to wait or why that wouldn't help."""
        ledger = read_ledger(self._using, self._account)
        now = self._clock(self._using)
        reservation = self._courier.reserve(ledger.state, now, {bucket: calls})
        if reservation.ledger != ledger.state and not save_ledger(self._using, ledger, reservation.ledger, now):
            return 0, 0.0, None  # somebody else was faster
        granted = reservation.granted.get(bucket, 0)
        wait = (reservation.next_at - now).total_seconds() if reservation.next_at else 1.0
        problem = None
        if not granted and reservation.blocked == "hold":
            holds = self._courier.status(reservation.ledger, now).holds
            reason = next((hold.reason for hold in holds if hold.bucket == bucket), "")
            problem = reasons().get(reason, "Gameball refuses this account's calls.")
        elif not granted and reservation.blocked == "breaker":
            problem = "Gameball cannot be reached right now; try again later."
        return granted, max(wait, 0.0), problem

    def close(self) -> None:
        """Let go of the connections."""
        self.client.close()
        self._courier.close()

    def __enter__(self) -> PacedClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
