"""Where a project's season begins: in the south it goes through the turn of the year."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

MONTHS = 12


def season_start(photos_by_month: Sequence[int]) -> int:
    """The month (1..12) with which a season begins, told from the photos of each month of the year.

    January, unless photos are taken both before and after the turn of the year and there is a rest at another time:
    then the month after the longest rest, the later one where two are as long.

    Raises:
        ValueError: there are not twelve counts.
    """
    if len(photos_by_month) != MONTHS:
        raise ValueError("photos_by_month must have twelve counts")
    if not photos_by_month[0] or not photos_by_month[-1]:
        return 1
    longest, start, run = 0, 1, 0
    for month, n in enumerate(photos_by_month, start=1):
        run = 0 if n else run + 1
        if run and run >= longest:
            longest, start = run, month % MONTHS + 1
    return start


def season_of(day: date, start: int) -> int:
    """The year in which the season of a day began."""
    return day.year if day.month >= start else day.year - 1


def season_bounds(year: int, start: int) -> tuple[date, date]:
    """First day of a season and of the next."""
    return date(year, start, 1), date(year + 1, start, 1)
