"""The admin's words for the core's codes, in the reader's language: reasons, errors, calls, limits, receipts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gameball_referrals import courier
from gameball_referrals.django.models import Delivery, Receipt

from .show import Tone
from .told import lazily

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from gameball_referrals.evidence import Template

_WORDS = courier.words()


@dataclass(frozen=True)
class Reason:
    """Why something is as it is, and what one can do."""

    why: _StrPromise | str
    advice: tuple[_StrPromise | str, ...] = field(default=())


def _table(name: str) -> dict[str, _StrPromise]:
    words: dict[str, Template] = _WORDS[name]
    return {code: lazily(word) for code, word in words.items()}


REASONS: dict[str, Reason] = {
    code: Reason(lazily(reason["why"]), tuple(lazily(text) for text, _on_account in reason["advice"]))
    for code, reason in _WORDS["reasons"].items()
}

BRIEFLY: dict[str, _StrPromise] = {
    code: lazily(reason["briefly"]) for code, reason in _WORDS["reasons"].items() if reason["briefly"]
}
"""The reasons of receipts in a few words, for lists."""

KINDS = _table("errors")
"""The kinds of errors that a call of a delivery can meet (``tests/vectors/errors.json``)."""

CODES: dict[int, _StrPromise] = {int(code): words for code, words in _table("codes").items()}
"""What Gameball's own codes say more exactly than the kind of the error."""

OPERATIONS = _table("operations")
"""Deliveries by Gameball's operationId."""

CALLS = _table("calls")
"""Single calls of a delivery, as the evidence tells them."""

BUCKETS = _table("buckets")
"""The calls that share one limit."""

SOURCES = _table("sources")
"""How a code came."""

_RECEIPTS: dict[str, dict[str, Any]] = {receipt: _WORDS["receipts"][receipt or "pending"] for receipt in Receipt.values}

RECEIPT_TONES: dict[str, Tone] = {receipt: words["tone"] for receipt, words in _RECEIPTS.items()}

STATE_TONES: dict[str, Tone] = {state: _WORDS["states"][state]["tone"] for state in Delivery.State.values}


def reason(code: str) -> Reason:
    """Return the words of a reason; of a code from a newer core, the core's own sentence."""
    known = REASONS.get(code)
    return known if known is not None else Reason(courier.reasons().get(code, code))


def error(kind: str, gameball_code: object = None) -> Any:
    """Return the words of an error, without a full stop."""
    exact = CODES.get(gameball_code) if isinstance(gameball_code, int) else None
    return exact or KINDS.get(kind, kind)


def operation(code: str) -> Any:
    """Return the words of a delivery's call."""
    return OPERATIONS.get(code, code)
