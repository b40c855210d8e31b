"""Who looks at the admin: a superuser, somebody who may only look, and somebody of another department."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from gameball_referrals.testing import Emulator


def _staff(name: str, *codenames: str) -> Client:
    user = get_user_model().objects.create_user(name, password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="gameball", codename__in=codenames))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def boss(db: None) -> Client:
    """A superuser."""
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("boss", password="x"))
    return client


@pytest.fixture
def viewer(db: None) -> Client:
    """Somebody who may look at everything."""
    return _staff("viewer", "view_account", "view_delivery", "view_referral")


@pytest.fixture
def stranger(db: None) -> Client:
    """A member of staff without any permission of this app's."""
    return _staff("stranger")


@pytest.fixture
def staff(db: None) -> Any:
    """Make a member of staff with the permissions named."""
    return _staff


@pytest.fixture
def vendor() -> Iterator[Emulator]:
    """A local Gameball whose keys are nowhere yet."""
    with Emulator(limits=False, processing_ms=0) as emulator:
        yield emulator
