"""Nobody reaches an object that is not theirs: not by its address, not by naming it in a request.

Two projects have one of everything (``tests/support/full_project.py``). The routes come from the URL conf and the
fields of requests from the schema, so that a new one fails here until it is said what it names. What must not be
reached must not be touched either: every refused request leaves every row as it was.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import get_resolver
from rest_framework.test import APIClient

from labeling.models import ReferencePhoto, Role
from tests.factories.labeling import PhotoFactory
from tests.labeling.api.test_roles import LOWEST, PROJECT, SIGNED_IN, endpoints, methods_of
from tests.support.full_project import FullProject, all_rows, full_project

PREFIX = "/api/v1/"

PARAMETERS = {
    "slug": "slug",
    "photo_id": "photo_id",
    "stage_id": "stage_id",
    "member_id": "member_id",
    "site_id": "site_id",
    "import_batch_id": "import_batch_id",
    "upload_id": "upload_id",
    "export_id": "export_id",
    "run_id": "run_id",
    "version_id": "version_id",
    "model_export_id": "model_export_id",
    "token_id": "token_id",
    "webhook_id": "webhook_id",
    "delivery_id": "delivery_id",
    "look_id": "look_id",
    "map_id": "map_id",
    "migration_id": "migration_id",
}
"""Which of a project's ids a parameter of a route takes."""
NAMES_NOTHING = {"name": "thumb", "token": "x", "index": "0", "column": "stage"}
"""Parameters that name no object of a project, with a value."""
OTHER_OBJECTS = {
    f"{PROJECT}/adjudications/<int:photo_id>/settle": {"photo_id": "disputed_photo_id"},
    f"{PROJECT}/photos/<int:photo_id>/gold": {"photo_id": "gold_photo_id"},
}
"""Routes whose parameter wants another object than usual, for the request to be one that works."""

REQUESTS: dict[tuple[str, str], Any] = {
    (f"{PROJECT}/stages/<int:stage_id>/references", "put"): {"photo_ids": []},
    (f"{PROJECT}/stages/<int:stage_id>/description", "put"): {"description_es": "", "description_en": ""},
    (f"{PROJECT}/members/<int:member_id>", "patch"): {"role": "grower"},
    (f"{PROJECT}/members/<int:member_id>/practice", "put"): {"counts": True},
    (f"{PROJECT}/sites/<int:site_id>/plants", "post"): {"name": "New tree"},
    (f"{PROJECT}/my-photos/<int:photo_id>", "patch"): {"taken_at": "2026-04-01T10:00:00Z"},
    (f"{PROJECT}/photos/<int:photo_id>/gold", "put"): {"stage": 1},
    (f"{PROJECT}/adjudications/<int:photo_id>/settle", "post"): {"outcome": "stage", "stage": 1},
    (f"{PROJECT}/uploads/<int:upload_id>/chunks/<int:index>", "put"): lambda: {"chunk": ContentFile(b"PK12", "chunk")},
    (f"{PROJECT}/webhooks/<int:webhook_id>", "patch"): {"name": "Other"},
    (f"{PROJECT}/model-versions/<uuid:version_id>/promote", "post"): {"reason": "Better"},
    (f"{PROJECT}/model-versions/<uuid:version_id>/exports", "post"): {"format": "onnx"},
    (f"{PROJECT}/second-look/<int:look_id>/settle", "post"): {"outcome": "confirm"},
    (f"{PROJECT}/scale-migrations/<int:migration_id>/step", "post"): {"what": "apply"},
}
"""A request that its own project would take; made anew where it holds a file."""
OWNERS = {
    f"{PROJECT}/my-photos/<int:photo_id>": "grower",
}
"""Who may, where it is not the admin."""
ANSWERS_OF_STATE = {409, 422}
"""The object was reached, and is in no state for it."""


def objects_routes() -> Iterator[tuple[str, str]]:
    """Route and method of everything whose address names an object inside a project."""
    for route, view in endpoints(get_resolver()):
        if set(parameters(route)) - {"slug"} - set(NAMES_NOTHING):
            for method in sorted(methods_of(view)):
                yield route, method


def parameters(route: str) -> list[str]:
    return [part.strip("<>").split(":")[1] for part in route.split("/") if part.startswith("<")]


