"""Tables of the labelling side."""

from .annotations import Adjudication, AdjudicationEvent, Annotation, Consensus, Receipt
from .exports import ExportJob
from .people import AccessLink, LocationConsent, Membership, Role, User
from .photos import ImportBatch, ImportRefusal, KnownLabel, Photo, PhotoLocation, Plant, Site
from .practice import Practice, PracticeAnswer
from .projects import GrowthStage, Project, ReferencePhoto, StageScale
from .quality import AgreementReport, AnnotatorQuality
from .queue import QueryBatch, QueueEntry, Reservation, Skip, Suggestion
from .scale_migrations import MigratedPhoto, ScaleMigration, StageImage, StageLink
from .tokens import ApiToken, TokenScope
from .uploads import ArchiveUpload
from .webhooks import Webhook, WebhookDelivery, WebhookEvent

__all__ = [
    "AccessLink",
    "Adjudication",
    "AdjudicationEvent",
    "AgreementReport",
    "Annotation",
    "AnnotatorQuality",
    "ApiToken",
    "ArchiveUpload",
    "Consensus",
    "ExportJob",
    "GrowthStage",
    "ImportBatch",
    "ImportRefusal",
    "KnownLabel",
    "LocationConsent",
    "Membership",
    "MigratedPhoto",
    "Photo",
    "PhotoLocation",
    "Plant",
    "Practice",
    "PracticeAnswer",
    "Project",
    "QueryBatch",
    "QueueEntry",
    "Receipt",
    "ReferencePhoto",
    "Reservation",
    "Role",
    "ScaleMigration",
    "Site",
    "Skip",
    "StageImage",
    "StageLink",
    "StageScale",
    "Suggestion",
    "TokenScope",
    "User",
    "Webhook",
    "WebhookDelivery",
    "WebhookEvent",
]
