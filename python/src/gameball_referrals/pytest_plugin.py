"""A pytest plugin: ``gameball_emulator``, and for Django shops ``gameball_shop``.

Nothing starts, nor is imported, before a test asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .django.testing import GameballShop
    from .testing import Emulator


@pytest.fixture
def gameball_emulator() -> Iterator[Emulator]:
    """Run a fresh local Gameball for the length of one test."""
    from .testing import Emulator

    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def gameball_shop() -> Iterator[GameballShop]:
    """Point a Django shop's settings to a fresh local Gameball; see ``gameball_referrals.django.testing``."""
    from .django.testing import gameball_shop as run

    with run() as shop:
        yield shop
