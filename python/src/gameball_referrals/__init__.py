"""Gameball referrals for Python shops.

- :class:`Client`, :class:`AsyncClient`: the calls to Gameball
- :func:`referral_link`, :func:`extract_referrer_code`: links to share, and codes found in visits
- :func:`typed_referrer_code`: the code in what somebody typed or pasted
- :class:`ClaimSigner`: keeps a captured code, signed and dated, until registration
- :func:`session_token`, :func:`verify_webhook`: the widget's token, Gameball's webhooks
- :class:`Vault`, :func:`fingerprint`: keys at rest
- :class:`Courier`: sends what a shop has recorded in its database (:mod:`gameball_referrals.courier`)
- :mod:`gameball_referrals.models`, :mod:`gameball_referrals.exceptions`: what goes in, comes back and goes wrong
- :mod:`gameball_referrals.testing`: a local Gameball

Importing it starts no thread and opens no connection.
"""

from __future__ import annotations

import atexit
from typing import TYPE_CHECKING, Any

from . import _native
from .claims import DEFAULT_MAX_AGE, Claim, ClaimSigner
from .client import Client
from .exceptions import (
    ApiError,
    AuthenticationError,
    ClosedError,
    ConfigurationError,
    ConflictError,
    ConnectionFailedError,
    DecodeError,
    GameballError,
    InternalError,
    InvalidArgumentError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
    ReferralError,
    RequestTimeoutError,
    ServerError,
)
from .links import DEFAULT_PARAMS, extract_referrer_code, referral_link, typed_referrer_code
from .models import (
    BatchError,
    BatchStatus,
    CreatedCustomer,
    Customer,
    CustomerAttributes,
    LineItem,
    ProfileAttributes,
    ReferralsConfiguration,
    ReferralsCount,
    ReferralsPage,
    ReferredFriend,
    Reward,
    TrackedOrder,
)
from .session_tokens import SessionClaims, read_session_token, session_token
from .vault import Vault, fingerprint
from .webhooks import sign_webhook, verify_webhook

if TYPE_CHECKING:
    from .async_client import AsyncClient
    from .courier import Courier

atexit.register(_native.interpreter_is_ending)


def __getattr__(name: str) -> Any:
    # What these import takes longer than everything else together: only for those who use them.
    if name == "AsyncClient":
        from .async_client import AsyncClient

        return AsyncClient
    if name == "Courier":
        from .courier import Courier

        return Courier
    if name == "__version__":
        from importlib import metadata

        return metadata.version("gameball-referrals")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "DEFAULT_MAX_AGE",
    "DEFAULT_PARAMS",
    "ApiError",
    "AsyncClient",
    "AuthenticationError",
    "BatchError",
    "BatchStatus",
    "Claim",
    "ClaimSigner",
    "Client",
    "ClosedError",
    "ConfigurationError",
    "ConflictError",
    "ConnectionFailedError",
    "Courier",
    "CreatedCustomer",
    "Customer",
    "CustomerAttributes",
    "DecodeError",
    "GameballError",
    "InternalError",
    "InvalidArgumentError",
    "LineItem",
    "NotFoundError",
    "PermissionDeniedError",
    "ProfileAttributes",
    "RateLimitedError",
    "ReferralError",
    "ReferralsConfiguration",
    "ReferralsCount",
    "ReferralsPage",
    "ReferredFriend",
    "RequestTimeoutError",
    "Reward",
    "ServerError",
    "SessionClaims",
    "TrackedOrder",
    "Vault",
    "__version__",
    "extract_referrer_code",
    "fingerprint",
    "read_session_token",
    "referral_link",
    "session_token",
    "sign_webhook",
    "typed_referrer_code",
    "verify_webhook",
]
