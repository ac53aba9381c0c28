"""From one version of a scale to the next."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.domain.consensus import Opinion, OpinionKind, opinion_between
from labeling.domain.errors import DomainError
from labeling.domain.scale_changes import Change, StageChange, boundaries_moved, changed_stages, images_on
from labeling.domain.scale_templates import StageInput

PRESENT = [StageInput(f"es{k}", f"Stage {k}", f"stage-{k}", f"{50 + k}", f"{50 + k}") for k in range(4)]


@st.composite
def histories(draw):
    """A tree of versions: each new one renames, merges or splits stages of an earlier one."""
    versions, changes, fresh = {0: [0, 1, 2, 3]}, [], 4
    for version in range(1, draw(st.integers(2, 5))):
        older = draw(st.sampled_from(sorted(versions)))
        pairs, stages = set(), []
        for stage in versions[older]:
            if stages and draw(st.booleans()) and draw(st.booleans()):
                pairs.add((stage, stages[-1]))  # merged with the one before
                continue
            for _ in range(1 + (draw(st.integers(0, 3)) == 0)):
                stages.append(fresh)
                pairs.add((stage, fresh))
                fresh += 1
        versions[version] = stages
        changes.append(Change(older, version, frozenset(pairs)))
    return versions, changes


class TestImages:
    @given(histories())
    def test_every_stage_of_every_version_has_images_on_every_other(self, history):
        versions, changes = history
        for target, own in versions.items():
            images = images_on(target, own, changes)
            assert set(images) == {stage for stages in versions.values() for stage in stages}
            assert all(images[stage] and images[stage] <= set(own) for stage in images)
            assert all(images[stage] == {stage} for stage in own)

    @given(histories())
    def test_being_one_another_is_mutual(self, history):
        versions, changes = history
        forward = {target: images_on(target, own, changes) for target, own in versions.items()}
        of = {stage: version for version, stages in versions.items() for stage in stages}
        for target, images in forward.items():
            for stage, found in images.items():
                assert all(stage in forward[of[stage]][it] for it in found), (target, stage)

    def test_a_split_cannot_be_told_and_comes_back_whole(self):
        split = [Change(1, 2, frozenset({(10, 20), (11, 21), (11, 22)}))]
        assert images_on(2, {20, 21, 22}, split)[11] == {21, 22}
        assert images_on(1, {10, 11}, split)[22] == {11}


class TestChangedStages:
    def test_what_is_not_said_is_inherited(self):
        wanted = [
            StageChange(StageInput("", ""), (0,)),
            StageChange(StageInput("junto", "Together"), (1, 2)),
            StageChange(StageInput("", ""), (3,)),
        ]
        first, merged, last = changed_stages(PRESENT, wanted)
        assert (first.name_en, first.slug, first.bbch_first) == ("Stage 0", "stage-0", "50")
        assert (merged.slug, merged.bbch_first, merged.bbch_last) == ("together", "51", "52")
        assert last.slug == "stage-3"
        assert len({first.color, merged.color, last.color}) == 3

    @pytest.mark.parametrize(
        "sources",
        [[(0,), (1,), (2,)], [(0,), (1,), (2,), (3,), ()], [(0,), (1,), (2,), (3, 3)], [(0,), (1,), (2,), (3, 4)],
         [(0,), (1,), (2,), (3,)]],
        ids=["left out", "without a source", "twice", "not there", "nothing changes"],
    )  # fmt: skip
    def test_what_makes_no_sense_is_refused(self, sources):
        with pytest.raises(DomainError) as caught:
            changed_stages(PRESENT, [StageChange(StageInput("", ""), it) for it in sources])
        assert caught.value.code in {"change_invalid", "stages_invalid"}

    def test_parts_of_a_split_need_names(self):
        wanted = [StageChange(StageInput("", ""), (it,)) for it in (0, 1, 2, 3, 3)]
        with pytest.raises(DomainError) as caught:
            changed_stages(PRESENT, wanted)
        assert caught.value.code == "stages_invalid"

    def test_boundaries_go_along_or_go(self):
        merged = {0: 0, 1: 1, 2: 1, 3: 2}
        assert boundaries_moved([0, 1, 2], merged) == [0, 1]
        assert boundaries_moved([0, 2], {0: 0, 1: 1, 2: None, 3: 4}) == [0]


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ((2,), Opinion(OpinionKind.STAGE, 2)),
        ((2, 2), Opinion(OpinionKind.STAGE, 2)),
        ((3, 2), Opinion(OpinionKind.BETWEEN, 2, 3)),
        ((1, 3), None),
    ],
)
def test_two_stages_on_another_version(named, said):
    assert opinion_between(*named, is_ordered=True) == said
