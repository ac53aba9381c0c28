"""Writes of people, their roles, and the one-time links by which they come in."""

from __future__ import annotations

import json
import secrets
from datetime import timedelta
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone

from labeling.domain.errors import Conflict, DomainError
from labeling.models import AccessLink, Membership, Project, Role, User
from labeling.selectors.people import access_link_open, token_digest

FIRST_ADMIN_LIFETIME = timedelta(hours=24)
SET_PASSWORD_LIFETIME = timedelta(days=7)
MAX_PREFERENCES_BYTES = 8192


@transaction.atomic
def user_create(
    *, email: str, password: str | None = None, full_name: str = "", is_staff: bool = False, language: str = ""
) -> User:
    """Make a person; without a password the account opens by an access link or single sign-on only.

    Raises:
        Conflict: "email_taken".
        DomainError: "email_invalid" or "password_weak".
    """
    email = _valid_email(email)
    user = User(email=email, full_name=full_name.strip(), is_staff=is_staff, is_superuser=is_staff, language=language)
    if password is None:
        user.set_unusable_password()
    else:
        _check_password(password, user)
        user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("email_taken", "Somebody already uses this e-mail.", {"email": ["Already used."]}) from error
    return user


@transaction.atomic
def user_update(*, user: User, **changes: Any) -> User:
    """Change ``language``, ``full_name`` or ``preferences`` of oneself.

    Raises:
        DomainError: "preferences_too_large" or "user_invalid".
    """
    unknown = set(changes) - {"language", "full_name", "preferences"}
    if unknown:
        raise TypeError(f"not changeable: {sorted(unknown)}")
    if len(json.dumps(changes.get("preferences", {}))) > MAX_PREFERENCES_BYTES:
        raise DomainError("preferences_too_large", "The preferences take more space than allowed.")
    for field, value in changes.items():
        setattr(user, field, value)
    user.save(update_fields=list(changes))
    return user


@transaction.atomic
def password_change(*, user: User, current_password: str, new_password: str) -> None:
    """Change one's own password.

    Raises:
        DomainError: "bad_credentials" or "password_weak".
    """
    if not user.check_password(current_password):
        raise DomainError("bad_credentials", "The current password is not right.", {"current_password": ["Wrong."]})
    _check_password(new_password, user, field="new_password")
    user.set_password(new_password)
    user.save(update_fields=["password"])


@transaction.atomic
def first_admin_link_create() -> str:
    """Make the link that creates the first site administrator, and return its token. Older ones stop working.

    Raises:
        Conflict: "admin_exists", somebody is administrator already.
    """
    if User.objects.filter(is_staff=True).exists():
        raise Conflict("admin_exists", "There is an administrator already; ask them for an account.")
    AccessLink.objects.filter(purpose=AccessLink.Purpose.FIRST_ADMIN, used_at__isnull=True).delete()
    return _link_create(purpose=AccessLink.Purpose.FIRST_ADMIN, user=None, lifetime=FIRST_ADMIN_LIFETIME)


@transaction.atomic
def access_link_claim(*, token: str, password: str, email: str = "", full_name: str = "") -> User:
    """Use a link: create the first administrator, or set the password of the invited person. Works once.

    Raises:
        NotFound: "link_invalid", unknown, used or expired: the three are the same to the outside.
        Conflict: "email_taken", or "admin_exists" when another link was quicker.
        DomainError: "email_invalid" or "password_weak".
    """
    link = access_link_open(token=token, for_update=True)
    if link.user is not None:
        user = link.user
        _check_password(password, user)
        user.set_password(password)
        user.full_name = full_name.strip() or user.full_name
        user.save(update_fields=["password", "full_name"])
    else:
        # The lock on this link orders two claims of it; a newer link deletes the older one, so no two are open at once.
        if User.objects.filter(is_staff=True).exists():
            raise Conflict("admin_exists", "There is an administrator already; ask them for an account.")
        user = user_create(email=email, password=password, full_name=full_name, is_staff=True)
    link.used_at = timezone.now()
    link.save(update_fields=["used_at"])
    return user


