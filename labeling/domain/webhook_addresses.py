"""Where a webhook may go: which URLs are taken, which IP addresses are ever connected to.

A server that calls what people enter can be made to call what only it can reach: itself, its network, the metadata
service of its cloud. So a host is looked up once, every address found must be public, and the connection goes to one of
those very addresses (``services/webhook_sending.py``): a name that answers otherwise the second time gains nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from labeling.domain.errors import DomainError

LONGEST_URL = 500
PORTS = {443, 8443}
_NAT64 = ip_network("64:ff9b::/96")
_COMPATIBLE = ip_network("::/96")
# Public to Python, and yet the inside of a cloud: Azure's platform address, Oracle's metadata (in the IETF's block).
_INSIDE_OF_CLOUDS = (ip_network("168.63.129.16/32"), ip_network("192.0.0.0/24"))


@dataclass(frozen=True)
class WebhookRules:
    """The server's settings.

    Attributes:
        is_enabled: whether any webhook is ever called.
        hosts: if any, only these, lower case; "*.example.org" is all below that.
        own_hosts: of the operator's own network ("host" or "host:port"): these may be at private addresses, and plain
            http. Never at link-local ones, where metadata services are.
    """

    is_enabled: bool = False
    hosts: tuple[str, ...] = ()
    own_hosts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Target:
    """A URL taken apart."""

    scheme: str
    host: str
    port: int
    path: str
    is_own: bool

    @property
    def host_header(self) -> str:
        """What the Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == {"https": 443, "http": 80}[self.scheme] else f"{host}:{self.port}"


def webhook_target(url: str, *, rules: WebhookRules) -> Target:
    """Take a URL apart, and refuse what is never called. Nothing is looked up.

    Raises:
        DomainError: "webhook_url_invalid" or "webhook_host_refused".
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _invalid("This is no address.") from None
    host = (parts.hostname or "").rstrip(".").lower()
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise _invalid("Use an address of plain characters; names in other scripts in their xn-- form.")
    if parts.scheme not in {"https", "http"} or not host or parts.username is not None or parts.password is not None:
        raise _invalid("An address begins with https:// and holds no user name.")
    if port is None:
        port = 443 if parts.scheme == "https" else 80
    is_own = host in rules.own_hosts or f"{host}:{port}" in rules.own_hosts
    if not is_own and parts.scheme != "https":
        raise _invalid("Only https:// addresses are called.")
    if not is_own and port not in PORTS:
        raise _invalid(f"Only these ports are called: {', '.join(map(str, sorted(PORTS)))}.")
    if not is_own and rules.hosts and not any(_matches(host, wanted) for wanted in rules.hosts):
        raise DomainError("webhook_host_refused", "This server does not call this host.", {"url": ["Not allowed."]})
    literal = _literal(host)
    if literal is not None and not address_is_allowed(literal, is_own=is_own):
        raise DomainError("webhook_host_refused", "This server does not call this address.", {"url": ["Not allowed."]})
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path, is_own)


def address_chosen(found: Iterable[str], *, is_own: bool) -> str:
    """The address to connect to: the first found, if every one may be connected to.

    Raises:
        DomainError: "webhook_host_refused": nothing was found, or one of them is of the inside.
    """
    addresses = list(found)
    if not addresses or not all(address_is_allowed(address, is_own=is_own) for address in addresses):
        raise DomainError("webhook_host_refused", "The host is at an address that is not called.")
    return addresses[0]


def address_is_allowed(address: str, *, is_own: bool = False) -> bool:
    """Whether an IP address may be connected to: public ones; of an own host private and loopback ones too."""
    try:
        ip = _unwrapped(ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    if any(ip in network for network in _INSIDE_OF_CLOUDS) or ip.is_link_local or ip.is_multicast or ip.is_unspecified:
        return False
    if is_own and (ip.is_private or ip.is_loopback):
        return True
    return ip.is_global and not ip.is_private and not ip.is_reserved and not ip.is_loopback


def _unwrapped(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 one stands for, whatever the dress."""
    if isinstance(ip, IPv4Address):
        return ip
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip.sixtofour is not None:
        return ip.sixtofour
    if ip.teredo is not None:
        return ip.teredo[1]
    if ip in _NAT64 or (ip in _COMPATIBLE and int(ip) > 1):
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip


def _literal(host: str) -> str | None:
    try:
        return str(ip_address(host.partition("%")[0]))
    except ValueError:
        return None


def _matches(host: str, wanted: str) -> bool:
    return host.endswith(wanted[1:]) if wanted.startswith("*.") else host == wanted


def _invalid(message: str) -> DomainError:
    return DomainError("webhook_url_invalid", message, {"url": [message]})
