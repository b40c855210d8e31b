"""A customer's own code and link, from what is cached: no page view asks Gameball."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.db import DatabaseError, router, transaction
from django.http import HttpRequest
from django.utils import timezone

from gameball_referrals import GameballError, InvalidArgumentError, referral_link

from . import adapter, caching, conf, outbox
from .customers import in_short
from .erasure import is_erased
from .models import DEFAULT_ACCOUNT, Delivery, Profile, Receipt, Referral

logger = logging.getLogger(__name__)

EMPTY_MAX_AGE: Final = timedelta(minutes=10)
"""Age at which Gameball is asked again for a customer whom it didn't know, or who had no code yet."""
FRIENDS_MAX_AGE: Final = timedelta(minutes=5)
_ASK_AGAIN: Final = timedelta(minutes=1)


def profile_of(user: Any) -> Profile | None:
    """Return what is known of a customer's own code and link; never from the network.

    What is missing, or older than ``PROFILE_MAX_AGE``, is asked for in the background, and there for a later page.
    None for visitors, and for users who are no customers.
    """
    customer = customer_of(user)
    return profile_for(customer.id, account=customer.account) if customer else None


def profile_for(customer_id: str, *, account: str = DEFAULT_ACCOUNT) -> Profile | None:
    """Do what :func:`profile_of` does, for a customer's id."""
    profile = Profile.objects.filter(account_id=account, customer_id=customer_id).first()
    if profile is None or _is_stale(profile, timezone.now()):
        _ask(customer_id, account)
    return profile


class Customer(NamedTuple):
    """A user as Gameball knows them."""

    account: str
    id: str


def customer_of(user: Any) -> Customer | None:
    """Return under which account and id Gameball knows a user; None for visitors and for users who are no customers.

    The adapter is the shop's: what it raises is logged, and the page shows what a visitor would see.
    """
    if not getattr(user, "is_authenticated", False):
        return None
    try:
        chosen = adapter.get_adapter()
        return Customer(chosen.get_account(user), chosen.get_customer_id(user)) if chosen.is_customer(user) else None
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001 (the shop's own code)
        logger.error("The adapter cannot tell whether a user is a customer: %s", in_short(error))
        return None


def friends_of(referral_code: str, *, account: str = DEFAULT_ACCOUNT, receipt: Receipt = Receipt.LINKED) -> int:
    """Return how many friends joined by a customer's code, as this shop's receipts have it, minutes late at most."""
    entry = caching.key("friends", account, referral_code, receipt.value)
    count: int | None = caching.get(entry)
    if count is None:
        count = Referral.objects.filter(account_id=account, referrer_code=referral_code, receipt=receipt).count()
        caching.put(entry, count, FRIENDS_MAX_AGE)
    return count


def link_of(profile: Profile | None, request: HttpRequest | None) -> str:
    """Return a customer's referral link; "" where their code is not known."""
    if profile is None or not profile.referral_code:
        return ""
    address = conf.get().REFERRAL_LINK
    if not address:
        if profile.referral_link.startswith(("https://", "http://")):
            return str(profile.referral_link)
        if request is None:
            return ""
        address = request.build_absolute_uri("/")
    try:
        link: str = referral_link(address, profile.referral_code)
    except GameballError as error:
        logger.error("A referral link cannot be made: %s", error)
        return ""
    return link


def update(
    customer_id: str,
    *,
    account: str,
    at: datetime,
    referral_code: str | None = None,
    referral_link: str | None = None,
    gameball_id: int | None = None,
    is_referred: bool | None = None,
) -> bool:
    """Store what Gameball said of a customer at ``at``; False where something newer is stored already.

    What is None is left as it is.
    """
    told = {
        "referral_code": referral_code,
        "referral_link": referral_link,
        "gameball_id": gameball_id,
        "is_referred": is_referred,
    }
    values = {name: value for name, value in told.items() if value is not None}
    rows = Profile.objects.filter(account_id=account, customer_id=customer_id)
    new = Profile(account_id=account, customer_id=customer_id, fetched_at=at, **values)
    using = router.db_for_write(Profile)
    with transaction.atomic(using=using):
        if not rows.using(using).exists():
            Profile.objects.using(using).bulk_create([new], ignore_conflicts=True)
            return True
        changed: int = rows.using(using).exclude(fetched_at__gte=at).update(fetched_at=at, **values)
        return changed > 0


def _is_stale(profile: Profile, now: datetime) -> bool:
    max_age = conf.get().PROFILE_MAX_AGE
    if not profile.referral_code:
        max_age = min(max_age, EMPTY_MAX_AGE)
    return profile.fetched_at is None or profile.fetched_at + max_age < now


def _ask(customer_id: str, account: str) -> None:
    if not conf.get().ENABLED:
        return
    # The outbox takes each question once; this spares it a write a page view while the answer is on its way.
    if not caching.is_first(caching.key("asked", account, customer_id), _ASK_AGAIN):
        return
    if Delivery.objects.filter(is_erased(account, customer_id)).exists():
        return
    try:
        # A savepoint, so that a page inside a transaction outlives a database that takes no writes.
        with transaction.atomic(using=router.db_for_write(Delivery)):
            outbox.put("getCustomer", {"customer_id": customer_id}, account=account)
    except (DatabaseError, InvalidArgumentError):
        logger.exception("A customer's profile could not be asked for.")
