"""Erasing a customer: at Gameball, and in what this app has written down of them.

What stays is nobody's: times, receipts and answers under a name that only this shop's ``SECRET_KEY`` could make again.
The keys that keep deliveries from being written twice stay, too, as the list of those of whom nothing is to be sent any
more: else the next save of an old order would make Gameball create them anew. They hold the customer's id, which means
nothing once the shop's own user is gone, and for guests a digest of their e-mail address.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.db import router, transaction
from django.db.models import Q
from django.utils import timezone

from gameball_referrals import InvalidArgumentError
from gameball_referrals.courier import guest_customer_id

from . import accounts, conf, outbox
from .adapter import get_adapter
from .models import DEFAULT_ACCOUNT, Account, Delivery, Profile, Receipt, Referral

PREFIX: Final = "erased-"

_State = Delivery.State


@dataclass(frozen=True)
class Target:
    """Somebody to erase."""

    account: str
    customer_id: str
    is_guest: bool


@dataclass(frozen=True)
class Erased:
    """What was done of an erasure; Gameball's part is done when the delivery is."""

    cancelled: int
    """Deliveries that had not been sent, and are not any more."""
    anonymised: int
    """Settled deliveries and referrals."""


def find(customer: str) -> list[Target]:
    """Return who is meant: by an id, or by an e-mail address, as a guest and as a user.

    An id may be somebody else's in another account: two Saleor instances count alike.
    """
    adapter = get_adapter()
    if "@" not in customer:
        known = _accounts_of(customer) or [DEFAULT_ACCOUNT]
        return [Target(account, customer, is_guest=False) for account in known]
    guest = guest_customer_id(customer)
    known = _accounts_of(guest) or [adapter.get_account(None)]
    targets = [Target(account, guest, is_guest=True) for account in known]
    model = get_user_model()
    field = model.get_email_field_name()
    if field in {each.name for each in model._meta.get_fields()}:
        users = model._default_manager.filter(**{f"{field}__iexact": customer}).order_by("pk")
        targets += [Target(adapter.get_account(user), adapter.get_customer_id(user), is_guest=False) for user in users]
    return targets


def is_erased(account: str, customer_id: str) -> Q:
    """Return what holds of a :class:`Delivery` where a customer was erased, of whom Gameball is told no more."""
    tombstone = outbox.prepare("createCustomer", {"customer_id": customer_id}, account=account).dedupe_key
    return Q(account_id=account, dedupe_key=tombstone, customer_id__startswith=PREFIX)


def is_known(target: Target) -> bool:
    """Tell whether anything is written down of somebody, or was erased."""
    names = [target.customer_id, *pseudonyms(target.account, target.customer_id)]
    return any(
        model._default_manager.filter(account_id=target.account, customer_id__in=names).exists()
        for model in (Delivery, Referral, Profile)
    )


def erase(customer_id: str, *, account: str = DEFAULT_ACCOUNT) -> Erased:
    """Have a customer erased at Gameball, and forget them here. Doing it again is safe.

    The erasure goes out like any delivery, after whatever is being sent of this customer right now; once it is
    delivered, what was in the way then is forgotten, too.

    Raises:
        InvalidArgumentError: the id cannot be sent.

    """
    if not customer_id or customer_id.startswith(PREFIX):
        raise InvalidArgumentError("is no customer's id", field="customer_id")
    using = router.db_for_write(Delivery)
    deletion = outbox.prepare("deleteCustomer", {"customer_id": customer_id}, account=account)
    now = timezone.now()
    with transaction.atomic(using=using):
        lane = Delivery.objects.using(using).filter(account_id=account, customer_id=customer_id)
        waiting = lane.filter(state=_State.PENDING).exclude(operation="deleteCustomer")
        cancelled = waiting.update(state=_State.CANCELLED, arguments="", progress="", settled_at=now)
        Referral.objects.using(using).filter(
            account_id=account, customer_id=customer_id, receipt=Receipt.PENDING
        ).delete()
        anonymised = anonymise(account, customer_id, using=using)
        # One that was delivered before, or failed, starts anew.
        settled = Delivery.objects.using(using).filter(account_id=account, dedupe_key=deletion.dedupe_key)
        settled.filter(state__in=Delivery.SETTLED).delete()
        outbox.write([*_tombstones(account, customer_id), deletion], using=using)
    return Erased(cancelled, anonymised)


