"""What speaks for and against the labels of a training set: each source as distributions, row by row."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from classifier.core.contracts import Array
from classifier.core.dissent import dissent_opinions
from classifier.core.duplicates import duplicate_opinions, near_duplicates, pair_trust
from classifier.core.season import fit_season
from classifier.core.second_look import Evidence
from classifier.core.splits import grouped_folds
from classifier.core.timelines import fit_stage_days, plant_rows, season_keys, smooth_plants
from classifier.selectors.embeddings import embedding_rows
from classifier.selectors.predictions import prediction_matrix
from labeling.domain.error_models import code_of
from labeling.models import StageScale
from labeling.selectors.annotator_quality import panel_of
from labeling.selectors.answers import NONE, answers_of
from labeling.selectors.ground_truth import GroundTruthRow, ground_truth_rows
from labeling.selectors.visits import Visit, visits_of_labelled

DUPLICATES_KEPT = 5
"""Near-duplicates of each photo that are looked at."""
SEASON_FOLDS = 5
_NOWHERE = Visit(None, None, None)


@dataclass(frozen=True)
class LabelEvidence:
    """The labels of n photos and what is known about each.

    ``labels`` (n,); ``sources`` with distributions (n, K) each, the model's first; ``pairs`` (m, 2) of near-duplicates,
    with their cosines ``similarities`` (m,); ``seasons`` (n,) names the season of a plant, "" where it has none, and
    ``days`` (n,) count through the years, NaN where the time is not known.
    """

    rows: list[GroundTruthRow]
    labels: npt.NDArray[np.int64]
    sources: list[Evidence] = field(default_factory=list)
    pairs: Array = field(default_factory=lambda: np.zeros((0, 2), np.int64))
    similarities: Array = field(default_factory=lambda: np.zeros(0))
    seasons: Array = field(default_factory=lambda: np.zeros(0, str))
    days: Array = field(default_factory=lambda: np.zeros(0))

    def distribution(self, source: str) -> Array | None:
        """What one source says, (n, K); None when it was not asked."""
        return next((it.probas for it in self.sources if it.source == source), None)


def label_evidence(
    *, scale: StageScale, n_stages: int, model_version_id: uuid.UUID, photo_ids: set[int], feature_space: str
) -> LabelEvidence:
    """Gather the evidence about the present labels of the photos a version was trained or evaluated on.

    Of those the version's stored probabilities come from a model that has not seen the photo. Date and place count only
    over an order: a plant goes through stages, not through classes.

    Args:
        scale: the current one, with ``project``.
        n_stages: its stages, K.
        model_version_id: whose probabilities are the model's word.
        photo_ids: of the version's training set.
        feature_space: where near-duplicates are looked for.
    """
    project_id = scale.project_id
    truth = [row for row in ground_truth_rows(project_id=project_id) if row.photo_id in photo_ids]
    probas = prediction_matrix(
        model_version_id=model_version_id, photo_ids=[row.photo_id for row in truth], n_stages=n_stages
    )
    is_scored = np.isfinite(probas).all(axis=1)
    rows = [truth[place] for place in np.flatnonzero(is_scored)]
    labels = np.asarray([row.stage_position for row in rows], np.int64)
    if not rows:
        return LabelEvidence(rows, labels)
    model = Evidence("model", probas[is_scored])
    pairs, similarities, duplicates = _duplicates(project_id, rows, labels, n_stages, feature_space)
    visits = visits_of_labelled(project_id=project_id)
    where = [visits.get(row.photo_id, _NOWHERE) for row in rows]
    days = np.asarray([_day(visit.taken_at) for visit in where])
    has_plant = np.asarray([visit.plant_id is not None for visit in where]) & ~np.isnan(days)
    plants = np.asarray([str(visit.plant_id) if known else "" for visit, known in zip(where, has_plant, strict=True)])
    seasons = season_keys(plants, days)
    sources = [model, duplicates, _votes(scale, rows, labels, n_stages)]
    if scale.is_ordered:
        sources += [_timeline(model.probas, labels, days, seasons), _season(rows, labels, where, n_stages)]
    return LabelEvidence(rows, labels, sources, pairs, similarities, seasons, days)


def _duplicates(
    project_id: int, rows: list[GroundTruthRow], labels: Array, n_stages: int, feature_space: str
) -> tuple[Array, Array, Evidence]:
    """Pairs of rows that look nearly the same, their cosines, and what the one's label says of the other."""
    photo_ids = np.asarray([row.photo_id for row in rows], np.int64)
    stored = embedding_rows(project_id=project_id, backbone=feature_space, photo_ids=photo_ids)
    places = stored.rows_of(photo_ids)
    known = np.flatnonzero(places >= 0)
    if not len(known):
        nothing = np.zeros((0, 2), np.int64)
        return nothing, np.zeros(0), Evidence("duplicates", duplicate_opinions(nothing, labels, n_stages))
    vectors = stored.values[places[known]].astype(np.float32)
    near = near_duplicates(vectors, at_most=DUPLICATES_KEPT)
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    similarities = np.einsum("md,md->m", unit[near[:, 0]], unit[near[:, 1]])
    pairs = known[near]
    opinions = duplicate_opinions(pairs, labels, n_stages, trust=pair_trust(pairs, labels))
    return pairs, similarities, Evidence("duplicates", opinions)


