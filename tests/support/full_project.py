"""A project that has one of everything an address or a request may name."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import numpy as np
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from classifier.models import Dashboard, ModelExport, PhotoMap, SecondLook, SecondLookRound
from classifier.services.map_store import MapPoints, map_points_keep
from labeling.models import Adjudication, ArchiveUpload, ExportJob, Project, ReferencePhoto, Role, User
from labeling.selectors.projects import current_scale
from labeling.services.gold import gold_declare
from labeling.services.queue import reservations_take
from labeling.services.tokens import token_create
from labeling.storage_keys import RENDITION_NAMES, rendition_key
from tests.factories.classifier import EvaluationReportFactory, ModelVersionFactory, TrainingRunFactory
from tests.factories.labeling import (
    AnnotationFactory,
    ImportBatchFactory,
    MembershipFactory,
    PhotoFactory,
    PlantFactory,
    ProjectFactory,
    QueueEntryFactory,
    SiteFactory,
    WebhookDeliveryFactory,
    WebhookFactory,
    stage_at,
)
from tests.labeling.scales.scenes import merge_draft


@dataclass
class FullProject:
    """A project, its people by role, and the ids of its objects by the name that routes and requests give them.

    Every text of it contains ``mark``, so that an answer that shows any of it can be told.
    """

    mark: str
    project: Project
    people: dict[str, User]
    ids: dict[str, Any] = field(default_factory=dict)

    @property
    def slug(self) -> str:
        return self.project.slug


def full_project(mark: str) -> FullProject:
    """Make one. The grower sent all photos; the expert holds ``held_photo_id``; one is in dispute, one is gold."""
    project = ProjectFactory(name=f"{mark} project", slug=mark, description=f"{mark} description")
    people = {role.value: _member(project, mark, role) for role in Role}
    made = FullProject(mark, project, people)
    site = SiteFactory(project=project, name=f"{mark} site")
    plant = PlantFactory(site=site, name=f"{mark} plant")
    sent = {"project": project, "site": site, "plant": plant, "uploaded_by": people["grower"]}
    photo = PhotoFactory(**sent, original_name=f"{mark}.jpg", client_id=uuid.uuid4())
    disputed = PhotoFactory(**sent, original_name=f"{mark} disputed.jpg")
    held = PhotoFactory(**sent, original_name=f"{mark} held.jpg")
    gold = PhotoFactory(**sent, original_name=f"{mark} gold.jpg")
    gold_declare(project=project, photo_id=gold.pk, stage_position=2, by=people["adjudicator"])
    for name in RENDITION_NAMES:
        default_storage.save(rendition_key(photo.sha256, name), ContentFile(b"pixels"))
    _dispute(project, people, disputed, mark)
    entry = QueueEntryFactory(photo=held)
    reservation = reservations_take(project=project, annotator=people["expert"], count=1)[0]
    stage = stage_at(project, 0)
    ReferencePhoto.objects.create(stage=stage, photo=photo, position=0)
    _dashboard(project, site.pk, people["expert"].pk)
    run = TrainingRunFactory(project=project)
    token, _ = token_create(owner=people["admin"], name=f"{mark} token", scopes=["read"], expires_in_days=1)
    made.ids = {
        "photo_id": photo.pk,
        "disputed_photo_id": disputed.pk,
        "held_photo_id": entry.photo_id,
        "gold_photo_id": gold.pk,
        "sha256": photo.sha256,
        "site_id": site.pk,
        "plant_id": plant.pk,
        "stage_id": stage.pk,
        "scale_id": stage.scale_id,
        "member_id": project.memberships.get(user=people["expert"]).pk,
        "import_batch_id": ImportBatchFactory(project=project, name=f"{mark} import").pk,
        "rehearsal_id": ImportBatchFactory(project=project, name=f"{mark} rehearsal", is_dry_run=True).pk,
        "upload_id": _upload(project, people["admin"], mark).pk,
        "export_id": _finished_export(project, people["admin"]).pk,
        "reservation": reservation.token,
        "token_id": token.pk,
        **_webhook(project, mark),
        "run_id": run.pk,
        "look_id": _doubt(run, gold).pk,
        "map_id": _map(project, photo).pk,
        **_model_export(project),
        "migration_id": merge_draft(project, note=f"{mark} draft").pk,
    }
    return made


def _member(project: Project, mark: str, role: Role) -> Any:
    person = {"user__email": f"{mark}-{role.value}@example.org", "user__full_name": f"{mark} {role.value}"}
    return MembershipFactory(project=project, role=role, **person).user


def _upload(project: Project, by: User, mark: str) -> ArchiveUpload:
    """A file of which nothing has come yet: one chunk of four bytes is missing."""
    return ArchiveUpload.objects.create(
        project=project, created_by=by, name=f"{mark}.zip", size=4, fingerprint="0" * 64, chunk_bytes=4,
        touched_at=timezone.now(),
    )  # fmt: skip


def _dispute(project: Project, people: dict[str, User], photo: Any, mark: str) -> None:
    for role, position in (("expert", 0), ("adjudicator", 4)):
        AnnotationFactory(photo=photo, annotator=people[role], position=position, note=f"{mark} note")
    Adjudication.objects.create(photo=photo, project=project, stage_gap=4)


def _finished_export(project: Project, by: User) -> ExportJob:
    key = default_storage.save(f"exports/{uuid.uuid4().hex}", ContentFile(b"rows"))
    return ExportJob.objects.create(
        project=project, created_by=by, format="csv", state=ExportJob.State.DONE, result=key, size=4,
        sha256="0" * 64, expires_at=timezone.now() + timedelta(days=1), finished_at=timezone.now(),
    )  # fmt: skip


def _model_export(project: Project) -> dict[str, Any]:
    """A version that was in use once, and its file in another format."""
    version = ModelVersionFactory(project=project, number=1, state="retired")
    EvaluationReportFactory(model_version=version)
    key = default_storage.save(f"model-exports/{uuid.uuid4().hex}", ContentFile(b"pack"))
    export = ModelExport.objects.create(
        model_version=version, format="onnx", state=ModelExport.State.DONE, result=key, size=4, sha256="0" * 64,
        expires_at=timezone.now() + timedelta(days=1), finished_at=timezone.now(),
    )  # fmt: skip
    return {"version_id": version.pk, "model_export_id": export.pk}


def _doubt(run: Any, photo: Any) -> SecondLook:
    """About a label that stands; what it suggests is the stage after it."""
    label, suggested = (stage_at(run.project, position) for position in (2, 3))
    found = SecondLookRound.objects.create(
        run=run, project=run.project, n_labels=1, n_doubted=1, noise_rate=0.1, built_at=timezone.now()
    )
    return SecondLook.objects.create(
        round=found, project=run.project, photo=photo, label=label, suggested=suggested, reason="model", doubt=0.9,
        evidence={},
    )  # fmt: skip


def _map(project: Project, photo: Any) -> PhotoMap:
    made = PhotoMap(project=project, state="succeeded", n_points=1, finished_at=timezone.now())
    made.artifact_key = map_points_keep(photo_map=made, made=MapPoints(np.array([photo.pk]), np.zeros((1, 2), "<u2")))
    made.save()
    return made


def _webhook(project: Project, mark: str) -> dict[str, int]:
    webhook = WebhookFactory(project=project, name=f"{mark} hook")
    return {"webhook_id": webhook.pk, "delivery_id": WebhookDeliveryFactory(webhook=webhook).pk}


def all_rows() -> dict[str, list[dict[str, Any]]]:
    """Every row of our tables: two of these are equal when nothing was written between them."""
    models = [model for app in ("labeling", "classifier") for model in apps.get_app_config(app).get_models()]
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


def _dashboard(project: Project, site_id: int, person_id: int) -> None:
    counts = {"labels": [1], "waiting": [0], "unknown": 0, "other": 0, "photos": 1}
    paced = {"seconds": 4.0, "decisions": 1, "settled": 1}
    Dashboard.objects.create(
        project=project, state="ready", requested_at=timezone.now(), computed_at=timezone.now(),
        scale=current_scale(project_id=project.pk),
        content={"sites": [{"site": site_id, **counts}],
                 "pace": {"weeks": [], "people": [{"person": person_id, **paced}]}},
    )  # fmt: skip
