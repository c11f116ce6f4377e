import ipaddress
import socket

import pytest

from earshot.adapters.ip_addresses import allowed_addresses, is_allowed, system_resolver
from earshot.errors import ComeAgain, ForbiddenAddress, HostUnknown

PUBLIC = ["8.8.8.8", "93.184.215.14", "172.32.0.1", "192.0.1.1", "2606:4700::1111", "2a00:1450::1"]
PRIVATE = ["127.0.0.1", "127.255.255.254", "10.1.2.3", "172.16.0.1", "192.168.1.1", "::1", "fc00::1", "fd12::1"]
NEVER = [
    "0.0.0.0",
    "0.1.2.3",
    "100.64.0.1",
    "100.100.100.200",  # Alibaba's metadata
    "168.63.129.16",  # Azure's
    "169.254.169.254",  # everybody's
    "192.0.0.192",  # Oracle's
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "5f00::1",
    "fd00:ec2::254",  # Amazon's metadata
    "fe80::1",
    "fe80::1%eth0",
    "2606:4700::1%eth0",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_may_be_asked(address: str) -> None:
    assert is_allowed(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_may_be_asked_in_local_tests_only(address: str) -> None:
    assert not is_allowed(ipaddress.ip_address(address))
    assert is_allowed(ipaddress.ip_address(address), private=True)


@pytest.mark.parametrize("address", NEVER)
def test_a_reserved_or_metadata_address_is_never_asked(address: str) -> None:
    assert not is_allowed(ipaddress.ip_address(address))
    assert not is_allowed(ipaddress.ip_address(address), private=True)


def test_a_host_keeps_its_allowed_addresses_in_order() -> None:
    found = allowed_addresses(
        "a.example", 80, private=False, resolve=lambda host, port: ["10.0.0.1", "8.8.8.8", "2606:4700::1"]
    )
    assert found == ["8.8.8.8", "2606:4700::1"]


@pytest.mark.parametrize("addresses", [[], ["10.0.0.1", "::1"]])
def test_a_host_without_any_is_forbidden(addresses: list[str]) -> None:
    with pytest.raises(ForbiddenAddress, match=r"a\.example"):
        allowed_addresses("a.example", 80, private=False, resolve=lambda host, port: addresses)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), HostUnknown),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"), ComeAgain),
        (socket.gaierror(socket.EAI_FAIL, "Non-recoverable failure"), ComeAgain),
        (UnicodeError("label too long"), HostUnknown),
    ],
)
def test_only_a_name_that_does_not_exist_is_given_up(
    monkeypatch: pytest.MonkeyPatch, fault: Exception, error: type[Exception]
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise fault

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(error, match=r"a\.example"):
        system_resolver("a.example", 80)
