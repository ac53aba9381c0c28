"""Rows as status observations, the way USA-NPN's Nature's Notebook records them.

Per plant and day, each phenophase is seen (1), not seen (0) or uncertain (-1). A stage counts as seen when a photo of
that day was given it, as uncertain when one lies between it and its neighbour or could not be decided; unusable photos
are no observation. Photos without plant or day take no part. Held in memory: a few numbers per plant and day, however
many photos there are.

References:
    E.G. Denny et al. 2014. Standardized phenology monitoring methods to track plant and animal activity for science and
    resource management applications. International Journal of Biometeorology 58. doi:10.1007/s00484-014-0789-5.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from labeling.domain.dataset import DatasetHeader, DatasetRow
from labeling.domain.spreadsheet_cells import neutral
from labeling.services.export_formats.csv_lines import BYTE_ORDER_MARK, csv_line

COLUMNS = (
    "Site_Name", "Individual_ID", "Latitude", "Longitude", "Observation_Date", "Day_of_Year", "Observed_By",
    "Phenophase_ID", "Phenophase_Name", "BBCH", "Phenophase_Status", "Number_of_Photos",
)  # fmt: skip

_Key = tuple[str, str, date, str]


@dataclass(slots=True)
class _Day:
    """One plant on one day, as one observer (or the consensus) has it; bit ``p`` stands for the stage at position p."""

    seen: int = 0
    unsure: int = 0
    is_undecided: bool = False
    n_photos: int = 0
    place: tuple[float, float] | None = None


class NpnWriter:
    """CSV, sorted by site, plant, day, observer and stage; one line per stage and observation."""

    def __init__(self, header: DatasetHeader, *, has_photos: bool = False) -> None:
        self._stages = header.stages
        self._days: dict[_Key, _Day] = {}

    def begin(self) -> bytes:
        return BYTE_ORDER_MARK + csv_line(COLUMNS)

    def add(self, row: DatasetRow) -> bytes:
        photo, label = row.photo, row.label
        if photo.taken_at is None or not photo.plant or label.kind == "unusable":
            return b""
        day = self._days.setdefault((photo.site, photo.plant, photo.taken_at.date(), label.source), _Day())
        day.n_photos += 1
        day.place = day.place or photo.place
        if label.kind == "stage" and label.stage is not None:
            day.seen |= 1 << label.stage.position
        elif label.kind == "between" and label.stage is not None and label.stage_upper is not None:
            day.unsure |= 1 << label.stage.position | 1 << label.stage_upper.position
        else:
            day.is_undecided = True
        return b""

    def finish(self) -> Iterator[bytes]:
        for key in sorted(self._days):
            yield b"".join(self._lines(key, self._days[key]))

    def _lines(self, key: _Key, day: _Day) -> Iterator[bytes]:
        site, plant, on, observer = key
        latitude, longitude = day.place or ("", "")
        # A day on which something was seen is not made uncertain by one more photo that shows nothing.
        is_lost = day.is_undecided and not day.seen and not day.unsure
        for stage in self._stages:
            bit = 1 << stage.position
            status = 1 if day.seen & bit else -1 if is_lost or day.unsure & bit else 0
            yield csv_line(
                (neutral(site), neutral(plant), latitude, longitude, on.isoformat(), on.timetuple().tm_yday,
                 neutral(observer), stage.slug, neutral(stage.name_en), stage.bbch, status, day.n_photos)
            )  # fmt: skip
