"""From the bytes of a stranger to a photo in the pool."""

from __future__ import annotations

import hashlib
import io
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from labeling import events, tasks
from labeling.domain.errors import NotFound
from labeling.imaging import MAX_BYTES
from labeling.models import Annotation, Consensus, ImportBatch, KnownLabel, Photo, PhotoLocation
from labeling.services import stored_bytes
from labeling.services.known_labels import known_label_state
from labeling.services.photos import Location, PhotoRefused, photo_process, photo_receive
from labeling.storage_keys import original_key, rendition_key
from tests.factories.labeling import PlantFactory, ProjectFactory, SiteFactory, UserFactory, stage_at
from tests.labeling.imaging import corpus

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 4, 12, 12, 0, tzinfo=UTC)


def receive(project, data, **fields):
    return photo_receive(project=project, stream=io.BytesIO(data), **fields)


def processed(project, data, **fields):
    return photo_process(photo_id=receive(project, data, **fields).photo.pk)


class _Blind:
    """Storage whose answer to "is it there?" is already old."""

    def __init__(self, storage):
        self.save, self.delete = storage.save, storage.delete

    def exists(self, key):
        return False


@pytest.fixture
def heard():
    """Ids of photos announced as ingested."""
    ids = []

    def hear(*, photo_id, **_):
        ids.append(photo_id)

    events.photo_ingested.connect(hear)
    yield ids
    events.photo_ingested.disconnect(hear)


class TestReceive:
    def test_the_original_is_stored_under_its_hash(self):
        data = corpus.jpeg(1)
        photo = receive(ProjectFactory(), data, original_name="../../etc/C:\\fotos\\flor\x00.jpg").photo
        assert photo.sha256 == hashlib.sha256(data).hexdigest()
        assert (photo.status, photo.byte_size, photo.original_name) == ("received", len(data), "flor.jpg")
        with default_storage.open(original_key(photo.sha256)) as stored:
            assert stored.read() == data

    def test_the_same_bytes_again_are_the_same_photo(self):
        project = ProjectFactory()
        first, again = receive(project, corpus.jpeg(2)), receive(project, corpus.jpeg(2))
        assert (first.created, again.created) == (True, False)
        assert again.photo == first.photo
        assert receive(ProjectFactory(), corpus.jpeg(2)).created

    def test_only_a_new_photo_is_announced_after_the_commit(self, django_capture_on_commit_callbacks):
        project = ProjectFactory()
        with django_capture_on_commit_callbacks() as first:
            receive(project, corpus.jpeg(3))
        with django_capture_on_commit_callbacks() as again:
            receive(project, corpus.jpeg(3))
        assert (len(first), len(again)) == (1, 0)

    @pytest.mark.parametrize(("data", "code"), [(b"", "empty"), (b"x" * (MAX_BYTES + 1), "too_large")])
    def test_nothing_of_an_absurd_file_is_kept(self, data, code):
        with pytest.raises(PhotoRefused) as refused:
            receive(ProjectFactory(), data)
        assert refused.value.code == code
        assert not Photo.objects.exists()
        assert not default_storage.exists(original_key(hashlib.sha256(data).hexdigest()))

    def test_an_original_cut_short_is_written_anew(self):
        data = corpus.jpeg(4)
        key = original_key(hashlib.sha256(data).hexdigest())
        default_storage.delete(key)
        default_storage.save(key, io.BytesIO(data[:100]))
        receive(ProjectFactory(), data)
        assert default_storage.size(key) == len(data)

    def test_the_loser_of_a_race_leaves_no_copy(self, monkeypatch):
        """GIVEN storage where the same bytes appeared after we looked, WHEN it saves ours elsewhere, THEN they go."""
        data = corpus.jpeg(14)
        receive(ProjectFactory(), data)
        folder, name = original_key(hashlib.sha256(data).hexdigest()).rsplit("/", 1)
        with monkeypatch.context() as patched:
            patched.setattr(stored_bytes, "default_storage", _Blind(default_storage))
            receive(ProjectFactory(), data)
        assert [n for n in default_storage.listdir(folder)[1] if n.startswith(name)] == [name]

    def test_a_plant_brings_its_site(self):
        plant = PlantFactory()
        assert receive(plant.site.project, corpus.jpeg(5), plant=plant).photo.site == plant.site

    def test_a_place_is_stored_apart(self):
        photo = receive(
            ProjectFactory(), corpus.jpeg(6), uploaded_by=UserFactory(), location=Location(-33.5, -70.7, 2)
        ).photo
        assert PhotoLocation.objects.get(photo=photo).consent_version == 2

    def test_a_place_that_nobody_can_consent_to_is_not_stored(self):
        receive(ProjectFactory(), corpus.jpeg(6), location=Location(-33.5, -70.7, 2))
        assert not PhotoLocation.objects.exists()

    def test_a_place_in_the_file_is_not_stored_without_consent(self):
        project = ProjectFactory()
        processed(project, corpus.photographed(gps=True))
        assert not PhotoLocation.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_many_senders_of_the_same_bytes_one_creates_the_photo():
    project, data = ProjectFactory(), corpus.jpeg(7)
    start, answers = threading.Barrier(4), []

    def send():
        try:
            start.wait()
            answers.append(receive(project, data))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.created for answer in answers) == [False, False, False, True]
    assert Photo.objects.count() == 1
    folder, name = original_key(answers[0].photo.sha256).rsplit("/", 1)
    assert [n for n in default_storage.listdir(folder)[1] if n.startswith(name)] == [name], "no copies left behind"


