"""What the app adds to a view of a shop, beside what shops do instead: `hooks.py sqlite|postgresql ROUNDS`.

All variants run in this process, one after the other in an order shuffled for each round, so that whatever else happens
on the machine happens to all of them. Prints their figures as one line of JSON, microseconds.
"""

from __future__ import annotations

import gc
import importlib.util
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
KEY = "bench-key-0123456789abcdef"
LATENCY_MS = 20
SLOW_EVERY = 10
"""Rounds of which one also has the variants that wait for the vendor."""

WARM_UP = 30


@contextmanager
def emulator(latency_ms: int = LATENCY_MS) -> Iterator[str]:
    """Run a vendor that takes its time for every answer."""
    command = [sys.executable, "-m", "gameball_referrals", "emulator", "--port", "0", "--no-limits"]
    options = {"apiKey": KEY, "secretKey": KEY, "processingMs": 0}
    process = subprocess.Popen([*command, "--options-json", json.dumps(options)], stdout=subprocess.PIPE, text=True)
    try:
        url = next(line.split()[1] for line in process.stdout if line.split()[:1] == ["API"])
        slow = {"do": "inject", "fault": "latency", "ms": latency_ms, "times": None}
        request = urllib.request.Request(
            f"{url}/_emulator/control", json.dumps(slow).encode(), {"Content-Type": "application/json"}
        )
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request).close()
        yield url
    finally:
        process.terminate()
        process.wait()


@contextmanager
def database(kind: str) -> Iterator[dict[str, Any]]:
    """Make a database on disk, with everything that makes it last."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            yield {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": str(Path(folder) / "shop.db"),
                "OPTIONS": {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL"},
            }
        return
    server = postgres_server()
    try:
        yield {"ENGINE": "django.db.backends.postgresql", **server.settings(), "NAME": "postgres"}
    finally:
        server.remove()


@contextmanager
def broker() -> Iterator[str]:
    """Run the broker that most shops have for Celery; where there is no Redis, one in memory, which takes less."""
    program = shutil.which("redis-server")
    if program is None:
        print("There is no redis-server here: Celery gets a broker in memory.", file=sys.stderr)
        yield "memory://"
        return
    with tempfile.TemporaryDirectory(prefix="bench-redis-") as folder:
        socket = Path(folder) / "redis.sock"
        process = subprocess.Popen(
            [program, "--port", "0", "--unixsocket", str(socket), "--dir", folder, "--save", ""],
            stdout=subprocess.DEVNULL,
        )
        try:
            while not socket.exists() and process.poll() is None:
                time.sleep(0.01)
            yield f"redis+socket://{socket}"
        finally:
            process.terminate()
            process.wait()


def shared(path: str) -> Any:
    """Load a module that the tests have, too."""
    place = HERE.parent.parent / "tests" / path
    specification = importlib.util.spec_from_file_location(f"gameball_{place.stem}", place)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def postgres_server(**options: str) -> Any:
    """Start the server that the tests use, too, but for their haste: this one waits for its disk."""
    safe = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
    return shared("django/postgres.py").PostgresServer(**{**safe, **options})


def connect(settings: dict[str, Any]) -> Any:
    """Connect to PostgreSQL, with autocommit."""
    import psycopg

    names = {"HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password", "NAME": "dbname"}
    return psycopg.connect(**{names[name]: value for name, value in settings.items()}, autocommit=True)


class Shop:
    """The shop's WSGI application, asked in this process."""

    def __init__(self) -> None:
        from django.core.handlers.wsgi import WSGIHandler

        self._application = WSGIHandler()
        self.cookie = ""

    def ask(self, path: str, query: str = "", cookie: str = "") -> int:
        """Ask for a page and return what that took, in nanoseconds."""
        environ = {
            "REQUEST_METHOD": "GET",
            "SERVER_NAME": "shop.example",
            "SERVER_PORT": "443",
            "HTTP_HOST": "shop.example",
            "REMOTE_ADDR": "192.0.2.1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "HTTP_COOKIE": cookie,
            "wsgi.url_scheme": "https",
            "wsgi.input": BytesIO(),
            "wsgi.errors": sys.stderr,
        }
        statuses: list[str] = []

        def start(status: str, headers: list[tuple[str, str]], *_: object) -> None:
            statuses.append(status)
            cookies = [value.partition(";")[0] for name, value in headers if name == "Set-Cookie"]
            self.cookie = "; ".join(cookies)

        began = time.perf_counter_ns()
        response = self._application(environ, start)
        text = b"".join(response)
        response.close()
        took = time.perf_counter_ns() - began
        if not statuses[0].startswith("200"):
            raise SystemExit(f"{path} answered {statuses[0]}: {text[:500]!r}")
        return took


