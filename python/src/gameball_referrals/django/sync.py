"""Handing the customers from before the installation to Gameball, in batches.

They come without referrer codes: whoever was a customer before cannot be referred any more. Customers of whom the hooks
have told, or whose referral is on its way, are left to their deliveries. Where it stands is kept in the account's row,
so that an interrupted sync goes on where it was; a batch that is handed over twice only updates the same customers.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, Final, TypeVar

from django.contrib.auth import get_user_model
from django.db import DatabaseError, router
from django.db.models import DateTimeField, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from gameball_referrals import (
    ApiError,
    BatchStatus,
    ConnectionFailedError,
    RateLimitedError,
    RequestTimeoutError,
    ServerError,
)

from . import customers, outbox
from .adapter import get_adapter
from .models import Account, Delivery, Referral
from .pacing import PacedClient
from .reconcile import joined_field

T = TypeVar("T")

BATCH = 200
WATCHED_JOBS: Final = 5
"""Batches that Gameball works on at once before the next is handed over."""
POLL: Final = timedelta(seconds=2)
TRIES: Final = 5
FORGOTTEN: Final = timedelta(days=1)
"""Age at which a job of an interrupted sync is not asked after any more."""


class NoJoinDateError(Exception):
    """The user model doesn't tell when somebody joined."""


@dataclass
class State:
    """How far a sync is; kept as JSON. Nothing in it is personal."""

    started_at: str = ""
    cursor: str = ""
    """The primary key of the last user looked at."""
    total: int = 0
    """Users from before the installation, when it started."""
    seen: int = 0
    sent: int = 0
    skipped: int = 0
    """No customers, or told of already."""
    refused: int = 0
    """Customers whom Gameball refused, or whose id cannot be sent."""
    codes: dict[str, int] = field(default_factory=dict)
    """Why, by Gameball's error code."""
    jobs: list[list[Any]] = field(default_factory=list)
    """Batches under way: ``[id, customers, handed over at]``."""
    finished_at: str = ""

    @classmethod
    def of(cls, account: Account) -> State:
        """Return the state of an account's sync; a new one if there is none."""
        kept = account.sync_state or {}
        return cls(**{name: value for name, value in kept.items() if name in cls.__dataclass_fields__})


