"""The client whose calls wait for their answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from . import _calls, _gevent, _native
from ._base import BaseClient
from ._calls import Call, arguments
from .exceptions import InvalidArgumentError, from_record

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


class Client(BaseClient):
    """Calls to Gameball that wait for their answers.

    Cheap to call, not to build: make one a process and share it between threads. It survives a fork, lets Ctrl-C
    through, and under gevent's patched `threading` makes only the calling greenlet wait. Nothing is opened before the
    first call. Use it as a context manager, or call :meth:`close`, to let go of its connections.

    Args:
        api_key: the account's public key.
        secret_key: the private key ("transaction key"); orders, referrals and erasure need it, v4.1 always.
        base_url: where Gameball's API is; https, or plain HTTP on this machine.
        api_version: ``"v4.0"`` or ``"v4.1"``.
        high_security: whether the account's High Security Mode is on: every call then carries the secret key.
        timeout: seconds one call may take, retries and all; more than 0, at most 600.
        max_retries: how often one call is repeated at most, where that is safe; 0 to 10.
        allow_plain_http: whether the keys may travel unencrypted to other machines.

    Raises:
        ConfigurationError: an option cannot work; ``field`` names it.

    Every call may raise any :class:`GameballError`; its docstring names those that are peculiar to it.

    """

    _native_class = _native.Client

    def create_customer(
        self,
        customer_id: str,
        *,
        referrer_code: str | None = None,
        email: str | None = None,
        mobile: str | None = None,
        guest: bool | None = None,
        attributes: CustomerAttributes | CustomerAttributesDict | Mapping[str, Any] | None = None,
    ) -> CreatedCustomer:
        """Create a customer, with the code of whoever referred them, or update one.

        Only the first call for a customer links a referral, within five minutes of the registration by default. A
        code that nobody owns is ignored silently: see :meth:`validate_referrer_code` before, or ``is_referred`` of
        :meth:`get_customer` after. Source: ``POST customers``.

        Args:
            customer_id: the shop's own id of the customer, which never changes: no e-mail address.
            referrer_code: the code that brought this customer.
            email: the customer's e-mail address.
            mobile: the customer's phone number.
            guest: whether the customer has no account; a guest cannot refer.
            attributes: what else the shop tells; keys in ``snake_case``.

        """
        return self._call(_calls.CREATE_CUSTOMER, arguments(locals()))

    def track_order(
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
        """Track a paid order. Source: ``POST orders``.

        An order whose fate is unknown is not sent again by itself; doing so is safe, since Gameball knows it by its id.

        Args:
            order_id: the shop's id of the order: case-sensitive, never reused.
            customer_id: the shop's id of the customer. An unknown one is created by this call.
            order_date: when it was placed, with a time zone; it is sent in UTC.
            total_paid: what the customer really paid, in the account's currency; rewards are computed from it.
            total_price: the price before discounts, shipping and taxes.
            total_discount: the discount.
            total_shipping: the shipping costs.
            total_tax: the taxes.
            line_items: what was bought; keys in ``snake_case``.
            referrer_code: the code that brought this customer; it counts on the first order only.
            email: the customer's e-mail address.
            mobile: the customer's phone number.
            guest: whether the customer has no account.
            channel: where the order came from.
            cart_id: the shop's id of the cart.
            extra: the shop's own facts; its keys pass untouched.

        Raises:
            ConflictError: the order was tracked before (code 9004).

        """
        return self._call(_calls.TRACK_ORDER, arguments(locals()))

    def get_customer(self, customer_id: str) -> Customer:
        """Return a profile: the customer's own code, and whether they were referred. Source: ``GET customers/{id}``.

        Raises:
            NotFoundError: Gameball does not know the customer.

        """
        return self._call(_calls.GET_CUSTOMER, arguments(locals()))

    def validate_referrer_code(self, code: str, *, for_customer_id: str | None = None) -> bool:
        """Tell whether a code exists and may be used. Source: ``GET referrals/validate``.

        Args:
            code: the referrer code.
            for_customer_id: the customer who wants to use it; nobody refers themselves.

        """
        return self._call(_calls.VALIDATE_REFERRER_CODE, arguments(locals()))

    def get_customer_referrals(self, customer_id: str) -> Iterator[ReferredFriend]:
        """Go through the friends a customer has brought, oldest first. Source: ``GET customers/{id}/referrals``.

        Pages are fetched as the iteration needs them, so it is there that errors are raised.

        Raises:
            NotFoundError: Gameball does not know the customer.

        """
        start_after: int | None = None
        while True:
            wanted = {"customer_id": customer_id, "start_after": start_after}
            page = self._call(_calls.GET_CUSTOMER_REFERRALS, wanted)
            yield from page.referred_friends
            start_after = page.next_start_after
            if start_after is None:
                return

    def get_customer_referrals_count(self, customer_id: str) -> ReferralsCount:
        """Count the friends a customer has brought. Source: ``GET customers/{id}/referrals/count``.

        Raises:
            NotFoundError: Gameball does not know the customer.

        """
        return self._call(_calls.GET_CUSTOMER_REFERRALS_COUNT, arguments(locals()))

    def get_referrals_configurations(self, *, lang: str | None = None) -> list[ReferralsConfiguration]:
        """Return the steps of the referral program. Source: ``GET configurations/referrals``.

        Args:
            lang: language of the texts, such as ``en`` or ``pt-BR``.

        """
        return self._call(_calls.GET_REFERRALS_CONFIGURATIONS, arguments(locals()))

    def delete_customer(self, customer_id: str) -> None:
        """Erase a customer at Gameball. Source: ``DELETE customers/{id}``.

        Raises:
            NotFoundError: Gameball did not know the customer.

        """
        self._call(_calls.DELETE_CUSTOMER, arguments(locals()))

    def create_customers(self, customers: Sequence[CustomerDict | Mapping[str, Any]]) -> str:
        """Hand over many customers, to be created or updated soon, and return the job's id.

        Both keys are needed. A few hundred at a time keep the call short; that a customer was refused, only
        :meth:`get_batch_status` tells. Source: ``POST batch/customers``.

        Args:
            customers: the arguments of :meth:`create_customer` by name, for each.

        Raises:
            InvalidArgumentError: nothing was sent; ``field`` is such as ``customers[3].email``.

        """
        return self._call(_calls.CREATE_CUSTOMERS, arguments(locals()))

    def get_batch_status(self, job_id: str) -> BatchStatus:
        """Tell how far a batch is, and what went wrong. Source: ``GET batches/{id}/status``.

        Args:
            job_id: what :meth:`create_customers` returned.

        Raises:
            NotFoundError: Gameball knows no such job.

        """
        return self._call(_calls.GET_BATCH_STATUS, arguments(locals()))

    def call_many(self, calls: Iterable[tuple[str, Mapping[str, Any]]], *, concurrency: int) -> list[Any]:
        """Make many calls, ``concurrency`` of them at a time, in one go.

        Each call is a method's name and all its arguments by name: ``("get_customer", {"customer_id": "7"})``. The
        results keep the order; each is what the method returns, or the :class:`GameballError` it would raise. A
        ``get_customer_referrals`` (here also with ``start_after`` and ``limit``) results in one
        :class:`~gameball_referrals.models.ReferralsPage`.
        """
        named: list[tuple[Call[Any], dict[str, Any]]] = []
        unchecked: Iterable[Any] = calls
        for each in unchecked:
            place = f"calls[{len(named)}]"
            if not (isinstance(each, (tuple, list)) and len(each) == 2 and isinstance(each[1], Mapping)):
                raise InvalidArgumentError("must be a method's name and a mapping of its arguments", field=place)
            method, given = each
            if not isinstance(method, str) or method not in _calls.BY_METHOD:
                raise InvalidArgumentError(f"{method!r} is no call's method", field=place)
            named.append((_calls.BY_METHOD[method], dict(given)))
        wanted = [(call.operation, given) for call, given in named]
        if _gevent.in_greenlet():
            outcomes = _gevent.wait(self._native.submit_many, wanted, concurrency)
        else:
            outcomes = self._native.call_many(wanted, concurrency)
        return [
            call.answer(outcome) if isinstance(outcome, str) else from_record(outcome)
            for (call, _), outcome in zip(named, outcomes)
        ]

    def close(self) -> None:
        """Refuse every later call and let go of the connections. Calls of other threads may finish."""
        self._native.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _call(self, call: Call[T], given: dict[str, Any]) -> T:
        if _gevent.in_greenlet():
            return call.answer(_gevent.wait(self._native.submit, call.operation, given))
        return call.answer(self._native.call(call.operation, given))
