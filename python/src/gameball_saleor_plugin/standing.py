"""How things stand, in the few lines that Saleor's plugin page can show: Saleor has no Django admin."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db.models import Sum
from django.utils import timezone
from gameball_referrals import courier
from gameball_referrals.django import accounts, conf
from gameball_referrals.django.models import Account, Delivery, Ledger, Receipt, Referral, Tally
from gameball_referrals.exceptions import GameballError

from . import keys, switches
from .database import writer

DAYS: Final = 30
COUNTED: Final = 1_000
"""How far is counted."""


def told() -> str:
    """Return it in English, as Saleor's plugins speak."""
    account = keys.account()
    return " ".join([_of_account(account), *_of_holds(account), _of_queue(account), _of_friends(account)])


def _of_account(account: Account) -> str:
    if not account.enabled:
        row = switches.stored().values("active", "configuration").first()
        if row and not row["active"] and switches.Switches.of(row["configuration"]).enabled:
            return "Off, since the plugin is not active: set it to active above."
        return "Off: nothing is recorded or sent."
    try:
        credentials = accounts.credentials(account)
    except GameballError:
        return "The saved keys cannot be opened, probably since SECRET_KEY was changed: paste them again."
    if credentials is None:
        return "There is no API key: nothing is sent."
    kind = {"test": "test keys", "live": "live keys"}.get(courier.key_environment(credentials.api_key), "keys")
    missing = "" if credentials.secret_key else ", but no secret key: orders wait"
    return f"On, with {kind}{missing}."


def _of_holds(account: Account) -> list[str]:
    ledger = Ledger.objects.using(writer()).filter(account_id=account.pk).first()
    if ledger is None or not ledger.state:
        return []
    status = courier.status(ledger.state, timezone.now(), conf.get().LIMIT_WINDOWS_DIVISOR)
    sentences = courier.reasons()
    return list(dict.fromkeys(sentences.get(hold.reason, hold.kind) for hold in status.holds))


def _of_queue(account: Account) -> str:
    rows = Delivery.objects.using(writer()).filter(account_id=account.pk)
    waiting = rows.filter(state=Delivery.State.PENDING).values("pk")[:COUNTED].count()
    dead = rows.filter(state=Delivery.State.DEAD).values("pk")[:COUNTED].count()
    return f"Waiting: {_count(waiting)}. Failed: {_count(dead)}."


def _of_friends(account: Account) -> str:
    since = timezone.now().date() - timedelta(days=DAYS)
    tallies = Tally.objects.using(writer()).filter(account_id=account.pk, day__gte=since)
    sums = dict(tallies.values_list("what").annotate(Sum("count")))
    pending = Referral.objects.using(writer()).filter(account_id=account.pk, receipt=Receipt.PENDING)
    on_their_way = pending.values("pk")[:COUNTED].count()
    others = sum(sums.get(str(each), 0) for each in Receipt if each not in (Receipt.PENDING, Receipt.LINKED))
    return (
        f"Referred friends of the last {DAYS} days: {sums.get('linked', 0)} linked, {others} not counted, "
        f"{_count(on_their_way)} on their way."
    )


def _count(number: int) -> str:
    return f"{number} or more" if number >= COUNTED else str(number)
