"""Points in time as whole Unix seconds, and back."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Callable

from .exceptions import InvalidArgumentError

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the present, aware."""
    return datetime.now(timezone.utc)


def unix_seconds(at: object, field: str) -> int:
    """Return the whole second in which a time lies; ``field`` names it in a refusal."""
    if isinstance(at, datetime):
        if at.utcoffset() is None:
            raise InvalidArgumentError("has no time zone: pass an aware datetime", field=field)
        return int(at.timestamp() // 1)
    if isinstance(at, int) and not isinstance(at, bool):
        if at.bit_length() > 63:
            raise InvalidArgumentError("is far beyond any time, in seconds since 1970", field=field)
        return at
    raise InvalidArgumentError("must be an aware datetime or whole seconds since 1970", field=field)


def from_unix_seconds(seconds: int) -> datetime:
    """Return the time in UTC."""
    return datetime.fromtimestamp(seconds, timezone.utc)
