"""One factory per table of the labelling side."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from labeling.domain.scale_templates import TEMPLATES
from labeling.models import (
    Annotation,
    GrowthStage,
    ImportBatch,
    Membership,
    Photo,
    Plant,
    Project,
    QueryBatch,
    QueueEntry,
    Role,
    Site,
    User,
    Webhook,
    WebhookDelivery,
    WebhookEvent,
)
from labeling.selectors.projects import current_stages
from labeling.services.projects import project_create

PASSWORD = "correct horse battery"
FIRST_DAY = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


class UserFactory(DjangoModelFactory):
    """A person who may sign in with ``PASSWORD``."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    full_name = factory.Sequence(lambda n: f"Person {n}")

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        return User.objects.create_user(kwargs.pop("email"), kwargs.pop("password", PASSWORD), **kwargs)


class ProjectFactory(DjangoModelFactory):
    """A project with the seven blossom stages (``template``) and no members."""

    class Meta:
        model = Project

    name = factory.Sequence(lambda n: f"Orchard {n}")
    template = "blossom_7"
    n_stages = None
    is_ordered = True
    seed = 7

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        wanted = kwargs.pop("template")
        template = next(t for t in TEMPLATES if t.key == wanted)
        stages = template.stages[: kwargs.pop("n_stages")]
        is_ordered = kwargs.pop("is_ordered") and template.is_ordered
        return project_create(created_by=kwargs.pop("created_by", None), stages=stages, is_ordered=is_ordered, **kwargs)


class MembershipFactory(DjangoModelFactory):
    """An expert of a project."""

    class Meta:
        model = Membership

    project = factory.SubFactory(ProjectFactory)
    user = factory.SubFactory(UserFactory)
    role = Role.EXPERT


class SiteFactory(DjangoModelFactory):
    """An orchard."""

    class Meta:
        model = Site

    project = factory.SubFactory(ProjectFactory)
    name = factory.Sequence(lambda n: f"Site {n}")


class PlantFactory(DjangoModelFactory):
    """A tree."""

    class Meta:
        model = Plant

    site = factory.SubFactory(SiteFactory)
    name = factory.Sequence(lambda n: f"Tree {n}")


class PhotoFactory(DjangoModelFactory):
    """A photo that has been ingested; no bytes are in storage."""

    class Meta:
        model = Photo

    project = factory.SubFactory(ProjectFactory)
    sha256 = factory.Sequence(lambda n: hashlib.sha256(str(n).encode()).hexdigest())
    status = Photo.Status.READY
    original_name = factory.Sequence(lambda n: f"IMG_{n:04}.jpg")
    byte_size = 1000
    width = 1600
    height = 1200
    group_key = factory.Sequence(lambda n: f"group-{n}")
    taken_at = factory.Sequence(lambda n: FIRST_DAY + timedelta(minutes=n))


class ImportBatchFactory(DjangoModelFactory):
    """An import without labels."""

    class Meta:
        model = ImportBatch

    project = factory.SubFactory(ProjectFactory)
    name = factory.Sequence(lambda n: f"Import {n}")


class QueryBatchFactory(DjangoModelFactory):
    """A batch by arrival."""

    class Meta:
        model = QueryBatch

    project = factory.SubFactory(ProjectFactory)
    source = "arrival"


class QueueEntryFactory(DjangoModelFactory):
    """An open entry of its photo's project."""

    class Meta:
        model = QueueEntry

    photo = factory.SubFactory(PhotoFactory)
    project = factory.SelfAttribute("photo.project")
    batch = factory.SubFactory(QueryBatchFactory, project=factory.SelfAttribute("..project"))
    rank = factory.Sequence(lambda n: n + 1)
    reason = QueueEntry.Reason.ARRIVAL
    open_slots = factory.LazyAttribute(lambda entry: entry.project.labels_wanted)


class AnnotationFactory(DjangoModelFactory):
    """An expert's "stage ``position``"; nothing follows from it, unlike from ``decisions_submit``."""

    class Meta:
        model = Annotation

    class Params:
        position = 0

    photo = factory.SubFactory(PhotoFactory)
    annotator = factory.SubFactory(UserFactory)
    kind = Annotation.Kind.STAGE
    stage = factory.LazyAttribute(lambda it: stage_at(it.photo.project, it.position))
    decided_at = FIRST_DAY


class WebhookFactory(DjangoModelFactory):
    """A webhook that is told of everything."""

    class Meta:
        model = Webhook

    project = factory.SubFactory(ProjectFactory)
    name = factory.Sequence(lambda n: f"Hook {n}")
    url = "https://hooks.example.org/antesis"
    events = factory.LazyFunction(lambda: list(WebhookEvent.values))
    salt = factory.Sequence(lambda n: hashlib.sha256(f"salt {n}".encode()).hexdigest())


class WebhookDeliveryFactory(DjangoModelFactory):
    """A test message that is due."""

    class Meta:
        model = WebhookDelivery

    webhook = factory.SubFactory(WebhookFactory)
    event = "test"
    payload = factory.LazyFunction(lambda: {"type": "test", "data": {}})
    next_try_at = factory.LazyFunction(timezone.now)


def stage_at(project: Project, position: int) -> GrowthStage:
    """The stage of the current scale at ``position``."""
    return current_stages(project_id=project.pk).get(position=position)
