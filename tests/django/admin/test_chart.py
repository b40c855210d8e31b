"""The chart: numbers in, geometry out."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from gameball_referrals.django.admin.chart import nice, stacked

TODAY = date(2026, 3, 31)
RECEIPTS = ["linked", "lost"]


def test_bars_are_stacked_from_the_ground_up() -> None:
    chart = stacked([(TODAY, "lost", 1), (TODAY, "linked", 3)], RECEIPTS, TODAY, 30)
    assert (chart.days, chart.top) == (30, 4)
    bar = chart.bars[-1]
    assert (bar.day, bar.total) == (TODAY, 4)
    assert [(part.receipt, part.count, part.y, part.height) for part in bar.segments] == [
        ("linked", 3, 25.0, 75.0),
        ("lost", 1, 0.0, 25.0),
    ]


def test_every_day_has_its_place_and_others_have_none() -> None:
    before = TODAY - timedelta(days=30)
    chart = stacked(
        [(before, "linked", 5), (TODAY - timedelta(days=29), "linked", 1), (TODAY, "late", 9)], RECEIPTS, TODAY, 30
    )
    assert [bar.total for bar in chart.bars] == [1] + [0] * 29
    assert [bar.number for bar in chart.bars] == list(range(30))


def test_nothing_to_draw() -> None:
    assert stacked([], RECEIPTS, TODAY, 90).empty


@pytest.mark.parametrize(
    ("highest", "top"), [(0, 2), (1, 2), (3, 4), (5, 6), (7, 10), (11, 20), (61, 100), (1234, 2000)]
)
def test_the_scale_is_round_and_can_be_halved(highest: int, top: int) -> None:
    assert nice(highest) == top
    assert top % 2 == 0
