"""System checks. Each names its fix; ids are ``gameball.E…`` for what cannot work and ``gameball.W…`` for the rest."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import django
from django.apps import AppConfig
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004
from django.core.exceptions import ImproperlyConfigured
from django.db import connections, router
from django.urls import NoReverseMatch, reverse

from gameball_referrals import GameballError
from gameball_referrals.courier import key_environment

from . import accounts, conf
from .models import Account, Delivery

TAG: Final = "gameball"
MIDDLEWARE: Final = "gameball_referrals.django.middleware.ReferralCaptureMiddleware"
SESSIONS: Final = "django.contrib.sessions.middleware.SessionMiddleware"
UPDATE_CACHE: Final = "django.middleware.cache.UpdateCacheMiddleware"
FETCH_FROM_CACHE: Final = "django.middleware.cache.FetchFromCacheMiddleware"
LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")

Found = Iterator[CheckMessage]


def connect(*, pages: bool = True) -> None:
    """Register the checks.

    Args:
        pages: whether this process serves the shop's pages, so that visits are captured here.

    """
    for check in (settings, adapter, orders, *((middleware, urls) if pages else ()), models):
        register(_listed(check), TAG)
    register(_listed(deployment), Tags.security, TAG, deploy=True)
    register(sealed_keys, Tags.database, TAG)


def _listed(check: Callable[[], Found]) -> Callable[..., list[CheckMessage]]:
    def listed(app_configs: Sequence[AppConfig] | None = None, **_: Any) -> list[CheckMessage]:
        try:
            return list(check())
        except ImproperlyConfigured as error:
            # The settings themselves are E001's business, once.
            return [] if check is not settings else [Error(str(error), id="gameball.E001")]

    return listed


def settings() -> Found:
    """Check the settings dict and what it rests on."""
    conf.Settings.read()
    if not django_settings.USE_TZ:
        yield Error(
            "The app needs times with a zone.",
            hint="Set USE_TZ = True; Django's documentation tells how to go about it.",
            id="gameball.E002",
        )


def adapter() -> Found:
    """Check the adapter."""
    from . import reconcile
    from .adapter import get_adapter

    conf.get()
    try:
        chosen = get_adapter()
    except ImproperlyConfigured as error:
        yield Error(
            str(error),
            hint="Write the dotted path of a subclass of gameball_referrals.django.adapter.DefaultAdapter.",
            id="gameball.E003",
        )
        return
    if reconcile.joined_field() is None:
        model = get_user_model()._meta.label
        named = f"the field {chosen.joined_field!r} that the adapter names" if chosen.joined_field else "a join date"
        yield Warning(
            f"{model} lacks {named}: neither the reconcile nor the sync of existing customers can tell who is new.",
            hint="Subclass DefaultAdapter, set joined_field to the field, and name the subclass in ADAPTER.",
            id="gameball.W001",
        )


def orders() -> Found:
    """Check the mappings of order models."""
    from .mapping import all_mappings

    for mapping in all_mappings():
        for problem in mapping.problems:
            yield Error(problem.message, hint=problem.hint, id="gameball.E004")
        for doubt in mapping.doubts:
            yield Warning(doubt.message, hint=doubt.hint, id="gameball.W020")


def middleware() -> Found:
    """Check that visits are captured, where that has to happen."""
    listed = list(django_settings.MIDDLEWARE)
    if MIDDLEWARE not in listed:
        yield Warning(
            "Visits to referral links are not captured: the middleware is missing.",
            hint=f'Add "{MIDDLEWARE}" to MIDDLEWARE, after the session and authentication middlewares.',
            id="gameball.W002",
        )
        return
    at = listed.index(MIDDLEWARE)
    read = conf.get()
    if read.CONSENT and SESSIONS not in listed[:at]:
        yield Error(
            "Until there is consent, a claim waits in the session, which is saved before the claim gets there.",
            hint=f'List "{SESSIONS}" in MIDDLEWARE, before "{MIDDLEWARE}".',
            id="gameball.E005",
        )
    if UPDATE_CACHE in listed[at + 1 :]:
        yield Error(
            "The page cache would store a page before it is known whether it carries a visitor's claim.",
            hint=f'List "{UPDATE_CACHE}" in MIDDLEWARE before "{MIDDLEWARE}".',
            id="gameball.E006",
        )
    if FETCH_FROM_CACHE in listed[:at] and not read.CACHE_SAFE:
        yield Warning(
            "Visits that the page cache answers are not captured.",
            hint=(
                f'List "{MIDDLEWARE}" in MIDDLEWARE before "{FETCH_FROM_CACHE}", or set '
                f"{conf.NAME}['CACHE_SAFE'] = True and put {{% referral_capture %}} on your pages."
            ),
            id="gameball.W003",
        )


def urls() -> Found:
    """Check that the app's URLs are there."""
    if not getattr(django_settings, "ROOT_URLCONF", None):
        return
    try:
        reverse("gameball:capture")
    except NoReverseMatch:
        yield Warning(
            "The app's URLs are missing: no live check of typed codes, no webhooks, no capture on cached pages.",
            hint='Add path("gameball/", include("gameball_referrals.django.urls")) to your urlpatterns.',
            id="gameball.W004",
        )


