"""``manage.py gameball_check``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from django.conf import settings as django_settings
from django.core import checks as django_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, connections, router
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from gameball_referrals import GameballError
from gameball_referrals import courier as couriers
from gameball_referrals.django import accounts, checks, conf
from gameball_referrals.django.models import Account, Delivery, Ledger

COUNTED = 10_000
"""Where counting ends: an index is read, not a table."""
SILENCE = timedelta(minutes=1)
"""After so long a delivery that is due and not taken means that nobody delivers."""

Tone = Literal["good", "note", "bad"]
SIGNS: dict[Tone, str] = {"good": "ok  ", "note": "note", "bad": "FAIL"}


@dataclass(frozen=True)
class Finding:
    """One line of the answer."""

    tone: Tone
    text: str
    hint: str = ""


class Command(BaseCommand):
    """Tell in plain words whether everything is as it should be."""

    help = (
        "Checks settings, tables, keys, the connection to Gameball, the backlog and the cookies, and says what to do. "
        "Exit code 1 if something fails."
    )
    requires_system_checks: Any = ()  # they are among what is told

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--offline", action="store_true", help="don't call Gameball")

    def handle(self, *, offline: bool, **options: Any) -> None:
        """Check."""
        styles = {"good": self.style.SUCCESS, "note": self.style.WARNING, "bad": self.style.ERROR}
        failed = False
        for finding in _findings(offline=offline):
            failed = failed or finding.tone == "bad"
            self.stdout.write(f"{styles[finding.tone](SIGNS[finding.tone])}  {finding.text}")
            if finding.hint:
                self.stdout.write(f"      {finding.hint}")
        if failed:
            sys.exit(1)


def _findings(*, offline: bool) -> Iterator[Finding]:
    yield from _settings()
    try:
        conf.get()
    except ImproperlyConfigured:
        return
    tables = list(_tables())
    yield from tables
    if any(finding.tone == "bad" for finding in tables):
        return
    for account in Account.objects.order_by("pk"):
        yield from _account(account, offline=offline)
    if checks.MIDDLEWARE in django_settings.MIDDLEWARE:
        yield from _cookies()


def _settings() -> Iterator[Finding]:
    using = router.db_for_read(Account)
    found = django_checks.run_checks(
        tags=[checks.TAG], include_deployment_checks=not django_settings.DEBUG, databases=[using]
    )
    for message in found:
        if not message.is_silenced():
            tone: Tone = "bad" if message.level >= django_checks.ERROR else "note"
            yield Finding(tone, f"{message.msg} ({message.id})", message.hint or "")
    if not found:
        yield Finding("good", "The settings are fine.")


def _tables() -> Iterator[Finding]:
    using = router.db_for_write(Delivery)
    try:
        executor = MigrationExecutor(connections[using])
        targets = [key for key in executor.loader.graph.leaf_nodes() if key[0] == "gameball"]
        missing = executor.migration_plan(targets)
    except DatabaseError as error:
        yield Finding("bad", f"The database {using!r} cannot be asked: {type(error).__name__}.", "Check DATABASES.")
        return
    if missing:
        names = ", ".join(f"{migration.app_label}.{migration.name}" for migration, _ in missing)
        yield Finding("bad", f"Migrations are missing: {names}.", "Run `manage.py migrate`.")
    else:
        yield Finding("good", "The tables are up to date.")


def _account(account: Account, *, offline: bool) -> Iterator[Finding]:
    name = f"Account {account.pk!r}: "
    if not account.enabled:
        yield Finding("note", f"{name}switched off; deliveries wait.", "Switch it on in the admin.")
    try:
        credentials = accounts.credentials(account)
    except GameballError as error:
        yield Finding("bad", f"{name}its keys cannot be used: {error}")
        return
    if credentials is None and not account.enabled:
        return
    if credentials is None:
        yield Finding(
            "bad",
            f"{name}there is no API key, so nothing is delivered.",
            "Save the keys in the admin, or set GAMEBALL_API_KEY and GAMEBALL_SECRET_KEY.",
        )
    else:
        where = "the admin" if credentials.source == "admin" else f"the {conf.origin('API_KEY') or 'settings'}"
        environment = couriers.key_environment(credentials.api_key)
        kind = {"test": "test keys", "live": "live keys"}.get(environment, "keys")
        secret = "" if credentials.secret_key else ", but no secret key: orders and erasures will wait"
        yield Finding("note" if secret else "good", f"{name}{kind} from {where}{secret}.")
        if not offline:
            yield _connection(name, credentials)
    yield from _holds(account, name)
    yield from _backlog(account, name)


def _connection(name: str, credentials: accounts.Credentials) -> Finding:
    try:
        courier = couriers.Courier(credentials.api_key, credentials.secret_key, **credentials.options)
    except GameballError as error:
        return Finding("bad", f"{name}{error}")
    try:
        answer = courier.check()
    finally:
        courier.close()
    return Finding("good" if answer.ok else "bad", f"{name}{answer.message}")


def _holds(account: Account, name: str) -> Iterator[Finding]:
    ledger = Ledger.objects.filter(pk=account.pk).first()
    status = couriers.status(ledger.state if ledger else "", timezone.now(), conf.get().LIMIT_WINDOWS_DIVISOR)
    for hold in status.holds:
        why = couriers.reasons().get(hold.reason, "")
        yield Finding("bad", f"{name}Gameball refuses {hold.bucket} calls since {_minute(hold.since)}. {why}".rstrip())
    if status.breaker.state != "closed":
        yield Finding(
            "note", f"{name}Gameball could not be reached; deliveries wait and are tried again by themselves."
        )


def _backlog(account: Account, name: str) -> Iterator[Finding]:
    state = Delivery.State
    rows = Delivery.objects.filter(account=account)
    now = timezone.now()
    due = rows.filter(state=state.PENDING, due_at__lte=now)
    waiting = due.order_by()[:COUNTED].count()
    oldest = due.order_by("due_at").values_list("due_at", flat=True).first()
    count = f"{waiting:,}{'+' if waiting == COUNTED else ''}"
    if oldest is not None and now - oldest > SILENCE:
        sender = conf.get().SENDER
        hint = (
            "They go out with a web process: is one running, and may it have threads?"
            if sender == "thread"
            else "Run `manage.py gameball_worker`, or the Celery or Django task."
        )
        yield Finding("note", f"{name}{count} deliveries are due, the oldest since {_minute(oldest)}.", hint)
    else:
        yield Finding("good", f"{name}nothing waits." if not waiting else f"{name}{count} deliveries are on their way.")
    dead = rows.filter(state=state.DEAD).order_by()[:COUNTED].count()
    if dead:
        yield Finding(
            "note", f"{name}{dead:,} deliveries failed.", "The admin's deliveries say why; they can be replayed."
        )


def _cookies() -> Iterator[Finding]:
    if django_settings.DEBUG:
        return
    secure = django_settings.SECURE_SSL_REDIRECT or django_settings.SECURE_PROXY_SSL_HEADER
    if not secure:
        yield Finding(
            "note",
            "Nothing here says that the shop is served over HTTPS; over plain HTTP the claim cookie is not Secure.",
            "Behind a proxy set SECURE_PROXY_SSL_HEADER, else SECURE_SSL_REDIRECT = True.",
        )
    if not django_settings.SESSION_COOKIE_SECURE:
        yield Finding(
            "note",
            "SESSION_COOKIE_SECURE is off: a session, and a claim that waits in it, can be read on the way.",
            "Set SESSION_COOKIE_SECURE = True.",
        )


def _minute(moment: Any) -> str:
    return f"{moment.astimezone(timezone.get_current_timezone()):%Y-%m-%d %H:%M}"
