"""The words of the admin: what each reason, error, call and limit is called, and what to do about it.

Keyed by the core's own codes; a test asserts that every code has words.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from gameball_referrals.django.models import Delivery, Receipt

from .show import Tone

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True)
class Reason:
    """Why something is as it is, and what one can do."""

    why: _StrPromise | str
    advice: tuple[_StrPromise | str, ...] = field(default=())


_NOTHING_TO_DO = _("Nothing has to be done: it goes out again by itself.")
_AFTER_KEYS = _("Save new keys on the account's page: everything that waits goes out by itself within seconds.")
_TEST = _("Then press Test connection on the account's page.")

ON_ACCOUNT_PAGE = (_AFTER_KEYS, _TEST)
"""Advice that is followed on the account's page."""

REASONS: dict[str, Reason] = {
    # Receipts.
    "by_registration": Reason(_("Gameball linked the referral with the registration.")),
    "by_order": Reason(_("Gameball linked the referral with the first order.")),
    "already_referred": Reason(
        _("Gameball says that this customer was referred before, and nobody can be referred twice."),
        (_("If the referrer asks: the friend counts for whoever referred them first."),),
    ),
    "code_not_found": Reason(
        _("Gameball knows no customer with this referral code."),
        (
            _(
                "Compare the code with the one in the referrer's own link: perhaps it was mistyped, or cut off "
                "by a messenger."
            ),
            _("Check that the code belongs to the same Gameball account, and not to the test account."),
        ),
    ),
    "invalid_referral": Reason(
        _("Gameball does not accept this referral, for example because the code is the customer's own."),
        (_("Look the code up in Gameball's dashboard: whose it is, and whether the program allows this friend."),),
    ),
    "code_not_valid": Reason(
        _("Gameball does not accept this code for this customer: nobody has it, or it is their own, or a guest's."),
        (
            _(
                "Compare the code with the one in the referrer's own link: perhaps it was mistyped, or cut off "
                "by a messenger."
            ),
            _("If the code is right, look it up in Gameball's dashboard: whose is it?"),
        ),
    ),
    "late": Reason(
        _("The registration reached Gameball after the time in which it links referrals."),
        (
            _(
                "The evidence below says what held it up. Ask Gameball's support whether they can link the friend by "
                "hand; the request ids help them."
            ),
            _("If it happens again: the dashboard shows windows that will be missed before they are."),
        ),
    ),
    "not_linked": Reason(
        _("The code is good and was sent in time, but Gameball made no link: it knew this customer before."),
        (
            _(
                "Something else had created the customer without the code: an import, another system, or the widget "
                "on a page of the shop. "
                "Put the widget on pages with the template tag, which waits for the registration."
            ),
        ),
    ),
    "not_linked_unchecked": Reason(
        _("Gameball made no link, and it could not be found out whether the code is good."),
        (_("Look the code up in Gameball's dashboard."),),
    ),
    "read_back_incomplete": Reason(
        _("The registration was delivered with the code, but Gameball's answer does not tell whether it is linked."),
        (_("Look the customer up in Gameball's dashboard: it shows who referred them."),),
    ),
    "read_back_failed": Reason(
        _("The registration was delivered with the code, but asking Gameball whether it is linked failed repeatedly."),
        (_("Look the customer up in Gameball's dashboard: it shows who referred them."),),
    ),
    # An operator's own doing; no verdict of the core's.
    "cancelled": Reason(
        _("Somebody cancelled the registration in the admin before Gameball had it."),
        (_("The delivery's history says who did."),),
    ),
    # Deliveries that failed for good.
    "refused": Reason(
        _("Gameball refused the data of this call."),
        (
            _("Look at the error below, and correct the customer or the order in Gameball or in the shop."),
            _("A replay sends what was recorded, once more: it helps when the mistake was on Gameball's side."),
        ),
    ),
    "invalid_arguments": Reason(
        _("What was recorded for this call is not complete or not valid, and it was not sent."),
        (_("Correct the customer or the order in the shop. If this came with an upgrade, please report it."),),
    ),
    "customer_unknown": Reason(
        _("Gameball does not know this customer."), (_("Replay the customer's registration first, then this one."),)
    ),
    "conflict": Reason(
        _("Gameball has data that contradict this call, such as another customer with the same e-mail address."),
        (_("Look the customer up in Gameball's dashboard, and merge or correct the two. Then press Replay."),),
    ),
    "not_found": Reason(
        _("Gameball does not know what this call is about."), (_("Check the account's base URL and API version."),)
    ),
    "attempts_exhausted": Reason(
        _("All attempts failed. Gameball may or may not have taken the last of them."),
        (_("Press Replay: what Gameball has already is not counted twice."),),
    ),
    # Deliveries that wait.
    "rate_limited": Reason(
        _("The account's limit of calls was reached, perhaps by others who use the same account."), (_NOTHING_TO_DO,)
    ),
    "customer_busy": Reason(_("Gameball was still busy with another request for this customer."), (_NOTHING_TO_DO,)),
    "server_failed": Reason(_("Gameball had a failure of its own."), (_NOTHING_TO_DO,)),
    "timed_out": Reason(_("Gameball did not answer in time."), (_NOTHING_TO_DO,)),
    "not_connected": Reason(
        _("Gameball could not be reached."),
        (_NOTHING_TO_DO, _("If it lasts: check that this server may connect to the base URL.")),
    ),
    "connection_lost": Reason(_("The connection to Gameball broke."), (_NOTHING_TO_DO,)),
    "unreadable_answer": Reason(
        _("The answer was not Gameball's; perhaps it was a proxy's page."),
        (_NOTHING_TO_DO, _("If it lasts: check the base URL, and what stands between this server and Gameball.")),
    ),
    "try_later": Reason(_("Gameball asked to try again later."), (_NOTHING_TO_DO,)),
    "slot_expired": Reason(_("It was not sent in its turn."), (_NOTHING_TO_DO,)),
    "closed": Reason(_("The sender was stopped before it was sent."), (_NOTHING_TO_DO,)),
    "internal": Reason(
        _("A defect of this software."), (_NOTHING_TO_DO, _("Please report it, with the text of the error."))
    ),
    # Accounts that are held, and the test of a connection.
    "keys_refused": Reason(
        _("Gameball refuses the keys."),
        (_("Copy both keys again from the Gameball dashboard, from one account."), _AFTER_KEYS),
    ),
    "api_key_refused": Reason(
        _("Gameball refuses the API key."), (_("Copy it again from the Gameball dashboard."), _AFTER_KEYS)
    ),
    "secret_key_refused": Reason(
        _("Gameball accepts the API key, but refuses the secret key."),
        (_("Copy the secret key again, from the dashboard of the same Gameball account."), _AFTER_KEYS),
    ),
    "secret_key_missing": Reason(
        _("Gameball wants the secret key (“transaction key”) with these calls."),
        (_("Copy it from the Gameball dashboard."), _AFTER_KEYS),
    ),
    "gameball_disabled": Reason(
        _("Gameball is disabled for this account."),
        (_("Enable it in the Gameball dashboard."), _TEST),
    ),
    "plan_lacks_it": Reason(
        _("The account's Gameball plan does not include these calls."),
        (_("Ask Gameball about the plan. Everything else goes on meanwhile."),),
    ),
    "not_allowed": Reason(
        _("Gameball does not allow these calls."),
        (
            _(
                "Check the keys' rights, and the minimum API version, in the Gameball dashboard: "
                "the API version is a field of the account's page."
            ),
            _TEST,
        ),
    ),
    "wrong_address": Reason(
        _("There is no Gameball API at the base URL."),
        (_("Correct the base URL and the API version; empty fields mean Gameball itself."), _TEST),
    ),
    "redirected": Reason(
        _("The base URL answers with a redirect, which is not followed with keys attached."),
        (_("Correct the base URL; an empty field means Gameball itself."), _TEST),
    ),
    "connected": Reason(_("Gameball accepts the keys.")),
    "connected_without_secret": Reason(
        _("Gameball accepts the API key; there is no secret key yet."),
        (_("Registrations go out. Orders and erasures wait: copy the secret key from the Gameball dashboard."),),
    ),
}

