"""Why a friend counts, or doesn't: the core's dated chain of evidence, in the reader's language. No query, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gameball_referrals import courier
from gameball_referrals.django.models import Delivery, Referral

from . import rows, told
from .health import Health
from .show import Tone
from .told import Advice


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
    found = courier.evidence(
        rows.referral(referral) if referral else None,
        [rows.delivery(one) for one in deliveries],
        health.record,
        now,
        ahead=ahead,
    )
    return Evidence(
        verdict=told.say(found.verdict, now),
        why=told.say(found.why, now),
        tone=found.tone,
        steps=[
            Step(
                at=step.at,
                title=told.say(step.title, now),
                detail=told.say(step.detail, now) if step.detail else "",
                tone=step.tone,
                request_id=step.request_id or "",
                now=step.now,
            )
            for step in found.steps
        ],
        advice=told.advice(found.advice, now),
    )
