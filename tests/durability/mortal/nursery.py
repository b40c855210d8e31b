"""Forks the shop's processes from an interpreter that has loaded everything, so that a restart takes milliseconds.

It holds no connection, no thread and no client. Commands come on stdin, reports go to stdout, one JSON a line:

    {"start": "visitors" | "worker" | "manage", "options": {…}, "environment": {…}, "log": path}  ->  {"started": pid}
                                                                      {"ended": pid, "signal": n | "code": n}
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import selectors
import signal
import sys
import threading
from typing import Any

import django
from gameball_referrals.django import failpoints

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def main() -> None:
    django.setup()
    _load()
    gc.freeze()
    wake_read, wake_write = os.pipe()
    for end in (wake_read, wake_write):
        os.set_blocking(end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake_write)
    waiting = selectors.DefaultSelector()
    waiting.register(sys.stdin.fileno(), selectors.EVENT_READ)
    waiting.register(wake_read, selectors.EVENT_READ)
    received = b""
    while True:
        for key, _ in waiting.select():
            if key.fd == wake_read:
                os.read(wake_read, 4096)
                _report_ended()
                continue
            chunk = os.read(sys.stdin.fileno(), 65536)
            if not chunk:
                return
            *lines, received = (received + chunk).split(b"\n")
            for line in lines:
                _start(json.loads(line), (wake_read, wake_write))


def _load() -> None:
    """Import what the children need, without opening anything."""
    import gameball_referrals.courier  # noqa: F401
    from django.core.handlers.wsgi import WSGIHandler
    from django.core.management import get_commands, load_command_class
    from django.db import connections
    from django.urls import get_resolver

    from mortal import urls, visitors  # noqa: F401

    WSGIHandler()
    get_resolver().url_patterns  # noqa: B018 (it imports the views)
    load_command_class(get_commands()["gameball_worker"], "gameball_worker")
    connections.close_all()


def _say(report: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(report) + "\n")
    sys.stdout.flush()


def _report_ended() -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        code = os.waitstatus_to_exitcode(status)
        _say({"ended": pid, "signal": -code} if code < 0 else {"ended": pid, "code": code})


def _start(command: dict[str, Any], own: tuple[int, ...]) -> None:
    parent = os.getpid()
    pid = os.fork()
    if pid:
        _say({"started": pid})
        return
    # Whoever kills the nursery ends its children.
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(1)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for end in own:
        os.close(end)
    log = os.open(command["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.environ.update(command.get("environment", {}))
    # It has read the environment already.
    importlib.reload(failpoints)
    if "DURABILITY_SABOTAGE" in os.environ:
        from mortal import sabotage

        sabotage.ALL[os.environ["DURABILITY_SABOTAGE"]]()
    _run(command["start"], command.get("options", {}))
    # Out of the nursery's loop, to end as any process does.
    sys.exit()


def _run(what: str, options: dict[str, Any]) -> None:
    if what == "visitors":
        from mortal import visitors

        closing = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: closing.set())
        visitors.serve(**options, closing=closing)
        print("served", flush=True)
        # A web process without visitors: it lives on, with whatever threads it has.
        closing.wait()
    elif what == "manage":
        from django.core.management import execute_from_command_line

        execute_from_command_line(["manage.py", *options["arguments"]])


if __name__ == "__main__":
    main()