BRIEFLY: dict[str, _StrPromise] = {
    "by_registration": _("with the registration"),
    "by_order": _("with the first order"),
    "already_referred": _("by somebody else, before"),
    "code_not_found": _("nobody has this code"),
    "invalid_referral": _("Gameball does not accept it"),
    "code_not_valid": _("the code is not good for this friend"),
    "late": _("too late"),
    "not_linked": _("Gameball knew the customer before"),
    "not_linked_unchecked": _("no link, and the code could not be checked"),
    "read_back_incomplete": _("Gameball's answer did not say"),
    "read_back_failed": _("asking Gameball failed"),
    "cancelled": _("cancelled in the admin"),
    "refused": _("Gameball refused the registration"),
    "invalid_arguments": _("the registration was not valid"),
    "customer_unknown": _("Gameball does not know the customer"),
    "conflict": _("it contradicts what Gameball has"),
    "not_found": _("Gameball does not know it"),
    "attempts_exhausted": _("all attempts failed"),
}
"""The reasons of receipts in a few words, for lists."""

KINDS: dict[str, _StrPromise] = {
    "invalid_argument": _("The recorded data are not valid"),
    "authentication": _("Gameball refuses the keys"),
    "permission": _("Gameball does not allow it"),
    "not_found": _("Gameball does not know it"),
    "conflict": _("It contradicts what Gameball has"),
    "referral": _("Gameball refuses the referral"),
    "rate_limited": _("The limit of calls was reached"),
    "api": _("Gameball refuses the data"),
    "server": _("Gameball had an internal error"),
    "timeout": _("No answer in time"),
    "connection": _("Gameball could not be reached"),
    "decode": _("The answer was not Gameball's"),
    "internal": _("A defect of this software"),
}
"""The kinds of errors that a call of a delivery can meet (``tests/vectors/errors.json``)."""

