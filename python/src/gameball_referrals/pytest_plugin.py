"""A pytest plugin: the fixture ``gameball_emulator``. Nothing starts, nor is imported, before a test asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .testing import Emulator


@pytest.fixture
def gameball_emulator() -> Iterator[Emulator]:
    """Run a fresh local Gameball for the length of one test."""
    from .testing import Emulator

    with Emulator() as emulator:
        yield emulator
