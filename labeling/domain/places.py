"""Places on earth, for those who need not know them exactly."""

from __future__ import annotations

import math

CELL_DEGREES = 0.01
"""Height of a cell in degrees of latitude: 1.1 km. Cells are about as wide as they are high."""


def coarsened(latitude: float, longitude: float) -> tuple[float, float]:
    """The middle of the cell a place lies in: the same for all places in it, so that many photos tell no more than one.

    A cell is never wider or higher than about 1.1 km: the answer lies within 800 m of the place.

    Raises:
        ValueError: outside -90 to 90 or -180 to 180 degrees.
    """
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ValueError(f"not a place on earth: {latitude}, {longitude}")
    row = min(math.floor((latitude + 90) / CELL_DEGREES), round(180 / CELL_DEGREES) - 1)
    middle = -90 + (row + 0.5) * CELL_DEGREES
    n_columns = max(1, math.ceil(360 * math.cos(math.radians(middle)) / CELL_DEGREES))
    width = 360 / n_columns
    column = min(math.floor((longitude + 180) / width), n_columns - 1)
    return round(middle, 4), round(-180 + (column + 0.5) * width, 4)
