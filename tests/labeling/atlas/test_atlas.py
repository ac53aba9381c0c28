"""Examples and descriptions of stages: what may be chosen, what is proposed, what the bench is told."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from labeling.domain.errors import DomainError, NotFound
from labeling.models import Consensus, GrowthStage, Project, ReferencePhoto
from labeling.selectors.atlas import CANDIDATES, PER_GROUP, reference_candidates
from labeling.services.atlas import MAX_REFERENCES, stage_describe, stage_references_set
from tests.factories.labeling import PhotoFactory, ProjectFactory, stage_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return ProjectFactory()


def settled(project: Project, position: int, *, others: dict[int, float] | None = None, **changes):
    """A photo settled as the stage at ``position``; ``others`` takes probability to other stages."""
    photo = PhotoFactory(project=project, **changes.pop("photo", {}))
    distribution = [0.0] * GrowthStage.objects.filter(scale__project=project).count()
    for other, share in (others or {}).items():
        distribution[other] = share
    distribution[position] = 1 - sum(distribution)
    Consensus.objects.create(
        photo=photo,
        project=project,
        **{
            "outcome": "stage",
            "stage": stage_at(project, position),
            "distribution": distribution,
            "consensus_quality": distribution[position],
            "annotator_agreement": 1.0,
            "n_annotations": 2,
            "decided_at": timezone.now(),
            **changes,
        },
    )
    return photo


def proposed(project: Project, position: int, beside: int | None = None) -> list[int]:
    found = reference_candidates(
        project_id=project.pk,
        stage_id=stage_at(project, position).pk,
        beside_id=None if beside is None else stage_at(project, beside).pk,
    )
    return [candidate.photo_id for candidate in found]


class TestReferences:
    def test_they_are_of_the_project_ready_and_few(self, project):
        stage = stage_at(project, 0)
        photos = [photo.pk for photo in PhotoFactory.create_batch(MAX_REFERENCES + 1, project=project)]
        stage_references_set(project=project, stage_id=stage.pk, photo_ids=[photos[1], photos[0], photos[1]])
        assert [r.photo_id for r in stage.references.order_by("position")] == [photos[1], photos[0]]
        stage_references_set(project=project, stage_id=stage.pk, photo_ids=[])
        assert not stage.references.exists()
        with pytest.raises(DomainError, match="at most 12"):
            stage_references_set(project=project, stage_id=stage.pk, photo_ids=photos)
        for stage_id, ids in ((stage.pk, [PhotoFactory().pk]), (stage_at(ProjectFactory(), 0).pk, [])):
            with pytest.raises(NotFound):
                stage_references_set(project=project, stage_id=stage_id, photo_ids=ids)

    def test_a_boundary_has_a_list_of_its_own_and_a_photo_is_in_one(self, project):
        stage, beside = stage_at(project, 2), stage_at(project, 3)
        a, b, c = (photo.pk for photo in PhotoFactory.create_batch(3, project=project))
        stage_references_set(project=project, stage_id=stage.pk, photo_ids=[a, b])
        stage_references_set(project=project, stage_id=stage.pk, photo_ids=[b, c], beside_id=beside.pk)
        assert list(stage.references.filter(beside=None).values_list("photo_id", flat=True)) == [a]
        assert list(stage.references.filter(beside=beside).values_list("photo_id", flat=True)) == [b, c]
        stage_references_set(project=project, stage_id=stage.pk, photo_ids=[])
        assert stage.references.count() == 2, "the boundary keeps its own"

    def test_a_boundary_lies_between_neighbours(self, project):
        stage = stage_at(project, 2)
        for beside, code in ((2, "not_a_boundary"), (4, "not_a_boundary")):
            with pytest.raises(DomainError) as refusal:
                stage_references_set(
                    project=project, stage_id=stage.pk, photo_ids=[], beside_id=stage_at(project, beside).pk
                )
            assert refusal.value.code == code
        with pytest.raises(NotFound):
            stage_references_set(
                project=project, stage_id=stage.pk, photo_ids=[], beside_id=stage_at(ProjectFactory(), 3).pk
            )

    def test_the_database_knows_that_no_stage_is_beside_itself(self, project):
        stage = stage_at(project, 0)
        with pytest.raises(IntegrityError, match="reference_beside_another_stage"), transaction.atomic():
            ReferencePhoto.objects.create(stage=stage, beside=stage, photo=PhotoFactory(project=project))


class TestCandidates:
    def test_only_what_may_be_shown_and_nobody_contradicts(self, project):
        good = settled(project, 1)
        ruled = settled(project, 1, annotator_agreement=0.5, is_adjudicated=True)
        settled(project, 1, annotator_agreement=0.67)
        settled(project, 1, photo={"is_held_out": True})
        settled(project, 2)
        settled(ProjectFactory(), 1)
        assert sorted(proposed(project, 1)) == sorted([good.pk, ruled.pk])

    def test_clear_and_sure_ones_first(self, project):
        unsure = settled(project, 1, others={2: 0.3})
        soft = settled(project, 1, photo={"advice": ["blurred"]})
        sure = settled(project, 1)
        many = settled(project, 1, n_annotations=5)
        assert proposed(project, 1) == [many.pk, sure.pk, unsure.pk, soft.pk]

    def test_of_a_boundary_those_nearest_to_the_other_side(self, project):
        far, near = settled(project, 1, others={0: 0.4}), settled(project, 1, others={2: 0.3})
        assert proposed(project, 1, beside=2) == [near.pk, far.pk]

    def test_no_plant_fills_the_list(self, project):
        of_one = [settled(project, 1, photo={"group_key": "plant-1"}).pk for _ in range(PER_GROUP + 2)]
        other = settled(project, 1, others={2: 0.2}).pk
        found = proposed(project, 1)
        assert len(set(found) & set(of_one)) == PER_GROUP
        assert found[-1] == other

    def test_what_is_in_the_atlas_is_not_proposed_again(self, project):
        chosen, other = settled(project, 1), settled(project, 1)
        stage_references_set(project=project, stage_id=stage_at(project, 1).pk, photo_ids=[chosen.pk])
        assert proposed(project, 1) == [other.pk]

    def test_they_are_bounded_and_cost_two_statements(self, project, django_assert_num_queries):
        for _ in range(CANDIDATES + 3):
            settled(project, 1)
        stage_id = stage_at(project, 1).pk
        with django_assert_num_queries(2):
            assert len(reference_candidates(project_id=project.pk, stage_id=stage_id)) == CANDIDATES

    def test_a_foreign_stage_is_not_found(self, project):
        with pytest.raises(NotFound):
            reference_candidates(project_id=project.pk, stage_id=stage_at(ProjectFactory(), 1).pk)


class TestDescription:
    def test_words_change_and_the_scale_stays(self, project):
        stage = stage_at(project, 1)
        version = stage.scale.version
        stage_describe(project=project, stage_id=stage.pk, description_es=" Pétalos. ", description_en="Petals.")
        stage.refresh_from_db()
        assert (stage.description_es, stage.description_en, stage.scale.version) == ("Pétalos.", "Petals.", version)
        with pytest.raises(NotFound):
            stage_describe(project=ProjectFactory(), stage_id=stage.pk, description_es="", description_en="")


def test_the_page_gets_candidates_and_the_project_its_boundary(project, member_client):
    client = member_client(project, "adjudicator")
    photo, stage, beside = settled(project, 1, others={2: 0.2}), stage_at(project, 1), stage_at(project, 2)
    address = f"/api/v1/projects/{project.slug}/stages/{stage.pk}"
    (candidate,) = client.get(f"{address}/candidates?beside={beside.pk}").json()
    assert (candidate["photo_id"], candidate["beside_share"]) == (photo.pk, 0.2)
    answer = client.put(f"{address}/references", {"photo_ids": [photo.pk], "beside": beside.pk}, format="json")
    (reference,) = answer.json()["scale"]["stages"][1]["references"]
    assert (reference["photo_id"], reference["beside"]) == (photo.pk, beside.pk)
    answer = client.put(f"{address}/description", {"description_es": "", "description_en": "Pink tips"}, format="json")
    assert answer.json()["scale"]["stages"][1]["description_en"] == "Pink tips"
