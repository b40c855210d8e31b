"""Signatures of Gameball's webhooks."""

from __future__ import annotations

from . import _native


def verify_webhook(raw_body: bytes | bytearray | memoryview, signature: str | None, secret_key: str) -> bool:
    """Tell whether a webhook is Gameball's, in constant time.

    Args:
        raw_body: the request's body as it came, not parsed and written anew.
        signature: the header ``X-GB-Signature``, None where it is missing.
        secret_key: the account's private key.

    Raises:
        InvalidArgumentError: ``raw_body`` is not bytes.

    """
    try:
        return _native.verify_webhook(raw_body, signature or "", secret_key)
    finally:
        del secret_key  # a traceback may be shown with its frames' variables


def sign_webhook(raw_body: bytes | bytearray | memoryview, secret_key: str) -> str:
    """Return the signature that Gameball would send: for tests of what receives webhooks."""
    try:
        return _native.sign_webhook(raw_body, secret_key)
    finally:
        del secret_key  # a traceback may be shown with its frames' variables
