"""IP addresses that may be connected to: a host name in, its public addresses out.

The lists are spelled out because `ipaddress.is_global` answers differently between patch releases of Python
(192.0.0.192 and 3fff::/20 count as global in 3.11.7), and because clouds serve secrets from further addresses.
"""

import ipaddress
import socket
from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from earshot.errors import ForbiddenAddress, HostUnknown, SourceFails

Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], Sequence[str]]

RESERVED_V4 = [  # IANA IPv4 special-purpose registry, and multicast
    IPv4Network("0.0.0.0/8"),
    IPv4Network("100.64.0.0/10"),
    IPv4Network("169.254.0.0/16"),
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.0.2.0/24"),
    IPv4Network("192.88.99.0/24"),
    IPv4Network("198.18.0.0/15"),
    IPv4Network("198.51.100.0/24"),
    IPv4Network("203.0.113.0/24"),
    IPv4Network("224.0.0.0/4"),
    IPv4Network("240.0.0.0/4"),
    IPv4Network("168.63.129.16/32"),  # Azure's host agent, on an address that is otherwise public
]
PRIVATE_V4 = [
    IPv4Network("10.0.0.0/8"),
    IPv4Network("127.0.0.0/8"),
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.168.0.0/16"),
]
UNICAST_V6 = IPv6Network("2000::/3")  # all that IANA gives out; mapped and translated IPv4 lie outside of it
RESERVED_V6 = [  # IANA IPv6 special-purpose registry inside 2000::/3
    IPv6Network("2001::/23"),  # Teredo, ORCHID and others
    IPv6Network("2001:db8::/32"),
    IPv6Network("2002::/16"),  # 6to4
    IPv6Network("3fff::/20"),
]
PRIVATE_V6 = [IPv6Network("::1/128"), IPv6Network("fc00::/7")]
METADATA_V6 = IPv6Network("fd00:ec2::/32")  # Amazon's instance metadata


def is_allowed(address: Address, *, private: bool = False) -> bool:
    """Whether a request may go there.

    Args:
        private: also loopback and private networks, for local tests; link-local, metadata, multicast and
            reserved addresses stay closed, and so does IPv4 dressed as IPv6.
    """
    if isinstance(address, IPv4Address):
        if _within(address, PRIVATE_V4):
            return private
        return not _within(address, RESERVED_V4)
    if address.scope_id is not None or address in METADATA_V6:
        return False
    if _within(address, PRIVATE_V6):
        return private
    return address in UNICAST_V6 and not _within(address, RESERVED_V6)


def is_loopback(host: str) -> bool:
    """Whether the host is this very machine, by address or by the name that RFC 6761 keeps for it."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def allowed_addresses(host: str, port: int, *, private: bool, resolve: Resolver) -> list[str]:
    """Addresses of `host` that may be asked, in the resolver's order; never empty.

    Raises:
        ForbiddenAddress: none of its addresses may be asked.
        HostUnknown: the name does not exist.
        SourceFails: the resolver did not answer.
    """
    found = [ipaddress.ip_address(text) for text in resolve(host, port)]
    kept = [str(address) for address in found if is_allowed(address, private=private)]
    if not kept:
        raise ForbiddenAddress(f"{host} is at {', '.join(map(str, found)) or 'no address'}")
    return kept


def system_resolver(host: str, port: int) -> Sequence[str]:
    """Addresses by the system's resolver, IPv4 and IPv6.

    Raises:
        HostUnknown: the name does not exist, or has no address.
        SourceFails: the resolver did not answer.
    """
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)):
            raise HostUnknown(f"{host} has no address") from error
        raise SourceFails(f"no answer from the resolver about {host}: {error}") from error
    except UnicodeError as error:  # a label over 63 characters
        raise HostUnknown(f"{host!r} is not a host name") from error
    return [str(answer[4][0]) for answer in answers]


def _within(address: Address, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    return any(address in network for network in networks)