class TestProcess:
    def test_a_good_photo_becomes_ready(self, heard, django_capture_on_commit_callbacks):
        site = SiteFactory(timezone="America/Santiago")
        data = corpus.photographed(make="Acme", model="X1")
        with django_capture_on_commit_callbacks(execute=True):
            photo = processed(site.project, data, site=site)
        assert (photo.status, photo.width, photo.height, photo.camera) == ("ready", 640, 480, "Acme X1")
        assert photo.taken_at == datetime(2026, 4, 12, 13, 30, 15, tzinfo=UTC), "Chile is at UTC-4 in April"
        assert photo.phash is not None
        assert photo.group_key == f"photo:{photo.pk}"
        for name in ("thumb", "view", "model"):
            assert default_storage.exists(rendition_key(photo.sha256, name))
        assert heard == [photo.pk]

    def test_what_the_sender_says_of_the_time_wins(self):
        assert processed(ProjectFactory(), corpus.photographed(), taken_at=NOON).taken_at == NOON

    @pytest.mark.parametrize(
        ("data", "rejection"),
        [
            (corpus.HTML, "not_an_image"),
            (corpus.SVG, "unsupported"),
            (corpus.jpeg(8)[:4000], "truncated"),
            (corpus.png_header(9000, 9000), "too_large"),
            (corpus.encoded(corpus.scene(1, 20, 20)), "too_small"),
        ],
    )
    def test_a_bad_file_is_rejected_with_its_reason(self, data, rejection, heard, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            photo = processed(ProjectFactory(), data)
        assert (photo.status, photo.rejection, heard) == ("rejected", rejection, [])

    def test_a_second_time_changes_nothing(self, heard, django_capture_on_commit_callbacks):
        photo = processed(ProjectFactory(), corpus.jpeg(9))
        before = Photo.objects.filter(pk=photo.pk).values().get()
        with django_capture_on_commit_callbacks(execute=True):
            photo_process(photo_id=photo.pk)
        assert Photo.objects.filter(pk=photo.pk).values().get() == before
        assert heard == []

    def test_bytes_damaged_in_storage_are_not_taken_for_the_photo(self):
        photo = receive(ProjectFactory(), corpus.jpeg(10)).photo
        default_storage.delete(original_key(photo.sha256))
        default_storage.save(original_key(photo.sha256), io.BytesIO(corpus.jpeg(11)))
        assert photo_process(photo_id=photo.pk).rejection == "truncated"

    def test_storage_that_fails_leaves_the_photo_waiting(self):
        photo = receive(ProjectFactory(), corpus.jpeg(12)).photo
        default_storage.delete(original_key(photo.sha256))
        with pytest.raises(FileNotFoundError):
            photo_process(photo_id=photo.pk)
        photo.refresh_from_db()
        assert photo.status == "received"

    def test_an_unknown_photo(self):
        with pytest.raises(NotFound):
            photo_process(photo_id=0)


class TestGroups:
    def test_a_known_plant_is_the_group(self):
        plant = PlantFactory()
        assert processed(plant.site.project, corpus.jpeg(20), plant=plant).group_key == f"plant:{plant.pk}"

    def test_a_burst_is_a_group(self):
        project, sender = ProjectFactory(), UserFactory()
        seconds = [0, 50, 105, 400]
        keys = [
            processed(project, corpus.jpeg(21 + i), uploaded_by=sender, taken_at=NOON + timedelta(seconds=s)).group_key
            for i, s in enumerate(seconds)
        ]
        assert keys[0] == keys[1] == keys[2] != keys[3]

    def test_others_and_other_sites_are_other_bursts(self):
        site, sender = SiteFactory(), UserFactory()
        fields = [(sender, None), (UserFactory(), None), (sender, site), (None, None), (None, None)]
        keys = {
            processed(site.project, corpus.jpeg(30 + i), uploaded_by=who, site=where, taken_at=NOON).group_key
            for i, (who, where) in enumerate(fields)
        }
        assert len(keys) == 5

    def test_a_walk_is_not_one_burst(self):
        """A photo every 50 seconds for half an hour: no group spans more than ten minutes."""
        project, sender = ProjectFactory(), UserFactory()
        moments = {}
        for i in range(36):
            taken_at = NOON + timedelta(seconds=50 * i)
            key = processed(
                project, corpus.encoded(corpus.scene(40 + i, 64, 48)), uploaded_by=sender, taken_at=taken_at
            ).group_key
            moments.setdefault(key, []).append(taken_at)
        assert 3 <= len(moments) <= 5
        assert all(max(times) - min(times) <= timedelta(minutes=10) for times in moments.values())

    def test_near_duplicates_share_a_group_within_a_project_only(self):
        project = ProjectFactory()
        first = processed(project, corpus.jpeg(80))
        worse = corpus.encoded(corpus.scene(80).resize((500, 375)), quality=60)
        assert processed(project, worse).group_key == first.group_key
        assert processed(project, corpus.jpeg(81)).group_key != first.group_key
        assert processed(ProjectFactory(), worse).group_key != first.group_key

    def test_all_of_a_group_are_on_one_side(self):
        project = ProjectFactory(held_out_share=0.5)
        for seed in range(90, 98):
            processed(project, corpus.jpeg(seed))
            processed(project, corpus.encoded(corpus.scene(seed).resize((320, 240)), quality=80))
        sides = {}
        for key, is_held_out in Photo.objects.filter(project=project).values_list("group_key", "is_held_out"):
            sides.setdefault(key, set()).add(is_held_out)
        assert len(sides) == 8
        assert all(len(side) == 1 for side in sides.values())
        assert {next(iter(side)) for side in sides.values()} == {True, False}


@pytest.mark.django_db(transaction=True)
def test_a_burst_processed_at_the_same_moment_is_one_group():
    project, sender = ProjectFactory(), UserFactory()
    ids = [receive(project, corpus.jpeg(100 + i), uploaded_by=sender, taken_at=NOON).photo.pk for i in range(4)]
    start = threading.Barrier(4)

    def work(photo_id):
        try:
            start.wait()
            photo_process(photo_id=photo_id)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(photo_id,)) for photo_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Photo.objects.ready().count() == 4
    assert Photo.objects.values("group_key").distinct().count() == 1


