"""From one version of a scale to the next: which stage became which, in both directions.

A change is a relation between the stages of two versions. Read forward, a stage with one counterpart is *that* stage on
the new version; one with several (it was split) cannot be told without looking again. Read backward, the same holds of
stages that were merged. Versions and changes form a tree, since every version but the first was made by one change, so
between any two versions there is one way, and what a stage is on another version follows from walking it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from labeling.domain.errors import DomainError
from labeling.domain.scale_templates import StageInput
from labeling.domain.stages import complete_stages


@dataclass(frozen=True)
class StageChange:
    """One stage of a new version.

    Attributes:
        stage: its names; what is left empty is taken from its source, where it has one and is its only part.
        sources: positions on the present version that it is made of.
    """

    stage: StageInput
    sources: tuple[int, ...]


@dataclass(frozen=True)
class Change:
    """How two versions are related: pairs of stage ids, of the older and of the newer version."""

    older: int
    newer: int
    pairs: frozenset[tuple[int, int]]


def images_on(target: int, stages: Iterable[int], changes: Sequence[Change]) -> dict[int, frozenset[int]]:
    """What every stage of every version that can be reached is on the version ``target``.

    Args:
        target: id of the version.
        stages: ids of its stages.
        changes: between the versions of one project; a tree.

    Returns:
        Stage id -> ids of stages of ``target``; several where it cannot be told without looking again.
    """
    images = {stage: frozenset({stage}) for stage in stages}
    steps: dict[int, list[tuple[int, Mapping[int, frozenset[int]]]]] = defaultdict(list)
    for change in changes:
        steps[change.newer].append((change.older, _counterparts(change.pairs)))
        steps[change.older].append((change.newer, _counterparts({(new, old) for old, new in change.pairs})))
    seen, waiting = {target}, [target]
    while waiting:
        for version, counterparts in steps[waiting.pop()]:
            if version in seen:
                continue
            seen.add(version)
            waiting.append(version)
            for stage, nearer in counterparts.items():
                images[stage] = frozenset().union(*(images[it] for it in nearer))
    return images


def _counterparts(pairs: Iterable[tuple[int, int]]) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for one, other in pairs:
        found[one].add(other)
    return {one: frozenset(others) for one, others in found.items()}


def changed_stages(present: Sequence[StageInput], wanted: Sequence[StageChange]) -> list[StageInput]:
    """The stages of the new version, complete: checked, and with what is left empty filled in.

    A stage that is the whole of one present stage keeps its folder name, codes and descriptions unless others are
    given; a merged one gets the codes from the first to the last of its sources. Colours and keys are dealt anew.

    Raises:
        DomainError: "change_invalid" when a present stage is left out, a new one has no source, or nothing changes;
            "stages_invalid" as for a new project.
    """
    taken: dict[int, int] = defaultdict(int)
    for change in wanted:
        if not change.sources or len(set(change.sources)) < len(change.sources):
            raise _invalid("Every stage needs the present stages that it is made of, each once.")
        for source in change.sources:
            if not 0 <= source < len(present):
                raise _invalid("A stage is made of one that is not there.")
            taken[source] += 1
    left_out = [present[it].name_en for it in range(len(present)) if not taken[it]]
    if left_out:
        raise _invalid(f"What becomes of {', '.join(left_out)} is not said.")
    stages = complete_stages([_inherited(present, change, taken) for change in wanted])
    is_same = [change.sources for change in wanted] == [(it,) for it in range(len(present))]
    if is_same and all(_reads_alike(one, other) for one, other in zip(present, stages, strict=True)):
        raise _invalid("Nothing changes.")
    return stages


def boundaries_moved(boundaries: Iterable[int], images: Mapping[int, int | None]) -> list[int]:
    """Boundaries (b: between positions b and b + 1) on another version, by the single image of each position.

    One whose sides are no neighbours there any more, or are one stage, is gone.
    """
    moved = set()
    for boundary in boundaries:
        below, above = images.get(boundary), images.get(boundary + 1)
        if below is not None and above is not None and abs(above - below) == 1:
            moved.add(min(below, above))
    return sorted(moved)


def _inherited(present: Sequence[StageInput], change: StageChange, taken: Mapping[int, int]) -> StageInput:
    stage = replace(change.stage, color="", hotkey="")
    sources = [present[it] for it in sorted(change.sources)]
    if len(sources) > 1:
        return stage if stage.bbch_first else replace(stage, bbch_first=sources[0].bbch_first, bbch_last=_last(sources))
    source = sources[0]
    if taken[change.sources[0]] > 1:
        return stage
    return replace(
        stage,
        name_es=stage.name_es or source.name_es,
        name_en=stage.name_en or source.name_en,
        slug=stage.slug or source.slug,
        bbch_first=stage.bbch_first or source.bbch_first,
        bbch_last=stage.bbch_last or (source.bbch_last if not stage.bbch_first else ""),
        description_es=stage.description_es or source.description_es,
        description_en=stage.description_en or source.description_en,
    )


def _last(sources: Sequence[StageInput]) -> str:
    return sources[-1].bbch_last if sources[0].bbch_first and sources[-1].bbch_last else ""


def _reads_alike(one: StageInput, other: StageInput) -> bool:
    return replace(one, color="", hotkey="") == replace(other, color="", hotkey="")


def _invalid(message: str) -> DomainError:
    return DomainError("change_invalid", message, {"stages": [message]})
