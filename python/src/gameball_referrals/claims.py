"""Claims: captured referrer codes, signed and dated, that survive until registration."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from . import _defaults, _native
from ._time import Clock, from_unix_seconds, unix_seconds, utc_now
from .exceptions import InvalidArgumentError

DEFAULT_MAX_AGE: Final[timedelta] = timedelta(seconds=_defaults.MAX_AGE)
"""How old a claim may be where nothing else is said."""


@dataclass(frozen=True)
class Claim:
    """What a claim says."""

    code: str
    issued_at: datetime
    """In UTC."""


class ClaimSigner:
    """Issues claims and reads them back.

    Args:
        key: the shop's own secret, of at least 16 bytes; text counts as UTF-8.
        fallback_keys: earlier keys, whose claims are still read.
        max_age: how old a claim may be.
        clock: where the present comes from.

    Raises:
        InvalidArgumentError: a key is too short, or ``max_age`` not positive.

    """

    def __init__(
        self,
        key: bytes | bytearray | memoryview | str,
        *,
        fallback_keys: Iterable[bytes | bytearray | memoryview | str] = (),
        max_age: timedelta = DEFAULT_MAX_AGE,
        clock: Clock = utc_now,
    ) -> None:
        try:
            if not isinstance(max_age, timedelta):
                raise InvalidArgumentError("must be a timedelta", field="max_age")
            self._native = _native.ClaimSigner(key, fallback_keys, max_age // timedelta(seconds=1))
        finally:
            del key, fallback_keys  # a traceback may be shown with its frames' variables
        self._clock = clock

    def issue(self, code: str, *, at: datetime | int | None = None) -> str:
        """Sign a code, as of ``at`` or now. The token is fit for a cookie, a URL and a form.

        Raises:
            InvalidArgumentError: the code is not one by its syntax, or ``at`` has no zone.

        """
        return self._native.issue(code, unix_seconds(self._clock() if at is None else at, "at"))

    def read(self, token: str | None, *, now: datetime | int | None = None) -> Claim | None:
        """Return what a token says; None if it is not ours, altered, or too old at ``now``."""
        read = self._native.read(token, unix_seconds(self._clock() if now is None else now, "now"))
        if read is None:
            return None
        code, issued_at = read
        return Claim(code, from_unix_seconds(issued_at))
