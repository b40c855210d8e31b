"""One seeded history: a shop and its senders, what kills them and when, and what comes of it in the end."""

from __future__ import annotations

import random
import signal
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from databases import Database
from gameball_referrals.django import failpoints
from judge import Judgement, judge
from processes import Emulator, Nursery, Process, wait_until

CODES = {"ANNA": "referrer-anna", "BERT": "referrer-bert", "CLEO": "referrer-cleo"}

LEASE, TIMEOUT = 7, 1.0
"""Seconds, as the shop is set: a dead sender's deliveries are taken over soon."""

DIVISOR = 10
"""By which the limits' windows are shortened, at the emulator and in the ledger."""

Faults = Literal["none", "resets", "slow", "errors", "mixed"]
FAULTS = get_args(Faults)


@dataclass(frozen=True)
class History:
    """What happens; the same seed draws the same history."""

    seed: int
    sender: Literal["thread", "worker"]
    shops: int
    workers: int
    orders: Literal["first", "all"]
    kills: int
    pace: float
    """Seconds between two kills, on average."""
    faults: Faults
    keep_connections: bool
    gives_up: bool = False
    """Whether codes that come again are told as errors (7001, 7002), as some of the vendor's documents have it."""
    failpoints: tuple[str, ...] = ()
    """Where processes die one after the other, instead of at random moments."""
    sabotage: str = ""
    """The defect that is put into the shop's processes (``mortal/sabotage.py``)."""

    @classmethod
    def drawn(cls, seed: int, **fixed: Any) -> History:
        dice = random.Random(seed)
        sender: Literal["thread", "worker"] = dice.choice(("thread", "worker", "worker"))
        drawn = cls(
            seed=seed,
            sender=sender,
            shops=dice.choice((1, 2, 2)),
            workers=0 if sender == "thread" else dice.choice((1, 2, 3)),
            orders=dice.choice(("first", "first", "all")),
            kills=25,
            pace=dice.choice((0.12, 0.2, 0.3)),
            faults=dice.choice(("none", "none", "none", "resets", "mixed")),
            keep_connections=dice.random() < 0.5,
        )
        return replace(drawn, **fixed)

    def __str__(self) -> str:
        told = f"seed {self.seed}: {self.sender}, {self.shops} shops"
        if self.workers:
            told += f", {self.workers} workers"
        when = "at each failpoint" if self.failpoints else f"every {self.pace} s"
        told += f", orders {self.orders}, {self.kills} kills {when}"
        if self.faults != "none":
            told += f", faults {self.faults}"
        return told + (", codes that come again are errors" if self.gives_up else "")


@dataclass
class Outcome:
    """A history that has happened."""

    history: History
    judgement: Judgement
    kills: int
    seconds: float
    folder: Path

    @property
    def losses(self) -> list[str]:
        return self.judgement.losses

    @property
    def figures(self) -> dict[str, int]:
        found = self.judgement
        return {
            "histories": 1,
            "kills": self.kills,
            "customers": found.customers,
            "orders": found.orders,
            "referrals": found.referrals,
            "linked": found.linked,
            "unverified": found.unverified,
            "calls": found.calls,
            "calls_repeated": found.repeated,
            "losses": len(found.losses),
        }

    def __str__(self) -> str:
        found = self.judgement
        told = (
            f"{self.seconds:.1f} s: {self.kills} kills, {found.customers} customers, {found.orders} orders, "
            f"{found.linked} of {found.referrals} referrals linked, {found.calls} calls, {found.repeated} again, "
            f"{len(found.losses)} losses"
        )
        return "\n    ".join([told, *found.losses[:20]])


def failpoint_history(sender: Literal["thread", "worker"]) -> History:
    """Return the history in which a process dies at each failpoint, the first time and a later one it gets there."""
    names = tuple(
        f"{name}:{nth}" for name in failpoints.NAMES for nth in ((1,) if name.startswith("record.") else (1, 3))
    )
    return History.drawn(
        0,
        sender=sender,
        # Nobody else gets there instead.
        shops=1,
        workers=0 if sender == "thread" else 1,
        kills=2 * len(names),
        faults="none",
        failpoints=names,
    )


