"""What an account's calls meet at the moment: keys, holds, breaker, pauses, limits, and whether a sender is at work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from gameball_referrals import courier
from gameball_referrals.django import accounts, conf
from gameball_referrals.django.models import Account, Ledger
from gameball_referrals.exceptions import ConfigurationError

KeySource = Literal["admin", "settings", "environment"]

SILENCE = timedelta(minutes=1)
"""After so long a delivery that is due and not taken means that no sender runs."""


@dataclass(frozen=True)
class Health:
    """An account as its deliveries find it."""

    account: str
    enabled: bool
    keys: KeySource | None
    """Where the keys come from; None: there are none."""
    problem: str | None = None
    """Why the keys, though there, cannot be used."""
    status: courier.LedgerStatus | None = None
    lifted: bool = False
    """The holds were made under other credentials than today's: the next call goes out in spite of them."""
    ledger: str = field(default="", repr=False)
    sender_seen_at: datetime | None = None
    """When a sender last wrote the ledger."""

    @property
    def holds(self) -> list[courier.Hold]:
        """The holds that hold."""
        return [] if self.status is None or self.lifted else self.status.holds

    def hold(self, bucket: str) -> courier.Hold | None:
        """Return the hold of a bucket."""
        return next((hold for hold in self.holds if hold.bucket == bucket), None)

    @property
    def breaker(self) -> courier.BreakerStatus | None:
        """The breaker, unless it is closed."""
        breaker = self.status.breaker if self.status else None
        return breaker if breaker and breaker.state != "closed" else None

    @property
    def buckets(self) -> Mapping[str, courier.BucketStatus]:
        """The limits' use."""
        return self.status.buckets if self.status else {}

    def paused_until(self, bucket: str, now: datetime) -> datetime | None:
        """Return until when Gameball asked to wait with a bucket's calls."""
        use = self.buckets.get(bucket)
        return use.paused_until if use and use.paused_until and use.paused_until > now else None


def of(account: Account, now: datetime) -> Health:
    """Look at an account: one query, no network."""
    ledger = Ledger.objects.filter(account_id=account.pk).first()
    state = ledger.state if ledger else ""
    status = courier.status(state, now, conf.get().LIMIT_WINDOWS_DIVISOR)
    problem, keys, lifted = None, None, False
    try:
        keys = source(account)
        if status.holds:
            mine = credentials_fingerprint(account)
            lifted = mine is not None and all(hold.credentials != mine for hold in status.holds)
    except ConfigurationError as error:
        problem = str(error)
    return Health(
        account=account.pk,
        enabled=account.enabled,
        keys=keys,
        problem=problem,
        status=status,
        lifted=lifted,
        ledger=state,
        sender_seen_at=ledger.updated_at if ledger else None,
    )


def of_named(key: str | None, now: datetime) -> Health:
    """Look at the account of this name: two queries, no network."""
    return of(Account.objects.filter(pk=key).first() or Account(pk=key), now)


def source(account: Account) -> KeySource | None:
    """Tell where an account's keys come from; None where there are none.

    Raises:
        ConfigurationError: a sealed key doesn't open.

    """
    credentials = accounts.credentials(account)
    if credentials is None:
        return None
    return "admin" if credentials.source == "admin" else conf.origin("API_KEY") or "settings"


def credentials_fingerprint(account: Account) -> str | None:
    """Return the fingerprint that the ledger knows an account's credentials by; None where there are none.

    Raises:
        ConfigurationError: a sealed key doesn't open, or the account's settings cannot work.

    """
    credentials = accounts.credentials(account)
    if credentials is None:
        return None
    sender = courier.Courier(credentials.api_key, credentials.secret_key, **credentials.options)
    try:
        return sender.credentials
    finally:
        sender.close()


def forecast(health: Health, now: datetime, deadlines: list[datetime]) -> courier.Forecast:
    """Tell what becomes of the referred registrations that wait, as the account is now."""
    return courier.forecast("" if health.lifted else health.ledger, now, deadlines, conf.get().LIMIT_WINDOWS_DIVISOR)
