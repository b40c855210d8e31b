"""A MariaDB (or MySQL) server of the tests' own: on a free port of the loopback, thrown away afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from postgres import _free_port


class MariaDbServer:
    """A server with the account ``gameball``, who may do anything and needs no password.

    Raises:
        RuntimeError: there is no MariaDB on this machine, or it doesn't start; the message has its log's end.

    """

    user = "gameball"
    host = "127.0.0.1"

    def __init__(self) -> None:
        server, install = shutil.which("mariadbd"), shutil.which("mariadb-install-db")
        if not server or not install:
            raise RuntimeError("There is no MariaDB server here; install one (Debian: apt-get install mariadb-server).")
        self._folder = Path(tempfile.mkdtemp(prefix="gameball-my-"))
        self.port = _free_port()
        as_root = ["--user=mysql"] if os.geteuid() == 0 else []
        if as_root:
            shutil.chown(self._folder, "mysql", "mysql")
        data = f"--datadir={self._folder / 'data'}"
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
        subprocess.run(
            [install, "--no-defaults", data, "--skip-test-db", "--auth-root-authentication-method=normal", *as_root],
            check=True,
            stderr=subprocess.DEVNULL,
            **quiet,  # type: ignore[call-overload]
        )
        accounts = self._folder / "accounts.sql"
        accounts.write_text(
            f"CREATE USER '{self.user}'@'127.0.0.1';\n"
            f"GRANT ALL ON *.* TO '{self.user}'@'127.0.0.1' WITH GRANT OPTION;\n"
        )
        accounts.chmod(0o644)
        self._log = self._folder / "error.log"
        self._process = subprocess.Popen(
            [
                server,
                "--no-defaults",
                data,
                f"--port={self.port}",
                "--bind-address=127.0.0.1",
                "--skip-name-resolve",
                f"--socket={self._folder / 'socket'}",
                f"--pid-file={self._folder / 'pid'}",
                f"--init-file={accounts}",
                f"--log-error={self._log}",
                "--innodb-flush-log-at-trx-commit=0",
                "--skip-log-bin",
                *as_root,
            ],
            stderr=subprocess.DEVNULL,
            **quiet,  # type: ignore[call-overload]
        )
        deadline = time.monotonic() + 60
        while "ready for connections" not in (self._log.read_text() if self._log.exists() else ""):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"mariadbd doesn't start\n{self._log.read_text()[-2000:]}")
            time.sleep(0.05)

    def settings(self) -> dict[str, str]:
        """Return what Django's database settings need."""
        return {"USER": self.user, "PASSWORD": "", "HOST": self.host, "PORT": str(self.port)}

    def remove(self) -> None:
        """Stop it and delete all it had."""
        self._process.terminate()
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)
