"""Defects that the histories must find: each takes one of the app's safeguards away, in a process of the shop."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any
from unittest import mock

from gameball_referrals.django import claiming, hooks


def late_hook() -> None:
    """Commit a customer's row before the hook writes the delivery, as ``post_save`` would have it under autocommit."""
    mock.patch.object(hooks.transaction, "atomic", lambda **_: nullcontext()).start()


def no_takeover() -> None:
    """Leave the deliveries of senders that died to nobody."""
    mock.patch.object(claiming, "take_over", lambda *_: 0).start()


def no_lanes() -> None:
    """Take every delivery for the first of its customer's, so that an order may overtake the registration."""
    number = iter(range(10**9))
    original = claiming._candidate

    def candidate(row: Any) -> Any:
        made = original(row)
        return type(made)(**{**made.__dict__, "lane": f"{made.lane} {next(number)}"})

    statement = claiming.heads_statement

    def every_row(*arguments: Any) -> tuple[str, list[Any]]:
        text, parameters = statement(*arguments)
        return text.replace("IS NULL", "IS NULL OR TRUE"), parameters

    mock.patch.object(claiming, "_candidate", candidate).start()
    mock.patch.object(claiming, "heads_statement", every_row).start()


ALL = {"late_hook": late_hook, "no_takeover": no_takeover, "no_lanes": no_lanes}
