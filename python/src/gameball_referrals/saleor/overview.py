"""What the page in the Dashboard tells of an account, in plain words. A few bounded queries, no network."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from gameball_referrals.django.admin import connection, evidence, health, show, texts
from gameball_referrals.django.admin.waiting import Alert, alerts, waiting
from gameball_referrals.django.models import Account, Delivery, Receipt, Referral, Tally
from gameball_referrals.exceptions import ConfigurationError

from .models import Instance

DAYS: Final = 30
PAGE: Final = 20
EVIDENCE: Final = 50
"""Deliveries of one customer that are looked at."""
COUNTED: Final = 1_000
"""How far rows are counted, and paged through."""
WAITING: Final = "waiting"
"""In the URL, where a receipt that isn't there yet would be empty."""


def status(instance: Instance, account: Account, now: datetime) -> dict[str, Any]:
    """Return how the account fares."""
    condition = health.of(account, now)
    failed = Delivery.objects.filter(account_id=account.pk, state=Delivery.State.DEAD)
    return {
        "instance": instance,
        "account": account,
        "has_keys": bool(account.api_key_sealed),
        "environment": _environment(account),
        "stops": [_stop(alert) for alert in alerts(condition, now)],
        "sums": _sums(account.pk, now),
        "days": DAYS,
        "failed": _counted(failed),
    }


def settings(account: Account, now: datetime) -> dict[str, Any]:
    """Return what is saved, by its fingerprints, and what the last test found."""
    return {
        "account": account,
        "environment": _environment(account),
        "api_key": _grouped(account.api_key_fingerprint),
        "secret_key": _grouped(account.secret_key_fingerprint),
        "test": _test(account, now),
    }


