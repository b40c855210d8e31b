"""The claim of a guest who orders now and pays later, perhaps where no browser is: kept with the order.

With the order, and not with the e-mail address that stands in it: an address is easily somebody else's, and an order
that is never paid must count for nobody.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import partial
from typing import Final

from django.db import connections, router, transaction

from . import conf
from .capture import FIELD, CurrentClaim
from .inserts import insert_or_ignore
from .models import OrderClaim

LONGEST: Final = 200
"""What the column takes, in characters."""
_AT_ONCE: Final = 500


def keep(order: str, claim: CurrentClaim, *, within: str) -> None:
    """Keep a claim with an order, with one insert; the first that was typed, and the first of a visit, stay.

    Args:
        order: the order's label (:func:`.mapped_orders.label`).
        claim: the visitor's.
        within: the alias of the order's database; if claims are in another one, it is kept after the commit.

    """
    using = router.db_for_write(OrderClaim)
    row = OrderClaim(
        order=_fitting(order),
        typed=claim.source == FIELD,
        code=claim.code,
        source=claim.source,
        claimed_at=claim.claimed_at,
    )
    if within != using and connections[within].in_atomic_block:
        transaction.on_commit(partial(insert_or_ignore, [row], using=using), using=within, robust=True)
    else:
        insert_or_ignore([row], using=using)


def of(order: str) -> CurrentClaim | None:
    """Return the claim that was kept with an order: rather one that was typed; one query."""
    rows = OrderClaim.objects.using(router.db_for_write(OrderClaim)).filter(order=_fitting(order))
    found = rows.order_by("-typed").first()
    return CurrentClaim(found.code, found.claimed_at, found.source) if found else None


def _fitting(order: str) -> str:
    # A key of whatever length must not break an order.
    return order if len(order) <= LONGEST else hashlib.sha256(order.encode()).hexdigest()


def forget_old(now: datetime, *, dry_run: bool = False) -> int:
    """Forget what is older than any claim may be, at most some hundreds, and return how many."""
    rows = OrderClaim.objects.using(router.db_for_write(OrderClaim))
    old = rows.filter(kept_at__lt=now - conf.get().CLAIM_MAX_AGE).order_by("kept_at")
    ids = list(old.values_list("pk", flat=True)[:_AT_ONCE])
    if ids and not dry_run:
        rows.filter(pk__in=ids).delete()
    return len(ids)
