"""What becomes of deliveries: sent by a courier to the emulator, as a host would drive it."""

from __future__ import annotations

import dataclasses
import threading
import time
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import pytest
from gameball_referrals import ClosedError, ConfigurationError, InvalidArgumentError
from gameball_referrals.courier import Candidate, Courier, Delivery, Prepared, Slot, Verdict, prepare
from gameball_referrals.models import CustomerAttributes
from gameball_referrals.testing import Emulator
from support import dead_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CREATE: Final = "createCustomer"
ORDER: Final = "trackOrder"


def utc_now() -> datetime:
    return datetime.now(timezone.utc)


class Host:
    """A host in memory: an outbox, a ledger, and a sender that drives the courier as its documentation says.

    Its clock runs ahead of time by what it would have waited.
    """

    def __init__(self, courier: Courier) -> None:
        self.courier = courier
        self.ledger: str | None = None
        self.rows: dict[int, Row] = {}
        self.ahead = timedelta(0)
        self.blocked: list[str | None] = []

    @property
    def now(self) -> datetime:
        return utc_now() + self.ahead

    def add(self, operation: Any, arguments: Mapping[str, Any], code: str | None = None, **more: Any) -> Row:
        registered_at = more.pop("registered_at", self.now)
        prepared = prepare(operation, arguments, now=registered_at, referrer_code=code)
        delivery = Delivery(
            id=len(self.rows) + 1,
            operation=operation,
            arguments=prepared.arguments,
            registered_at=registered_at if code else None,
            referrer_code=code,
            **more,
        )
        row = self.rows[delivery.id] = Row(prepared, delivery, due_at=self.now)
        return row

    def candidates(self) -> list[Candidate]:
        return [
            Candidate(
                id=row.delivery.id,
                lane=row.prepared.customer_id,
                operation=row.delivery.operation,
                due_at=row.due_at,
                progress=row.delivery.progress,
                referred=row.delivery.referrer_code is not None,
                deadline_at=row.prepared.deadline_at,
                in_flight=row.in_flight,
            )
            for row in self.rows.values()
            if not row.settled
        ]

    def turn(self) -> list[Verdict]:
        """Plan, send, settle; then move the clock to when there is more to do."""
        plan = self.courier.plan(self.ledger, self.now, self.candidates(), self.courier.concurrency)
        self.ledger = plan.ledger
        self.blocked.append(plan.blocked)
        taken = [self.rows[number] for number in plan.take]
        for row in taken:
            row.in_flight = True
        self.courier.submit([dataclasses.replace(row.delivery, slot=plan.slot) for row in taken])
        verdicts: list[Verdict] = []
        while self.courier.in_flight:
            verdicts += self.courier.verdicts(timeout=20)
        for verdict in verdicts:
            self.rows[verdict.id].settle(verdict, self.now)
        told = [verdict for verdict in verdicts if verdict.needs_record]
        if told:
            self.ledger = self.courier.record(self.ledger, self.now, told)
        if not verdicts and plan.next_at is not None:
            self.ahead += max(plan.next_at - self.now, timedelta(0))
        return verdicts

    def drive(self, turns: int = 60) -> None:
        """Take turns until all is settled."""
        while any(not row.settled for row in self.rows.values()):
            assert turns > 0, [row.verdicts for row in self.rows.values() if not row.settled]
            self.turn()
            turns -= 1


@dataclasses.dataclass
class Row:
    prepared: Prepared
    delivery: Delivery
    due_at: datetime
    in_flight: bool = False
    verdicts: list[Verdict] = dataclasses.field(default_factory=list)

    @property
    def settled(self) -> bool:
        return bool(self.verdicts) and self.verdicts[-1].settled

    @property
    def outcomes(self) -> list[str]:
        return [verdict.outcome for verdict in self.verdicts]

    @property
    def receipt(self) -> tuple[str, str] | None:
        receipt = self.verdicts[-1].receipt
        return None if receipt is None else (receipt.status, receipt.reason)

    def settle(self, verdict: Verdict, now: datetime) -> None:
        self.verdicts.append(verdict)
        self.in_flight = False
        self.due_at = now + verdict.due_in
        attempts = self.delivery.attempts + verdict.costs_attempt
        self.delivery = dataclasses.replace(self.delivery, progress=verdict.progress, attempts=attempts)


