"""The loop of every sender: a thread of a web process, the worker, a task. Any number of them may run at once.

It claims (``claiming.py``), submits to the courier, settles verdicts as they arrive (``settling.py``) and claims again
where calls may leave. In between it sleeps until something is due, or arrives, or is told of.
"""

from __future__ import annotations

import logging
import math
import queue
import random
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

from django.db import InterfaceError, OperationalError, connections, router

from gameball_referrals import courier as couriers

from . import conf, maintenance
from .database import Clock, database_clock
from .models import DEFAULT_ACCOUNT, Account, Delivery
from .runner import Runner

logger = logging.getLogger(__name__)

SWEEP_EVERY = 60.0
"""Seconds between two looks at whether a sweep (``reconcile.py``) is due."""
LONGEST_PAUSE = 30.0
"""Seconds at most between two tries while the database is away."""


class Sender:
    """Delivers what the shop's database holds, for every account that is switched on and has keys.

    :meth:`run` and :meth:`drain` belong to one thread, and use its database connection; :meth:`wake` and :meth:`stop`
    may be called from any, and from a signal's handler.

    Args:
        account: the only account to deliver for; None: all.
        using: the database's alias; None: where deliveries are written.
        clock: the time by which deliveries are due and leases end.

    """

    def __init__(self, *, account: str | None = None, using: str | None = None, clock: Clock = database_clock) -> None:
        self._only = account
        self._using = using or router.db_for_write(Delivery)
        self._clock = clock
        self.at_work = threading.RLock()
        """Held while the database is used: a process that forks then would leave the child with its driver's locks."""
        self._inbox: queue.SimpleQueue[tuple[Runner, Sequence[couriers.Verdict]] | None] = queue.SimpleQueue()
        self._runners: dict[str, Runner] = {}
        self._stopping = False
        self._serves = False
        self._told = True
        self._poll_at = 0.0
        self._pause = 0.0
        self._sweep_at = time.monotonic() + SWEEP_EVERY * random.random()  # noqa: S311
        self._upkeep_at = time.monotonic() + maintenance.FIRST * random.uniform(0.5, 1.0)  # noqa: S311

    def wake(self) -> None:
        """Say that there is something to deliver."""
        self._inbox.put(None)

    def stop(self) -> None:
        """Have :meth:`run` or :meth:`drain` return, once what is in flight is settled."""
        self._stopping = True
        self.wake()

    def run(self, *, grace: float | None = None) -> None:
        """Deliver until :meth:`stop`.

        Args:
            grace: seconds that calls under way are given then; None: as long as a call may take.

        """
        self._serves = True
        try:
            while not self._stopping:
                self._sleep(self._turn())
        finally:
            self._end(grace)

    def drain(self, budget: float | None = None, *, grace: float | None = None) -> int:
        """Deliver all that is due and return how many calls it took; it waits for the rate limit, not for later tries.

        Args:
            budget: seconds after which nothing more is begun.
            grace: see :meth:`run`.

        Raises:
            django.db.Error: the database is away. What is in flight was given its time.

        """
        ends_at = math.inf if budget is None else time.monotonic() + budget
        self._poll_at = 0.0
        try:
            while not self._stopping:
                wait = self._work()
                left = ends_at - time.monotonic()
                if left <= 0 or (wait > 0 and not self._is_busy()):
                    break
                self._sleep(min(wait, left))
        finally:
            self._end(grace)
        return sum(runner.calls for runner in self._runners.values())

    def _is_busy(self) -> bool:
        return any(runner.in_flight or runner.is_limited for runner in self._runners.values())

    def _turn(self) -> float:
        """Do what there is to do whatever fails, and return how many seconds there is nothing more."""
        try:
            with self.at_work:
                wait = self._work()
            self._pause = 0.0
        except (OperationalError, InterfaceError) as error:
            wait = self._back_off()
            logger.warning("The database is away; deliveries wait. Next try in %.1f s. (%s)", wait, _first_line(error))
        except Exception:
            wait = self._back_off()
            logger.exception("The sender failed. Next try in %.1f s.", wait)
        return wait

    def _back_off(self) -> float:
        self._pause = min(max(2 * self._pause, 0.5), LONGEST_PAUSE)
        connection = connections[self._using]
        if not connection.in_atomic_block:
            with self.at_work:
                connection.close()
        self._told = True
        return self._pause * random.uniform(0.5, 1.0)  # noqa: S311

    def _work(self) -> float:
        self._read_inbox()
        for runner in self._runners.values():
            self._guarded(runner, runner.settle)
        now = time.monotonic()
        polls = now >= self._poll_at
        told, self._told = self._told, False
        if polls or told:
            self._open()
            self._read_accounts()
        for runner in self._runners.values():
            if polls:
                self._guarded(runner, runner.take_over)
            if told or polls or runner.look_at <= time.monotonic():
                # It isn't told whose delivery there is.
                expecting = runner.look_at < now or (told and len(self._runners) == 1)
                self._guarded(runner, partial(runner.look, expecting=expecting, deep=polls))
        if polls and now >= self._sweep_at:
            self._sweep_at = now + SWEEP_EVERY
            self._sweep()
        if polls and now >= self._upkeep_at and not self._is_in_flight():
            self._upkeep_at = now + maintenance.INTERVAL
            maintenance.run(self._using)
        if polls:
            # So that many processes don't all ask at the same moment.
            self._poll_at = now + conf.get().POLL_INTERVAL * random.uniform(0.9, 1.0)  # noqa: S311
        next_at = min([self._poll_at, *(runner.look_at for runner in self._runners.values())])
        return max(next_at - time.monotonic(), 0.0)

    def _sweep(self) -> None:
        """Look for what the hooks missed; what goes wrong with the shop's own models holds up no delivery."""
        from . import reconcile

        try:
            reconcile.sweep_if_due()
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            logger.exception("The search for what the hooks missed failed.")

    def _guarded(self, runner: Runner, work: Callable[[], None]) -> None:
        """Do one account's work; its failure is no other account's."""
        try:
            work()
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            if not self._serves:
                raise
            logger.exception("The account %r gives trouble; its deliveries wait a moment.", runner.account.pk)
            runner.look_at = time.monotonic() + LONGEST_PAUSE

    def _open(self) -> None:
        connection = connections[self._using]
        if not connection.in_atomic_block and not connection.get_autocommit():
            # Nothing would ever be committed where the shop's settings say AUTOCOMMIT = False.
            connection.set_autocommit(True)

    def _read_accounts(self) -> None:
        """Learn of new accounts and new keys."""
        rows = list(Account.objects.using(self._using).all())
        if not any(row.pk == DEFAULT_ACCOUNT for row in rows):
            # Its keys may be in the settings; then it needs no row.
            rows.append(Account(key=DEFAULT_ACCOUNT))
        found = {row.pk: row for row in rows if self._only in (None, row.pk)}
        for key, row in found.items():
            if key not in self._runners:
                self._runners[key] = Runner(self._using, row, self._clock, self._take)
            self._runners[key].adopt(row, at_work=row.enabled)
        for key in self._runners.keys() - found.keys():
            self._runners[key].adopt(self._runners[key].account, at_work=False)
            if not self._runners[key].in_flight:
                del self._runners[key]

    def _take(self, runner: Runner, verdicts: Sequence[couriers.Verdict]) -> None:
        self._inbox.put((runner, verdicts))

    def _sleep(self, seconds: float) -> None:
        """Wait until there is news, but not longer."""
        if seconds <= 0:
            return
        if not self._is_in_flight():
            with self.at_work:
                self._rest()
        with suppress(queue.Empty):
            self._read(self._inbox.get(timeout=min(seconds, 3600.0)))

    def _is_in_flight(self) -> bool:
        return any(runner.in_flight for runner in self._runners.values())

    def _rest(self) -> None:
        """Leave nothing behind that grows or ages, while there is nothing to do."""
        # All, since whoever listens to signals may use another database.
        for connection in connections.all(initialized_only=True):
            connection.queries_log.clear()
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()

    def _read_inbox(self) -> None:
        while True:
            try:
                self._read(self._inbox.get_nowait())
            except queue.Empty:
                return

    def _read(self, letter: tuple[Runner, Sequence[couriers.Verdict]] | None) -> None:
        if letter is None:
            self._told = True
        else:
            runner, verdicts = letter
            runner.hear(verdicts)

    def _end(self, grace: float | None) -> None:
        """Settle what is in flight; what doesn't come in time is taken over once its lease is over."""
        if grace is None:
            grace = conf.get().TIMEOUT + 5.0
        ends_at = time.monotonic() + grace
        pause = 0.0
        while self._is_in_flight() and time.monotonic() < ends_at:
            try:
                self._read_inbox()
                with self.at_work:
                    for runner in self._runners.values():
                        runner.settle()
                pause = 0.0
            except (OperationalError, InterfaceError):
                with self.at_work:
                    connections[self._using].close()
                pause = 0.5
            if self._is_in_flight():
                left = max(ends_at - time.monotonic(), 0.0)
                with suppress(queue.Empty):
                    self._read(self._inbox.get(timeout=min(left, pause or left)))
        for runner in self._runners.values():
            runner.close()
        self._rest()


def drain(budget: float | None = None, *, account: str | None = None) -> int:
    """Deliver all that is due, in this thread, and return how many calls it took; see :meth:`Sender.drain`."""
    return Sender(account=account).drain(budget)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
