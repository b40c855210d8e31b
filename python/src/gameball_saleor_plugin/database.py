"""Saleor's two databases: everything of ours is read from and written to its primary."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.db import router
from gameball_referrals.django.models import Delivery


def writer() -> str:
    """Return the alias of Saleor's primary."""
    return router.db_for_write(Delivery)


def allow_writer() -> AbstractContextManager[Any]:
    """Tell Saleor that the primary is meant: it warns of (and in its own tests refuses) any query without."""
    try:
        from saleor.core.db.connection import allow_writer as allow
    except ImportError:  # outside of Saleor, or in one without replicas
        return nullcontext()
    return allow()  # type: ignore[no-any-return]
