"""Whatever the schema allows (and some of what it does not) is asked of the real WSGI application: nothing breaks it.

An administrator asks, so that every rule behind the permissions is reached; addresses name objects that exist, except
where an example draws another. Each example is undone before the next, so they are the same in every run.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from labeling.services.people import member_add
from tests.factories.labeling import PhotoFactory
from tests.support.full_project import FullProject, full_project

EXAMPLES = 12
"""Per operation; half of them break the schema somewhere."""
CHECKS = [not_a_server_error, response_schema_conformance, content_type_conformance]
OTHER_OBJECTS = {
    "adjudication_settle": {"photo_id": "disputed_photo_id"},
    "photo_gold_delete": {"photo_id": "gold_photo_id"},
    "my_photo_retrieve": {"photo_id": "sent_photo_id"},
    "my_photo_update": {"photo_id": "sent_photo_id"},
    "my_photo_withdraw": {"photo_id": "sent_photo_id"},
}
"""Where another object than usual is one that can be asked for."""
CSRF = "a" * 32

SCHEMA = schemathesis.openapi.from_path(str(settings.BASE_DIR / "schema.yaml"))
SCHEMA.app = get_wsgi_application()
OPERATIONS: dict[str, Any] = {}
for found in SCHEMA.get_all_operations():
    assert isinstance(found, Ok), found
    OPERATIONS[found.ok().definition.raw["operationId"]] = found.ok()


@pytest.fixture
def full(db: None) -> FullProject:
    made = full_project("orchard")
    admin = made.people["admin"]
    admin.is_staff = True
    admin.save(update_fields=["is_staff"])
    _, token = member_add(project=made.project, email="new@example.org", full_name="", role="expert")
    sent = PhotoFactory(project=made.project, uploaded_by=admin, taken_at=None, client_id=uuid.uuid4())
    made.ids |= {
        "slug": made.slug,
        "name": "thumb",
        "token": token,
        "sent_photo_id": sent.pk,
        "index": 0,
        "column": "stage",
    }
    return made


@pytest.fixture
def cookies(full: FullProject) -> dict[str, str]:
    client = Client()
    client.force_login(full.people["admin"])
    name = settings.SESSION_COOKIE_NAME
    return {name: client.cookies[name].value, settings.CSRF_COOKIE_NAME: CSRF}


@pytest.fixture(autouse=True)
def _connection_stays() -> Iterator[None]:
    """The end of a request closes the connection to the database, and with it the transaction of the test."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def addresses(operation: Any, ids: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Path parameters that name what exists; and some of them left to be drawn."""
    names = [parameter.name for parameter in operation.path_parameters]
    other = OTHER_OBJECTS.get(operation.definition.raw["operationId"], {})
    exact = {name: str(ids[other.get(name, name)]) for name in names}
    yield exact
    for name in names:
        if name != "slug":
            yield {kept: value for kept, value in exact.items() if kept != name}


@pytest.mark.parametrize("operation_id", sorted(OPERATIONS))
def test_no_request_breaks_the_server(full, cookies, operation_id):
    operation = OPERATIONS[operation_id]
    modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
    cases = st.one_of(
        operation.as_strategy(generation_mode=mode, path_parameters=address)
        for address in addresses(operation, full.ids)
        for mode in modes
    )

    @hypothesis_settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def ask(case):
        # The schema lets a token be drawn in the place of the session; a wrong one is refused before anything else.
        headers = {name: value for name, value in (case.headers or {}).items() if name.lower() != "authorization"}
        case.cookies, case.headers = cookies, {**headers, "X-CSRFToken": CSRF}
        with transaction.atomic():
            answer = case.call()
            transaction.set_rollback(True)
        assert answer.status_code not in {401, 403}, "nothing behind the door was reached"
        case.validate_response(answer, checks=CHECKS)

    ask()
