"""Keeps a waiting call from stalling gevent's hub.

Where gevent has replaced `threading`, calls run on the native module's worker thread, and the greenlet waits for its
answer alone. However many there are, each has its deadline from the moment it is made.
"""

from __future__ import annotations

import itertools
import os
import sys
from typing import Any, Callable

from . import _native
from .exceptions import from_record

Submit = Callable[..., _native.Submission]


def in_greenlet() -> bool:
    """Tell whether whoever waits here has to let other greenlets run."""
    # Nobody can have patched anything with a module that was never imported.
    monkey = sys.modules.get("gevent.monkey")
    return monkey is not None and bool(monkey.is_module_patched("threading"))


def wait(submit: Submit, *arguments: Any) -> Any:
    """Start a call, or a batch, and return what it comes to; other greenlets run meanwhile."""
    hub = sys.modules["gevent"].get_hub()
    bridge: _Bridge | None = getattr(hub, "_gameball_referrals", None)
    if bridge is None or bridge.pid != os.getpid():
        # It is the hub that holds it: there is one a thread, and it goes when the hub goes.
        bridge = hub._gameball_referrals = _Bridge(hub)
    outcome = bridge.wait(submit, *arguments)
    if isinstance(outcome, dict):
        raise from_record(outcome)
    return outcome


class _Bridge:
    """One hub's end of the native module's queue of answers."""

    def __init__(self, hub: Any) -> None:
        from gevent.event import AsyncResult

        self.pid = os.getpid()
        self._result = AsyncResult
        self._numbers = itertools.count()
        self._pending: dict[int, AsyncResult] = {}
        try:
            self._completions = _native.Completions()
            self._watcher = hub.loop.io(self._completions.fileno(), 1)
        except NotImplementedError:
            # Windows has no socket pairs.
            self._watcher = hub.loop.async_()
            self._completions = _native.Completions(self._watcher.send)

    def wait(self, submit: Submit, *arguments: Any) -> Any:
        number = next(self._numbers)
        result = self._pending[number] = self._result()
        try:
            submission = submit(self._completions, number, *arguments)
            try:
                # Only while somebody waits, since a watcher keeps its hub from ending.
                if not self._watcher.active:
                    self._watcher.start(self._drain)
                return result.get()
            finally:
                # For a call that is over this does nothing; one whose greenlet was killed is not worth finishing.
                submission.abort()
        finally:
            del self._pending[number]
            if not self._pending:
                self._watcher.stop()

    def _drain(self) -> None:
        if self.pid != os.getpid():
            # A forked child shares the socket with its parent, whose answers these are.
            self._watcher.stop()
            return
        for number, outcome in self._completions.drain():
            if number in self._pending:
                self._pending[number].set(outcome)
