"""Set-up does each step once, again when what it was made from changes, and says what is missing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from config import bootstrap
from config.bootstrap import SetUpFailed


class Place:
    """A checkout whose installers only note that they were called."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.calls: list[tuple[str, ...]] = []
        for name in ("requirements.txt", "requirements-dev.txt", "frontend/package.json", "frontend/package-lock.json"):
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).write_text(name)
        (root / "frontend" / "src").mkdir()
        (root / "frontend" / "src" / "main.tsx").write_text("1")
        (root / ".venv").mkdir()
        monkeypatch.setattr(bootstrap, "BASE_DIR", root)
        monkeypatch.setattr(bootstrap, "VENV", root / ".venv")
        monkeypatch.setattr(bootstrap, "STAMPS", root / ".venv" / "stamps")
        monkeypatch.setattr(bootstrap, "FRONTEND", root / "frontend")
        monkeypatch.setattr(bootstrap, "PYTHON", Path(sys.executable))
        monkeypatch.setattr(bootstrap, "_pip", lambda *words: self.calls.append(("pip", *words)))
        monkeypatch.setattr(bootstrap, "npm", self._npm)

    def _npm(self, *words: str) -> None:
        self.calls.append(("npm", words[0]))
        made = {"ci": "frontend/node_modules/x", "run": "frontend/dist/index.html"}[words[0]]
        (self.root / made).parent.mkdir(exist_ok=True)
        (self.root / made).write_text("")

    def done(self) -> list[tuple[str, ...]]:
        """What was called since the last question."""
        calls, self.calls = self.calls, []
        return calls


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    return Place(tmp_path, monkeypatch)


def test_packages_are_installed_once_and_when_a_pin_changes(place: Place) -> None:
    bootstrap.ensure_packages("requirements.txt")
    assert place.done() == [("pip", "-r", "requirements.txt")]
    bootstrap.ensure_packages("requirements.txt")
    assert place.done() == []
    (place.root / "requirements.txt").write_text("django==6")
    bootstrap.ensure_packages("requirements.txt")
    assert place.done() == [("pip", "-r", "requirements.txt")]


def test_what_development_needs_includes_what_running_needs(place: Place) -> None:
    bootstrap.ensure_packages("requirements-dev.txt")
    assert place.done() == [("pip", "-r", "requirements-dev.txt")]
    bootstrap.ensure_packages("requirements.txt")
    assert place.done() == []
    (place.root / "requirements.txt").write_text("django==6")
    bootstrap.ensure_packages("requirements-dev.txt")
    assert place.done() == [("pip", "-r", "requirements-dev.txt")]


def test_a_failed_installation_is_not_taken_for_done(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*words: str) -> None:
        raise SetUpFailed("no network")

    with monkeypatch.context() as patch:
        patch.setattr(bootstrap, "_pip", fail)
        with pytest.raises(SetUpFailed):
            bootstrap.ensure_packages("requirements.txt")
    bootstrap.ensure_packages("requirements.txt")
    assert place.done() == [("pip", "-r", "requirements.txt")]


def test_pages_are_built_again_when_a_source_changes_or_the_build_is_gone(place: Place) -> None:
    def build() -> list[tuple[str, ...]]:
        bootstrap.ensure_front_end_packages()
        bootstrap.ensure_front_end()
        return place.done()

    assert build() == [("npm", "ci"), ("npm", "run")]
    assert build() == []
    (place.root / "frontend" / "src" / "new.tsx").write_text("2")
    assert build() == [("npm", "run")]
    (place.root / "frontend" / "dist" / "index.html").unlink()
    assert build() == [("npm", "run")]
    (place.root / "frontend" / "package-lock.json").write_text("changed")
    assert build() == [("npm", "ci"), ("npm", "run")]


@pytest.mark.parametrize(("version", "is_good"), [((3, 10), False), ((3, 11), True), ((3, 13), True), ((3, 14), False)])
def test_the_python_is_checked(monkeypatch: pytest.MonkeyPatch, version: tuple[int, int], *, is_good: bool) -> None:
    monkeypatch.setattr(sys, "version_info", (*version, 1, "final", 0))
    if is_good:
        bootstrap.check_python()
        return
    with pytest.raises(SetUpFailed, match=rf"this is 3\.{version[1]}.*PYTHON="):
        bootstrap.check_python()


@pytest.mark.parametrize(
    ("said", "is_recent"), [("v20.18.9", False), ("v20.19.0", True), ("v24.1.0", True), ("", False), ("v9.99.0", False)]
)
def test_an_old_node_is_passed_over(tmp_path: Path, said: str, *, is_recent: bool) -> None:
    node = tmp_path / "node"
    node.write_text(f"#!/bin/sh\necho '{said}'\n")
    node.chmod(0o755)
    assert bootstrap._node_is_recent(str(node)) is is_recent


def test_without_node_there_is_none(tmp_path: Path) -> None:
    assert not bootstrap._node_is_recent(None)
