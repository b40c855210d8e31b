"""One account's deliveries, as one sender works on them."""

from __future__ import annotations

import itertools
import logging
import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from django.db import InterfaceError, OperationalError

from gameball_referrals import courier as couriers
from gameball_referrals.exceptions import GameballError

from . import accounts, claiming, conf, failpoints, settling
from .database import Clock
from .models import Account, Delivery

logger = logging.getLogger(__name__)

Post = Callable[["Runner", Sequence[couriers.Verdict]], None]
"""Takes verdicts from another thread."""


class Runner:
    """Claims, submits and settles deliveries of one account. It belongs to one thread, but for what it posts.

    Args:
        using: the database's alias.
        account: whose deliveries.
        clock: the time by which deliveries are due and leases end.
        post: takes the verdicts, on a thread that only waits for them.

    """

    def __init__(self, using: str, account: Account, clock: Clock, post: Post) -> None:
        self.account = account
        self.look_at = 0.0
        """When to look for deliveries, by ``time.monotonic()``."""
        self.calls = 0
        """How many calls were made."""
        self._using = using
        self._clock = clock
        self._post = post
        self._courier: couriers.Courier | None = None
        self._built_of: tuple[accounts.Credentials, conf.Settings] | None = None
        self._fetchers: list[_Fetcher] = []
        # By a ticket, since a row that was taken over may come back to us while its first verdict is on its way.
        self._leased: dict[int, Delivery] = {}
        self._tickets = itertools.count()
        self._arrived: list[tuple[Delivery, couriers.Verdict]] = []
        self._unrecorded: list[couriers.Verdict] = []
        self._complaint = ""
        self._limited = False
        # Customers whose next delivery may go, in the order in which they were freed.
        self._freed: dict[str, None] = {}

    def adopt(self, account: Account, *, at_work: bool = True) -> None:
        """Go by the account as it is now: its keys may be new, or gone; it may be switched off."""
        self.account = account
        try:
            credentials = accounts.credentials(account) if at_work else None
            self._build(credentials, conf.get())
            self._complaint = ""
        except GameballError as error:
            self._built_of = None
            self._retire()
            self._complain(str(error))

    def _build(self, credentials: accounts.Credentials | None, settings: conf.Settings) -> None:
        wanted = (credentials, settings) if credentials is not None else None
        if wanted == self._built_of:
            return
        self._retire()
        if credentials is not None:
            self._courier = couriers.Courier(
                credentials.api_key,
                credentials.secret_key,
                concurrency=settings.CONCURRENCY,
                referral_window=settings.REFERRAL_WINDOW.total_seconds(),
                max_attempts=settings.MAX_ATTEMPTS,
                limit_windows_divisor=settings.LIMIT_WINDOWS_DIVISOR,
                **credentials.options,
            )
        self._built_of = wanted
        self.look_at = 0.0

    def _complain(self, what: str) -> None:
        # Once, not at every look.
        if what != self._complaint:
            self._complaint = what
            logger.error("Deliveries of the account %r wait: %s", self.account.pk, what)

    def _retire(self) -> None:
        """Send nothing more with the present courier. What it has in flight comes in still."""
        self._courier = None
        for fetcher in self._fetchers:
            fetcher.end()

    @property
    def in_flight(self) -> int:
        """How many deliveries are ours: under way, or answered and not stored yet."""
        return len(self._leased)

    @property
    def is_limited(self) -> bool:
        """Whether deliveries that are due wait for nothing but the rate limit."""
        if not self._limited or self._courier is None:
            return False
        due = claiming.next_due(self._using, self.account.pk)
        return due is not None and due <= self._clock(self._using)

    def hear(self, verdicts: Sequence[couriers.Verdict]) -> None:
        """Take verdicts that have come; :meth:`settle` stores them."""
        for verdict in verdicts:
            if verdict.needs_record:
                self._unrecorded.append(verdict)
            if verdict.id in self._leased:
                self._arrived.append((self._leased[verdict.id], verdict))

    def settle(self) -> None:
        """Store what has come.

        Raises:
            OperationalError, InterfaceError: the database is away; nothing is forgotten.

        """
        if not self._arrived and not self._unrecorded:
            return
        failpoints.reached("send.answered")
        if self._unrecorded:
            courier = self._fetchers[-1].courier
            settling.record(self._using, self.account, courier, self._unrecorded, self._clock)
            self._unrecorded.clear()
        try:
            self._settle(self._arrived)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            logger.exception("Verdicts of the account %r could not be stored together.", self.account.pk)
            for entry in list(self._arrived):
                self._settle_alone(entry)
        # Slots may be free, and the next in a lane may go.
        self.look_at = 0.0

    def _settle(self, entries: Sequence[tuple[Delivery, couriers.Verdict]]) -> None:
        settled = settling.settle(self._using, self.account.pk, entries, self._clock)
        self._freed.update((delivery.customer_id, None) for delivery in settled.deliveries)
        self._forget(entries)

    def _settle_alone(self, entry: tuple[Delivery, couriers.Verdict]) -> None:
        try:
            self._settle([entry])
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            row, verdict = entry
            logger.exception("The verdict on delivery %s (%s) could not be stored.", row.pk, verdict.outcome)
            # Later, since the same may happen again, and costing an attempt, since a call was made.
            settling.give_back(self._using, [row], self._clock, timedelta(minutes=15), attempts=1)
            self._forget([entry])

    def _forget(self, entries: Sequence[tuple[Delivery, couriers.Verdict]]) -> None:
        done = {verdict.id for _, verdict in entries}
        for ticket in done:
            self._leased.pop(ticket, None)
        self._arrived = [entry for entry in self._arrived if entry[1].id not in done]

    def take_over(self) -> None:
        """Have deliveries wait again whose lease is over: those of senders that died."""
        taken = claiming.take_over(self._using, self.account.pk, self._clock)
        if taken:
            logger.warning("%s deliveries of a sender that died are sent again.", taken)
            self.look_at = 0.0

    def look(self, *, expecting: bool, deep: bool) -> None:
        """Claim and submit what may be sent now, and note when to look again.

        Args:
            expecting: whether something is likely to be due; otherwise that is found out first, for less.
            deep: whether to look behind however many deliveries that cannot go.

        Raises:
            OperationalError, InterfaceError: the database is away.

        """
        self.look_at = math.inf
        self._limited = False
        courier = self._courier
        if courier is None:
            return
        room = courier.concurrency - len(self._leased)
        if room <= 0:
            return
        if not expecting:
            due = claiming.next_due(self._using, self.account.pk)
            if due is None:
                return
            wait = due - self._clock(self._using)
            if wait > timedelta(0):
                self.look_at = time.monotonic() + wait.total_seconds()
                return
        wanted = claiming.Wanted(
            self.account.pk, room, list(self._freed)[:200], claiming.DEEP if deep else claiming.SHALLOW
        )
        claim = claiming.claim(self._using, courier, wanted, self._clock)
        for customer in set(wanted.freed) - claim.still_free:
            self._freed.pop(customer, None)
        self._limited = claim.limited
        if claim.look_again_at is not None:
            self.look_at = claim.look_again_at
        if claim.rows:
            self._submit(courier, claim)

    def _submit(self, courier: couriers.Courier, claim: claiming.Claim) -> None:
        try:
            if not self._fetchers or self._fetchers[-1].courier is not courier:
                self._fetchers = [fetcher for fetcher in self._fetchers if fetcher.is_alive()]
                self._fetchers.append(_Fetcher(self, courier, self._post))
            tickets = {next(self._tickets): row for row in claim.rows}
            courier.submit(replace(delivery, id=ticket) for ticket, delivery in zip(tickets, claim.deliveries))
        except Exception:
            logger.exception("Deliveries of the account %r could not be sent.", self.account.pk)
            settling.give_back(self._using, claim.rows, self._clock, timedelta(seconds=5))
            return
        self.calls += len(tickets)
        self._leased.update(tickets)
        failpoints.reached("send.submitted")

    def close(self) -> None:
        """Let go of the couriers. Whatever is in flight is settled by whoever takes its lease over."""
        self._courier = None
        for fetcher in self._fetchers:
            fetcher.end(at_once=True)


class _Fetcher(threading.Thread):
    """Waits for one courier's verdicts, so that the thread with the database waits for all couriers at once."""

    def __init__(self, runner: Runner, courier: couriers.Courier, post: Post) -> None:
        super().__init__(name="gameball-verdicts", daemon=True)
        self.courier = courier
        self._runner = runner
        self._post = post
        self._ending = False
        self._abandoned = False
        self.start()

    def end(self, *, at_once: bool = False) -> None:
        """End once nothing is in flight, or at once."""
        self._ending = True
        self._abandoned = at_once
        self.courier.wake()
        if at_once:
            self.join(1.0)

    def run(self) -> None:
        while not self._abandoned and not (self._ending and self.courier.in_flight == 0):
            try:
                verdicts = self.courier.verdicts(None)
            except Exception:
                logger.exception("Verdicts could not be fetched.")
                time.sleep(1)
                continue
            if verdicts:
                self._post(self._runner, verdicts)
