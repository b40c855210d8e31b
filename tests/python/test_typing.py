"""Types: the package under mypy's strict mode, the native stubs against the module, and ruff's opinion."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from gameball_referrals import _native
from support import HERE

REPOSITORY = HERE.parents[1]
PYPROJECT = REPOSITORY / "python" / "pyproject.toml"
# Django's plugin for mypy wants to see a shop.
SHOP = {name: str(HERE.parent / "django") for name in ("MYPYPATH", "PYTHONPATH")}


def run(*arguments: str) -> None:
    command, env = [sys.executable, "-m", *arguments], {**os.environ, **SHOP}
    done = subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY, env=env, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "target", [("-p", "gameball_referrals"), (str(HERE / "typing_cases.py"),)], ids=["package", "cases"]
)
def test_mypy(target: tuple[str, ...]) -> None:
    pytest.importorskip("mypy")
    run("mypy", "--config-file", str(PYPROJECT), "--strict", *target)


def test_the_stubs_are_those_of_the_module(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    allowed = tmp_path / "allowed"
    for_tests = ("_panic_for_tests", "__all__") if hasattr(_native, "_panic_for_tests") else ()
    allowed.write_text("".join(f"gameball_referrals._native.{name}\n" for name in for_tests), encoding="utf-8")
    run(
        "mypy.stubtest",
        "gameball_referrals._native",
        f"--mypy-config-file={PYPROJECT}",
        f"--allowlist={allowed}",
    )


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=lambda command: command[0])
def test_ruff(command: list[str]) -> None:
    pytest.importorskip("ruff")
    run("ruff", *command, "--config", str(PYPROJECT), "python", "tests/python")
