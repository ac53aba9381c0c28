"""As whom PostgreSQL runs: it refuses to run as root, so root starts it as an ordinary system user."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from config.embedded.errors import ServiceUnavailable


@dataclass(frozen=True)
class Identity:
    """A user to run a program as; ``None`` everywhere means "as myself"."""

    uid: int | None = None
    gid: int | None = None
    is_walled_off: bool = False

    def run(self, command: Sequence[str | Path], *, timeout: float) -> subprocess.CompletedProcess[str]:
        """Run ``command`` to its end and return its outcome with output; never raises for a failing command."""
        words = [str(word) for word in command]
        common = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        if self.uid is None:
            return subprocess.run(words, check=False, timeout=timeout, cwd="/", **common)  # type: ignore[call-overload]
        if self.is_walled_off:
            # The checkout lies in a folder others may not enter (/root, say). Rather than open that folder to
            # everybody, this one process keeps root's right to pass through closed doors.
            words = [
                "setpriv",
                f"--reuid={self.uid}",
                f"--regid={self.gid}",
                "--clear-groups",
                "--inh-caps=+dac_override",
                "--ambient-caps=+dac_override",
                "--",
                *words,
            ]
            return subprocess.run(words, check=False, timeout=timeout, cwd="/", **common)  # type: ignore[call-overload]
        return subprocess.run(  # type: ignore[call-overload]
            words, check=False, timeout=timeout, cwd="/", user=self.uid, group=self.gid, extra_groups=[], **common
        )

    def own(self, folder: Path) -> None:
        """Give ``folder`` (not what is in it) to this user."""
        if self.uid is not None:
            os.chown(folder, self.uid, self.gid if self.gid is not None else -1)


def service_identity(data: Path, programs: Path) -> Identity:
    """As whom to run a server that keeps ``data`` and whose programs lie in ``programs``.

    Raises:
        ServiceUnavailable: for root in a place that no other user can reach.
    """
    if os.geteuid() != 0:
        return Identity()
    user = _user_of(data)
    is_walled_off = not (_all_may_enter(data.parent) and _all_may_enter(programs))
    if is_walled_off and shutil.which("setpriv") is None:
        raise ServiceUnavailable(
            f"PostgreSQL does not run as root, and user {user.pw_name!r} cannot enter {data.parent}. Move the checkout "
            "to a folder that others may enter (/opt/antesis, say), run as an ordinary user, or give DATABASE_URL."
        )
    return Identity(user.pw_uid, user.pw_gid, is_walled_off)


def _user_of(data: Path) -> pwd.struct_passwd:
    if data.exists() and (owner := data.stat().st_uid) != 0:
        return pwd.getpwuid(owner)  # a cluster belongs to whoever made it
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise ServiceUnavailable(
        "PostgreSQL does not run as root and there is no user 'postgres' or 'nobody'. Give DATABASE_URL."
    )


def _all_may_enter(folder: Path) -> bool:
    return all(place.stat().st_mode & stat.S_IXOTH for place in (folder, *folder.parents) if place.exists())
