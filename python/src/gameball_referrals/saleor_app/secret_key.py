"""Where the server's secret comes from: the environment, else a file beside the SQLite database, made once."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path
from typing import Final

from .environment import Environment, UnusableError

FILE: Final = "gameball-saleor.secret"
SHORTEST: Final = 32
"""Characters that a secret must have."""


def find(environment: Environment) -> str:
    """Return the secret.

    Raises:
        UnusableError: there is none, and none may be made up; or it is too short, or readable by others.

    """
    if environment.secret_key is not None:
        if len(environment.secret_key) < SHORTEST:
            raise UnusableError(f"SECRET_KEY must have at least {SHORTEST} characters; {_MAKE_ONE}")
        return environment.secret_key
    if not environment.is_sqlite:
        # Several machines share a PostgreSQL, and have to share the secret, too.
        raise UnusableError(f"SECRET_KEY is missing, and with PostgreSQL none is made up: {_MAKE_ONE}")
    return _kept(environment.data_dir / FILE)


def _kept(path: Path) -> str:
    try:
        return _read(path)
    except FileNotFoundError:
        pass
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Whole or not at all, and never overwritten: what one secret has sealed no other opens.
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was faster
        finally:
            draft.unlink()
    except OSError as error:
        raise UnusableError(
            f"The secret cannot be kept in DATA_DIR ({error.strerror}): make the folder writable, or set SECRET_KEY."
        ) from None
    return _read(path)


def _read(path: Path) -> str:
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name == "posix" and mode & 0o077:
        raise UnusableError(f"{path} can be read by others (mode {mode:o}): chmod 600 it.")
    secret = path.read_text().strip()
    if len(secret) < SHORTEST:
        raise UnusableError(f"{path} holds no secret. If nothing was ever saved with one, delete the file.")
    return secret


_MAKE_ONE: Final = "make one with `python -c 'import secrets; print(secrets.token_urlsafe(48))'`."
