"""Tables of the labelling side."""

from .annotations import Adjudication, Annotation, Consensus, Receipt
from .people import AccessLink, Membership, Role, User
from .photos import ImportBatch, KnownLabel, Photo, PhotoLocation, Plant, Site
from .projects import GrowthStage, Project, ReferencePhoto, StageScale
from .queue import QueryBatch, QueueEntry, Reservation, Skip, Suggestion

__all__ = [
    "AccessLink",
    "Adjudication",
    "Annotation",
    "Consensus",
    "GrowthStage",
    "ImportBatch",
    "KnownLabel",
    "Membership",
    "Photo",
    "PhotoLocation",
    "Plant",
    "Project",
    "QueryBatch",
    "QueueEntry",
    "Receipt",
    "ReferencePhoto",
    "Reservation",
    "Role",
    "Site",
    "Skip",
    "StageScale",
    "Suggestion",
    "User",
]
