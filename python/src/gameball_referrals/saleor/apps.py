"""The app as Django knows it."""

from __future__ import annotations

import os
from typing import Any

from django.apps import AppConfig, apps
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import request_started
from django.utils.translation import gettext_lazy


class GameballSaleorConfig(AppConfig):
    """``INSTALLED_APPS += ["gameball_referrals.django", "gameball_referrals.saleor"]``."""

    name = "gameball_referrals.saleor"
    label = "gameball_saleor"
    verbose_name = gettext_lazy("Gameball referrals for Saleor")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect the checks, and the sender to the process's first request; no network, no query."""
        if not apps.is_installed("gameball_referrals.django"):
            raise ImproperlyConfigured(
                'INSTALLED_APPS needs "gameball_referrals.django" besides "gameball_referrals.saleor".'
            )
        from . import checks

        checks.connect()
        # Saleor may have nothing to say for hours, while something waits that a process has left behind which died.
        request_started.connect(_wake_once, dispatch_uid="gameball_referrals.saleor.wake")


_woken_in = 0


def _wake_once(**_: Any) -> None:
    global _woken_in
    if _woken_in != os.getpid():
        _woken_in = os.getpid()
        from gameball_referrals.django import outbox

        outbox.wake()