def courier_of(emulator: Emulator, **options: Any) -> Courier:
    return Courier(emulator.api_key, emulator.secret_key, base_url=emulator.url, **options)


@pytest.fixture
def host(emulator: Emulator) -> Iterator[Host]:
    emulator.add_customer("anna", referral_code="ANNA")
    with courier_of(emulator) as courier:
        yield Host(courier)


def order(order_id: str, customer_id: str, **more: Any) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "customer_id": customer_id,
        "order_date": utc_now(),
        "total_paid": Decimal("100.10"),
        **more,
    }


def sent(emulator: Emulator) -> list[str]:
    return [request["operation"] for request in emulator.requests()]


# --- Referrals ------------------------------------------------------------------------------------------------


def test_a_referred_friend_is_linked_and_their_order_follows(emulator: Emulator, host: Host) -> None:
    friend = host.add(CREATE, {"customer_id": "ben"}, "ANNA")
    first = host.add(ORDER, order("o1", "ben"), "ANNA", receipt="linked")
    host.drive()
    assert friend.receipt == ("linked", "by_registration")
    assert [verdict.acknowledged for verdict in friend.verdicts] == [True, True]
    assert friend.verdicts[-1].answer is not None
    assert friend.verdicts[-1].answer.referral_code
    assert (first.outcomes, first.receipt) == (["applied"], None)
    assert sent(emulator) == [CREATE, "getCustomer", ORDER]
    [referral] = emulator.state()["referrals"]
    assert (referral["referrer"], referral["friend"], referral["status"]) == ("anna", "ben", "Active")


def test_a_wrong_code_is_rejected(emulator: Emulator, host: Host) -> None:
    friend = host.add(CREATE, {"customer_id": "ben"}, "NOBODY")
    host.drive()
    assert friend.receipt == ("rejected", "code_not_valid")
    assert sent(emulator) == [CREATE, "getCustomer", "validateReferrerCode"]


def test_a_late_registration_is_delivered_and_lost(emulator: Emulator, host: Host) -> None:
    emulator.configure(registration_time="joinDate")
    registered_at = utc_now() - timedelta(minutes=7)
    attributes = {"join_date": registered_at}
    friend = host.add(CREATE, {"customer_id": "ben", "attributes": attributes}, "ANNA", registered_at=registered_at)
    host.drive()
    assert friend.receipt == ("lost", "late")
    receipt = friend.verdicts[-1].receipt
    assert receipt is not None
    assert receipt.late_by is not None
    assert timedelta(minutes=2) <= receipt.late_by < timedelta(minutes=2, seconds=30)
    assert emulator.state()["ignoredCodes"][0]["reason"] == "late"


def test_the_widget_was_first(emulator: Emulator, host: Host) -> None:
    emulator.control("widgetInit", customer_id="ben")
    friend = host.add(CREATE, {"customer_id": "ben"}, "ANNA")
    host.drive()
    assert friend.receipt == ("lost", "not_linked")


@pytest.mark.parametrize("switch", ["error7003", "error7006"])
def test_a_code_that_is_refused_aloud_costs_no_customer(emulator: Emulator, host: Host, switch: str) -> None:
    emulator.configure(invalid_code=switch)
    friend = host.add(CREATE, {"customer_id": "ben"}, "NOBODY")
    host.drive()
    assert friend.outcomes == ["continue", "applied"]
    assert friend.receipt == ("rejected", {"error7003": "code_not_found", "error7006": "invalid_referral"}[switch])
    assert "ben" in [customer["customerId"] for customer in emulator.state()["customers"]]


