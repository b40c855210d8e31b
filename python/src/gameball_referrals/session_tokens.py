"""Session tokens of the Gameball widget (v4.1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from . import _native
from ._time import from_unix_seconds, unix_seconds, utc_now


@dataclass(frozen=True)
class SessionClaims:
    """What a session token says. The ``repr`` shows nothing personal."""

    customer_id: str
    expires_at: datetime
    """In UTC."""
    email: str | None = field(repr=False)
    mobile: str | None = field(repr=False)


def session_token(
    secret_key: str,
    customer_id: str,
    expires_at: datetime | int,
    email: str | None = None,
    mobile: str | None = None,
) -> str:
    """Make the widget's ``sessionToken`` for a customer.

    Args:
        secret_key: the account's private key, of exactly 32 bytes.
        customer_id: the shop's id of the customer.
        expires_at: when the token ends: an aware datetime, or Unix seconds.
        email: the customer's e-mail address.
        mobile: the customer's phone number.

    Raises:
        InvalidArgumentError: the key has another length (rotate it in the Gameball dashboard), or a value is malformed.

    """
    try:
        expiry = unix_seconds(expires_at, "expires_at")
        return _native.session_token(secret_key, customer_id, expiry, email, mobile)
    finally:
        del secret_key  # a traceback may be shown with its frames' variables


def read_session_token(
    secret_key: str, token: str | None, *, now: datetime | int | None = None
) -> SessionClaims | None:
    """Return what a session token says; None if it is none under this key, or has expired at ``now``."""
    try:
        read = _native.read_session_token(secret_key, token, unix_seconds(utc_now() if now is None else now, "now"))
    finally:
        del secret_key  # a traceback may be shown with its frames' variables
    if read is None:
        return None
    customer_id, expires_at, email, mobile = read
    return SessionClaims(customer_id, from_unix_seconds(expires_at), email, mobile)
