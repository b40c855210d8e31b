"""*Test connection*: whether Gameball accepts an account's keys, asked when the button is pressed and never else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from gameball_referrals.courier import Courier
from gameball_referrals.django import accounts
from gameball_referrals.django.models import Account
from gameball_referrals.exceptions import ConfigurationError

from . import texts

TIMEOUT = 5.0
"""Seconds a call may take; somebody waits for the page. There are two calls at most."""


def test(account: Account, now: datetime) -> dict[str, Any]:
    """Ask Gameball, and note the answer in the account's row."""
    result = {"at": now.isoformat(), **_ask(account)}
    account.last_check = result
    Account.objects.filter(pk=account.pk).update(last_check=result)
    return result


def _ask(account: Account) -> dict[str, Any]:
    try:
        credentials = accounts.credentials(account)
    except ConfigurationError:
        return {"ok": False, "reason": "sealed"}
    if credentials is None:
        return {"ok": False, "reason": "no_keys"}
    options = {**credentials.options, "timeout": min(TIMEOUT, credentials.options.get("timeout", TIMEOUT))}
    try:
        courier = Courier(credentials.api_key, credentials.secret_key, **options)
    except ConfigurationError as error:
        return {"ok": False, "reason": "configuration", "message": str(error)}
    try:
        check = courier.check()
        return {
            "ok": check.ok,
            "reason": check.reason,
            "api_key": check.api_key,
            "secret_key": check.secret_key,
            "credentials": courier.credentials,
        }
    finally:
        courier.close()


def answer(result: dict[str, Any]) -> tuple[str, list[str]]:
    """Return what a test found out, and what to do, in plain words."""
    code = str(result.get("reason") or "")
    if code == "no_keys":
        return _("There is no API key yet."), [_("Enter the keys from the Gameball dashboard, and save.")]
    if code == "sealed":
        return (
            _("The saved keys cannot be opened, probably since SECRET_KEY was changed."),
            [_("Enter the keys again, or add the old SECRET_KEY to SECRET_KEY_FALLBACKS.")],
        )
    if code == "configuration":
        return str(result.get("message") or ""), []
    reason = texts.reason(code)
    return str(reason.why), [str(text) for text in reason.advice]


def tested_at(result: dict[str, Any]) -> datetime | None:
    """Return when a test was made."""
    return parse_datetime(str(result.get("at") or ""))
