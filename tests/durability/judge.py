"""The judgement over a history: what the shop's database says must have happened, against what the emulator saw."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from databases import Database

UNKNOWN_CODE = "NOBODYS"


@dataclass
class Judgement:
    """What a history came to; empty ``losses`` mean that all promises were kept."""

    losses: list[str] = field(default_factory=list)
    customers: int = 0
    orders: int = 0
    referrals: int = 0
    linked: int = 0
    unverified: int = 0
    calls: int = 0
    repeated: int = 0
    """Calls that were made again, since nobody lived to hear the answer: at least once on the wire."""

    def lost(self, text: str) -> None:
        self.losses.append(text)


def judge(database: Database, state: dict[str, Any], *, codes: dict[str, str], orders: str, faults: bool) -> Judgement:
    """Compare the shop's rows with the emulator's state.

    Args:
        database: the shop's, drained.
        state: the emulator's.
        codes: referral codes of the seeded customers, with their ids.
        orders: ``first`` or ``all``, as the shop is set.
        faults: whether calls were made to fail, so that a read-back may have, too.

    """
    found = Judgement(calls=state["counters"]["requests"])
    shop = _Shop(database)
    seen = _Seen(state, set(codes.values()))
    _customers(found, shop, seen)
    _orders(found, shop, seen, orders)
    _referrals(found, shop, seen, codes, faults)
    _log(found, seen)
    for row in shop.deliveries:
        if row["state"] != "applied":
            what = f"{row['operation']} of {row['customer_id']} {row['order_id']}"
            found.lost(f"{what} is {row['state']} after {row['attempts']} attempts: {row['error_message']}")
        elif row["arguments"]:
            found.lost(f"the applied {row['operation']} of {row['customer_id']} still has its arguments")
    return found


class _Shop:
    """What is committed."""

    def __init__(self, database: Database) -> None:
        self.users = {
            str(row["id"]): row["username"].rpartition(".")[2]
            for row in database.rows("SELECT id, username FROM auth_user")
        }
        """Referrer code by customer; the name a visitor gave ends with it."""
        paid = database.rows(
            "SELECT number, customer_id, email, total FROM mortal_order WHERE paid_at IS NOT NULL ORDER BY id"
        )
        self.paid: dict[str, list[tuple[str, str]]] = {}
        """Paid orders by customer, earliest first: number and amount."""
        self.guests: dict[str, str] = {}
        """Referrer code by guest; their e-mail address has it."""
        for row in paid:
            customer = str(row["customer_id"]) if row["customer_id"] is not None else _guest(row["email"])
            if row["customer_id"] is None:
                self.guests[customer] = row["email"].partition("@")[0].rpartition(".")[2]
            self.paid.setdefault(customer, []).append((row["number"], f"{float(row['total']):.2f}"))
        self.deliveries = database.rows("SELECT * FROM gameball_delivery")
        self.referrals = {row["customer_id"]: row for row in database.rows("SELECT * FROM gameball_referral")}


def _guest(email: str) -> str:
    return "guest-" + hashlib.sha256(email.strip().lower().encode()).hexdigest()[:32]


class _Seen:
    """What the emulator saw, apart from the customers it was given at first."""

    def __init__(self, state: dict[str, Any], seeded: set[str]) -> None:
        self.state = state
        self.customers = {row["customerId"]: row for row in state["customers"] if row["customerId"] not in seeded}
        self.orders = {row["orderId"]: row for row in state["orders"]}
        self.referrals = {row["friend"]: row for row in state["referrals"]}
        self.requests: list[dict[str, Any]] = state["requests"]


def _customers(found: Judgement, shop: _Shop, seen: _Seen) -> None:
    found.customers = len(shop.users)
    for customer in sorted((shop.users.keys() | shop.guests.keys()) - seen.customers.keys()):
        found.lost(f"customer {customer} is committed and unknown to Gameball")
    for customer in sorted(seen.customers.keys() - shop.users.keys() - shop.guests.keys()):
        found.lost(f"customer {customer} was sent and is not committed")
    for customer in shop.users.keys() & seen.customers.keys():
        creator = seen.customers[customer]["createdBy"]
        if creator != "createCustomer":
            found.lost(f"customer {customer} was created by {creator}")


def _orders(found: Judgement, shop: _Shop, seen: _Seen, which: str) -> None:
    expected: dict[str, tuple[str, str]] = {}
    for customer, paid in shop.paid.items():
        for number, total in paid if which == "all" else paid[:1]:
            expected[number] = (customer, total)
    found.orders = len(expected)
    for number in sorted(expected.keys() - seen.orders.keys()):
        found.lost(f"order {number} is paid and unknown to Gameball")
    for number in sorted(seen.orders.keys() - expected.keys()):
        found.lost(f"order {number} was sent and is no committed {which} order")
    for number in expected.keys() & seen.orders.keys():
        customer, total = expected[number]
        order = seen.orders[number]
        if order["customerId"] != customer or f"{float(order['totalPaid']):.2f}" != total:
            found.lost(f"order {number} of {customer} over {total} was sent as {order}")


def _referrals(found: Judgement, shop: _Shop, seen: _Seen, codes: dict[str, str], faults: bool) -> None:
    referred = {customer: code for customer, code in {**shop.users, **shop.guests}.items() if code}
    found.referrals = len(referred)
    for customer in sorted(shop.referrals.keys() - referred.keys()):
        found.lost(f"customer {customer} has a referral and came without a code")
    for customer, code in sorted(referred.items()):
        row = shop.referrals.get(customer)
        if row is None:
            found.lost(f"customer {customer} came with the code {code} and has no referral")
            continue
        told = f"{row['receipt'] or 'no receipt'} ({row['reason']})"
        link = seen.referrals.get(customer)
        if code == UNKNOWN_CODE:
            right = row["receipt"] == "rejected" and row["reason"] == "code_not_valid"
            if link or not (right or (faults and row["receipt"] in ("unverified", "lost"))):
                found.lost(f"customer {customer} came with an unknown code and has {told}")
        elif link is None or link["referrer"] != codes[code]:
            found.lost(f"customer {customer} came with {code}; Gameball has {link}, the receipt says {told}")
        elif row["receipt"] == "linked":
            found.linked += 1
        elif faults and row["receipt"] == "unverified":
            found.unverified += 1
        else:
            found.lost(f"customer {customer} is linked and the receipt says {told}")
    for customer in sorted(seen.referrals.keys() - referred.keys()):
        found.lost(f"customer {customer} was linked and came without a code")


def _log(found: Judgement, seen: _Seen) -> None:
    counters = seen.state["counters"]
    if counters["refusedInFlight"]:
        found.lost(f"{counters['refusedInFlight']} calls met another one of the same customer (2001)")
    if len(seen.requests) < counters["requests"]:
        found.lost("the emulator's log was too short for this history")
    created: set[str] = set()
    applied: Counter[tuple[str, str]] = Counter()
    for request in seen.requests:
        operation = request["operation"]
        # An order's fault may strike after it was applied; whatever the answer, it was sent.
        if request["status"] == 429 and request["fault"] is None:
            found.lost(f"{operation} met a limit (429) at {request['at']}")
        if operation == "getCustomer":
            customer = unquote(request["path"].rpartition("/")[2])
        elif operation in ("createCustomer", "trackOrder"):
            body = json.loads(request["body"])
            customer = body["customerId"]
        else:
            continue
        if operation == "createCustomer" and request["applied"]:
            created.add(customer)
        if operation == "trackOrder" and customer not in created and not customer.startswith("guest-"):
            found.lost(f"order {body['orderId']} left before its customer {customer} was created")
        if operation != "getCustomer":
            what = body.get("orderId", "")
            applied[customer, what] += request["applied"] or request["code"] in (9003, 9004)
    found.repeated = sum(times - 1 for times in applied.values() if times > 1)
    for ignored in seen.state["ignoredCodes"]:
        if ignored["reason"] not in ("invalidCode", "alreadyReferred"):
            found.lost(f"the code of {ignored['customerId']} was ignored: {ignored['reason']}")
