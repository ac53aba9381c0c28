"""``make check``, ``make test``, ``make api``, ``make bench``: ``python -m config.checks check|test|drills|api|bench``.

Every step runs even when an earlier one failed, so that one run tells all that is wrong; the end says which.
"""

from __future__ import annotations

import argparse
import filecmp
import re
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from config.bootstrap import FRONTEND, NODE_REQUIREMENT, SetUpFailed, node_tools
from config.env import BASE_DIR, child_environment

SCHEMA = BASE_DIR / "schema.yaml"
TYPES = FRONTEND / "src" / "api" / "schema.d.ts"
BIN = Path(sys.executable).parent
PYTEST_CLOSING_LINE = re.compile(
    rb"=+ .*\b(passed|failed|error|errors|skipped|no tests ran|deselected)\b.* in .*s.* =+\s*$"
)


@dataclass
class Outcome:
    """What the steps so far came to."""

    failed: list[str] = field(default_factory=list)
    closing_lines: list[str] = field(default_factory=list)

    def step(self, name: str, work: Callable[[], bool]) -> None:
        """Do ``work``, which says whether it went well, and note it."""
        _say(f"--- {name}")
        started = time.monotonic()
        is_good = work()
        _say(f"    {'ok' if is_good else 'FAILED'} ({time.monotonic() - started:.1f} s)")
        if not is_good:
            self.failed.append(name)

    def close(self) -> int:
        """Say how it went; the exit status."""
        if self.failed:
            _say("Failed: " + ", ".join(self.failed))
        for line in self.closing_lines:
            _say(line)
        return 1 if self.failed else 0


def check(outcome: Outcome) -> None:
    """Formats, lints, layers, types, settings, migrations, generated files."""
    tools = {"DJANGO_SETTINGS_MODULE": "config.settings.tools"}
    outcome.step("ruff format", lambda: _runs("ruff", "format", "--check", "."))
    outcome.step("ruff check", lambda: _runs("ruff", "check", "."))
    outcome.step("layers", lambda: _runs("lint-imports", "--no-cache"))
    outcome.step("mypy", lambda: _runs("mypy"))
    outcome.step("migrations are complete", lambda: _manage("makemigrations", "--check", "--dry-run", extra=tools))
    outcome.step("settings of production", _production_settings_hold)
    outcome.step("schema.yaml and schema.d.ts are what the code says", _generated_files_hold)
    outcome.step("front end: lint", lambda: _npm("run", "lint", "--silent"))
    outcome.step("front end: types", lambda: _npm("run", "typecheck", "--silent"))
    outcome.step("front end: sizes", lambda: _npm("run", "budget", "--silent"))


def test(outcome: Outcome) -> None:
    """Everything that has a test; one by one what kills processes or drives a browser.

    These two mostly wait for processes to start and for pages to settle, so they run beside each other, each with a
    database server, a broker and a folder of its own: a test may kill what is its own only. What does both is with
    the faults, the shorter of the two.
    """
    unit = PytestGroup("unit and integration", ("-n", "2", "-m", "not faults and not e2e"))
    outcome.step(f"pytest: {unit.name}", lambda: unit.run(outcome.closing_lines))
    outcome.step("vitest", lambda: _npm("run", "test", "--silent"))
    faults = PytestGroup("faults", ("-m", "faults and not drill"), var_dir="var/test-faults")
    faults.start()
    browser = PytestGroup("browser", ("-m", "e2e and not faults"), var_dir="var/test-browser")
    outcome.step(f"pytest: {browser.name}", lambda: browser.run(outcome.closing_lines))
    outcome.step(f"pytest: {faults.name}", lambda: faults.finish(outcome.closing_lines))


@dataclass
class PytestGroup:
    """Tests that one pytest process runs, in a place of their own where ``var_dir`` says so."""

    name: str
    options: Sequence[str]
    var_dir: str = ""
    process: subprocess.Popen[bytes] | None = None
    output: IO[bytes] | None = None

    def start(self) -> None:
        """Run them in the background; what they print waits for :meth:`finish`."""
        self.output = tempfile.TemporaryFile()  # noqa: SIM115 - it outlives this call
        self.process = self._begun(self.output)

    def finish(self, closing_lines: list[str]) -> bool:
        """Wait for their end and print what they printed; whether all passed."""
        assert self.process is not None
        assert self.output is not None
        self.process.wait()
        self.output.seek(0)
        with self.output:
            self._pass_on(self.output, closing_lines)
        return self.process.returncode == 0

    def run(self, closing_lines: list[str]) -> bool:
        """Run them and print as they go; whether all passed."""
        with self._begun(subprocess.PIPE) as process:
            self._pass_on(process.stdout or (), closing_lines)
        return process.returncode == 0

    def _begun(self, stdout: IO[bytes] | int) -> subprocess.Popen[bytes]:
        words = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *self.options]
        environment = child_environment({"ANTESIS_VAR": str(BASE_DIR / self.var_dir)} if self.var_dir else None)
        return subprocess.Popen(words, cwd=BASE_DIR, stdout=stdout, stderr=subprocess.STDOUT, env=environment)

    def _pass_on(self, lines: Iterable[bytes], closing_lines: list[str]) -> None:
        last = b""
        for line in lines:
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
            if PYTEST_CLOSING_LINE.match(line):
                last = line
        closing_lines.append(
            last.decode(errors="replace").strip() or f"pytest {' '.join(self.options)} ended without a closing line"
        )


