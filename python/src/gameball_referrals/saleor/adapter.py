"""The adapter of a server that runs for Saleor alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from gameball_referrals.django.adapter import DefaultAdapter

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser


class SaleorAdapter(DefaultAdapter):
    """Nobody who may sign in here is a customer: those are Saleor's. Name it in the setting ``ADAPTER``."""

    joined_field: ClassVar[str | None] = None

    def is_customer(self, user: AbstractBaseUser) -> bool:
        """Tell that a user of this server's is none."""
        return False