CODES: dict[int, _StrPromise] = {
    1001: _("Gameball wants the secret key"),
    2001: _("Gameball was busy with another request for this customer"),
    3008: _("Another customer has this e-mail address"),
    6000: _("Gameball is disabled for this account"),
    7000: _("Gameball does not know this customer"),
    7001: _("Gameball has this customer already"),
    7002: _("Gameball says that the customer was referred before"),
    7003: _("Nobody has this referral code"),
    7005: _("Gameball says that the customer was referred before"),
    7006: _("Gameball does not accept this referral"),
    8000: _("The account's Gameball plan does not include this"),
    9003: _("Gameball has this order already"),
    9004: _("Gameball has this order already"),
}
"""What Gameball's own codes say more exactly than the kind of the error."""

OPERATIONS: dict[str, _StrPromise] = {
    "createCustomer": _("registration"),
    "trackOrder": _("order"),
    "deleteCustomer": _("erasure"),
    "getCustomer": _("profile"),
}
"""Deliveries by Gameball's operationId."""

CALLS: dict[str, _StrPromise] = {
    "createCustomer": _("The registration was sent"),
    "trackOrder": _("The order was sent"),
    "deleteCustomer": _("The erasure was sent"),
    "getCustomer": _("Gameball was asked whether the friend is linked"),
    "validateReferrerCode": _("Gameball was asked whether the code is good"),
}
"""Single calls of a delivery, as the evidence tells them."""

BUCKETS: dict[str, _StrPromise] = {
    "createCustomer": _("Registrations"),
    "getCustomer": _("Profiles and proofs"),
    "trackOrder": _("Orders"),
    "other": _("Everything else"),
}
"""The calls that share one limit."""

SOURCES: dict[str, _StrPromise] = {
    "visit": _("visit of a referral link"),
    "field": _("typed into a form"),
    "state": _("brought through a sign-in elsewhere"),
    "metadata": _("given by the shop"),
    "api": _("given by the shop"),
}
"""How a code came."""

RECEIPT_TONES: dict[str, Tone] = {
    Receipt.PENDING: "wait",
    Receipt.LINKED: "good",
    Receipt.ALREADY_REFERRED: "quiet",
    Receipt.REJECTED: "warn",
    Receipt.LOST: "bad",
    Receipt.UNVERIFIED: "warn",
}

STATE_TONES: dict[str, Tone] = {
    Delivery.State.PENDING: "wait",
    Delivery.State.IN_FLIGHT: "wait",
    Delivery.State.APPLIED: "good",
    Delivery.State.DEAD: "bad",
    Delivery.State.CANCELLED: "quiet",
}

VERDICTS: dict[str, _StrPromise] = {
    Receipt.LINKED: _("This friend counts."),
    Receipt.ALREADY_REFERRED: _("This friend does not count: they were referred before."),
    Receipt.REJECTED: _("This friend does not count: Gameball does not accept the code."),
    Receipt.LOST: _("This friend does not count: the referral was lost."),
    Receipt.UNVERIFIED: _("It is not known whether this friend counts."),
    Receipt.PENDING: _("It is not decided yet whether this friend counts."),
}


def reason(code: str) -> Reason:
    """Return the words of a reason; of a code from a newer core, the core's own sentence."""
    known = REASONS.get(code)
    if known is not None:
        return known
    from gameball_referrals.courier import reasons

    return Reason(reasons().get(code, code))


def error(kind: str, gameball_code: object = None) -> Any:
    """Return the words of an error, without a full stop."""
    exact = CODES.get(gameball_code) if isinstance(gameball_code, int) else None
    return exact or KINDS.get(kind, kind)


def operation(code: str) -> Any:
    """Return the words of a delivery's call."""
    return OPERATIONS.get(code, code)