def models() -> Found:
    """Check that users, orders and deliveries can be written together."""
    from . import hooks, mapping

    target = router.db_for_write(Delivery)
    watched = [get_user_model(), *(each.model for each in mapping.mappings())]
    for model in watched:
        using = router.db_for_write(model)
        if using != target:
            yield Warning(
                f"{model._meta.label} lives in the database {using!r}, deliveries in {target!r}: no transaction spans "
                "both: of a customer or order whose process dies in between, only the reconcile will tell.",
                hint="Route the app 'gameball' to the same database in DATABASE_ROUTERS.",
                id="gameball.W005",
            )
    for label in hooks.unclosed():
        yield Warning(
            f"This Django saves {label} in a way that this app doesn't know: under autocommit, a process that dies "
            "right after a row is written leaves a customer or order of whom only the reconcile will tell.",
            hint="Upgrade gameball-referrals, or set ATOMIC_REQUESTS = True for the database.",
            id="gameball.W006",
        )
    connection = connections[target]
    if connection.vendor == "sqlite" and django.VERSION >= (5, 1):
        options = connection.settings_dict.get("OPTIONS") or {}
        if str(options.get("transaction_mode") or "").upper() not in ("IMMEDIATE", "EXCLUSIVE"):
            yield Warning(
                "SQLite refuses to write in a transaction that began with a read while others write: the sender does.",
                hint=f"Add 'OPTIONS': {{'transaction_mode': 'IMMEDIATE'}} to DATABASES[{target!r}].",
                id="gameball.W007",
            )


def deployment() -> Found:
    """Check what matters in production (``check --deploy``)."""
    read = conf.get()
    if read.API_KEY and key_environment(read.API_KEY) == "test" and not django_settings.DEBUG:
        yield Warning(
            "DEBUG is off, and the API key is Gameball's for tests: no real customer is told of.",
            hint="Use the live key here.",
            id="gameball.W010",
        )
    inherited = set(os.environ.values())
    for name in ("API_KEY", "SECRET_KEY"):
        if conf.origin(name) == "settings" and getattr(read, name) not in inherited:
            yield Warning(
                f"{conf.NAME}[{name!r}] seems to be written in the settings themselves, and so in your repository.",
                hint=f"Save it in the admin, or give it as the environment variable GAMEBALL_{name}.",
                id="gameball.W011",
            )
    if read.BASE_URL:
        where = urlsplit(read.BASE_URL)
        if where.hostname in LOOPBACK:
            yield Warning(
                f"{conf.NAME}['BASE_URL'] is this machine: an emulator is not Gameball.",
                hint="Leave BASE_URL out in production.",
                id="gameball.W012",
            )
        elif where.scheme != "https":
            yield Warning(
                f"{conf.NAME}['BASE_URL'] is plain HTTP: keys and customers' data travel for everybody to read.",
                hint="Write https://, or leave BASE_URL out.",
                id="gameball.W013",
            )
    if read.ALLOW_PLAIN_HTTP:
        yield Warning(
            f"{conf.NAME}['ALLOW_PLAIN_HTTP'] is on.",
            hint="Leave it out in production.",
            id="gameball.W014",
        )
    if read.LIMIT_WINDOWS_DIVISOR != 1:
        yield Error(
            f"{conf.NAME}['LIMIT_WINDOWS_DIVISOR'] is for tests: Gameball's limits would be exceeded.",
            hint="Leave it out.",
            id="gameball.E010",
        )


def sealed_keys(
    app_configs: Sequence[AppConfig] | None = None, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """Check that the keys saved in the admin still open; runs where the database may be asked."""
    using = router.db_for_read(Account)
    if using not in (databases or ()) or Account._meta.db_table not in connections[using].introspection.table_names():
        return []
    return [
        Error(
            f"The keys of the account {account.pk!r} don't open: SECRET_KEY is not the one they were saved with.",
            hint="Add the former SECRET_KEY to SECRET_KEY_FALLBACKS, or save the keys again in the admin.",
            id="gameball.E007",
        )
        for account in Account.objects.using(using).exclude(api_key_sealed="")
        if not _opens(account)
    ]


def _opens(account: Account) -> bool:
    try:
        accounts.credentials(account)
    except GameballError:
        return False
    except ImproperlyConfigured:
        return True  # of the settings, which E001 tells of
    return True
