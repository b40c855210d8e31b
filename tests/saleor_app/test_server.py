"""The server alone: start, health, headers, limits, logs, the secret, and every way to end it."""

from __future__ import annotations

import json
import signal
import socket
import stat
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from conftest import API_URL, Running, environment
from gameball_referrals.testing import Emulator
from postgres import PostgresServer

Serve = Callable[..., Running]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


def test_it_starts_with_nothing_but_the_allow_list(serve: Serve, tmp_path: Path) -> None:
    server = serve()
    assert json.loads(server.get("/health").data) == {"status": "ok"}
    assert json.loads(server.get("/ready").data) == {"status": "ready"}
    manifest = json.loads(server.get("/saleor/manifest").data)
    assert manifest["tokenTargetUrl"] == f"{server.url}/saleor/register"
    assert (tmp_path / "gameball-saleor.sqlite3").exists()
    assert "PUBLIC_URL is not set" in server.output


def test_the_public_url_is_what_saleor_is_told(serve: Serve) -> None:
    server = serve(PUBLIC_URL="https://referrals.shop.example/")
    manifest = json.loads(server.get("/saleor/manifest", headers={"Host": "referrals.shop.example"}).data)
    assert manifest["appUrl"] == "https://referrals.shop.example/saleor/app"
    assert server.get("/saleor/manifest", headers={"Host": "evil.example"}).status == 400
    # Orchestrators call by address.
    assert server.get("/health", headers={"Host": "10.0.0.7"}).status == 200


def test_answers_have_sane_headers(serve: Serve) -> None:
    server = serve(PUBLIC_URL="https://referrals.shop.example")
    for path in ("/health", "/saleor/manifest", "/nothing"):
        headers = server.get(path, headers={"Host": "referrals.shop.example"}).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors" in headers["content-security-policy"]
        assert "server" not in headers
    proxied = {"Host": "referrals.shop.example", "X-Forwarded-Proto": "https"}
    assert "max-age" in server.get("/saleor/manifest", headers=proxied).headers["strict-transport-security"]


def test_the_access_log_has_no_query_no_header_no_body(serve: Serve) -> None:
    server = serve()
    server.get("/saleor/app?saleorApiUrl=https://hidden.example&token=QUERYTOKEN", headers={"X-Key": "HEADERKEY"})
    server.http.request("POST", server.url + "/saleor/register", body=b'{"auth_token": "BODYTOKEN"}')
    server.get("/saleor/x%0AForged%20line")
    server.get("/health")
    assert server.stop() == 0
    assert "GET /saleor/app " in server.output
    assert "POST /saleor/register 4" in server.output
    assert "/health" not in server.output
    assert "\nForged" not in server.output
    for secret in ("QUERYTOKEN", "HEADERKEY", "BODYTOKEN", "hidden.example"):
        assert secret not in server.output


def test_bodies_have_a_limit(serve: Serve) -> None:
    server = serve()
    url = server.url + "/saleor/webhooks/customer-created"
    assert server.http.request("POST", url, body=b"x" * 6_000_000).status == 413

    def pieces() -> Any:
        for _ in range(100):
            yield b"x" * 100_000

    try:
        assert server.http.request("POST", url, body=pieces(), chunked=True).status == 413
    except Exception as error:  # the answer came, and the connection went, before all was sent
        assert "broken" in str(error).lower() or "reset" in str(error).lower()
    assert server.get("/ready").status == 200


def test_a_database_that_is_away_is_not_ready(serve: Serve, tmp_path: Path) -> None:
    server = serve()
    for file in tmp_path.glob("gameball-saleor.sqlite3*"):
        file.unlink()
    assert server.get("/ready").status == 503
    assert server.get("/health").status == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_in_good_order(serve: Serve, number: int) -> None:
    server = serve()
    body = b'{"auth_token": "x"}'
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(
            b"POST /saleor/register HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            b"Saleor-Api-Url: https://other.example/graphql/\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (len(body), body[:5])
        )
        # So that the request has begun: another one, later, has its answer.
        assert server.get("/health").status == 200
        server.process.send_signal(number)
        with pytest.raises(subprocess.TimeoutExpired):
            server.process.wait(0.5)
        connection.sendall(body[5:])
        assert connection.recv(100).startswith(b"HTTP/1.1 403")
    assert server.process.wait(20) == 0
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", server.port), timeout=2)


