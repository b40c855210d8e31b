"""System checks of the Oscar app, each naming its fix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from gameball_referrals.django import conf
from gameball_referrals.django.checks import TAG


def connect() -> None:
    """Register the checks."""
    checks.register(check_oscar, TAG)


def check_oscar(app_configs: Sequence[AppConfig] | None = None, **_: Any) -> list[checks.CheckMessage]:
    """Check that an order can reach the statuses that it is waited for in."""
    try:
        statuses = conf.get().OSCAR_PAID_STATUSES
    except ImproperlyConfigured:
        return []  # E001 tells of it
    if statuses is None:
        return []
    pipeline: dict[str, Sequence[str]] = getattr(settings, "OSCAR_ORDER_STATUS_PIPELINE", {})
    known = {*pipeline, *(status for following in pipeline.values() for status in following)}
    unknown = [status for status in statuses if status not in known]
    if not unknown:
        return []
    return [
        checks.Warning(
            f"{conf.NAME}['OSCAR_PAID_STATUSES'] waits for a status that no order can have: {', '.join(unknown)}.",
            hint=f"OSCAR_ORDER_STATUS_PIPELINE has {', '.join(sorted(known)) or 'no statuses'}.",
            id="gameball.W080",
        )
    ]
