"""The default sender: a background thread of each web process.

It starts with the first commit that leaves a delivery, or with the process's first request, never at import; so a
forked server (gunicorn ``--preload``, uWSGI) has one in each worker and none in the master. At exit, calls under way
are given a moment; what they don't finish in is taken over by another process.
"""

from __future__ import annotations

import atexit
import logging
import os
import sys
import threading

from django.core import mail
from django.db import connections

from . import conf
from .sender import Sender

logger = logging.getLogger(__name__)

GRACE = 3.0
"""Seconds that calls under way are given at exit."""
LONGEST_WAIT = 5.0
"""Seconds that a fork waits for the thread at most."""


class SenderThread(threading.Thread):
    """A thread that delivers until it is told to stop."""

    def __init__(self) -> None:
        super().__init__(name="gameball-sender", daemon=True)
        self.sender = Sender()
        self.pid = os.getpid()

    def run(self) -> None:
        """Deliver; then leave no connection behind."""
        try:
            self.sender.run(grace=GRACE)
        except Exception:
            logger.exception("The sender's thread failed; the next commit starts another one.")
        finally:
            with self.sender.at_work:
                connections.close_all()


in_tests = False
"""Whether the thread may start while Django's test runner, or pytest-django, has set up its environment."""

_lock = threading.Lock()
_thread: SenderThread | None = None
_stopped = False


def wake() -> None:
    """Tell this process's thread that there is something to deliver; start it if need be. It returns at once."""
    if conf.get().SENDER != "thread":
        return
    thread = _thread
    if thread is None or thread.pid != os.getpid() or not thread.is_alive():
        thread = _start()
    if thread is not None:
        thread.sender.wake()


def _start() -> SenderThread | None:
    global _thread
    with _lock:
        if _stopped:
            return None
        if _thread is None or _thread.pid != os.getpid() or not _thread.is_alive():
            if (_is_tested() and not in_tests) or not _may_have_threads():
                return None
            thread = SenderThread()
            thread.start()
            _thread = thread
        return _thread


def stop(timeout: float = GRACE + 2.0) -> None:
    """Stop the thread, if there is one, once what was under way is settled; the next :func:`wake` starts another."""
    global _thread
    thread, _thread = _thread, None
    if thread is not None and thread.pid == os.getpid() and thread.is_alive():
        thread.sender.stop()
        thread.join(timeout)


def _is_tested() -> bool:
    # A shop's own tests must neither reach Gameball, nor find their database in use when they take it down; the
    # test kit (`testing.py`) delivers when it is told to.
    return hasattr(mail, "outbox")


def _may_have_threads() -> bool:
    uwsgi = sys.modules.get("uwsgi")
    if uwsgi is None or uwsgi.opt.get("enable-threads") or uwsgi.opt.get("threads"):
        return True
    logger.error(
        "uWSGI runs without threads, so nothing is delivered: start it with --enable-threads, or set "
        "GAMEBALL_REFERRALS['SENDER'] to 'worker' and run `manage.py gameball_worker`."
    )
    return False


def _exit() -> None:
    global _stopped
    _stopped = True
    stop()


_waits_for_fork: SenderThread | None = None


def _before_fork() -> None:
    """Wait for a moment in which the thread has nothing locked that the child would never see unlocked."""
    global _waits_for_fork
    thread = _thread
    if thread is not None and thread.is_alive() and thread.sender.at_work.acquire(timeout=LONGEST_WAIT):
        _waits_for_fork = thread


def _after_fork() -> None:
    global _waits_for_fork
    thread, _waits_for_fork = _waits_for_fork, None
    if thread is not None:
        thread.sender.at_work.release()


def _forked() -> None:
    global _lock, _thread, _stopped, _waits_for_fork
    _waits_for_fork = None
    # Another thread may have held it in the parent.
    _lock = threading.Lock()
    _thread = None
    _stopped = False


atexit.register(_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_forked)
