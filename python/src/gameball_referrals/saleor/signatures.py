"""Whether a webhook is its instance's: a detached JWS over the raw body (RFC 7797), RS256 and nothing else."""

from __future__ import annotations

from typing import Final

import jwt
from jwt import api_jws

from . import keys
from .keys import RefusedError
from .models import Instance

LONGEST: Final = 4096


def verify(instance: Instance, body: bytes, signature: str) -> None:
    """Verify a webhook's signature with the keys of the instance to which it says that it belongs.

    Raises:
        RefusedError: it is not this instance's signature of this body.
        UndecidedError: its key is unknown, and the instance cannot be asked.

    """
    parts = signature.split(".")
    if len(signature) > LONGEST or not signature.isascii() or len(parts) != 3:
        raise RefusedError("is no detached signature")
    try:
        header = api_jws.get_unverified_header(signature)
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise RefusedError("has no readable header") from None
    # A payload within would be what is verified, and not the body: a Dashboard's token is signed with the same keys.
    if parts[1] or header.get("b64") is not False or header.get("crit") != ["b64"]:
        raise RefusedError("is not detached from its payload")
    if header.get("alg") != keys.ALGORITHM:
        raise RefusedError(f"is not made with {keys.ALGORITHM}")
    key = keys.key(instance, header.get("kid"))
    try:
        api_jws.decode(signature, key, algorithms=[keys.ALGORITHM], detached_payload=body)
    except (jwt.PyJWTError, ValueError):
        raise RefusedError("does not fit the body") from None
