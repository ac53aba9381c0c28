"""Where photos lie on the map: their vectors projected to the plane, the same way again when photos come."""

from __future__ import annotations

from classifier.core.projection.alignment import aligned_to
from classifier.core.projection.layout import Known, Layout, lay_out, place_new
from classifier.core.projection.quality import MapQuality, map_quality
from classifier.core.projection.quantised import SIDE, quantised

__all__ = [
    "SIDE",
    "Known",
    "Layout",
    "MapQuality",
    "aligned_to",
    "lay_out",
    "map_quality",
    "place_new",
    "quantised",
]
