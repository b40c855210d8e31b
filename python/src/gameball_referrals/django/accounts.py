"""An account's credentials: sealed in the admin's row, else from the settings, else from the environment."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps as global_apps
from django.apps.registry import Apps
from django.conf import settings as django_settings
from django.db import router

from gameball_referrals import vault as vaults

from . import conf
from .models import DEFAULT_ACCOUNT, Account


@dataclass(frozen=True)
class Credentials:
    """What a client of one account needs; the keys are in no repr."""

    api_key: str = field(repr=False)
    secret_key: str | None = field(repr=False)
    source: str
    """``admin`` or ``settings``."""
    options: dict[str, Any]
    """The client's other options: ``base_url``, ``api_version``, …"""


def derived_key(purpose: str, secret: str | bytes | None = None) -> bytes:
    """Derive 32 bytes for one purpose from ``SECRET_KEY``, of whatever length it is."""
    secret = django_settings.SECRET_KEY if secret is None else secret
    raw = secret if isinstance(secret, bytes) else str(secret).encode()
    return hmac.new(raw, b"gameball-referrals:" + purpose.encode(), hashlib.sha256).digest()


def fallback_keys(purpose: str) -> list[bytes]:
    """Derive the same from each of ``SECRET_KEY_FALLBACKS``."""
    return [derived_key(purpose, secret) for secret in getattr(django_settings, "SECRET_KEY_FALLBACKS", [])]


def vault() -> vaults.Vault:
    """Return the vault that seals this shop's keys."""
    return vaults.Vault(derived_key("vault"), fallback_secrets=fallback_keys("vault"))


def context(account: Account, name: str) -> str:
    """Name the one place where a sealed key opens."""
    return f"account:{account.pk}:{name}"


def set_keys(account: Account, *, api_key: str | None = None, secret_key: str | None = None) -> None:
    """Seal keys into an account's row, unsaved; None leaves a key as it is, "" removes it."""
    from gameball_referrals.courier import key_environment

    for name, value in (("api_key", api_key), ("secret_key", secret_key)):
        if value is None:
            continue
        value = value.strip()
        setattr(account, f"{name}_sealed", vault().seal(value, context(account, name)) if value else "")
        setattr(account, f"{name}_fingerprint", vaults.fingerprint(value) if value else "")
        if name == "api_key":
            account.environment = key_environment(value) if value else ""


def credentials(account: Account) -> Credentials | None:
    """Return an account's credentials; None where it has no API key anywhere.

    Keys saved in the admin win over the settings', as an operator who pastes a new key expects. Those of the settings
    serve the default account only.

    Raises:
        ConfigurationError: a sealed key doesn't open; ``SECRET_KEY`` was changed without ``SECRET_KEY_FALLBACKS``.

    """
    settings = conf.get()
    if account.api_key_sealed:
        box = vault()
        api_key: str | None = box.open(account.api_key_sealed, context(account, "api_key"))
        secret_key = (
            box.open(account.secret_key_sealed, context(account, "secret_key")) if account.secret_key_sealed else None
        )
        source = "admin"
    elif account.pk == DEFAULT_ACCOUNT:
        api_key, secret_key, source = settings.API_KEY, settings.SECRET_KEY, "settings"
    else:
        return None
    if not api_key:
        return None
    options: dict[str, Any] = {
        "timeout": settings.TIMEOUT,
        "high_security": account.high_security or settings.HIGH_SECURITY,
        "allow_plain_http": settings.ALLOW_PLAIN_HTTP,
    }
    base_url = account.base_url or settings.BASE_URL
    api_version = account.api_version or settings.API_VERSION
    if base_url:
        options["base_url"] = base_url
    if api_version:
        options["api_version"] = api_version
    return Credentials(api_key, secret_key, source, options)


def ensure_default_account(*, using: str, apps: Apps = global_apps, **_: Any) -> None:
    """Write the default account after the migrations: its ``installed_at`` is the day of the installation."""
    try:
        model = apps.get_model("gameball", "Account")
    except LookupError:  # `migrate gameball zero`
        return
    if router.allow_migrate_model(using, model):
        model._default_manager.using(using).get_or_create(pk=DEFAULT_ACCOUNT)
