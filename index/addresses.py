"""Which addresses of the internet are public, and which addresses a name has."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

Resolver = Callable[[str, int], Sequence[str]]  # of a name and a port

_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
# Not public either, though ipaddress (of 3.11) has no objection: what protocols are assigned
# (RFC 6890), relays of 6to4 (RFC 7526), addresses for documentation (RFC 9637).
_NOT_PUBLIC = tuple(map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20")))


def is_public(address: str) -> bool:
    """Whether the whole internet knows the address as one machine's.

    An IPv6 address that stands for an IPv4 address is as public as that one.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if any(parsed.version == network.version and parsed in network for network in _NOT_PUBLIC):
        return False
    if isinstance(parsed, IPv4Address):
        return parsed.is_global and not parsed.is_multicast
    if parsed in _NAT64:
        return is_public(str(IPv4Address(int(parsed) & 0xFFFF_FFFF)))
    return parsed in _UNICAST and parsed.is_global and _is_public_6to4(parsed)


def _is_public_6to4(address: IPv6Address) -> bool:
    return address.sixtofour is None or is_public(str(address.sixtofour))


def system_resolver(host: str, port: int) -> Sequence[str]:
    """All addresses; raises `OSError` for a name that is not known."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))
