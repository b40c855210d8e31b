"""Referral links, and referrer codes captured from visits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from . import _defaults, _native

DEFAULT_PARAMS: Final[tuple[str, ...]] = _defaults.PARAMS
"""The query parameters that may carry a code, the most trusted first; compared without regard to case."""


def referral_link(template: str, code: str) -> str:
    """Build the link that carries a customer's referral code.

    Args:
        template: an absolute http or https URL. ``{referralCode}`` or ``{ReferralCode}`` in its path, query or fragment
            becomes the code; without a placeholder ``ref=CODE`` is added to the query.
        code: the customer's own referral code.

    Raises:
        InvalidArgumentError: ``template`` is no such URL, or ``code`` no such code.

    """
    return _native.referral_link(template, code)


def extract_referrer_code(url: str, *, params: Iterable[str] = DEFAULT_PARAMS) -> str | None:
    """Find the referrer code that a visit's URL carries; None where there is none.

    Whatever the URL holds, nothing is raised, and only what is a code by its syntax is returned.

    Args:
        url: the URL, its path and query, or the query alone.
        params: names of the query parameters, the most trusted first.

    Raises:
        InvalidArgumentError: ``params`` is one text, or holds anything but texts.

    """
    return _native.extract_referrer_code(url, params)


def typed_referrer_code(text: str, *, params: Iterable[str] = DEFAULT_PARAMS) -> str | None:
    """Find the code in what somebody typed or pasted, be it a whole referral link; None where there is none.

    Raises:
        InvalidArgumentError: ``params`` is one text, or holds anything but texts.

    """
    return _native.typed_referrer_code(text, params)
