"""Label Studio as a contender: an image classification project with as many tasks, in its default settings."""

from __future__ import annotations

import re
from typing import Any

from benchmarks.client import Client, Reply
from benchmarks.contenders import Export, Task, Unexpected, expect
from benchmarks.peers import PeerProcesses, installed, source_folder
from benchmarks.place import Place

STAGES = tuple("ABCDEFG")
CONFIG = (
    '<View><Image name="image" value="$image"/><Choices name="stage" toName="image">'
    + "".join(f'<Choice value="{stage}"/>' for stage in STAGES)
    + "</Choices></View>"
)
PASSWORD = "Bench-2025-only"
CHUNK = 2500


class LabelStudio:
    """Label Studio with one project; ``n_annotated`` tasks are labelled already, for the export."""

    name = "label_studio"

    def __init__(self, processes: PeerProcesses) -> None:
        self.processes = processes
        self.project = 0

    def expert(self, number: int) -> Client:
        client = Client(self.processes.url)
        expect(client.get("/user/login/"), 200)
        fields = {"email": _email(number), "password": PASSWORD, "csrfmiddlewaretoken": client.cookies["csrftoken"]}
        expect(client.post_form("/user/login/", fields), 302)
        return client

    def next(self, client: Client) -> tuple[Reply, list[Task]]:
        reply = client.get(f"/api/projects/{self.project}/next")
        if reply.status == 404:
            return reply, []
        return reply, [Task(expect(reply, 200).json["id"])]

    def submit(self, client: Client, task: Task) -> Reply:
        answer = {"result": [_result(task.photo_id)], "lead_time": 1.5}
        return expect(client.post(f"/api/tasks/{task.photo_id}/annotations?project={self.project}", answer), 201)

    def first_page(self, client: Client) -> Reply:
        """What its data manager asks for when a project is opened."""
        return client.get(f"/api/tasks?page=1&page_size=60&view={self._view(client)}&project={self.project}")

    def health(self, client: Client) -> Reply:
        return client.get("/health")

    def export(self) -> Export:
        client = self.expert(0)
        reply = expect(client.get(f"/api/projects/{self.project}/export?exportType=JSON_MIN"), 200)
        client.close()
        return Export(reply.first_byte, reply.total, len(reply.json))

    def fill(self, *, n_tasks: int, n_annotated: int) -> None:
        """Make a project of this size by its own import, and use it from now on."""
        client = self.expert(0)
        wanted = {"title": f"{n_tasks} tasks", "label_config": CONFIG, "maximum_annotations": 1}
        self.project = expect(client.post("/api/projects", wanted), 201).json["id"]
        tasks: list[dict[str, Any]] = [
            {"data": {"image": f"/data/{number}.jpg"}}
            | ({"annotations": [{"result": [_result(number)]}]} if number < n_annotated else {})
            for number in range(n_tasks + n_annotated)
        ]
        for start in range(0, len(tasks), CHUNK):
            expect(client.post(f"/api/projects/{self.project}/import", tasks[start : start + CHUNK]), 201)
        client.close()

    def stop(self) -> None:
        self.processes.stop()

    def _view(self, client: Client) -> int:
        views = expect(client.get(f"/api/dm/views?project={self.project}"), 200).json
        if not views:
            made = client.post("/api/dm/views", {"project": self.project, "data": {"title": "Default"}})
            views = [expect(made, 201).json]
        return int(views[0]["id"])


def label_studio_start(place: Place, *, n_experts: int) -> LabelStudio:
    """Start it on an empty database, with people who can sign in.

    Raises:
        PeerAbsent: it is not installed, or does not start.
    """
    python = installed("label-studio")
    folder = place.folder / "label-studio"
    (folder / "data").mkdir(parents=True, exist_ok=True)
    sockets, _ = place.address("label_studio")
    environment = {
        "DJANGO_SETTINGS_MODULE": "core.settings.label_studio",
        "DJANGO_DB": "default",
        "POSTGRE_HOST": sockets,
        "POSTGRE_PORT": "5432",
        "POSTGRE_NAME": "label_studio",
        "POSTGRE_USER": "postgres",
        # Its indexes for searching texts need extensions that the embedded server lacks; nothing here searches.
        "SKIP_TRIGRAM_EXTENSION": "full",
        "SKIP_BTREE_GIN_EXTENSION": "full",
        "BASE_DATA_DIR": str(folder / "data"),
        "LABEL_STUDIO_BASE_DATA_DIR": str(folder / "data"),
        "DEBUG": "false",
        "COLLECT_ANALYTICS": "false",
        "LATEST_VERSION_CHECK": "false",
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
    }
    processes = PeerProcesses("label-studio", python, folder, source_folder(python, "label_studio"), environment)
    processes.run("manage.py", "migrate", "--no-color", "-v", "0")
    try:
        processes.serve("core.wsgi:application", "/health")
        for number in range(n_experts):
            _sign_up(processes.url, number)
    except BaseException:
        processes.stop()
        raise
    return LabelStudio(processes)


def _sign_up(url: str, number: int) -> None:
    client = Client(url)
    page = expect(client.get("/user/signup/"), 200)
    if not re.search(rb"csrfmiddlewaretoken", page.body):
        raise Unexpected("the sign-up page of Label Studio is not what it was")
    fields = {
        "email": _email(number), "password": PASSWORD, "allow_newsletters": "false", "how_find_us": "",
        "csrfmiddlewaretoken": client.cookies["csrftoken"],
    }  # fmt: skip
    expect(client.post_form("/user/signup/", fields), 302)
    client.close()


def _email(number: int) -> str:
    return f"expert{number}@bench.example"


def _result(number: int) -> dict[str, Any]:
    choice = STAGES[number % len(STAGES)]
    return {"from_name": "stage", "to_name": "image", "type": "choices", "value": {"choices": [choice]}}
