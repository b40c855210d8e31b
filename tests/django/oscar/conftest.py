"""An Oscar shop with one product, migrated from nothing, and a local Gameball that knows Ann."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from gameball_referrals.testing import Emulator

if os.environ.get("DJANGO_SETTINGS_MODULE") != "oscar_site.settings":
    # The other Django tests' run; `make test-oscar` has its own settings.
    collect_ignore_glob = ["*"]


@pytest.fixture
def product(transactional_db: None) -> Any:
    from oscar.core.loading import get_model

    get_model("address", "Country").objects.get_or_create(
        iso_3166_1_a2="GB", defaults={"printable_name": "United Kingdom", "is_shipping_country": True}
    )
    kind = get_model("catalogue", "ProductClass").objects.create(name="Tableware", requires_shipping=True)
    mug = get_model("catalogue", "Product").objects.create(title="Stoneware mug", product_class=kind)
    partner = get_model("partner", "Partner").objects.create(name="The pottery")
    mug.stockrecords.create(
        partner=partner, partner_sku="MUG-30", price=Decimal("24.13"), price_currency="EUR", num_in_stock=50
    )
    return mug


@pytest.fixture
def gameball(settings: Any) -> Iterator[Emulator]:
    """A local Gameball, which the shop talks to once something is delivered."""
    with Emulator(processing_ms=0) as emulator:
        emulator.add_customer("ann", referral_code="ANN")
        settings.GAMEBALL_REFERRALS = {
            **settings.GAMEBALL_REFERRALS,
            "API_KEY": emulator.api_key,
            "SECRET_KEY": emulator.secret_key,
            "BASE_URL": emulator.url,
        }
        yield emulator


@pytest.fixture
def deliver(gameball: Emulator) -> Callable[[], None]:
    """What delivers all that waits, as a sender would."""

    def deliver() -> None:
        from gameball_referrals.django.models import Delivery
        from gameball_referrals.django.sender import drain

        drain()
        assert not Delivery.objects.exclude(state=Delivery.State.APPLIED).exists()

    return deliver


@pytest.fixture
def staff(transactional_db: None) -> Any:
    from django.contrib.auth import get_user_model
    from django.test import Client

    client = Client()
    client.force_login(get_user_model().objects.create_superuser("boss", "boss@shop.example", "-"))
    return client
