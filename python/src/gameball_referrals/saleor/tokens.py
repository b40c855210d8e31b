"""Who speaks from a Dashboard: its token, verified for every call of the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import jwt

from gameball_referrals.django import conf

from . import keys, tenants
from .keys import RefusedError
from .models import Instance

LONGEST: Final = 16 * 1024
LEEWAY: Final = 10.0
"""Seconds by which clocks may differ."""


class NotPermittedError(Exception):
    """The token is good, and its owner lacks the permission."""


@dataclass(frozen=True)
class Staff:
    """Somebody at the Dashboard of an instance."""

    instance: Instance
    user_id: str


def staff_of(token: str, api_url: str) -> Staff:
    """Return whose a token is.

    Args:
        token: from the Dashboard's handshake.
        api_url: the instance to which the page belongs.

    Raises:
        RefusedError: it is none, of another instance or app, altered or expired.
        NotPermittedError: see there.
        UndecidedError: its key is unknown, and the instance cannot be asked.

    """
    instance = tenants.find(api_url)
    if instance is None:
        raise RefusedError("is of a Saleor that has not installed this app")
    claims = _claims(instance, token)
    if tenants.normal(claims["iss"]) != instance.api_url:
        raise RefusedError("is of another Saleor")
    if not instance.app_id or claims["app"] != instance.app_id:
        raise RefusedError("is of another app")
    permissions = claims.get("user_permissions")
    if not isinstance(permissions, list) or conf.get().SALEOR_PERMISSION not in permissions:
        raise NotPermittedError
    return Staff(instance, str(claims.get("user_id") or ""))


def _claims(instance: Instance, token: str) -> dict[str, Any]:
    if not 0 < len(token) <= LONGEST or not token.isascii():
        raise RefusedError("is missing")
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise RefusedError("is none") from None
    if header.get("alg") != keys.ALGORITHM or "b64" in header:
        raise RefusedError(f"is not made with {keys.ALGORITHM}")
    key = keys.key(instance, header.get("kid"))
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[keys.ALGORITHM],
            leeway=LEEWAY,
            # Saleor's tokens have no audience.
            options={"require": ["exp", "iss", "app"], "verify_aud": False},
        )
    except jwt.ExpiredSignatureError:
        raise RefusedError("has expired") from None
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise RefusedError("is not this Saleor's") from None
    return claims
