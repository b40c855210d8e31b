"""Who delivers in Saleor: a Celery task where Saleor has a broker, else a thread of each process."""

from __future__ import annotations

import logging
from importlib.util import find_spec
from typing import Any, Final, Literal

from django.conf import settings
from gameball_referrals.django import conf, outbox

logger = logging.getLogger(__name__)

SCHEDULED_AS: Final = "gameball-deliver"
EVERY: Final = 15.0
"""Seconds between two runs of the task by Celery's beat: for later tries, and for what no process told of."""


def has_broker() -> bool:
    """Tell whether tasks are run by Celery's workers.

    Without a broker Saleor runs them at once and in the request, where nothing may wait for Gameball.
    """
    if find_spec("celery") is None or getattr(settings, "CELERY_TASK_ALWAYS_EAGER", False):
        return False
    return bool(getattr(settings, "CELERY_BROKER_URL", ""))


def usual_sender() -> Literal["thread", "worker"]:
    """Return what ``SENDER`` is where nobody has set it."""
    return "worker" if has_broker() else "thread"


def connect() -> None:
    """Have each commit enqueue the task, and Celery's beat run it besides."""
    if not has_broker():
        return
    outbox.on_new_deliveries(enqueue)
    schedule: dict[str, Any] | None = getattr(settings, "CELERY_BEAT_SCHEDULE", None)
    if schedule is None:
        schedule = settings.CELERY_BEAT_SCHEDULE = {}
    schedule.setdefault(
        SCHEDULED_AS,
        {"task": "gameball_saleor_plugin.deliver", "schedule": EVERY, "options": {"expires": EVERY}},
    )


def enqueue() -> None:
    """Ask a worker to deliver. A broker that is away costs nothing: beat's next run delivers."""
    if conf.get().SENDER != "worker":
        return
    from .tasks import deliver

    try:
        deliver.apply_async(retry=False, expires=60.0)
    except Exception as error:  # noqa: BLE001 (whatever a broker's driver raises)
        logger.warning("No worker could be told of a delivery, which waits for beat: %s", type(error).__name__)
