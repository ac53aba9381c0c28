"""A project of n photos as rows: plants photographed through a season, a model's suggestions, experts' decisions.

Rows are made inside the database from series of numbers, by a hash of the number and the seed: the same seed gives the
same rows, and a million photos take about a minute. There are no picture files; nothing that is measured on these rows
reads one. Of the photos one in 200 was refused at the door and a fifth of the plants is held out. A tenth of all is
settled: half of these the first that arrived, as before there was a model, half spread by the model's choice. Two in a
thousand wait for an adjudicator, and the queue holds a batch of the photos that the model is least sure of, with gold
checks among them, as the product makes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from benchmarks.place import SLUG, Place
from labeling.domain.scale_templates import TEMPLATES
from labeling.models import Membership, Project, Role, StageScale, User
from labeling.services.people import member_add, user_create
from labeling.services.projects import project_create
from labeling.services.queue import EntryProposal, queue_replace
from labeling.synthetic.scale import TEMPLATE_KEY

MODEL_VERSION = "4f1c2f0e-7d4e-4a83-9a5a-0c6f6f6f0001"
PHOTOS_PER_PLANT = 100
N_SITES = 8
SETTLED_SHARE = 0.13
"""Of the photos that are not held out: a tenth of all."""
HELD_OUT_SHARE = 0.20


@dataclass(frozen=True)
class RowsMade:
    """What there is to work with."""

    project: Project
    experts: list[User]
    adjudicator: User


def rows_make(
    *, n_photos: int, n_experts: int = 8, batch_size: int = 2000, settled_share: float = SETTLED_SHARE, seed: int = 1
) -> RowsMade:
    """Fill the (empty, migrated) database that Django is connected to; the caller analyses it, see ``rows_analyse``.

    Args:
        n_photos: how many photos.
        n_experts: who gave all decisions there are, the latest yesterday.
        batch_size: how long the queue is. The product's default is 120; longer is harder.
        settled_share: how much of the photos that are not held out is decided.
        seed: of everything drawn.
    """
    stages = next(template.stages for template in TEMPLATES if template.key == TEMPLATE_KEY)
    project = project_create(
        name="Orchard", slug=SLUG, created_by=None, stages=stages, seed=seed, batch_size=batch_size,
        held_out_share=HELD_OUT_SHARE,
    )  # fmt: skip
    experts = [_member(project, f"expert{number}", Role.EXPERT) for number in range(n_experts)]
    adjudicator = _member(project, "adjudicator", Role.ADJUDICATOR)
    scale = StageScale.objects.get(project=project)
    stage_ids = list(scale.stages.order_by("position").values_list("pk", flat=True))
    values: dict[str, Any] = {
        "project": project.pk, "n": n_photos, "seed": seed, "sites": N_SITES, "version": MODEL_VERSION,
        "plants": max(1, n_photos // PHOTOS_PER_PLANT), "batch_size": batch_size, "settled": settled_share,
        "held_out": HELD_OUT_SHARE, "stages": stage_ids, "experts": [user.pk for user in experts],
    }  # fmt: skip
    with connection.cursor() as cursor:
        # Rows refer to one another by construction; checking millions of references one by one would triple the time.
        cursor.execute("set session_replication_role = replica")
        for statement in STATEMENTS:
            cursor.execute(statement, values)
        cursor.execute("set session_replication_role = origin")
        cursor.execute(_LEAST_SURE, [batch_size])
        _queue_make(project.pk, cursor.fetchall())
        cursor.execute(_SKIPS, values)
    return RowsMade(project, experts, adjudicator)


def rows_analyse() -> None:
    """Give the planner its statistics and the index-only scans their map, as autovacuum would have long since."""
    with connection.cursor() as cursor:
        cursor.execute("vacuum (analyze)")
        cursor.execute("checkpoint")


def rows_database(place: Place, n_photos: int) -> str:
    """The URL of a fresh database with this many photos."""

    def fill() -> None:
        rows_make(n_photos=n_photos)
        rows_analyse()

    return place.fresh(f"bench_{n_photos}", str(n_photos), fill)


def counts() -> Mapping[str, Any]:
    """How many rows each big table has."""
    tables = ("photo", "suggestion", "consensus", "annotation", "receipt", "queueentry", "adjudication")
    with connection.cursor() as cursor:
        cursor.execute("select " + ", ".join(f"(select count(*) from labeling_{table})" for table in tables))
        row = cursor.fetchone()
    assert row is not None
    return dict(zip(tables, row, strict=True))


def _member(project: Project, name: str, role: Role) -> User:
    user = user_create(email=f"{name}@bench.example", full_name=name.title())
    membership: Membership = member_add(project=project, email=user.email, full_name=user.full_name, role=role)[0]
    return membership.user


def _queue_make(project_id: int, least_sure: Sequence[tuple[int, int, float]]) -> None:
    """The queue as a refresh makes it, gold checks among the photos asked; one in ten blind."""
    reasons = ("boundary", "uncertain", "diverse", "random")
    entries = []
    for number, (photo_id, position, confidence) in enumerate(least_sure):
        probabilities = [(1 - confidence) / 6] * 7
        probabilities[position] = confidence
        reason = reasons[number % 4]
        entries.append(
            EntryProposal(
                photo_id,
                1 - confidence,
                reason,
                boundary=min(position, 5) if reason == "boundary" else None,
                is_blind=number % 10 == 0,
                probabilities=tuple(probabilities),
            )
        )
    queue_replace(project_id=project_id, source="ordinal_uncertainty", model_version=MODEL_VERSION, entries=entries)


def _draw(tag: int, row: str = "i") -> str:
    """SQL: a number in [0, 1) that depends on the row, the seed and what it is drawn for."""
    return f"((hashint8extended({row}, %(seed)s * 1000 + {tag}) & 1048575) / 1048576.0)"


_IS_HELD_OUT = f"({_draw(1, '(i %% %(plants)s)::bigint')} < %(held_out)s)"
_IS_SETTLED = f"""
    (status = 'ready' and not is_held_out
        and (i <= %(n)s * %(settled)s / 2 or {_draw(2)} < %(settled)s / 2 / (1 - %(settled)s / 2)))