def path(route: str, project: FullProject, objects_of: FullProject) -> str:
    """The address of ``objects_of``'s objects as if they were ``project``'s."""
    parts = []
    for part in route.split("/"):
        name = part.strip("<>").split(":")[-1] if part.startswith("<") else None
        if name is None:
            parts.append(part)
        elif name == "slug":
            parts.append(project.slug)
        elif name in NAMES_NOTHING:
            parts.append(NAMES_NOTHING[name])
        else:
            wanted = OTHER_OBJECTS.get(route, {}).get(name, PARAMETERS[name])
            parts.append(str(objects_of.ids[wanted]))
    return PREFIX + "/".join(parts)


def call(client: APIClient, method: str, address: str, body: Any = None) -> Any:
    if method == "get":
        return client.get(address)
    if callable(body):
        return getattr(client, method)(address, data=body(), format="multipart")
    return getattr(client, method)(address, data=body or {}, format="json")


ROUTES = sorted(objects_routes())


@pytest.fixture
def mine(db: None) -> FullProject:
    return full_project("ours")


@pytest.fixture
def theirs(db: None) -> FullProject:
    return full_project("theirs")


@pytest.mark.parametrize("route", sorted({route for route, _ in endpoints(get_resolver())}))
def test_every_parameter_of_a_route_is_known(route):
    unknown = set(parameters(route)) - set(PARAMETERS) - set(NAMES_NOTHING)
    assert not unknown, (
        f"{route} takes {sorted(unknown)}. If it names an object of a project, give full_project() one and add the "
        "parameter to PARAMETERS; if it names none, add it to NAMES_NOTHING with a value."
    )


@pytest.mark.parametrize(("route", "method"), ROUTES)
def test_who_may_reaches_the_object(theirs, signed_in, route, method):
    """Without this, the refusals below could be those of a request that works for nobody."""
    client = signed_in(theirs.people[OWNERS.get(route, "admin")])
    answer = call(client, method, path(route, theirs, theirs), REQUESTS.get((route, method)))
    assert answer.status_code < 400 or answer.status_code in ANSWERS_OF_STATE, (
        f"{method} {route} answered {answer.status_code} {answer.content!r} to who may. Add a request that works to "
        "REQUESTS, or the role that may to OWNERS."
    )


@pytest.mark.parametrize(("route", "method"), ROUTES)
def test_an_object_of_another_project_is_not_there(mine, theirs, signed_in, route, method):
    """Under the address of one's own project; with every role of it."""
    clients = {role: signed_in(user) for role, user in mine.people.items()}
    before = all_rows()
    for role, client in clients.items():
        answer = call(client, method, path(route, mine, theirs), REQUESTS.get((route, method)))
        lowest = LOWEST[route][method]
        wanted = 404 if lowest == SIGNED_IN or Role(role).includes(lowest) else 403
        assert answer.status_code == wanted, f"{role}: {answer.content!r}"
        assert theirs.mark.encode() not in answer.content
    assert all_rows() == before


@pytest.mark.parametrize(("route", "method"), ROUTES)
def test_an_object_under_its_own_project_is_not_there_for_strangers(mine, theirs, signed_in, api_client, route, method):
    clients = {role: signed_in(user) for role, user in mine.people.items()}
    before = all_rows()
    for role, client in clients.items():
        answer = call(client, method, path(route, theirs, theirs), REQUESTS.get((route, method)))
        assert answer.status_code == 404, f"{role}: {answer.content!r}"
        assert answer.json()["code"] == "project_not_found" or not route.startswith(PROJECT)
    answer = call(api_client, method, path(route, theirs, theirs), REQUESTS.get((route, method)))
    assert answer.status_code == 401
    assert all_rows() == before


@pytest.mark.parametrize(("route", "method"), [it for it in ROUTES if "<int:" in it[0]])
def test_an_id_that_no_table_can_hold_is_not_there(mine, signed_in, route, method):
    """Ids beyond 64 bits reach raw SQL, where they are an error of the database unless somebody looks first."""
    client = signed_in(mine.people["admin"])
    beyond = replace(mine, ids={name: 2**63 for name in mine.ids})
    answer = call(client, method, path(route, mine, beyond), REQUESTS.get((route, method)))
    assert answer.status_code == 404, answer.content


@pytest.mark.parametrize("role", ["expert", "adjudicator", "admin"])
@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_the_own_photos_of_one_are_nobody_elses(mine, signed_in, method, role):
    client = signed_in(mine.people[role])
    before = all_rows()
    route = f"{PROJECT}/my-photos/<int:photo_id>"
    answer = call(client, method, path(route, mine, mine), REQUESTS.get((route, method)))
    assert answer.status_code == 404
    assert all_rows() == before


