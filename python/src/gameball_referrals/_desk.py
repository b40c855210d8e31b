"""Where a courier's verdicts wait to be fetched, and where somebody waits for them."""

from __future__ import annotations

import json
import select
import threading

from . import _delivery_text, _native
from .deliveries import Verdict


class Desk:
    """One process's end of a courier: what is in flight, and the verdicts that have come."""

    def __init__(self) -> None:
        self.in_flight = 0
        self._lock = threading.Lock()
        self._rung: threading.Event | None = None
        try:
            self._completions = _native.Completions()
        except NotImplementedError:
            # Windows has no socket pairs.
            self._rung = threading.Event()
            self._completions = _native.Completions(self._rung.set)

    def submit(self, native: _native.Courier, deliveries: str) -> None:
        """Start to send deliveries."""
        with self._lock:
            self.in_flight += native.submit(self._completions, deliveries)

    def wake(self) -> None:
        """Make whoever waits come back."""
        # Without the lock, which a signal's handler may have interrupted somebody in holding.
        self._completions.ring()

    def wait(self, timeout: float | None) -> list[Verdict]:
        """Return what has come; where that is nothing, wait for it."""
        if self._rung is None:
            _readable(self._completions.fileno(), timeout)
        elif self._rung.wait(timeout):
            self._rung.clear()
        # Also after a timeout: it costs little, and some may just have come.
        verdicts = [_delivery_text.verdict(json.loads(answer)) for _, answer in self._completions.drain()]
        if verdicts:
            with self._lock:
                self.in_flight -= len(verdicts)
        return verdicts


def _readable(descriptor: int, timeout: float | None) -> None:
    """Wait until there is something to read. Under gevent, `select` is gevent's."""
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        poll.poll(None if timeout is None else max(timeout, 0) * 1000)
    else:
        select.select([descriptor], [], [], timeout)
