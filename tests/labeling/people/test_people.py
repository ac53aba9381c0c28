"""People, roles and one-time links."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from labeling.domain.errors import Conflict, DomainError, NotFound
from labeling.models import AccessLink, Membership, Role, User
from labeling.selectors.people import members_of
from labeling.services.people import (
    access_link_claim,
    access_link_create,
    first_admin_link_create,
    member_add,
    member_remove,
    member_role_set,
    user_create,
)
from tests.factories.labeling import AnnotationFactory, MembershipFactory, PhotoFactory, ProjectFactory, UserFactory

pytestmark = pytest.mark.django_db
SECRET = "a long enough secret"


def refused(code, call, error=DomainError):
    with pytest.raises(error) as caught:
        call()
    assert caught.value.code == code


class TestFirstAdministrator:
    def test_the_token_is_not_stored(self):
        token = first_admin_link_create()
        assert token not in str(AccessLink.objects.values())

    def test_a_newer_link_ends_the_older(self):
        old, new = first_admin_link_create(), first_admin_link_create()
        refused("link_invalid", lambda: access_link_claim(token=old, email="a@b.org", password=SECRET), NotFound)
        assert access_link_claim(token=new, email="a@b.org", password=SECRET).is_staff

    def test_there_is_only_one_first(self):
        token = first_admin_link_create()
        UserFactory(is_staff=True)
        refused("admin_exists", lambda: access_link_claim(token=token, email="a@b.org", password=SECRET), Conflict)
        refused("admin_exists", first_admin_link_create, Conflict)

    def test_a_link_ends(self):
        token = first_admin_link_create()
        AccessLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        refused("link_invalid", lambda: access_link_claim(token=token, email="a@b.org", password=SECRET), NotFound)

    def test_a_claim_that_fails_leaves_the_link_usable(self):
        token = first_admin_link_create()
        refused("password_weak", lambda: access_link_claim(token=token, email="a@b.org", password="short"))
        refused("email_invalid", lambda: access_link_claim(token=token, email="nobody", password=SECRET))
        assert access_link_claim(token=token, email="a@b.org", password=SECRET).email == "a@b.org"


@pytest.mark.django_db(transaction=True)
def test_of_two_claims_at_once_one_wins():
    token = first_admin_link_create()

    def claim(n):
        try:
            return access_link_claim(token=token, email=f"boss{n}@example.org", password=SECRET)
        except NotFound:
            return None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        made = [user for user in pool.map(claim, range(4)) if user]
    assert len(made) == 1
    assert User.objects.filter(is_staff=True).count() == 1


class TestMembers:
    def test_a_new_person_gets_a_link_one_who_exists_does_not(self):
        project, known = ProjectFactory(), UserFactory()
        membership, token = member_add(project=project, email="New@Example.org ", full_name="New", role="expert")
        assert token is not None
        assert (membership.user.email, membership.user.has_usable_password()) == ("new@example.org", False)
        _, token = member_add(project=project, email=known.email, full_name="Other name", role="grower")
        assert token is None
        known.refresh_from_db()
        assert known.full_name != "Other name"

    def test_nobody_is_a_member_twice(self):
        membership = MembershipFactory()
        add = {"project": membership.project, "email": membership.user.email, "full_name": "", "role": "admin"}
        refused("already_member", lambda: member_add(**add), Conflict)
        refused("role_unknown", lambda: member_add(**{**add, "role": "king"}))

    def test_nobody_changes_their_own_role(self):
        admin = MembershipFactory(role=Role.ADMIN)
        refused("own_role", lambda: member_role_set(membership=admin, role="grower", by=admin.user))
        refused("own_role", lambda: member_remove(membership=admin, by=admin.user))
        other = MembershipFactory(project=admin.project)
        assert member_role_set(membership=other, role="adjudicator", by=admin.user).role == "adjudicator"
        member_remove(membership=other, by=admin.user)
        assert Membership.objects.filter(pk=other.pk).count() == 0

    def test_how_much_each_has_annotated_here(self, django_assert_num_queries):
        project = ProjectFactory()
        expert = MembershipFactory(project=project).user
        MembershipFactory(project=project)
        AnnotationFactory(annotator=expert, photo=PhotoFactory(project=project))
        AnnotationFactory(annotator=expert, photo=PhotoFactory(project=project), withdrawn_at=timezone.now())
        AnnotationFactory(annotator=expert)
        with django_assert_num_queries(1):
            rows = {m.user: (m.n_annotations, m.last_active_at is not None) for m in members_of(project=project)}
        assert rows[expert] == (1, True)
        assert sorted(rows.values()) == [(0, False), (1, True)]


class TestLinksOpenNoForeignAccount:
    def test_a_new_link_for_an_invited_person_ends_the_older(self):
        admin = MembershipFactory(role=Role.ADMIN)
        membership, first = member_add(project=admin.project, email="n@example.org", full_name="", role="expert")
        second = access_link_create(membership=membership, by=admin.user)
        refused("link_invalid", lambda: access_link_claim(token=first, password=SECRET), NotFound)
        assert access_link_claim(token=second, password=SECRET) == membership.user

    def test_an_admin_gets_no_link_into_an_account_in_use(self):
        admin = MembershipFactory(role=Role.ADMIN)
        member = MembershipFactory(project=admin.project)
        refused("link_not_allowed", lambda: access_link_create(membership=member, by=admin.user))
        assert access_link_create(membership=member, by=UserFactory(is_staff=True))

    def test_an_admin_gets_no_link_for_somebody_of_other_projects(self):
        admin = MembershipFactory(role=Role.ADMIN)
        invited = user_create(email="invited@example.org")
        MembershipFactory(user=invited)
        here = MembershipFactory(user=invited, project=admin.project)
        refused("link_not_allowed", lambda: access_link_create(membership=here, by=admin.user))

    def test_nobody_gets_a_link_into_a_site_administrator(self):
        staff = UserFactory(is_staff=True)
        membership = MembershipFactory(user=staff)
        other = UserFactory(is_staff=True)
        refused("link_not_allowed", lambda: access_link_create(membership=membership, by=other))


def test_an_email_is_one_person_whatever_its_case():
    user_create(email="Ana@Example.org")
    refused("email_taken", lambda: user_create(email="ana@example.ORG"), Conflict)