def _timeline(probas: Array, labels: Array, days: Array, seasons: Array) -> Evidence:
    """What the model makes of the plant's other photos of the season, (n, K); even for photos that stand alone."""
    n_stages = probas.shape[1]
    others = np.full(probas.shape, 1.0 / n_stages)
    dated = np.flatnonzero(seasons != "")
    if len(dated):
        plants = [dated[rows] for rows in plant_rows(seasons[dated])]
        stage_days = fit_stage_days([labels[it] for it in plants], [days[it] for it in plants], n_stages=n_stages)
        others[dated] = smooth_plants(probas[dated], days[dated], seasons[dated], stage_days=stage_days).others
    return Evidence("timeline", others)


def _season(rows: list[GroundTruthRow], labels: Array, where: list[Visit], n_stages: int) -> Evidence:
    """P(stage | day of the year, site), from photos of other groups, (n, K); even without a date."""
    probas = np.full((len(rows), n_stages), 1.0 / n_stages)
    dated = np.asarray([i for i, visit in enumerate(where) if visit.taken_at is not None], np.int64)
    groups = np.asarray([rows[i].group_key for i in dated])
    if len(np.unique(groups)) < SEASON_FOLDS:
        return Evidence("season", probas)
    year_days = np.asarray([visit.taken_at.timetuple().tm_yday for visit in where if visit.taken_at is not None], float)
    sites = np.asarray([where[i].site_id or 0 for i in dated])
    targets = np.eye(n_stages)[labels[dated]]
    width = fit_season(year_days, sites, targets, groups=groups)
    folds = grouped_folds(labels[dated], groups, n_folds=SEASON_FOLDS)
    for fold in range(SEASON_FOLDS):
        out = folds == fold
        fitted = fit_season(
            year_days[~out], sites[~out], targets[~out], bandwidth=width.bandwidth, borrowing=width.borrowing
        )
        probas[dated[out]] = fitted.predict_proba(year_days[out], sites[out])
    return Evidence("season", probas)


def _votes(scale: StageScale, rows: list[GroundTruthRow], labels: Array, n_stages: int) -> Evidence:
    """What experts say who were outvoted, (n, K). Gold and what an adjudicator settled had the last word."""
    answers = answers_of(project_id=scale.project_id, scale=scale)
    place_of = {row.photo_id: place for place, row in enumerate(rows)}
    places = np.asarray([place_of.get(photo, NONE) for photo in answers["photo"].tolist()], np.int64)
    lower, upper = answers["lower"].astype(np.int64), answers["upper"].astype(np.int64)
    label = np.where(places >= 0, labels[places], NONE)
    is_dissent = (places >= 0) & (lower >= 0) & ((label < lower) | (label > upper))
    is_dissent &= (answers["gold"] == NONE) & (answers["adjudicated"] == NONE)
    dissent = np.flatnonzero(is_dissent)
    panel = panel_of(scale=scale, n_stages=n_stages)
    tables = {author: panel.evidence(answers.authors[author]) for author in set(answers["author"][dissent].tolist())}
    codes = code_of(lower[dissent], upper[dissent], n_stages=n_stages)
    authors = answers["author"][dissent].tolist()
    said = np.asarray([tables[it][code] for it, code in zip(authors, codes, strict=True)]).reshape(-1, n_stages)
    agreed = np.asarray([tables[it][at] for it, at in zip(authors, label[dissent], strict=True)]).reshape(-1, n_stages)
    return Evidence("votes", dissent_opinions(places[dissent], said, agreed, n_photos=len(rows)))


def _day(taken_at: datetime | None) -> float:
    return float("nan") if taken_at is None else taken_at.astimezone(UTC).timestamp() / 86_400
