"""A season at the whole program: photos come week by week, four experts label, the model is trained again and again.

    python -m benchmarks.study_season [--quick] [--weights FOLDER]

Web, workers, beat, PostgreSQL and Redis are real processes in ``var/bench``; all that people do goes over the HTTP API
(``season_world``). An adjudicator declares the stages of the held-out plants' photos as they come, and the learning
curve is what the program would suggest for all of those so far. The first training starts by its rule, later ones by an
admin, one of them with a single epoch: the gate must keep that one out. Then the admin goes back to the former version
and the study looks whether queue and predictions come back. In the end, what the program's choice of photos was worth:
the same light head on the true stages of as many photos, asked for or drawn at random from what was there.

Prints each week; writes ``benchmarks/results/season.json``; ``python -m docs.season_figures`` makes the page of it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import numpy as np

from benchmarks.figures import Figure, machine, text_table, write_results
from benchmarks.place import SLUG, Place, connect, place_open
from tests.support.waiting import wait_until

EACH_WEEK = 12
"""Decisions of each expert."""
RANDOM_SEEDS = 10
PATIENCE = 900.0
UNTRAINED = {"members": ["scratch_cnn"], "epochs": 1}
"""How an admin sets a training up wrongly; the others go by the defaults."""


PLAN = ("train", "train badly", "train", "roll back", "train")
"""What the admin does, a thing a week, once there is a model."""
MOST_WEEKS_AFTER = 6
"""Weeks without new photos, in which the experts catch up and the plan is carried out to its end."""


@dataclass
class Found:
    """What came of it, as it will be written."""

    weeks: list[dict[str, Any]] = field(default_factory=list)
    trainings: list[dict[str, Any]] = field(default_factory=list)
    rollback: dict[str, Any] = field(default_factory=dict)


def main() -> None:
    """Play the season, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer plants and visits")
    parser.add_argument("--weights", default="", help="folder with pretrained weights; none leaves that member out")
    arguments = parser.parse_args()
    place = place_open()
    about = machine()
    try:
        plants, every = (4, 4) if arguments.quick else (8, 3)
        study = Study(place, plants_per_site=plants, every=every, weights=arguments.weights)
        study.play()
        figures = study.figures()
        print(text_table(figures))
        found = study.found
        extra = {
            "weeks": found.weeks,
            "trainings": found.trainings,
            "rollback": found.rollback,
            "experts": study.experts(),
            "choice": study.choice_against_random(),
        }
        path = write_results("season", figures, about, mode="quick" if arguments.quick else "full", extra=extra)
        print(f"written to {path}")
    finally:
        place.close()