@pytest.mark.parametrize("switch", ["error7002", "error7005"])
def test_a_customer_who_was_referred_before(emulator: Emulator, host: Host, switch: str) -> None:
    emulator.configure(already_referred=switch)
    emulator.add_customer("ben", referred_by="anna")
    emulator.add_customer("carl", referral_code="CARL")
    friend = host.add(CREATE, {"customer_id": "ben"}, "CARL")
    first = host.add(ORDER, order("o1", "ben"), "CARL")
    host.drive()
    assert (friend.outcomes, friend.receipt) == (["applied"], ("already_referred", "already_referred"))
    assert (first.outcomes, first.receipt) == (["continue", "applied"], ("already_referred", "already_referred"))
    assert [order["orderId"] for order in emulator.state()["orders"]] == ["o1"]


def test_a_guest_is_linked_by_the_order(emulator: Emulator, host: Host) -> None:
    first = host.add(ORDER, order("o1", "guest-1", guest=True, email="guest@example.com"), "ANNA")
    host.drive()
    assert first.receipt == ("linked", "by_order")


def test_an_erasure_of_somebody_unknown_has_done_its_work(emulator: Emulator, host: Host) -> None:
    erasure = host.add("deleteCustomer", {"customer_id": "nobody"})
    host.drive()
    assert erasure.outcomes == ["applied"]


def test_a_profile_is_fetched(emulator: Emulator, host: Host) -> None:
    look = host.add("getCustomer", {"customer_id": "anna"})
    host.drive()
    answer = look.verdicts[-1].answer
    assert answer is not None
    assert answer.referral_code == "ANNA"


# --- Failures -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["resetBefore", "resetAfter", "truncated", "html"])
def test_whatever_happens_to_a_registration_it_counts_once(emulator: Emulator, host: Host, fault: str) -> None:
    emulator.inject(fault, operation=CREATE, times=2, after_apply=fault == "truncated")
    friend = host.add(CREATE, {"customer_id": "ben"}, "ANNA")
    host.drive()
    assert friend.outcomes == ["retry", "retry", "continue", "applied"]
    assert friend.receipt == ("linked", "by_registration")
    assert friend.delivery.attempts == 2


@pytest.mark.parametrize("fault", ["resetBefore", "resetAfter", "truncated", "html"])
def test_whatever_happens_to_an_order_it_counts_once(emulator: Emulator, host: Host, fault: str) -> None:
    emulator.inject(fault, operation=ORDER, times=2, after_apply=fault == "truncated")
    host.add(CREATE, {"customer_id": "ben"})
    first = host.add(ORDER, order("o1", "ben"))
    host.drive()
    assert first.outcomes == ["retry", "retry", "applied"]
    assert [order["orderId"] for order in emulator.state()["orders"]] == ["o1"]


def test_an_order_waits_for_its_customer_however_long(emulator: Emulator, host: Host) -> None:
    emulator.inject("status", status=503, customer_id="ben", times=6)
    host.add(CREATE, {"customer_id": "ben"}, "ANNA")
    host.add(ORDER, order("o1", "ben"), "ANNA")
    other = host.add(CREATE, {"customer_id": "carl"})
    host.turn()
    assert other.settled, "nobody else waits"
    host.drive()
    assert [each for each in sent(emulator)[2:] if each != CREATE] == ["getCustomer", ORDER, "getCustomer"]


def test_a_dead_vendor_is_spared_and_nothing_is_burnt(emulator: Emulator, host: Host) -> None:
    emulator.inject("status", status=503, times=None)
    rows = [host.add(CREATE, {"customer_id": f"c{number}"}, "ANNA") for number in range(20)]
    for _ in range(60):
        host.turn()
    assert "breaker" in host.blocked
    assert host.courier.status(host.ledger, host.now).breaker.state in ("open", "half_open")
    probes = len(emulator.requests()) - 20
    assert host.ahead > timedelta(minutes=3)
    assert probes < host.ahead / timedelta(seconds=10), "no more than a probe now and then"
    assert max(row.delivery.attempts for row in rows) <= 2
    emulator.clear_faults()
    host.drive(200)
    assert {row.outcomes[-1] for row in rows} == {"applied"}
    assert host.courier.status(host.ledger, host.now).breaker.state == "closed"


