"""The calls that both clients make: the vendor's ``operationId`` of each, and how its answer is read."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from json import JSONDecoder
from typing import Any, Callable, Generic, TypeVar

from .models import (
    BatchError,
    BatchStatus,
    CreatedCustomer,
    Customer,
    ProfileAttributes,
    ReferralsConfiguration,
    ReferralsCount,
    ReferralsPage,
    ReferredFriend,
    Reward,
    TrackedOrder,
)

T = TypeVar("T")

_decode = JSONDecoder().raw_decode
"""Without looks for blanks around the text: the core writes none."""


@dataclass(frozen=True)
class Call(Generic[T]):
    """One of the API's calls."""

    operation: str
    read: Callable[[Any], T]

    def answer(self, text: str) -> T:
        """Read the answer's JSON text."""
        return self.read(_decode(text)[0])


def arguments(method_locals: dict[str, Any]) -> dict[str, Any]:
    """Turn a method's ``locals()`` into the call's arguments, which carry the same names.

    So a signature is the one place that lists them; the core checks every value.
    """
    del method_locals["self"]
    return method_locals


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _created_customer(data: dict[str, Any]) -> CreatedCustomer:
    return CreatedCustomer(gameball_id=data["gameballId"])


def _tracked_order(data: dict[str, Any]) -> TrackedOrder:
    return TrackedOrder(
        customer_id=data["customerId"],
        redeemed_points=_decimal(data["redeemedPoints"]),
        rewarded_points=_decimal(data["rewardedPoints"]),
    )


def _customer(data: dict[str, Any]) -> Customer:
    attributes = data["attributes"]
    return Customer(
        gameball_id=data["gameballId"],
        customer_id=data["customerId"],
        referral_code=data["referralCode"],
        referral_link=data["referralLink"],
        is_referred=data["isReferred"],
        dynamic_referral_link=data["dynamicReferralLink"],
        attributes=None if attributes is None else _profile_attributes(attributes),
    )


def _profile_attributes(data: dict[str, Any]) -> ProfileAttributes:
    return ProfileAttributes(
        gender=data["gender"],
        country=data["country"],
        city=data["city"],
        zip=data["zip"],
        source=data["source"],
        tags=data["tags"],
        payment_methods=data["paymentMethods"],
        total_spent=_decimal(data["totalSpent"]),
        total_orders=_decimal(data["totalOrders"]),
        last_order_date=data["lastOrderDate"],
        custom=data["custom"],
    )


def _is_valid(data: bool) -> bool:
    return data


def _referrals_page(data: dict[str, Any]) -> ReferralsPage:
    return ReferralsPage(
        referred_friends=[
            ReferredFriend(
                customer_id=friend["customerId"],
                display_name=friend["displayName"],
                email=friend["email"],
                mobile_number=friend["mobileNumber"],
                join_date=friend["joinDate"],
                status=friend["status"],
            )
            for friend in data["referredFriends"]
        ],
        next_start_after=data["nextStartAfter"],
    )


def _referrals_count(data: dict[str, Any]) -> ReferralsCount:
    return ReferralsCount(count=data["count"], total_pending=data["totalPending"], total_active=data["totalActive"])


def _referrals_configurations(data: list[dict[str, Any]]) -> list[ReferralsConfiguration]:
    return [
        ReferralsConfiguration(
            referral_method=step["referralMethod"],
            event_name=step["eventName"],
            event_meta_data=step["eventMetaData"],
            customer_reward=_reward(step["customerReward"]),
            friend_reward=_reward(step["friendReward"]),
            extra_reward=_reward(step["extraReward"]),
        )
        for step in data
    ]


def _reward(data: dict[str, Any] | None) -> Reward | None:
    if data is None:
        return None
    return Reward(
        score=_decimal(data["score"]),
        point=_decimal(data["point"]),
        coupon=data["coupon"],
        for_every=_decimal(data["forEvery"]),
        extra_reward=_reward(data["extraReward"]),
    )


def _batch_job(data: dict[str, Any]) -> str:
    job_id: str = data["jobId"]
    return job_id


def _batch_status(data: dict[str, Any]) -> BatchStatus:
    return BatchStatus(
        status=data["status"],
        total_items=data["totalItems"],
        processed_items=data["processedItems"],
        failed_items=data["failedItems"],
        errors=[
            BatchError(
                index=error["index"],
                customer_id=error["customerId"],
                code=error["code"],
                message=error["message"],
            )
            for error in data["errors"]
        ],
    )


def _nothing(data: None) -> None:
    return data


CREATE_CUSTOMER = Call("createCustomer", _created_customer)
TRACK_ORDER = Call("trackOrder", _tracked_order)
GET_CUSTOMER = Call("getCustomer", _customer)
DELETE_CUSTOMER = Call("deleteCustomer", _nothing)
VALIDATE_REFERRER_CODE = Call("validateReferrerCode", _is_valid)
GET_CUSTOMER_REFERRALS = Call("getCustomerReferrals", _referrals_page)
GET_CUSTOMER_REFERRALS_COUNT = Call("getCustomerReferralsCount", _referrals_count)
GET_REFERRALS_CONFIGURATIONS = Call("getReferralsConfigurations", _referrals_configurations)
CREATE_CUSTOMERS = Call("createCustomers", _batch_job)
GET_BATCH_STATUS = Call("getBatchStatus", _batch_status)

BY_METHOD: dict[str, Call[Any]] = {
    "create_customer": CREATE_CUSTOMER,
    "track_order": TRACK_ORDER,
    "get_customer": GET_CUSTOMER,
    "delete_customer": DELETE_CUSTOMER,
    "validate_referrer_code": VALIDATE_REFERRER_CODE,
    "get_customer_referrals": GET_CUSTOMER_REFERRALS,
    "get_customer_referrals_count": GET_CUSTOMER_REFERRALS_COUNT,
    "get_referrals_configurations": GET_REFERRALS_CONFIGURATIONS,
    "create_customers": CREATE_CUSTOMERS,
    "get_batch_status": GET_BATCH_STATUS,
}
"""The calls by the names of the clients' methods."""
