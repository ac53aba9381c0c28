"""Health check of a worker container: ``python -m config.worker_alive QUEUE...`` fails unless this host serves each."""

from __future__ import annotations

import socket
import sys

from config.env import default_settings


def main(queues: list[str]) -> int:
    """0 when a worker of this host has given a sign of life for every one of ``queues``, else 1."""
    default_settings()
    from classifier.selectors.workers import queue_workers

    host = socket.gethostname()
    served = {workers.queue for workers in queue_workers() for name in workers.names if name.endswith(f"@{host}")}
    missing = sorted(set(queues) - served)
    if missing:
        sys.stderr.write(f"no sign of life for {', '.join(missing)} on {host}\n")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
