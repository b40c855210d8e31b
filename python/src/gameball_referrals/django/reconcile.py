"""The second net: what the shop has and nobody was told of, since the installation.

Hooks miss what goes past them: rows written in bulk or by other programs, orders paid by ``update()``, users who
stopped being staff, what an adapter failed on. Whatever is found gets the delivery that the hook would have written;
the unique key makes a repetition harmless, and the senders deliver within the limits.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db import DatabaseError, models, router, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from gameball_referrals import Customer, GameballError, NotFoundError

from . import conf, customers, mapped_orders, order_claims, orders, outbox, profiles, settling
from .adapter import DefaultAdapter, get_adapter
from .capture import CurrentClaim
from .mapping import OrderMapping, mappings
from .models import DEFAULT_ACCOUNT, Account, Delivery, Receipt, Referral
from .pacing import PacedClient

logger = logging.getLogger(__name__)

BATCH: Final = 500
READ_AT_ONCE: Final = 50
SWEEP_EVERY: Final = timedelta(minutes=5)
DOUBT: Final = timedelta(days=7)
"""How long a friend whom Gameball knows, but has not linked, is asked about again."""
OVERLAP: Final = timedelta(hours=1)
"""How far a sweep looks back behind the one before: rows become visible, and orders paid, later than they are dated."""
LOOK_BACK: Final = timedelta(hours=24)
"""How far the first one looks."""

_Key = tuple[str, str]
"""An account's name and a dedupe key."""


@dataclass
class Findings:
    """What was found, and done about it unless it was a dry run."""

    customers: int = 0
    """Customers of whom Gameball was never told."""
    orders: int = 0
    """Paid orders likewise."""
    unsendable: int = 0
    """Paid orders that cannot be sent; the deliveries' list in the admin says why."""
    undecided: int = 0
    """Users on whom the adapter failed."""
    orphaned: int = 0
    """Referrals that wait for a receipt, while nothing of theirs is going to be sent any more."""
    abandoned: int = 0
    """Claims of guests that were kept with an order, and are too old now; they are forgotten."""
    unverified: int = 0
    """Referrals of which Gameball has not told what became of them."""
    verified: Counter[str] = field(default_factory=Counter)
    """What Gameball told of them when it was asked again, by receipt."""
    samples: list[str] = field(default_factory=list)
    """The first ids of each kind, for the plan."""


def sweep_if_due(now: datetime | None = None) -> Findings | None:
    """Sweep what is new since the last sweep, if that is some minutes ago; every sender calls this now and then.

    While the account is switched off nothing is swept: the first sweep afterwards goes back to the last one.

    Senders may do it at the same time, which costs and changes nothing; one that dies leaves it to the next.
    """
    now = now or timezone.now()
    rows = Account.objects.using(router.db_for_write(Account)).filter(pk=DEFAULT_ACCOUNT)
    swept_at, enabled = rows.values_list("swept_at", "enabled").first() or (None, True)
    if not enabled or (swept_at is not None and now - SWEEP_EVERY < swept_at <= now):
        return None
    findings = sweep(min(swept_at, now) - OVERLAP if swept_at else None)
    rows.update(swept_at=now)
    return findings


def sweep(since: datetime | None = None) -> Findings:
    """Write what is missing of the last 24 hours, or since a time; no network.

    It reads the newest rows only, and asks the outbox once for each batch of them. An order that was placed earlier and
    is paid now, past the hooks, is for :func:`reconcile`.
    """
    findings = Findings()
    if not conf.get().ENABLED:
        return findings
    since = max(since or timezone.now() - LOOK_BACK, _beginning())
    _reconcile_users(findings, since, dry_run=False, recent=True)
    for each in mappings():
        _reconcile_orders(findings, each, since, dry_run=False, recent=True)
    _settle_orphans(findings, dry_run=False)
    findings.abandoned = order_claims.forget_old(timezone.now())
    return findings


