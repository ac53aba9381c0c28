"""A wire between two hosts, to be cut: whoever is beyond it reaches a service only through this relay."""

from __future__ import annotations

import contextlib
import socket
import threading
from dataclasses import dataclass, field
from pathlib import Path

PIECE = 1 << 16


@dataclass
class Wire:
    """Listens on a TCP port and passes bytes on to a service, by TCP or by a Unix socket.

    While it is cut, nothing passes and nobody is told so: what was open stays open in silence, what is opened new is
    taken and not answered. When it is mended, all connections of that time are reset, as a router that was restarted
    does it.
    """

    target: tuple[str, int] | Path
    listen_on: str = "127.0.0.1"
    _is_whole: threading.Event = field(default_factory=threading.Event)
    _ends: list[socket.socket] = field(default_factory=list)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._is_whole.set()
        self._listener = socket.create_server((self.listen_on, 0), backlog=64)
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        """Where the other end listens."""
        return int(self._listener.getsockname()[1])

    def cut(self) -> None:
        """Let nothing pass from now on."""
        self._is_whole.clear()

    def mend(self) -> None:
        """Reset what is open, and let new connections through."""
        with self._guard:
            for end in self._ends:
                _reset(end)
            self._ends.clear()
        self._is_whole.set()

    def close(self) -> None:
        """End it for good."""
        self._listener.close()
        self.mend()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        with self._guard:
            self._ends.append(near)
        self._is_whole.wait()
        try:
            far = self._reach()
        except OSError:
            _reset(near)
            return
        with self._guard:
            self._ends.append(far)
        for source, sink in ((near, far), (far, near)):
            threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    def _reach(self) -> socket.socket:
        if isinstance(self.target, Path):
            far = socket.socket(socket.AF_UNIX)
            far.connect(str(self.target))
            return far
        return socket.create_connection(self.target)

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(PIECE):
                self._is_whole.wait()
                sink.sendall(data)
        for end in (source, sink):
            _reset(end)
        with self._guard:
            self._ends = [end for end in self._ends if end not in (source, sink)]


def _reset(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
