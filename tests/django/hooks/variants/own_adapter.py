"""An adapter for a user model of one's own."""

from __future__ import annotations

from typing import Any

from gameball_referrals.django.adapter import DefaultAdapter


class PersonAdapter(DefaultAdapter):
    joined_field = "since"

    def is_customer(self, user: Any) -> bool:
        return not user.is_clerk

    def get_mobile(self, user: Any) -> str | None:
        return user.phone or None
