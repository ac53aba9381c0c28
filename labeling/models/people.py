"""People: one user model, a role per project."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower


class UserManager(BaseUserManager["User"]):
    """Creates users by e-mail; there is no user name."""

    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in.

    ``is_staff`` is the site administrator: may create projects and people. What a person may do inside a
    project is their :class:`Membership` there, and nothing else.
    """

    class Language(models.TextChoices):
        ES = "es", "Español"
        EN = "en", "English"

    email = models.EmailField(unique=True)
    full_name = models.CharField(max_length=120, blank=True)
    language = models.CharField(max_length=2, choices=Language, blank=True)
    preferences = models.JSONField(default=dict, blank=True, help_text="Interface settings: remapped keys, zoom, ...")
    digest_sent_at = models.DateTimeField(
        null=True, blank=True, help_text="When the weekly e-mail was last sent, to who asked for it"
    )
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(Lower("email"), name="user_email_ci_unique"),
        ]

    def __str__(self) -> str:
        return self.full_name or self.email


class Role(models.TextChoices):
    """What a person may do in one project; an admin may do what an adjudicator may, and that what an expert may."""

    GROWER = "grower", "Grower"
    EXPERT = "expert", "Expert"
    ADJUDICATOR = "adjudicator", "Adjudicator"
    ADMIN = "admin", "Admin"

    def includes(self, other: Role) -> bool:
        """Whether this role may do all that ``other`` may."""
        ladder = [Role.GROWER, Role.EXPERT, Role.ADJUDICATOR, Role.ADMIN]
        return ladder.index(self) >= ladder.index(other)


class Membership(models.Model):
    """One person's role in one project."""

    project = models.ForeignKey("labeling.Project", on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey("labeling.User", on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["project", "user"], name="membership_one_role_per_project"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.role}"


class LocationConsent(models.Model):
    """A person agreed to keep where photos were taken, in the words of ``version``; and perhaps took that back.

    Rows are never changed but for ``withdrawn_at``: who agreed to what, and when, can be shown. A withdrawal holds
    until consent is given anew, whatever a phone with old photos still sends.
    """

    user = models.ForeignKey("labeling.User", on_delete=models.CASCADE, related_name="location_consents")
    version = models.PositiveSmallIntegerField(help_text="Of the words that were shown")
    given_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(withdrawn_at__isnull=True), name="location_consent_one_standing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: version {self.version}"


class AccessLink(models.Model):
    """A one-time link: the first admin's set-up, or an invited person's first password.

    Only the SHA-256 of the token is stored, so the table gives nobody a way in.
    """

    class Purpose(models.TextChoices):
        FIRST_ADMIN = "first_admin", "First admin"
        SET_PASSWORD = "set_password", "Set password"

    purpose = models.CharField(max_length=12, choices=Purpose)
    token_sha256 = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey("labeling.User", on_delete=models.CASCADE, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(purpose="first_admin", user__isnull=True)
                | models.Q(purpose="set_password", user__isnull=False),
                name="access_link_user_matches_purpose",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"
