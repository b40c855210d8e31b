"""Django's cache as something that may be down: what it cannot tell is not known, and no page breaks."""

from __future__ import annotations

import hashlib
import logging
from datetime import timedelta
from typing import Any

from django.core.cache import cache

logger = logging.getLogger(__name__)


def key(purpose: str, *names: str) -> str:
    """Name an entry. The names are hashed: they may be longer than a key may be, and none of the cache's business."""
    text = "".join(f"{len(name)}:{name}" for name in names)
    return f"gameball:{purpose}:{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def get(entry: str) -> Any:
    """Return an entry; None where there is none, or no cache."""
    try:
        return cache.get(entry)
    except Exception:
        logger.exception("The cache cannot be read.")
        return None


def put(entry: str, value: Any, age: timedelta) -> None:
    """Store an entry for a while."""
    try:
        cache.set(entry, value, age.total_seconds())
    except Exception:
        logger.exception("The cache cannot be written.")


def is_first(entry: str, age: timedelta) -> bool:
    """Tell whether nobody has asked this for ``age``; yes, where there is no cache."""
    try:
        return bool(cache.add(entry, True, age.total_seconds()))
    except Exception:
        logger.exception("The cache cannot be written.")
        return True
