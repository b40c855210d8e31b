"""The environment variables of the server, read in one place (reference: ``docs/saleor-server.md``)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

VARIABLES: Mapping[str, str] = {
    "ALLOWED_SALEOR_API_URLS": "API URLs of the Saleor instances that may install the app, separated by commas.",
    "PUBLIC_URL": "Where Saleor and its staff's browsers reach this server, such as `https://referrals.shop.example`.",
    "SALEOR_DASHBOARDS": "Where Dashboards are, if not on their API's own host: `API_URL=ORIGIN`, separated by commas.",
    "DATABASE_URL": "The database: `postgres://user:password@host/name`; default: SQLite in `DATA_DIR`.",
    "DATA_DIR": "Folder of the SQLite file and of the secret; default: the working directory.",
    "SECRET_KEY": "Seals the keys of your Gameball accounts; needed with PostgreSQL, else made and kept in `DATA_DIR`.",
    "SECRET_KEY_FALLBACKS": "Former values of SECRET_KEY, separated by commas: what they sealed is sealed anew.",
    "REGISTER_ON": "`created` (default) or `confirmed`: when a customer counts, see `SALEOR_REGISTER_ON`.",
    "SEND_ORDERS": "`first` (default) or `all` paid orders of a customer.",
    "ALLOW_PLAIN_HTTP": "`1`: Saleor may be reached over plain HTTP, within a network of your own.",
    "LOG_LEVEL": "`DEBUG`, `INFO` (default), `WARNING` or `ERROR`.",
}


class UnusableError(ValueError):
    """A variable has a value that cannot be used; the message says what to do."""


@dataclass(frozen=True)
class Environment:
    """What they say."""

    api_urls: tuple[str, ...] = ()
    public_url: str | None = None
    dashboards: Mapping[str, str] = field(default_factory=dict)
    database_url: str | None = field(default=None, repr=False)
    data_dir: Path = field(default_factory=Path)
    secret_key: str | None = field(default=None, repr=False)
    secret_key_fallbacks: tuple[str, ...] = field(default=(), repr=False)
    register_on: str = "created"
    send_orders: str = "first"
    allow_plain_http: bool = False
    log_level: str = "INFO"

    @classmethod
    def read(cls, given: Mapping[str, str] = os.environ) -> Environment:
        """Read them.

        Raises:
            UnusableError: one of them cannot be used.

        """
        return cls(
            api_urls=_list(given.get("ALLOWED_SALEOR_API_URLS")),
            public_url=_url(given.get("PUBLIC_URL")),
            dashboards=_pairs(given.get("SALEOR_DASHBOARDS")),
            database_url=given.get("DATABASE_URL", "").strip() or None,
            data_dir=Path(given.get("DATA_DIR") or "."),
            secret_key=given.get("SECRET_KEY", "").strip() or None,
            secret_key_fallbacks=_list(given.get("SECRET_KEY_FALLBACKS")),
            register_on=_one_of(given, "REGISTER_ON", "created", "confirmed"),
            send_orders=_one_of(given, "SEND_ORDERS", "first", "all"),
            allow_plain_http=given.get("ALLOW_PLAIN_HTTP", "").strip().lower() in ("1", "true", "yes", "on"),
            log_level=_one_of(given, "LOG_LEVEL", "INFO", "DEBUG", "WARNING", "ERROR"),
        )

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a file of this machine."""
        return self.database_url is None or self.database_url.startswith("sqlite")

    def database(self) -> dict[str, Any]:
        """Return Django's settings of the database.

        Raises:
            UnusableError: ``DATABASE_URL`` names none that is supported.

        """
        import dj_database_url

        if self.database_url is None:
            found: Any = {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": str(self.data_dir.resolve() / "gameball-saleor.sqlite3"),
            }
        else:
            try:
                found = dj_database_url.parse(self.database_url, conn_max_age=60, conn_health_checks=True)
            except Exception:  # noqa: BLE001 (its message may quote the password)
                raise UnusableError(
                    "DATABASE_URL cannot be read: write postgres://user:password@host:5432/name."
                ) from None
        if found["ENGINE"] == "django.db.backends.sqlite3":
            # A writer waits for its turn, and readers wait for nobody.
            found["OPTIONS"] = {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
            }
        elif found["ENGINE"] != "django.db.backends.postgresql":
            raise UnusableError("DATABASE_URL must be PostgreSQL's or SQLite's.")
        return dict(found)

    def hosts(self) -> list[str]:
        """Return the names by which the server may be called."""
        if self.public_url is None:
            return ["*"]
        return [str(urlsplit(self.public_url).hostname), "localhost", "127.0.0.1", "[::1]"]


def _list(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def _url(text: str | None) -> str | None:
    text = (text or "").strip().rstrip("/")
    if not text:
        return None
    parts = urlsplit(text)
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.path or parts.query or "@" in parts.netloc:
        raise UnusableError("PUBLIC_URL must be a URL without a path, such as https://referrals.shop.example.")
    return text


def _pairs(text: str | None) -> dict[str, str]:
    found = {}
    for part in _list(text):
        api_url, equals, origin = part.rpartition("=")
        if not equals or "://" not in api_url or "://" not in origin:
            raise UnusableError(
                "SALEOR_DASHBOARDS must be API_URL=ORIGIN, separated by commas, such as "
                "https://api.shop.example/graphql/=https://dashboard.shop.example."
            )
        found[api_url.strip()] = origin.strip()
    return found


def _one_of(given: Mapping[str, str], name: str, usual: str, *others: str) -> str:
    value = given.get(name, "").strip() or usual
    for choice in (usual, *others):
        if value.lower() == choice.lower():
            return choice
    raise UnusableError(f"{name} must be one of {', '.join((usual, *others))}.")
