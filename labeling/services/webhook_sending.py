"""One POST to an address that somebody entered, and no more than that.

The name is looked up once; every address found must be allowed; the connection goes to one of them, never to the name.
No proxy, no redirect, no cookie; the answer's body is not kept. ``TOTAL_S`` bounds the whole exchange: a receiver that
sends a byte now and then would otherwise hold a worker for ever, whatever the timeout of a single read.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping

from labeling.domain.errors import DomainError
from labeling.domain.webhook_addresses import Target, WebhookRules, address_chosen, webhook_target
from labeling.models import WebhookDelivery

Failure = WebhookDelivery.Failure
CONNECT_S = 4.0
TOTAL_S = 10.0
MOST_ANSWER_BYTES = 4096


class NotDelivered(Exception):
    """The receiver did not take the message; ``status`` is its answer, if it gave one."""

    def __init__(self, failure: Failure, status: int | None = None) -> None:
        super().__init__(failure.label)
        self.failure = failure
        self.status = status


def webhook_post(
    *, url: str, headers: Mapping[str, str], body: bytes, rules: WebhookRules, total_s: float = TOTAL_S
) -> int:
    """Send ``body`` and return the status, one of 200 to 299.

    Raises:
        NotDelivered: refused by our rules, no connection, no answer in time, or any other status: a redirect too.
    """
    try:
        target = webhook_target(url, rules=rules)
        address = address_chosen(_looked_up(target), is_own=target.is_own)
    except DomainError as refusal:
        raise NotDelivered(Failure.NOT_ALLOWED) from refusal
    connection = _Pinned(target, address)
    guard = threading.Timer(total_s, connection.cut)
    guard.daemon = True
    guard.start()
    try:
        connection.request("POST", target.path, body=body, headers={**headers, "Host": target.host_header})
        answer = connection.getresponse()
        answer.read(MOST_ANSWER_BYTES)
        status = answer.status
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotDelivered(Failure.TIMEOUT if connection.is_cut else _kind_of(error)) from error
    finally:
        guard.cancel()
        connection.close()
    if connection.is_cut:
        raise NotDelivered(Failure.TIMEOUT)
    if not 200 <= status < 300:
        raise NotDelivered(Failure.ANSWERED, status)
    return status


class _Pinned(http.client.HTTPConnection):
    """A connection to one address, whatever the name says by now; the certificate must be the name's."""

    def __init__(self, target: Target, address: str) -> None:
        super().__init__(target.host, target.port, timeout=CONNECT_S)
        self._target, self._address = target, address
        self.is_cut = False

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self._target.port), timeout=CONNECT_S)
        if self._target.scheme == "https":
            self.sock = ssl.create_default_context().wrap_socket(
                self.sock, server_hostname=self._target.host, do_handshake_on_connect=False
            )
            self.sock.do_handshake()  # by now ``cut`` reaches the socket that shakes hands

    def cut(self) -> None:
        """End the exchange from another thread: whoever reads or writes gets an error or an end at once."""
        self.is_cut = True
        sock = self.sock
        if sock is not None:
            try:
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
            except OSError:
                return  # it has just ended by itself


def _looked_up(target: Target) -> list[str]:
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotDelivered(Failure.NO_ADDRESS) from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _kind_of(error: Exception) -> Failure:
    """In our words alone: what a receiver sends, or a network says, is not shown to people."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return Failure.CERTIFICATE
    if isinstance(error, TimeoutError):
        return Failure.TIMEOUT
    if isinstance(error, ConnectionRefusedError):
        return Failure.REFUSED
    return Failure.BROKEN
