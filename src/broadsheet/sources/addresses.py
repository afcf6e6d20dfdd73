"""Which network addresses a stranger's link may lead us to."""

import ipaddress

# Beside everything that the registries do not call global: what they call global or say nothing of, but which leads
# back inside or nowhere. Sources: IANA special-purpose registries; RFC 6052, 7526, 3879, 9637; Mastodon's
# private_address_check; Microsoft Learn for 168.63.129.16.
_BLOCKED = [
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT, and the metadata address of one cloud
        "168.63.129.16/32",  # the inside address of another cloud's platform
        "192.0.0.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "198.18.0.0/15",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",
        "::/96",  # IPv4-compatible
        "::ffff:0:0:0/96",  # IPv4-translated
        "64:ff9b::/96",  # NAT64 carries any IPv4 address
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",  # Teredo, ORCHID and other protocol assignments
        "2001:db8::/32",
        "2002::/16",  # 6to4 carries any IPv4 address
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",  # site-local, withdrawn but still routed by some
        "ff00::/8",
    )
]


def is_public(text: str) -> bool:
    """Whether an IP address, as a resolver writes it, belongs to the public internet; False for anything else.

    An IPv4 address inside an IPv6 one is judged as itself.

    >>> is_public("93.184.216.34"), is_public("10.0.0.1"), is_public("::ffff:127.0.0.1"), is_public("localhost")
    (True, False, False, False)
    """
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if not address.is_global or address.is_multicast or address.is_reserved or address.is_unspecified:
        return False
    return not any(address.version == network.version and address in network for network in _BLOCKED)