class Stage:
    """The processes of one history, with the rule that whoever dies is started again."""

    def __init__(self, history: History, database: Database, folder: Path) -> None:
        self.history = history
        self.database = database
        self.folder = folder
        self.dice = random.Random(f"stage {history.seed}")
        self.kills = 0
        self._starts = 0
        self._alive: list[Process] = []
        self.emulator = Emulator(
            limitWindowsDivisor=DIVISOR,
            switches={"alreadyReferred": "error7002"} if history.gives_up else {},
        )
        for code, customer in CODES.items():
            self.emulator.control("addCustomer", customerId=customer, referralCode=code)
        self.nursery = Nursery(self._shop(), folder)

    def _shop(self) -> dict[str, Any]:
        gameball = {
            "API_KEY": "gb_test_api_key",
            "SECRET_KEY": "gb_test_secret_key_0123456789abc",
            "BASE_URL": self.emulator.url,
            "SENDER": self.history.sender,
            "SEND_ORDERS": self.history.orders,
            "LEASE": LEASE,
            "TIMEOUT": TIMEOUT,
            "POLL_INTERVAL": 0.5,
            "LIMIT_WINDOWS_DIVISOR": DIVISOR,
        }
        settings = {**self.database.settings, "CONN_MAX_AGE": None if self.history.keep_connections else 0}
        return {"database": settings, "gameball": gameball}

    def start_shop(self, visitors: int = 1_000_000, **environment: str) -> Process:
        self._starts += 1
        options = {
            "seed": f"{self.history.seed}-{self._starts}",
            "count": visitors,
            "codes": list(CODES),
            "pause": 0.005,
        }
        return self._started(f"shop-{self._starts}", "visitors", environment, **options)

    def start_worker(self, **environment: str) -> Process:
        self._starts += 1
        return self._started(f"worker-{self._starts}", "manage", environment, arguments=["gameball_worker"])

    def _started(self, name: str, what: str, environment: dict[str, str], **options: Any) -> Process:
        if self.history.sabotage:
            environment = {**environment, "DURABILITY_SABOTAGE": self.history.sabotage}
        process = self.nursery.start(name, what, environment, **options)
        self._alive.append(process)
        return process

    def kill(self) -> None:
        """Kill one of them, and start another one as a service manager would."""
        victim = self.dice.choice(self._alive)
        self.fail_if_somebody_ended()
        victim.kill()
        self.kills += 1
        self.replace(victim)

    def one_of(self, kind: str) -> Process:
        return next(process for process in self._alive if process.name.startswith(kind))

    def replace(self, process: Process, **environment: str) -> Process:
        self._alive.remove(process)
        return self.start_shop(**environment) if process.name.startswith("shop") else self.start_worker(**environment)

    def fail_if_somebody_ended(self) -> None:
        for process in self._alive:
            if process.ended.is_set():
                raise AssertionError(f"{process.name} ended by itself with {process.status}: {tail(process.log)}")

    def unsettled(self) -> int:
        (row,) = self.database.rows(
            "SELECT count(*) AS number FROM gameball_delivery WHERE state IN ('pending', 'in_flight')"
        )
        return int(row["number"])

    def close_shop(self) -> None:
        """Let the visitors go; whatever sends goes on."""
        for process in [process for process in self._alive if process.name.startswith("shop")]:
            process.stop(10)
            self._alive.remove(process)
        for _ in range(self.history.shops if self.history.sender == "thread" else 0):
            # They have the senders in them, which start with the first request.
            self.wait_for_visitors(self.start_shop(visitors=3))

    def wait_for_visitors(self, shop: Process) -> None:
        """Wait until a shop has served all its visitors.

        Raises:
            AssertionError: it doesn't come to that.

        """

        def served() -> bool:
            self.fail_if_somebody_ended()
            return "served" in tail(shop.log)

        if not wait_until(60, 0.02, served):
            raise AssertionError(f"{shop.name} is still busy: {tail(shop.log)}")

    def drain(self, seconds: float) -> None:
        """Wait until all is delivered; then end the processes politely.

        Raises:
            AssertionError: there is a delivery without end.

        """

        def drained() -> bool:
            self.fail_if_somebody_ended()
            return self.unsettled() == 0

        if not wait_until(seconds, 0.05, drained):
            left = self.database.rows(
                "SELECT id, operation, customer_id, state, attempts, due_at, lease_until, error_message "
                "FROM gameball_delivery WHERE state IN ('pending', 'in_flight') ORDER BY id"
            )
            raise AssertionError(f"{len(left)} deliveries are still waiting after {seconds} s: {left[:5]}")
        for process in self._alive:
            process.stop(10)
        self._alive.clear()

    def close(self) -> None:
        self.nursery.close()
        self.emulator.stop()


