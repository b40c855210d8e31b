"""The dashboard's chart: receipts a day as stacked bars. Numbers in, geometry out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

HEIGHT = 100
"""Of the drawing; its width is one a day. The page stretches it."""

_GAP = 0.18


@dataclass(frozen=True)
class Segment:
    """One receipt's part of a day's bar."""

    receipt: str
    count: int
    y: float
    height: float


@dataclass(frozen=True)
class Bar:
    """One day."""

    number: int
    """From the left, from 0; the day's whole column is one wide."""
    day: date
    x: float
    width: float
    total: int
    segments: list[Segment]


@dataclass(frozen=True)
class Chart:
    """All days, and the scale."""

    bars: list[Bar]
    top: int
    """The number at the upper edge; even."""

    @property
    def half(self) -> int:
        """The number half-way up."""
        return self.top // 2

    @property
    def days(self) -> int:
        """The drawing's width."""
        return len(self.bars)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(bar.total for bar in self.bars)


def stacked(counts: Iterable[tuple[date, str, int]], receipts: Sequence[str], last: date, days: int) -> Chart:
    """Stack the receipts of each day.

    Args:
        counts: day, receipt and how many; a day may lack any.
        receipts: what is stacked, from the bottom up; others are left out.
        last: the last day.
        days: how many days, the last included.

    """
    wanted = [last - timedelta(days=days - 1 - number) for number in range(days)]
    table: dict[date, dict[str, int]] = {day: {} for day in wanted}
    for day, receipt, count in counts:
        if day in table and receipt in receipts:
            table[day][receipt] = table[day].get(receipt, 0) + count
    top = nice(max((sum(row.values()) for row in table.values()), default=0))
    return Chart([_bar(number, day, table[day], receipts, top) for number, day in enumerate(wanted)], top)


def _bar(number: int, day: date, row: Mapping[str, int], receipts: Sequence[str], top: int) -> Bar:
    segments, floor = [], float(HEIGHT)
    for receipt in receipts:
        count = row.get(receipt, 0)
        if count:
            height = count / top * HEIGHT
            floor -= height
            segments.append(Segment(receipt, count, round(floor, 3), round(height, 3)))
    return Bar(number, day, round(number + _GAP / 2, 3), round(1 - _GAP, 3), sum(row.values()), segments)


def nice(highest: int) -> int:
    """Return a round number that is at least as high, and can be halved."""
    step = 1
    while True:
        for factor in (2, 4, 6, 10):
            if factor * step >= highest:
                return factor * step
        step *= 10