def drills(outcome: Outcome) -> None:
    """Fault tests that take too long for every run; some need root, for a small disk of their own."""
    group = PytestGroup("drills", ("-m", "drill"), var_dir="var/test-faults")
    outcome.step(f"pytest: {group.name}", lambda: group.run(outcome.closing_lines))


def api(outcome: Outcome) -> None:
    """Write the API's schema and the front end's types from the code."""
    outcome.step("schema.yaml", lambda: _write_schema(SCHEMA))
    outcome.step("schema.d.ts", lambda: _write_types(SCHEMA, TYPES))


def bench(outcome: Outcome, *, is_quick: bool) -> None:
    """Every benchmark, one after the other."""
    for script in sorted((BASE_DIR / "benchmarks").glob("bench_*.py")):
        words = [sys.executable, "-m", f"benchmarks.{script.stem}", *(["--quick"] if is_quick else [])]
        outcome.step(script.stem, lambda w=words: _command(w))  # type: ignore[misc]


def _production_settings_hold() -> bool:
    """``check --deploy`` with an environment made up for it; a warning counts as a fault."""
    with tempfile.TemporaryDirectory() as folder:
        return _production_settings_hold_in(Path(folder) / "var")


def _production_settings_hold_in(var_dir: Path) -> bool:
    complete = {
        "DJANGO_SETTINGS_MODULE": "config.settings.prod",
        "ANTESIS_VAR": str(var_dir),
        "SECRET_KEY": secrets.token_urlsafe(60),
        "ALLOWED_HOSTS": "antesis.example.org",
        "PUBLIC_ORIGIN": "https://antesis.example.org",
        "DATABASE_URL": "postgresql://antesis@127.0.0.1:9/antesis",
        "REDIS_URL": "redis://127.0.0.1:9/0",
        "DEMO": "",
    }
    return _manage("check", "--deploy", "--fail-level", "WARNING", extra=complete)


def _generated_files_hold() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        schema, types = Path(folder) / "schema.yaml", Path(folder) / "schema.d.ts"
        if not (_write_schema(schema) and _write_types(schema, types)):
            return False
        same = [_same(schema, SCHEMA), _same(types, TYPES)]
    return all(same)


def _same(made: Path, kept: Path) -> bool:
    if kept.exists() and filecmp.cmp(made, kept, shallow=False):
        return True
    _say(f"    {kept.relative_to(BASE_DIR)} is not what the code says: run `make api` and commit it.")
    if kept.exists():
        subprocess.run(["/usr/bin/diff", "-u", str(kept), str(made)], check=False)
    return False


def _write_schema(target: Path) -> bool:
    return _manage(
        "spectacular",
        "--validate",
        "--fail-on-warn",
        "--file",
        str(target),
        extra={"DJANGO_SETTINGS_MODULE": "config.settings.tools"},
    )


def _write_types(schema: Path, target: Path) -> bool:
    # Run in place of the source, so that neither file's path gets into the result.
    return _npm("exec", "--offline", "--", "openapi-typescript", str(schema), "-o", str(target))


def _manage(*arguments: str, extra: dict[str, str]) -> bool:
    return _command([sys.executable, str(BASE_DIR / "manage.py"), *arguments], extra=extra)


def _runs(program: str, *arguments: str) -> bool:
    return _command([str(BIN / program), *arguments])


def _npm(*arguments: str) -> bool:
    try:
        command, environment = node_tools()
    except SetUpFailed as failure:
        _say(f"{failure} (see {NODE_REQUIREMENT})")
        return False
    return subprocess.run([*command, *arguments], check=False, cwd=FRONTEND, env=environment).returncode == 0


def _command(words: Sequence[str], *, extra: dict[str, str] | None = None) -> bool:
    return subprocess.run(words, check=False, cwd=BASE_DIR, env=child_environment(extra)).returncode == 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """Do what the command line names."""
    parser = argparse.ArgumentParser(description="Checks, tests, generated files, benchmarks.")
    parser.add_argument("what", choices=("check", "test", "drills", "api", "bench"))
    parser.add_argument("--quick", action="store_true", help="benchmarks in their short form")
    arguments = parser.parse_args()
    outcome = Outcome()
    if arguments.what == "bench":
        bench(outcome, is_quick=arguments.quick)
    else:
        {"check": check, "test": test, "drills": drills, "api": api}[arguments.what](outcome)
    return outcome.close()


if __name__ == "__main__":
    sys.exit(main())
