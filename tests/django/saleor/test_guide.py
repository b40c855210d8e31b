"""What docs/saleor.md prints is true."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest
from conftest import Shop
from django.core import checks
from gameball_referrals.django import conf
from gameball_referrals.saleor import claims, manifest

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs" / "saleor.md").read_text()


def findings(settings: Any, **given: Any) -> set[str]:
    settings.GAMEBALL_REFERRALS = {**settings.GAMEBALL_REFERRALS, **given}
    return {each.id for each in checks.run_checks() if each.id}


def test_the_settings_of_the_guide_work(settings: Any) -> None:
    (block,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    names: dict[str, Any] = {"INSTALLED_APPS": []}
    exec(compile(block, "docs/saleor.md", "exec"), names)
    assert set(names["INSTALLED_APPS"]) <= set(settings.INSTALLED_APPS)
    assert not {each for each in findings(settings, **names["GAMEBALL_REFERRALS"]) if each.startswith("gameball.E")}


def test_every_setting_and_key_is_in_it() -> None:
    for field in dataclasses.fields(conf.Settings):
        if field.name.startswith("SALEOR_"):
            assert f"`{field.name}`" in GUIDE
    assert f"**`{claims.KEY}`**" in GUIDE
    for permission in manifest.PERMISSIONS:
        assert f"`{permission}`" in GUIDE


def test_every_answer_that_it_explains_is_given() -> None:
    sources = "".join(each.read_text() for each in (ROOT / "python/src/gameball_referrals/saleor").glob("*.py"))
    for code in re.findall(r"^\| \*([a-z]+_[a-z_]+)\*", GUIDE, re.MULTILINE):
        assert f'"{code}"' in sources


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"SALEOR_API_URLS": []}, "gameball.W070"),
        ({"SALEOR_API_URLS": ["shop.example"]}, "gameball.E071"),
        ({"SALEOR_API_URLS": ["http://shop.example/graphql/"]}, "gameball.E072"),
        ({"SALEOR_PUBLIC_URL": "referrals.example"}, "gameball.E073"),
        ({"SALEOR_DASHBOARDS": {"https://other.example/graphql/": "https://d.example"}}, "gameball.W071"),
        ({"SALEOR_API_URLS": "https://shop.example/graphql/"}, "gameball.E001"),
        ({"SALEOR_DASHBOARDS": ["https://d.example"]}, "gameball.E001"),
        ({"SALEOR_CLAIM_KEY": "short"}, "gameball.E001"),
        ({"SALEOR_REGISTER_ON": "sometime"}, "gameball.E001"),
    ],
)
def test_a_check_names_what_is_wrong(settings: Any, given: dict[str, Any], told: str) -> None:
    assert told in findings(settings, **given)


@pytest.mark.django_db(transaction=True)
def test_a_quiet_shops_lists_cost_no_more_beside_a_busy_one(shop: Shop, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(16):
        assert shop.page("GET", "deliveries").status_code == 200
    with django_assert_max_num_queries(8):
        assert shop.page("GET", "referrals").status_code == 200
