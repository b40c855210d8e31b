"""The request being served, for whoever needs its claim without being handed it (signal receivers, forms)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest

    from .capture import CurrentClaim


class _Holder:
    """What the context holds instead of the request, so that a task that outlives a request doesn't see it any more."""

    __slots__ = ("request",)

    def __init__(self, request: HttpRequest) -> None:
        self.request: HttpRequest | None = request


_current: ContextVar[_Holder | None] = ContextVar("gameball_referrals_request", default=None)


def current_request() -> HttpRequest | None:
    """Return the request that this code serves; None outside of one, or without the middleware."""
    holder = _current.get()
    return holder.request if holder else None


@contextmanager
def use_request(request: HttpRequest) -> Iterator[None]:
    """Make ``request`` the current one, as the middleware does; for tests, and for code that it doesn't wrap."""
    outer = _current.get()
    holder = _Holder(request)
    _current.set(holder)
    try:
        yield
    finally:
        holder.request = None
        # Not `reset(token)`: asgiref may run the end of a request in a copy of the context, where a token is refused.
        _current.set(outer)


def current_claim() -> CurrentClaim | None:
    """Return the referrer code that counts for this request, if it has one.

    A typed code wins; then come the visit's own URL, the claim cookie and the session (first or last touch, by
    setting), and a claim that rode in an OAuth ``state``. No query, unless the claim waits for consent in a session.
    """
    from . import capture

    request = current_request()
    return capture.claim_of(request) if request is not None else None


def typed_code(request: HttpRequest, code: str | None) -> None:
    """Say what was typed as referrer code: it wins over every visit; "" or None: the customer wants none.

    Raises:
        InvalidArgumentError: ``code`` is not one by its syntax.

    """
    from . import capture

    capture.note_typed(request, code)
