"""How often one visitor may call the public endpoints: a fixed window a minute, in Django's cache."""

from __future__ import annotations

import hashlib
import hmac
import logging
import time
from typing import Final

from django.core.cache import cache
from django.http import HttpRequest

from gameball_referrals._defaults import VISIT_LIMITS
from gameball_referrals._visits import decide

from . import accounts, conf

logger = logging.getLogger(__name__)

WINDOW: Final = 60
SHARED: Final[int] = VISIT_LIMITS["visitors_per_proxy"]
"""How many visitors an address may stand for that is a proxy's, where ``TRUSTED_IP_HEADER`` doesn't tell theirs."""


def allows(request: HttpRequest, purpose: str, limit: int) -> bool:
    """Count a call and tell whether the visitor has had at most ``limit`` of them in this minute.

    With the cache down everything is allowed; Gameball is spared by the ledger, too.
    """
    visitor, is_shared = _visitor(request)
    key = f"gameball:calls:{purpose}:{visitor}:{int(time.time() // WINDOW)}"
    try:
        if cache.add(key, 1, 2 * WINDOW):
            return True
        return cache.incr(key) <= limit * (SHARED if is_shared else 1)
    except ValueError:  # evicted between the two
        return True
    except Exception:
        logger.exception("The cache is down; calls of %s are not limited.", purpose)
        return True


def _visitor(request: HttpRequest) -> tuple[str, bool]:
    """Return a name for the visitor's address, and whether it is rather a proxy's that stands for many visitors."""
    header = conf.get().TRUSTED_IP_HEADER
    # A proxy appends the address that it saw; what stands before it came from the visitor.
    told = request.headers.get(header, "").rpartition(",")[2].strip() if header else ""
    network = decide("visitorNetwork", address=told or str(request.META.get("REMOTE_ADDR", "")))
    is_shared = not told and network["isPrivate"]
    # No addresses in the cache, which others may read.
    name = hmac.new(accounts.derived_key("throttle"), network["name"].encode(), hashlib.sha256).hexdigest()[:32]
    return name, is_shared
