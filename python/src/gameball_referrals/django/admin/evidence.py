"""Why a friend counts, or doesn't: the dated chain of evidence, in plain words. No query, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gameball_referrals.django.models import Delivery, Receipt, Referral

from . import show, texts
from .health import Health
from .show import Tone
from .waiting import Advice, Waiting, waiting


@dataclass(frozen=True)
class Step:
    """One dated fact."""

    at: datetime | None
    title: str
    detail: str = ""
    tone: Tone = "quiet"
    request_id: str = ""
    now: bool = False
    """The present state, rather than something that happened."""


@dataclass(frozen=True)
class Evidence:
    """The answer to *why did this friend (not) count?*."""

    verdict: str
    why: str
    tone: Tone
    steps: list[Step]
    advice: list[Advice] = field(default_factory=list)


def explain(
    referral: Referral | None,
    deliveries: Sequence[Delivery],
    health: Health,
    now: datetime,
    *,
    ahead: int | None = None,
) -> Evidence:
    """Answer for one customer.

    Args:
        referral: the customer's, if there is one.
        deliveries: all of the customer's, in the order of their ids.
        health: the account's.
        now: the present.
        ahead: how many are sent before this customer's first waiting delivery, if that is known.

    """
    unsettled = [delivery for delivery in deliveries if delivery.state not in Delivery.SETTLED]
    wait = waiting(unsettled[0], health, now, ahead=ahead) if unsettled else None
    steps = list(_steps(referral, deliveries, now))
    if wait:
        steps.append(Step(now, _("Now: %(state)s") % {"state": wait.title}, wait.why, "wait", now=True))
    steps.sort(key=_when)
    if referral is None:
        return _unreferred(deliveries, wait, steps)
    if referral.receipt == Receipt.PENDING:
        return _undecided(referral, deliveries, wait, steps)
    reason = texts.reason(referral.reason)
    why = str(reason.why)
    if referral.reason == "late" and referral.late_by:
        why = _("The registration reached Gameball %(time)s after the time in which it links referrals.") % {
            "time": show.span(referral.late_by)
        }
    return Evidence(
        verdict=str(texts.VERDICTS.get(referral.receipt, referral.get_receipt_display())),
        why=why,
        tone=texts.RECEIPT_TONES.get(referral.receipt, "quiet"),
        steps=steps,
        advice=[
            *(Advice(str(text)) for text in reason.advice),
            *_failed(deliveries),
            *(wait.advice if wait else []),
        ],
    )


def _failed(deliveries: Sequence[Delivery]) -> list[Advice]:
    return [
        Advice(
            _("Open the delivery that failed (%(call)s): it can be replayed.") % _named(one), "delivery", str(one.pk)
        )
        for one in deliveries
        if one.state == Delivery.State.DEAD
    ]


def _undecided(referral: Referral, deliveries: Sequence[Delivery], wait: Waiting | None, steps: list[Step]) -> Evidence:
    verdict = str(texts.VERDICTS[Receipt.PENDING])
    failed = next((one for one in reversed(deliveries) if one.state == Delivery.State.DEAD), None)
    if wait:
        return Evidence(verdict, wait.why, wait.tone, steps, wait.advice)
    if failed:
        return Evidence(
            _("This friend does not count so far: the registration failed."),
            str(texts.error(failed.error_kind, failed.gameball_code)),
            "bad",
            steps,
            _failed(deliveries),
        )
    cancelled = next((one for one in reversed(deliveries) if one.state == Delivery.State.CANCELLED), None)
    if cancelled:
        return Evidence(
            _("This friend does not count: the registration was cancelled."),
            _("Somebody cancelled it in the admin before it was sent."),
            "bad",
            steps,
            [Advice(_("The delivery's history says who did."), "delivery", str(cancelled.pk))],
        )
    return Evidence(
        verdict,
        _("The referral is recorded, but nothing waits to be sent for this customer.")
        if not deliveries
        else _("The registration was delivered, but no receipt was recorded."),
        "warn",
        steps,
        [
            Advice(
                _(
                    "Run “manage.py gameball_reconcile --dry-run”: it compares the shop with Gameball "
                    "and says what is missing."
                )
            )
        ],
    )


def _unreferred(deliveries: Sequence[Delivery], wait: Waiting | None, steps: list[Step]) -> Evidence:
    registrations = [one for one in deliveries if one.operation in ("createCustomer", "trackOrder")]
    if not registrations:
        return Evidence(
            _("The shop has recorded nothing of a customer with this id."),
            _("Neither a registration nor an order of theirs was written down for Gameball."),
            "quiet",
            steps,
            [
                Advice(_("Check the id: it is the one that Gameball knows, usually the number of the shop's user.")),
                Advice(
                    _(
                        "Customers from before the installation are not recorded: "
                        "“manage.py gameball_sync_customers” sends them."
                    )
                ),
                Advice(_("Settled deliveries are deleted in the end; the setting RETENTION says when.")),
            ],
        )
    return Evidence(
        _("This customer was not referred by anybody."),
        _("They registered without a referral code; no visit with a code was remembered."),
        "quiet",
        steps,
        [
            Advice(
                _(
                    "A code is forgotten when the friend registers in another browser or on another device than the "
                    "one that opened the link, deletes cookies, refuses consent, or waits for longer than "
                    "the claim is kept."
                )
            ),
            Advice(_("Gameball links nobody after the registration. Ask its support whether they can do so by hand.")),
            *_failed(deliveries),
            *(wait.advice if wait else []),
        ],
    )


# --- The steps ------------------------------------------------------------------------------------------------


def _when(step: Step) -> tuple[float, bool]:
    # What has no date came first; the present comes last among equals, and before what is to come.
    return step.at.timestamp() if step.at else float("-inf"), step.now


def _steps(referral: Referral | None, deliveries: Sequence[Delivery], now: datetime) -> Iterable[Step]:
    if referral:
        yield from _referral_steps(referral, deliveries, now)
    registered = referral is not None
    for delivery in deliveries:
        if delivery.operation == "trackOrder":
            yield Step(
                delivery.created_at,
                _("Paid the order %(order)s") % {"order": delivery.order_id}
                if delivery.order_id
                else _("Paid an order"),
            )
        elif delivery.operation == "createCustomer" and not registered:
            registered = True
            yield Step(delivery.created_at, _("Registered without a referral code"))
        elif delivery.operation == "deleteCustomer":
            yield Step(delivery.created_at, _("Asked to be erased"))
        yield from _calls(delivery, referral)
        if delivery.state == Delivery.State.CANCELLED and delivery.settled_at:
            yield Step(delivery.settled_at, _("The %(call)s was cancelled") % _named(delivery), tone="warn")
        if delivery.state == Delivery.State.DEAD and delivery.settled_at:
            yield Step(
                delivery.settled_at,
                _("The %(call)s was laid aside as failed") % _named(delivery),
                str(texts.error(delivery.error_kind, delivery.gameball_code)),
                "bad",
                delivery.request_id,
            )
    if referral and referral.settled_at and referral.receipt != Receipt.PENDING:
        # After the call that it rests on, which has the same date.
        yield Step(
            referral.settled_at,
            _("Receipt: %(receipt)s") % {"receipt": referral.get_receipt_display()},
            str(texts.reason(referral.reason).why) if referral.reason else "",
            texts.RECEIPT_TONES.get(referral.receipt, "quiet"),
        )


def _named(delivery: Delivery) -> dict[str, str]:
    return {"call": str(texts.operation(delivery.operation))}


def _referral_steps(referral: Referral, deliveries: Sequence[Delivery], now: datetime) -> Iterable[Step]:
    code = {"code": referral.referrer_code}
    came = {
        "field": _("Typed the code %(code)s into the form") % code,
        "state": _("Came back from a sign-in elsewhere with the code %(code)s") % code,
        "visit": _("Visited the shop by a link with the code %(code)s") % code,
    }.get(referral.source, _("The shop passed on the code %(code)s") % code)
    yield Step(min(referral.claimed_at or referral.registered_at, referral.registered_at), came)
    yield Step(
        referral.registered_at,
        _("Ordered as a guest, with this code") if referral.guest else _("Registered, with this code"),
    )
    closed = referral.deadline_at <= now
    known = referral.acknowledged_at
    if referral.receipt == Receipt.PENDING or (closed and referral.receipt in (Receipt.LOST, Receipt.UNVERIFIED)):
        yield Step(
            referral.deadline_at,
            _("Gameball's time to link ended") if closed else _("Until then Gameball links the friend"),
            tone="wait" if not closed else "bad" if known is None or known > referral.deadline_at else "quiet",
        )
    if known is not None and not _tells_creation(deliveries):
        yield Step(known, _("Gameball took the registration"), _against_deadline(referral, known))


def _tells_creation(deliveries: Sequence[Delivery]) -> bool:
    return any(
        call.get("operation") in ("createCustomer", "trackOrder") and not call.get("kind")
        for delivery in deliveries
        for call in delivery.history
    )


def _against_deadline(referral: Referral, at: datetime) -> str:
    left = referral.deadline_at - at
    if left.total_seconds() >= 0:
        return _("%(time)s before the time to link ended") % {"time": show.span(left)}
    return _("%(time)s too late to be linked") % {"time": show.span(left)}


def _calls(delivery: Delivery, referral: Referral | None) -> Iterable[Step]:
    """Tell a delivery's calls; failures of one kind in a row are one step."""
    run: list[dict[str, Any]] = []
    for number, call in enumerate(delivery.history):
        if run and (not call.get("kind") or _sort(run[-1]) != _sort(call)):
            yield _failures(run)
            run = []
        if call.get("kind"):
            run.append(call)
        else:
            yield _success(call, delivery, referral, last=number == len(delivery.history) - 1)
    if run:
        yield _failures(run)