def reconcile(since: datetime | None = None, *, dry_run: bool = False) -> Findings:
    """Write what is missing since the installation, or since a later time; no network.

    Batch by batch, each in a transaction of its own: an interrupted run is simply run again.
    """
    findings = Findings()
    since = max(since, _beginning()) if since else _beginning()
    _reconcile_users(findings, since, dry_run=dry_run)
    for each in mappings():
        _reconcile_orders(findings, each, since, dry_run=dry_run)
    _settle_orphans(findings, dry_run=dry_run)
    findings.abandoned = order_claims.forget_old(timezone.now(), dry_run=dry_run)
    findings.unverified = Referral.objects.filter(_open_to_doubt(), account_id__in=watermarks()).count()
    return findings


def _open_to_doubt() -> Q:
    """Return the referrals of which Gameball may have more to tell: unverified, or not linked when it was asked."""
    lost = Q(receipt=Receipt.LOST, reason__in=("not_linked", "not_linked_unchecked"))
    return Q(receipt=Receipt.UNVERIFIED) | lost & Q(registered_at__gte=timezone.now() - DOUBT)


def verify(account: Account, findings: Findings, **options: Any) -> None:
    """Ask Gameball about an account's doubtful referrals, within its limits. The options are the client's.

    Raises:
        HeldError: Gameball refuses the account's calls, or is away.
        GameballError: the keys cannot be read, or are refused.

    """
    waiting = Referral.objects.filter(_open_to_doubt(), account=account)
    if not waiting.exists():
        return
    with PacedClient(account, **options) as paced:
        last = 0
        while rows := list(waiting.filter(pk__gt=last).order_by("pk")[:READ_AT_ONCE]):
            rows = rows[: paced.wait_for("getCustomer", len(rows))]
            calls = [("get_customer", {"customer_id": row.customer_id}) for row in rows]
            for row, answer in zip(rows, paced.client.call_many(calls, concurrency=8)):
                if isinstance(answer, GameballError) and not isinstance(answer, NotFoundError):
                    if not answer.retryable:
                        raise answer
                    continue
                found = _store_answer(row, answer)
                findings.verified[found] += 1
            last = rows[-1].pk


def watermarks() -> dict[str, datetime]:
    """Return since when each account's customers are referral business."""
    return dict(Account.objects.values_list("pk", "installed_at"))


def joined_field() -> str | None:
    """Return the user model's field that tells when somebody joined; None where there is none."""
    name = get_adapter().joined_field
    if name:
        with suppress(FieldDoesNotExist):
            get_user_model()._meta.get_field(name)
            return name
    return None


def batches(rows: QuerySet[Any], size: int = BATCH) -> Iterator[list[Any]]:
    """Go through rows by their primary key, with one short query a batch."""
    last: Any = None
    while True:
        page = list((rows if last is None else rows.filter(pk__gt=last)).order_by("pk")[:size])
        if not page:
            return
        yield page
        last = page[-1].pk


def _beginning() -> datetime:
    """Return from when on there is anything to compare: deliveries from before that may have been cleared away."""
    beginning = min(watermarks().values(), default=timezone.now())
    retention = conf.get().RETENTION
    return beginning if retention is None else max(beginning, timezone.now() - retention + timedelta(days=1))


def _reconcile_users(findings: Findings, since: datetime, *, dry_run: bool, recent: bool = False) -> None:
    when = joined_field()
    if when is None:
        return
    adapter, installed = get_adapter(), watermarks()
    model = get_user_model()
    rows = model._default_manager.using(router.db_for_write(model))
    for page in _since(rows, when, since, recent=recent):
        users: dict[_Key, Any] = {}
        for user in page:
            try:
                account = adapter.get_account(user)
                if not adapter.is_customer(user) or _at(user, when) < installed.get(account, since):
                    continue
                named = {"customer_id": adapter.get_customer_id(user)}
                users[account, outbox.prepare("createCustomer", named, account=account).dedupe_key] = user
            except DatabaseError:
                raise
            except Exception as error:  # noqa: BLE001
                findings.undecided += 1
                logger.debug("The adapter failed on a user: %s", customers.in_short(error))
        missing = _missing(users)
        findings.customers += len(missing)
        _sample(findings, "customer", (adapter.get_customer_id(users[key]) for key in missing))
        if missing and not dry_run:
            _write_users(adapter, [(key[0], users[key]) for key in missing], when)
    if findings.undecided:
        logger.error("The adapter failed on %d users, of whom Gameball is not told.", findings.undecided)