def test_a_row_that_nobody_can_read_is_dead_and_named(emulator: Emulator, host: Host) -> None:
    row = host.add(CREATE, {"customer_id": "ben"})
    row.delivery = dataclasses.replace(row.delivery, arguments='{"customerId": "ben", "email": 7}')
    host.drive()
    [verdict] = row.verdicts
    assert (verdict.outcome, verdict.reason) == ("dead", "invalid_arguments")
    assert verdict.call is not None
    assert verdict.call.message == "email: must be a string, not a number"
    assert sent(emulator) == []


# --- Limits and accounts --------------------------------------------------------------------------------------


def test_others_who_use_the_account_pause_one_bucket_only() -> None:
    with Emulator(processing_ms=0) as emulator, courier_of(emulator) as courier:
        others = emulator.client(max_retries=0)
        for number in range(30):
            others.create_customer(f"other-{number}")
        host = Host(courier)
        friend = host.add(CREATE, {"customer_id": "ben"})
        host.add(CREATE, {"customer_id": "carl"})
        host.turn()
        assert (friend.outcomes, friend.verdicts[0].reason) == (["retry"], "rate_limited")
        assert friend.delivery.attempts == 0
        paused = courier.status(host.ledger, host.now).buckets["createCustomer"].paused_until
        assert paused is not None
        host.add(ORDER, order("o1", "other-1"))
        host.ahead += friend.verdicts[0].due_in - timedelta(milliseconds=10)
        host.turn()
        assert sent(emulator).count(ORDER) == 1
        assert host.blocked[-1] in (None, "paused")


def test_the_limits_hold_and_are_used() -> None:
    with Emulator(limit_windows_divisor=10, processing_ms=0) as emulator:
        with courier_of(emulator, limit_windows_divisor=10) as courier:
            host = Host(courier)
            for number in range(500):
                host.add(CREATE, {"customer_id": f"c{number}"})
            began = time.monotonic()
            while not all(row.settled for row in host.rows.values()):
                plan_before = len(emulator.requests())
                host.turn()
                if len(emulator.requests()) == plan_before:
                    # In real time, since the emulator's windows are real, too.
                    courier.verdicts(timeout=host.ahead.total_seconds())
                    host.ahead = timedelta(0)
            took = time.monotonic() - began
        statuses = [request["status"] for request in emulator.requests()]
        assert statuses == [200] * 500
        # 360 in each 3.05 s.
        assert took < 6


def test_wrong_keys_hold_the_account_and_new_ones_resume_at_once(emulator: Emulator, host: Host) -> None:
    friend = host.add(CREATE, {"customer_id": "ben"}, "ANNA")
    right = host.courier
    with Courier("gb_test_wrong", base_url=emulator.url) as wrong:
        host.courier = wrong
        host.turn()
        host.turn()
        assert (friend.outcomes, friend.verdicts[0].reason) == (["hold"], "keys_refused")
        assert friend.delivery.attempts == 0
        [hold] = wrong.status(host.ledger, host.now).holds
        assert (hold.bucket, hold.kind, hold.gameball_code) == (CREATE, "authentication", 1000)
        assert host.blocked[-1] == "hold"
        assert wrong.forecast(host.ledger, host.now, [host.now + timedelta(minutes=1)]).misses == 1
    host.courier, host.ahead = right, timedelta(0)
    host.drive(turns=2)
    assert friend.receipt == ("linked", "by_registration")
    assert right.status(host.ledger, host.now).holds == []


def test_gameball_disabled_and_enabled_again(emulator: Emulator, host: Host) -> None:
    emulator.configure(disabled=True)
    friend = host.add(CREATE, {"customer_id": "ben"})
    host.turn()
    assert friend.verdicts[-1].reason == "gameball_disabled"
    for _ in range(4):
        host.turn()
    assert len(emulator.requests()) < 4, "one call now and then finds out"
    emulator.configure(disabled=False)
    host.drive()
    assert friend.delivery.attempts == 0
    assert timedelta(minutes=1) <= host.ahead < timedelta(minutes=8)


