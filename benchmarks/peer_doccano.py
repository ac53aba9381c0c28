"""doccano as a contender: an image classification project with as many examples, shared by all its annotators."""

from __future__ import annotations

import io
import time
import zipfile

from benchmarks.client import Client, Reply
from benchmarks.contenders import Export, Task, Unexpected, expect
from benchmarks.peers import PeerProcesses, installed, source_folder
from benchmarks.place import Place
from config.settings.redis_urls import broker_url, with_database

PASSWORD = "Bench-2025-only"
REDIS_DATABASE = 60
EXPORT_SECONDS = 900

# It has no way to import images by their names alone, so rows are made by its own models.
PEOPLE = """
import django; django.setup()
from django.contrib.auth.models import User
for number in range({n_experts}):
    User.objects.create_user(f"expert{{number}}", password="{password}", is_superuser=number == 0)
"""
PROJECT = """
import django; django.setup()
from datetime import timedelta
from django.contrib.auth.models import User
from django.utils import timezone
from examples.models import Example, ExampleState
from label_types.models import CategoryType
from labels.models import Category
from projects.models import ImageClassificationProject, Member
from roles.models import Role
people = list(User.objects.order_by("id"))
project = ImageClassificationProject.objects.create(
    name="{n_tasks} examples", project_type="ImageClassification", collaborative_annotation=True,
    single_class_classification=True, created_by=people[0])
for person in people:
    Member.objects.create(project=project, user=person, role=Role.objects.get(
        name="project_admin" if person == people[0] else "annotator"))
types = [CategoryType.objects.create(project=project, text=stage) for stage in "ABCDEFG"]
done = 0
while done < {n_tasks} + {n_annotated}:
    size = min(5000, {n_tasks} + {n_annotated} - done)
    examples = Example.objects.bulk_create([
        Example(project=project, filename=f"{{done + i}}.jpg", upload_name=f"{{done + i}}.jpg") for i in range(size)])
    labelled = [example for i, example in enumerate(examples) if done + i < {n_annotated}]
    Category.objects.bulk_create([
        Category(example=example, label=types[example.pk % 7], user=people[0]) for example in labelled])
    ExampleState.objects.bulk_create([ExampleState(example=example, confirmed_by=people[0]) for example in labelled])
    done += size
from django.db import connection
connection.cursor().execute("analyze")
print(project.pk, types[0].pk)
"""


class Doccano:
    """doccano with one project; it hands out nothing, so "next" is the first example nobody has confirmed."""

    name = "doccano"

    def __init__(self, processes: PeerProcesses) -> None:
        self.processes = processes
        self.project = 0
        self.first_type = 0

    def expert(self, number: int) -> Client:
        client = Client(self.processes.url)
        expect(client.post("/v1/auth/login/", {"username": f"expert{number}", "password": PASSWORD}), 200, 204)
        return client

    def next(self, client: Client) -> tuple[Reply, list[Task]]:
        """What its annotation page asks for, with the filter its "start annotation" button sets."""
        reply = expect(client.get(f"/v1/projects/{self.project}/examples?limit=1&offset=0&confirmed=false"), 200)
        return reply, [Task(found["id"]) for found in reply.json["results"]]

    def submit(self, client: Client, task: Task) -> Reply:
        """A label and its confirmation: two requests, as by its page; the time of both."""
        path = f"/v1/projects/{self.project}/examples/{task.photo_id}"
        label = expect(client.post(f"{path}/categories", {"label": self.first_type + task.photo_id % 7}), 201)
        state = expect(client.post(f"{path}/states", {}), 201)
        return Reply(201, b"", label.first_byte, label.total + state.total)

    def first_page(self, client: Client) -> Reply:
        return client.get(f"/v1/projects/{self.project}/examples?limit=60&offset=0")

    def health(self, client: Client) -> Reply:
        return client.get("/v1/health/")

    def export(self) -> Export:
        """Ordered, waited for and fetched, as by its page, which asks once a second."""
        client = self.expert(0)
        path = f"/v1/projects/{self.project}/download"
        started = time.perf_counter()
        order = {"format": "JSONL", "exportApproved": True}
        task_id = expect(client.post(path, order), 200).json["task_id"]
        while True:
            reply = expect(client.get(f"{path}?taskId={task_id}"), 200)
            if not reply.body.startswith(b'{"status"'):
                break
            if time.perf_counter() - started > EXPORT_SECONDS:
                raise Unexpected("the export was not ready in time")
            time.sleep(0.1)
        total = time.perf_counter() - started
        client.close()
        with zipfile.ZipFile(io.BytesIO(reply.body)) as archive:
            rows = sum(archive.read(name).count(b"\n") for name in archive.namelist())
        return Export(total - reply.total + reply.first_byte, total, rows)

    def fill(self, *, n_tasks: int, n_annotated: int) -> None:
        """Make a project of this size, and use it from now on."""
        program = PROJECT.format(n_tasks=n_tasks, n_annotated=n_annotated)
        project, first_type = self.processes.run("-", program=program).split()[-2:]
        self.project, self.first_type = int(project), int(first_type)

    def stop(self) -> None:
        self.processes.stop()


def doccano_start(place: Place, *, n_experts: int) -> Doccano:
    """Start its web process and its worker on an empty database, with people who can sign in.

    Raises:
        PeerAbsent: it is not installed, or does not start.
    """
    python = installed("doccano")
    folder = place.folder / "doccano"
    (folder / "media").mkdir(parents=True, exist_ok=True)
    sockets, _ = place.address("doccano")
    environment = {
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "DATABASE_URL": f"postgres://postgres@/doccano?host={sockets}&sslmode=disable",
        "CELERY_BROKER_URL": broker_url(with_database(place.redis_url, REDIS_DATABASE)),
        "MEDIA_ROOT": str(folder / "media"),
        "SECRET_KEY": place.secret_key,
        "DEBUG": "false",
        "STANDALONE": "true",
    }
    processes = PeerProcesses("doccano", python, folder, source_folder(python, "backend"), environment)
    processes.run("manage.py", "migrate", "-v", "0")
    processes.run("manage.py", "create_roles", "-v", "0")
    processes.run("-", program=PEOPLE.format(n_experts=n_experts, password=PASSWORD))
    try:
        processes.start("-m", "celery", "--app=config", "worker", "--loglevel=warning", "--concurrency=1")
        processes.serve("config.wsgi:application", "/v1/me")
    except BaseException:
        processes.stop()
        raise
    return Doccano(processes)
