"""The settings dict ``GAMEBALL_REFERRALS``, read in one place (reference: ``docs/settings.md``)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import Any, Final, Literal

from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

from gameball_referrals import _defaults

NAME = "GAMEBALL_REFERRALS"
ENVIRONMENT = ("API_KEY", "SECRET_KEY", "BASE_URL", "API_VERSION", "SENDER", "CLAIM_KEY", "SALEOR_CLAIM_KEY")
"""What ``GAMEBALL_<name>`` in the environment may give where the dict is silent."""


MIN_KEY: Final = 16


def _setting(help_text: str, default: Any = None, **factory: Any) -> Any:
    metadata = {"help": help_text}
    return field(metadata=metadata, **(factory or {"default": default}))


@dataclass(frozen=True)
class Settings:
    """Every setting, by its name in the dict; all are optional."""

    API_KEY: str | None = field(
        default=None, repr=False, metadata={"help": "Gameball's API key, unless one is saved in the admin."}
    )
    SECRET_KEY: str | None = field(
        default=None, repr=False, metadata={"help": "Gameball's secret key, unless one is saved in the admin."}
    )
    BASE_URL: str | None = _setting("Where Gameball is; an emulator's URL in development.")
    API_VERSION: str | None = _setting('"v4.0" (default) or "v4.1" (Secure Integration Mode).')
    HIGH_SECURITY: bool = _setting("High Security Mode is switched on in Gameball's dashboard.", False)
    ALLOW_PLAIN_HTTP: bool = _setting("Let keys travel over plain HTTP to other hosts than loopback.", False)
    TIMEOUT: float = _setting("Seconds for one call to Gameball.", 10.0)
    SENDER: Literal["thread", "worker"] = _setting(
        'Who delivers: "thread", a background thread of each web process, or "worker", `manage.py gameball_worker`, '
        "a Celery or a Django task.",
        "thread",
    )
    CONCURRENCY: int = _setting("Calls that one sender has under way at once.", 32)
    POLL_INTERVAL: float = _setting("Seconds after which a sender looks for work that nobody told it of.", 5.0)
    LEASE: float = _setting("Seconds after which a delivery of a sender that died is taken over.", 60.0)
    ENABLED: bool = _setting("Whether hooks write deliveries at all.", True)
    ADAPTER: str = _setting(
        "Dotted path of the adapter class: who is a customer, their id, attributes and language.",
        "gameball_referrals.django.adapter.DefaultAdapter",
    )
    ORDERS: Any = _setting("Mapping of the shop's own order model, or a list of such; see the guide.")
    SEND_ORDERS: Literal["first", "all"] = _setting(
        'Which paid orders are sent: "first" or "all" (for points).', "first"
    )
    OSCAR_PAID_STATUSES: tuple[str, ...] | None = _setting(
        "Statuses in which an Oscar order counts as paid; None: as soon as it is placed, since Oscar's checkout takes "
        "the payment before."
    )
    SALEOR_API_URLS: tuple[str, ...] = _setting(
        "API URLs of the Saleor instances that may install the app (`https://shop.example/graphql/`); no others can.",
        (),
    )
    SALEOR_DASHBOARDS: Mapping[str, Any] | None = _setting(
        "Where an instance's Dashboard is, if not on its API's own host: a dict of API URL to an origin "
        "(`https://dashboard.shop.example`), or to a list of such."
    )
    SALEOR_PUBLIC_URL: str | None = _setting(
        "Where Saleor and its staff's browsers reach this server (`https://referrals.shop.example`); default: as the "
        "request says."
    )
    SALEOR_REGISTER_ON: Literal["created", "confirmed"] = _setting(
        'When a Saleor customer is told of: "created", or "confirmed", once they have confirmed their e-mail address.',
        "created",
    )
    SALEOR_CLAIM_KEY: str | None = field(
        default=None,
        repr=False,
        metadata={
            "help": "Key with which a storefront's server signs the claims that it passes on in `metadata`; of at "
            "least 16 bytes. Bare codes need none."
        },
    )
    SALEOR_PERMISSION: str = _setting(
        "Permission that Saleor's staff need for the app's page in the Dashboard.", "MANAGE_APPS"
    )
    SALEOR_APP_ID: str = _setting("The app's id in its manifest.", "gameball.referrals")
    SALEOR_ALLOW_PLAIN_HTTP: bool = _setting(
        "Let Saleor instances be reached over plain HTTP on other hosts than loopback.", False
    )
    REFERRAL_WINDOW: timedelta = _setting(
        "How long after a registration Gameball still links a friend; the vendor can change it per account.",
        timedelta(minutes=5),
    )
    REFERRAL_LINK: str | None = _setting(
        "Template of referral links with {referralCode}, or a bare URL; else Gameball's own link or the site's /."
    )
    CAPTURE_PARAMS: tuple[str, ...] | None = _setting(
        "Query parameters that carry a code; default: the documented ones."
    )
    ATTRIBUTION: Literal["first", "last"] = _setting("Which visit's code counts when several carry one.", "last")
    CLAIM_MAX_AGE: timedelta = _setting("How long a visit's code is remembered.", timedelta(days=30))
    CLAIM_KEY: str | None = field(
        default=None,
        repr=False,
        metadata={
            "help": "Signs claims, if a storefront of its own (Node) signs or reads them, too: the same key there, at "
            "least 16 random bytes. Default: derived from Django's `SECRET_KEY`."
        },
    )
    COOKIE_NAME: str = _setting("Name of the claim cookie.", _defaults.CLAIM_COOKIE)
    COOKIE_DOMAIN: str | None = _setting("Domain of the claim cookie; default: the host.")
    CONSENT: str | None = _setting(
        "Dotted path of `consent(request) -> bool`; until it says yes, the code is in Django's session, and no claim "
        "cookie is set."
    )
    CACHE_SAFE: bool = _setting(
        "Pages come from a full-page cache: the script captures, the middleware sets no cookie on pages.", False
    )
    TRUSTED_IP_HEADER: str | None = _setting(
        "Header in which your own proxy puts the visitor's address, for the rate limits of public endpoints."
    )
    PROFILE_MAX_AGE: timedelta = _setting("Age at which a customer's cached profile is refreshed.", timedelta(hours=24))
    WIDGET_URL: str = _setting(
        "Where the script of Gameball's widget is.", "https://assets.gameball.co/widget/js/gameball-init.min.js"
    )
    RETENTION: timedelta | None = _setting("How long settled deliveries are kept; None: for ever.", timedelta(days=365))
    MAX_ATTEMPTS: int = _setting(
        "Attempts after which a delivery is laid aside as dead; the default takes most of a day.",
        _defaults.MAX_ATTEMPTS,
    )
    LIMIT_WINDOWS_DIVISOR: int = _setting("For tests with the emulator's switch of the same name only.", 1)

    @classmethod
    def read(cls) -> Settings:
        """Read the dict and the environment.

        Raises:
            ImproperlyConfigured: the dict is none, has an unknown name, or a value of a wrong kind.

        """
        given = getattr(django_settings, NAME, {})
        if not isinstance(given, Mapping):
            raise ImproperlyConfigured(f"{NAME} must be a dict.")
        known = {setting.name for setting in fields(cls)}
        unknown = sorted(str(name) for name in given if name not in known)
        if unknown:
            raise ImproperlyConfigured(f"{NAME} has unknown settings: {', '.join(unknown)}. See docs/settings.md.")
        values = dict(given)
        for name in ENVIRONMENT:
            value = os.environ.get(f"GAMEBALL_{name}")
            if value and values.get(name) is None:
                values[name] = value
        for name, value in _of_host.items():
            values.setdefault(name, value)
        for name in ("REFERRAL_WINDOW", "CLAIM_MAX_AGE", "PROFILE_MAX_AGE", "RETENTION"):
            value = values.get(name)
            if value is not None and not isinstance(value, timedelta):
                raise ImproperlyConfigured(f"{NAME}[{name!r}] must be a datetime.timedelta.")
        for name, choices in (
            ("SENDER", ("thread", "worker")),
            ("SEND_ORDERS", ("first", "all")),
            ("ATTRIBUTION", ("first", "last")),
            ("SALEOR_REGISTER_ON", ("created", "confirmed")),
        ):
            if name in values and values[name] not in choices:
                raise ImproperlyConfigured(f"{NAME}[{name!r}] must be one of {', '.join(map(repr, choices))}.")
        statuses = values.get("OSCAR_PAID_STATUSES")
        if statuses is not None and (isinstance(statuses, str) or not all(isinstance(each, str) for each in statuses)):
            raise ImproperlyConfigured(f"{NAME}['OSCAR_PAID_STATUSES'] must be a list of statuses.")
        urls = values.get("SALEOR_API_URLS", ())
        if isinstance(urls, str) or not all(isinstance(each, str) for each in urls):
            raise ImproperlyConfigured(f"{NAME}['SALEOR_API_URLS'] must be a list of URLs.")
        if not isinstance(values.get("SALEOR_DASHBOARDS") or {}, Mapping):
            raise ImproperlyConfigured(f"{NAME}['SALEOR_DASHBOARDS'] must be a dict of API URL to origin.")
        for name in ("CLAIM_KEY", "SALEOR_CLAIM_KEY"):
            key = values.get(name)
            if key is not None and (not isinstance(key, str) or len(key.encode()) < MIN_KEY):
                raise ImproperlyConfigured(
                    f"{NAME}[{name!r}] must be a text of at least {MIN_KEY} bytes, random: `openssl rand -hex 32`."
                )
        read = cls(**values)
        # Two calls for one customer must never be under way at once: a sender's last call is over when its lease is.
        if read.LEASE < 2 * read.TIMEOUT + 5:
            raise ImproperlyConfigured(f"{NAME}['LEASE'] must be at least twice TIMEOUT and 5 seconds more.")
        return read


def origin(name: str) -> Literal["settings", "environment"] | None:
    """Tell where a setting's value comes from: the dict, or ``GAMEBALL_<name>``; None where neither gives one."""
    given = getattr(django_settings, NAME, {})
    if isinstance(given, Mapping) and given.get(name) is not None:
        return "settings"
    return "environment" if name in ENVIRONMENT and os.environ.get(f"GAMEBALL_{name}") else None


_current: Settings | None = None
_of_host: dict[str, Any] = {}


def set_defaults(**values: Any) -> None:
    """Say what counts where a host's own settings and the environment say nothing; for packages that know the host."""
    _of_host.update(values)
    _forget(setting=NAME)


def get() -> Settings:
    """Return the settings, read once."""
    global _current
    if _current is None:
        _current = Settings.read()
    return _current


def _forget(*, setting: str, **_: Any) -> None:
    global _current
    if setting == NAME:
        _current = None


setting_changed.connect(_forget, dispatch_uid="gameball_referrals.settings")
