"""Fill an empty installation with a project of generated photos, so that there is something to look at.

Everything here may be repeated: the world is drawn from a fixed seed, photos are recognised by their hash, people by
their address, labels by their value. A run that was killed is finished by the next.

What a photo truly shows is kept as a hidden label, for simulated experts. About half of the photos carry an annotation
by a named source that errs as experts do; of these, the ones held out for evaluation are gold instead. Two more sources
have looked at some of them, one of them careless, so that there is agreement to measure and a dispute to settle. All
labels are stated in one transaction after all photos are ready: the first training then starts once, with all of them.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO

from django.db import transaction

from labeling.domain.scale_templates import TEMPLATES
from labeling.models import GrowthStage, ImportBatch, Membership, Photo, Project, Role, User
from labeling.services.atlas import stage_references_set
from labeling.services.generated_source import GeneratedSource
from labeling.services.imports import import_run, import_start
from labeling.services.known_labels import known_label_state
from labeling.services.locks import Lock, hold
from labeling.services.people import member_add, user_create
from labeling.services.photos import photo_process, photo_receive
from labeling.services.projects import project_create
from labeling.services.sites import plant_get_or_create, site_get_or_create
from labeling.synthetic.campaign import Campaign, campaign_plan
from labeling.synthetic.experts import TYPICAL_ERRORS, SimulatedExpert
from labeling.synthetic.flower import render_jpeg
from labeling.synthetic.scale import TEMPLATE_KEY
from labeling.synthetic.traits import PhotoSpec

SLUG = "flor-de-manzano"
NAME = "Flor de manzano / Apple blossom"
DESCRIPTION = "Fotos generadas por ordenador con etapa conocida. / Computer-generated photos whose stage is known."
BATCH_NAME = "Campaña simulada / Simulated campaign"
SOURCE = "Campaña 2025 (simulada)"
SEED = 2025
SECOND_LOOK_EVERY = 4
SECOND_LOOKS: dict[str, tuple[tuple[float, ...], float]] = {
    "Berta Soto (simulada)": (TYPICAL_ERRORS, 0.0),
    "Nico Vidal (simulado)": ((0.30, 0.28, 0.25, 0.30, 0.28, 0.25), 0.25),
}
"""Who else has looked at every fourth labelled photo: errors at each boundary, and slips by two stages or more."""
REFERENCES_PER_STAGE = 3
READY_TIMEOUT_S = 600.0

PEOPLE: tuple[tuple[Role, str, str], ...] = (
    (Role.ADMIN, "admin@demo.example", "Alma Robles"),
    (Role.ADJUDICATOR, "adjudicator@demo.example", "Julia Prados"),
    (Role.EXPERT, "expert@demo.example", "Elena Olmos"),
    (Role.GROWER, "grower@demo.example", "Gaspar Huerta"),
)

Say = Callable[[str], None]


@dataclass(frozen=True)
class DemoSize:
    """How large the demo is; the default comes to about 1150 photos."""

    n_sites: int = 5
    plants_per_site: int = 10
    every: int = 2
    labelled_every: int = 2


@dataclass(frozen=True)
class DemoAccount:
    """An account and its password in the clear, to be shown once."""

    role: Role
    email: str
    password: str


@dataclass(frozen=True)
class DemoSeeded:
    """What a seeding left: the project, photos and labels in all, and whether an earlier one had finished already."""

    project: Project
    was_complete: bool
    n_photos: int
    n_labelled: int


def demo_seed(*, size: DemoSize | None = None, processes: int = 1, say: Say = lambda _: None) -> DemoSeeded:
    """Make (or finish) the demo project. The caller has made sure that this is a demo installation.

    Args:
        size: how many sites, plants and visits.
        processes: that draw photos.
        say: told of progress, one line at a time.
    """
    size = size or DemoSize()
    project = _project_and_people()
    say(f"Project {project.name}: drawing the photos of a season")
    plan = campaign_plan(seed=SEED, n_sites=size.n_sites, plants_per_site=size.plants_per_site, every=size.every)
    was_complete = _photos_bring_in(project, plan, processes, say)
    _phone_photos_bring_in(project, plan)
    _photos_make_ready(project, say)
    n_labelled = _labels_state(project, plan, size.labelled_every)
    say(f"{n_labelled} photos are labelled by {SOURCE}; the first training starts by itself")
    _references_choose(project, plan)
    return DemoSeeded(project, was_complete, Photo.objects.filter(project=project).count(), n_labelled)


@transaction.atomic
def _project_and_people() -> Project:
    users: dict[Role, User] = {}
    for role, email, full_name in PEOPLE:
        user = User.objects.filter(email=email).first()
        users[role] = user or user_create(email=email, full_name=full_name, is_staff=role == Role.ADMIN)
    project = Project.objects.filter(slug=SLUG).first()
    if project is None:
        stages = next(template.stages for template in TEMPLATES if template.key == TEMPLATE_KEY)
        project = project_create(
            name=NAME, slug=SLUG, description=DESCRIPTION, created_by=users[Role.ADMIN], stages=stages, seed=SEED
        )
    for role, email, full_name in PEOPLE:
        if not Membership.objects.filter(project=project, user=users[role]).exists():
            member_add(project=project, email=email, full_name=full_name, role=role)
    return project


def demo_passwords_renew() -> list[DemoAccount]:
    """New random passwords for the demo accounts; the old ones stop working. Only the hashes are stored."""
    renewed = []
    for role, email, _ in PEOPLE:
        user = User.objects.filter(email=email).first()
        if user is not None:
            password = secrets.token_urlsafe(12)
            user.set_password(password)
            user.save(update_fields=["password"])
            renewed.append(DemoAccount(role, email, password))
    return renewed


# --- photos ---------------------------------------------------------------------------------------------------------


def _photos_bring_in(project: Project, plan: Campaign, processes: int, say: Say) -> bool:
    """Draw and import; an interrupted import is done over by a new one, which finds the photos that are there.

    Returns:
        Whether an earlier import had brought them all in.
    """
    finished = ImportBatch.objects.filter(project=project, name=BATCH_NAME, state=ImportBatch.State.DONE)
    if finished.filter(total=len(plan.all)).exists():
        return True
    batch = import_start(project=project, name=BATCH_NAME, label_use=ImportBatch.LabelUse.HIDDEN)
    import_run(
        import_batch_id=batch.pk,
        source=GeneratedSource(plan.all, processes),
        on_progress=lambda row: say(f"{row.received + row.duplicates} of {row.total} photos drawn"),
    )
    return False


def _phone_photos_bring_in(project: Project, plan: Campaign) -> None:
    """What the grower sent: from her own page, so without an import."""
    grower = User.objects.get(email=next(email for role, email, _ in PEOPLE if role == Role.GROWER))
    for spec in plan.phone:
        site, _ = site_get_or_create(project=project, name=spec.site.name)
        plant, _ = plant_get_or_create(site=site, name=spec.plant.name)
        photo_receive(
            project=project,
            stream=BytesIO(render_jpeg(spec)),
            original_name=spec.name,
            uploaded_by=grower,
            site=site,
            plant=plant,
            taken_at=spec.taken_at,
        )


def _photos_make_ready(project: Project, say: Say) -> None:
    """Help the workers with the photos that wait, from the newest on while they come from the oldest.

    Two on one photo would waste time and nothing else; with no worker at all, this makes every photo ready.
    """
    deadline = time.monotonic() + READY_TIMEOUT_S
    while time.monotonic() < deadline:
        waiting = Photo.objects.filter(project=project, status=Photo.Status.RECEIVED)
        ids = list(waiting.order_by("-id").values_list("pk", flat=True)[:25])
        if not ids:
            return
        say(f"{waiting.count()} photos are being prepared")
        for photo_id in ids:
            photo_process(photo_id=photo_id)
    raise TimeoutError(f"photos were still waiting after {READY_TIMEOUT_S:.0f} s")


# --- labels ---------------------------------------------------------------------------------------------------------


def _labels_state(project: Project, plan: Campaign, labelled_every: int) -> int:
    """Annotations by the named source for every ``labelled_every``-th photo; held-out ones and examples are gold."""
    labelled = [*plan.references, *plan.season[::labelled_every], *plan.phone[::2]]
    errs = SimulatedExpert(TYPICAL_ERRORS, seed=SEED)
    told = [errs.answer(spec.stage).position or 0 for spec in labelled]
    is_example = {spec.name for spec in plan.references}
    photos = _by_name(project, labelled)
    stages = list(GrowthStage.objects.filter(scale__project=project, scale__status="current").order_by("position"))
    with transaction.atomic():
        # Hundreds of photos leave the queue in one transaction; a refresh that puts them in again at the same time
        # would wait for some of its rows, and be waited for.
        hold(Lock.QUEUE, project.pk)
        for spec, position in zip(labelled, told, strict=True):
            photo = photos[spec.name]
            if photo.is_held_out or spec.name in is_example:
                known_label_state(photo_id=photo.pk, stage=stages[spec.stage], label_use=ImportBatch.LabelUse.GOLD)
            else:
                known_label_state(
                    photo_id=photo.pk, stage=stages[position], label_use=ImportBatch.LabelUse.PRIOR, source=SOURCE
                )
        for number, (source, (error_rates, far_rate)) in enumerate(SECOND_LOOKS.items(), start=1):
            sees = SimulatedExpert(error_rates, seed=SEED + number, far_rate=far_rate)
            for spec in labelled[::SECOND_LOOK_EVERY]:
                known_label_state(
                    photo_id=photos[spec.name].pk,
                    stage=stages[sees.answer(spec.stage).position or 0],
                    label_use=ImportBatch.LabelUse.PRIOR,
                    source=source,
                )
    return len(labelled)


def _references_choose(project: Project, plan: Campaign) -> None:
    """The clear examples that are not held out: what experts are shown must not be what they are asked."""
    photos = _by_name(project, plan.references)
    for stage in GrowthStage.objects.filter(scale__project=project, scale__status="current"):
        of_stage = [photos[spec.name] for spec in plan.references if spec.stage == stage.position]
        chosen = [photo.pk for photo in of_stage if not photo.is_held_out][:REFERENCES_PER_STAGE]
        stage_references_set(project=project, stage_id=stage.pk, photo_ids=chosen)


def _by_name(project: Project, specs: Sequence[PhotoSpec]) -> dict[str, Photo]:
    names = [spec.name for spec in specs]
    photos = {
        photo.original_name: photo for photo in Photo.objects.ready().filter(project=project, original_name__in=names)
    }
    missing = set(names) - set(photos)
    if missing:
        raise LookupError(f"{len(missing)} photos of the demo are missing, the first is {min(missing)}")
    return photos