def anonymise(account: str, customer_id: str, *, using: str | None = None) -> int:
    """Take a customer out of all that is settled, and return how many rows changed."""
    using = using or router.db_for_write(Delivery)
    name = pseudonyms(account, customer_id)[0]
    mine = {"account_id": account, "customer_id": customer_id}
    nothing: dict[str, Any] = {
        "customer_id": name, "order_id": "", "arguments": "", "dropped": [], "progress": "", "history": [],
        "error_message": "", "request_id": "",
    }  # fmt: skip
    with transaction.atomic(using=using):
        profiles = Profile.objects.using(using).filter(**mine)
        codes = list(profiles.exclude(referral_code="").values_list("referral_code", flat=True))
        profiles.delete()
        settled = Delivery.objects.using(using).filter(**mine, state__in=Delivery.SETTLED)
        changed: int = settled.update(**nothing)
        referrals = Referral.objects.using(using)
        # Somebody erased before, who came back: one row of theirs is enough.
        if referrals.filter(account_id=account, customer_id=name).exists():
            changed += referrals.filter(**mine).exclude(receipt=Receipt.PENDING).delete()[0]
        else:
            changed += referrals.filter(**mine).exclude(receipt=Receipt.PENDING).update(customer_id=name)
        # Their own code, as their friends' referrals name it; one that is still on its way needs it.
        referrals.filter(account_id=account, referrer_code__in=codes).exclude(receipt=Receipt.PENDING).update(
            referrer_code=name
        )
    return changed


def pseudonyms(account: str, customer_id: str) -> list[str]:
    """Return what stands in a customer's place: today's first, then those by ``SECRET_KEY_FALLBACKS``."""
    secrets = [accounts.derived_key("erasure"), *accounts.fallback_keys("erasure")]
    text = f"{account}:{customer_id}".encode()
    return [PREFIX + hmac.new(secret, text, hashlib.sha256).hexdigest()[:32] for secret in secrets]


def on_settled(*, delivery: Delivery, **_: Any) -> None:
    """Forget a customer once more, now that Gameball has: until then something may have been in flight."""
    if delivery.operation == "deleteCustomer" and delivery.state == _State.APPLIED:
        finish(delivery)


def finish_all(using: str, *, batch: int = 100) -> int:
    """Finish erasures whose process died between Gameball's answer and this; return how many."""
    rows = Delivery.objects.using(using).filter(operation="deleteCustomer", state=_State.APPLIED)
    unfinished = list(rows.exclude(customer_id__startswith=PREFIX).order_by("created_at")[:batch])
    for delivery in unfinished:
        finish(delivery)
    return len(unfinished)


def finish(delivery: Delivery) -> None:
    """Forget the customer of an erasure that was delivered."""
    if not delivery.customer_id.startswith(PREFIX):
        anonymise(str(delivery.account_id), delivery.customer_id)


def _accounts_of(customer_id: str) -> list[str]:
    # By the accounts' names, since every index begins with them.
    accounts_there = list(Account.objects.values_list("pk", flat=True))
    rows = Delivery.objects.filter(account_id__in=accounts_there, customer_id=customer_id)
    return sorted(set(rows.order_by().values_list("account_id", flat=True).distinct()))


def _tombstones(account: str, customer_id: str) -> list[Delivery]:
    """Return settled rows that keep the hooks from telling Gameball of this customer again."""
    now = timezone.now()
    creation = outbox.prepare("createCustomer", {"customer_id": customer_id}, account=account, now=now)
    rows = [creation]
    if conf.get().SEND_ORDERS == "first":
        order = {"order_id": "0", "customer_id": customer_id, "order_date": now, "total_paid": 0}
        rows.append(outbox.prepare("trackOrder", order, account=account, now=now))
    for row in rows:
        row.customer_id = pseudonyms(account, customer_id)[0]
        row.order_id = row.arguments = ""
        row.state = _State.CANCELLED
        row.settled_at = now
    return rows
