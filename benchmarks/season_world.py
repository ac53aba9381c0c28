"""The people and photos of a simulated season, at a program that runs: all they do goes over its HTTP API.

The truth is known to the world alone. The program learns what a grower's phone sends (photo, plant, date), what four
experts of different skill answer, and what an adjudicator decides and declares.
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.antesis import Antesis
from benchmarks.client import Client, Reply
from benchmarks.contenders import expect
from benchmarks.place import SLUG, connect, disconnect
from labeling.synthetic.experts import TYPICAL_ERRORS, SimulatedExpert
from labeling.synthetic.flower import render_jpeg
from labeling.synthetic.scale import TEMPLATE_KEY, stage_of
from labeling.synthetic.season import simulate_season
from labeling.synthetic.traits import PhotoSpec
from tests.support.stack import Stack

SKILLS = {"careful": 0.4, "good": 0.8, "hasty": 1.4, "careless": 2.2}
"""Experts, and their errors at each boundary as a multiple of the typical ones."""
HELD_AT_A_TIME, PAGES_IN_VAIN = 5, 5
SITES, SEED, HELD_OUT_SHARE, LABELS_WANTED = 3, 11, 0.25, 2


@dataclass(frozen=True)
class Week:
    """What the growers photograph in seven days."""

    number: int
    begins: datetime
    specs: list[PhotoSpec]


@dataclass
class Expert:
    """Somebody at the bench; ``n_right`` counts answers that name the true stage."""

    name: str
    client: Client
    mind: SimulatedExpert
    n_decided: int = 0
    n_right: int = 0
    conflicts: int = 0


def season_weeks(*, plants_per_site: int, every: int) -> list[Week]:
    """A season's photos by week, in order."""
    specs = simulate_season(n_sites=SITES, plants_per_site=plants_per_site, seed=SEED, every=every)
    begins = specs[0].taken_at.replace(hour=0, minute=0, second=0)
    weeks: list[Week] = []
    while begins <= specs[-1].taken_at:
        ends = begins + timedelta(days=7)
        here = [spec for spec in specs if begins <= spec.taken_at < ends]
        weeks.append(Week(len(weeks) + 1, begins, here))
        begins = ends
    return weeks


def season_begin(plants: Sequence[PhotoSpec]) -> None:
    """An orchard with its people, sites and plants, in the database Django is connected to; no photo yet."""
    from labeling.domain.scale_templates import TEMPLATES
    from labeling.models import Plant, Role, Site
    from labeling.services.people import member_add, user_create
    from labeling.services.projects import project_create

    stages = next(template.stages for template in TEMPLATES if template.key == TEMPLATE_KEY)
    project = project_create(
        name="Season", slug=SLUG, created_by=None, stages=stages, seed=SEED,
        held_out_share=HELD_OUT_SHARE, labels_wanted=LABELS_WANTED, batch_size=60,
    )  # fmt: skip
    roles = {**dict.fromkeys(SKILLS, Role.EXPERT), "adjudicator": Role.ADJUDICATOR, "admin": Role.ADMIN,
             "grower": Role.GROWER}  # fmt: skip
    for name, role in roles.items():
        user = user_create(email=f"{name}@bench.example", full_name=name)
        member_add(project=project, email=user.email, full_name=user.full_name, role=role)
    for spec in plants:
        site, _ = Site.objects.get_or_create(project=project, name=spec.site.name)
        Plant.objects.get_or_create(site=site, name=spec.plant.name)


