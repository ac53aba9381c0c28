"""Shapes of members."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from labeling.models import Membership, Role


class MemberSerializer(serializers.ModelSerializer[Membership]):
    """A person in a project, with how much they have annotated there."""

    email = serializers.CharField(source="user.email")
    full_name = serializers.CharField(source="user.full_name")
    n_annotations = serializers.IntegerField()
    last_active_at = serializers.DateTimeField(allow_null=True)

    class Meta:
        model = Membership
        fields = ("id", "email", "full_name", "role", "n_annotations", "last_active_at")


class MemberAddedSerializer(MemberSerializer):
    """A member, and the link for the first password when the person is new; it is shown this once."""

    access_link = serializers.CharField(allow_null=True)

    class Meta(MemberSerializer.Meta):
        fields = (*MemberSerializer.Meta.fields, "access_link")  # type: ignore[assignment]


class MemberAddSerializer(serializers.Serializer[Any]):
    """Who is to come in."""

    email = serializers.EmailField()
    full_name = serializers.CharField(max_length=120, allow_blank=True, default="")
    role = serializers.ChoiceField(choices=Role.choices)


class MemberRoleSerializer(serializers.Serializer[Any]):
    """A new role."""

    role = serializers.ChoiceField(choices=Role.choices)


class AccessLinkMadeSerializer(serializers.Serializer[Any]):
    """The address that opens an account."""

    access_link = serializers.CharField()
