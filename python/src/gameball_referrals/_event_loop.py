"""Brings the answers of asynchronous calls back to their event loop."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any
from weakref import WeakKeyDictionary, ref

from . import _native
from .exceptions import from_record

_bridges: WeakKeyDictionary[asyncio.AbstractEventLoop, _Bridge] = WeakKeyDictionary()


async def call(client: _native.AsyncClient, operation: str, arguments: dict[str, Any]) -> str:
    """Make a call and wait for its answer's text, without holding up the running event loop."""
    loop = asyncio.get_running_loop()
    bridge = _bridges.get(loop)
    if bridge is None:
        bridge = _bridges[loop] = _Bridge(loop)
    number = next(bridge.numbers)
    submission = client.submit(bridge.completions, number, operation, arguments)
    future: asyncio.Future[str] = loop.create_future()
    bridge.pending[number] = future
    try:
        return await future
    finally:
        # For a call that is over this does nothing; one whose caller was cancelled is not worth finishing.
        submission.abort()
        bridge.pending.pop(number, None)


class _Bridge:
    """One event loop's end of the native module's queue of answers.

    It does not hold the loop, which would never be freed: the loop holds it.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.numbers = itertools.count()
        self.pending: dict[int, asyncio.Future[str]] = {}
        try:
            self.completions = _native.Completions()
            loop.add_reader(self.completions.fileno(), self._drain)
        except NotImplementedError:
            # Windows: no socket pairs, or a loop that cannot watch them.
            loop_ref = ref(loop)

            def wake() -> None:
                if (loop := loop_ref()) is not None:
                    loop.call_soon_threadsafe(self._drain)

            self.completions = _native.Completions(wake)

    def _drain(self) -> None:
        for number, outcome in self.completions.drain():
            future = self.pending.pop(number, None)
            if future is None or future.done():
                continue
            if isinstance(outcome, str):
                future.set_result(outcome)
            else:
                future.set_exception(from_record(outcome))