def _write_users(adapter: DefaultAdapter, users: list[tuple[str, Any]], when: str) -> None:
    without: list[Delivery] = []
    for account, user in users:
        claim = _kept_claim(adapter, user)
        if claim is None:
            without.append(customers.creation(user, adapter, account=account))
            continue
        at = _at(user, when)
        delivery = customers.creation(user, adapter, account=account, code=claim.code, now=at)
        outbox.write([delivery], referral=customers.referral(account, delivery.customer_id, claim, at))
    if without:
        outbox.write(without)


def _kept_claim(adapter: DefaultAdapter, user: Any) -> CurrentClaim | None:
    """Return a claim that the host itself has kept with the user, as Saleor does; the browser's is long gone."""
    try:
        return adapter.get_claim(user, None)
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001
        logger.error("A customer's claim could not be read, and counts as none: %s", customers.in_short(error))
        return None


def _reconcile_orders(
    findings: Findings, each: OrderMapping, since: datetime, *, dry_run: bool, recent: bool = False
) -> None:
    rows = each.queryset()
    if each.paid_query is not None:
        rows = rows.filter(each.paid_query)
    for page in _since(rows, each.date_query, since, recent=recent):
        told: dict[_Key, orders.Told] = {}
        sources: dict[_Key, Any] = {}
        notes: set[_Key] = set()
        for order in page:
            found = mapped_orders.of_order(each, order, live=False, with_claim=False)
            if found is not None:
                account, key = str(found.deliveries[-1].account_id), found.deliveries[-1].dedupe_key
                # The first of a customer's orders, where only that is sent.
                told.setdefault((account, key), found)
                sources.setdefault((account, key), order)
                if found.deliveries[-1].state == Delivery.State.PENDING:
                    notes.add((account, mapped_orders.unsendable_key(each, order)))
        missing = _missing(told)
        wanted = [told[key] for key in missing]
        last = [each_told.deliveries[-1] for each_told in wanted]
        unsendable = [row for row in last if row.state == Delivery.State.DEAD]
        findings.unsendable += len(unsendable)
        findings.orders += len(wanted) - len(unsendable)
        _sample(findings, "order", (row.order_id for row in last if row.state == Delivery.State.PENDING))
        if not dry_run:
            without: list[Delivery] = []
            for key in missing:
                # Few are missing: a guest's may cost a query each, for the claim that was kept with the order.
                is_of_guest = each.is_of_guest(sources[key])
                found = mapped_orders.of_order(each, sources[key], live=False) if is_of_guest else told[key]
                if found is not None and found.referral is not None:
                    outbox.write(found.deliveries, referral=found.referral)
                elif found is not None:
                    without += found.deliveries
            if without:
                outbox.write(without)
            # What could not be sent once, and can now, needs no note any more.
            for account, key in notes - set(_missing(dict.fromkeys(notes))):
                Delivery.objects.filter(account_id=account, dedupe_key=key, state=Delivery.State.DEAD).delete()


def _settle_orphans(findings: Findings, *, dry_run: bool) -> None:
    """Give a receipt to referrals that none will reach by itself: their delivery stood before them, or is gone.

    It says that nothing is known; :func:`verify` asks.
    """
    using = router.db_for_write(Referral)
    lane = Delivery.objects.filter(account_id=OuterRef("account_id"), customer_id=OuterRef("customer_id"))
    for account in watermarks():
        rows = Referral.objects.using(using).filter(
            ~Exists(lane.exclude(state__in=Delivery.SETTLED)),
            account_id=account,
            receipt=Receipt.PENDING,
            registered_at__lt=timezone.now() - OVERLAP,
        )
        orphans = list(rows.order_by("registered_at")[:BATCH])
        findings.orphaned += len(orphans)
        for row in orphans if not dry_run else ():
            _improve(using, row, Receipt.PENDING, Receipt.UNVERIFIED, "read_back_failed")


