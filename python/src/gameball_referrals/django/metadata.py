"""Claims that travel in a headless platform's public metadata, where anybody may have written them.

The storefront puts one entry there, under :data:`KEY`: a bare code, a whole referral link, or a claim that the shop's
own storefront signed (``docs/saleor-storefront.md``). All of it is untrusted input; a signature adds the date of the
visit, and that nobody else wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from gameball_referrals import ClaimSigner
from gameball_referrals._time import utc_now

from . import capture, conf
from .capture import CurrentClaim

KEY: Final = "gameball_claim"
METADATA: Final = "metadata"
"""The source of such a claim."""
LONGEST: Final = 2_000
"""Characters of what is looked at; the longest referral link is shorter."""

_TOKEN: Final = re.compile(r"1\.[\w-]+\.\d+\.[\w-]{43}", re.ASCII)


def claim_in(metadata: Any) -> CurrentClaim | None:
    """Return the claim in an object's public metadata; None where there is none that can be used."""
    if not isinstance(metadata, Mapping):
        return None
    value = metadata.get(KEY)
    if not isinstance(value, str) or not value or len(value) > LONGEST:
        return None
    value = value.strip()
    if _TOKEN.fullmatch(value):
        # Forged, or older than CLAIM_MAX_AGE: then it isn't a code either.
        return _signed(value)
    code = capture.code_typed(value)
    return CurrentClaim(code, None, METADATA) if code else None


def _signed(token: str) -> CurrentClaim | None:
    settings = conf.get()
    signers = [capture.signer()]
    if settings.SALEOR_CLAIM_KEY:
        signers.insert(
            0, ClaimSigner(settings.SALEOR_CLAIM_KEY, max_age=settings.CLAIM_MAX_AGE, clock=lambda: utc_now())
        )
    for signer in signers:
        claim = signer.read(token)
        if claim is not None:
            return CurrentClaim(claim.code, claim.issued_at, METADATA)
    return None
