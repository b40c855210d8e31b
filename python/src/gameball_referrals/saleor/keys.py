"""The public keys of an instance, by which its webhooks and its Dashboard's tokens are verified."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from django.db.models import Q
from django.utils import timezone

from . import remote, tenants
from .models import Instance

logger = logging.getLogger(__name__)

ALGORITHM: Final = "RS256"
"""The only one, whatever a header says."""
MOST: Final = 16
"""Keys of one instance."""
SMALLEST: Final = 2048
"""Bits of a key."""
ASK_AGAIN: Final = timedelta(seconds=10)
"""How long an instance is spared after it was asked, so that no forger has us ask it all the time. Saleor repeats a
delivery after ten seconds at the earliest."""


class RefusedError(Exception):
    """What was signed, or claims to be, is not the instance's; the message says how that was found out."""


class UndecidedError(Exception):
    """It cannot be found out now; another try may succeed."""


def fetch(api_url: str) -> dict[str, Any]:
    """Return an instance's present keys, reduced to what can be used.

    Raises:
        UnreachableError: it told none.

    """
    found = usable(remote.ask(api_url, tenants.jwks_url(api_url)))
    if not found:
        raise remote.UnreachableError("tells no RSA key for signatures")
    return {"keys": found}


def usable(jwks: Any) -> list[dict[str, Any]]:
    """Return the keys of a key set that can have signed something."""
    keys = jwks.get("keys") if isinstance(jwks, Mapping) else None
    found = []
    for each in keys[:MOST] if isinstance(keys, list) else []:
        if not isinstance(each, Mapping) or each.get("kty") != "RSA":
            continue
        if each.get("use", "sig") != "sig" or each.get("alg", ALGORITHM) != ALGORITHM:
            continue
        # No private part, should a server be so careless.
        public = {name: each.get(name) for name in ("kty", "kid", "n", "e")}
        if all(isinstance(value, str) and value for value in public.values()) and _is_strong(public):
            found.append(public)
    return found


def key(instance: Instance, kid: object) -> jwt.PyJWK:
    """Return the key of this id, from what is stored; if it isn't there, the instance is asked once.

    Raises:
        RefusedError: the instance has no such key.
        UndecidedError: it could not be asked now.

    """
    if not isinstance(kid, str) or not 0 < len(kid) <= 255:
        raise RefusedError("names no key")
    found = _named(instance, kid)
    if found is not None:
        return found
    asked = _ask_again(instance)
    found = _named(instance, kid)
    if found is not None:
        return found
    if not asked:
        # It may be so new that whoever asked last was too early: for good is decided by an answer from now only.
        raise UndecidedError("its key is unknown, and this Saleor was asked for its keys a moment ago")
    raise RefusedError("is signed with a key that this Saleor does not have")


def _named(instance: Instance, kid: str) -> jwt.PyJWK | None:
    for each in instance.jwks.get("keys", ()):
        if each.get("kid") == kid:
            return jwt.PyJWK(each, algorithm=ALGORITHM)
    return None


def _ask_again(instance: Instance) -> bool:
    """Fetch an instance's keys anew, unless that was done within :data:`ASK_AGAIN`; tell whether it was done now."""
    now = timezone.now()
    rows = Instance.objects.filter(pk=instance.pk)
    if not rows.filter(Q(jwks_asked_at=None) | Q(jwks_asked_at__lte=now - ASK_AGAIN)).update(jwks_asked_at=now):
        # What the others have learned may be there by now.
        instance.refresh_from_db(fields=["jwks", "jwks_asked_at"])
        return False
    try:
        instance.jwks = fetch(instance.api_url)
    except remote.UnreachableError as error:
        logger.warning("The keys of %s could not be fetched: it %s.", tenants.origin(instance.api_url), error)
        raise UndecidedError("this Saleor's keys cannot be fetched now") from None
    rows.update(jwks=instance.jwks)
    return True


def _is_strong(public: Mapping[str, Any]) -> bool:
    try:
        found = jwt.PyJWK(dict(public), algorithm=ALGORITHM).key
    except (jwt.PyJWTError, ValueError, TypeError):
        return False
    return isinstance(found, RSAPublicKey) and found.key_size >= SMALLEST
