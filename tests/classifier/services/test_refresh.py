import pytest

from classifier.models import RunState, ScoringRun
from classifier.selectors.learning import labels_moved_since_refresh
from classifier.services.locks import LockSpace, advisory_lock
from classifier.services.refresh import project_refresh
from classifier.services.refresh_requests import refresh_request
from labeling.models import QueryBatch, QueueEntry, Suggestion
from tests.classifier.worlds import world
from tests.factories.classifier import FEATURE_SPACE, ModelVersionFactory, PredictionFactory

pytestmark = pytest.mark.django_db


def refresh(made):
    return project_refresh(project_id=made.project.pk, feature_space=FEATURE_SPACE)


def test_without_labels_typical_photos_come_first_and_nothing_is_suggested():
    made = world()

    run = refresh(made)

    assert run.state == RunState.SUCCEEDED
    assert QueryBatch.objects.get(project=made.project).source == "cold_start"
    assert set(QueueEntry.objects.values_list("reason", flat=True)) == {"diverse", "random", "evaluation"}
    assert not Suggestion.objects.exists()


def test_without_vectors_photos_are_asked_by_arrival():
    made = world(with_vectors=False, n_photos=10)

    refresh(made)

    pool = [photo.pk for photo in made.photos if not photo.is_held_out]
    assert list(QueueEntry.objects.order_by("rank").values_list("photo_id", flat=True)) == pool


def test_labels_give_suggestions_that_are_right_on_the_held_out_photos():
    made = world(n_photos=90)
    made.label([photo for photo in made.photos if not photo.is_held_out][:30])
    made.label([photo for photo in made.photos if photo.is_held_out][:12])

    run = refresh(made)

    assert run.n_labels == 30
    assert run.accuracy == 1.0
    assert run.head_share == 1.0
    suggested = dict(Suggestion.objects.values_list("photo_id", "position"))
    assert len(suggested) == run.n_scored == 48
    assert all(made.truth[photo_id] == position for photo_id, position in suggested.items())


def test_the_queue_asks_the_doubtful_first_and_never_a_settled_or_a_held_out_photo_by_doubt():
    made = world(n_photos=90, noise=0.9)
    labelled = [photo for photo in made.photos if not photo.is_held_out][:30]
    made.label(labelled)

    refresh(made)

    entries = QueueEntry.objects.select_related("photo").order_by("rank")
    by_doubt = [entry for entry in entries if entry.reason in ("boundary", "uncertain")]
    assert by_doubt
    assert not {entry.photo_id for entry in entries} & {photo.pk for photo in labelled}
    assert all(entry.photo.is_held_out == (entry.reason == "evaluation") for entry in entries)
    assert all(len(entry.probabilities) == 3 for entry in by_doubt)


def test_the_promoted_version_has_a_share_and_scores_before_there_are_labels():
    made = world(n_photos=30, held_out_every=0)
    version = ModelVersionFactory(project=made.project, state="promoted")
    for photo in made.photos:
        sure = [0.05, 0.05, 0.05]
        sure[made.truth[photo.pk]] = 0.9
        PredictionFactory(photo=photo, model_version=version, probabilities=sure)

    run = refresh(made)

    assert run.head_share == 0.0
    assert run.model_version == version
    suggested = dict(Suggestion.objects.values_list("photo_id", "position"))
    assert suggested == made.truth


def test_labels_moved_counts_new_and_withdrawn_labels():
    made = world(n_photos=40, held_out_every=0)
    made.label(made.photos[:10])
    refresh(made)
    assert labels_moved_since_refresh(project_id=made.project.pk) == 0

    made.label(made.photos[10:13])
    made.photos[0].consensus.delete()

    assert labels_moved_since_refresh(project_id=made.project.pk) == 4


def test_a_waiting_request_is_served_and_a_dead_refresh_is_called_lost():
    made = world(n_photos=10)
    dead = ScoringRun.objects.create(project=made.project, kind="refresh", state="running")
    waiting = refresh_request(project=made.project)
    assert refresh_request(project=made.project) == waiting

    run = refresh(made)

    assert run == waiting
    dead.refresh_from_db()
    assert dead.state == RunState.LOST


@pytest.mark.django_db(transaction=True)
def test_two_refreshes_of_a_project_do_not_overlap():
    made = world(n_photos=10)

    with advisory_lock(LockSpace.PROJECT_REFRESH, made.project.pk) as is_ours:
        assert is_ours
        assert refresh(made) is None

    assert refresh(made) is not None


def test_a_failure_is_recorded_and_raised():
    made = world(n_photos=10)
    made.project.scales.update(status="retired")

    with pytest.raises(Exception, match="no current scale"):
        refresh(made)

    assert ScoringRun.objects.get().state == RunState.FAILED
