"""How far a place is told to those who need not know it."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from labeling.domain.places import coarsened

LATITUDES, LONGITUDES = st.floats(-90, 90), st.floats(-180, 180)
EARTH_KM = 6371.0


def kilometres(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Along the great circle (haversine)."""
    (lat1, lon1), (lat2, lon2) = [(math.radians(lat), math.radians(lon)) for lat, lon in (a, b)]
    h = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(h)))


@given(LATITUDES, LONGITUDES)
@example(90.0, 180.0)
@example(-90.0, -180.0)
@example(89.999, 0.0)
def test_it_is_near_and_on_earth(latitude: float, longitude: float) -> None:
    told = coarsened(latitude, longitude)
    assert -90 <= told[0] <= 90
    assert -180 <= told[1] <= 180
    assert kilometres((latitude, longitude), told) < 0.85


@given(LATITUDES, LONGITUDES)
def test_told_again_it_tells_no_more(latitude: float, longitude: float) -> None:
    told = coarsened(latitude, longitude)
    assert coarsened(*told) == told


@given(st.floats(-60, 60), LONGITUDES, st.floats(-0.0049, 0.0049), st.floats(-0.0049, 0.0049))
def test_all_places_of_a_cell_are_told_alike(latitude: float, longitude: float, north: float, east: float) -> None:
    middle = coarsened(latitude, longitude)
    assert coarsened(middle[0] + north, middle[1] + east) == middle


def test_an_orchard_and_its_neighbour_are_one_place_a_village_further_is_not() -> None:
    orchard = (41.6180, 0.6200)
    assert coarsened(41.6192, 0.6211) == coarsened(*orchard)
    assert coarsened(41.6480, 0.6200) != coarsened(*orchard)


@pytest.mark.parametrize("place", [(90.1, 0), (0, -180.1), (math.nan, 0), (0, math.inf)])
def test_elsewhere_is_refused(place: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="not a place"):
        coarsened(*place)