def test_a_grower_sees_no_pixels_of_others(mine, member_client):
    grower = member_client(mine.project, "grower")
    ReferencePhoto.objects.filter(stage__scale__project=mine.project).delete()  # the examples are for everybody
    answer = grower.get(path(f"{PROJECT}/photos/<int:photo_id>/renditions/<rendition:name>", mine, mine))
    assert answer.status_code == 404


READS = sorted(
    route
    for route, view in endpoints(get_resolver())
    if "get" in methods_of(view) and route.startswith(PROJECT) and not set(parameters(route)) - {"slug"}
)
FILLED = ("photos", "sites", "members", "imports", "adjudications", "dashboard", "dashboard/plants")
QUESTIONS = {
    f"{PROJECT}/my-photos/news": "?since=2026-01-01T00:00:00Z",
    f"{PROJECT}/dashboard/plants": "?season=2026",
}


def content(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


@pytest.mark.parametrize("route", READS)
def test_no_list_tells_of_another_project(mine, theirs, signed_in, route):
    """As admin of one's own: what can be listed is one's own alone."""
    client = signed_in(mine.people["admin"])
    answer = client.get(path(route, mine, mine) + QUESTIONS.get(route, ""))
    assert answer.status_code == 200, f"Add what {route} must be asked to QUESTIONS: {answer.content!r}"
    assert theirs.mark.encode() not in content(answer)


def test_the_lists_do_tell_of_the_own_project(theirs, signed_in):
    """Else the test above would pass on lists that tell nothing."""
    client = signed_in(theirs.people["admin"])
    told = [
        route
        for route in READS
        if theirs.mark.encode() in content(client.get(path(route, theirs, theirs) + QUESTIONS.get(route, "")))
    ]
    assert {f"{PROJECT}/{it}" for it in FILLED} <= set(told)


# --- objects named inside requests ------------------------------------------------------------------------------


def _upload(**fields: Any) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("new.jpg", b"not a picture", "image/jpeg"), **fields}


def _decision(mine: FullProject, **fields: Any) -> dict[str, Any]:
    decision = {
        "key": str(uuid.uuid4()), "photo_id": mine.ids["held_photo_id"], "kind": "stage", "stage": 0,
        "decided_at": "2026-04-01T10:00:00Z", **fields,
    }  # fmt: skip
    return {"decisions": [decision]}


def _practised(mine: FullProject, **fields: Any) -> dict[str, Any]:
    answer = {"key": str(uuid.uuid4()), "photo_id": mine.ids["photo_id"], "kind": "stage", "stage": 0}
    return {**answer, "scale": mine.ids["scale_id"], **fields}


def is_another_question(answer: Any) -> None:
    assert (answer.status_code, answer.json()["code"]) == (409, "practice_question_changed"), answer.content


def is_another_retest(answer: Any) -> None:
    assert (answer.status_code, answer.json()["code"]) == (409, "retest_question_changed"), answer.content


def is_404(answer: Any) -> None:
    assert answer.status_code == 404, answer.content


def is_conflict(answer: Any) -> None:
    assert (answer.status_code, answer.json()["code"]) == (409, "scale_changed"), answer.content


def is_rejected(answer: Any) -> None:
    result = answer.json()["results"][0]
    assert result["outcome"] == "rejected", result


def is_empty(answer: Any) -> None:
    assert answer.json()["results"] == []


def is_unknown(answer: Any) -> None:
    assert answer.json() == {"known": []}


def is_not_found(answer: Any) -> None:
    assert [it["code"] for it in answer.json()["results"]] == ["photo_not_found"]


def is_nothing(answer: Any) -> None:
    assert answer.status_code == 204


Rule = tuple[str, str, str, str, Callable[[FullProject, FullProject], Any], Callable[[Any], None]]

