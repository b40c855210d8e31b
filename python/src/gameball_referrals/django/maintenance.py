"""Upkeep that every sender does now and then: old deliveries go, erasures are finished, keys are sealed anew."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db.models import Q
from django.db.models.functions import Substr
from django.utils import timezone

from gameball_referrals.exceptions import GameballError

from . import accounts, conf, erasure
from .models import Account, Delivery

logger = logging.getLogger(__name__)

FIRST = 60.0
"""Seconds until a process's first round, at most."""

INTERVAL = 3600.0
"""Seconds between two rounds in one process."""

FIRST_ORDERS = "f:"
"""What the dedupe keys of first orders begin with. As long as they stand, a later order is no first one."""


def run(using: str) -> None:
    """Do one round, of bounded length."""
    purge(using)
    reseal(using)
    erasure.finish_all(using)


def purge(using: str, *, now: datetime | None = None, batch: int = 500, batches: int = 20) -> int:
    """Delete deliveries settled longer than ``RETENTION`` ago, and return how many.

    Of a customer's first order the bare row stays: it is what tells that a later one isn't the first.

    Args:
        using: the database's alias.
        now: the present.
        batch: rows in a transaction.
        batches: transactions at most.

    """
    retention = conf.get().RETENTION
    if retention is None:
        return 0
    before = (now or timezone.now()) - retention
    rows = Delivery.objects.using(using)
    gone = 0
    for state in Delivery.SETTLED:
        while batches > 0:
            batches -= 1
            old = list(
                rows.filter(state=state, settled_at__lt=before)
                .order_by("settled_at")
                .values_list("pk", Substr("dedupe_key", 1, len(FIRST_ORDERS)))[:batch]
            )
            # By key and by state: an operator may just have replayed one.
            first_orders = rows.filter(pk__in=[pk for pk, kind in old if kind == FIRST_ORDERS], state=state)
            first_orders.update(settled_at=None, arguments="", history=[], error_message="", request_id="")
            others = rows.filter(pk__in=[pk for pk, kind in old if kind != FIRST_ORDERS], state=state)
            gone += others.delete()[0]
            if len(old) < batch:
                break
    return gone


def reseal(using: str) -> int:
    """Seal keys anew that were sealed under one of ``SECRET_KEY_FALLBACKS``, and return how many."""
    sealed_anew = 0
    vault = accounts.vault()
    for account in Account.objects.using(using).filter(~Q(api_key_sealed="") | ~Q(secret_key_sealed="")):
        for name in ("api_key", "secret_key"):
            column = f"{name}_sealed"
            sealed = getattr(account, column)
            if not sealed or not vault.needs_reseal(sealed):
                continue
            context = accounts.context(account, name)
            try:
                anew = vault.seal(vault.open(sealed, context), context)
            except GameballError as error:
                logger.error("A key of the account %r doesn't open: %s", account.pk, error)
                continue
            # Unless an operator has just saved another one.
            unchanged = Account.objects.using(using).filter(pk=account.pk, **{column: sealed})
            sealed_anew += unchanged.update(**{column: anew})
    return sealed_anew
