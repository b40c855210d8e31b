"""A process dies between a row and what Gameball is told of it: both are there, or neither."""

from __future__ import annotations

import signal
import subprocess
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from gameball_referrals.django.models import Delivery, Referral
from shop.models import Order

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE_THE_COMMIT = ("outbox.insert", "outbox.between", "outbox.inserted")

SIGN_UP = """
import django; django.setup()
from hooks.support import visit
from django.contrib.auth.models import User
with visit():
    User.objects.create_user("bo", "bo@example.com")
"""

PAY = """
import django; django.setup()
from django.test.utils import override_settings
from django.utils import timezone
from shop.models import Order
MAPPING = {"model": "shop.Order", "id": "number", "customer": "customer", "email": "email", "date": "placed_at",
           "total_paid": "total", "paid": "paid_at"}
with override_settings(GAMEBALL_REFERRALS={"SENDER": "worker", "ORDERS": MAPPING}):
    order = Order.objects.get()
    order.paid_at = timezone.now()
    order.save()
"""


def run(python: str, script: str, environment: dict[str, str], failpoint: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, "-c", script],
        env={**environment, "GAMEBALL_FAILPOINT": failpoint},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("failpoint", BEFORE_THE_COMMIT)
def test_neither_the_user_nor_the_delivery(python: str, child_environment: dict[str, str], failpoint: str) -> None:
    done = run(python, SIGN_UP, child_environment, failpoint)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert (User.objects.count(), Referral.objects.count(), Delivery.objects.count()) == (0, 0, 0)


def test_the_user_and_the_delivery(python: str, child_environment: dict[str, str]) -> None:
    done = run(python, SIGN_UP, child_environment, "outbox.committed")
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert (User.objects.count(), Referral.objects.count(), Delivery.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize("failpoint", ["outbox.insert", "outbox.inserted", "outbox.committed"])
def test_an_order_that_becomes_paid(python: str, child_environment: dict[str, str], failpoint: str) -> None:
    user = User.objects.create_user("bo")
    Order.objects.create(number="A-1", customer=user, total=Decimal("9.90"), placed_at=timezone.now())
    done = run(python, PAY, child_environment, failpoint)
    assert done.returncode == -signal.SIGKILL, done.stderr
    is_paid = Order.objects.get().paid_at is not None
    is_told = Delivery.objects.filter(operation="trackOrder", order_id="A-1").exists()
    assert (is_paid, is_told) == ((True, True) if failpoint == "outbox.committed" else (False, False))


def test_the_window_is_real(python: str, child_environment: dict[str, str]) -> None:
    """Without the hook in the row's transaction, the user would be there and the delivery not."""
    without = SIGN_UP.replace("with visit", "User._save_table = User._save_table.__wrapped__\nwith visit")
    done = run(python, without, child_environment, "outbox.insert")
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert (User.objects.count(), Delivery.objects.count()) == (1, 0)
