from __future__ import annotations

from pathlib import Path

from benchmarks.kept_lines import KeptLines, settings_of


def test_what_was_measured_is_not_measured_again(tmp_path: Path) -> None:
    path, made = tmp_path / "folder" / "kept.jsonl", []

    def measure() -> dict[str, int]:
        made.append(1)
        return {"value": len(made)}

    assert KeptLines(path, "a").made(("margin", 0), measure) == {"value": 1}
    again = KeptLines(path, "a")
    assert again.made(("margin", 0), measure) == {"value": 1}
    assert again.made(("margin", 1), measure) == {"value": 2}
    assert KeptLines(path, "b").get(("margin", 0)) is None, "other code or photos"


def test_a_line_cut_short_is_passed_over_and_the_next_stands_alone(tmp_path: Path) -> None:
    path = tmp_path / "kept.jsonl"
    KeptLines(path, "a").made(("margin", 0), lambda: {"value": 1})
    KeptLines(path, "a").made(("margin", 1), lambda: {"value": 2})
    path.write_bytes(path.read_bytes()[:-9])

    KeptLines(path, "a").made(("margin", 2), lambda: {"value": 3})

    kept = KeptLines(path, "a")
    assert [kept.get(("margin", seed)) for seed in range(3)] == [{"value": 1}, None, {"value": 3}]


def test_settings_change_with_the_code(tmp_path: Path) -> None:
    source = tmp_path / "source.py"
    source.write_text("a = 1\n")
    before = settings_of("photos", sources={"source": tmp_path})
    assert before == settings_of("photos", sources={"source": tmp_path})
    assert before != settings_of("others", sources={"source": tmp_path})
    source.write_text("a = 2\n")
    assert before != settings_of("photos", sources={"source": tmp_path})
