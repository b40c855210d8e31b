"""The core's defaults, as Python shows them in signatures."""

from __future__ import annotations

from typing import Any, Final

from . import _native

_defaults = _native.defaults()

BASE_URL: Final[str] = _defaults["base_url"]
API_VERSION: Final[str] = _defaults["api_version"]
TIMEOUT: Final[float] = _defaults["timeout"]
MAX_RETRIES: Final[int] = _defaults["max_retries"]
MAX_AGE: Final[int] = _defaults["claim_max_age_seconds"]
PARAMS: Final[tuple[str, ...]] = tuple(_defaults["capture_params"])
CONCURRENCY: Final[int] = _defaults["concurrency"]
REFERRAL_WINDOW: Final[float] = _defaults["referral_window"]
MAX_ATTEMPTS: Final[int] = _defaults["max_attempts"]
CLAIM_COOKIE: Final[str] = _defaults["claim_cookie"]
CLAIM_HEADER: Final[str] = _defaults["claim_header"]
SHARED_CACHE_HEADERS: Final[tuple[str, ...]] = tuple(_defaults["shared_cache_headers"])
VISIT_LIMITS: Final[dict[str, Any]] = _defaults["visit_limits"]