def _missing(wanted: Iterable[_Key]) -> list[_Key]:
    """Return those of which no delivery was ever written, in their order."""
    by_account: dict[str, list[str]] = {}
    for account, key in wanted:
        by_account.setdefault(account, []).append(key)
    there: set[_Key] = set()
    for account, keys in by_account.items():
        rows = Delivery.objects.using(router.db_for_write(Delivery)).filter(account_id=account, dedupe_key__in=keys)
        there |= {(account, key) for key in rows.values_list("dedupe_key", flat=True)}
    return [key for key in wanted if key not in there]


def _since(rows: QuerySet[Any], when: str | None, since: datetime, *, recent: bool) -> Iterator[list[Any]]:
    """Go through the rows from a time on, oldest first; those without a date column all, the caller looks at them.

    ``recent``: read from the end, by the primary key where it grows with time, so that no index on the date is needed.
    """
    if recent and isinstance(rows.model._meta.pk, (models.AutoField, models.IntegerField)):
        found: list[Any] = []
        older = rows.order_by("-pk")
        columns = ("pk", when) if when else ("pk", "pk")
        while page := list(older.values_list(*columns)[:BATCH]):
            fresh = [pk for pk, at in page if when is None or _is_since(at, since)]
            found.extend(fresh)
            if not fresh or when is None:
                break
            older = rows.filter(pk__lt=page[-1][0]).order_by("-pk")
        found.reverse()
        for start in range(0, len(found), BATCH):
            yield list(rows.filter(pk__in=found[start : start + BATCH]).order_by("pk"))
        return
    if when:
        is_day = not isinstance(_column(rows.model, when), models.DateTimeField)
        rows = rows.filter(**{f"{when}__gte": _day(since) if is_day else since})
    yield from batches(rows)


def _is_since(at: Any, since: datetime) -> bool:
    if isinstance(at, datetime):
        return at >= since
    return isinstance(at, date) and at >= _day(since)


def _day(moment: datetime) -> date:
    """Return the day as the shop dates it."""
    return timezone.localdate(moment, timezone.get_default_timezone())


def _column(model: type[models.Model], lookup: str) -> Any:
    field: Any = None
    for name in lookup.split("__"):
        field = model._meta.pk if name == "pk" else model._meta.get_field(name)
        model = field.related_model
    return field


def _at(user: Any, when: str) -> datetime:
    at = getattr(user, when)
    if isinstance(at, datetime):
        return at
    return timezone.make_aware(datetime.combine(at, datetime.max.time()))


def _sample(findings: Findings, kind: str, ids: Iterable[str]) -> None:
    for name in ids:
        if sum(1 for sample in findings.samples if sample.startswith(kind)) >= 10:
            return
        findings.samples.append(f"{kind} {name}")


def _store_answer(row: Referral, answer: Customer | NotFoundError) -> str:
    """Store what Gameball told of a referral's customer, and return the receipt that it has now."""
    using = router.db_for_write(Referral)
    now = timezone.now()
    is_referred = answer.is_referred if isinstance(answer, Customer) else False
    if isinstance(answer, Customer):
        profiles.update(
            row.customer_id,
            account=str(row.account_id),
            at=now,
            referral_code=answer.referral_code,
            referral_link=answer.referral_link,
            gameball_id=answer.gameball_id,
            is_referred=answer.is_referred,
        )
    if is_referred is None or (not is_referred and row.receipt == Receipt.LOST):
        return row.receipt
    receipt = str(Receipt.LINKED if is_referred else Receipt.LOST)
    reason = ("by_order" if row.guest else "by_registration") if is_referred else "not_linked_unchecked"
    _improve(using, row, row.receipt, receipt, reason)
    return receipt


def _improve(using: str, row: Referral, before: str, receipt: str, reason: str) -> None:
    """Give a referral a better receipt, unless somebody else just did."""
    day = settling.day(row.registered_at)
    with transaction.atomic(using=using):
        mine = Referral.objects.using(using).filter(pk=row.pk, receipt=before)
        if mine.update(receipt=receipt, reason=reason, settled_at=timezone.now()):
            first = {(day, "registered"): 1} if before == Receipt.PENDING else {(day, str(before)): -1}
            settling.count(using, str(row.account_id), Counter({**first, (day, str(receipt)): 1}))
