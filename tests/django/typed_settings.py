"""The test shop's settings with every app that has models: what mypy's plugin for Django reads."""

from __future__ import annotations

from settings import *  # noqa: F403
from settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "gameball_referrals.saleor"]
