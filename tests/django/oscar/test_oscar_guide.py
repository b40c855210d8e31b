"""What the Oscar guide prints is run, in the site of these tests."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import include, path, reverse
from gameball_referrals.oscar import dashboard

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "oscar.md"
FORKED_FORMS = Path(__file__).parent / "forked" / "customer" / "forms.py"


def block_with(text: str) -> str:
    blocks = re.findall(r"^```python\n(.*?)^```", GUIDE.read_text(), re.DOTALL | re.MULTILINE)
    (found,) = [block for block in blocks if text in block]
    return str(found)


def run(code: str, **names: Any) -> dict[str, Any]:
    exec(compile(code, str(GUIDE), "exec"), names)
    return names


def test_the_settings_are_this_sites() -> None:
    shown = run(block_with("INSTALLED_APPS"), INSTALLED_APPS=[], MIDDLEWARE=[])
    assert shown["INSTALLED_APPS"] == [app for app in django_settings.INSTALLED_APPS if "gameball" in app]
    assert shown["MIDDLEWARE"] == django_settings.MIDDLEWARE[-1:]
    assert run(block_with("urlpatterns"), urlpatterns=[], path=path, include=include)["urlpatterns"]


def test_the_statuses_are_this_sites() -> None:
    waited_for = run(block_with("OSCAR_PAID_STATUSES"))["GAMEBALL_REFERRALS"]["OSCAR_PAID_STATUSES"]
    assert set(waited_for) <= set(django_settings.OSCAR_ORDER_STATUS_PIPELINE)


def test_the_form_is_the_forks() -> None:
    assert block_with("EmailUserCreationForm") in FORKED_FORMS.read_text()


def test_the_menus_entry_takes_the_place_of_the_apps_own(monkeypatch: pytest.MonkeyPatch, staff: Client) -> None:
    menu: list[Any] = [{"label": "Dashboard", "url_name": "dashboard:index"}]
    run(block_with("access_fn"), OSCAR_DASHBOARD_NAVIGATION=menu)
    monkeypatch.setattr(django_settings, "OSCAR_DASHBOARD_NAVIGATION", menu)
    dashboard.add_to_menu()
    assert len(menu) == 2
    assert reverse(dashboard.URL_NAME) in staff.get(reverse("dashboard:index")).content.decode()
