"""Gameball referrals in a Django shop: one app, one middleware, keys in the admin (``docs/django.md``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .orders import track_order as track_order

__all__ = ["track_order"]


def __getattr__(name: str) -> Any:
    # Django imports this module before its models may be.
    if name == "track_order":
        from .orders import track_order

        return track_order
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
