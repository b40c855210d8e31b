"""Asking Gameball whether a typed code is one: briefly, within the account's limits, where a page asks live."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta
from typing import Final, Literal

from django.db import DatabaseError, router

from gameball_referrals import Client, GameballError
from gameball_referrals._defaults import VISIT_LIMITS
from gameball_referrals.courier import Courier

from . import accounts, adapter, caching, conf
from .database import database_clock, persistently, read_ledger, save_ledger
from .models import Account, Ledger

logger = logging.getLogger(__name__)

Result = Literal["valid", "invalid", "unknown"]

TIMEOUT: Final[float] = VISIT_LIMITS["lookup_timeout_seconds"]
AT_ONCE: Final[int] = VISIT_LIMITS["lookups_at_once"]
"""Lookups that one process has under way: a silent Gameball must not keep all of a shop's threads waiting."""
SPARED: Final = timedelta(seconds=VISIT_LIMITS["lookup_spared_seconds"])
"""How long nobody asks again after Gameball has failed to answer."""
REMEMBERED: Final = timedelta(seconds=VISIT_LIMITS["lookup_remembered_seconds"])
"""How long an answer serves everybody who types the same code."""

_turns = threading.BoundedSemaphore(AT_ONCE)
_clients: dict[str, tuple[str, Client, Courier]] = {}
"""One pair an account, with the fingerprint of the credentials for which it was made."""


def validate(code: str) -> Result:
    """Ask Gameball about a code; ``unknown`` whenever it cannot be asked, or doesn't answer in time."""
    account = adapter.get_adapter().get_account(None)
    entry = caching.key("code", account, code)
    known: Result | None = caching.get(entry)
    if known:
        return known
    silent = caching.key("code-unanswered", account)
    if caching.get(silent) or not _turns.acquire(blocking=False):
        return "unknown"
    try:
        result = _ask(code, account)
    except (GameballError, DatabaseError) as error:
        logger.warning("A typed referral code could not be looked up: %s", error)
        if isinstance(error, DatabaseError) or error.retryable:
            caching.put(silent, "unknown", SPARED)
        return "unknown"
    finally:
        _turns.release()
    if result != "unknown":
        caching.put(entry, result, REMEMBERED)
    return result


def _ask(code: str, account: str) -> Result:
    row = Account.objects.filter(pk=account, enabled=True).first()
    credentials = accounts.credentials(row) if row else None
    if credentials is None:
        return "unknown"
    client, courier = _clients_of(account, credentials)
    if not _may_call(courier, account):
        return "unknown"
    return "valid" if client.validate_referrer_code(code) else "invalid"


def _clients_of(account: str, credentials: accounts.Credentials) -> tuple[Client, Courier]:
    options = {**credentials.options, "timeout": TIMEOUT}
    keys = (credentials.api_key, credentials.secret_key)
    divisor = conf.get().LIMIT_WINDOWS_DIVISOR
    made_for = caching.key("credentials", *map(str, keys), repr(sorted(options.items())), str(divisor))
    kept = _clients.get(account)
    if kept is None or kept[0] != made_for:
        client = Client(*keys, max_retries=0, **options)
        kept = _clients[account] = (made_for, client, Courier(*keys, limit_windows_divisor=divisor, **options))
    return kept[1], kept[2]


def _may_call(courier: Courier, account: str) -> bool:
    """Reserve one call in the account's ledger, which all senders share."""
    using = router.db_for_write(Ledger)

    def reserve() -> bool:
        while True:
            ledger = read_ledger(using, account)
            now = database_clock(using)
            reservation = courier.reserve(ledger.state, now, {"other": 1})
            if not reservation.granted.get("other"):
                return False
            if save_ledger(using, ledger, reservation.ledger, now):
                return True

    return persistently(using, reserve)