class TestLabelsAndReadiness:
    """A label and the photo's readiness come in either order; what follows is the same."""

    @pytest.mark.parametrize("label_first", [True, False])
    @pytest.mark.parametrize("label_use", ["gold", "prior", "hidden"])
    def test_order_does_not_matter(self, label_first, label_use):
        project = ProjectFactory()
        photo = receive(project, corpus.jpeg(110)).photo
        steps = [
            lambda: known_label_state(
                photo_id=photo.pk, stage=stage_at(project, 2), label_use=label_use, source="thesis"
            ),
            lambda: photo_process(photo_id=photo.pk),
        ]
        for step in steps if label_first else reversed(steps):
            step()
        if label_use == "hidden":
            assert not Consensus.objects.exists()
            assert KnownLabel.objects.get().kind == "hidden"
            return
        consensus = Consensus.objects.get()
        assert (consensus.stage.position, consensus.is_gold) == (2, label_use == "gold")
        assert Annotation.objects.filter(source="thesis").exists() == (label_use == "prior")

    def test_a_label_waits_for_the_photo(self):
        project = ProjectFactory()
        photo = receive(project, corpus.jpeg(111)).photo
        known_label_state(photo_id=photo.pk, stage=stage_at(project, 1), label_use="gold")
        assert not Consensus.objects.exists()

    def test_a_rejected_photo_never_settles(self):
        project = ProjectFactory()
        photo = receive(project, corpus.HTML).photo
        known_label_state(photo_id=photo.pk, stage=stage_at(project, 1), label_use="gold")
        photo_process(photo_id=photo.pk)
        assert not Consensus.objects.exists()

    def test_one_prior_annotation_counts_as_one_of_those_wanted(self):
        project = ProjectFactory(labels_wanted=2)
        photo = processed(project, corpus.jpeg(112))
        known_label_state(photo_id=photo.pk, stage=stage_at(project, 1), label_use="prior", source="A")
        assert not Consensus.objects.exists()
        known_label_state(photo_id=photo.pk, stage=stage_at(project, 1), label_use="prior", source="B")
        assert Consensus.objects.get().n_annotations == 2

    @pytest.mark.parametrize("label_use", [ImportBatch.LabelUse.GOLD, ImportBatch.LabelUse.PRIOR])
    def test_another_stage_is_a_conflict_and_the_same_is_not(self, label_use):
        project = ProjectFactory()
        photo = processed(project, corpus.jpeg(113))
        for _ in range(2):
            known_label_state(photo_id=photo.pk, stage=stage_at(project, 1), label_use=label_use, source="A")
        with pytest.raises(Exception, match="already") as refused:
            known_label_state(photo_id=photo.pk, stage=stage_at(project, 2), label_use=label_use, source="A")
        assert refused.value.code == "label_conflict"
        assert Consensus.objects.get().stage.position == 1


