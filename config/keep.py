"""Keeps one program of the Procfile running: ``python -m config.keep PROGRAM ARGUMENT...``.

A worker that is killed (by the kernel for memory, say) comes back, instead of taking the whole of ``make run`` with it.
Containers need none of this; their engine restarts them.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from types import FrameType

# A program that cannot even start must not be started for ever.
SOON_SECONDS = 10.0
ATTEMPTS = 5


class Keeper:
    """Runs ``command``, again if it ends unasked; a signal to stop is passed on and ends it."""

    def __init__(self, command: list[str]) -> None:
        self.command = command
        self.child: subprocess.Popen[bytes] | None = None
        self.is_stopping = False

    def stop(self, signum: int, frame: FrameType | None) -> None:
        """Pass the signal on, and do not start again."""
        self.is_stopping = True
        if self.child is not None and self.child.poll() is None:
            self.child.send_signal(signum)

    def run(self) -> int:
        """The last exit status of the program: when it was told to stop, or ended soon after start too often."""
        soon = 0
        while True:
            started = time.monotonic()
            self.child = subprocess.Popen(self.command)
            status = self.child.wait()
            if self.is_stopping:
                return 0 if status in {0, -signal.SIGTERM, -signal.SIGINT} else status
            soon = soon + 1 if time.monotonic() - started < SOON_SECONDS else 1
            if soon == ATTEMPTS:
                sys.stderr.write(f"{self.command[0]} ended {ATTEMPTS} times within seconds of its start; giving up.\n")
                return status or 1
            sys.stderr.write(f"{self.command[0]} ended with status {status}; starting it again.\n")
            time.sleep(soon - 1)


def main() -> int:
    """Keep the program named on the command line."""
    keeper = Keeper(sys.argv[1:])
    signal.signal(signal.SIGTERM, keeper.stop)
    signal.signal(signal.SIGINT, keeper.stop)
    return keeper.run()


if __name__ == "__main__":
    sys.exit(main())
