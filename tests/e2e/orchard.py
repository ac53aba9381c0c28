"""A project with something on every page: generated photos, a model in use, a finished training, open questions."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
from django.utils import timezone

from classifier.models import ClassReport, ModelVersion, PhotoMap, RunLogLine, SecondLook, SecondLookRound, TrainingRun
from classifier.services.dashboard import dashboard_build
from classifier.services.dashboard_requests import dashboard_request
from classifier.services.map_store import MapPoints, map_points_keep
from labeling.domain.decisions import DecisionInput
from labeling.domain.scale_templates import TEMPLATES
from labeling.models import (
    Adjudication,
    AgreementReport,
    Annotation,
    Consensus,
    ExportJob,
    ImportBatch,
    ImportRefusal,
    Membership,
    Photo,
    Project,
    Role,
    User,
)
from labeling.services.annotate import decisions_submit
from labeling.services.atlas import stage_references_set
from labeling.services.exports import ExportOrder, export_request, export_run
from labeling.services.imports import import_start
from labeling.services.people import member_add
from labeling.services.photos import photo_process, photo_receive
from labeling.services.projects import project_create
from labeling.services.queue import EntryProposal, queue_replace, suggestions_record
from labeling.services.sites import plant_get_or_create, site_get_or_create
from labeling.synthetic.flower import render_jpeg
from labeling.synthetic.scale import TEMPLATE_KEY
from labeling.synthetic.season import balanced_specs
from tests.factories.classifier import (
    EvaluationFactory,
    EvaluationReportFactory,
    ModelVersionFactory,
    ScoringRunFactory,
    TrainingRunFactory,
    report_content,
)
from tests.factories.labeling import UserFactory
from tests.labeling.scales.scenes import merge_draft

PER_STAGE = 3
N_STAGES = 7
REASON = "First version; it beats naming the commonest stage: +40.3 points (95 % interval +28.1 to +52.0, 70 photos)."
NAMES = {
    Role.ADMIN: "Alma Robles",
    Role.ADJUDICATOR: "Julia Prados",
    Role.EXPERT: "Elena Olmos de la Fuente",
    Role.GROWER: "Gaspar Huerta",
}


@dataclass(frozen=True)
class Orchard:
    """What the tests ask for by name."""

    project: Project
    members: dict[str, Membership]
    run: TrainingRun
    version: ModelVersion
    candidate: ModelVersion
    to_review: list[int]
    """Photos of the queue, first the one that is asked first."""
    welcome_token: str
    imports: dict[str, int]
    """Imports by what has become of them."""


def orchard_plant() -> Orchard:
    """Make the whole project; about four seconds, nearly all of it the drawing of photos."""
    template = next(t for t in TEMPLATES if t.key == TEMPLATE_KEY)
    project = project_create(name="Manzanos del valle", created_by=None, stages=template.stages)
    members = {role: _member(project, role) for role in Role}
    photos = _photos(project, members[Role.GROWER])
    run = _run(project)
    version = _version(project, run)
    _report(version, photos)
    candidate = _version(project, TrainingRunFactory(project=project, state="succeeded"), is_candidate=True)
    ScoringRunFactory(project=project, n_labels=20, n_scored=len(photos), accuracy=0.81)
    _decide(project, photos[:8], members)
    _second_looks(project, [run, candidate.run], photos[1:9])
    _agreement(project, members)
    _map(project, photos)
    _classes(project, version, photos, members[Role.ADMIN].user)
    to_review = _queue(project, version, photos[8:])
    for position in (3, 4):  # one that is asked about, one that is in dispute
        stage = version.scale.stages.get(position=position)
        stage_references_set(project=project, stage_id=stage.pk, photo_ids=[it.pk for it in photos[:2]])
    _dashboard(project)
    imports = _imports(project)
    _exports(project)
    _, token = member_add(project=project, email="nueva@example.org", full_name="Nora Nueva", role=Role.EXPERT)
    assert token is not None
    return Orchard(project, members, run, version, candidate, to_review, token, imports)


def _member(project: Project, role: str) -> Membership:
    user = UserFactory(email=f"{role}@example.org", full_name=NAMES[Role(role)])
    return member_add(project=project, email=user.email, full_name=user.full_name, role=role)[0]


def _dashboard(project: Project) -> None:
    """Its figures, as a worker computes them."""
    dashboard_request(project_id=project.pk)
    dashboard_build(project_id=project.pk)


def _classes(project: Project, version: ModelVersion, photos: list[Photo], admin: User) -> None:
    """A report with one proposal of each kind, and a draft that waits."""
    ids = [it.pk for it in photos]
    merge = {
        "accuracy_before": 0.78, "accuracy_after": 0.83, "bits_before": 2.01, "bits_after": 1.93,
        "possible_bits_before": 2.77, "possible_bits_after": 2.52,
    }  # fmt: skip
    split = {**merge, "accuracy_after": 0.78, "bits_after": 2.01, "possible_bits_after": 2.91}
    told = (("merge", [0, 1], merge), ("guideline", [4, 5], None), ("split", [3], split), ("more_data", [5, 6], None))
    ClassReport.objects.create(
        project=project, state="ready", progress=1.0, requested_at=timezone.now(), computed_at=timezone.now(),
        scale=version.scale, model_version=version,
        content={
            "n_labelled": 640, "n_used": 640, "n_twice": 310, "accuracy": 0.78,
            "pairs": [_pair_of(first) for first in range(6)],
            "stages": [{"stage": k, "n": 90, "split": _SPLIT if k == 3 else None} for k in range(7)],
            "proposals": [
                {"kind": kind, "stages": stages, "sides": [ids[:6], ids[3:9]], "effect": effect}
                for kind, stages, effect in told
            ],
            "partitions": [
                {"parts": [[k] for k in range(7)], "bits": 2.01, "possible_bits": 2.77, "accuracy": 0.78},
                {"parts": [[0, 1], [2], [3], [4], [5], [6]], "bits": 1.93, "possible_bits": 2.52, "accuracy": 0.83},
                {"parts": [[0, 1], [2, 3], [4, 5, 6]], "bits": 1.21, "possible_bits": 1.5, "accuracy": 0.94},
            ],
        },
    )  # fmt: skip
    merge_draft(project, first=0, by=admin, note="Nobody tells them apart in the evening light.")


_SPLIT = {
    "n_parts": 2, "shares": [0.53, 0.47], "silhouette": 0.17, "bridge": 0.38,
    "stability": {"value": 0.91, "low": 0.82, "high": 0.97, "n": 90}, "explained": {"site": 0.1}, "is_split": True,
}  # fmt: skip


def _pair_of(first: int) -> dict[str, Any]:
    def figure(value: float) -> dict[str, float]:
        return {"value": value, "low": value - 0.06, "high": value + 0.05, "n": 180}

    area = [0.53, 0.91, 0.94, 0.88, 0.73, 0.61][first]
    return {
        "first": first, "second": first + 1, "n": [92, 88], "auc": figure(area) if first < 5 else None,
        "agreement": figure([0.52, 0.86, 0.9, 0.84, 0.6, 0.7][first]) if first < 5 else None,
        "purity": figure(0.5 + (area - 0.5) * 0.7), "attainable": 0.83, "separability": area,
        "confusion": [0.44, 0.08, 0.05, 0.1, 0.24, 0.3][first],
    }  # fmt: skip


def _photos(project: Project, grower: Membership) -> list[Photo]:
    """Photos of every stage, mixed, all prepared; every third was sent by the grower. One was refused."""
    specs = balanced_specs(per_stage=PER_STAGE, seed=11)
    ready = []
    for number in np.random.default_rng(3).permutation(len(specs)):
        spec = specs[number]
        site, _ = site_get_or_create(project=project, name=spec.site.name)
        plant, _ = plant_get_or_create(site=site, name=spec.plant.name)
        received = photo_receive(
            project=project,
            stream=BytesIO(render_jpeg(spec)),
            original_name=f"IMG_{number:04}.jpg",
            uploaded_by=grower.user if number % 3 == 0 else None,
            site=site,
            plant=plant,
            taken_at=spec.taken_at,
        )
        ready.append(photo_process(photo_id=received.photo.pk))
    broken = photo_receive(project=project, stream=BytesIO(b"%PDF-1.4 not a photo"), uploaded_by=grower.user)
    assert photo_process(photo_id=broken.photo.pk).rejection
    return ready


def _run(project: Project) -> TrainingRun:
    """A training that has ended, with curves of two networks and a log."""
    curves = [
        {
            "member": member, "fold": fold, "epoch": epoch, "epochs": 12, "loss": 1.9 / epoch + 0.2,
            "val_loss": 1.9 / epoch + 0.3, "accuracy": 1 - 0.8 / epoch, "val_accuracy": 0.95 - 0.8 / epoch,
        }
        for member in ("scratch_cnn", "mobilenet")
        for fold in range(3)
        for epoch in range(1, 13)
    ]  # fmt: skip
    now = timezone.now()
    run: TrainingRun = TrainingRunFactory.create(
        project=project, state="succeeded", progress=1.0, step="fold 3/3, epoch 12/12", curves=curves, attempts=1,
        worker="train@orchard-workstation-of-the-department", device="NVIDIA A10", started_at=now, finished_at=now,
    )  # fmt: skip
    for number in range(20):
        RunLogLine.objects.create(run=run, message=f"fold {number % 3 + 1}/3: the validation loss is still falling")
    RunLogLine.objects.create(run=run, level="warning", message="mobilenet: two photos of fold 2 were unreadable")
    return run


def _version(project: Project, run: TrainingRun, *, is_candidate: bool = False) -> ModelVersion:
    rng = np.random.default_rng(2)
    confusion = (np.eye(N_STAGES, dtype=int) * 8 + rng.integers(0, 3, (N_STAGES, N_STAGES))).tolist()
    metrics = {
        "accuracy": 0.75, "accuracy_low": 0.6, "accuracy_high": 0.9, "macro_f1": 0.7, "mae": 0.3, "qwk": 0.9,
        "ece": 0.05, "nll": 0.7, "confusion": confusion, "temperature": 1.2,
        "per_stage": [{"precision": 0.7, "recall": 0.8, "f1": 0.75, "support": 6}] * N_STAGES,
        "per_member": [{"name": "scratch_cnn", "accuracy": 0.7}],
    }  # fmt: skip
    version: ModelVersion = ModelVersionFactory.create(
        project=project,
        run=run,
        number=2 if is_candidate else 1,
        state="candidate" if is_candidate else "promoted",
        state_reason="" if is_candidate else REASON,
        members=[
            _network("scratch_cnn", "", 412_000, 1.0, ""),
            _network("mobilenet", "mobilenet_0.25_224", 0, 0.0, "its weights are not on this machine"),
        ],
    )
    for subset in ("held_out", "out_of_fold"):
        EvaluationFactory(model_version=version, subset=subset, metrics=metrics)
    return version


def _network(name: str, backbone: str, n_params: int, weight: float, left_out: str) -> dict[str, Any]:
    return {
        "name": name, "backbone": backbone, "weights_hash": "", "n_params": n_params, "stacking_weight": weight,
        "left_out": left_out,
    }  # fmt: skip


def _report(version: ModelVersion, photos: Sequence[Photo]) -> None:
    """A report that also has cross-validation and photos that another version had right."""
    content = report_content()
    held_out = content["subsets"]["held_out"]
    flipped = [
        {"photo_id": photo.pk, "truth": place % N_STAGES, "before": place % N_STAGES, "now": (place + 1) % N_STAGES}
        for place, photo in enumerate(photos[:7])
    ]
    flips = {
        "version": 2, "n": 120, "negative": 7, "positive": 9, "photos": flipped,
        "difference": {"value": 0.017, "low": -0.042, "high": 0.075},
    }  # fmt: skip
    subsets = {"held_out": {**held_out, "flips": flips}, "out_of_fold": held_out}
    EvaluationReportFactory(model_version=version, content={**content, "subsets": subsets})


def _decide(project: Project, photos: Sequence[Photo], members: dict[str, Membership]) -> None:
    """The expert decides them all; on the first, somebody else had said something far from it."""
    adjudicator, expert = members[Role.ADJUDICATOR].user, members[Role.EXPERT].user
    project.labels_wanted = 2
    project.save(update_fields=["labels_wanted"])
    submit = lambda by, photo, stage: decisions_submit(  # noqa: E731 - local shorthand
        project=project,
        annotator=by,
        decisions=[DecisionInput(uuid.uuid4(), photo.pk, "stage", timezone.now(), stage=stage, note="Se ven pétalos.")],
    )
    submit(adjudicator, photos[0], 1)
    submit(expert, photos[0], 4)
    project.labels_wanted = 1
    project.save(update_fields=["labels_wanted"])
    for number, photo in enumerate(photos[1:]):
        submit(expert, photo, number % N_STAGES)
    assert Adjudication.objects.filter(project=project, state="open").exists()


def _second_looks(project: Project, runs: Sequence[TrainingRun], photos: Sequence[Photo]) -> None:
    """A doubt of every reason after the latest training, and a round before it that some were looked at in."""
    stages = list(project.scales.get(status="current").stages.order_by("position"))
    older, latest = (
        SecondLookRound.objects.create(
            run=run, project=project, n_labels=1240 + 90 * number, n_doubted=60 - 25 * number,
            noise_rate=0.094 - 0.031 * number, built_at=timezone.now(),
        )
        for number, run in enumerate(runs)
    )  # fmt: skip
    labels = dict(Consensus.objects.filter(photo__in=photos).values_list("photo_id", "stage__position"))
    Consensus.objects.filter(photo=photos[3]).update(is_adjudicated=True)

    def look(round_: SecondLookRound, number: int, reason: str, **fields: Any) -> SecondLook:
        position = fields.pop("label", labels.get(photos[number].pk, 2))
        twin = labels[photos[6].pk]
        suggested = twin if reason == "duplicates" else (position + 1) % N_STAGES
        shares = np.full(N_STAGES, 0.02)
        shares[suggested], shares[position] = 0.81, 0.09
        return SecondLook(
            round=round_, project=project, photo=photos[number], label=stages[position], suggested=stages[suggested],
            reason=reason, doubt=0.97 - 0.06 * number, **fields,
            evidence={
                "probabilities": shares.tolist(), "against": [reason, "model" if reason != "model" else "season"],
                "is_flagged": number % 2 == 0, "duplicates": [{"photo_id": photos[6].pk, "similarity": 0.984}],
                "visits": [it.pk for it in photos[4:8]] if reason == "timeline" else [],
            },
        )  # fmt: skip

    settled_at = timezone.now()
    SecondLook.objects.bulk_create(
        [look(latest, number, reason) for number, reason in enumerate(SecondLook.Reason.values)]
        + [look(older, 5, "model", state="confirmed", settled_at=settled_at)]
        + [look(older, number, "model", state="sent_back", settled_at=settled_at, label=4) for number in (1, 2, 7)]
    )


def _map(project: Project, photos: Sequence[Photo]) -> None:
    """The first eight photos, which are decided, in a ring at the left; the others in one at the right."""
    turns = np.arange(len(photos)) * 2.4
    middle = np.where(np.arange(len(photos)) < 8, 16_000, 48_000)
    places = np.column_stack([middle + 7000 * np.cos(turns), 32_000 + 7000 * np.sin(turns)]).astype(np.uint16)
    made = PhotoMap(
        project=project, state="succeeded", n_points=len(photos), n_fitted=len(photos), finished_at=timezone.now(),
        last_embedding=2**60, quality={"trustworthiness": 0.94, "recall": 0.38},
    )  # fmt: skip
    made.artifact_key = map_points_keep(
        photo_map=made, made=MapPoints(np.array([photo.pk for photo in photos]), places)
    )
    made.save()


def _agreement(project: Project, members: dict[str, Membership]) -> None:
    """Figures of a season: one expert all is well with, one who is careless, one who follows the model, a source."""

    def figure(value: float, half: float, n: int) -> dict[str, float]:
        return {"value": value, "low": max(0.0, value - half), "high": min(1.0, value + half), "n": n}

    def annotator(role: Role | None, accuracy: float, flags: list[str], *, hidden: float = 0.8) -> dict[str, Any]:
        return {
            "annotator_id": None if role is None else members[role].user_id,
            "source": "" if role else "campaign-2024.csv", "n_annotations": 412, "n_gold": 20 if role else 0,
            "accuracy": figure(accuracy, 0.04, 412), "gold_accuracy": figure(accuracy, 0.12, 20) if role else None,
            "bias": 0.21 if flags else -0.03, "up": [0.05, 0.1, 0.3, 0.1, 0.05, 0.02],
            "down": [0.03, 0.05, 0.1, 0.15, 0.05, 0.04], "median_lead_ms": 3200 if role else None,
            "anchoring": {
                "shown": figure(0.92, 0.03, 300), "hidden": figure(hidden, 0.06, 60),
                "difference": {"value": 0.92 - hidden, "low": 0.9 - hidden, "high": 0.96 - hidden, "n": 60},
            } if role else None,
            "flags": flags,
        }  # fmt: skip

    AgreementReport.objects.create(
        project=project,
        scale=project.scales.get(status="current"),
        n_annotations=1648,
        computed_at=timezone.now(),
        content={
            "last_annotation_id": Annotation.objects.order_by("pk").values_list("pk", flat=True).last(),
            "n_photos_overlap": 380,
            "overall": {
                "exact": figure(0.81, 0.02, 760), "within_one": figure(0.97, 0.01, 760),
                "qwk": figure(0.94, 0.01, 760), "alpha": figure(0.91, 0.02, 380),
            },
            "boundaries": [
                {"boundary": boundary, "agreement": None if boundary == 5 else figure(0.8 + boundary / 30, 0.03, 190)}
                for boundary in range(N_STAGES - 1)
            ],
            "annotators": [
                annotator(Role.EXPERT, 0.93, []),
                annotator(Role.ADJUDICATOR, 0.44, ["careless", "late"]),
                annotator(Role.ADMIN, 0.84, ["anchored"], hidden=0.55),
                annotator(None, 0.8, []),
            ],
            "trend": [
                {"week": f"2026-04-{day:02}", "exact": figure(0.7 + day / 200, 0.05, 120), "qwk": qwk}
                for day, qwk in ((6, 0.9), (13, None), (20, 0.91), (27, 0.93))
            ],
        },
    )  # fmt: skip


def _queue(project: Project, version: ModelVersion, photos: Sequence[Photo]) -> list[int]:
    """The rest, asked for all kinds of reasons; the first three show a suggestion, the fourth hides it."""
    rng = np.random.default_rng(4)
    probabilities = rng.dirichlet(np.full(N_STAGES, 0.6), len(photos))
    reasons = ("boundary", "uncertain", "diverse", "random")
    queue_replace(
        project_id=project.pk,
        source="full",
        model_version=str(version.pk),
        entries=[
            EntryProposal(
                photo.pk,
                1.0 - number / 100,
                reasons[number % 4],
                boundary=2 if number % 4 == 0 else None,
                is_blind=number % 4 == 3,
                probabilities=tuple(map(float, probabilities[number])),
            )
            for number, photo in enumerate(photos)
        ],
    )
    suggestions_record(
        project_id=project.pk,
        model_version=str(version.pk),
        photo_ids=[photo.pk for photo in photos],
        positions=probabilities.argmax(1).tolist(),
        confidences=probabilities.max(1).tolist(),
    )
    return [photo.pk for photo in photos]


def _imports(project: Project) -> dict[str, int]:
    """One that waits, one at work, one that failed, one that was only checked and one with photos that came in."""
    import_start(project=project, name="Campaña de primavera con un nombre bastante largo.zip")
    now = timezone.now()
    made = {
        "running": {"name": "labels.csv", "total": 100_000, "received": 0, "duplicates": 42_150, "refused": 3},
        "failed": {"name": "export.json", "error": "export.json cannot be read: a value is missing.", "archive": "a/1"},
        "checked": {
            "name": "project-1.zip", "is_dry_run": True, "total": 240, "received": 200, "duplicates": 26, "refused": 14,
            "archive": "a/2",
        },
        "done": {"name": "12 archivos", "total": 12, "received": 12},
    }  # fmt: skip
    batches = {
        name: ImportBatch.objects.create(
            project=project,
            state={"checked": "done"}.get(name, name),
            heartbeat_at=now,
            finished_at=None if name == "running" else now,
            label_use="prior",
            label_source="Campaña 2024",
            **fields,
        )
        for name, fields in made.items()
    }
    refused = [
        ("unknown_label", "The scale has no stage called 'Floración tardía'."),
        ("not_an_image", "This file is not a photo."),
        ("label_conflict", "Campaña 2024 has already said something else of this photo."),
    ]
    for row in range(14):
        code, message = refused[row % 5 // 2]
        ImportRefusal.objects.create(
            import_batch=batches["checked"], row=row * 7 + 2, name=f"2026/floracion-tardia/IMG_20260402_{row:04}.jpg",
            code=code, message=message,
        )  # fmt: skip
    failed = batches["failed"]
    ImportRefusal.objects.create(
        import_batch=failed, row=0, name=failed.name, code="json_damaged", message=failed.error
    )
    return {name: batch.pk for name, batch in batches.items()}


def _exports(project: Project) -> None:
    """One of every state; the newest is there to be had."""
    now = timezone.now()
    states: dict[str, dict[str, Any]] = {
        "expired": {"format": "npn"},
        "failed": {"format": "coco", "error": "The export failed unexpectedly. Try again."},
        "pending": {"format": "parquet"},
        "running": {"format": "image_folder", "photos": "view", "total": 1240, "done": 520, "heartbeat_at": now},
    }
    for state, fields in states.items():
        ExportJob.objects.create(project=project, state=state, **fields)
    job, _ = export_request(project=project, order=ExportOrder("csv", unit="annotation", licence="CC-BY-4.0"))
    assert export_run(export_id=job.pk).state == ExportJob.State.DONE
