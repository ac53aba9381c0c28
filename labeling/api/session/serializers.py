"""Shapes of sign-in and of the person signed in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from rest_framework import serializers

from labeling.models import AccessLink, Role, User
from labeling.selectors.projects import projects_of


class UserSerializer(serializers.ModelSerializer[User]):
    """The person signed in."""

    preferences = serializers.DictField()

    class Meta:
        model = User
        fields = ("id", "email", "full_name", "language", "is_staff", "preferences")


class MembershipOfMineSerializer(serializers.Serializer[Any]):
    """One project of the person signed in."""

    project_slug = serializers.CharField()
    project_name = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)


class SignOnOfferSerializer(serializers.Serializer[Any]):
    """Single sign-on, where the site has it."""

    name = serializers.CharField()
    login_url = serializers.CharField()


class SessionSerializer(serializers.Serializer[Any]):
    """Who is signed in and where they may go."""

    user = UserSerializer(allow_null=True)
    memberships = MembershipOfMineSerializer(many=True)
    is_demo = serializers.BooleanField()
    has_email = serializers.BooleanField(help_text="Whether this site sends e-mail")
    oidc = SignOnOfferSerializer(allow_null=True)


class SignInSerializer(serializers.Serializer[Any]):
    """Credentials. The password is taken as it is, spaces included."""

    email = serializers.CharField(max_length=254)
    password = serializers.CharField(max_length=512, trim_whitespace=False)


class SessionChangeSerializer(serializers.Serializer[Any]):
    """What a person may change of themselves."""

    language = serializers.ChoiceField(choices=User.Language.choices, allow_blank=True, required=False)
    full_name = serializers.CharField(max_length=120, allow_blank=True, required=False)
    preferences = serializers.DictField(required=False)


class PasswordChangeSerializer(serializers.Serializer[Any]):
    """The old and the new password."""

    current_password = serializers.CharField(max_length=512, trim_whitespace=False)
    new_password = serializers.CharField(max_length=512, trim_whitespace=False)


class AccessLinkSerializer(serializers.Serializer[Any]):
    """What a link is for."""

    purpose = serializers.ChoiceField(choices=AccessLink.Purpose.choices)
    email = serializers.CharField(allow_blank=True)
    expires_at = serializers.DateTimeField()


class AccessLinkClaimSerializer(serializers.Serializer[Any]):
    """The account a link opens: the e-mail is asked of the first administrator only."""

    email = serializers.EmailField(required=False, default="")
    full_name = serializers.CharField(max_length=120, allow_blank=True, required=False, default="")
    password = serializers.CharField(max_length=512, trim_whitespace=False)


def session_data(user: User | None) -> dict[str, Any]:
    """The session of a person, or of nobody."""
    memberships = [] if user is None else projects_of(user=user)
    session = {
        "user": user,
        "memberships": [
            {"project_slug": project.slug, "project_name": project.name, "role": role} for project, role in memberships
        ],
        "is_demo": settings.IS_DEMO,
        "has_email": settings.HAS_EMAIL,
        "oidc": settings.OIDC,
    }
    return dict(SessionSerializer(session).data)
