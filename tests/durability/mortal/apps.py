"""The shop's app."""

from __future__ import annotations

from django.apps import AppConfig


class MortalConfig(AppConfig):
    name = "mortal"
