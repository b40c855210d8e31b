"""Why a delivery has not gone out yet, and what to do. No query, no clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gameball_referrals.django.models import Delivery

from . import health as healths
from . import show, texts
from .health import Health
from .show import Tone

Target = Literal["", "account", "delivery"]


@dataclass(frozen=True)
class Advice:
    """What one can do, and the page on which."""

    text: str
    target: Target = ""
    pk: str = ""


@dataclass(frozen=True)
class Waiting:
    """What a delivery waits for."""

    title: str
    why: str
    tone: Tone = "wait"
    advice: list[Advice] = field(default_factory=list)


def blocked(health: Health, bucket: str, now: datetime) -> Waiting | None:
    """Tell what stops an account's calls of one limit; None if nothing does."""
    account = health.account
    if not health.enabled:
        return Waiting(
            _("the account is switched off"),
            _("The account is switched off: what happens in the shop is recorded, and sent once it is on again."),
            "warn",
            [Advice(_("Switch the account on."), "account", account)],
        )
    if health.problem:
        return Waiting(
            _("the saved keys cannot be opened"),
            _("The saved keys cannot be opened, probably since SECRET_KEY was changed."),
            "bad",
            [
                Advice(
                    _("Enter the keys again, or add the old SECRET_KEY to SECRET_KEY_FALLBACKS."), "account", account
                ),
            ],
        )
    if health.keys is None:
        return Waiting(
            _("there is no API key"),
            _("There is no API key yet, neither in the admin nor in the settings."),
            "bad",
            [Advice(_("Enter the keys from the Gameball dashboard."), "account", account)],
        )
    hold = health.hold(bucket)
    if hold:
        reason = texts.reason(hold.reason)
        said = str(reason.why).rstrip(".")
        return Waiting(
            _("held"),
            _("%(reason)s, since %(since)s. Everything waits meanwhile; one call tries again %(next)s.")
            % {
                "reason": said,
                "since": show.absolute(hold.since, now),
                "next": show.relative(hold.probe_at, now) if hold.probe_at > now else _("with the next delivery"),
            },
            "bad",
            [Advice(str(text), "account" if text in texts.ON_ACCOUNT_PAGE else "", account) for text in reason.advice],
        )
    if health.breaker:
        until = health.breaker.until
        return Waiting(
            _("Gameball is down"),
            _("Gameball does not answer: %(count)d failures in a row. One call tries again %(next)s.")
            % {"count": health.breaker.failures, "next": show.relative(max(until, now) if until else now, now)},
            "warn",
            [Advice(_("Nothing has to be done: everything goes out as soon as Gameball answers."))],
        )
    paused = health.paused_until(bucket, now)
    if paused:
        return Waiting(
            _("paused"),
            _("Gameball asked to wait, since the account's limit was reached by others. It goes on %(next)s.")
            % {"next": show.relative(paused, now)},
            "wait",
            [Advice(_("If it happens often: find out what else uses the same Gameball account."))],
        )
    return None


def stops(health: Health, now: datetime) -> Iterator[tuple[str, Waiting]]:
    """Tell all that stops an account's calls, each with a title; what is held for one reason is told once."""
    whole = blocked(health, "", now)
    if whole:
        yield whole.title[:1].upper() + whole.title[1:], whole
        if not health.breaker:
            return
    by_reason: dict[str, list[str]] = {}
    for hold in health.holds:
        by_reason.setdefault(hold.reason, []).append(hold.bucket)
    for buckets in by_reason.values():
        held = blocked(health, buckets[0], now)
        if held:
            yield _("Held: %(what)s") % {"what": ", ".join(str(texts.BUCKETS.get(one, one)) for one in buckets)}, held
    for bucket, label in texts.BUCKETS.items():
        paused = blocked(health, bucket, now) if health.paused_until(bucket, now) and not health.hold(bucket) else None
        if paused and not health.breaker:
            yield _("Paused: %(what)s") % {"what": label}, paused


def waiting(delivery: Delivery, health: Health, now: datetime, *, ahead: int | None = None) -> Waiting:
    """Tell what an unsettled delivery waits for; the first that applies."""
    if delivery.state == Delivery.State.IN_FLIGHT:
        if delivery.lease_until and delivery.lease_until < now:
            return Waiting(
                _("interrupted"),
                _("The sender that had it was interrupted; another one takes it over."),
                advice=_no_sender(health, now),
            )
        return Waiting(_("being sent"), _("It is being sent right now."))
    stopped = blocked(health, delivery.bucket, now)
    if stopped:
        return stopped
    if delivery.due_at > now:
        again = _("The next try is due %(next)s.") % {"next": show.relative(delivery.due_at, now)}
        if not delivery.error_kind:
            return Waiting(_("due later"), again)
        return Waiting(
            _("due again later"),
            f"{texts.error(delivery.error_kind, delivery.gameball_code)}. {again}",
            advice=[Advice(_("Nothing has to be done. Retry now sends it at once."), "delivery", str(delivery.pk))],
        )
    if now - delivery.due_at > healths.SILENCE and not _seen(health, now):
        return Waiting(
            _("no sender runs"),
            _("It has been due for %(time)s, and no sender has taken it.") % {"time": show.span(now - delivery.due_at)},
            "bad",
            _no_sender(health, now),
        )
    if ahead:
        return Waiting(
            _("in the queue"),
            ngettext("%(count)d delivery goes out before it.", "%(count)d deliveries go out before it.", ahead)
            % {"count": ahead},
        )
    return Waiting(_("about to be sent"), _("It goes out in a moment."))


def _seen(health: Health, now: datetime) -> bool:
    return health.sender_seen_at is not None and now - health.sender_seen_at <= healths.SILENCE


def _no_sender(health: Health, now: datetime) -> list[Advice]:
    if _seen(health, now):
        return []
    return [
        Advice(
            _(
                "With SENDER “thread” a web process sends after its next sign-up or order; with “worker” start "
                "“manage.py gameball_worker”, or its Celery or Django task."
            )
        )
    ]
