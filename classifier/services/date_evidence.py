"""Keeping what date, place and plant say beside the image model; the last step of a refresh, when nobody waits."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
from django.db import transaction

from classifier.core.contracts import Array
from classifier.core.ordinal import likely_ranges
from classifier.core.season import SeasonEvidence, fit_season
from classifier.core.timelines import fit_stage_days, plant_rows, season_keys, smooth_plants
from classifier.models import PlantBounds, SeasonTable
from classifier.selectors.date_evidence import photo_ids_kept, queued_plant_photos
from classifier.services.pool_scene import Scene
from labeling.selectors.ground_truth import GroundTruthRow
from labeling.selectors.visits import Visit, visits_of_labelled

FEWEST_DATED_LABELS = 20
"""Labels with a date below which a season is guesswork."""
FEWEST_AT_SITE = 5
"""A site with fewer is told what all sites say."""
WIDTHS_KEPT = 1.2
"""The widths of the smoothing are chosen anew when labels have become more by this factor."""
TABLE_DECIMALS = 4
CERTAIN = 0.97
"""Stages beyond the narrowest run that holds this much do not fit the plant's other photos."""
LABEL_TRUST = 0.98
"""What a label leaves for the other stages is evenly theirs."""


@dataclass(frozen=True)
class _Dated:
    """Labels with a date: ``days`` since 1970, ``of_year`` 1..366; all (n,)."""

    rows: list[GroundTruthRow]
    visits: list[Visit]
    days: npt.NDArray[np.float64]
    of_year: npt.NDArray[np.int64]


def date_evidence_update(scene: Scene, photo_ids: npt.NDArray[np.int64], probas: Array | None) -> None:
    """Store the season's tables, and for each photo that is asked openly what its plant's other photos leave of it.

    Only where stages are ordered: a plant goes through stages, not through classes.

    Args:
        scene: what the refresh saw.
        photo_ids: (n,) open photos it has probabilities of, ascending.
        probas: (n, K); None on a cold start.
    """
    if not scene.scale.is_ordered:
        return
    dated = _dated(scene)
    _season_tables_replace(scene, dated)
    _plant_bounds_replace(scene, dated, photo_ids, probas)


def _dated(scene: Scene) -> _Dated:
    visits = visits_of_labelled(project_id=scene.project.pk)
    known = [row for row in scene.training if row.photo_id in visits and visits[row.photo_id].taken_at is not None]
    times = [(visits[row.photo_id].taken_at or datetime.min).astimezone(UTC) for row in known]
    return _Dated(
        known,
        [visits[row.photo_id] for row in known],
        np.asarray([it.timestamp() / 86_400 for it in times]),
        np.asarray([it.timetuple().tm_yday for it in times], np.int64),
    )


def _season_tables_replace(scene: Scene, dated: _Dated) -> None:
    """Gold is left out: it is asked again to measure people, whom a table made of it could tell the answer."""
    kept = np.flatnonzero([not row.is_gold for row in dated.rows])
    tables = SeasonTable.objects.filter(project=scene.project)
    if len(kept) < FEWEST_DATED_LABELS:
        tables.delete()
        return
    rows = [dated.rows[at] for at in kept]
    sites = np.asarray([dated.visits[at].site_id or 0 for at in kept], np.int64)
    days = dated.of_year[kept]
    fingerprint = _fingerprint(scene, rows, days, sites)
    before = tables.filter(site=None).first()
    if before is not None and before.fingerprint == fingerprint:
        return
    # Choosing the widths costs sixty fits, and they hardly move.
    keeps_widths = before is not None and len(kept) <= WIDTHS_KEPT * before.n_labels
    season = fit_season(
        days,
        sites,
        np.asarray([row.distribution for row in rows]),
        groups=np.asarray([row.group_key for row in rows]),
        bandwidth=before.bandwidth if before is not None and keeps_widths else None,
        borrowing=before.borrowing if before is not None and keeps_widths else None,
    )
    with transaction.atomic():
        tables.delete()
        SeasonTable.objects.bulk_create(_season_rows(scene, season, sites, fingerprint))


