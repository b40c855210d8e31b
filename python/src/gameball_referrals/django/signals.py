"""The signals that a shop may listen to. Receivers run in the sender or the request; what they raise is logged."""

from __future__ import annotations

from django.dispatch import Signal

referral_captured = Signal()
"""A visit or a form brought a referrer code. Arguments: ``request``, ``code``, ``source``."""

referral_settled = Signal()
"""A referral has its receipt, or a better one. Arguments: ``referral``."""

delivery_settled = Signal()
"""A delivery was applied, or is dead or cancelled. Arguments: ``delivery``."""

account_held = Signal()
"""Gameball refuses an account's calls and an operator is needed. Arguments: ``account``, ``hold`` (bucket, kind, …)."""
