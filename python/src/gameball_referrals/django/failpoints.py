"""Places where the kill tests let a process die: before and after each commit, and around the network.

``GAMEBALL_FAILPOINT=name`` kills the process by SIGKILL when it gets there for the first time, ``name:3`` for the
third. Without it nothing happens, at the price of a comparison.

In the request (``outbox``):
    ``outbox.insert``      in the shop's transaction, before the referral's and the delivery's insert
    ``outbox.between``     after the referral's insert, before the delivery's
    ``outbox.inserted``    after both, before the shop's commit
    ``outbox.committed``   after the shop's commit, before the sender is woken
In the sender, claiming:
    ``claim.begin``        before the transaction
    ``claim.leased``       the rows are leased and the slots reserved, before the commit
    ``claim.committed``    after the commit, before anything is sent
Sending:
    ``send.submitted``     the calls are under way
    ``send.answered``      answers are here, and nothing is stored
Settling:
    ``record.saved``       the ledger has heard of a failure, before the commit
    ``record.committed``   after it
    ``settle.begin``       before the transaction
    ``settle.updated``     the deliveries are updated; referrals, profiles and tallies are not
    ``settle.stored``      all is stored, before the commit
    ``settle.committed``   after the commit, before signals
"""

from __future__ import annotations

import os
import signal

NAMES = (
    "outbox.insert",
    "outbox.between",
    "outbox.inserted",
    "outbox.committed",
    "claim.begin",
    "claim.leased",
    "claim.committed",
    "send.submitted",
    "send.answered",
    "record.saved",
    "record.committed",
    "settle.begin",
    "settle.updated",
    "settle.stored",
    "settle.committed",
)

_armed, _, _nth = os.environ.get("GAMEBALL_FAILPOINT", "").partition(":")
_left = int(_nth) if _nth.isdigit() else 1


def reached(name: str) -> None:
    """Die here, if the environment says so."""
    global _left
    if name != _armed:
        return
    _left -= 1
    if _left <= 0:
        if hasattr(signal, "SIGKILL"):
            os.kill(os.getpid(), signal.SIGKILL)
        os._exit(137)
