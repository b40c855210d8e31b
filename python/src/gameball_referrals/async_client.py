"""The client for asyncio."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from . import _calls, _event_loop, _native
from ._base import BaseClient
from ._calls import Call, arguments

if TYPE_CHECKING:
    from types import TracebackType

    from .models import (
        Amount,
        BatchStatus,
        Channel,
        CreatedCustomer,
        Customer,
        CustomerAttributes,
        CustomerAttributesDict,
        CustomerDict,
        LineItem,
        LineItemDict,
        ReferralsConfiguration,
        ReferralsCount,
        ReferredFriend,
        Time,
        TrackedOrder,
    )

T = TypeVar("T")


class AsyncClient(BaseClient):
    """Calls to Gameball for asyncio (uvloop included): the same methods as :class:`Client`, to be awaited.

    Its options are those of :class:`Client`, where also each method is described. One worker thread serves any number
    of calls, threads and event loops; it starts with the first call. Cancelling a call stops it.
    """

    _native_class = _native.AsyncClient

    async def create_customer(
        self,
        customer_id: str,
        *,
        referrer_code: str | None = None,
        email: str | None = None,
        mobile: str | None = None,
        guest: bool | None = None,
        attributes: CustomerAttributes | CustomerAttributesDict | Mapping[str, Any] | None = None,
    ) -> CreatedCustomer:
        """See :meth:`Client.create_customer`."""
        return await self._call(_calls.CREATE_CUSTOMER, arguments(locals()))

    async def track_order(
        self,
        order_id: str,
        *,
        customer_id: str,
        order_date: Time,
        total_paid: Amount,
        total_price: Amount | None = None,
        total_discount: Amount | None = None,
        total_shipping: Amount | None = None,
        total_tax: Amount | None = None,
        line_items: Sequence[LineItem | LineItemDict | Mapping[str, Any]] | None = None,
        referrer_code: str | None = None,
        email: str | None = None,
        mobile: str | None = None,
        guest: bool | None = None,
        channel: Channel | None = None,
        cart_id: str | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> TrackedOrder:
        """See :meth:`Client.track_order`."""
        return await self._call(_calls.TRACK_ORDER, arguments(locals()))

    async def get_customer(self, customer_id: str) -> Customer:
        """See :meth:`Client.get_customer`."""
        return await self._call(_calls.GET_CUSTOMER, arguments(locals()))

    async def validate_referrer_code(self, code: str, *, for_customer_id: str | None = None) -> bool:
        """See :meth:`Client.validate_referrer_code`."""
        return await self._call(_calls.VALIDATE_REFERRER_CODE, arguments(locals()))

    async def get_customer_referrals(self, customer_id: str) -> AsyncIterator[ReferredFriend]:
        """See :meth:`Client.get_customer_referrals`; iterate with ``async for``."""
        start_after: int | None = None
        while True:
            wanted = {"customer_id": customer_id, "start_after": start_after}
            page = await self._call(_calls.GET_CUSTOMER_REFERRALS, wanted)
            for friend in page.referred_friends:
                yield friend
            start_after = page.next_start_after
            if start_after is None:
                return

    async def get_customer_referrals_count(self, customer_id: str) -> ReferralsCount:
        """See :meth:`Client.get_customer_referrals_count`."""
        return await self._call(_calls.GET_CUSTOMER_REFERRALS_COUNT, arguments(locals()))

    async def get_referrals_configurations(self, *, lang: str | None = None) -> list[ReferralsConfiguration]:
        """See :meth:`Client.get_referrals_configurations`."""
        return await self._call(_calls.GET_REFERRALS_CONFIGURATIONS, arguments(locals()))

    async def delete_customer(self, customer_id: str) -> None:
        """See :meth:`Client.delete_customer`."""
        await self._call(_calls.DELETE_CUSTOMER, arguments(locals()))

    async def create_customers(self, customers: Sequence[CustomerDict | Mapping[str, Any]]) -> str:
        """See :meth:`Client.create_customers`."""
        return await self._call(_calls.CREATE_CUSTOMERS, arguments(locals()))

    async def get_batch_status(self, job_id: str) -> BatchStatus:
        """See :meth:`Client.get_batch_status`."""
        return await self._call(_calls.GET_BATCH_STATUS, arguments(locals()))

    async def close(self) -> None:
        """Refuse every later call and let go of the connections. Calls in flight may finish."""
        self._native.close()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def _call(self, call: Call[T], given: dict[str, Any]) -> T:
        return call.answer(await _event_loop.call(self._native, call.operation, given))
