"""Many customers in one call, and what becomes of them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from gameball_referrals import AuthenticationError, Client, ConfigurationError, InvalidArgumentError, NotFoundError
from gameball_referrals.models import BatchError, BatchStatus

if TYPE_CHECKING:
    from gameball_referrals.testing import Emulator


@pytest.mark.parametrize("answer", ["jobId", "batchId"])
def test_customers_are_created_by_a_job(emulator: Emulator, client: Client, answer: str) -> None:
    emulator.add_customer("anna", referral_code="ANNA")
    emulator.configure(batch_answer=answer)
    job_id = client.create_customers(
        [
            {"customer_id": "ben", "referrer_code": "ANNA", "attributes": {"display_name": "Ben"}},
            {"customer_id": "carl", "email": "carl@example.com"},
        ]
    )
    statuses = [client.get_batch_status(job_id) for _ in range(3)]
    assert [status.status for status in statuses] == ["pending", "processing", "completed"]
    assert [status.done for status in statuses] == [False, False, True]
    assert statuses[-1] == BatchStatus("completed", total_items=2, processed_items=2, failed_items=0, errors=[])
    assert client.get_customer("ben").is_referred
    assert client.get_customer("carl").is_referred is False


def test_one_customer_that_is_refused_does_not_stop_the_others(emulator: Emulator, client: Client) -> None:
    emulator.configure(existing_customer="error7001")
    emulator.add_customer("ben")
    job_id = client.create_customers([{"customer_id": "ben"}, {"customer_id": "carl"}])
    emulator.advance(10)
    status = client.get_batch_status(job_id)
    assert (status.status, status.failed_items) == ("completed", 1)
    [error] = status.errors
    assert (error.index, error.code) == (0, 7001)
    assert error.message
    assert error.message not in repr(status)
    assert client.get_customer("carl").customer_id == "carl"


def test_failures_in_any_shape_are_counted(emulator: Emulator, client: Client) -> None:
    body = '{"status": "failed", "totalItems": "3", "errors": ["no", {"customerId": "ben", "code": "x"}, null]}'
    emulator.inject("status", status=200, body=body)
    nothing = BatchError(index=None, customer_id=None, code=None, message=None)
    status = client.get_batch_status("1")
    assert (status.total_items, status.processed_items) == (3, None)
    assert [error.customer_id for error in status.errors] == [None, "ben", None]
    assert [error.message for error in status.errors] == ["no", None, None]
    assert status.errors[2] == nothing


def test_nothing_is_sent_if_one_customer_is_malformed(emulator: Emulator, client: Client) -> None:
    with pytest.raises(InvalidArgumentError) as raised:
        client.create_customers([{"customer_id": "ben"}, {"customer_id": "carl", "email": "carl"}])
    assert raised.value.field == "customers[1].email"
    assert emulator.requests() == []


def test_an_unknown_job_and_a_missing_secret(emulator: Emulator, client: Client) -> None:
    with pytest.raises(NotFoundError):
        client.get_batch_status("1")
    with Client(emulator.api_key, base_url=emulator.url) as public, pytest.raises(ConfigurationError):
        public.create_customers([{"customer_id": "ben"}])
    with Client(emulator.api_key, "wrong", base_url=emulator.url) as wrong, pytest.raises(AuthenticationError):
        wrong.create_customers([{"customer_id": "ben"}])


def test_a_batch_of_unknown_fate_is_not_sent_again_by_itself(emulator: Emulator) -> None:
    emulator.inject("resetAfter")
    with emulator.client() as client, pytest.raises(ConnectionError):
        client.create_customers([{"customer_id": "ben"}])
    assert len(emulator.requests()) == 1


def test_on_an_event_loop(emulator: Emulator) -> None:
    async def work() -> BatchStatus:
        async with emulator.async_client() as client:
            job_id = await client.create_customers([{"customer_id": "ben"}])
            while not (status := await client.get_batch_status(job_id)).done:
                pass
            return status

    assert asyncio.run(work()).processed_items == 1