def tail(log: Path) -> str:
    return log.read_text(errors="replace")[-3000:] if log.exists() else ""


def play(history: History, database: Database, folder: Path, patience: float = 90) -> Outcome:
    """Let a history happen.

    Args:
        history: which.
        database: migrated, and empty.
        folder: where the processes' logs go.
        patience: seconds in which all must be delivered once nobody is killed any more.

    """
    began = time.monotonic()
    stage = Stage(history, database, folder)
    try:
        for _ in range(history.shops):
            stage.start_shop()
        for _ in range(history.workers):
            stage.start_worker()
        if history.failpoints:
            _die_at_failpoints(stage)
        else:
            _kill_at_random(stage)
        stage.emulator.control("clearFaults")
        stage.close_shop()
        stage.drain(patience)
        state = stage.emulator.control("state")
    finally:
        stage.close()
    judgement = judge(database, state, codes=CODES, orders=history.orders, faults=history.faults != "none")
    for log in sorted(folder.glob("*.log")):
        text = log.read_text(errors="replace")
        if "Traceback" in text or " ERROR " in text:
            judgement.lost(f"{log.name} has an error:\n{text[-3000:]}")
    return Outcome(history, judgement, stage.kills, time.monotonic() - began, folder)


def _kill_at_random(stage: Stage) -> None:
    history, dice = stage.history, stage.dice
    while stage.kills < history.kills:
        # Some die young, in what a sender does first.
        pause = dice.uniform(0, 0.06) if dice.random() < 0.2 else dice.expovariate(1 / history.pace)
        time.sleep(pause)
        if history.faults != "none" and dice.random() < 0.5:
            _inject(stage)
        stage.kill()


def _inject(stage: Stage) -> None:
    """Have the vendor, or the way to it, fail for a few calls."""
    dice = stage.dice
    kinds: dict[str, list[dict[str, Any]]] = {
        "resets": [
            {"fault": "resetBefore"},
            {"fault": "resetAfter"},
            {"fault": "truncated", "afterApply": True},
        ],
        "slow": [
            {"fault": "latency", "ms": int(TIMEOUT * 600)},
            # Applied, and the answer comes when nobody waits for it any more.
            {"fault": "latency", "ms": int(TIMEOUT * 1500), "afterApply": True},
            {"fault": "blackHole"},
        ],
        "errors": [
            {"fault": "status", "status": 500},
            {"fault": "status", "status": 503, "retryAfter": 1},
            {"fault": "status", "status": 503, "afterApply": True},
            {"fault": "html", "status": 502},
            {"fault": "empty"},
            {"fault": "garbage", "afterApply": True},
        ],
    }
    choice = dice.choice(list(kinds)) if stage.history.faults == "mixed" else stage.history.faults
    stage.emulator.control("inject", times=dice.choice((1, 2, 4)), **dice.choice(kinds[choice]))


def _die_at_failpoints(stage: Stage) -> None:
    """Let a process get to each failpoint in turn, and die there."""
    for failpoint in stage.history.failpoints:
        in_request = failpoint.startswith("outbox.") or stage.history.sender == "thread"
        victim = stage.one_of("shop" if in_request else "worker")
        victim.kill()
        armed = stage.replace(victim, GAMEBALL_FAILPOINT=failpoint)
        if failpoint.startswith("record."):
            # The ledger hears of failures only.
            stage.emulator.control("inject", fault="status", status=500)
        if not armed.ended.wait(30):
            raise AssertionError(f"nobody got to the failpoint {failpoint} in 30 s")
        if armed.status != -signal.SIGKILL:
            raise AssertionError(f"{armed.name} ended with {armed.status} at {failpoint}: {tail(armed.log)}")
        stage.kills += 2
        stage.replace(armed)
