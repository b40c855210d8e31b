"""The core's keys: what it signs webhooks and Dashboard tokens with, and what it tells of them (F6, F7, F8, F17)."""

from __future__ import annotations

import itertools
import json
import uuid
from typing import Any

from jwcrypto import jwk, jws

_pairs: list[dict[str, Any]] = []
_next = itertools.count()


def _new() -> jwk.JWK:
    """A key with a new id; made of a few pairs in turn, since making one takes its time."""
    if len(_pairs) < 6:
        _pairs.append(json.loads(jwk.JWK.generate(kty="RSA", size=2048).export()))
    pair = _pairs[next(_next) % len(_pairs)]
    return jwk.JWK(**{**pair, "kid": uuid.uuid4().hex, "use": "sig", "alg": "RS256"})


class SigningKeys:
    """The key that signs now, and those that are still told of."""

    def __init__(self) -> None:
        self._told: list[jwk.JWK] = []
        self.rotate()

    def rotate(self, *, keep: bool = False) -> None:
        """Sign with a new key from now on; ``keep``: go on telling of the former ones."""
        self.current: jwk.JWK = _new()
        self._told = [*(self._told if keep else []), self.current]

    @property
    def kid(self) -> str:
        return str(self.current["kid"])

    def public(self) -> dict[str, Any]:
        """What ``/.well-known/jwks.json`` holds."""
        return {"keys": [json.loads(key.export_public()) for key in self._told]}

    def detached(self, body: bytes, **header: Any) -> str:
        """A webhook's signature: ``header..signature`` over the raw body."""
        protected = {"alg": "RS256", "b64": False, "crit": ["b64"], "kid": self.kid, **header}
        made = jws.JWS(body)
        made.add_signature(self.current, None, json.dumps(protected), None)
        made.detach_payload()
        return str(made.serialize(compact=True))

    def token(self, claims: dict[str, Any], **header: Any) -> str:
        """A JWT."""
        made = jws.JWS(json.dumps(claims).encode())
        protected = {"alg": "RS256", "typ": "JWT", "kid": self.kid, **header}
        made.add_signature(self.current, None, json.dumps(protected), None)
        return str(made.serialize(compact=True))
