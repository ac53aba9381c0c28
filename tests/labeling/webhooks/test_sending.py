"""One POST against a real server on loopback: what arrives, and what cannot be made of us."""

from __future__ import annotations

import socket
import ssl

import pytest

from labeling.domain.webhook_addresses import WebhookRules
from labeling.services import webhook_sending
from labeling.services.webhook_sending import NotDelivered, webhook_post
from tests.support.hook_server import drip, flood, hook_server, status


@pytest.fixture
def server():
    with hook_server() as running:
        yield running


def post(server, url=None, **rules):
    rules = {"is_enabled": True, "own_hosts": (server.host,), **rules}
    return webhook_post(
        url=url or server.url, headers={"x-test": "1"}, body=b"{}", rules=WebhookRules(**rules), total_s=1.5
    )


def test_a_post_arrives(server):
    assert post(server) == 204
    (taken,) = server.taken
    assert (taken.path, taken.body) == ("/hook?x=1", b"{}")
    assert taken.headers["x-test"] == "1"
    assert taken.headers["host"] == server.host
    assert "cookie" not in taken.headers


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_redirects_are_failures_and_are_not_followed(server, code):
    server.answer = lambda handler: status(handler, code, Location="/elsewhere")
    with pytest.raises(NotDelivered) as failure:
        post(server)
    assert failure.value.status == code
    assert [taken.path for taken in server.taken] == ["/hook?x=1"]


@pytest.mark.parametrize("code", [400, 404, 410, 500, 503])
def test_other_answers_are_failures(server, code):
    server.answer = lambda handler: status(handler, code)
    with pytest.raises(NotDelivered) as failure:
        post(server)
    assert failure.value.status == code


def test_loopback_is_not_called_unless_it_is_our_own(server):
    with pytest.raises(NotDelivered):
        post(server, own_hosts=())
    assert server.taken == []


def _answering(monkeypatch, *answers):
    """Let names have these addresses, one answer per look-up."""
    asked = []

    def look_up(host, port, **_):
        asked.append(host)
        found = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(webhook_sending.socket, "getaddrinfo", look_up)
    return asked


def test_a_public_name_at_a_private_address_is_not_called(server, monkeypatch):
    asked = _answering(monkeypatch, ["127.0.0.1"])
    with pytest.raises(NotDelivered, match="not called"):
        post(server, url="https://rebound.example.org/", own_hosts=())
    assert asked == ["rebound.example.org"]
    assert server.taken == []


def test_one_private_address_among_several_is_refused(server, monkeypatch):
    _answering(monkeypatch, ["93.184.216.34", "127.0.0.1"])
    with pytest.raises(NotDelivered, match="not called"):
        post(server, url="https://rebound.example.org/", own_hosts=())


def test_the_name_is_looked_up_once_and_the_connection_pinned(server, monkeypatch):
    """The second answer would lead elsewhere; nobody asks for it."""
    asked = _answering(monkeypatch, ["127.0.0.1"], ["169.254.169.254"])
    connected = []

    def connect(address, **options):
        connected.append(address[0])
        # By number from here on: nothing is looked up in between.
        raw = socket.socket()
        raw.settimeout(options.get("timeout"))
        raw.connect(address)
        return raw

    monkeypatch.setattr(webhook_sending.socket, "create_connection", connect)
    host = f"hooks.internal:{server.port}"
    assert post(server, url=f"http://{host}/x", own_hosts=(host,)) == 204
    assert (asked, connected) == (["hooks.internal"], ["127.0.0.1"])
    assert server.taken[0].headers["host"] == host


def test_who_drips_is_cut_off(server):
    server.answer = drip
    with pytest.raises(NotDelivered, match="No answer in time"):
        post(server)


def test_a_body_without_end_is_not_read(server):
    server.answer = flood
    assert post(server) == 200


def test_nobody_listens(server):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{closed.getsockname()[1]}"
    with pytest.raises(NotDelivered, match="refused"):
        post(server, url=f"http://{host}/", own_hosts=(host,))


def test_a_certificate_of_nobody_is_not_trusted(tmp_path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_self_signed(tmp_path))
    with hook_server(lambda sock: context.wrap_socket(sock, server_side=True)) as server:
        with pytest.raises(NotDelivered, match="certificate"):
            post(server, url=f"https://127.0.0.1:{server.port}/")
        assert server.taken == []


def test_what_is_no_tls_does_not_hang(server):
    with pytest.raises(NotDelivered):
        post(server, url=f"https://127.0.0.1:{server.port}/")


def _self_signed(folder):
    from datetime import UTC, datetime, timedelta
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "both.pem"
    pem = serialization.Encoding.PEM
    path.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(pem)
    )
    return path
