"""Claims: captured referrer codes, signed and dated, that survive until registration."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from . import _defaults, _native
from ._keys import as_bytes
from ._time import Clock, from_unix_seconds, unix_seconds, utc_now

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
        key: bytes | str,
        *,
        fallback_keys: Iterable[bytes | str] = (),
        max_age: timedelta = DEFAULT_MAX_AGE,
        clock: Clock = utc_now,
    ) -> None:
        seconds = max_age // timedelta(seconds=1)
        try:
            self._native = _native.ClaimSigner(as_bytes(key), [as_bytes(old) for old in fallback_keys], seconds)
        finally:
            del key, fallback_keys  # see _keys
        self._clock = clock

    def issue(self, code: str, *, at: datetime | int | None = None) -> str:
        """Sign a code, as of ``at`` or now. The token is fit for a cookie, a URL and a form.

        Raises:
            InvalidArgumentError: the code is not one by its syntax, or ``at`` has no zone.

        """
        return self._native.issue(code, unix_seconds(self._clock() if at is None else at, "at"))

    def read(self, token: str, *, now: datetime | int | None = None) -> Claim | None:
        """Return what a token says; None if it is not ours, altered, or too old at ``now``."""
        read = self._native.read(token, unix_seconds(self._clock() if now is None else now, "now"))
        if read is None:
            return None
        code, issued_at = read
        return Claim(code, from_unix_seconds(issued_at))
