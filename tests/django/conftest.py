"""The tests' database server, a local Gameball, and the environment of child processes."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.db import connection, connections
from django.utils import translation
from gameball_referrals.testing import Emulator

# That no key shows up in what a test prints or logs, and that nothing is skipped without leave, are the house's rules.
_rules = importlib.util.spec_from_file_location("house_rules", Path(__file__).parents[1] / "python" / "conftest.py")
assert _rules is not None
assert _rules.loader is not None
_house = importlib.util.module_from_spec(_rules)
_rules.loader.exec_module(_house)
pytest_runtest_makereport = _house.pytest_runtest_makereport
pytest_sessionfinish = _house.pytest_sessionfinish

if TYPE_CHECKING:
    from mysql import MariaDbServer
    from postgres import PostgresServer


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is of another database."""
    chosen: list[pytest.Item] = []
    others: list[pytest.Item] = []
    for item in items:
        databases = item.get_closest_marker("databases")
        here = databases is None or getattr(settings, "DATABASE", None) in databases.args
        (chosen if here else others).append(item)
    if others:
        config.hook.pytest_deselected(items=others)
        items[:] = chosen


@pytest.fixture(autouse=True)
def _speaks_english() -> Iterator[None]:
    """Forget the language of a test's last request, which the test's thread would keep."""
    yield
    translation.deactivate()


@pytest.fixture(scope="session")
def database_server() -> Iterator[PostgresServer | MariaDbServer | None]:
    """Run the server of the tests' database; None for SQLite, or where the environment names a server."""
    kind = connections["default"].vendor
    if kind == "sqlite" or os.environ.get("GAMEBALL_TEST_DB_HOST"):
        yield None
        return
    server: PostgresServer | MariaDbServer
    if kind == "postgresql":
        from postgres import PostgresServer

        server = PostgresServer()
    else:
        from mysql import MariaDbServer

        server = MariaDbServer()
    try:
        yield server
    finally:
        server.remove()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    database_server: PostgresServer | MariaDbServer | None, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """Point Django to the server (pytest-django's own hook for this)."""
    if database_server is not None:
        for configured in (settings.DATABASES["default"], connections["default"].settings_dict):
            configured.update(database_server.settings())


@pytest.fixture
def child_environment(db: None) -> dict[str, str]:
    """Return the environment in which a child process has this test's database; it takes ``transaction=True``."""
    configured = connection.settings_dict
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "settings",
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *filter(None, [os.environ.get("PYTHONPATH")])]),
        "GAMEBALL_TEST_DB": settings.DATABASE,
        "GAMEBALL_TEST_DB_NAME": str(configured["NAME"]),
        "GAMEBALL_TEST_DB_USER": configured["USER"],
        "GAMEBALL_TEST_DB_PASSWORD": configured["PASSWORD"],
        "GAMEBALL_TEST_DB_HOST": configured["HOST"],
        "GAMEBALL_TEST_DB_PORT": str(configured["PORT"]),
    }


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """A local Gameball without rate limits, which knows a referrer with the code ``ANNA1``."""
    with Emulator(limits=False, processing_ms=0) as emulator:
        emulator.add_customer("anna", referral_code="ANNA1")
        yield emulator


@pytest.fixture
def gameball(emulator: Emulator, settings: Any) -> Emulator:
    """The emulator, with its keys and address in the shop's settings."""
    settings.GAMEBALL_REFERRALS = {
        **settings.GAMEBALL_REFERRALS,
        "API_KEY": emulator.api_key,
        "SECRET_KEY": emulator.secret_key,
        "BASE_URL": emulator.url,
    }
    return emulator


@pytest.fixture
def python() -> str:
    """The interpreter, for child processes: ``[python, "-m", "django", …]`` with ``child_environment``."""
    return sys.executable
