"""Notebooks run from top to bottom, and what is committed is what they print."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = pytest.mark.nn
ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))


def test_there_is_one():
    assert [path.name for path in NOTEBOOKS] == ["photos_to_ensemble.ipynb"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_committed_with_its_outputs(path):
    import nbformat

    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert not [output for cell in cells for output in cell.outputs if output.output_type == "error"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs_without_django(path, monkeypatch):
    """In a kernel of its own, from the root, with none of the product's settings in the environment."""
    import nbformat
    from nbclient import NotebookClient

    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
    notebook = nbformat.read(path, as_version=4)
    committed = texts(notebook)
    NotebookClient(notebook, timeout=240, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}}).execute()
    printed = texts(notebook)
    assert printed[-1] == "False False False\n", "Django or Celery was loaded"
    assert len(printed) == len(committed)
    # Digits may move with the processor; which photos there are may not.
    assert printed[0] == committed[0]
    assert "held_out" in "".join(printed)


def texts(notebook) -> list[str]:
    return [
        "".join(output.text for output in cell.outputs if output.output_type == "stream" and output.name == "stdout")
        for cell in notebook.cells
        if cell.cell_type == "code" and any(output.output_type == "stream" for output in cell.outputs)
    ]
