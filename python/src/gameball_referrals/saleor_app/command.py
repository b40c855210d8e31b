"""``python -m gameball_referrals saleor-app``: migrate, serve, stop in good order."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, Final

from .environment import VARIABLES, Environment, UnusableError

NEEDED: Final = ("django", "jwt", "urllib3", "uvicorn", "dj_database_url")
GRACE: Final = 25
"""Seconds that requests under way are given when the server is told to stop."""
MIGRATING: Final = 0x67625F6D
"""The key of PostgreSQL's advisory lock under which one of several servers migrates."""


def main(arguments: list[str]) -> int:
    """Run the command and return the exit code."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        return _fail(f"{', '.join(missing)} is missing. pip install 'gameball-referrals[saleor-app]'")
    if arguments[:1] == ["manage"]:
        return _manage(arguments[1:])
    options = _parser().parse_args(arguments)
    # The secret and a SQLite file are nobody else's business.
    os.umask(0o077)
    try:
        environment = Environment.read()
        _set_up()
    except UnusableError as error:
        return _fail(str(error))
    if find_spec("psycopg") is None and not environment.is_sqlite:
        return _fail("psycopg is missing, PostgreSQL's driver. pip install 'psycopg[binary]'")
    _advise(environment)
    wrong = _wrong()
    if wrong:
        return _fail(wrong)
    try:
        _migrate()
    except Exception as error:  # noqa: BLE001 (a driver's message may quote the database's URL)
        return _fail(f"The database's tables cannot be made: {type(error).__name__}. Check DATABASE_URL and DATA_DIR.")
    return _serve(options)


def _parser() -> argparse.ArgumentParser:
    names = "\n".join(f"  {name}\n      {meaning}" for name, meaning in VARIABLES.items())
    parser = argparse.ArgumentParser(
        prog="python -m gameball_referrals saleor-app",
        description="The Saleor app as a server of its own. `saleor-app manage COMMAND` runs one of Django's commands.",
        epilog=f"environment variables:\n{names}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8000, help="port, 0 for any that is free (default: %(default)s)")
    parser.add_argument(
        "--forwarded-allow-ips",
        default="127.0.0.1",
        help="addresses of proxies whose X-Forwarded-Proto and -For are believed (default: %(default)s)",
    )
    return parser


def _set_up() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "gameball_referrals.saleor_app.settings"
    import django

    django.setup()


def _manage(arguments: list[str]) -> int:
    try:
        _set_up()
    except UnusableError as error:
        return _fail(str(error))
    from django.core.management import ManagementUtility

    ManagementUtility(["saleor-app manage", *arguments]).execute()
    return 0


def _wrong() -> str:
    """Return what the system checks say cannot work."""
    from django.core import checks

    found = [each for each in checks.run_checks(tags=["gameball"]) if each.level >= checks.ERROR]
    return "\n".join(f"{each.msg} {each.hint or ''}".strip() for each in found)


def _advise(environment: Environment) -> None:
    if not environment.api_urls:
        _say("No Saleor may install the app yet: set ALLOWED_SALEOR_API_URLS=https://shop.example/graphql/")
    if environment.public_url is None:
        _say("PUBLIC_URL is not set, so that addresses are those of each request.")


def _migrate() -> None:
    from django.core.management import call_command

    from gameball_referrals.django.models import DEFAULT_ACCOUNT, Account

    with _alone():
        call_command("migrate", interactive=False, verbosity=0)
        # Each Saleor has an account of its own; nothing here belongs to the one that every shop has.
        Account.objects.filter(pk=DEFAULT_ACCOUNT, api_key_sealed="").update(enabled=False)


@contextmanager
def _alone() -> Iterator[None]:
    """Let others that start at the same time wait, and then find nothing to do."""
    from django.db import connection

    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATING])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATING])


def _serve(options: argparse.Namespace) -> int:
    import uvicorn
    from django.db import connections

    from . import asgi

    connections.close_all()
    app = asgi.build()

    class Server(uvicorn.Server):
        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            if self.started:
                port = self.servers[0].sockets[0].getsockname()[1]
                _say(f"Listening on http://{options.host}:{port}; the manifest is at /saleor/manifest.")

        def handle_exit(self, sig: int, frame: Any) -> None:
            app.stopping = True
            super().handle_exit(sig, frame)

    config = uvicorn.Config(
        app,
        host=options.host,
        port=options.port,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=options.forwarded_allow_ips,
        timeout_graceful_shutdown=GRACE,
        timeout_keep_alive=30,
        limit_concurrency=512,
    )
    # The server raises the signal that stopped it once more, when all is done: that shall not kill it.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    server = Server(config)
    server.run()
    return 0 if server.started else 1


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _fail(text: str) -> int:
    _say(f"saleor-app: {text}")
    return 2
