"""The real processes: they come up, do work for each other, and load what they should."""

from __future__ import annotations

import urllib.request

import pytest

from tests.support.stack import Stack

pytestmark = pytest.mark.slow


def _mapped_files(stack: Stack, name: str) -> str:
    return "\n".join(mapping.path for process in stack.tree(name) for mapping in process.memory_maps())


@pytest.mark.django_db(transaction=True)
def test_web_and_default_worker_hold_no_tensorflow(stack: Stack) -> None:
    """GIVEN the web process and the default worker, WHEN they have worked, THEN no network library is in memory."""
    stack.start("web", "default")
    with urllib.request.urlopen(f"{stack.url}/api/schema") as answer:
        assert answer.status == 200
    for name in ("web", "default"):
        mapped = _mapped_files(stack, name)
        assert "site-packages" in mapped, "the check sees nothing: compiled packages must be among the mapped files"
        for library in ("tensorflow", "h5py", "sklearn"):
            assert f"/{library}/" not in mapped, f"{name} has loaded {library}"