NAMED: dict[str, Rule] = {
    # operation.field: role, method, route, format, the request that names the foreign object, what it must answer
    "photo_create.site": ("grower", "post", f"{PROJECT}/photos", "multipart",
        lambda mine, theirs: _upload(site=theirs.ids["site_id"]), is_404),
    "photo_create.plant": ("grower", "post", f"{PROJECT}/photos", "multipart",
        lambda mine, theirs: _upload(plant=theirs.ids["plant_id"]), is_404),
    "photo_create.import_batch": ("admin", "post", f"{PROJECT}/photos", "multipart",
        lambda mine, theirs: _upload(import_batch=theirs.ids["import_batch_id"]), is_404),
    "photos_list.site": ("expert", "get", f"{PROJECT}/photos", "json",
        lambda mine, theirs: {"site": theirs.ids["site_id"]}, is_empty),
    "photos_list.import_batch": ("expert", "get", f"{PROJECT}/photos", "json",
        lambda mine, theirs: {"import_batch": theirs.ids["import_batch_id"]}, is_empty),
    "photos_check.sha256": ("grower", "post", f"{PROJECT}/photos/check", "json",
        lambda mine, theirs: {"sha256": [theirs.ids["sha256"]]}, is_unknown),
    "import_create.rehearsal": ("admin", "post", f"{PROJECT}/imports", "multipart",
        lambda mine, theirs: {"name": "Again", "rehearsal": theirs.ids["rehearsal_id"]}, is_404),
    "import_create.upload": ("admin", "post", f"{PROJECT}/imports", "multipart",
        lambda mine, theirs: {"name": "Chunks", "upload": theirs.ids["upload_id"]}, is_404),
    "stage_references_set.photo_ids": ("adjudicator", "put", f"{PROJECT}/stages/<int:stage_id>/references", "json",
        lambda mine, theirs: {"photo_ids": [theirs.ids["photo_id"]]}, is_404),
    "stage_references_set.beside": ("adjudicator", "put", f"{PROJECT}/stages/<int:stage_id>/references", "json",
        lambda mine, theirs: {"photo_ids": [], "beside": theirs.ids["stage_id"]}, is_404),
    "stage_candidates.beside": ("adjudicator", "get", f"{PROJECT}/stages/<int:stage_id>/candidates", "json",
        lambda mine, theirs: {"beside": theirs.ids["stage_id"]}, is_404),
    "queue_release.photo_ids": ("expert", "post", f"{PROJECT}/queue/release", "json",
        lambda mine, theirs: {"mode": "single", "photo_ids": [theirs.ids["held_photo_id"]]}, is_nothing),
    "decisions_submit.photo_id": ("expert", "post", f"{PROJECT}/decisions", "json",
        lambda mine, theirs: _decision(mine, photo_id=theirs.ids["held_photo_id"]), is_rejected),
    "lot_apply.photo_ids": ("adjudicator", "post", f"{PROJECT}/lots", "json",
        lambda mine, theirs: {"key": str(uuid.uuid4()), "act": "exclude", "photo_ids": [theirs.ids["photo_id"]]},
        is_not_found),
    "adjudication_settle.scale": ("adjudicator", "post", f"{PROJECT}/adjudications/<int:photo_id>/settle", "json",
        lambda mine, theirs: {"outcome": "stage", "stage": 1, "scale": theirs.ids["scale_id"]}, is_conflict),
    "photo_gold_set.scale": ("adjudicator", "put", f"{PROJECT}/photos/<int:photo_id>/gold", "json",
        lambda mine, theirs: {"stage": 1, "scale": theirs.ids["scale_id"]}, is_conflict),
    "practice_answer.photo_id": ("expert", "post", f"{PROJECT}/practice/answers", "json",
        lambda mine, theirs: _practised(mine, photo_id=theirs.ids["photo_id"]), is_another_question),
    "practice_answer.scale": ("expert", "post", f"{PROJECT}/practice/answers", "json",
        lambda mine, theirs: _practised(mine, scale=theirs.ids["scale_id"]), is_conflict),
    "retest_answer.photo_id": ("expert", "post", f"{PROJECT}/retest/answers", "json",
        lambda mine, theirs: _practised(mine, photo_id=theirs.ids["photo_id"]), is_another_retest),
    "retest_answer.scale": ("expert", "post", f"{PROJECT}/retest/answers", "json",
        lambda mine, theirs: _practised(mine, scale=theirs.ids["scale_id"]), is_conflict),
    "decisions_submit.scale": ("expert", "post", f"{PROJECT}/decisions", "json",
        lambda mine, theirs: _decision(mine, scale=theirs.ids["scale_id"]), is_rejected),
}  # fmt: skip
OF_ONESELF = {
    "decisions_submit.key": "looked up among the reader's own receipts",
    "decisions_submit.undoes": "looked up among the reader's own receipts; tested below",
    "decisions_submit.reservation": "a lease guards the handing out, never the answer; tested below",
    "practice_answer.key": "looked up among the reader's own answers",
    "retest_answer.key": "looked up among the reader's own answers",
    "lot_apply.key": "makes keys that are looked up among the reader's own receipts",
    "photo_create.client_id": "unique among the sender's own photos; tested below",
}
NUMBERS = {
    "version", "labels_wanted", "labels_max", "critical_boundaries", "batch_size", "refresh_every", "stage",
    "stage_upper", "elapsed_ms", "suggested", "consent_version", "count", "epochs", "boundary", "expires_in_days",
    "days_most", "gap_minutes", "practice_answers", "labels_new", "start", "stop", "sources", "size", "season",
}  # fmt: skip
"""Fields that count or measure, or are places on the project's own scale."""


