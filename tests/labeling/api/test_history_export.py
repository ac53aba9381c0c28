"""The history of a project as a file."""

from __future__ import annotations

import csv
import io
import json

import pytest
from django.db import connection

from labeling.models import AdjudicationEvent
from labeling.selectors import history_export
from labeling.selectors.history_export import history_blocks
from tests.factories.labeling import AnnotationFactory, PhotoFactory, ProjectFactory, QueueEntryFactory, UserFactory
from tests.labeling.queue.scenes import decide, stage_decision, undo_decision

pytestmark = pytest.mark.django_db


def export(client, project, **query):
    return client.get(f"/api/v1/projects/{project.slug}/history/export", query)


def rows_of(response):
    text = b"".join(response.streaming_content).decode()
    if response["Content-Type"].startswith("text/csv"):
        return list(csv.DictReader(io.StringIO(text)))
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def project():
    return ProjectFactory()


@pytest.fixture
def client(project, member_client):
    return member_client(project, "adjudicator")


@pytest.fixture
def story(project, client):
    """An annotation, taken back, given anew; an import; an adjudication. Returns the photo."""
    entry = QueueEntryFactory(
        photo__project=project, photo__original_name="flor.jpg", probabilities=[0.1, 0.9], reason="boundary", boundary=0
    )
    expert = UserFactory(full_name="Ana")
    made = stage_decision(entry.photo_id, 3, elapsed_ms=900, note="windy", mode="pair")
    decide(project, expert, made, undo_decision(made.key), stage_decision(entry.photo_id, 4))
    AnnotationFactory(photo=entry.photo, annotator=None, source="field team", mode="import")
    AdjudicationEvent.objects.create(
        photo=entry.photo, project=project, adjudicator=client.user, round=1, outcome="unusable", shown={"opinions": []}
    )
    return entry.photo


@pytest.mark.parametrize("name", ["csv", "jsonl"])
def test_everything_in_the_order_of_arrival(project, client, story, name):
    rows = rows_of(export(client, project, format=name))
    assert [(row["event"], row["kind"], row["stage_position"] or "") for row in rows] == [
        ("annotation", "stage", "3" if name == "csv" else 3),
        ("withdrawal", "stage", "3" if name == "csv" else 3),
        ("annotation", "stage", "4" if name == "csv" else 4),
        ("annotation", "stage", "0" if name == "csv" else ""),
        ("adjudication", "unusable", ""),
    ]
    first = rows[0]
    assert (first["who"], first["photo"], first["note"], first["mode"]) == ("Ana", "flor.jpg", "windy", "pair")
    assert str(first["lead_time_ms"]) == "900"
    shown = json.loads(first["shown"]) if name == "csv" else first["shown"]
    assert (shown["reason"], shown["probabilities"], set(shown["pair"])) == ("boundary", [0.1, 0.9], {"left", "right"})
    assert (rows[1]["shown"] or None, rows[3]["who"], rows[4]["who"]) == (None, "field team", str(client.user))
    assert first["at"].endswith("Z")
    assert rows[0]["is_blind"] in ("false", False)


def test_csv_is_what_is_sent_when_nothing_is_asked_for(project, client, story):
    response = export(client, project)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    disposition = response["Content-Disposition"]
    assert disposition.startswith(f'attachment; filename="{project.slug}-history-')
    assert disposition.endswith('.csv"')
    assert response["X-Content-Type-Options"] == "nosniff"
    assert len(rows_of(response)) == 5
    refused = export(client, project, format="xlsx")
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid")


def test_an_empty_project_has_a_header_and_no_line(project, client):
    assert b"".join(export(client, project).streaming_content).decode().strip().startswith("event,at,recorded_at")
    assert b"".join(export(client, project, format="jsonl").streaming_content) == b""


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "=cmd|'/c calc'!A0", '=HYPERLINK("x")'],
)
def test_formulas_are_made_text_in_csv_and_left_alone_in_jsonl(project, client, text):
    photo = PhotoFactory(project=project, original_name=text)
    AnnotationFactory(photo=photo, annotator=UserFactory(full_name=text), note=text)
    AnnotationFactory(photo=photo, annotator=None, source=text, note="fine - as = it @ is")
    first, second = rows_of(export(client, project))
    assert (first["photo"], first["who"], first["note"]) == (f"'{text}",) * 3
    assert (second["who"], second["note"]) == (f"'{text}", "fine - as = it @ is")
    assert rows_of(export(client, project, format="jsonl"))[0]["note"] == text


@pytest.mark.parametrize("text", ['say "so", then; \\ go', "two\nlines", "ñandú – 7 µm", "{}", "\\N", "\x01\x02"])
def test_every_text_comes_through(project, client, text):
    AnnotationFactory(photo=PhotoFactory(project=project), note=f"x{text}")
    for name in ("csv", "jsonl"):
        assert rows_of(export(client, project, format=name))[0]["note"] == f"x{text}"


def test_other_projects_stay_apart(project, client, story):
    foreign = ProjectFactory()
    decide(foreign, UserFactory(), stage_decision(PhotoFactory(project=foreign).pk, 1))
    assert {row["photo_id"] for row in rows_of(export(client, project))} == {str(story.pk)}
    assert export(client, foreign).status_code == 404


@pytest.mark.parametrize("role", ["grower", "expert"])
def test_adjudicators_and_above_only(project, member_client, role):
    response = export(member_client(project, role), project)
    assert (response.status_code, response.json()["code"]) == (403, "permission_denied")


def test_it_comes_in_blocks_and_can_be_broken_off(project, monkeypatch):
    monkeypatch.setattr(history_export, "BLOCK", 2000)
    for _ in range(40):
        AnnotationFactory(photo=PhotoFactory(project=project), note="n" * 200)
    blocks = list(history_blocks(project_id=project.pk, format="csv"))
    assert len(blocks) > 4
    assert max(map(len, blocks)) < 3000
    assert b"".join(blocks).count(b"\n") == 41
    broken_off = history_blocks(project_id=project.pk, format="csv")
    next(broken_off)
    broken_off.close()
    with connection.cursor() as cursor:
        cursor.execute("select 1")
        assert cursor.fetchone() == (1,)


@pytest.mark.parametrize("name", ["csv", "jsonl"])
def test_no_sort_and_no_join_that_reads_all_before_the_first_line(project, name):
    statement = history_export._csv() if name == "csv" else history_export._jsonl()
    query = statement[statement.index("(") + 1 : statement.rindex(") as row") + len(") as row")]
    with connection.cursor() as cursor:
        cursor.execute(
            "select set_config(name, 'off', true) "
            "from unnest(array['enable_hashjoin', 'enable_mergejoin', 'enable_sort']) as name"
        )
        cursor.execute(f"explain {query}", {"project": project.pk})
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Sort" not in plan
    assert "Hash" not in plan
    assert "Index Scan" in plan
