"""The server and the emulator of ``tests/django``, and a Saleor in which somebody has switched the plugin on."""

from __future__ import annotations

import importlib.util
import uuid
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from gameball_referrals.testing import Emulator

_rules = importlib.util.spec_from_file_location("django_rules", Path(__file__).parents[1] / "django" / "conftest.py")
assert _rules is not None
assert _rules.loader is not None
_django = importlib.util.module_from_spec(_rules)
_rules.loader.exec_module(_django)
pytest_runtest_makereport = _django.pytest_runtest_makereport
pytest_sessionfinish = _django.pytest_sessionfinish
database_server = _django.database_server
emulator = _django.emulator
python = _django.python

PLUGIN_ID = "gameball.referrals"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(database_server: Any, django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Point both of Saleor's databases to the server."""
    if database_server is not None:
        for alias in ("default", "replica"):
            for configured in (settings.DATABASES[alias], connections[alias].settings_dict):
                configured.update(database_server.settings())


@pytest.fixture(autouse=True)
def _forgets_switches() -> Iterator[None]:
    """Let no test see how another one's switches stood."""
    from gameball_saleor_plugin import switches

    switches._seen = None
    yield
    switches._seen = None


class Shop:
    """A Saleor with the plugin; ``manager`` is what a request would get."""

    def __init__(self, gameball: Emulator) -> None:
        self.gameball = gameball

    @property
    def manager(self) -> Any:
        from saleor.plugins.manager import PluginsManager

        return PluginsManager(allow_replica=True)

    def save(self, *, active: bool | None = True, **values: Any) -> Any:
        """What the Dashboard's plugin page does when somebody presses Save."""
        from saleor.plugins.manager import PluginsManager

        given = [{"name": name, "value": value} for name, value in values.items()]
        data = {"configuration": given, **({} if active is None else {"active": active})}
        return PluginsManager(allow_replica=False).save_plugin_configuration(PLUGIN_ID, data)

    def shown(self) -> dict[str, Any]:
        from saleor.plugins.manager import as_the_dashboard_shows

        return as_the_dashboard_shows(self.manager, PLUGIN_ID)

    def register(self, email: str = "ben@shop.test", **fields: Any) -> Any:
        """What ``accountRegister`` does: the user is committed, then the hook is called."""
        from saleor.account.models import User

        user = User.objects.create(**{"email": email, "is_confirmed": False, "first_name": "Ben", **fields})
        self.manager.customer_created(user)
        return user

    def order(self, user: Any = None, *, paid: bool = True, number: int = 1, **fields: Any) -> Any:
        """An order as ``checkoutComplete`` leaves it, with the hooks that follow."""
        from saleor.channel.models import Channel
        from saleor.order.models import Order, OrderLine

        channel, _ = Channel.objects.get_or_create(slug="default-channel")
        order = Order.objects.create(
            **{
                "number": number,
                "channel": channel,
                "user": user,
                "user_email": user.email if user else "guest@shop.test",
                "checkout_token": str(uuid.uuid4()),
                "total_gross_amount": Decimal("100.10"),
                "total_net_amount": Decimal("84.12"),
                "undiscounted_total_gross_amount": Decimal("110.10"),
                **fields,
            }
        )
        OrderLine.objects.create(
            order=order, product_name="Mug", variant_name="Blue", product_sku="MUG-B", variant_id=7, quantity=2,
            unit_price_gross_amount=Decimal("50.05"),
        )  # fmt: skip
        self.manager.order_created(order, webhooks=set())
        if paid:
            self.pay(order)
        return order

    def pay(self, order: Any) -> None:
        order.charge_status, order.total_charged_amount = "full", order.total_gross_amount
        order.save()
        self.manager.order_fully_paid(order, webhooks=set())
        self.manager.order_confirmed(order)

    def deliver(self) -> int:
        from gameball_referrals.django.sender import Sender

        return Sender().drain(30)


@pytest.fixture
def off(emulator: Emulator, settings: Any) -> Shop:
    """A Saleor in which the wheel was installed, and nobody has been on the plugin's page."""
    settings.GAMEBALL_REFERRALS = {"BASE_URL": emulator.url, "SENDER": "worker"}
    return Shop(emulator)


@pytest.fixture
def shop(off: Shop) -> Shop:
    """The same, with keys, and switched on."""
    off.save(enabled="true", api_key=off.gameball.api_key, secret_key=off.gameball.secret_key)
    return off
