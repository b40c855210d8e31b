"""The databases of the histories, and pytest-django's, which is the same PostgreSQL server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from databases import PostgresSource, Source, SqliteSource
from django.conf import settings
from django.db import connections


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresSource]:
    source = PostgresSource()
    yield source
    source.close()


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> SqliteSource:
    return SqliteSource(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(params=["sqlite", "postgres"])
def source(request: pytest.FixtureRequest) -> Source:
    found: Source = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="session")
def django_db_modify_db_settings(postgres: PostgresSource, django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Point pytest-django to the server (its own hook for this)."""
    for configured in (settings.DATABASES["default"], connections["default"].settings_dict):
        known: dict[str, Any] = {**postgres.server.settings(), "NAME": "due_work"}
        configured.update(known)
        configured.setdefault("TEST", {})["NAME"] = "due_work"
