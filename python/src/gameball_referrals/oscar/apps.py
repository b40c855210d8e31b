"""The app as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig, apps
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _


class GameballOscarConfig(AppConfig):
    """``INSTALLED_APPS += ["gameball_referrals.django", "gameball_referrals.oscar"]``."""

    name = "gameball_referrals.oscar"
    label = "gameball_oscar"
    verbose_name = _("Gameball referrals for Oscar")

    def ready(self) -> None:
        """Map Oscar's orders, and put the page into the dashboard's menu."""
        if not apps.is_installed("gameball_referrals.django"):
            raise ImproperlyConfigured(
                'INSTALLED_APPS needs "gameball_referrals.django" besides "gameball_referrals.oscar".'
            )
        from gameball_referrals.django import hooks, mapping

        from . import checks, dashboard, orders

        mapping.predefine("gameball_referrals.oscar", orders.mapping)
        hooks.connect_orders()
        dashboard.add_to_menu()
        checks.connect()
