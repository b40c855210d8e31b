"""A PostgreSQL server of the tests' own: on a free port of the loopback, thrown away afterwards."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Any

_OPTIONS = {
    # Against a crash of the machine only: a commit survives one of the server.
    "fsync": "off",
    "full_page_writes": "off",
    "listen_addresses": "127.0.0.1",
    "max_connections": "100",
    "shared_buffers": "64MB",
}


class PostgresServer:
    """A cluster with the superuser ``gameball``, who needs no password.

    Args:
        options: settings of the server; the defaults trade safety for speed (no fsync).

    Raises:
        RuntimeError: there is no PostgreSQL on this machine, or it doesn't start; the message has its log's end.

    """

    user = "gameball"
    host = "127.0.0.1"

    def __init__(self, **options: str) -> None:
        self._programs = _programs()
        self._options = {**_OPTIONS, **options}
        self._folder = Path(tempfile.mkdtemp(prefix="gameball-pg-"))
        # PostgreSQL refuses to run as root.
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            self._as = {"user": "postgres", "group": "postgres"}
            shutil.chown(self._folder, "postgres", "postgres")
        self.port = _free_port()
        self._run("initdb", "-D", self._data, "-U", self.user, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        self.start()

    @property
    def _data(self) -> str:
        return str(self._folder / "data")

    def settings(self) -> dict[str, str]:
        """Return what Django's database settings need."""
        return {"USER": self.user, "PASSWORD": "", "HOST": self.host, "PORT": str(self.port)}

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        options = " ".join(f"-c {name}={value}" for name, value in [*self._options.items(), ("port", str(self.port))])
        options += f" -c unix_socket_directories={self._folder}"
        self._run("pg_ctl", "-D", self._data, "-l", str(self._folder / "log"), "-o", options, "-w", "-s", "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop it: ``fast`` breaks connections in good order, ``immediate`` as a crash does."""
        self._run("pg_ctl", "-D", self._data, "-m", mode, "-w", "-s", "stop")

    def restart(self, mode: str = "fast") -> None:
        """Stop and start it."""
        self.stop(mode)
        self.start()

    def remove(self) -> None:
        """Stop it and delete all it had."""
        try:
            self.stop("immediate")
        except RuntimeError:
            pass
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._programs / program), *arguments],
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            # The server outlives pg_ctl, and would keep a pipe open.
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **self._as,
        )
        if done.returncode:
            log = self._folder / "log"
            end = log.read_text()[-2000:] if log.exists() else ""
            raise RuntimeError(f"{program} failed with {done.returncode}\n{end}")


def _programs() -> Path:
    found = [Path(path).parent for path in [shutil.which("initdb")] if path]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in found:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    raise RuntimeError("There is no PostgreSQL server here; install one (Debian: apt-get install postgresql).")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