def test_the_secret_is_made_once_and_nobody_elses(serve: Serve, run: Run, tmp_path: Path) -> None:
    serve().stop()
    file = tmp_path / "gameball-saleor.secret"
    for kept in tmp_path.iterdir():
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600, kept
    secret = file.read_text()
    assert len(secret) > 60
    server = serve()
    server.stop(signal.SIGKILL)
    assert file.read_text() == secret
    assert secret.strip() not in server.output
    assert [path.name for path in tmp_path.iterdir() if "secret" in path.name] == [file.name]
    file.chmod(0o644)
    refused = run()
    assert refused.returncode == 2
    assert "chmod 600" in refused.stderr


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"SECRET_KEY": "short"}, "at least 32 characters"),
        ({"DATABASE_URL": "postgres://user:PASSWORD1@127.0.0.1:1/x"}, "SECRET_KEY is missing"),
        ({"DATABASE_URL": "postgres://user:PASSWORD1@127.0.0.1:1/x", "SECRET_KEY": "s" * 40}, "Check DATABASE_URL"),
        ({"DATABASE_URL": "mysql://user:PASSWORD1@127.0.0.1/x", "SECRET_KEY": "s" * 40}, "PostgreSQL's or SQLite's"),
        ({"DATABASE_URL": "PASSWORD1", "SECRET_KEY": "s" * 40}, "cannot be read"),
        ({"PUBLIC_URL": "referrals.shop.example"}, "must be a URL"),
        ({"REGISTER_ON": "sometime"}, "must be one of created, confirmed"),
        ({"SALEOR_DASHBOARDS": "https://dashboard.example"}, "API_URL=ORIGIN"),
        ({"ALLOWED_SALEOR_API_URLS": "http://shop.example/graphql/"}, "plain HTTP"),
        ({"DATA_DIR": "/proc/nowhere"}, "make the folder writable"),
    ],
)
def test_what_is_wrong_is_said_plainly(run: Run, variables: dict[str, str], said: str) -> None:
    refused = run(**variables)
    assert refused.returncode == 2
    assert said in refused.stderr
    assert "PASSWORD1" not in refused.stderr
    assert "Traceback" not in refused.stderr


def test_help_names_every_variable(run: Run) -> None:
    told = run("--help")
    assert told.returncode == 0
    for name in ("ALLOWED_SALEOR_API_URLS", "DATABASE_URL", "SECRET_KEY", "PUBLIC_URL"):
        assert name in told.stdout


WRITE = """
from gameball_referrals.django import accounts, outbox
from gameball_referrals.django.models import Account
account = Account.objects.get(pk="default")
accounts.set_keys(account, api_key={api_key!r}, secret_key={secret_key!r})
account.enabled = True
account.save()
outbox.put("createCustomer", {{"customer_id": "ben"}})
"""


def test_what_a_killed_server_has_left_the_next_one_delivers(serve: Serve, run: Run) -> None:
    with Emulator(limits=False) as gameball:
        server = serve(GAMEBALL_BASE_URL=gameball.url)
        server.stop(signal.SIGKILL)
        program = WRITE.format(api_key=gameball.api_key, secret_key=gameball.secret_key)
        written = run("manage", "shell", "-c", program, GAMEBALL_SENDER="worker", GAMEBALL_BASE_URL=gameball.url)
        assert written.returncode == 0, written.stderr
        assert gameball.requests("createCustomer") == []
        server = serve(GAMEBALL_BASE_URL=gameball.url)
        told = ""
        while '"ben"' not in told:
            # Each look is an answer of the server's, so that no time has to be guessed.
            assert server.get("/ready").status == 200
            told = json.dumps(gameball.state())
            assert server.process.poll() is None
        assert server.stop() == 0


def test_commands_of_the_django_app(serve: Serve, run: Run) -> None:
    serve().stop()
    told = run("manage", "gameball_check", "--offline")
    assert told.returncode == 0, told.stdout + told.stderr
    assert "The tables are up to date." in told.stdout
    assert run("manage", "makemigrations", "--check", "--dry-run").returncode == 0


def test_two_at_once_on_one_postgresql(tmp_path: Path) -> None:
    database = PostgresServer()
    servers: list[Running] = []
    try:
        url = f"postgres://{database.user}@{database.host}:{database.port}/postgres"
        variables = environment(tmp_path, DATABASE_URL=url, SECRET_KEY="s" * 40)
        with ThreadPoolExecutor() as pool:
            servers = list(pool.map(Running, [variables, variables]))
        assert [server.get("/ready").status for server in servers] == [200, 200]
        # All is in the database.
        assert not list(tmp_path.iterdir())
        database.stop()
        assert [server.get("/ready").status for server in servers] == [503, 503]
        database.start()
        assert [server.get("/ready").status for server in servers] == [200, 200]
        assert [server.stop() for server in servers] == [0, 0]
    finally:
        for server in servers:
            server.process.kill()
        database.remove()


def test_only_listed_saleors_may_install_it(serve: Serve) -> None:
    server = serve()
    headers = {"Saleor-Api-Url": "https://other.example/graphql/", "Content-Type": "application/json"}
    refused = server.http.request("POST", server.url + "/saleor/register", body=b'{"auth_token": "x"}', headers=headers)
    assert refused.status == 403
    assert API_URL not in refused.data.decode()
