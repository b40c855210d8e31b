"""The app as Django knows it."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class GameballReferralsConfig(AppConfig):
    """``INSTALLED_APPS += ["gameball_referrals.django"]``."""

    name = "gameball_referrals.django"
    label = "gameball"
    verbose_name = _("Gameball referrals")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect the hooks; no network, no query, no thread."""
        from . import accounts, outbox, thread

        post_migrate.connect(accounts.ensure_default_account, sender=self)
        self.connect_hooks()
        outbox.on_new_deliveries(thread.wake)

    def connect_hooks(self) -> None:
        """Connect what the shop's own models and pages bring; a host that calls hooks of its own overrides it."""
        from . import checks, hooks

        hooks.connect(self)
        checks.connect()
