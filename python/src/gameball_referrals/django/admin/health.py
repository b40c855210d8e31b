"""What the account's calls meet at the moment, as the shop has it: switch, keys, ledger, when a sender was at work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from gameball_referrals import courier
from gameball_referrals.django import accounts, conf
from gameball_referrals.django.models import Account, Ledger
from gameball_referrals.exceptions import ConfigurationError

KeySource = Literal["admin", "settings", "environment"]


@dataclass(frozen=True)
class Health:
    """An account as its deliveries find it."""

    account: str
    enabled: bool
    keys: KeySource | None
    """Where the keys come from; None: there are none."""
    problem: str | None = None
    """Why the keys, though there, cannot be used."""
    credentials: str | None = None
    """The fingerprint that the ledger knows the keys by; None where nothing depends on it."""
    ledger: str = field(default="", repr=False)
    status: courier.LedgerStatus | None = None
    """The ledger as these credentials find it."""
    sender_seen_at: datetime | None = None
    """When a sender last wrote the ledger."""

    @property
    def record(self) -> courier.AccountRecord:
        """The same as the core takes it."""
        return courier.AccountRecord(
            id=self.account,
            enabled=self.enabled,
            keys="sealed" if self.problem else "present" if self.keys else "missing",
            credentials=self.credentials,
            ledger=self.ledger,
            sender_seen_at=self.sender_seen_at,
            limit_windows_divisor=conf.get().LIMIT_WINDOWS_DIVISOR,
        )

    def held(self, bucket: str) -> bool:
        """Tell whether the calls of a bucket are held."""
        return self.status is not None and any(hold.bucket == bucket for hold in self.status.holds)

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
    problem, keys, credentials = None, None, None
    try:
        keys = source(account)
        if status.holds:
            credentials = credentials_fingerprint(account)
            status = courier.status(state, now, conf.get().LIMIT_WINDOWS_DIVISOR, credentials=credentials)
    except ConfigurationError as error:
        problem = str(error)
    return Health(
        account=account.pk,
        enabled=account.enabled,
        keys=keys,
        problem=problem,
        credentials=credentials,
        ledger=state,
        status=status,
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
    return courier.forecast(
        health.ledger, now, deadlines, conf.get().LIMIT_WINDOWS_DIVISOR, credentials=health.credentials
    )
