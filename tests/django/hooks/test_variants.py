"""Shops that are set up in other ways, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "variants"


@pytest.mark.parametrize("script", ["custom_user", "two_databases", "with_allauth"])
def test_variant(python: str, script: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(
        [python, FOLDER / f"{script}.py"], env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
