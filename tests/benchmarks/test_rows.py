from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.db.models import F

from benchmarks.rows import counts, rows_make
from labeling.models import Adjudication, Annotation, Consensus, Photo, QueueEntry, Receipt, Suggestion
from labeling.services.queue import reservations_take

pytestmark = pytest.mark.django_db


def test_rows_are_such_as_the_product_makes() -> None:
    made = rows_make(n_photos=4000, n_experts=2, batch_size=50)
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")  # the references that were not checked while inserting
    found = counts()
    assert found["photo"] == 4000
    assert 300 < found["consensus"] < 500, "about a tenth is settled"
    assert found["receipt"] == found["annotation"]
    gold = QueueEntry.objects.filter(reason="gold")
    assert found["queueentry"] - gold.count() == 50
    assert gold.exists(), "photos of known stage are among them"

    settled = Consensus.objects.values("photo")
    in_dispute = Adjudication.objects.values("photo")
    assert in_dispute.exists()
    assert not Suggestion.objects.filter(is_open=True, photo__in=settled).exists()
    assert (
        not Suggestion.objects.filter(is_open=False).exclude(photo__in=settled).exclude(photo__in=in_dispute).exists()
    )
    assert not QueueEntry.objects.exclude(reason="gold").filter(photo__in=settled).exists()
    assert not Photo.objects.filter(is_held_out=True, pk__in=settled).exists()
    assert Photo.objects.filter(is_held_out=True).exists()
    assert not Annotation.objects.exclude(photo__consensus__stage=F("stage")).exclude(photo__in=in_dispute).exists()
    assert Receipt.objects.filter(annotation__photo=F("photo")).count() == found["receipt"]
    ranks = list(QueueEntry.objects.order_by("rank").values_list("rank", flat=True))
    assert ranks == list(range(1, found["queueentry"] + 1))

    held = reservations_take(project=made.project, annotator=made.experts[0], count=5)
    assert len(held) == 5


def test_the_same_seed_gives_the_same_rows() -> None:
    assert queue_of(seed=3) == queue_of(seed=3)
    assert queue_of(seed=3) != queue_of(seed=4)


def queue_of(*, seed: int) -> list[tuple[int, str, list[float]]]:
    with transaction.atomic():
        rows_make(n_photos=500, batch_size=20, seed=seed)
        asked = QueueEntry.objects.exclude(reason="gold")  # checks are drawn anew for every batch
        queue = list(asked.order_by("rank").values_list("photo", "photo__sha256", "probabilities"))
        transaction.set_rollback(True)
    return queue