def referrals(account: Account, asked: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """Return a page of referred friends."""
    receipt = asked.get("receipt", "")
    rows = Referral.objects.filter(account_id=account.pk).order_by("-registered_at", "-pk")
    if receipt == WAITING:
        rows = rows.filter(receipt=Receipt.PENDING)
    elif receipt in Receipt.values and receipt:
        rows = rows.filter(receipt=receipt)
    else:
        receipt = ""
    number, found, has_next = _page(lambda count: list(rows[:count]), asked)
    return {
        "rows": [_referral(row, now) for row in found],
        "filters": [("", _("All")), *((value or WAITING, label) for value, label in Receipt.choices)],
        "chosen": receipt,
        "number": number,
        "has_next": has_next,
    }


def friend(account: Account, customer_id: str, now: datetime) -> dict[str, Any]:
    """Return the evidence of one customer, whoever asks for it: of this account's only."""
    mine = {"account_id": account.pk, "customer_id": customer_id.replace("\0", "")[:255]}
    referral = Referral.objects.filter(**mine).first()
    rows = Delivery.objects.filter(**mine).order_by("-pk").defer("arguments", "progress", "lease_token")[:EVIDENCE]
    found = evidence.explain(referral, list(reversed(rows)), health.of(account, now), now)
    return {
        "name": name(mine["customer_id"], guest=bool(referral and referral.guest)),
        "customer_id": mine["customer_id"],
        "referral": referral,
        "tone": found.tone,
        "verdict": found.verdict,
        "why": found.why,
        "advice": [each.text for each in found.advice],
        "steps": [
            {
                "step": step,
                "at": show.absolute(step.at, now) if step.at else "",
                "when": show.relative(step.at, now) if step.at and not step.now else "",
            }
            for step in found.steps
        ],
    }


def deliveries(account: Account, asked: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """Return a page of deliveries."""
    state = asked.get("state", "")
    if state not in Delivery.State.values:
        state = ""
    number, found, has_next = _page(_latest(account.pk, [state] if state else Delivery.State.values), asked)
    condition = health.of(account, now)
    receipts = {
        referral.customer_id: referral
        for referral in Referral.objects.filter(
            account_id=account.pk, customer_id__in={row.customer_id for row in found}
        )
    }
    return {
        "rows": [_delivery(row, receipts.get(row.customer_id), condition, now) for row in found],
        "filters": [("", _("All")), *Delivery.State.choices],
        "chosen": state,
        "number": number,
        "has_next": has_next,
    }


def name(customer_id: str, *, guest: bool = False) -> str:
    """Return how a customer's or an order's id is shown: what Saleor's global id says, or a digest's beginning."""
    if guest:
        return customer_id[:14] + "…"
    try:
        kind, _colon, key = base64.b64decode(customer_id, validate=True).decode("ascii").partition(":")
    except ValueError:
        return customer_id if len(customer_id) <= 24 else customer_id[:22] + "…"
    if not kind.isalpha() or not key.isprintable() or not key:
        return customer_id
    return f"{kind} {key if len(key) <= 12 else key[:8] + '…'}"


def _referral(row: Referral, now: datetime) -> dict[str, Any]:
    if row.reason == "late" and row.late_by:
        why = _("%(time)s too late") % {"time": show.span(row.late_by)}
    elif row.reason:
        why = str(texts.BRIEFLY.get(row.reason) or texts.reason(row.reason).why)
    elif row.receipt == Receipt.PENDING and row.deadline_at > now:
        why = _("can be linked for another %(time)s") % {"time": show.span(row.deadline_at - now)}
    elif row.receipt == Receipt.PENDING:
        why = _("the time to link has ended")
    else:
        why = ""
    return {
        "name": name(row.customer_id, guest=row.guest),
        "id": row.customer_id,
        "guest": row.guest,
        "code": row.referrer_code,
        "at": row.registered_at,
        "when": show.relative(row.registered_at, now),
        "label": row.get_receipt_display(),
        "tone": texts.RECEIPT_TONES.get(row.receipt, "quiet"),
        "why": why,
        "advice": [str(text) for text in texts.reason(row.reason).advice] if row.reason else [],
    }


def _delivery(row: Delivery, referral: Referral | None, condition: health.Health, now: datetime) -> dict[str, Any]:
    advice: list[str] = []
    wait = waiting(row, condition, now)
    if wait is not None:
        label, tone, why = wait.title, wait.tone, wait.why
        advice = [each.text for each in wait.advice]
    else:
        label, tone = row.get_state_display(), texts.STATE_TONES.get(row.state, "quiet")
        why = ""
        if row.state == Delivery.State.DEAD:
            told = texts.reason(str(row.history[-1].get("reason") or "")) if row.history else None
            why = str((told.why if told else "") or row.error_message or texts.error(row.error_kind, row.gameball_code))
            advice = [str(text) for text in told.advice] if told else []
        elif row.state == Delivery.State.APPLIED and referral is not None and referral.receipt:
            why = _("Receipt: %(receipt)s") % {"receipt": referral.get_receipt_display()}
            brief = texts.BRIEFLY.get(referral.reason)
            why = f"{why}, {brief}" if brief else why
    at = row.settled_at or row.created_at
    guest = bool(referral and referral.guest) or row.customer_id.startswith("guest")
    return {
        "pk": row.pk,
        "what": str(texts.operation(row.operation)).capitalize(),
        "order": name(row.order_id) if row.order_id else "",
        "name": name(row.customer_id, guest=guest) if row.customer_id else "",
        "id": row.customer_id,
        "label": label,
        "tone": tone,
        "why": why,
        "advice": advice,
        "codes": _codes(row),
        "at": at,
        "when": show.relative(at, now),
        "attempts": row.attempts,
        "again": _again(row, now),
    }


def _again(row: Delivery, now: datetime) -> str:
    """Return what the button says that sends it; "" where there is nothing to press."""
    if row.state == Delivery.State.DEAD and row.arguments:
        return _("Send again")
    return _("Retry now") if row.state == Delivery.State.PENDING and row.due_at > now else ""


def _codes(row: Delivery) -> str:
    if not row.error_kind:
        return ""
    told = [(_("HTTP %(status)s") % {"status": row.status}) if row.status else ""]
    told.append((_("code %(code)s") % {"code": row.gameball_code}) if row.gameball_code else "")
    told.append(row.request_id)
    return " · ".join(filter(None, told))


def _stop(alert: Alert) -> dict[str, Any]:
    return {
        "title": alert.title,
        "tone": alert.tone,
        "why": alert.why,
        "advice": [each.text for each in alert.advice],
        "on_settings": any(each.target == "account" for each in alert.advice),
    }


def _sums(account: str, now: datetime) -> list[tuple[str, int, str]]:
    tallies = Tally.objects.filter(account_id=account, day__gte=now.date() - timedelta(days=DAYS))
    told = dict(tallies.values_list("what").annotate(Sum("count")))
    open_ = _counted(Referral.objects.filter(account_id=account, receipt=Receipt.PENDING))
    lost = (Receipt.ALREADY_REFERRED, Receipt.REJECTED, Receipt.LOST, Receipt.UNVERIFIED)
    return [
        (_("Referred friends"), told.get("registered", 0) + open_, ""),
        (_("Linked"), told.get(Receipt.LINKED, 0), "good"),
        (_("On their way"), open_, "wait"),
        (_("Did not count"), sum(told.get(receipt, 0) for receipt in lost), "bad"),
    ]


def _counted(rows: QuerySet[Any]) -> int:
    return rows.order_by().values("pk")[:COUNTED].count()


def _latest(account: str, states: Iterable[str]) -> Callable[[int], list[Delivery]]:
    """Return what takes so many deliveries, by when they were or are due: each state's from the index that begins so.

    A quiet shop's page then costs no more where a busy one shares the table.
    """
    rows = Delivery.objects.filter(account_id=account).exclude(operation="getCustomer").order_by("-due_at", "-pk")

    def take(count: int) -> list[Delivery]:
        found = [row for state in states for row in rows.filter(state=state)[:count]]
        return sorted(found, key=lambda row: (row.due_at, row.pk), reverse=True)[:count]

    return take


def _page(take: Callable[[int], Sequence[Any]], asked: Mapping[str, str]) -> tuple[int, Sequence[Any], bool]:
    page = asked.get("page", "1")
    number = max(1, min(int(page), COUNTED // PAGE)) if page.isdecimal() and len(page) < 10 else 1
    # One more than is shown tells whether there is a next page.
    found = take(number * PAGE + 1)[(number - 1) * PAGE :]
    return number, found[:PAGE], len(found) > PAGE and number < COUNTED // PAGE


def _environment(account: Account) -> dict[str, str] | None:
    kinds = {
        "live": {"label": _("Live"), "tone": "good"},
        "test": {"label": _("Test"), "tone": "warn"},
        "unknown": {"label": _("Live or test"), "tone": "quiet"},
    }
    return kinds.get(account.environment) if account.api_key_sealed else None


def _grouped(fingerprint: str) -> str:
    return " ".join(fingerprint[i : i + 4] for i in range(0, len(fingerprint), 4))


def _test(account: Account, now: datetime) -> dict[str, Any] | None:
    result = account.last_check
    if not result or not account.api_key_sealed:
        return None
    said, advice = connection.answer(result)
    at = connection.tested_at(result)
    try:
        stale = bool(result.get("credentials")) and result["credentials"] != health.credentials_fingerprint(account)
    except ConfigurationError:
        stale = True
    return {
        "ok": bool(result.get("ok")),
        "said": said,
        "advice": advice,
        "when": show.relative(at, now) if at else "",
        "stale": stale,
    }
