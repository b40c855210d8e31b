"""Fixtures, and the check that no key shows up in anything a test prints or logs."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from gameball_referrals.testing import API_KEY, SECRET_KEY, Emulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gameball_referrals import Client


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """A local Gameball without rate limits."""
    with Emulator(limits=False, processing_ms=0) as emulator:
        yield emulator


@pytest.fixture
def client(emulator: Emulator) -> Iterator[Client]:
    with emulator.client() as client:
        yield client


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    shown = {"its traceback": report.longreprtext, **dict(report.sections)}
    found = [title for title, content in shown.items() if any(key in content for key in (API_KEY, SECRET_KEY))]
    if found:
        report.outcome = "failed"
        told = [f"{item.nodeid}: a key shows up in {', '.join(found)}", report.longreprtext]
        report.longrepr = _without_keys("\n".join(told))
        report.sections = [(title, _without_keys(content)) for title, content in report.sections]


def _without_keys(text: str) -> str:
    for key in (API_KEY, SECRET_KEY):
        text = text.replace(key, "[a key]")
    return text


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a skipped test is a failure, unless tests/allowed-skips.json has its reason."""
    terminal = session.config.pluginmanager.get_plugin("terminalreporter")
    if not os.environ.get("CI") or terminal is None or not terminal.stats.get("skipped"):
        return
    allowed = json.loads((Path(__file__).parents[1] / "allowed-skips.json").read_text(encoding="utf-8"))
    for report in terminal.stats["skipped"]:
        reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
        if reason.removeprefix("Skipped: ") not in allowed:
            terminal.write_line(f"skipped without leave: {report.nodeid} ({reason})", red=True)
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
