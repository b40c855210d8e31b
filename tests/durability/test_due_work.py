"""due-work-harness, a foreign judge of background work, on our producers and our sender.

Its crash histories run a transition again and again: with every message lost, and with the process dying right after
each commit and each external call. All must come to what normal operation comes to. The contract below binds the
profiles that fit, and says of the others why they do not.
"""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from unittest import mock
from urllib.parse import unquote

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.db.models.query import RawQuerySet
from due_work_harness import (
    BoundedRetry,
    CallableDelivery,
    Claim,
    ConvergentWrite,
    Decline,
    DueWorkContract,
    DueWorkSource,
    DueWorkSweep,
    ExternalCall,
    FencedOwnership,
    HandoffHistory,
    InFlightExecution,
    Profile,
    ReplaySafeEffect,
    Retention,
    SafetyContract,
    SafetyProfile,
    StateDerived,
    SupersededSnapshot,
    assert_provider_call_holds_no_transaction,
    configure,
    due_work_contract_suite,
    undeclared,
)
from due_work_harness.integrations.django import django_host
from due_work_harness.integrations.django.selection import DjangoSelectionInspector
from due_work_harness.integrations.postgres_plans import index_served_verdict
from due_work_harness.profiles import bounded_ownership, fact_derived_obligations
from gameball_referrals.courier import Courier, Verdict
from gameball_referrals.courier import Receipt as CourierReceipt
from gameball_referrals.django import (
    claiming,
    conf,
    maintenance,
    outbox,
    reconcile,
    runner,
    sender,
    settling,
    track_order,
)
from gameball_referrals.django.admin import dashboard
from gameball_referrals.django.database import database_clock, read_ledger
from gameball_referrals.django.models import Account, Delivery, Receipt, Referral
from gameball_referrals.testing import Emulator

USING, ACCOUNT = "default", "default"
_numbers = itertools.count(1)


class StatementInspector(DjangoSelectionInspector):
    """The harness's inspector, for the statement that the sender runs, which is no QuerySet."""

    def understands(self, selection: object) -> bool:
        return isinstance(selection, RawQuerySet)

    def index_served(self, selection: Any) -> tuple[bool, str]:
        with connections[USING].cursor() as cursor:
            # Sequential scans are out: only where no index helps does PostgreSQL plan one even so.
            cursor.execute("SET enable_seqscan = off")
            try:
                cursor.execute(f"EXPLAIN (FORMAT JSON) {selection.raw_query}", selection.params)
                (explained,) = cursor.fetchone()
            finally:
                cursor.execute("RESET enable_seqscan")
        document = json.loads(explained) if isinstance(explained, str) else explained
        verdict = index_served_verdict(document[0]["Plan"], table=Delivery._meta.db_table)
        return verdict is None, verdict or json.dumps(document)

    def replica_read(self, selection: Any) -> str | None:
        return None if selection.db == USING else str(selection.db)


configure(
    django_host(
        production_packages={"gameball_referrals"},
        # They read the selection's conditions off a QuerySet; ours is a statement written out, and has none to read.
        lifecycle_proofs=False,
    ).model_copy(update={"selection_inspectors": (StatementInspector(), DjangoSelectionInspector())})
)


class Shop:
    """What a test has at hand: Gameball, which knows a referrer, and unique names."""

    vendor: Emulator

    @staticmethod
    def customer(prefix: str = "customer") -> str:
        return f"{prefix}-{next(_numbers)}"

    def orders(self, customer: str) -> list[tuple[str, str]]:
        state = self.vendor.state()
        return [(row["totalPaid"], row["customerId"]) for row in state["orders"] if row["customerId"] == customer]

    def calls(self, customer: str, operation: str | None = None) -> int:
        """Count the calls about a customer that Gameball has seen."""
        count = 0
        for request in self.vendor.requests(operation):
            if request["operation"] in ("createCustomer", "trackOrder"):
                about = json.loads(request["body"])["customerId"]
            else:
                about = unquote(request["path"].rpartition("/")[2])
            count += about == customer
        return count

    def link(self, customer: str) -> str | None:
        rows = self.vendor.state()["referrals"]
        return next((row["referrer"] for row in rows if row["friend"] == customer), None)


