"""How long an export takes, at 10 000 and 100 000 annotations, beside what PostgreSQL alone needs for the same rows.

    python -m benchmarks.bench_export [--quick]

The web process of the Procfile streams CSV and JSON Lines over HTTP; every format is also written in this process, as
a worker does, without photos. The limit is ``COPY (select ...) to stdout``: the same rows joined and sent by the
database, with nothing of ours around them. Prints a table and writes ``benchmarks/results/export.json``.
"""

from __future__ import annotations

import argparse
import http.client
import time

from benchmarks.figures import Figure, Mode, Times, figure_of, machine, text_table, write_results
from benchmarks.place import Place, place_open

SIZES = (10_000, 100_000)
GOALS = {10_000: 1.0, 100_000: 8.0}
FIRST_BYTE_GOAL_MS = 200
SLUG = "orchard"
PEERS = "peers measured by bench_labelling, in its own run"

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
insert into labeling_suggestion (photo_id, project_id, position, confidence, model_version, is_open)
select i, %(project)s, i %% 7, 0.75, 'v1', false from generate_series(1, %(n)s) i;
insert into labeling_annotation (photo_id, annotator_id, source, round, kind, stage_id, stage_upper_id, reason, note,
    mode, is_blind, shown, lead_time_ms, decided_at, created_at, withdrawn_at)
select i, null, 'Expert ' || i %% 5, 1, 'stage', (%(stages)s::bigint[])[1 + i %% 7], null, '', '', 'single', false,
    '{}', 2500, now(), now(), null
from generate_series(1, %(n)s) i;
insert into labeling_consensus (photo_id, project_id, outcome, stage_id, distribution, consensus_quality,
    annotator_agreement, n_annotations, is_adjudicated, is_gold, decided_at)
select i, %(project)s, 'stage', (%(stages)s::bigint[])[1 + i %% 7], array[0.9, 0.1, 0, 0, 0, 0, 0], 0.9, 1.0, 1, false,
    false, now()
from generate_series(1, %(n)s) i;
"""

COPY = """
copy (select p.*, s.name, s.timezone, t.name, c.outcome, g.slug, c.distribution, c.consensus_quality, c.decided_at,
        m.position, m.confidence, m.model_version
    from labeling_consensus c join labeling_photo p on p.id = c.photo_id
        left join labeling_site s on s.id = p.site_id left join labeling_plant t on t.id = p.plant_id
        left join labeling_growthstage g on g.id = c.stage_id left join labeling_suggestion m on m.photo_id = p.id
    order by c.photo_id) to stdout with (format csv)
"""


def main() -> None:
    """Fill, measure, print, write."""
    parser = argparse.ArgumentParser(description="How long an export takes.")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    arguments = parser.parse_args()
    repeats = 2 if arguments.quick else 5
    place = place_open()
    figures: dict[str, Figure] = {}
    try:
        for number, size in enumerate(SIZES):
            figures |= measure(place, size, repeats, number)
    finally:
        place.close()
    print(text_table(figures))
    mode: Mode = "quick" if arguments.quick else "full"
    about = machine(web="granian, 1 worker, 4 threads", postgres="embedded, fsync on", beside=PEERS)
    write_results("export", figures, about, mode=mode)


def measure(place: Place, size: int, repeats: int, number: int) -> dict[str, Figure]:
    """All figures of one size; its measurements take turns, so that other work meets them alike."""
    from benchmarks.place import connect

    url = place.fresh(f"export_{size}", f"export-{size}", lambda: fill(size))
    connect(url)
    stack = place.stack(f"export-{size}", url, 5 + number)
    stack.start("web")
    cookie = session()
    limit = Times()
    wanted = [(table, unit) for table in ("csv", "jsonl") for unit in ("consensus", "annotation")]
    totals, firsts = {key: Times() for key in wanted}, {key: Times() for key in wanted}
    for _ in range(repeats):
        limit.add(copied())
        for table, unit in wanted:
            first, total, n_rows = streamed(stack.port, cookie, table, unit)
            if n_rows != size:
                raise AssertionError(f"{n_rows} rows of {size} arrived")
            totals[table, unit].add(total)
            firsts[table, unit].add(first)
    figures = {}
    for table, unit in wanted:
        name = f"{size // 1000}k_{table}_{unit}"
        took = totals[table, unit]
        figures[f"stream_{name}"] = Figure(
            took.p95 / 1000, "s", repeats, goal=GOALS[size], median=took.median / 1000, limit=limit.median / 1000
        )
        figures[f"first_byte_{name}"] = figure_of(firsts[table, unit], goal=FIRST_BYTE_GOAL_MS)
    return figures | {f"file_{size // 1000}k_{name}": it for name, it in files(size).items()}


def files(size: int) -> dict[str, Figure]:
    """Each format written as a worker writes it (with hash and card), and the memory that the slowest asks for."""
    from labeling.models import Project
    from labeling.services.export_formats.catalogue import FORMATS, Written, format_named
    from labeling.services.exports import ExportOrder, export_bytes

    project = Project.objects.get(slug=SLUG)
    figures = {}
    for name, spec in FORMATS.items():
        if "none" not in spec.photos:
            continue
        order = ExportOrder(name, photos="none")
        _, photos = format_named(name, unit="consensus", photos="none")
        started = time.perf_counter()
        n_bytes = sum(map(len, export_bytes(project=project, order=order, spec=spec, photos=photos, outcome=Written())))
        figures[name] = Figure(time.perf_counter() - started, "s", 1, note=f"{n_bytes / 2**20:.1f} MiB")
    return figures


def fill(size: int) -> None:
    """A project in which every photo has one annotation and a consensus."""
    from django.db import connection

    from labeling.domain.scale_templates import TEMPLATES
    from labeling.models import GrowthStage
    from labeling.services.people import member_add
    from labeling.services.projects import project_create

    stages = next(template.stages for template in TEMPLATES if template.key == "blossom_7")
    project = project_create(name="Orchard", slug=SLUG, created_by=None, stages=stages)
    member_add(project=project, email="adjudicator@bench.example", full_name="Adjudicator", role="adjudicator")
    stage_ids = list(GrowthStage.objects.order_by("position").values_list("pk", flat=True))
    with connection.cursor() as cursor:
        for statement in FILL.split(";\n"):
            if statement.strip():
                cursor.execute(statement, {"project": project.pk, "n": size, "stages": stage_ids})
        cursor.execute("analyze")


def session() -> str:
    """A session of the adjudicator, as a cookie."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from labeling.models import User

    user = User.objects.get(email="adjudicator@bench.example")
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return f"{settings.SESSION_COOKIE_NAME}={store.session_key}"


def streamed(port: int, cookie: str, table: str, unit: str) -> tuple[float, float, int]:
    """Seconds to the first byte of the body and to the last, and the number of rows."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    started = time.perf_counter()
    connection.request(
        "GET", f"/api/v1/projects/{SLUG}/exports/stream?table={table}&unit={unit}", headers={"Cookie": cookie}
    )
    response = connection.getresponse()
    if response.status != 200:
        raise AssertionError(f"the export was answered {response.status}")
    piece = response.read(1)
    first, n_lines = time.perf_counter() - started, piece.count(b"\n")
    while piece := response.read(2**18):
        n_lines += piece.count(b"\n")
    total = time.perf_counter() - started
    connection.close()
    return first, total, n_lines - (table == "csv")


def copied() -> float:
    """Seconds that the database needs to join, sort and send the rows."""
    from django.db import connection

    started = time.perf_counter()
    with connection.cursor() as cursor, cursor.copy(COPY) as rows:
        for _ in rows:
            pass
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