class Study:
    """One season on one database."""

    def __init__(self, place: Place, *, plants_per_site: int, every: int, weights: str) -> None:
        from benchmarks.season_world import Season, season_begin, season_weeks

        self.weeks = season_weeks(plants_per_site=plants_per_site, every=every)
        specs = [spec for week in self.weeks for spec in week.specs]
        url = place.fresh("season", f"season{plants_per_site}x{every}", lambda: season_begin(specs))
        self.stack = place.stack("season", url, 9)
        self.stack.extra_environment |= {"KERAS_HOME": weights}
        connect(url)
        self._empty()
        self.stack.start("web", "default", "score", "train", "beat")
        self.world = Season(self.stack)
        connect(url)
        from classifier import runtime
        from labeling.models import Project

        self.project = Project.objects.get(slug=SLUG)
        self.space = runtime.feature_space(weights).name
        self.plan, self.found = list(PLAN), Found()
        self.began = time.monotonic()

    def play(self) -> None:
        """All weeks, one after the other."""
        n_photos = sum(len(week.specs) for week in self.weeks)
        say(f"{len(self.weeks)} weeks, {n_photos} photos, {len(self.world.plants)} plants")
        for week in [*self.weeks, *weeks_after(self.weeks[-1], MOST_WEEKS_AFTER)]:
            if not week.specs and not self.plan:
                break
            came = self.world.photos_arrive(week)
            self._all_ready(came)
            self.world.gold_declare(self._held_out(came))
            self._wait(lambda: self._n_embedded() == self._n_ready(), "the photos have vectors")
            decided = self.world.experts_decide(EACH_WEEK)
            settled = self.world.disputes_settle()
            self._run_ended()
            self._admin()
            self._week_note(week, decided, settled)

    def figures(self) -> dict[str, Figure]:
        """The headline numbers."""
        from classifier.models import RunState, ScoringRun

        last, trainings = self.found.weeks[-1], self.found.trainings
        refreshes = ScoringRun.objects.filter(kind=ScoringRun.Kind.REFRESH, state=RunState.SUCCEEDED)
        states = [training["state"] for training in trainings]
        return {
            "photos": Figure(len(self.world.truth), "count", len(self.weeks)),
            "decisions": Figure(sum(expert.n_decided for expert in self.world.experts), "count", 1),
            "labels": Figure(last["labels"], "count", 1),
            "labels_right": Figure(last["labels_right"], "share", last["labels"]),
            "accuracy_gold": Figure(last["accuracy"], "share", last["n_gold"]),
            "trainings": Figure(len(trainings), "count", 1),
            "candidates_rejected": Figure(states.count("rejected"), "count", len(trainings)),
            "refreshes": Figure(refreshes.count(), "count", 1),
            "rollback_predictions_kept": Figure(
                self.found.rollback["share_unchanged"], "share", self.found.rollback["n_kept"]
            ),
        }

    def experts(self) -> list[dict[str, Any]]:
        """How often each named the true stage."""
        return [
            {"name": it.name, "decided": it.n_decided, "right": it.n_right / max(it.n_decided, 1)}
            for it in self.world.experts
        ]

    # --- the admin ------------------------------------------------------------------------------------------------

    def _admin(self) -> None:
        """Do the next thing of the plan; while there is no model, or none to go back to, train."""
        from classifier.models import ModelVersion

        if not self.found.trainings or not self.plan:
            return
        has_model, has_former = (
            ModelVersion.objects.filter(project=self.project, state=state).exists() for state in ("promoted", "retired")
        )
        step = self.plan[0]
        if not has_model or (step == "roll back" and not has_former):
            step = "train"
        else:
            self.plan.pop(0)
        if step == "roll back":
            self._roll_back()
        else:
            self._train(**(UNTRAINED if step == "train badly" else {}))

    def _train(self, **asked: Any) -> None:
        self._run_ended()
        self.world.admin_posts("training-runs", asked, 201)
        self._run_ended()

    def _run_ended(self) -> None:
        """Wait for the training under way, if there is one, and note what came of those that ended."""
        from classifier.models import ACTIVE_STATES, TrainingRun

        def is_quiet() -> bool:
            return not TrainingRun.objects.filter(project=self.project, state__in=ACTIVE_STATES).exists()

        self._wait(is_quiet, "the training is over", log="train")
        for run in TrainingRun.objects.order_by("pk")[len(self.found.trainings) :]:
            self._training_note(run)

    def _training_note(self, run: Any) -> None:
        from classifier.models import ModelVersion

        version = ModelVersion.objects.filter(run=run).first()
        if version is None:
            raise AssertionError(f"a training ended without a model: {run.state} {run.error}")
        week = len(self.found.weeks) + 1
        held_out = version.evaluations.filter(subset="held_out").first()
        self.found.trainings.append({
            "week": week, "version": version.number, "trigger": run.trigger, "epochs": run.config["epochs"],
            "n_train": run.snapshot.n_train, "state": "promoted" if version.promoted_at else version.state,
            "reason": version.state_reason,
            "accuracy_gold": held_out.metrics["accuracy"] if held_out else None,
        })  # fmt: skip
        say(f"training {version.number} ({run.trigger}): {version.state}. {version.state_reason}")

    def _roll_back(self) -> None:
        """Go back to the version before; whatever it had predicted must stand again, and the queue go by it."""
        from classifier.models import ModelVersion, RunState, ScoringRun
        from classifier.selectors.predictions import prediction_matrix

        present = ModelVersion.objects.get(project=self.project, state="promoted")
        former = ModelVersion.objects.filter(project=self.project, state="retired").order_by("-number").first()
        assert former is not None, "there is no version to go back to"
        ids = sorted(self.world.truth)

        def predicted() -> np.ndarray:
            return prediction_matrix(model_version_id=former.pk, photo_ids=ids, n_stages=7)

        before = predicted()
        had = ~np.isnan(before).any(axis=1)
        last = ScoringRun.objects.order_by("-pk").values_list("pk", flat=True)[0]
        body = {"reason": "The former one was liked better."}
        self.world.admin_posts(f"model-versions/{former.pk}/promote", body, 200)
        self._wait(lambda: not np.isnan(predicted()).any(), "all photos are scored by the former version", log="score")
        refreshed = ScoringRun.objects.filter(
            pk__gt=last, kind=ScoringRun.Kind.REFRESH, state=RunState.SUCCEEDED, model_version=former
        )
        self._wait(refreshed.exists, "the queue goes by the former version", log="score")
        unchanged = np.isclose(predicted()[had], before[had], atol=1e-6).all(axis=1)
        self.found.rollback = {
            "week": len(self.found.weeks) + 1, "from": present.number, "to": former.number,
            "n_predictions": len(ids), "n_kept": int(had.sum()), "share_unchanged": float(unchanged.mean()),
            "n_scored_anew": int((~had).sum()),
        }  # fmt: skip
        say(f"rolled back: {self.found.rollback}")

    # --- what is so now -------------------------------------------------------------------------------------------

    def _week_note(self, week: Any, decided: int, settled: int) -> None:
        from classifier.models import ModelVersion, RunState, ScoringRun
        from classifier.services.simulation import Truth, held_out_metrics
        from labeling.models import Consensus, Photo

        held_out = np.asarray(self._held_out(sorted(self.world.truth)), np.int64)
        groups = dict(Photo.objects.filter(pk__in=held_out.tolist()).values_list("pk", "group_key"))
        truth = Truth(
            held_out,
            np.asarray([self.world.truth[pk] for pk in held_out], np.int64),
            np.asarray([groups[pk] for pk in held_out.tolist()], str),
        )
        metrics = held_out_metrics(project=self.project, feature_space=self.space, truth=truth, is_ordered=True)
        labels = dict(
            Consensus.objects.filter(project=self.project, outcome="stage", is_gold=False).values_list(
                "photo_id", "stage__position"
            )
        )
        right = [self.world.truth[pk] == position for pk, position in labels.items()]
        promoted = ModelVersion.objects.filter(project=self.project, state="promoted").first()
        refreshes = ScoringRun.objects.filter(kind=ScoringRun.Kind.REFRESH, state=RunState.SUCCEEDED).count()
        row = {
            "week": week.number, "begins": week.begins.date().isoformat(), "photos": len(week.specs),
            "photos_so_far": len(self.world.truth), "decided": decided, "settled": settled, "labels": len(labels),
            "labels_right": float(np.mean(right)) if right else 0.0,
            "version": promoted.number if promoted else None, "refreshes": refreshes, "n_gold": len(held_out),
            **{name: metrics[name] if metrics else None for name in ("accuracy", "accuracy_low", "accuracy_high",
                                                                     "mae", "qwk")},
        }  # fmt: skip
        self.found.weeks.append(row)
        shown = "no model yet" if metrics is None else f"accuracy {metrics['accuracy']:.1%}"
        say(
            f"week {week.number} ({row['begins']}): {row['photos']} photos, {decided} decisions, {len(labels)} labels, "
            f"{refreshes} refreshes, version {row['version']}, {shown} on {len(held_out)} gold photos "
            f"[{time.monotonic() - self.began:.0f} s]"
        )

    def choice_against_random(self) -> dict[str, Any]:
        """Accuracy on all gold photos of a head on as many true stages: of photos asked for, of photos drawn."""
        from classifier.selectors.embeddings import embedding_rows
        from labeling.models import Consensus, Photo

        asked = list(
            Consensus.objects.filter(project=self.project, outcome="stage", photo__is_held_out=False)
            .order_by("decided_at")
            .values_list("photo_id", flat=True)
        )
        pool = sorted(pk for pk in self.world.truth if pk not in set(self._held_out(sorted(self.world.truth))))
        gold = self._held_out(sorted(self.world.truth))
        groups = dict(Photo.objects.filter(project=self.project).values_list("pk", "group_key"))
        vectors = embedding_rows(
            project_id=self.project.pk, backbone=self.space, photo_ids=np.asarray([*pool, *gold], np.int64)
        )

        def rows_of(ids: list[int]) -> np.ndarray:
            return vectors.values[vectors.rows_of(np.asarray(ids, np.int64))].astype(np.float32)

        judged, stages = rows_of(gold), np.asarray([self.world.truth[pk] for pk in gold])

        def accuracy(ids: list[int], seed: int) -> float:
            return _head_accuracy(rows_of(ids), ids, self.world.truth, groups, (judged, stages), seed)

        points: list[dict[str, Any]] = []
        ends = [week["labels"] for week in self.found.weeks]
        for index in range(len(ends)):
            chosen = asked[: ends[index]]
            if len(chosen) < 30 or (points and points[-1]["labels"] == len(chosen)):
                continue
            draws = [self._drawn(pool, ends[: index + 1], seed) for seed in range(RANDOM_SEEDS)]
            points.append({
                "labels": len(chosen),
                "asked": accuracy(chosen, 0),
                "random": [accuracy(draw, seed) for seed, draw in enumerate(draws)],
            })  # fmt: skip
            mean = np.mean(points[-1]["random"])
            say(f"{len(chosen)} labels: asked {points[-1]['asked']:.1%}, at random {mean:.1%}")
        return {"seeds": RANDOM_SEEDS, "points": points}

    def _drawn(self, pool: list[int], ends: list[int], seed: int) -> list[int]:
        """Week by week as many photos as were settled that week, at random from those that had come by then."""
        rng = np.random.default_rng([seed, 41])
        drawn: list[int] = []
        for week, end in enumerate(ends, 1):
            there = [pk for pk in pool if self.world.week_of[pk] <= week and pk not in set(drawn)]
            drawn += [int(pk) for pk in rng.permutation(there)[: end - len(drawn)]]
        return drawn

    def _held_out(self, ids: list[int]) -> list[int]:
        from labeling.models import Photo

        return list(
            Photo.objects.ready().filter(pk__in=ids, is_held_out=True).order_by("pk").values_list("pk", flat=True)
        )

    def _all_ready(self, ids: list[int]) -> None:
        self._wait(lambda: self._n_ready(ids) == len(ids), "the photos of the week are ready")

    def _n_ready(self, ids: list[int] | None = None) -> int:
        from labeling.models import Photo

        photos = Photo.objects.ready().filter(project=self.project)
        return photos.count() if ids is None else photos.filter(pk__in=ids).count()

    def _n_embedded(self) -> int:
        from classifier.selectors.learning import embedded_count

        return embedded_count(project_id=self.project.pk)

    def _wait(self, condition: Callable[[], bool], what: str, log: str = "default") -> None:
        try:
            wait_until(condition, what=what, patience=PATIENCE, every=0.3)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.stack.log(log)[-4000:]}") from error

    def _empty(self) -> None:
        """Nothing of an earlier season: messages, photo files, notes of workers."""
        import shutil

        import redis

        redis.Redis.from_url(self.stack.redis_url).flushdb()
        for folder in (self.stack.media_dir, self.stack.folder / "work"):
            shutil.rmtree(folder, ignore_errors=True)


def _head_accuracy(
    X: np.ndarray,
    ids: list[int],
    truth: dict[int, int],
    groups: dict[int, str],
    judged: tuple[np.ndarray, np.ndarray],
    seed: int,
) -> float:
    from classifier.services.pool_scores import Labelled, pool_model_fit

    nothing = np.full((len(ids), 7), np.nan)
    targets = np.eye(7, dtype=np.float32)[[truth[pk] for pk in ids]]
    labelled = Labelled(X, targets, np.asarray([groups[pk] for pk in ids], str), nothing)
    model = pool_model_fit(labelled, is_ordered=True, has_ensemble=False, random_state=seed)
    assert model is not None
    probas = model.predict_proba(judged[0], np.full((len(judged[1]), 7), np.nan))
    return float((probas.argmax(axis=1) == judged[1]).mean())


def weeks_after(last: Any, count: int) -> list[Any]:
    """Weeks in which nobody photographs."""
    from benchmarks.season_world import Week

    return [Week(last.number + k, last.begins + timedelta(days=7 * k), []) for k in range(1, count + 1)]


def say(line: str) -> None:
    """Progress, at once."""
    print(line, flush=True)


if __name__ == "__main__":
    main()