shop = Shop()


@pytest.fixture
def gameball(settings: Any) -> Iterator[Emulator]:
    with Emulator(limits=False, processing_ms=0) as vendor:
        vendor.add_customer("anna", referral_code="ANNA")
        shop.vendor = vendor
        settings.GAMEBALL_REFERRALS = {
            "API_KEY": vendor.api_key,
            "SECRET_KEY": vendor.secret_key,
            "BASE_URL": vendor.url,
            "SENDER": "worker",
            "SEND_ORDERS": "all",
            "MAX_ATTEMPTS": 3,
            "CONCURRENCY": 5,
        }
        yield vendor


def later(by: timedelta) -> Callable[[str], datetime]:
    """Return the database's clock, as it will be."""
    return lambda using: database_clock(using) + by


def after_the_lease(using: str) -> datetime:
    """Return the time at which what dead senders left is anybody's."""
    return database_clock(using) + timedelta(seconds=conf.get().LEASE + 1)


def recover() -> None:
    """Deliver as another process does, once the leases of the dead one are over."""
    sender.Sender(clock=after_the_lease).drain()


# --- what hands work off -------------------------------------------------------------------------------------------


def new_buyer() -> SimpleNamespace:
    # ARRANGE: a registered user, whose creation was delivered.
    name = shop.customer("buyer")
    user = User.objects.create_user(name)
    recover()
    return SimpleNamespace(user=user, order=f"order-of-{name}", customer=str(user.pk))


def pay(buyer: SimpleNamespace) -> None:
    track_order(
        buyer.order,
        customer=buyer.user,
        order_date=datetime(2026, 5, 1, tzinfo=timezone.utc),
        total_paid=Decimal("9.90"),
    )


def seen_of_order(buyer: SimpleNamespace) -> Any:
    states = Delivery.objects.filter(customer_id=buyer.customer).order_by("pk").values_list("operation", "state")
    return list(states), [total for total, _ in shop.orders(buyer.customer)]


def referred(code: str = "ANNA") -> str:
    """Write a referred registration and a first order, as the hooks do."""
    # It makes the ledger's row, once for all histories.
    read_ledger(USING, ACCOUNT)
    customer = shop.customer("friend")
    now = datetime.now(timezone.utc)
    referral = Referral(
        customer_id=customer,
        referrer_code=code,
        registered_at=now,
        deadline_at=now + timedelta(minutes=5),
    )
    outbox.put("createCustomer", {"customer_id": customer}, referral=referral)
    order = {"customer_id": customer, "order_id": f"first-of-{customer}", "order_date": now, "total_paid": "50.00"}
    outbox.put("trackOrder", order)
    return customer


def deliver(customer: str) -> None:
    sender.Sender().drain()


def seen_of_friend(customer: str) -> Any:
    deliveries = Delivery.objects.filter(customer_id=customer).order_by("pk")
    referral = Referral.objects.get(customer_id=customer)
    return {
        "deliveries": [(row.operation, row.state, row.attempts) for row in deliveries],
        "receipt": (referral.receipt, referral.reason),
        "linked to": shop.link(customer),
        "orders": [total for total, _ in shop.orders(customer)],
    }


# --- profile A -----------------------------------------------------------------------------------------------------


