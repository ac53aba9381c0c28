"""How PostgreSQL answers the bench on a table of some size: by probes along an index, bounded, never by reading it all.

The statements are those that the code sends, caught on their way and explained with the statistics of 50,000 photos.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from classifier.selectors.neighbours import neighbours_of
from labeling.models import Photo, Reservation
from labeling.selectors.progress import LEFT_MOST, progress_of
from labeling.selectors.projects import current_stages
from labeling.selectors.triage import GridOf, triage_counts
from labeling.services.reservations import reservations_release, reservations_take
from labeling.services.triage import grid_take
from tests.factories.labeling import ProjectFactory, UserFactory
from tests.labeling.queue.scenes import analyze, decide, stage_decision, undo_decision

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

N_PHOTOS, N_LABELLED, N_QUEUED = 50_000, 25_000, 5_000
LARGE = {
    "labeling_photo", "labeling_suggestion", "labeling_annotation", "labeling_consensus", "labeling_queueentry",
    "classifier_embedding",
}  # fmt: skip
MOST_SORTED = 500
"""Rows that a sort may be expected to take in; ``neighbours`` sorts its bounded candidates and is asked apart."""

PHOTOS = """
    insert into labeling_photo (project_id, sha256, status, rejection, original_name, client_id, byte_size, width,
        height, camera, group_key, is_held_out, received_at, taken_at)
    select %(project)s, encode(sha256(g::text::bytea), 'hex'), 'ready', '', 'IMG_' || g, gen_random_uuid(), 1000, 1600,
        1200, '', 'g' || g / 5, g %% 5 = 0, now(), now() - g * interval '1 minute'
    from generate_series(1, %(photos)s) g
"""
REST = (
    """
    create temporary table numbered on commit drop as
    select id, row_number() over (order by id) as n from labeling_photo where project_id = %(project)s
    """,
    """
    insert into labeling_annotation (photo_id, annotator_id, source, round, kind, stage_id, reason, note, mode,
        is_blind, shown, decided_at, created_at)
    select id, (%(users)s::int[])[1 + n %% 8], '', 1, 'stage', (%(stages)s::int[])[1 + n %% 7], '', '', 'single', false,
        '{}', now() - n * interval '10 seconds', now()
    from numbered where n <= %(labelled)s
    """,
    """
    insert into labeling_consensus (photo_id, project_id, outcome, stage_id, distribution, consensus_quality,
        annotator_agreement, n_annotations, is_adjudicated, is_gold, decided_at)
    select id, %(project)s, 'stage', (%(stages)s::int[])[1 + n %% 7], '{}', 1, 1, 1, false, n %% 100 = 0,
        now() - n * interval '10 seconds'
    from numbered where n <= %(labelled)s
    """,
    """
    insert into labeling_knownlabel (photo_id, stage_id, kind)
    select photo_id, stage_id, 'gold' from labeling_consensus where project_id = %(project)s and is_gold
    """,
    """
    insert into labeling_suggestion (photo_id, project_id, position, confidence, model_version, is_open)
    select id, %(project)s, n %% 7, 0.3 + 0.7 * (n %% 1000) / 1000, 'v1', n > %(labelled)s from numbered
    """,
    """
    insert into labeling_queueentry (project_id, batch_id, photo_id, rank, utility, reason, is_blind, probabilities,
        open_slots)
    select %(project)s, %(batch)s, id, n - %(labelled)s, 0, case when n %% 20 = 0 then 'gold' else 'random' end, false,
        '{}', case when n %% 20 = 0 then 1000 else 1 end
    from numbered where n > %(labelled)s and n <= %(labelled)s + %(queued)s
    """,
    """
    insert into classifier_embedding (photo_id, backbone, vector)
    select id, 'space', array[n %% 13 + 1, n %% 7, n %% 5, n %% 3]::real[]::vector::halfvec from numbered
    """,
)


class World:
    """A large project, with eight experts who have labelled half of it."""

    def __init__(self) -> None:
        self.project = ProjectFactory()
        self.experts = UserFactory.create_batch(8)
        values = {
            "project": self.project.pk,
            "photos": N_PHOTOS,
            "labelled": N_LABELLED,
            "queued": N_QUEUED,
            "users": [user.pk for user in self.experts],
            "stages": list(current_stages(project_id=self.project.pk).values_list("pk", flat=True)),
            "batch": self.project.query_batches.create(source="x", model_version="v1").pk,
        }
        with connection.cursor() as cursor:
            for statement in (PHOTOS, *REST):
                cursor.execute(statement, values)
        analyze()


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Made once for the module, in a transaction that is rolled back."""
    from django.db import transaction

    with django_db_blocker.unblock():
        outer = transaction.atomic()
        outer.__enter__()
        try:
            yield World()
        finally:
            transaction.set_rollback(True)
            outer.__exit__(None, None, None)


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", []):
        yield from nodes(part)


