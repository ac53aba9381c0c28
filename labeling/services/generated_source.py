"""Generated photos as an import source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from labeling.services.import_formats.rows import ImportRow
from labeling.synthetic.scale import STAGES
from labeling.synthetic.traits import PhotoSpec
from labeling.synthetic.writer import rendered


@dataclass(frozen=True)
class GeneratedSource:
    """Specifications as an import source: drawn as they are read, labelled with their true stage."""

    specs: Sequence[PhotoSpec]
    processes: int = 1

    @property
    def total(self) -> int:
        return len(self.specs)

    def rows(self) -> Iterator[ImportRow]:
        photos = rendered(self.specs, processes=self.processes)
        for number, (spec, data) in enumerate(zip(self.specs, photos, strict=True), start=1):
            yield ImportRow(
                row=number,
                name=spec.name,
                opener=_Opener(data),
                labels=(STAGES[spec.stage].slug,),
                plant=spec.plant.name,
                site=spec.site.name,
                taken_at=spec.taken_at.isoformat(),
            )


@dataclass(frozen=True)
class _Opener:
    data: bytes

    def __call__(self) -> AbstractContextManager[BinaryIO]:
        return BytesIO(self.data)
