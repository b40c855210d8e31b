"""*Why did this friend (not) count?* An answer for every receipt, and for everything a referral can wait for."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from admin.support import call
from gameball_referrals.django.admin.evidence import Evidence, explain
from gameball_referrals.django.admin.health import Health
from gameball_referrals.django.models import Delivery, Referral

State = Delivery.State
AT = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
WINDOW = timedelta(minutes=5)


def after(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def health(**values: Any) -> Health:
    return Health(**{"account": "default", "enabled": True, "keys": "admin", "credentials": "c", **values})


def ledger(**values: Any) -> str:
    """As the core keeps it; a test of the core's says that it reads this."""
    return json.dumps(values)


def millis(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def hold(reason: str, bucket: Any = "createCustomer") -> dict[str, Any]:
    return {
        "bucket": bucket,
        "kind": "authentication",
        "reason": reason,
        "status": 401,
        "gameballCode": 1000,
        "sinceMs": millis(after(-120)),
        "probeAtMs": millis(after(90)),
        "credentials": "c",
    }


def referral(**values: Any) -> Referral:
    defaults: dict[str, Any] = {
        "customer_id": "42",
        "referrer_code": "ANNA1",
        "source": "visit",
        "claimed_at": after(-7200),
        "registered_at": AT,
        "deadline_at": AT + WINDOW,
    }
    return Referral(**{**defaults, **values})


def delivery(operation: str = "createCustomer", **values: Any) -> Delivery:
    defaults: dict[str, Any] = {
        "pk": 9,
        "customer_id": "42",
        "operation": operation,
        "bucket": "createCustomer",
        "priority": 0,
        "created_at": AT,
        "due_at": AT,
        "deadline_at": AT + WINDOW,
    }
    return Delivery(**{**defaults, **values})


def told(evidence: Evidence) -> list[str]:
    return [f"{step.title} | {step.detail}".strip(" |") for step in evidence.steps]


def settled(receipt: str, reason: str, *calls: dict[str, Any], at: float = 2, **values: Any) -> Evidence:
    row = referral(receipt=receipt, reason=reason, settled_at=after(at), acknowledged_at=after(1), **values)
    sent = delivery(state=State.APPLIED, settled_at=after(at), history=list(calls))
    return explain(row, [sent], health(), after(3600))


# --- Receipts -------------------------------------------------------------------------------------------------


def test_linked_is_a_chain_from_the_visit_to_the_receipt() -> None:
    found = settled(
        "linked", "by_registration", call("createCustomer", after(1), "continue"), call("getCustomer", after(2))
    )
    assert (found.verdict, found.tone) == ("This friend counts.", "good")
    assert told(found) == [
        "Visited the shop by a link with the code ANNA1",
        "Registered, with this code",
        "The registration was sent | Gameball accepted it, 4\xa0minutes before the time to link ended.",
        "Gameball was asked whether the friend is linked | Gameball: yes, linked.",
        "Receipt: linked | Gameball linked the referral with the registration.",
    ]
    assert [step.at for step in found.steps] == sorted(step.at for step in found.steps if step.at)
    assert found.advice == []


def test_late_says_by_how_much_what_held_it_up_and_which_requests() -> None:
    failures = [
        call("createCustomer", after(at), "retry", status=503, gameball_code=5003, kind="server", request_id=f"r{at}")
        for at in (1, 10, 200)
    ]
    found = settled(
        "lost",
        "late",
        *failures,
        call("createCustomer", after(380), "continue"),
        call("getCustomer", after(381), "continue"),
        call("validateReferrerCode", after(382)),
        at=383,
        late_by=timedelta(seconds=80),
    )
    assert found.verdict == "This friend does not count: the referral was lost."
    assert found.why == "The registration reached Gameball 80 seconds after the time in which it links referrals."
    assert found.tone == "bad"
    chain = told(found)
    failed = (
        "Gameball had an internal error (HTTP 503, Gameball code 5003). The same happened 2 more times, until 13:03:20."
    )
    assert f"The registration was sent | {failed}" in chain
    assert next(step.request_id for step in found.steps if step.detail == failed) == "r200"
    assert chain.index("Gameball's time to link ended") > chain.index(f"The registration was sent | {failed}")
    assert "The registration was sent | Gameball accepted it, 80 seconds too late to be linked." in chain
    assert "Gameball was asked whether the code is good | Gameball: yes, it is." in chain
    assert any("support" in one.text for one in found.advice)


def test_a_code_nobody_has_is_told_from_a_lost_one() -> None:
    found = settled(
        "rejected",
        "code_not_valid",
        call("createCustomer", after(1), "continue"),
        call("getCustomer", after(2), "continue"),
        call("validateReferrerCode", after(3)),
        source="field",
    )
    assert found.verdict == "This friend does not count: Gameball does not accept the code."
    chain = told(found)
    assert chain[0] == "Typed the code ANNA1 into the form"
    assert "Gameball was asked whether the friend is linked | Gameball: no, not linked." in chain
    assert "Gameball was asked whether the code is good | Gameball: it is not." in chain
    assert any("mistyped" in one.text for one in found.advice)


def test_somebody_who_was_created_before_is_told_from_a_bad_code() -> None:
    found = settled(
        "lost",
        "not_linked",
        call("createCustomer", after(1), "continue"),
        call("getCustomer", after(2), "continue"),
        call("validateReferrerCode", after(3)),
    )
    assert "it knew this customer before" in found.why
    assert "Gameball was asked whether the code is good | Gameball: yes, it is." in told(found)
    assert any("widget" in one.text for one in found.advice)


def test_already_referred() -> None:
    refused = call(
        "createCustomer", after(1), "applied", status=422, gameball_code=7002, kind="referral", request_id="r1"
    )
    found = settled("already_referred", "already_referred", refused)
    assert found.verdict == "This friend does not count: they were referred before."
    assert "(HTTP 422, Gameball code 7002)" in " ".join(told(found))
    assert {step.tone for step in found.steps} == {"quiet"}


@pytest.mark.parametrize("reason", ["read_back_failed", "read_back_incomplete"])
def test_unverified_is_no_verdict(reason: str) -> None:
    found = settled("unverified", reason, call("createCustomer", after(1), "continue"))
    assert found.verdict == "It is not known whether this friend counts."
    assert any("dashboard" in one.text for one in found.advice)


def test_a_link_by_the_order_of_a_guest() -> None:
    row = referral(receipt="linked", reason="by_order", guest=True, settled_at=after(3))
    order = delivery(
        "trackOrder",
        order_id="R-1",
        state=State.APPLIED,
        history=[call("trackOrder", after(1), "continue"), call("getCustomer", after(2))],
    )
    chain = told(explain(row, [order], health(), after(60)))
    assert "Ordered as a guest, with this code" in chain
    assert "Paid the order R-1" in chain
    assert "Gameball was asked whether the friend is linked | Gameball: yes, linked." in chain


def test_a_link_by_order_after_a_loss_contradicts_nothing() -> None:
    row = referral(receipt="linked", reason="by_order", settled_at=after(901), acknowledged_at=after(1))
    creation = delivery(
        state=State.APPLIED,
        history=[
            call("createCustomer", after(1), "continue"),
            call("getCustomer", after(2), "continue"),
            call("validateReferrerCode", after(3)),
        ],
    )
    order = delivery(
        "trackOrder",
        pk=10,
        order_id="R-1",
        created_at=after(900),
        state=State.APPLIED,
        history=[call("trackOrder", after(900), "continue"), call("getCustomer", after(901))],
    )
    answers = [
        step.detail for step in explain(row, [creation, order], health(), after(3600)).steps if "linked" in step.title
    ]
    assert answers[:2] == ["Gameball: no, not linked.", "Gameball: yes, linked."]


def test_a_registration_that_failed_for_good_is_linked_to() -> None:
    dead = delivery(
        state=State.DEAD,
        settled_at=after(2),
        error_kind="conflict",
        gameball_code=3008,
        history=[call("createCustomer", after(1), "dead", status=422, gameball_code=3008, kind="conflict")],
    )
    found = explain(referral(receipt="lost", reason="conflict", settled_at=after(2)), [dead], health(), after(60))
    assert "The registration was laid aside as failed | Another customer has this e-mail address" in told(found)
    assert ("delivery", "9") in [(one.target, one.pk) for one in found.advice]


def test_a_history_that_was_cut_still_tells_when_gameball_knew() -> None:
    row = referral(receipt="linked", reason="by_registration", acknowledged_at=after(30), settled_at=after(31))
    assert "Gameball took the registration | 4\xa0minutes before the time to link ended" in told(
        explain(row, [], health(), after(3600))
    )


# --- What a pending one waits for -----------------------------------------------------------------------------


def pending(condition: Health, at: float = 3, *, ahead: int | None = None, **values: Any) -> Evidence:
    return explain(referral(), [delivery(**values)], condition, after(at), ahead=ahead)


@pytest.mark.parametrize(
    ("condition", "why", "advice", "target"),
    [
        (health(enabled=False), "The account is switched off", "Switch the account on.", "account"),
        (health(keys=None), "There is no API key yet", "Enter the keys", "account"),
        (health(problem="no key fits"), "The saved keys cannot be opened", "SECRET_KEY_FALLBACKS", "account"),
        (
            health(ledger=ledger(holds=[hold("keys_refused")])),
            "Gameball refuses the keys, since 12:58:00. Everything waits meanwhile; one call tries again in 87",
            "Save new keys",
            "account",
        ),
        (
            health(ledger=ledger(holds=[hold("gameball_disabled")])),
            "Gameball is disabled for this account",
            "Enable it in the Gameball dashboard.",
            "",
        ),
        (
            health(ledger=ledger(breaker={"state": "open", "untilMs": millis(after(10)), "failures": 7})),
            "Gameball does not answer: 7 failures in a row. One call tries again in 7 seconds.",
            "Nothing has to be done",
            "",
        ),
    ],
)
def test_what_stops_everything_is_why_it_waits(condition: Health, why: str, advice: str, target: str) -> None:
    found = pending(condition)
    assert found.verdict == "It is not decided yet whether this friend counts."
    assert why in found.why
    assert [one.target for one in found.advice if advice in one.text] == [target]
    assert [step.now for step in found.steps].count(True) == 1


def test_a_hold_of_other_calls_is_none_of_its_business() -> None:
    assert pending(health(ledger=ledger(holds=[hold("plan_lacks_it", "trackOrder")]))).why == "It goes out in a moment."


def test_holds_that_new_keys_lifted_hold_nothing() -> None:
    assert (
        pending(health(ledger=ledger(holds=[hold("keys_refused")]), credentials="others")).why
        == "It goes out in a moment."
    )


def test_a_pause_by_others() -> None:
    pause = {"p": {"until": millis(after(9)), "times": 0}}
    found = pending(health(ledger=ledger(buckets={"createCustomer": pause})))
    assert "Gameball asked to wait" in found.why
    assert "in 6 seconds" in found.why


def test_a_next_try() -> None:
    found = pending(health(), due_at=after(15), error_kind="timeout", attempts=2)
    assert found.why == "No answer in time. The next try is due in 12 seconds."
    assert [(one.target, one.pk) for one in found.advice] == [("delivery", "9")]


def test_a_place_in_the_queue() -> None:
    assert pending(health(), ahead=12).why == "12 deliveries go out before it."


def test_being_sent() -> None:
    assert pending(health(), state=State.IN_FLIGHT, lease_until=after(60)).why == "It is being sent right now."


def test_an_interrupted_sender() -> None:
    found = pending(health(), 120, state=State.IN_FLIGHT, lease_until=after(60))
    assert "interrupted" in found.why


def test_no_sender_at_all() -> None:
    found = pending(health(sender_seen_at=after(-600)), 240)
    assert found.why == "It has been due for 4\xa0minutes, and no sender has taken it."
    assert any("gameball_worker" in one.text for one in found.advice)
    busy = pending(health(sender_seen_at=after(238)), 240)
    assert busy.why == "It goes out in a moment."


def test_until_when_it_still_links_comes_after_the_present() -> None:
    chain = told(pending(health(), 3))
    assert chain[-2:] == ["Now: about to be sent | It goes out in a moment.", "Until then Gameball links the friend"]
    assert "Gameball's time to link ended" in told(pending(health(), 400))


def test_an_order_of_a_guest_that_was_cancelled() -> None:
    cancelled = delivery("trackOrder", state=State.CANCELLED, settled_at=after(2))
    found = explain(referral(guest=True), [cancelled], health(), after(60))
    assert found.verdict == "This friend does not count: the registration was cancelled."


def test_a_referral_that_nothing_waits_for() -> None:
    found = explain(referral(), [], health(), after(60))
    assert "nothing waits to be sent" in found.why
    assert any("gameball_reconcile" in one.text for one in found.advice)


# --- Nobody's friend ------------------------------------------------------------------------------------------


def test_a_customer_without_a_referral() -> None:
    sent = delivery(state=State.APPLIED, history=[call("createCustomer", after(1))])
    found = explain(None, [sent], health(), after(60))
    assert found.why == "They registered without a referral code; no visit with a code was remembered."
    assert told(found) == [
        "Registered without a referral code",
        "The registration was sent | Gameball accepted it.",
    ]


def test_a_customer_without_a_referral_who_waits() -> None:
    found = explain(None, [delivery()], health(keys=None), after(60))
    assert any("Enter the keys" in one.text for one in found.advice)


def test_a_stranger() -> None:
    found = explain(None, [], health(), after(60))
    assert found.verdict == "The shop has recorded nothing of a customer with this id."
    assert any("gameball_sync_customers" in one.text for one in found.advice)


def test_an_erased_customer() -> None:
    gone = delivery("deleteCustomer", state=State.APPLIED, history=[call("deleteCustomer", after(1))])
    assert told(explain(None, [gone], health(), after(60)))[0] == "Asked to be erased"


@pytest.mark.parametrize("at", ["", None, "yesterday", 7])
def test_a_history_nobody_can_date_is_told_all_the_same(at: Any) -> None:
    broken = {"at": at, "operation": "createCustomer"}
    assert "The registration was sent | Gameball accepted it." in told(
        explain(referral(), [delivery(history=[broken])], health(), after(60))
    )