def plans_of(call) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every statement that ``call`` sends, with its plan."""
    with CaptureQueriesContext(connection) as caught:
        call()
    for query in caught.captured_queries:
        sql = query["sql"]
        first = sql.split(maxsplit=1)[0].lower()
        if first in {"select", "with", "insert", "update", "delete"} and "set_config" not in sql:
            with connection.cursor() as cursor:
                cursor.execute("explain (format json) " + sql.replace("%", "%%"))
                (told,) = cursor.fetchone()
            yield sql, (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]


def assert_bounded(call, most_sorted=MOST_SORTED):
    n_seen = 0
    for sql, plan in plans_of(call):
        n_seen += 1
        for node in nodes(plan):
            where = f"{node['Node Type']} in {' '.join(sql.split())[:300]}"
            assert not (node["Node Type"] == "Seq Scan" and node.get("Relation Name") in LARGE), where
            if node["Node Type"] == "Sort":
                assert max(part["Plan Rows"] for part in node["Plans"]) <= most_sorted, where
    assert n_seen, "nothing was sent"


def test_next(world):
    def take():
        assert len(reservations_take(project=world.project, annotator=world.experts[0], count=5)) == 5

    assert_bounded(take)
    assert_bounded(take)


def test_submit_skip_undo_and_give_back(world):
    expert = world.experts[1]
    held = reservations_take(project=world.project, annotator=expert, count=3)
    made = stage_decision(held[0].entry.photo_id, 2, reservation=held[0].token)
    assert_bounded(lambda: decide(world.project, expert, made))
    assert_bounded(lambda: decide(world.project, expert, undo_decision(made.key)))
    assert_bounded(lambda: reservations_release(project=world.project, annotator=expert, mode="single"))
    assert not Reservation.objects.filter(annotator=expert).exists()


def test_progress(world):
    assert progress_of(project_id=world.project.pk, annotator_id=world.experts[2].pk).left == LEFT_MOST
    assert_bounded(lambda: progress_of(project_id=world.project.pk, annotator_id=world.experts[2].pk))


@pytest.mark.parametrize("of", [GridOf(stage=3), GridOf(boundary=3)])
def test_grid(world, of):
    def take():
        page = grid_take(project=world.project, annotator=world.experts[3], of=of, count=60)
        assert (len(page.reservations), page.has_more) == (60, True)

    assert_bounded(take)
    assert_bounded(take)


def test_counts_of_the_grid(world):
    assert_bounded(lambda: triage_counts(project=world.project))


def test_neighbours(world, monkeypatch):
    monkeypatch.setattr("classifier.selectors.neighbours.CANDIDATES", 1000)
    photo = Photo.objects.filter(project=world.project).order_by("-pk").first()

    def ask():
        found = neighbours_of(project=world.project, photo_id=photo.pk, reader=world.experts[4], count=6)
        assert len(found.items) == 6

    assert_bounded(ask, most_sorted=1000)
