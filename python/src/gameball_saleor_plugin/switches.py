"""The plugin's switches, as somebody set them in Saleor's Dashboard."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.apps import apps

from .database import writer

PLUGIN_ID: Final = "gameball.referrals"
GOOD_FOR: Final = 30.0
"""Seconds after which a sender looks again how the switches stand."""


@dataclass(frozen=True)
class Switches:
    """How they stand."""

    enabled: bool = False
    after_confirmation: bool = False

    @classmethod
    def of(cls, configuration: Iterable[Mapping[str, Any]] | None, *, active: bool = True) -> Switches:
        """Read Saleor's list of ``{"name": …, "value": …}``."""
        values = values_of(configuration)
        return cls(
            enabled=active and values.get("enabled") is True,
            after_confirmation=values.get("after_confirmation") is True,
        )


_seen: tuple[float, Switches] | None = None


def values_of(configuration: Iterable[Mapping[str, Any]] | None) -> dict[str, Any]:
    """Return a configuration's values by name."""
    return {str(item.get("name")): item.get("value") for item in configuration or ()}


def note(switches: Switches) -> None:
    """Keep what was just read."""
    global _seen
    _seen = (time.monotonic(), switches)


def current() -> Switches:
    """Return how the switches stand, or stood within the last half minute."""
    seen = _seen
    if seen is not None and time.monotonic() - seen[0] < GOOD_FOR:
        return seen[1]
    row = stored().values("configuration", "active").first()
    switches = Switches.of(row["configuration"], active=row["active"]) if row else Switches()
    note(switches)
    return switches


def stored() -> Any:
    """Return Saleor's row of this plugin's configuration, as a query on the primary."""
    model: Any = apps.get_app_config("plugins").get_model("PluginConfiguration")
    return model._default_manager.using(writer()).filter(identifier=PLUGIN_ID, channel=None)


def waits_for_confirmation() -> bool:
    """Tell whether a customer counts only once their e-mail address is confirmed."""
    return current().after_confirmation
