"""Keeps a waiting call from stalling gevent's hub."""

from __future__ import annotations

import sys
from typing import Any, Callable, TypeVar, cast

T = TypeVar("T")


def wait(call: Callable[..., T], *arguments: Any) -> T:
    """Make a call that waits; where gevent has replaced `threading`, in the hub's thread pool."""
    # Nobody can have patched anything with a module that was never imported.
    monkey = sys.modules.get("gevent.monkey")
    if monkey is None or not monkey.is_module_patched("threading"):
        return call(*arguments)
    result, error = sys.modules["gevent"].get_hub().threadpool.apply(_outcome, (call, *arguments))
    if error is not None:
        raise error
    return cast("T", result)


def _outcome(call: Callable[..., T], *arguments: Any) -> tuple[T | None, BaseException | None]:
    # The pool would print whatever is raised in it.
    try:
        return call(*arguments), None
    except BaseException as error:  # noqa: BLE001 (it is raised where the call was made)
        return None, error