"""
_IS_DISPUTED = f"(status = 'ready' and not is_held_out and {_draw(3)} < 0.002)"

# What a photo shows follows the day of the season; what the model says follows what it shows, more or less.
_PLAN = f"""
create temporary table plan as
select i, (i %% %(plants)s) + 1 as plant, status, is_held_out, stage, position, confidence,
    {_IS_SETTLED} and not {_IS_DISPUTED} as is_settled, {_IS_DISPUTED} as is_disputed
from (
    select *, least(6, greatest(0, stage + case when {_draw(4)} < 0.75 then 0 when {_draw(5)} < 0.5 then 1 else -1 end))
            as position,
        1 - 0.75 * power({_draw(6)}, 2) as confidence
    from (
        select i::bigint as i, case when i %% 200 = 199 then 'rejected' else 'ready' end as status,
            {_IS_HELD_OUT} as is_held_out,
            least(6, floor((i / %(plants)s) * 7 / {PHOTOS_PER_PLANT})::int) as stage
        from generate_series(1, %(n)s) i
    ) photos
) suggested
"""

_PHOTOS = """
insert into labeling_photo (id, project_id, sha256, status, rejection, original_name, client_id, site_id, plant_id,
    import_batch_id, uploaded_by_id, taken_at, camera, byte_size, width, height, phash, group_key, is_held_out,
    received_at, processed_at)
select i, %(project)s, encode(sha256(convert_to(%(seed)s || ':' || i, 'UTF8')), 'hex'), status,
    case when status = 'rejected' then 'truncated' else '' end, 'IMG_' || i || '.JPG', md5(%(seed)s || ':' || i)::uuid,
    (plant %% %(sites)s) + 1, plant, (i / 50000) + 1, null,
    timestamptz '2025-03-01 08:00+00' + (i / %(plants)s) * interval '1 day' + (i %% 36000) * interval '1 second',
    'Camera 1', 2000000 + (i %% 900000), case when status = 'ready' then 1600 else 0 end,
    case when status = 'ready' then 1200 else 0 end, hashint8extended(i, %(seed)s),
    case when status = 'ready' then 'plant:' || plant else '' end, is_held_out and status = 'ready',
    timestamptz '2025-06-20 08:00+00' + i * interval '1 millisecond', timestamptz '2025-06-20 09:00+00'
from plan order by i
"""

_SUGGESTIONS = """
insert into labeling_suggestion (photo_id, project_id, position, confidence, model_version, is_open)
select i, %(project)s, position, confidence, %(version)s, not is_settled and not is_disputed
from plan where status = 'ready' order by i
"""

# Three minutes apart for a working day: the latest were given yesterday.
_ANNOTATIONS = f"""
insert into labeling_annotation (photo_id, annotator_id, source, round, kind, stage_id, stage_upper_id, reason, note,
    mode, is_blind, shown, lead_time_ms, decided_at, created_at, withdrawn_at)
