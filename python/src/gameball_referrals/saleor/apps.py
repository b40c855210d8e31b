"""The app as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig, apps
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _


class GameballSaleorConfig(AppConfig):
    """``INSTALLED_APPS += ["gameball_referrals.django", "gameball_referrals.saleor"]``."""

    name = "gameball_referrals.saleor"
    label = "gameball_saleor"
    verbose_name = _("Gameball referrals for Saleor")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect the checks; no network, no query."""
        if not apps.is_installed("gameball_referrals.django"):
            raise ImproperlyConfigured(
                'INSTALLED_APPS needs "gameball_referrals.django" besides "gameball_referrals.saleor".'
            )
        from . import checks

        checks.connect()
