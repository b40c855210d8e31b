"""Why a delivery has not gone out yet, what an operator has to know, and what to do. No query, no clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from gameball_referrals import courier
from gameball_referrals.courier import QueueRecord
from gameball_referrals.django.models import Delivery
from gameball_referrals.evidence import About

from . import rows, told
from .health import Health
from .show import Tone
from .told import Advice


@dataclass(frozen=True)
class Waiting:
    """What a delivery waits for."""

    title: str
    why: str
    tone: Tone = "wait"
    advice: list[Advice] = field(default_factory=list)


@dataclass(frozen=True)
class Alert:
    """What an operator has to know."""

    about: About
    title: str
    briefly: str
    """For a badge."""
    why: str
    tone: Tone
    advice: list[Advice]


def waiting(delivery: Delivery, health: Health, now: datetime, *, ahead: int | None = None) -> Waiting | None:
    """Tell what a delivery waits for; None if it is settled."""
    found = courier.waiting(rows.delivery(delivery), health.record, now, ahead=ahead)
    if found is None:
        return None
    return Waiting(told.say(found.title, now), told.say(found.why, now), found.tone, told.advice(found.advice, now))


def alerts(health: Health, now: datetime, queue: QueueRecord | None = None) -> list[Alert]:
    """Tell what stops an account's calls and, with its queue, what else an operator has to know."""
    return [
        Alert(
            about=one.about,
            title=told.say(one.title, now),
            briefly=told.say(one.briefly, now),
            why=told.say(one.why, now),
            tone=one.tone,
            advice=told.advice(one.advice, now),
        )
        for one in courier.alerts(health.record, now, queue)
    ]