def named_fields() -> set[str]:
    """``operation.field`` of every whole number and UUID that a request may hold, by the committed schema."""
    schema = yaml.safe_load((settings.BASE_DIR / "schema.yaml").read_text())
    found = {"photos_check.sha256"}  # hashes name photos too
    for operations in schema["paths"].values():
        for operation in operations.values():
            fields = {it["name"]: it["schema"] for it in operation.get("parameters", []) if it["in"] == "query"}
            for body in operation.get("requestBody", {}).get("content", {}).values():
                fields |= dict(_fields(body["schema"], schema))
            found |= {
                f"{operation['operationId']}.{name}"
                for name, it in fields.items()
                if it.get("type") == "integer" or it.get("format") == "uuid"
            }
    return found


def _fields(part: dict[str, Any], schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    if "$ref" in part:
        part = schema["components"]["schemas"][part["$ref"].rsplit("/", 1)[1]]
    for name, it in part.get("properties", {}).items():
        inner = it["items"] if it.get("type") == "array" else it
        yield name, inner
        yield from _fields(inner, schema)


def test_every_field_of_a_request_that_may_name_an_object_has_a_rule():
    unruled = {it for it in named_fields() if it.split(".")[1] not in NUMBERS} - set(NAMED) - set(OF_ONESELF)
    assert not unruled, (
        f"{sorted(unruled)}: if it names an object, add a rule to NAMED that names a foreign one; if it is a number, "
        "add it to NUMBERS; if it can only be one's own, say why in OF_ONESELF."
    )
    assert set(NAMED) | set(OF_ONESELF) <= named_fields(), "rules for fields that are no more"


@pytest.mark.parametrize("field", sorted(NAMED))
def test_a_foreign_object_in_a_request_is_not_there(mine, theirs, signed_in, field):
    role, method, route, form, request, check = NAMED[field]
    client = signed_in(mine.people[role])
    before = all_rows()
    data = request(mine, theirs)
    address = path(route, mine, mine)
    answer = client.get(address, data) if method == "get" else getattr(client, method)(address, data, format=form)
    check(answer)
    assert theirs.mark not in json.dumps(answer.json() if answer.content else "")
    after = all_rows()
    for table in before:
        if table != "Receipt":  # that a decision was refused is written down, so that a replay gets the same answer
            assert after[table] == before[table], table


def test_a_foreign_lease_does_not_help_or_hurt(mine, theirs, signed_in):
    client = signed_in(mine.people["expert"])
    before = all_rows()["Reservation"]
    held_by_other = theirs.ids["reservation"]
    answer = client.post(
        path(f"{PROJECT}/decisions", mine, mine),
        _decision(mine, kind="skip", stage=None, reservation=str(held_by_other)),
        format="json",
    )
    assert answer.json()["results"][0]["outcome"] == "applied"
    assert [row for row in all_rows()["Reservation"] if row["token"] == held_by_other] == [
        row for row in before if row["token"] == held_by_other
    ]


def test_the_decision_of_another_cannot_be_undone(mine, member_client, signed_in):
    address = path(f"{PROJECT}/decisions", mine, mine)
    decision = _decision(mine)
    first = signed_in(mine.people["expert"]).post(address, decision, format="json")
    assert first.json()["results"][0]["outcome"] == "applied"
    before = all_rows()["Annotation"]
    undo = _decision(mine, kind="undo", stage=None, undoes=decision["decisions"][0]["key"])
    is_rejected(member_client(mine.project, "expert").post(address, undo, format="json"))
    assert all_rows()["Annotation"] == before


def test_the_client_id_of_anothers_photo_finds_nothing(mine, theirs, signed_in):
    photo = PhotoFactory(project=theirs.project, uploaded_by=theirs.people["grower"], client_id=uuid.uuid4())
    client = signed_in(mine.people["grower"])
    answer = client.post(path(f"{PROJECT}/photos", mine, mine), _upload(client_id=str(photo.client_id)))
    assert answer.status_code in {201, 422}, answer.content  # taken or refused for its bytes, never the other's photo
    assert answer.json().get("id") != photo.pk
