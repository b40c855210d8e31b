"""Gameball's keys: from the plugin's page in Saleor's Dashboard into the account, where they are sealed.

Saleor keeps a plugin's configuration as plain JSON. So a key that somebody pastes there is sealed into our account
before Saleor stores it; Saleor's row gets a mark in its place that ends in the key's last four characters, which are
all that Saleor's Dashboard shows of a secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from gameball_referrals.courier import Courier
from gameball_referrals.django import accounts, conf
from gameball_referrals.django.models import DEFAULT_ACCOUNT, Account
from gameball_referrals.exceptions import GameballError

from . import switches
from .database import allow_writer, writer

NAMES: Final = ("api_key", "secret_key")
MARK: Final = "sealed:"
TIMEOUT: Final = 4.0
"""Seconds a call may take while somebody waits for the page to be saved; there are two calls at most."""


def is_plain(value: Any) -> bool:
    """Tell whether a configuration's value is a key, and not the mark of one."""
    return isinstance(value, str) and bool(value.strip()) and not value.startswith(MARK)


def account() -> Account:
    """Return the account that the plugin's configuration is about, saved or not."""
    found: Account | None = Account.objects.using(writer()).filter(pk=DEFAULT_ACCOUNT).first()
    return found or Account(key=DEFAULT_ACCOUNT)


def adopt(configuration: list[dict[str, Any]], *, active: bool) -> None:
    """Take over a configuration that is about to be stored, and put marks in its keys' places."""
    mine = account()
    values = switches.values_of(configuration)
    given: dict[str, str] = {}
    for name in NAMES:
        if is_plain(values.get(name)):
            given[name] = values[name].strip()
        elif name in values and not values[name]:
            given[name] = ""
    accounts.set_keys(mine, api_key=given.get("api_key"), secret_key=given.get("secret_key"))
    for item in configuration:
        if given.get(item["name"]):
            item["value"] = MARK + given[item["name"]][-4:]
    state = switches.Switches.of(configuration, active=active)
    if state.enabled and not mine.enabled:
        # Whatever happened while it was off is not referral business.
        mine.installed_at = timezone.now()
    mine.enabled = state.enabled
    mine.high_security = values.get("high_security") is True
    mine.api_version = "v4.1" if values.get("secure_integration") is True else ""
    mine.save(using=writer())
    switches.note(state)


def follow_switch() -> None:
    """Have the account off while the plugin is: a sender would look for what the hooks, which are off, have missed."""
    row = switches.stored().values("configuration", "active").first()
    if row is None or not switches.Switches.of(row["configuration"], active=row["active"]).enabled:
        Account.objects.using(writer()).filter(pk=DEFAULT_ACCOUNT).update(enabled=False)


def adopt_stored() -> None:
    """Seal keys that came into Saleor's table by another way than its Dashboard, such as a fixture."""
    with allow_writer(), transaction.atomic(using=writer()):
        row = switches.stored().select_for_update().first()
        if row is not None and any(is_plain(switches.values_of(row.configuration).get(name)) for name in NAMES):
            adopt(row.configuration, active=row.active)
            row.save(update_fields=["configuration"])


def candidate(values: Mapping[str, Any]) -> accounts.Credentials | None:
    """Return the credentials as they will be once this configuration is stored; None where there is no API key.

    Raises:
        ConfigurationError: a sealed key doesn't open.

    """
    mine = account()
    mine.high_security = values.get("high_security") is True
    mine.api_version = "v4.1" if values.get("secure_integration") is True else ""
    for name in NAMES:
        if is_plain(values.get(name)):
            accounts.set_keys(mine, **{name: values[name]})
        elif not values.get(name):
            accounts.set_keys(mine, **{name: ""})
    return accounts.credentials(mine)


def refusal(credentials: accounts.Credentials) -> tuple[str, str] | None:
    """Ask Gameball about keys; return the name of the one that is certainly wrong, and why, in a plain sentence.

    A Gameball that is away, slow or switched off for this account refuses no key.
    """
    options = {**credentials.options, "timeout": min(TIMEOUT, conf.get().TIMEOUT)}
    try:
        courier = Courier(credentials.api_key, credentials.secret_key, **options)
    except GameballError as error:
        return (error.field if error.field in NAMES else "api_key"), str(error)
    try:
        found = courier.check()
    finally:
        courier.close()
    if found.api_key == "refused":
        return "api_key", found.message
    if found.secret_key == "refused":  # noqa: S105 (a state, no key)
        return "secret_key", found.message
    return None
