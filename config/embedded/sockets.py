"""Socket addresses that are short and private, and pid files that are not believed blindly."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
from pathlib import Path

import psutil

from config.embedded.errors import ServiceUnavailable

# sun_path holds 108 bytes on Linux and 104 on macOS, the final zero included.
LONGEST_SOCKET_PATH = 103


def socket_folder(home: Path, socket_name: str, *, owner: int | None = None) -> Path:
    """A folder for ``socket_name`` that only its owner may enter: ``home``, or a short one when ``home`` is too long.

    The short one lies in the shared temporary folder under a name derived from ``home``. Anybody could have made it
    first to listen in, so it is used only if it is a real folder of ours that nobody else may enter. ``owner`` is the
    user the service runs as, when that is not the present one (only root can hand the folder over).
    """
    if len(os.fsencode(home / socket_name)) <= LONGEST_SOCKET_PATH:
        return home
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    short = Path(tempfile.gettempdir()) / f"antesis-{os.geteuid()}-{digest}"
    short.mkdir(mode=0o700, exist_ok=True)
    state = short.lstat()
    if owner is not None and state.st_uid == os.geteuid():
        os.chown(short, owner, -1, follow_symlinks=False)
    is_private = stat.S_ISDIR(state.st_mode) and stat.S_IMODE(state.st_mode) & 0o077 == 0
    if not is_private or state.st_uid not in {os.geteuid(), owner}:
        raise ServiceUnavailable(
            f"{short} belongs to somebody else. Remove it, or set ANTESIS_VAR to a shorter folder."
        )
    return short


def socket_folder_remove(folder: Path, home: Path) -> None:
    """Remove the short folder made in place of ``home``, if it was, and is empty."""
    if folder != home:
        with contextlib.suppress(OSError):
            folder.rmdir()


def process_named(pid: int, *names: str) -> psutil.Process | None:
    """The live process ``pid`` if its program is one of ``names``: pid files outlive processes, and pids recur."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE or process.name() not in names:
            return None
    except psutil.Error:
        return None
    return process


def read_pid(path: Path) -> int | None:
    """The number in the first line of a pid file; None when there is no such file or number."""
    try:
        return int(path.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None