@transaction.atomic
def member_add(*, project: Project, email: str, full_name: str, role: Role | str) -> tuple[Membership, str | None]:
    """Add a person to a project; a token for the first password comes back only when the person is new.

    A person who exists keeps name and password: an admin of one project must not get into the account of somebody
    who works in others.

    Raises:
        Conflict: "already_member".
        DomainError: "email_invalid" or "role_unknown".
    """
    email = _valid_email(email)
    role = _known_role(role)
    user = User.objects.filter(email=email).first()
    token = None
    if user is None:
        user = user_create(email=email, full_name=full_name)
        token = _link_create(purpose=AccessLink.Purpose.SET_PASSWORD, user=user, lifetime=SET_PASSWORD_LIFETIME)
    try:
        with transaction.atomic():
            membership = Membership.objects.create(project=project, user=user, role=role)
    except IntegrityError as error:
        raise Conflict(
            "already_member", "This person is a member already.", {"email": ["Already a member."]}
        ) from error
    return membership, token


@transaction.atomic
def member_role_set(*, membership: Membership, role: Role | str, by: User) -> Membership:
    """Change somebody else's role. Nobody changes their own, so a project keeps the admin it has.

    Raises:
        DomainError: "own_role" or "role_unknown".
    """
    _refuse_own(membership, by)
    membership.role = _known_role(role)
    membership.save(update_fields=["role"])
    return membership


@transaction.atomic
def member_remove(*, membership: Membership, by: User) -> None:
    """Take somebody else out of a project; what they annotated stays.

    Raises:
        DomainError: "own_role".
    """
    _refuse_own(membership, by)
    membership.delete()


@transaction.atomic
def access_link_create(*, membership: Membership, by: User) -> str:
    """Make a new first-password link for a member and return its token; older ones stop working.

    A link opens the account. So an admin of one project gets it only for a person who has never come in and belongs to
    no project of others; a site administrator for anyone but other site administrators.

    Raises:
        DomainError: "link_not_allowed".
    """
    user = membership.user
    if not _may_open(user, by):
        raise DomainError(
            "link_not_allowed", "This person has an account already; a site administrator can make a link."
        )
    AccessLink.objects.filter(user=user, used_at__isnull=True).delete()
    return _link_create(purpose=AccessLink.Purpose.SET_PASSWORD, user=user, lifetime=SET_PASSWORD_LIFETIME)


def _may_open(user: User, by: User) -> bool:
    if user.is_staff:
        return False
    if by.is_staff:
        return True
    if user.has_usable_password() or user.last_login is not None:
        return False
    mine = Membership.objects.filter(user=by, role=Role.ADMIN).values("project_id")
    return not Membership.objects.filter(user=user).exclude(project_id__in=mine).exists()


def _refuse_own(membership: Membership, by: User) -> None:
    if membership.user_id == by.pk:
        raise DomainError("own_role", "Nobody changes their own role; ask another admin.")


def _link_create(*, purpose: AccessLink.Purpose, user: User | None, lifetime: timedelta) -> str:
    token = secrets.token_urlsafe(32)
    AccessLink.objects.create(
        purpose=purpose, user=user, token_sha256=token_digest(token), expires_at=timezone.now() + lifetime
    )
    return token


def _valid_email(email: str) -> str:
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise DomainError("email_invalid", "This is no e-mail address.", {"email": list(error.messages)}) from error
    return email


def _check_password(password: str, user: User, field: str = "password") -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise DomainError("password_weak", " ".join(error.messages), {field: list(error.messages)}) from error


def _known_role(role: Role | str) -> Role:
    try:
        return Role(role)
    except ValueError as error:
        raise DomainError("role_unknown", f"There is no role {role!r}.", {"role": ["Unknown."]}) from error