class Page:
    """One look of a sender, with the network taken away: what it would have sent is written down."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.runner = runner.Runner(USING, Account(key=ACCOUNT), database_clock, lambda *_: None)
        self.runner.adopt(self.runner.account)

    def submit(self, courier: Courier, deliveries: Any) -> None:
        self.sent.extend(json.loads(delivery.arguments)["customerId"] for delivery in deliveries)

    def look(self) -> int:
        before = len(self.sent)
        self.runner.look(expecting=True, deep=True)
        return len(self.sent) - before


def due_work() -> Any:
    wanted = claiming.Wanted(ACCOUNT, conf.get().CONCURRENCY + 10)
    statement, parameters = claiming.heads_statement(USING, wanted, claiming.BUCKETS[:1], database_clock(USING))
    return Delivery.objects.raw(statement, parameters)


def _owed(age: timedelta = timedelta(0)) -> Delivery:
    customer = shop.customer()
    at = datetime.now(timezone.utc) - age
    outbox.put("createCustomer", {"customer_id": customer}, now=at)
    Delivery.objects.filter(customer_id=customer).update(created_at=at, due_at=at, deadline_at=at)
    return Delivery.objects.get(customer_id=customer)


def _terminal(age: timedelta) -> list[Delivery]:
    rows = []
    for state in Delivery.SETTLED:
        row = _owed(age)
        Delivery.objects.filter(pk=row.pk).update(state=state, settled_at=row.created_at, arguments="")
        rows.append(Delivery.objects.get(pk=row.pk))
    return rows


def polls() -> None:
    """Show that a sender nobody wakes looks for itself."""
    looked = threading.Event()
    sending = sender.Sender()
    original = runner.Runner.look

    def look(self: Any, **options: Any) -> None:
        original(self, **options)
        # The first look is at the start; the second one came by itself.
        if getattr(self, "looked_before", False):
            looked.set()
        self.looked_before = True

    shortened = conf.Settings(**{**conf.get().__dict__, "POLL_INTERVAL": 0.05})
    with mock.patch.object(conf, "get", lambda: shortened), mock.patch.object(runner.Runner, "look", look):
        thread = threading.Thread(target=sending.run)
        thread.start()
        try:
            assert looked.wait(10), "a sender looked once, and never again"
        finally:
            sending.stop()
            thread.join(10)


def backlog() -> float:
    told: float = dashboard.gather(ACCOUNT, datetime.now(timezone.utc), 30, failures=False)["backlog"]["waiting"]
    return told


@contextmanager
def sweep() -> Iterator[DueWorkSweep]:
    # ARRANGE: rows as the outbox writes them, aged by hand; terminal ones in each settled state.
    page = Page()

    @contextmanager
    def held(row: Delivery, tick: Callable[[], int]) -> Iterator[None]:
        # Nothing is ever answered here, so that whatever was sent is in flight from now on.
        tick()
        yield

    # EXTERNAL SEAM: the courier's submit, where calls leave for the network.
    with mock.patch.object(Courier, "submit", lambda courier, deliveries: page.submit(courier, deliveries)):
        yield DueWorkSweep(
            name="deliveries",
            # REAL PRODUCTION: the statement that finds work, and one look of the sender that claims and sends it.
            due_work=due_work,
            run_tick=page.look,
            make_owed=_owed,
            make_terminal=_terminal,
            recovery_delay=timedelta(0),
            page_size=conf.get().CONCURRENCY,
            assert_scheduled=polls,
            observe_outstanding=backlog,
            # OBSERVE: what was handed to the courier, by customer.
            dispatched_ids=lambda: list(page.sent),
            identity_of=lambda row: row.customer_id,
            in_flight=InFlightExecution(
                make_owed=lambda: _owed(timedelta(minutes=1)),
                start=held,
                execution_count_for=lambda row: page.sent.count(row.customer_id),
            ),
        )
    page.runner.close()


# --- profile B, but for renewals -----------------------------------------------------------------------------------


def ownership() -> FencedOwnership:
    # ARRANGE: one delivery that waits.
    # REAL PRODUCTION: claiming, settling, taking over.
    # EXTERNAL SEAM: none is reached; verdicts are made here.
    # OBSERVE: the row's state.
    courier = Courier("key", "secret", base_url="http://127.0.0.1:9")
    leased: dict[tuple[int, str], Delivery] = {}

    def claim() -> tuple[int, str] | None:
        claimed = claiming.claim(USING, courier, claiming.Wanted(ACCOUNT, 1), database_clock)
        for row in claimed.rows:
            leased[row.pk, row.lease_token] = row
            return row.pk, row.lease_token
        return None

    def settle(pk: int, token: str) -> bool:
        return bool(settling.settle(USING, ACCOUNT, [(leased[pk, token], applied())], database_clock).deliveries)

    def expire(pk: int) -> None:
        Delivery.objects.filter(pk=pk).update(lease_until=datetime.now(timezone.utc) - timedelta(seconds=1))

    def reclaim(pk: int) -> int | None:
        return claiming.take_over(USING, ACCOUNT, database_clock) or None

    return FencedOwnership(
        name="deliveries",
        make_claimable=lambda: _owed(timedelta(minutes=1)),
        claim=claim,  # type: ignore[arg-type]
        fenced_write=settle,  # type: ignore[arg-type]
        renew_lease=undeclared("a lease outlasts the longest call, and is never renewed"),
        expire_lease=expire,
        reclaim_stalled=reclaim,
        observe=lambda pk: Delivery.objects.get(pk=pk).state,
    )


def applied(receipt: CourierReceipt | None = None) -> Verdict:
    return Verdict(
        id=1,
        outcome="applied",
        reason=None,
        progress=None,
        due_in=timedelta(0),
        costs_attempt=False,
        acknowledged=True,
        receipt=receipt,
        call=None,
        answer=None,
        ledger_event=None,
        needs_record=False,
        **({"next_bucket": None} if "next_bucket" in Verdict.__dataclass_fields__ else {}),
    )


@pytest.mark.parametrize(
    "proof",
    [
        bounded_ownership.assert_ownership_transitions_are_production_bound,
        bounded_ownership.assert_claim_is_exclusive,
        bounded_ownership.assert_claim_is_exclusive_across_connections,
        bounded_ownership.assert_fence_rotates_through_recovery,
        bounded_ownership.assert_current_token_write_is_accepted,
        bounded_ownership.assert_stale_token_is_rejected,
        bounded_ownership.assert_live_lease_blocks_reclaim,
        bounded_ownership.assert_expired_lease_permits_reclaim,
    ],
)
@pytest.mark.django_db(transaction=True)
def test_ownership(gameball: Emulator, proof: Callable[[FencedOwnership], None]) -> None:
    proof(ownership())


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_calls_leave(gameball: Emulator) -> None:
    def run_with_probe(probe: Callable[[], None]) -> None:
        _owed(timedelta(minutes=1))

        def submit(courier: Courier, deliveries: Any) -> None:
            list(deliveries)
            probe()

        page = Page()
        with mock.patch.object(Courier, "submit", submit):
            page.look()
        page.runner.close()

    assert_provider_call_holds_no_transaction(name="deliveries", run_with_probe=run_with_probe)


# --- profile D -----------------------------------------------------------------------------------------------------


def retention() -> Retention:
    # ARRANGE: rows two years old, one of them settled.
    # REAL PRODUCTION: the senders' own upkeep.
    # EXTERNAL SEAM: none.
    # OBSERVE: the row, or its absence.
    old = timedelta(days=2 * 365)
    return Retention(
        name="deliveries",
        make_non_terminal=lambda: _owed(old),
        make_prunable=lambda: _terminal(old)[0],
        run_retention=lambda: maintenance.purge(USING),
        still_exists=lambda row: Delivery.objects.filter(pk=row.pk).exists(),
    )


# --- profile E -----------------------------------------------------------------------------------------------------


def convergence() -> ConvergentWrite:
    # ARRANGE: a referral that is linked, or that waits for its receipt.
    # REAL PRODUCTION: settling a delivery of that customer, which came to "lost".
    # EXTERNAL SEAM: none is reached; the verdict is made here.
    # OBSERVE: the receipt.
    courier = Courier("key", "secret", base_url="http://127.0.0.1:9")

    def state(customer: str) -> tuple[str, str]:
        return customer, Referral.objects.get(customer_id=customer).receipt

    def referral(receipt: str) -> tuple[str, str]:
        customer = shop.customer("friend")
        now = datetime.now(timezone.utc)
        Referral.objects.create(
            customer_id=customer, referrer_code="ANNA", deadline_at=now, receipt=receipt, settled_at=now
        )
        return state(customer)

    def apply(before: tuple[str, str]) -> tuple[str, str]:
        customer = before[0]
        order = {"customer_id": customer, "order_id": shop.customer("order"), "order_date": datetime.now(timezone.utc)}
        outbox.put("trackOrder", {**order, "total_paid": "1.00"})
        claimed = claiming.claim(USING, courier, claiming.Wanted(ACCOUNT, 1), database_clock)
        verdict = applied(CourierReceipt("lost", "late", timedelta(seconds=1)))
        settling.settle(USING, ACCOUNT, [(claimed.rows[0], verdict)], database_clock)
        return state(customer)

    return ConvergentWrite(
        name="receipts",
        settled_state=lambda: referral(Receipt.LINKED),
        unsettled_state=lambda: referral(Receipt.PENDING),
        apply_evidence=apply,
        is_settled=lambda told: told[1] != Receipt.PENDING,
    )


def snapshot() -> SupersededSnapshot:
    # ARRANGE: a delivery that a sender has claimed.
    # REAL PRODUCTION: the claim, its being taken over and claimed by another sender, and settling.
    # EXTERNAL SEAM: none is reached; the verdict is made here.
    # OBSERVE: the row.
    courier = Courier("key", "secret", base_url="http://127.0.0.1:9")
    _owed(timedelta(minutes=1))

    def claim() -> Delivery:
        return claiming.claim(USING, courier, claiming.Wanted(ACCOUNT, 1), later(timedelta(hours=2))).rows[0]

    def supersede() -> None:
        claiming.take_over(USING, ACCOUNT, later(timedelta(hours=4)))
        claiming.claim(USING, courier, claiming.Wanted(ACCOUNT, 1), later(timedelta(hours=4)))

    def settle(row: Delivery) -> None:
        settling.settle(USING, ACCOUNT, [(row, applied())], database_clock)

    return SupersededSnapshot(
        name="a sender that lost its lease",
        observe=lambda: list(Delivery.objects.values_list("state", "lease_token", "settled_at", "attempts")),
        take_snapshot=claim,
        supersede=supersede,
        run_with_snapshot=settle,
    )


# --- profile F, but for desired states that move -------------------------------------------------------------------


def derivation() -> StateDerived:
    def implied() -> str:
        (user,) = User.objects.bulk_create([User(username=shop.customer("bulk"))])
        return str(user.pk)

    def stopped() -> str:
        (user,) = User.objects.bulk_create([User(username=shop.customer("staff"), is_staff=True)])
        return str(user.pk)

    def record(customer: str) -> Any:
        return list(Delivery.objects.filter(customer_id=customer).values_list("pk", "state", "attempts", "due_at"))

    return StateDerived(
        name="customers that no hook saw",
        make_implied_obligation=implied,
        derive=reconcile.reconcile,
        outstanding=lambda: [row.customer_id for row in due_work()],
        record_of=record,
        settle=lambda customer: deliver(customer),
        move_desired_state=undeclared("a customer is created once, and there is nothing to supersede that"),
        desired_of=undeclared("a customer is created once, and there is nothing to supersede that"),
        make_stopped=stopped,
    )


@pytest.mark.parametrize(
    "proof",
    [
        fact_derived_obligations.assert_settlement_is_production_bound,
        fact_derived_obligations.assert_outstanding_selection_is_production_bound,
        fact_derived_obligations.assert_unrecorded_obligation_is_discovered,
        fact_derived_obligations.assert_derivation_is_idempotent,
        fact_derived_obligations.assert_stopped_work_is_not_revived,
    ],
)
@pytest.mark.django_db(transaction=True)
def test_reconcile(gameball: Emulator, proof: Callable[[StateDerived], None]) -> None:
    proof(derivation())


# --- execution safety ----------------------------------------------------------------------------------------------


def replay() -> ReplaySafeEffect:
    # ARRANGE: a delivery as it lies in the outbox.
    # REAL PRODUCTION: the courier's call.
    # EXTERNAL SEAM: the emulator is Gameball.
    # OBSERVE: Gameball's customers, orders and referrals.
    def prepare() -> Any:
        customer = referred()
        return Delivery.objects.get(customer_id=customer, operation="trackOrder")

    def call(row: Delivery) -> None:
        with sender_courier() as courier:
            courier.deliver([as_sent(row)])

    def observe(row: Delivery) -> Any:
        return shop.orders(row.customer_id), shop.link(row.customer_id)

    return ReplaySafeEffect(
        name="deliveries",
        prepare=prepare,
        execute=call,
        observe=observe,
        execution_count_for=lambda row: shop.calls(row.customer_id, "trackOrder"),
    )


def sender_courier() -> Courier:
    settings = conf.get()
    assert settings.API_KEY is not None
    assert settings.BASE_URL is not None
    return Courier(settings.API_KEY, settings.SECRET_KEY, base_url=settings.BASE_URL)


def as_sent(row: Delivery) -> Any:
    return claiming._for_courier(row, None, None)  # type: ignore[arg-type]


def retry() -> BoundedRetry:
    # ARRANGE: a registration that Gameball answers with 500, however often.
    # REAL PRODUCTION: `gameball_worker --once`, on a clock that is ahead of the retry's pause.
    # EXTERNAL SEAM: the emulator's fault.
    # OBSERVE: the row, and the calls that Gameball saw.
    def failing() -> Delivery:
        row = _owed(timedelta(minutes=1))
        shop.vendor.inject("status", status=500, times=None, customer_id=row.customer_id)
        return row

    def due_again(row: Delivery) -> None:
        Delivery.objects.filter(pk=row.pk).update(due_at=datetime.now(timezone.utc))

    def observe(row: Delivery) -> Any:
        found = Delivery.objects.get(pk=row.pk)
        return found.state, found.attempts, found.arguments, shop.calls(row.customer_id)

    return BoundedRetry(
        name="deliveries",
        max_executions=3,
        make_failing=failing,
        due_work=due_work,
        run_once=lambda row: sender.drain(account=row.account_id),
        advance_to_due=due_again,
        is_terminal=lambda row: Delivery.objects.get(pk=row.pk).state in Delivery.SETTLED,
        failure_attempt_count=lambda row: shop.calls(row.customer_id),
        observe=observe,
        identity_of=lambda row: row.pk,
    )


DELIVERIES = DueWorkContract(
    name="deliveries",
    profiles={
        Profile.AUTOMATIC_RECOVERY: Claim(),
        Profile.BOUNDED_OWNERSHIP: Decline(
            "no lease is ever renewed: it outlasts the longest call (the settings see to it), so there is no heartbeat "
            "to fence; claims, fences and takeovers are proven one by one above"
        ),
        Profile.CRASH_AMBIGUITY: Decline(
            "a call that may or may not have arrived is made again on purpose: Gameball keys customers and orders by "
            "our ids, so that its repetition is the same call (REPLAY_SAFE_EXECUTION)"
        ),
        Profile.DURABLE_RETENTION: Claim(),
        Profile.EVENTUAL_CONVERGENCE: Claim(),
        Profile.FACT_DERIVED_OBLIGATIONS: Decline(
            "what is owed is a customer's creation or an order's, which do not change afterwards: no desired state "
            "moves. That the reconcile finds what nothing recorded is proven above"
        ),
    },
    safety=SafetyContract(
        name="deliveries",
        profiles={SafetyProfile.REPLAY_SAFE_EXECUTION: Claim(), SafetyProfile.BOUNDED_RETRY: Claim()},
        replay=replay,
        retry=retry,
        fixtures=("gameball",),
        transactional=True,
    ),
    sweep=sweep,
    retention=retention,
    convergence=convergence,
    snapshot=snapshot,
    handoffs=(
        HandoffHistory(name="a paid order", arrange=new_buyer, transition=pay, observe=seen_of_order),
        HandoffHistory(
            name="a referred registration and a first order are delivered",
            arrange=referred,
            transition=deliver,
            observe=seen_of_friend,
            external_calls=(ExternalCall(Courier, "submit"),),
        ),
        HandoffHistory(
            name="a registration with a code that is none is delivered",
            arrange=lambda: referred("NOBODYS"),
            transition=deliver,
            observe=seen_of_friend,
            external_calls=(ExternalCall(Courier, "submit"),),
        ),
    ),
    # A wake is all that is published, and no sender here hears it.
    handoff_delivery=CallableDelivery(name="a later worker", recover=recover),
    fixtures=("gameball",),
    transactional=True,
)


@due_work_contract_suite(
    DELIVERIES,
    covers=(DueWorkSource(outbox.write, publish=None, unrecoverable_because="its histories above lose each message"),),
)
class TestDeliveries:
    pass
