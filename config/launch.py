"""``make run``: services, migrations, first admin, then every process of the Procfile in one terminal.

Run as ``python -m config.launch``. Everything it starts carries ``ANTESIS_LAUNCH=<var folder>`` in its environment;
that is how the next run recognises what a killed one left behind, without pid files that lie.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import psutil
from honcho.environ import parse_procfile
from honcho.manager import Manager
from honcho.printer import Printer

from config.env import BASE_DIR, Environment, child_environment, default_settings, read_environment, set_defaults
from config.services import ServiceUnavailable, ensure_postgres, ensure_redis, services_leave

MARK = "ANTESIS_LAUNCH"
WATCH_SECONDS = 2.0


def main() -> int:
    """Run until Ctrl-C, or until a part ends for good; 0 when it was asked to stop."""
    environment = read_environment()
    environment.var_dir.mkdir(parents=True, exist_ok=True)
    # A closed terminal is a wish to stop, like Ctrl-C.
    signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with _only_launch(environment.var_dir):
            _clear_leftovers(environment.var_dir)
            _check_port(environment)
            return _serve(environment)
    except KeyboardInterrupt:
        _say("Stopped.")
        return 0
    finally:
        services_leave(environment.var_dir)


def _serve(environment: Environment) -> int:
    services = _services_start(environment)
    link = _prepare_database(environment, services)
    children = child_environment(
        {
            **services,
            MARK: str(environment.var_dir),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{child_environment()['PATH']}",
            "PORT": str(environment.port),
            "BIND": environment.bind,
            "PYTHONUNBUFFERED": "1",
        }
    )
    manager = Manager(Printer(sys.stdout, time_format=""))  # the lines tell the time themselves
    for name, command in parse_procfile((BASE_DIR / "Procfile").read_text()).processes.items():
        # Without exec a shell would stay in between, and be what gets signalled.
        manager.add_process(name, f"exec {command}", env=children, cwd=str(BASE_DIR))
    done = threading.Event()
    threads = [
        threading.Thread(target=_announce, args=(environment, link, children, done), daemon=True),
        threading.Thread(target=_watch_services, args=(environment, done), daemon=True),
    ]
    for thread in threads:
        thread.start()
    try:
        manager.loop()
    finally:
        done.set()
        for thread in threads:
            thread.join(timeout=10)
    asked_to_stop = manager.returncode in {0, 128 + signal.SIGINT, 128 + signal.SIGTERM}
    return 0 if asked_to_stop else int(manager.returncode or 1)


def _services_start(environment: Environment) -> dict[str, str]:
    """The addresses of database and broker; embedded ones are started where the environment names none."""
    started = time.monotonic()
    urls = {
        "DATABASE_URL": environment.database_url
        or ensure_postgres(environment.var_dir, is_durable=environment.is_embedded_durable),
        "REDIS_URL": environment.redis_url or ensure_redis(environment.var_dir),
    }
    _say(f"Database and broker are ready ({time.monotonic() - started:.1f} s).")
    return urls


def _prepare_database(environment: Environment, services: dict[str, str]) -> str:
    """Migrate; return the address at which the first admin is set up, or nothing when there is one."""
    set_defaults(**services)
    default_settings()
    import django
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.db import connections

    django.setup()
    call_command("migrate", verbosity=0)
    _say("The tables are up to date.")
    link = ""
    if not get_user_model().objects.filter(is_staff=True, is_active=True).exists():
        from labeling.services.people import first_admin_link_create

        link = f"{origin(environment)}/welcome/{first_admin_link_create()}"
    connections.close_all()
    return link


def origin(environment: Environment) -> str:
    """The address people open."""
    host = "127.0.0.1" if environment.bind in {"0.0.0.0", "::"} else environment.bind  # noqa: S104 - compared, not bound
    return environment.public_origin or f"http://{host}:{environment.port}"


def _announce(environment: Environment, link: str, children: dict[str, str], done: threading.Event) -> None:
    """When the pages answer, say where; then fill the demo, if there is to be one."""
    health = f"http://127.0.0.1:{environment.port}/healthz"
    while not _is_answered(health):
        if done.wait(0.3):
            return
    lines = [f"Antesis is at {origin(environment)}", "Ctrl-C stops it."]
    if link and not environment.is_demo:
        lines += ["", "There is no administrator yet. This link makes the first one, once, within a day:", f"  {link}"]
    _say("\n".join(["", "=" * 78, *(f"  {line}".rstrip() for line in lines), "=" * 78, ""]))
    if environment.is_demo:
        _fill_demo(children, done)


def _fill_demo(children: dict[str, str], done: threading.Event) -> None:
    command = [sys.executable, str(BASE_DIR / "manage.py"), "demo_seed"]
    with subprocess.Popen(command, env=children, cwd=BASE_DIR) as seed:
        while seed.poll() is None:
            if done.wait(0.3):
                seed.terminate()
    if seed.returncode and not done.is_set():
        _say(f"The demo could not be filled: {shlex.join(command)} ended with status {seed.returncode}.")


def _watch_services(environment: Environment, done: threading.Event) -> None:
    """Bring an embedded service back that was killed; the processes reconnect by themselves."""
    while not done.wait(WATCH_SECONDS):
        try:
            if not environment.database_url:
                ensure_postgres(environment.var_dir, is_durable=environment.is_embedded_durable)
            if not environment.redis_url:
                ensure_redis(environment.var_dir)
        except ServiceUnavailable as error:
            _say(f"{error}\nTrying again.")


def _is_answered(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own http address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@contextlib.contextmanager
def _only_launch(var_dir: Path) -> Iterator[IO[str]]:
    """Hold the launch lock, which says who holds it.

    Raises:
        SystemExit: another one runs on the same folder.
    """
    with (var_dir / "launch.lock").open("a+") as lock:
        try:
            # Of the two kinds of lock the one that forks do not share: honcho forks a process per program, and those
            # would hold the lock for as long as a killed launch's programs live.
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            raise SystemExit(
                f"Antesis already runs on {var_dir} (process {lock.read().strip() or 'unknown'}). Stop that one first, "
                "or set ANTESIS_VAR and PORT to run a second one beside it."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield lock


def leftovers(var_dir: Path) -> list[psutil.Process]:
    """Processes that an earlier run on ``var_dir`` started and that still live."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.pid != os.getpid() and process.environ().get(MARK) == str(var_dir):
                found.append(process)
    return found


def _clear_leftovers(var_dir: Path) -> None:
    remaining = leftovers(var_dir)
    if not remaining:
        return
    _say(f"Stopping {len(remaining)} processes that a killed run left behind.")
    for process in remaining:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    _, stubborn = psutil.wait_procs(remaining, timeout=10)
    for process in [*stubborn, *leftovers(var_dir)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def _check_port(environment: Environment) -> None:
    family = socket.AF_INET6 if ":" in environment.bind else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((environment.bind, environment.port))
        except OSError as error:
            raise SystemExit(
                f"Port {environment.port} of {environment.bind} cannot be used ({error.strerror}). "
                f"Stop the program that has it, or choose another port: make run PORT={environment.port + 1}"
            ) from None


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
