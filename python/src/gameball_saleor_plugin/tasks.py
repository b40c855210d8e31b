"""The Celery task that delivers in Saleor; Saleor's Celery finds this module by itself."""

from __future__ import annotations

import logging
import secrets
from typing import Any, Final

from django.core.cache import cache

try:
    from celery import shared_task
except ImportError:
    __all__: list[str] = []
else:
    from gameball_referrals.django import claiming, conf, maintenance, reconcile
    from gameball_referrals.django.database import database_clock
    from gameball_referrals.django.models import DEFAULT_ACCOUNT
    from gameball_referrals.django.sender import Sender

    from . import keys
    from .database import allow_writer, writer

    __all__ = ["deliver"]

    logger = logging.getLogger(__name__)

    BUSY: Final = "gameball_saleor_plugin.delivering"
    BUDGET: Final = 20.0
    """Seconds after which a run begins nothing more."""

    @shared_task(  # type: ignore[untyped-decorator]
        name="gameball_saleor_plugin.deliver", ignore_result=True
    )
    def deliver(budget: float = BUDGET) -> int:
        """Deliver what is due, and return how many calls it took.

        One run at a time, as far as Saleor's cache is shared: a backlog that waits for Gameball's limits must not keep
        all of Saleor's workers busy. Who finds another one at work leaves the rest to it.

        Args:
            budget: seconds after which nothing more is begun.

        """
        calls = 0
        left = 2
        with allow_writer():
            while left and keys.account().enabled:
                mine = secrets.token_hex(8)
                if not _cached("add", BUSY, mine, timeout=int(budget + conf.get().TIMEOUT + 5), default=True):
                    break
                try:
                    calls += Sender(account=DEFAULT_ACCOUNT, using=writer()).drain(budget, grace=conf.get().TIMEOUT)
                    reconcile.sweep_if_due()
                    maintenance.run(writer())
                finally:
                    # Not somebody else's, who began after ours had expired.
                    if _cached("get", BUSY, default=mine) == mine:
                        _cached("delete", BUSY, default=None)
                # Whoever came meanwhile, and found this run at work, relies on it.
                left = left - 1 if _is_due() else 0
        return calls

    def _is_due() -> bool:
        due = claiming.next_due(writer(), DEFAULT_ACCOUNT)
        return due is not None and due <= database_clock(writer())

    def _cached(what: str, *arguments: Any, default: Any, **named: Any) -> Any:
        try:
            return getattr(cache, what)(*arguments, **named)
        except Exception as error:  # noqa: BLE001 (whatever a cache's driver raises)
            logger.warning("Saleor's cache is away; deliveries go on without it: %s", type(error).__name__)
            return default
