"""How long it takes to take in a table of labels about photos that the project has, beside what PostgreSQL alone needs.

    python -m benchmarks.bench_import [--quick]

A CSV of hashes and stages, one row per photo, comes in three times: rehearsed, for real as prior annotations (each with
the consensus that follows from it), and for real again, when every row is recognised. The limit is ``COPY`` of the same
rows into a table without indexes, joined to the photos and inserted as annotations in one statement: the same labels
in the database, with nothing drawn from them. The goal is the rate at which Label Studio takes in tasks that are mere
addresses. Prints a table and writes ``benchmarks/results/import.json``.
"""

from __future__ import annotations

import argparse
import io
import time

from benchmarks.figures import Figure, Mode, machine, text_table, write_results
from benchmarks.place import Place, connect, place_open

SIZE, QUICK_SIZE = 100_000, 5_000
SLUG = "orchard"
PEER_ROWS_PER_SECOND = 930
"""Label Studio 1.23 on such a machine, measured once: tasks of one address each, no pixels read."""

FILL = """
insert into labeling_site (id, project_id, name, timezone)
    select s, %(project)s, 'Site ' || s, 'America/Santiago' from generate_series(1, 8) s;
insert into labeling_plant (id, site_id, name)
    select p, p %% 8 + 1, 'Tree ' || p from generate_series(1, greatest(1, %(n)s / 100)) p;
insert into labeling_photo (id, project_id, sha256, status, rejection, original_name, client_id, site_id, plant_id,
    import_batch_id, uploaded_by_id, taken_at, camera, byte_size, width, height, phash, group_key, is_held_out,
    received_at, processed_at)
select i, %(project)s, encode(sha256(convert_to(i::text, 'UTF8')), 'hex'), 'ready', '', 'IMG_' || i || '.JPG',
    md5(i::text)::uuid, p %% 8 + 1, p, null, null, timestamptz '2026-03-01 08:00+00' + i * interval '10 seconds',
    'Camera 1', 2000000, 1600, 1200, i, 'plant:' || p, p %% 5 = 0, now(), now()
from (select i, i %% greatest(1, %(n)s / 100) + 1 as p from generate_series(1, %(n)s) i) photos order by i;
"""

INSERT = """
insert into labeling_annotation (photo_id, annotator_id, source, round, kind, stage_id, stage_upper_id, reason, note,
    mode, is_blind, shown, lead_time_ms, decided_at, created_at, withdrawn_at)
select p.id, null, 'Limit', 1, 'stage', g.id, null, '', '', 'import', false, '{}', null, now(), now(), null
from sent join labeling_photo p on p.sha256 = sent.sha256 join labeling_growthstage g on g.slug = sent.stage
"""


def main() -> None:
    """Fill, measure, print, write."""
    parser = argparse.ArgumentParser(description="How long a table of labels takes to come in.")
    parser.add_argument("--quick", action="store_true", help="fewer rows")
    arguments = parser.parse_args()
    size = QUICK_SIZE if arguments.quick else SIZE
    place = place_open()
    try:
        figures = measure(place, size)
    finally:
        place.close()
    print(text_table(figures))
    mode: Mode = "quick" if arguments.quick else "full"
    write_results("import", figures, machine(postgres="embedded, fsync on"), mode=mode)


def measure(place: Place, size: int) -> dict[str, Figure]:
    """The limit on a copy of the database, then the three imports on another."""
    connect(place.fresh(f"import_{size}", f"import-{size}", lambda: fill(size)))
    limit = copied(table_of(size))
    connect(place.fresh(f"import_{size}", f"import-{size}", lambda: fill(size)))
    name = f"{size // 1000}k"
    goal = size / PEER_ROWS_PER_SECOND
    rehearsed = imported(table_of(size), size, is_dry_run=True, n_known=0)
    real = imported(table_of(size), size, is_dry_run=False, n_known=size)
    again = imported(table_of(size), size, is_dry_run=False, n_known=size)
    return {
        f"csv_{name}_rehearsed": Figure(rehearsed, "s", 1, goal=goal, note=rate(size, rehearsed)),
        f"csv_{name}": Figure(
            real, "s", 1, goal=goal, limit=limit, note=f"{rate(size, real)}, each with its consensus"
        ),
        f"csv_{name}_again": Figure(again, "s", 1, goal=goal, note=f"{rate(size, again)}, nothing new"),
    }


def rate(size: int, seconds: float) -> str:
    """As a note."""
    return f"{size / seconds:,.0f} rows/s"


def fill(size: int) -> None:
    """A project of ready photos that nobody has labelled."""
    from django.db import connection

    from labeling.domain.scale_templates import TEMPLATES
    from labeling.services.projects import project_create

    stages = next(template.stages for template in TEMPLATES if template.key == "blossom_7")
    project = project_create(name="Orchard", slug=SLUG, created_by=None, stages=stages)
    with connection.cursor() as cursor:
        for statement in FILL.split(";\n"):
            if statement.strip():
                cursor.execute(statement, {"project": project.pk, "n": size})
        cursor.execute("analyze")


def table_of(size: int) -> bytes:
    """The CSV: every photo of the project, with a stage."""
    from hashlib import sha256

    from labeling.models import GrowthStage

    slugs = list(GrowthStage.objects.order_by("position").values_list("slug", flat=True))
    lines = [f"{sha256(str(i).encode()).hexdigest()},{slugs[i % len(slugs)]}" for i in range(1, size + 1)]
    return "\n".join(["sha256,label", *lines]).encode()


def copied(table: bytes) -> float:
    """Seconds that the database needs for the same annotations."""
    from django.db import connection

    started = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("create temporary table sent (sha256 text, stage text)")
        with cursor.copy("copy sent from stdin with (format csv, header)") as into:
            into.write(table)
        cursor.execute(INSERT)
    return time.perf_counter() - started


def imported(table: bytes, size: int, *, is_dry_run: bool, n_known: int) -> float:
    """Seconds of one import, as a worker runs it.

    Raises:
        AssertionError: a row did not come in, or not with its consensus.
    """
    from labeling.models import Consensus, Project
    from labeling.services.import_formats.detection import source_of_upload
    from labeling.services.imports import import_run, import_start

    project = Project.objects.get(slug=SLUG)
    started = time.perf_counter()
    batch = import_start(
        project=project, name="labels.csv", label_use="prior", label_source="Season", is_dry_run=is_dry_run
    )
    batch = import_run(import_batch_id=batch.pk, source=source_of_upload(io.BytesIO(table)))
    took = time.perf_counter() - started
    if (batch.state, batch.duplicates, Consensus.objects.count()) != ("done", size, n_known):
        raise AssertionError(f"{batch.state}: {batch.duplicates} rows of {size} recognised, {batch.refused} refused")
    return took


if __name__ == "__main__":
    main()