select i, (%(experts)s)[(i + voice) %% array_length(%(experts)s, 1) + 1], '', 1, 'stage',
    (%(stages)s)[1 + case when is_disputed then (stage + voice * 3) %% 7 else stage end], null, '', '', 'single',
    {_draw(7)} < 0.1,
    jsonb_build_object('reason', 'uncertain', 'boundary', null, 'utility', 0.5, 'is_blind', false,
        'position', position, 'confidence', confidence, 'model_version', %(version)s::text,
        'probabilities', array_fill((1 - confidence) / 6, array[7])),
    1500 + ({_draw(8)} * 6000)::int, decided, decided, null
from (
    select *, date_trunc('day', now(), 'UTC') - interval '16 hours'
        - (row_number() over (order by i) / 160) * interval '1 day'
        + (row_number() over (order by i) %% 160) * interval '3 minutes' as decided
    from plan, generate_series(0, 1) voice
    where is_disputed or (is_settled and voice = 0)
) given order by decided
"""

_CONSENSUSES = """
insert into labeling_consensus (photo_id, project_id, outcome, stage_id, distribution, consensus_quality,
    annotator_agreement, n_annotations, is_adjudicated, is_gold, decided_at)
select i, %(project)s, 'stage', (%(stages)s)[1 + stage],
    array_cat(array_append(array_fill(0.0::float8, array[stage]), 1.0), array_fill(0.0::float8, array[6 - stage])),
    1.0, 1.0, 1, false, i %% 100 = 5, a.decided_at
from plan join labeling_annotation a on a.photo_id = i where is_settled order by i
"""

_KNOWN = """
insert into labeling_knownlabel (photo_id, stage_id, kind)
select i, (%(stages)s)[1 + stage], 'gold' from plan where is_settled and i %% 100 = 5
"""

_SKIPS = """
insert into labeling_skip (photo_id, annotator_id, until)
select e.photo_id, (%(experts)s)[e.rank %% array_length(%(experts)s, 1) + 1], now() + interval '6 hours'
from labeling_queueentry e where e.rank %% 40 = 7
"""

_LEAST_SURE = """
select s.photo_id, s.position, s.confidence from labeling_suggestion s join labeling_photo p on p.id = s.photo_id
where s.is_open and not p.is_held_out order by s.confidence, s.photo_id limit %s
"""

STATEMENTS = (
    _PLAN,
    "insert into labeling_site (id, project_id, name, timezone) select s, %(project)s, 'Site ' || s, 'UTC' "
    "from generate_series(1, %(sites)s) s",
    "insert into labeling_plant (id, site_id, name) select p, (p %% %(sites)s) + 1, 'Tree ' || p "
    "from generate_series(1, %(plants)s) p",
    "insert into labeling_importbatch (id, project_id, name, label_use, label_source, archive, state, total, received, "
    "duplicates, refused, form, is_dry_run, error, created_at, finished_at) select b, %(project)s, 'Import ' || b, "
    "'none', '', '', 'done', 50000, 50000, 0, 0, 'auto', false, '', now(), now() "
    "from generate_series(1, %(n)s / 50000 + 1) b",
    _PHOTOS,
    _SUGGESTIONS,
    _ANNOTATIONS,
    _CONSENSUSES,
    "insert into labeling_adjudication (photo_id, project_id, state, round, stage_gap, opened_at, note) "
    "select i, %(project)s, 'open', 1, 3, now(), '' from plan where is_disputed",
    "insert into labeling_receipt (annotator_id, key, outcome, code, photo_id, annotation_id, created_at) "
    "select annotator_id, md5(%(seed)s || ':' || id)::uuid, 'applied', '', photo_id, id, decided_at "
    "from labeling_annotation order by id",
    _KNOWN,
    "select setval(pg_get_serial_sequence('labeling_photo', 'id'), %(n)s)",
    "select setval(pg_get_serial_sequence('labeling_site', 'id'), %(sites)s)",
    "select setval(pg_get_serial_sequence('labeling_plant', 'id'), %(plants)s)",
    "select setval(pg_get_serial_sequence('labeling_importbatch', 'id'), %(n)s / 50000 + 1)",
    "drop table plan",
)