def _season_rows(scene: Scene, season: SeasonEvidence, sites: Array, fingerprint: str) -> list[SeasonTable]:
    counts = dict(zip(*(part.tolist() for part in np.unique(sites, return_counts=True)), strict=True))
    kept: list[tuple[int | None, int, int]] = [(None, len(season.sites), len(sites))]
    for site, row in season.sites.items():
        if site and counts[site] >= FEWEST_AT_SITE:
            kept.append((int(str(site)), row, counts[site]))
    return [
        SeasonTable(
            project=scene.project,
            scale=scene.scale,
            site_id=site_id,
            n_labels=n_labels,
            bandwidth=season.bandwidth,
            borrowing=season.borrowing,
            probabilities=season.tables[row].ravel().round(TABLE_DECIMALS).tolist(),
            support=season.support[row].round(1).tolist(),
            fingerprint=fingerprint,
        )
        for site_id, row, n_labels in kept
    ]


def _fingerprint(scene: Scene, rows: list[GroundTruthRow], days: Array, sites: Array) -> str:
    labels = np.asarray([(row.photo_id, row.stage_position) for row in rows], np.int64)
    content = np.column_stack([labels, days, sites]).astype(">i8").tobytes()
    return hashlib.sha256(f"{scene.scale.pk}:".encode() + content).hexdigest()


def _plant_bounds_replace(scene: Scene, dated: _Dated, photo_ids: npt.NDArray[np.int64], probas: Array | None) -> None:
    photos = queued_plant_photos(project_id=scene.project.pk)
    seen = _seen(scene, np.asarray([it.photo_id for it in photos], np.int64), photo_ids, probas)
    speaks = np.ptp(seen, axis=1) > 0
    bounds: list[PlantBounds] = []
    if speaks.any():
        days = np.asarray([it.taken_at.timestamp() / 86_400 for it in photos])
        keys = season_keys(np.asarray([str(it.plant_id) for it in photos]), days)
        others = smooth_plants(seen, days, keys, stage_days=_stage_days(scene, dated)).others
        lower, upper = likely_ranges(others, CERTAIN)
        for rows in plant_rows(keys):
            for row in rows[[photos[at].is_asked for at in rows]]:
                n_photos = int(speaks[rows].sum() - speaks[row])
                # Where the other photos exclude nothing there is nothing to say.
                if n_photos and upper[row] - lower[row] < scene.n_stages - 1:
                    bounds.append(_bounds(scene, photos[row].photo_id, int(lower[row]), int(upper[row]), n_photos))
    with transaction.atomic():
        PlantBounds.objects.filter(project=scene.project).delete()
        there = photo_ids_kept(photo_ids=[it.photo_id for it in bounds])
        PlantBounds.objects.bulk_create([it for it in bounds if it.photo_id in there])


def _bounds(scene: Scene, photo_id: int, lower: int, upper: int, n_photos: int) -> PlantBounds:
    return PlantBounds(
        photo_id=photo_id, project=scene.project, scale=scene.scale, lower=lower, upper=upper, n_photos=n_photos
    )


def _seen(
    scene: Scene, ids: npt.NDArray[np.int64], photo_ids: npt.NDArray[np.int64], probas: Array | None
) -> npt.NDArray[np.float64]:
    """What is known of each photo by itself, (n, K): its label, else the model's word, else nothing."""
    seen = np.full((len(ids), scene.n_stages), 1.0 / scene.n_stages)
    if probas is not None and len(photo_ids):
        at = np.minimum(np.searchsorted(photo_ids, ids), len(photo_ids) - 1)
        is_scored = photo_ids[at] == ids
        seen[is_scored] = probas[at[is_scored]]
    # Gold is left out here, too: the reader may hold the photo whose stage the others would tell.
    labels = {row.photo_id: row.distribution for row in scene.training if not row.is_gold}
    for row, photo_id in enumerate(ids.tolist()):
        if photo_id in labels:
            seen[row] = LABEL_TRUST * np.asarray(labels[photo_id]) + (1 - LABEL_TRUST) / scene.n_stages
    return seen


def _stage_days(scene: Scene, dated: _Dated) -> Array:
    plants = np.asarray([str(visit.plant_id or "") for visit in dated.visits])
    labels = np.asarray([row.stage_position for row in dated.rows], np.int64)
    keys = season_keys(plants, dated.days) if len(plants) else plants
    visited = [rows for rows in plant_rows(keys) if len(rows) > 1]
    return fit_stage_days(
        [labels[rows] for rows in visited], [dated.days[rows] for rows in visited], n_stages=scene.n_stages
    )