def test_without_a_secret_key_registrations_go_on(emulator: Emulator, host: Host) -> None:
    with Courier(emulator.api_key, base_url=emulator.url) as public:
        host.courier = public
        friend = host.add(CREATE, {"customer_id": "ben"}, "ANNA")
        first = host.add(ORDER, order("o1", "carl"))
        for _ in range(3):
            host.turn()
        assert friend.receipt == ("linked", "by_registration")
        assert first.verdicts[-1].reason == "secret_key_missing"


# --- The check of a connection ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setup", "options", "told"),
    [
        ({}, {}, (True, "accepted", "accepted", "connected")),
        ({}, {"secret_key": None}, (False, "accepted", "missing", "connected_without_secret")),
        ({}, {"api_key": "wrong"}, (False, "refused", "unknown", "api_key_refused")),
        ({}, {"secret_key": "wrong"}, (False, "accepted", "refused", "secret_key_refused")),
        ({"wrong_secret": "error1002"}, {"secret_key": "wrong"}, (False, "accepted", "refused", "secret_key_refused")),
        ({}, {"secret_key": "wrong", "api_version": "v4.1"}, (False, "unknown", "unknown", "keys_refused")),
        ({"high_security": True}, {}, (False, "accepted", "unknown", "secret_key_missing")),
        ({"high_security": True}, {"high_security": True}, (True, "accepted", "accepted", "connected")),
        ({"high_security": True}, {"secret_key": None}, (False, "accepted", "missing", "secret_key_missing")),
        ({"min_version": "v4.1"}, {}, (False, "unknown", "unknown", "not_allowed")),
        ({"disabled": True}, {}, (False, "accepted", "unknown", "gameball_disabled")),
        ({"plan_lacks_referrals": True}, {}, (False, "accepted", "unknown", "plan_lacks_it")),
    ],
)
def test_check(emulator: Emulator, setup: dict[str, Any], options: dict[str, Any], told: tuple[Any, ...]) -> None:
    emulator.configure(**setup)
    given = {"api_key": emulator.api_key, "secret_key": emulator.secret_key, "base_url": emulator.url, **options}
    with Courier(**given) as courier:
        found = courier.check()
    assert (found.ok, found.api_key, found.secret_key, found.reason) == told
    assert found.message
    assert found.ok == (found.reason == "connected")


def test_check_without_a_gameball_there(emulator: Emulator) -> None:
    with Courier("key", "secret", base_url=f"http://127.0.0.1:{dead_port()}") as courier:
        found = courier.check()
    assert (found.ok, found.api_key, found.secret_key, found.reason) == (False, "unknown", "unknown", "not_connected")
    with courier_of(emulator, api_version="v4.0") as courier:
        emulator.inject("html", status=404)
        assert courier.check().reason == "wrong_address"
        emulator.inject("redirect")
        assert courier.check().reason == "redirected"
        emulator.inject("status", status=503)
        assert courier.check().reason == "server_failed"


# --- What is handed over ---------------------------------------------------------------------------------------


def test_options_are_refused_by_name() -> None:
    for options in (
        {"concurrency": 0},
        {"concurrency": 1001},
        {"referral_window": 0},
        {"referral_window": 86401},
        {"max_attempts": 0},
        {"limit_windows_divisor": 101},
        {"timeout": 0},
    ):
        with pytest.raises(ConfigurationError) as raised:
            Courier("key", **options)  # type: ignore[arg-type]
        assert raised.value.field == next(iter(options))


def test_times_without_a_zone_are_refused(host: Host) -> None:
    naive = datetime(2026, 11, 22)
    for call in (
        lambda: host.courier.plan("", naive, [], 1),
        lambda: host.courier.deliver([Delivery(1, CREATE, "{}", registered_at=naive)]),
        lambda: prepare(CREATE, {"customer_id": "ben"}, now=naive),
    ):
        with pytest.raises(InvalidArgumentError, match="time zone"):
            call()


