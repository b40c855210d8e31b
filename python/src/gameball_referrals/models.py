"""What goes into calls and what comes back, typed.

Answers tolerate what Gameball leaves out: every field may be None. Amounts and points are exact decimals, never
floats. Source of all fields: Gameball's API reference, v4.0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, TypedDict, Union

Amount = Union[Decimal, int, str]
"""An exact amount: ``Decimal("100.10")``, ``100`` or ``"100.10"``. A float is refused."""

Time = Union[datetime, str]
"""A point in time: an aware datetime, or ISO 8601 text with a zone."""

Date = Union[date, str]
"""A calendar date: a date, or text such as ``"2024-01-15"``."""

Channel = Literal["mobile", "pos", "web", "callcenter"]
"""Where a customer or an order came from."""


# --- What goes in ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LineItem:
    """One line of an order. ``price`` is one unit's; ``taxes`` and ``discount`` are the line's."""

    product_id: str | None = None
    sku: str | None = None
    title: str | None = None
    quantity: Amount | None = None
    price: Amount | None = None
    category: Sequence[str] | None = None
    collection: Sequence[str] | None = None
    tags: Sequence[str] | None = None
    vendor: str | None = None
    weight: Amount | None = None
    taxes: Amount | None = None
    discount: Amount | None = None
    extra: Mapping[str, Any] | None = None
    """The shop's own facts about the line; its keys pass untouched."""


class LineItemDict(TypedDict, total=False):
    """A :class:`LineItem` as a plain dict."""

    product_id: str | None
    sku: str | None
    title: str | None
    quantity: Amount | None
    price: Amount | None
    category: Sequence[str] | None
    collection: Sequence[str] | None
    tags: Sequence[str] | None
    vendor: str | None
    weight: Amount | None
    taxes: Amount | None
    discount: Amount | None
    extra: Mapping[str, Any] | None


@dataclass(frozen=True)
class CustomerAttributes:
    """What the shop tells of a customer. The ``repr`` shows nothing personal."""

    display_name: str | None = field(default=None, repr=False)
    first_name: str | None = field(default=None, repr=False)
    last_name: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    mobile: str | None = field(default=None, repr=False)
    gender: str | None = field(default=None, repr=False)
    date_of_birth: Date | None = field(default=None, repr=False)
    join_date: Date | Time | None = None
    country: str | None = None
    city: str | None = field(default=None, repr=False)
    zip: str | None = field(default=None, repr=False)
    preferred_language: str | None = None
    source: str | None = None
    channel: Channel | None = None
    total_spent: Amount | None = None
    total_orders: int | None = None
    avg_order_amount: Amount | None = None
    last_order_date: Date | Time | None = None
    utms: Sequence[Any] | None = None
    devices: Sequence[Any] | None = field(default=None, repr=False)
    payment_methods: Sequence[str] | None = None
    custom: Mapping[str, Any] | None = field(default=None, repr=False)
    """The shop's own attributes; its keys pass untouched."""


class CustomerAttributesDict(TypedDict, total=False):
    """:class:`CustomerAttributes` as a plain dict."""

    display_name: str | None
    first_name: str | None
    last_name: str | None
    email: str | None
    mobile: str | None
    gender: str | None
    date_of_birth: Date | None
    join_date: Date | Time | None
    country: str | None
    city: str | None
    zip: str | None
    preferred_language: str | None
    source: str | None
    channel: Channel | None
    total_spent: Amount | None
    total_orders: int | None
    avg_order_amount: Amount | None
    last_order_date: Date | Time | None
    utms: Sequence[Any] | None
    devices: Sequence[Any] | None
    payment_methods: Sequence[str] | None
    custom: Mapping[str, Any] | None


class CustomerDict(TypedDict, total=False):
    """A customer of a batch: the arguments of :meth:`Client.create_customer` by name, ``customer_id`` among them."""

    customer_id: str
    referrer_code: str | None
    email: str | None
    mobile: str | None
    guest: bool | None
    attributes: CustomerAttributes | CustomerAttributesDict | Mapping[str, Any] | None


# --- What comes back ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CreatedCustomer:
    """Answer of a creation."""

    gameball_id: int | None
    """Gameball's own id of the customer."""


@dataclass(frozen=True)
class TrackedOrder:
    """Answer of a tracked order."""

    customer_id: str | None
    redeemed_points: Decimal | None
    rewarded_points: Decimal | None


@dataclass(frozen=True)
class ProfileAttributes:
    """What Gameball tells of a customer besides the referral."""

    gender: str | None = field(repr=False)
    country: str | None
    city: str | None = field(repr=False)
    zip: str | None = field(repr=False)
    source: str | None
    tags: list[str] | None
    payment_methods: list[str] | None
    total_spent: Decimal | None
    total_orders: Decimal | None
    last_order_date: str | None
    custom: Any = field(repr=False)


@dataclass(frozen=True)
class Customer:
    """A customer's profile at Gameball."""

    gameball_id: int | None
    customer_id: str | None
    referral_code: str | None
    """The customer's own code, to share."""
    referral_link: str | None
    """A link that carries the code."""
    is_referred: bool | None
    """Whether Gameball counts this customer as referred: the proof of a referral."""
    dynamic_referral_link: str | None
    """A link for mobile apps."""
    attributes: ProfileAttributes | None


@dataclass(frozen=True)
class ReferredFriend:
    """A friend whom a customer has brought. The ``repr`` shows nothing personal."""

    customer_id: str | None
    display_name: str | None = field(repr=False)
    email: str | None = field(repr=False)
    mobile_number: str | None = field(repr=False)
    join_date: str | None
    """As Gameball writes it."""
    status: str | None
    """``Active`` once the friend did what the program asks for, ``Pending`` before."""


@dataclass(frozen=True)
class ReferralsPage:
    """One page of friends, for those who page themselves (``call_many``)."""

    referred_friends: list[ReferredFriend]
    next_start_after: int | None
    """The ``start_after`` of the next page; None on the last one."""


@dataclass(frozen=True)
class ReferralsCount:
    """How many friends a customer has brought."""

    count: int | None
    total_pending: int | None
    total_active: int | None


@dataclass(frozen=True)
class Reward:
    """What somebody gets."""

    score: Decimal | None
    point: Decimal | None
    coupon: Any
    """As Gameball describes coupons."""
    for_every: Decimal | None
    """For extra rewards: once for every so many friends."""
    extra_reward: Reward | None


@dataclass(frozen=True)
class ReferralsConfiguration:
    """One step of the referral program."""

    referral_method: str | None
    """``CustomerOnly`` or ``CustomerAndFriend``."""
    event_name: str | None
    """What the friend must do, such as ``place_order``."""
    event_meta_data: Any
    customer_reward: Reward | None
    friend_reward: Reward | None
    extra_reward: Reward | None


@dataclass(frozen=True)
class BatchError:
    """What went wrong with one item of a batch. Gameball documents no fields: any may be None."""

    index: int | None
    """The item's place in the call, from 0."""
    customer_id: str | None
    code: int | None
    """Gameball's error code."""
    message: str | None = field(repr=False)


@dataclass(frozen=True)
class BatchStatus:
    """How far a batch is."""

    status: str | None
    """``pending``, ``processing``, ``completed``, or ``failed`` if all items failed."""
    total_items: int | None
    processed_items: int | None
    failed_items: int | None
    errors: list[BatchError]

    @property
    def done(self) -> bool:
        """Whether nothing more will happen."""
        return self.status in ("completed", "failed")
