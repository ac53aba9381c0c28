"""The rules a list of stages obeys, and how what is missing in it is filled in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from labeling.domain.bbch import BBCHInvalid, parse_range
from labeling.domain.errors import DomainError
from labeling.domain.palette import ordered_palette
from labeling.domain.scale_templates import StageInput

HOTKEYS = "1234567890qweipadjklvmyto"
"""Keys a stage may have, in order: the digits, then letters that the bench does not use for something else."""
MIN_STAGES = 2
MAX_STAGES = len(HOTKEYS)

_COLOR = re.compile(r"#[0-9a-f]{6}")
_SLUG = re.compile(r"[a-z0-9_-]{1,60}")


def slug_of(text: str) -> str:
    """``text`` as a folder and file name: "Plena floración" -> "plena-floracion"; "" when nothing is left."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii").lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60]


def complete_stages(stages: Sequence[StageInput]) -> list[StageInput]:
    """Check ``stages`` and fill in slugs, colours, hotkeys and BBCH ends.

    Raises:
        DomainError: "stages_invalid", with one line per fault under ``fields["stages"]``.
    """
    if not MIN_STAGES <= len(stages) <= MAX_STAGES:
        raise _invalid([f"A scale has {MIN_STAGES} to {MAX_STAGES} stages, not {len(stages)}."])
    colors = ordered_palette(len(stages))
    taken_keys = {stage.hotkey.lower() for stage in stages if stage.hotkey}
    free_keys = iter([key for key in HOTKEYS if key not in taken_keys])
    complete = []
    for position, stage in enumerate(stages):
        complete.append(
            replace(
                stage,
                name_es=stage.name_es.strip(),
                name_en=stage.name_en.strip(),
                slug=stage.slug or slug_of(stage.name_en) or f"stage-{position + 1}",
                color=(stage.color or colors[position]).lower(),
                hotkey=stage.hotkey.lower() or next(free_keys),
                bbch_first=stage.bbch_first.strip(),
                bbch_last=stage.bbch_last.strip() or stage.bbch_first.strip(),
            )
        )
    faults = [fault for position, stage in enumerate(complete) for fault in _faults(position, stage)]
    faults += _repeated("folder name", [stage.slug for stage in complete])
    faults += _repeated("key", [stage.hotkey for stage in complete])
    if faults:
        raise _invalid(faults)
    return complete


def _faults(position: int, stage: StageInput) -> list[str]:
    where = f"Stage {position + 1}:"
    faults = []
    if not stage.name_es or not stage.name_en:
        faults.append(f"{where} the name is needed in Spanish and in English.")
    if not _SLUG.fullmatch(stage.slug):
        faults.append(f"{where} {stage.slug!r} is no folder name: small letters, digits and hyphens.")
    if not _COLOR.fullmatch(stage.color):
        faults.append(f"{where} {stage.color!r} is no colour: #rrggbb.")
    if stage.hotkey not in HOTKEYS:
        faults.append(f"{where} the key {stage.hotkey!r} is not free on the bench; use one of {HOTKEYS}.")
    try:
        parse_range(stage.bbch_first, stage.bbch_last)
    except BBCHInvalid as error:
        faults.append(f"{where} {error}.")
    return faults


def _repeated(what: str, values: list[str]) -> list[str]:
    return [f"The {what} {value!r} is used twice." for value in sorted({v for v in values if values.count(v) > 1})]


def _invalid(faults: list[str]) -> DomainError:
    return DomainError("stages_invalid", " ".join(faults), {"stages": faults})