class CustomerSync:
    """One run over the customers from before the installation.

    Args:
        account: whose.
        restart: begin anew, also if the last one was finished.
        sleep: waits for a number of seconds.
        progress: told of the state after every step.

    Raises:
        ConfigurationError: the account has no API key, or keys that cannot be read.
        NoJoinDateError: see there.

    """

    def __init__(
        self,
        account: Account,
        *,
        restart: bool = False,
        sleep: Callable[[float], None] = time.sleep,
        progress: Callable[[State], None] = lambda state: None,
    ) -> None:
        when = joined_field()
        if when is None:
            raise NoJoinDateError
        self.account = account
        self.state = State.of(account)
        if restart or self.state.finished_at:
            self.state = State()
        self._when = when
        self._sleep = sleep
        self._progress = progress

    def users(self) -> QuerySet[Any]:
        """Return the users from before the installation."""
        model = get_user_model()
        rows: QuerySet[Any] = model._default_manager.using(router.db_for_write(model)).all()
        before: Any = self.account.installed_at
        if not isinstance(model._meta.get_field(self._when), DateTimeField):
            before = before.date()  # the day of the installation belongs to the hooks
        found: QuerySet[Any] = rows.filter(**{f"{self._when}__lt": before})
        return found

    def preview(self) -> Counter[str]:
        """Count who would be handed over, and who not, without doing it."""
        counted: Counter[str] = Counter()
        for page in self._pages(""):
            wanted, refused = self._wanted(page)
            counted.update(sent=len(wanted), refused=refused, skipped=len(page) - len(wanted) - refused)
        return counted

    def run(self) -> State:
        """Hand over everybody who is left, wait for Gameball to work them off, and return where it stands.

        Raises:
            HeldError: Gameball refuses the account's calls, or is away. Run it again later.
            GameballError: Gameball refuses the call, or keeps failing. Run it again later.

        """
        state = self.state
        if not state.started_at:
            state.started_at = timezone.now().isoformat()
            state.total = self.users().count()
        with PacedClient(self.account, sleep=self._sleep) as paced:
            for page in self._pages(state.cursor):
                wanted, refused = self._wanted(page)
                if wanted:
                    self._collect(paced, leave=WATCHED_JOBS - 1)
                    job = self._persistently(paced, partial(paced.client.create_customers, wanted))
                    state.jobs.append([job, len(wanted), timezone.now().isoformat()])
                state.cursor = str(page[-1].pk)
                state.seen += len(page)
                state.sent += len(wanted)
                state.refused += refused
                state.skipped += len(page) - len(wanted) - refused
                self._keep()
            self._collect(paced, leave=0)
        state.finished_at = timezone.now().isoformat()
        self._keep()
        return state

    def _pages(self, cursor: str) -> Iterator[list[Any]]:
        rows = self.users()
        last: Any = get_user_model()._meta.pk.to_python(cursor) if cursor else None
        while page := list((rows if last is None else rows.filter(pk__gt=last)).order_by("pk")[:BATCH]):
            yield page
            last = page[-1].pk

    def _wanted(self, page: list[Any]) -> tuple[list[dict[str, Any]], int]:
        """Return the arguments of those to be handed over, and how many cannot be sent."""
        adapter = get_adapter()
        refused = 0
        wanted: dict[str, dict[str, Any]] = {}
        keys: dict[str, str] = {}
        for user in page:
            try:
                if not adapter.is_customer(user) or adapter.get_account(user) != self.account.pk:
                    continue
                arguments = customers.arguments(user, adapter)
                prepared = outbox.prepare("createCustomer", arguments, account=self.account.pk)
            except DatabaseError:
                raise
            except Exception:  # noqa: BLE001
                refused += 1
                continue
            keys[prepared.dedupe_key] = prepared.customer_id
            wanted[prepared.customer_id] = without(arguments, prepared.dropped)
        told = Delivery.objects.filter(account=self.account, dedupe_key__in=keys).values_list("dedupe_key", flat=True)
        referred = Referral.objects.filter(account=self.account, customer_id__in=wanted).values_list(
            "customer_id", flat=True
        )
        for customer_id in [*(keys[key] for key in told), *referred]:
            wanted.pop(customer_id, None)
        return list(wanted.values()), refused

    def _collect(self, paced: PacedClient, *, leave: int) -> None:
        """Wait until Gameball is through with all but ``leave`` batches."""
        jobs = self.state.jobs
        while len(jobs) > leave:
            for job in list(jobs):
                status = self._status(paced, job)
                if status is None or status.done:
                    jobs.remove(job)
                    self._count(status)
                    self._keep()
                if len(jobs) <= leave:
                    return
            self._sleep(POLL.total_seconds())

    def _status(self, paced: PacedClient, job: list[Any]) -> BatchStatus | None:
        at = parse_datetime(job[2])
        if at is None or at + FORGOTTEN < timezone.now():
            return None
        try:
            return self._persistently(paced, partial(paced.client.get_batch_status, job[0]))
        except ApiError:
            return None

    def _count(self, status: BatchStatus | None) -> None:
        if status is None:
            return
        failed = status.failed_items or 0
        self.state.refused += failed
        self.state.sent -= failed
        for error in status.errors:
            code = str(error.code or "other")
            self.state.codes[code] = self.state.codes.get(code, 0) + 1

    def _persistently(self, paced: PacedClient, call: Callable[[], T]) -> T:
        for nth in range(TRIES):
            paced.wait_for("other")
            try:
                return call()
            except (RateLimitedError, ServerError, ConnectionFailedError, RequestTimeoutError) as error:
                if nth == TRIES - 1:
                    raise
                self._sleep(error.retry_after or 2.0**nth)
        raise AssertionError  # the last try returns or raises

    def _keep(self) -> None:
        Account.objects.filter(pk=self.account.pk).update(sync_state=asdict(self.state))
        self._progress(self.state)


def without(arguments: dict[str, Any], dropped: list[str]) -> dict[str, Any]:
    """Return arguments without what is malformed, named by paths such as ``attributes.email``."""
    kept = {**arguments, "attributes": dict(arguments.get("attributes") or {})}
    for path in dropped:
        first, _, rest = path.partition(".")
        if rest:
            kept["attributes"].pop(rest.partition(".")[0], None)
        else:
            kept.pop(first, None)
    if not kept.get("attributes"):
        kept.pop("attributes", None)
    return kept