def test_what_cannot_cross_costs_no_registration() -> None:
    surrogate = "\ud800"
    attributes = {"display_name": surrogate, "city": "Köln", "custom": {"shoe": object()}, 7: 8}
    with pytest.raises(InvalidArgumentError):
        prepare(CREATE, {"customer_id": surrogate}, now=utc_now())
    prepared = prepare(CREATE, {"customer_id": "ben", "mobile": 7j, "attributes": attributes}, now=utc_now())
    odd = ["attributes.<int>", "attributes.custom.shoe", "attributes.display_name", "mobile"]
    assert sorted(prepared.dropped) == odd
    assert prepared.arguments == '{"customerId":"ben","customerAttributes":{"city":"Köln"}}'
    typed = CustomerAttributes(first_name="Ben", date_of_birth="yesterday", total_spent=Decimal("1.50"))
    prepared = prepare(CREATE, {"customer_id": "ben", "attributes": typed}, now=utc_now())
    assert prepared.dropped == ["attributes.date_of_birth"]
    assert prepared.arguments == '{"customerId":"ben","customerAttributes":{"firstName":"Ben","totalSpent":1.50}}'


def test_amounts_cross_digit_by_digit(emulator: Emulator, host: Host) -> None:
    host.add(ORDER, order("o1", "ben", extra={"weight": Decimal("1.50"), "nested": [1, None, "x"]}))
    host.drive()
    body = emulator.requests(ORDER)[0]["body"]
    assert '"totalPaid":100.10' in body
    assert '"extra":{"weight":1.50,"nested":[1,null,"x"]}' in body
    with pytest.raises(InvalidArgumentError, match="float") as raised:
        prepare(ORDER, order("o2", "ben", total_paid=100.10), now=utc_now())
    assert raised.value.field == "total_paid"


def test_nothing_personal_and_no_key_is_shown(emulator: Emulator, host: Host) -> None:
    row = host.add(CREATE, {"customer_id": "ben-7", "email": "ben@example.com"}, "ANNA")
    host.drive()
    candidate = host.candidates() or [Candidate(1, "ben-7", CREATE, utc_now())]
    shown = repr([row.prepared, row.delivery, candidate, row.verdicts, host.courier])
    for secret in ("ben-7", "ben@example.com", "ANNA", emulator.api_key, emulator.secret_key):
        assert secret not in shown


def test_an_expired_slot_sends_nothing(emulator: Emulator, host: Host) -> None:
    late = Slot(expires_at=time.monotonic() - 0.001, watched=False)
    arguments = prepare(CREATE, {"customer_id": "ben"}, now=utc_now()).arguments
    [verdict] = host.courier.deliver([Delivery(1, CREATE, arguments, progress="kept", slot=late)])
    assert (verdict.outcome, verdict.reason, verdict.progress) == ("unsent", "slot_expired", "kept")
    assert (verdict.due_in, verdict.costs_attempt, verdict.call) == (timedelta(0), False, None)
    assert sent(emulator) == []


def test_a_closed_courier(emulator: Emulator) -> None:
    courier = courier_of(emulator)
    emulator.inject("latency", ms=100)
    arguments = prepare(CREATE, {"customer_id": "ben"}, now=utc_now()).arguments
    courier.submit([Delivery(1, CREATE, arguments)])
    courier.close()
    for call in (courier.deliver, courier.submit):
        with pytest.raises(ClosedError):
            call([Delivery(2, CREATE, arguments)])
    [verdict] = courier.verdicts(timeout=20)
    assert (verdict.id, verdict.outcome, courier.in_flight) == (1, "applied", 0)


def test_many_threads_share_a_courier(emulator: Emulator, host: Host) -> None:
    arguments = [prepare(CREATE, {"customer_id": f"c{number}"}, now=utc_now()).arguments for number in range(160)]
    outcomes: list[str] = []

    def work(first: int) -> None:
        deliveries = [Delivery(first + number, CREATE, arguments[first + number]) for number in range(20)]
        outcomes.extend(verdict.outcome for verdict in host.courier.deliver(deliveries))

    threads = [threading.Thread(target=work, args=(first,)) for first in range(0, 160, 20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == ["applied"] * 160
    assert len(emulator.state()["customers"]) == 161