def _sort(call: dict[str, Any]) -> tuple[Any, ...]:
    return call.get("operation"), call.get("kind"), call.get("status"), call.get("gameball_code")


def _failures(run: list[dict[str, Any]]) -> Step:
    first, last = run[0], run[-1]
    detail = _answered(last)
    if len(run) > 1:
        detail += " " + ngettext(
            "The same happened %(count)d more time, until %(until)s.",
            "The same happened %(count)d more times, until %(until)s.",
            len(run) - 1,
        ) % {"count": len(run) - 1, "until": _clock(last)}
    # "Already exists" is a refusal that does no harm.
    tone: Tone = "quiet" if last.get("outcome") == "applied" else "warn"
    return Step(call_time(first), _call_title(first), detail, tone, str(last.get("request_id") or ""))


def _success(call: dict[str, Any], delivery: Delivery, referral: Referral | None, *, last: bool) -> Step:
    tone: Tone = "good"
    detail = _("Gameball accepted it.")
    operation, at = call.get("operation"), call_time(call)
    if referral is not None:
        if operation == "createCustomer" and at is not None:
            tone = "bad" if at > referral.deadline_at else "good"
            detail = _("Gameball accepted it, %(when)s.") % {"when": _against_deadline(referral, at)}
        elif operation == "getCustomer" and delivery.operation != "getCustomer":
            tone, detail = _read_back(referral, settled_it=last)
        elif operation == "validateReferrerCode" and referral.receipt != Receipt.PENDING:
            bad = referral.reason == "code_not_valid"
            tone, detail = ("warn", _("Gameball: it is not.")) if bad else ("quiet", _("Gameball: yes, it is."))
    return Step(at, _call_title(call), detail, tone, str(call.get("request_id") or ""))