@dataclass
class Season:
    """The people at the program of ``stack``; ``truth`` is photo id -> stage, ``week_of`` photo id -> week it came."""

    stack: Stack
    truth: dict[int, int] = field(default_factory=dict)
    week_of: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.program = Antesis(self.stack)
        self.path = self.program.path
        self.grower, self.adjudicator, self.admin = map(self.program.signed_in, ("grower", "adjudicator", "admin"))
        self.experts = [
            Expert(
                name,
                self.program.signed_in(name),
                SimulatedExpert(
                    [rate * times for rate in TYPICAL_ERRORS], seed, between_rate=0.03, cannot_tell_rate=0.02
                ),
            )
            for seed, (name, times) in enumerate(SKILLS.items(), 1)
        ]
        self.plants = self._plants()

    def photos_arrive(self, week: Week) -> list[int]:
        """The grower's phone sends the week's photos, each with its plant and moment; returns their ids."""
        self.grower.close()  # the server has ended what was idle for a week
        ids = []
        for spec in week.specs:
            reply = expect(self._upload(spec), 201)
            photo_id = int(reply.json["id"])
            self.truth[photo_id], self.week_of[photo_id] = stage_of(spec.age), week.number
            ids.append(photo_id)
        return ids

    def gold_declare(self, photo_ids: Sequence[int]) -> None:
        """The adjudicator names the stage of photos that are held out: what every model is judged by."""
        self.adjudicator.close()
        for photo_id in photo_ids:
            body = json.dumps({"stage": self.truth[photo_id]}).encode()
            path = f"{self.path}/photos/{photo_id}/gold"
            expect(self.adjudicator.ask("PUT", path, body, "application/json"), 204)

    def experts_decide(self, each: int) -> int:
        """All four work at once, until each has decided ``each`` photos or nothing is left; returns how many were."""
        before = sum(expert.n_decided for expert in self.experts)
        threads = [threading.Thread(target=self._work, args=(expert, each)) for expert in self.experts]
        failures: list[BaseException] = []
        threading.excepthook, hook = lambda it: failures.append(it.exc_value or SystemExit()), threading.excepthook
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        finally:
            threading.excepthook = hook
        if failures:
            raise failures[0]
        return sum(expert.n_decided for expert in self.experts) - before

    def disputes_settle(self) -> int:
        """The adjudicator, who sees well, decides what the experts differ on; returns how many."""
        self.adjudicator.close()
        settled = 0
        while rows := expect(self.adjudicator.get(f"{self.path}/adjudications"), 200).json["results"]:
            for row in rows:
                photo_id = int(row["photo_id"])
                answer = {"outcome": "stage", "stage": self.truth[photo_id]}
                expect(self.adjudicator.post(f"{self.path}/adjudications/{photo_id}/settle", answer), 204)
                settled += 1
        return settled

    def admin_posts(self, path: str, content: dict[str, Any], status: int) -> None:
        """The admin's doings, below the project's address."""
        self.admin.close()
        expect(self.admin.post(f"{self.path}/{path}", content), status)

    def _work(self, expert: Expert, wanted: int) -> None:
        expert.client.close()
        goal, in_vain = expert.n_decided + wanted, 0
        while expert.n_decided < goal:
            count = min(HELD_AT_A_TIME, goal - expert.n_decided)
            held = expect(expert.client.post(f"{self.path}/queue/reserve", {"count": count}), 200).json["items"]
            if not held:
                return
            decisions = [self._decision(expert, item) for item in held]
            reply = expect(expert.client.post(f"{self.path}/decisions", {"decisions": decisions}), 201)
            outcomes = [result["outcome"] for result in reply.json["results"]]
            expert.n_decided += outcomes.count("applied")
            expert.conflicts += len(outcomes) - outcomes.count("applied")
            # Somebody else's decision may have sent a photo to the adjudicator while it was held here.
            in_vain = 0 if "applied" in outcomes else in_vain + 1
            if in_vain == PAGES_IN_VAIN:
                raise AssertionError(f"no decision of {in_vain} pages was applied, last: {reply.json}")

    def _decision(self, expert: Expert, item: dict[str, Any]) -> dict[str, Any]:
        truth = self.truth[item["photo_id"]]
        answer = expert.mind.answer(truth)
        expert.n_right += answer.kind == "stage" and answer.position == truth
        return {
            "key": str(uuid.uuid4()),
            "photo_id": item["photo_id"],
            "reservation": item["reservation"],
            "kind": answer.kind,
            "stage": answer.position,
            "stage_upper": answer.position_upper,
            "reason": "blurred" if answer.kind == "cannot_tell" else "",
            "decided_at": datetime.now(UTC).isoformat(),
            "mode": "single",
            "is_blind": bool(item["is_blind"]),
        }

    def _upload(self, spec: PhotoSpec) -> Reply:
        edge = uuid.uuid4().hex
        fields = {
            "client_id": str(uuid.uuid4()),
            "plant": str(self.plants[spec.site.name, spec.plant.name]),
            "taken_at": spec.taken_at.isoformat(),
        }
        body = b"".join(_parts(fields, render_jpeg(spec), edge))
        return self.grower.ask("POST", f"{self.path}/photos", body, f"multipart/form-data; boundary={edge}")

    def _plants(self) -> dict[tuple[str, str], int]:
        from labeling.models import Plant

        connect(self.stack.database_url)
        found = {(plant.site.name, plant.name): plant.pk for plant in Plant.objects.select_related("site")}
        disconnect()
        return found


def _parts(fields: dict[str, str], photo: bytes, edge: str) -> Iterator[bytes]:
    for name, value in fields.items():
        yield f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    yield f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="photo.jpg"\r\n'.encode()
    yield b"Content-Type: image/jpeg\r\n\r\n" + photo + f"\r\n--{edge}--\r\n".encode()