class TestReconcile:
    """No lost message loses a photo."""

    @pytest.fixture
    def sent(self, monkeypatch):
        """Ids put on the queue; the broker itself is exercised by the fault tests."""
        ids = []
        monkeypatch.setattr(tasks.process_photo, "apply_async", lambda *, args, **_: ids.extend(args))
        return ids

    def waiting(self, seconds, seed=120):
        photo = receive(ProjectFactory(), corpus.jpeg(seed)).photo
        Photo.objects.filter(pk=photo.pk).update(received_at=timezone.now() - timedelta(seconds=seconds))
        return photo

    def test_photos_that_wait_are_enqueued_once_in_a_while(self, sent):
        old, _ = self.waiting(40), self.waiting(5)
        tasks.reconcile_photos()
        tasks.reconcile_photos()
        assert sent == [old.pk]

    def test_a_photo_whose_message_was_never_sent_is_found(self, monkeypatch, sent):
        def down(**_):
            raise ConnectionError("the broker is down")

        photo = self.waiting(40)
        with monkeypatch.context() as patched:
            patched.setattr(tasks.process_photo, "apply_async", down)
            with pytest.raises(ConnectionError):
                tasks.enqueue_photo(photo.pk)
        tasks.reconcile_photos()
        assert sent == [photo.pk]

    def test_settled_photos_are_left_alone(self, sent):
        photo = self.waiting(40)
        photo_process(photo_id=photo.pk)
        tasks.reconcile_photos()
        assert sent == []

    def test_a_photo_that_always_fails_is_given_up_for_a_while(self):
        photo = self.waiting(40)
        default_storage.delete(original_key(photo.sha256))
        for _ in range(tasks.ATTEMPTS):
            with pytest.raises(FileNotFoundError):
                tasks.process_photo(photo.pk)
        tasks.process_photo(photo.pk)  # nothing is raised: nothing is tried
        assert Photo.objects.get(pk=photo.pk).status == "received"

    def test_a_photo_that_is_gone_is_no_error(self):
        tasks.process_photo(0)