def _read_back(referral: Referral, *, settled_it: bool) -> tuple[Tone, str]:
    # What Gameball answered is not kept; the receipt, or the check that follows a "no", tells.
    if not settled_it:
        return "warn", _("Gameball: no, not linked.")
    if referral.receipt == Receipt.LINKED:
        return "good", _("Gameball: yes, linked.")
    if referral.reason == "read_back_incomplete":
        return "warn", _("Gameball's answer did not say.")
    return "quiet", _("Gameball answered.")


def _call_title(call: dict[str, Any]) -> str:
    operation = str(call.get("operation") or "")
    return str(texts.CALLS.get(operation, operation))


def _answered(call: dict[str, Any]) -> str:
    answer = str(texts.error(str(call.get("kind")), call.get("gameball_code")))
    parts = []
    if call.get("status"):
        parts.append(f"HTTP {call['status']}")
    if call.get("gameball_code"):
        parts.append(_("Gameball code %(code)s") % {"code": call["gameball_code"]})
    return f"{answer} ({', '.join(parts)})." if parts else f"{answer}."


def call_time(call: dict[str, Any]) -> datetime | None:
    """Read when a call of a delivery's history was made."""
    try:
        return parse_datetime(str(call.get("at") or ""))
    except ValueError:
        return None


def _clock(call: dict[str, Any]) -> str:
    at = call_time(call)
    return show.absolute(at, at) if at else "?"
