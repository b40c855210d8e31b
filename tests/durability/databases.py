"""A fresh database for each history: a copy of one that is migrated already."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

HERE = Path(__file__).parent


class Database(Protocol):
    """What a history needs of its database."""

    settings: dict[str, Any]
    """For Django."""

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Read without Django, so that the judge leans on none of what it judges."""

    def close(self) -> None:
        """Let go of it."""


class Source(Protocol):
    """Where databases come from."""

    name: str

    def fresh(self, folder: Path) -> Database:
        """Return one that is migrated and empty."""

    def close(self) -> None:
        """Remove what stands behind it."""


class Sqlite:
    """A file, with the options that Django's documentation advises where several processes write."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.settings = {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(file),
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }

    def rows(self, query: str) -> list[dict[str, Any]]:
        connection = sqlite3.connect(self._file, timeout=20)
        try:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query)]
        finally:
            connection.close()

    def close(self) -> None:
        pass


class SqliteSource:
    """Copies of a migrated file."""

    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._template = folder / "template.db"
        migrate(Sqlite(self._template).settings)
        # Into one file: a copy of it alone must be all.
        with sqlite3.connect(self._template) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute("PRAGMA journal_mode=DELETE")

    def fresh(self, folder: Path) -> Sqlite:
        file = folder / "shop.db"
        shutil.copy(self._template, file)
        return Sqlite(file)

    def close(self) -> None:
        pass


class Postgres:
    """A database of a server."""

    def __init__(self, settings: Mapping[str, Any], name: str) -> None:
        self.settings = {"ENGINE": "django.db.backends.postgresql", **settings, "NAME": name}
        self._connection: Any = None

    def rows(self, query: str) -> list[dict[str, Any]]:
        from psycopg.rows import dict_row

        if self._connection is None:
            self._connection = connect(self.settings)
        with self._connection.cursor(row_factory=dict_row) as cursor:
            found: list[dict[str, Any]] = cursor.execute(query).fetchall()
            return found

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class PostgresSource:
    """Databases made from a migrated template on a server of our own, which is real but for its fsync."""

    name = "postgres"

    def __init__(self, **options: str) -> None:
        self.server = postgres_server(**options)
        self._made = 0
        self._execute("CREATE DATABASE migrated")
        migrate(Postgres(self.server.settings(), "migrated").settings)

    def fresh(self, folder: Path) -> Postgres:
        self._made += 1
        name = f"history_{self._made}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE migrated")
        return Postgres(self.server.settings(), name)

    def _execute(self, statement: str) -> None:
        with connect({**self.server.settings(), "NAME": "postgres"}) as connection:
            connection.execute(statement)

    def close(self) -> None:
        self.server.remove()


def postgres_server(**options: str) -> Any:
    """Start the server that the app's other tests use, too."""
    place = HERE.parent / "django" / "postgres.py"
    specification = importlib.util.spec_from_file_location("gameball_postgres", place)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module.PostgresServer(**options)


def connect(settings: Mapping[str, Any]) -> Any:
    """Connect to PostgreSQL, with autocommit."""
    import psycopg

    return psycopg.connect(
        host=settings["HOST"],
        port=settings["PORT"],
        user=settings["USER"],
        password=settings["PASSWORD"],
        dbname=settings["NAME"],
        autocommit=True,
    )


def migrate(settings: Mapping[str, Any]) -> None:
    """Bring a database to the app's and the shop's latest migrations."""
    subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--verbosity", "0"],
        cwd=HERE,
        check=True,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])]),
            "DJANGO_SETTINGS_MODULE": "mortal.settings",
            "DURABILITY_SHOP": json.dumps({"database": dict(settings), "gameball": {}}),
        },
    )
