"""The claim in the public metadata of a Saleor customer or order: signed or bare, and never trusted."""

from __future__ import annotations

from typing import Any, Final

from gameball_referrals import ClaimSigner
from gameball_referrals._time import utc_now
from gameball_referrals.django import accounts, capture, conf
from gameball_referrals.django.capture import CurrentClaim

KEY: Final = "gameball_claim"
"""The metadata key under which a storefront passes the claim on."""
METADATA: Final = "metadata"
"""The source of a referral whose code came so."""
LONGEST: Final = 1024


def value_in(metadata: Any) -> str:
    """Return what a list of Saleor's metadata items holds under :data:`KEY`; "" for nothing that could be a claim."""
    for item in metadata if isinstance(metadata, list) else ():
        if isinstance(item, dict) and item.get("key") == KEY:
            value = item.get("value")
            if isinstance(value, str) and 0 < len(value) <= LONGEST:
                return value
    return ""


def read(value: str) -> CurrentClaim | None:
    """Return the claim that a storefront passed on; None if it is none, forged or too old.

    It is a token of this server's or of the storefront's own server (``SALEOR_CLAIM_KEY``), which dates the visit; or a
    bare code, or a whole referral link, which anybody could have written there. What the code is worth, Gameball says.
    """
    if not value:
        return None
    claim = _signer().read(value)
    if claim is not None:
        return CurrentClaim(claim.code, claim.issued_at, METADATA)
    if _looks_signed(value):
        return None
    code = capture.code_typed(value)
    return CurrentClaim(code, None, METADATA) if code else None


def _signer() -> ClaimSigner:
    settings = conf.get()
    keys: list[bytes | str] = [*accounts.fallback_keys("claim")]
    if settings.SALEOR_CLAIM_KEY:
        keys.append(settings.SALEOR_CLAIM_KEY)
    return ClaimSigner(
        accounts.derived_key("claim"), fallback_keys=keys, max_age=settings.CLAIM_MAX_AGE, clock=lambda: utc_now()
    )


def _looks_signed(value: str) -> bool:
    # A token that is forged or too old is not a code, though its letters might be one's.
    parts = value.split(".")
    return len(parts) == 4 and parts[0] == "1" and parts[2].isdigit()
