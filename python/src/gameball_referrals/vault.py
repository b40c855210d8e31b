"""Secrets sealed at rest."""

from __future__ import annotations

from collections.abc import Iterable

from . import _native


class Vault:
    """Seals the account's keys for the shop's database, under a key derived from the shop's own secret.

    Args:
        secret: the shop's secret (Django's ``SECRET_KEY``), of at least 16 bytes; text counts as UTF-8.
        fallback_secrets: earlier secrets, under which values still open.

    Raises:
        InvalidArgumentError: a secret is too short.

    """

    def __init__(
        self,
        secret: bytes | bytearray | memoryview | str,
        *,
        fallback_secrets: Iterable[bytes | bytearray | memoryview | str] = (),
    ) -> None:
        try:
            self._native = _native.Vault(secret, fallback_secrets)
        finally:
            del secret, fallback_secrets  # a traceback may be shown with its frames' variables

    def seal(self, plaintext: str, context: str) -> str:
        """Seal a text for one place; it opens only where ``context`` (``"account:1:secret_key"``) is the same.

        Raises:
            InvalidArgumentError: ``context`` is empty or ``plaintext`` too long.

        """
        try:
            return self._native.seal(plaintext, context)
        finally:
            del plaintext  # likewise

    def open(self, sealed: str, context: str) -> str:
        """Open what was sealed for the same place.

        Raises:
            ConfigurationError: altered, of another place, or under a secret that is not at hand; the message says so.

        """
        return self._native.open(sealed, context)

    def needs_reseal(self, sealed: str) -> bool:
        """Tell whether a value was sealed under a fallback secret and should be sealed anew."""
        return self._native.needs_reseal(sealed)


def fingerprint(secret: str) -> str:
    """Return 12 hex digits by which a secret is told apart without being shown."""
    try:
        return _native.fingerprint(secret)
    finally:
        del secret  # likewise