def measure(shop: Shop, rounds: int) -> dict[str, list[int]]:
    shop.ask("/", "ref=ANNA1")
    claim = shop.cookie
    if not claim:
        raise SystemExit("the visit left no claim")
    numbers = iter(range(10**9))
    variants: dict[str, Callable[[str], int]] = {
        "order: bare": lambda number: shop.ask(f"/pay/bare/{number}/"),
        "order: ours": lambda number: shop.ask(f"/pay/ours/{number}/"),
        "order: Celery": lambda number: shop.ask(f"/pay/celery/{number}/"),
        "sign-up: bare": lambda number: shop.ask(f"/sign-up/bare/{number}/"),
        "sign-up: ours": lambda number: shop.ask(f"/sign-up/ours/{number}/"),
        "sign-up: bare, with a claim": lambda number: shop.ask(f"/sign-up/bare/{number}/", cookie=claim),
        "sign-up: ours, with a claim": lambda number: shop.ask(f"/sign-up/ours/{number}/", cookie=claim),
    }
    slow: dict[str, Callable[[str], int]] = {
        "order: requests": lambda number: shop.ask(f"/pay/requests/{number}/"),
        "order: thread with requests": lambda number: shop.ask(f"/pay/thread/{number}/"),
    }
    took: dict[str, list[int]] = {name: [] for name in (*variants, *slow)}
    for nth in range(rounds + WARM_UP):
        everybody = {**variants, **slow} if nth % SLOW_EVERY == 0 else variants
        for name in random.sample(sorted(everybody), len(everybody)):
            nanoseconds = everybody[name](f"n{next(numbers)}")
            if nth >= WARM_UP:
                took[name].append(nanoseconds)
            if name == "order: thread with requests":
                # Its thread goes on for a while, and is not to disturb the next one.
                time.sleep(LATENCY_MS * 1.5 / 1000)
    return took


def figures(took: dict[str, list[int]]) -> dict[str, dict[str, float]]:
    def at(share: float, of: list[int]) -> float:
        return sorted(of)[min(int(len(of) * share), len(of) - 1)] / 1e3

    told = {}
    for name, times in took.items():
        what, _, variant = name.partition(": ")
        bare = took[f"{what}: bare, with a claim" if "claim" in variant else f"{what}: bare"]
        told[name] = {
            "p50_us": at(0.5, times),
            "p99_us": at(0.99, times),
            "added_us": at(0.5, times) - at(0.5, bare),
            "added_p99_us": at(0.99, times) - at(0.99, bare),
            "requests": len(times),
        }
    return told


def main() -> None:
    kind, rounds = sys.argv[1], int(sys.argv[2])
    with ExitStack() as stack:
        url = stack.enter_context(emulator())
        os.environ["BENCH_VENDOR"] = url
        os.environ["BENCH_BROKER"] = stack.enter_context(broker())
        gameball = {"API_KEY": KEY, "BASE_URL": url, "SENDER": "worker", "SEND_ORDERS": "all"}
        os.environ["BENCH_SHOP"] = json.dumps({"database": stack.enter_context(database(kind)), "gameball": gameball})
        os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
        import django
        from django.core.management import call_command
        from django.db import connections

        django.setup()
        call_command("migrate", verbosity=0)
        from django.contrib.auth.models import User

        User.objects.create_user("customer")
        gc.collect()
        gc.freeze()
        print(json.dumps(figures(measure(Shop(), rounds))))
        connections.close_all()


if __name__ == "__main__":
    main()
