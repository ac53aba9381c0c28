"""Which URLs are taken and which addresses are connected to: rules without a network."""

from __future__ import annotations

from ipaddress import IPv4Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.domain.errors import DomainError
from labeling.domain.webhook_addresses import WebhookRules, address_chosen, address_is_allowed, webhook_target

ANY = WebhookRules(is_enabled=True)
INSIDE = [
    "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "100.100.100.200", "0.0.0.0", "255.255.255.255", "224.0.0.1", "192.0.2.1", "198.18.0.1", "192.0.0.192", "240.0.0.1",
    "168.63.129.16", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::", "2002:a9fe:a9fe::1", "::127.0.0.1", "::10.0.0.1", "2001:0:4136:e378:8000:63bf:80ff:fffe",
    "nonsense", "",
]  # fmt: skip
OUTSIDE = ["93.184.216.34", "8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", INSIDE)
def test_the_inside_is_never_called(address):
    assert not address_is_allowed(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_the_outside_is(address):
    assert address_is_allowed(address)


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "fe80::1", "::ffff:169.254.169.254", "168.63.129.16", "0.0.0.0"]
)
def test_metadata_is_not_called_even_of_own_hosts(address):
    assert not address_is_allowed(address, is_own=True)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "fd12::1", "::1", "8.8.8.8"])
def test_own_hosts_may_be_private(address):
    assert address_is_allowed(address, is_own=True)


NETWORKS = ["10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"]
private = st.sampled_from(NETWORKS).flatmap(
    lambda network: st.integers(0, ip_network(network).num_addresses - 1).map(
        lambda n: IPv4Address(int(ip_network(network).network_address) + n)
    )
)


@given(private, st.sampled_from(["{}", "::ffff:{}", "64:ff9b::{}", "::{}"]))
def test_no_dress_hides_a_private_address(address, dress):
    assert not address_is_allowed(dress.format(address))


@given(st.lists(st.sampled_from(OUTSIDE), max_size=3), private.map(str), st.lists(st.sampled_from(OUTSIDE), max_size=3))
def test_one_private_address_among_public_ones_is_enough(before, address, after):
    with pytest.raises(DomainError):
        address_chosen([*before, address, *after], is_own=False)


def test_the_first_address_is_chosen():
    assert address_chosen(["8.8.8.8", "1.1.1.1"], is_own=False) == "8.8.8.8"
    with pytest.raises(DomainError):
        address_chosen([], is_own=False)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/", "ftp://example.org/", "//example.org", "https://", "https://u:p@example.org/",
        "https://u@example.org/", "https://example.org:22/", "https://example.org:0/", "https://example.org:99999/",
        "https://127.0.0.1/", "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://169.254.169.254/latest/meta-data",
        "https://exa mple.org/", "https://example.org/\r\nX: y", "https://example.org\\@127.0.0.1/", "https://ñ.es/",
        "https://[::1", "javascript:alert(1)", "", "https://example.org/" + "x" * 500,
    ],
)  # fmt: skip
def test_urls_that_are_not_taken(url):
    with pytest.raises(DomainError):
        webhook_target(url, rules=ANY)


def test_a_url_taken_apart():
    target = webhook_target("https://Hooks.Example.org:8443/a/b?c=d#e", rules=ANY)
    assert (target.host, target.port, target.path) == ("hooks.example.org", 8443, "/a/b?c=d")
    assert target.host_header == "hooks.example.org:8443"
    assert webhook_target("https://example.org", rules=ANY).path == "/"
    assert webhook_target("https://[2606:4700:4700::1111]/", rules=ANY).host_header == "[2606:4700:4700::1111]"


def test_the_list_of_hosts():
    rules = WebhookRules(is_enabled=True, hosts=("hooks.example.org", "*.example.net"))
    for url in ("https://hooks.example.org/", "https://a.b.example.net/", "https://HOOKS.example.org./"):
        assert webhook_target(url, rules=rules)
    for url in (
        "https://example.org/",
        "https://example.net/",
        "https://evilexample.net/",
        "https://x.hooks.example.org/",
    ):
        with pytest.raises(DomainError):
            webhook_target(url, rules=rules)


def test_own_hosts_by_name_and_port():
    rules = WebhookRules(is_enabled=True, hosts=("only.example.org",), own_hosts=("intranet:8080", "hooks.local"))
    assert webhook_target("http://intranet:8080/x", rules=rules).is_own
    assert webhook_target("http://hooks.local/", rules=rules).port == 80
    with pytest.raises(DomainError):
        webhook_target("http://intranet/", rules=rules)
