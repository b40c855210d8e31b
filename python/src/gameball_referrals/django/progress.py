"""A progress bar with an estimate on terminals, plain lines elsewhere."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import IO, Final

WIDTH: Final = 28
EVERY: Final = 10.0
"""Seconds between two plain lines."""


class Progress:
    """Shows how far something is.

    Args:
        stream: where; a terminal gets a bar that redraws itself, anything else a line now and then.
        clock: seconds that only grow.

    """

    def __init__(self, stream: IO[str], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._began: float | None = None
        self._first = 0
        self._shown_at = -math.inf
        self._is_terminal = bool(getattr(stream, "isatty", lambda: False)())

    def show(self, done: int, total: int, note: str = "") -> None:
        """Show that ``done`` of ``total`` are done."""
        now = self._clock()
        if self._began is None:
            self._began, self._first = now, done
        line = f"{done:,} of {total:,}{self._estimate(done, total, now)}{f' · {note}' if note else ''}"
        if self._is_terminal:
            share = min(done / total, 1.0) if total else 1.0
            bar = ("█" * int(share * WIDTH)).ljust(WIDTH, "░")
            self._stream.write(f"\r\x1b[2K{bar} {share:4.0%}  {line}")
        elif now - self._shown_at >= EVERY:
            self._stream.write(f"{line}\n")
            self._shown_at = now
        self._stream.flush()

    def end(self) -> None:
        """Leave the bar's line."""
        if self._is_terminal and self._began is not None:
            self._stream.write("\n")
            self._stream.flush()

    def _estimate(self, done: int, total: int, now: float) -> str:
        made, spent = done - self._first, now - (self._began or now)
        if made <= 0 or spent < 1.0 or done >= total:
            return ""
        left = spent * (total - done) / made
        minutes, seconds = divmod(round(left), 60)
        hours, minutes = divmod(minutes, 60)
        return f", about {hours} h {minutes} min left" if hours else f", about {minutes} min {seconds} s left"
