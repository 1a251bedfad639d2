"""Arguments that are addresses: ranges, hosts, domain names, URLs and mail."""

import functools
import ipaddress
import re
from collections.abc import Sequence
from typing import Annotated, Final
from urllib.parse import urlsplit

import pulumi

from ..facts import backend_url, private_addresses, route_paths
from ..facts.address_lists import ADDRESS_LISTS
from ..facts.limits import PORTS, VPC_PREFIX_LENGTHS
from .faults import did_you_mean
from .marks import SECRET, Check, Form, RefusedError, Some
from .names import matching

_IPV4: Final = "an IPv4 range such as 10.0.0.0/16"
_VPC_RANGE: Final = "the IPv4 range of a VPC such as 10.0.0.0/16"
_RANGE: Final = "an IPv4 or IPv6 range such as 203.0.113.0/24"
_RANGE_OR_LIST: Final = f"a range such as 203.0.113.0/24, or one of {', '.join(ADDRESS_LISTS)}"

_WIDEST_NETWORKS: Final = {4: 8, 6: 32}
"""Prefix lengths of the largest blocks that one owner has: 10.0.0.0/8, and a provider's IPv6 block."""


def _parse_range(version: int | None, allowed: str, value: str) -> str:
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        raise RefusedError(allowed) from None
    if "/" not in value:
        raise RefusedError(allowed, f"a single address is {network}")
    if str(network) != value and ipaddress.ip_interface(value).ip != network.network_address:
        raise RefusedError(f"{allowed}, beginning at its first address", f"did you mean {network}?")
    if version not in (None, network.version):
        raise RefusedError(allowed)
    # In another form a rule would change at each update, and equal ranges would look different.
    return str(network)


def _parse_vpc_range(value: str) -> str:
    """A wider range, such as 0.0.0.0/0, would let in or out what is not in the VPC."""
    parsed = _parse_range(4, _VPC_RANGE, value)
    if ipaddress.IPv4Network(parsed).prefixlen not in VPC_PREFIX_LENGTHS:
        raise RefusedError(
            _VPC_RANGE, f"AWS gives a VPC a range from /{min(VPC_PREFIX_LENGTHS)} to /{max(VPC_PREFIX_LENGTHS)}"
        )
    return parsed


def _parse_network_range(value: str) -> str:
    parsed = ipaddress.ip_network(_parse_range(None, _RANGE, value))
    widest = _WIDEST_NETWORKS[parsed.version]
    if parsed.prefixlen < widest:
        remedy = f"name the ranges of your networks, each /{widest} or narrower"
        raise RefusedError(f"the range of a network, not of the internet ({_RANGE})", remedy)
    return str(parsed)


def _parse_range_or_list(value: str) -> str:
    if value in ADDRESS_LISTS:
        return value
    if re.fullmatch(r"[A-Za-z][A-Za-z_-]*", value):
        raise RefusedError(
            f"a range, or one of the lists {', '.join(ADDRESS_LISTS)}", did_you_mean(value, ADDRESS_LISTS)
        )
    return _parse_range(None, _RANGE, value)


Range = Annotated[str, Form(functools.partial(_parse_range, None, _RANGE), _RANGE)]
RangeOrList = Annotated[str, Form(_parse_range_or_list, _RANGE_OR_LIST)]
# Resources that belong to a member are named after it, so the text must be known before anything is deployed.
Ranges = Sequence[Range]
AdmittedRanges = Annotated[Sequence[RangeOrList], Some]
"""Ranges that alone are admitted, or all if there is no list. An empty list would mean nobody, and admit everybody."""
IPv4Range = Annotated[str, Form(functools.partial(_parse_range, 4, _IPV4), _IPV4)]
VpcRange = Annotated[str, Form(_parse_vpc_range, _VPC_RANGE)]
VpcRanges = Sequence[VpcRange]
VpcRangeInput = Annotated[pulumi.Input[str], Form(_parse_vpc_range, _VPC_RANGE)]
NetworkRange = Annotated[str, Form(_parse_network_range, _RANGE)]
NetworkRanges = Sequence[NetworkRange]
"""Ranges of the VPC, or of networks that are connected to it."""


_DOMAIN_NAME: Final = "a domain name such as api.example.com"
_API_DOMAIN_NAME: Final = f"{_DOMAIN_NAME} or *.example.com"
_DOMAIN: Final = re.compile(r"(?=.{4,253}$)(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))+")


def _check_domain_name(value: str) -> None:
    if not _DOMAIN.fullmatch(value):
        raise RefusedError(_DOMAIN_NAME)


def _check_api_domain_name(value: str) -> None:
    if not _DOMAIN.fullmatch(value.removeprefix("*.")):
        host = urlsplit(value).hostname if "://" in value else ""
        raise RefusedError(_API_DOMAIN_NAME, f"did you mean {host}?" if host else "")


def _check_domain_with_base_path(value: str) -> None:
    name, _, base_path = value.partition("/")
    try:
        route_paths.check_base_path(base_path)
        _check_api_domain_name(name.lower())
    except ValueError:
        base_path = ""
    if value and not base_path:
        raise ValueError("a domain name, one slash and one part of a path, such as api.example.com/v1")


_REQUIRED_HOST: Final = "a host such as api.example.com, or host:port such as smtp.example.com:587"


def split_host_and_port(value: str) -> tuple[str, int | None]:
    """Returns the parts of `host` or `host:port`."""
    host, colon, port = value.partition(":")
    return host, int(port) if colon else None


def _require_host(value: str) -> str:
    host, colon, port = value.partition(":")
    if not _DOMAIN.fullmatch(host):
        named = urlsplit(value if "://" in value else f"//{value}").netloc.lower()
        meant = _DOMAIN.fullmatch(named.partition(":")[0])
        raise RefusedError(_REQUIRED_HOST, f"did you mean {named}?" if meant else "")
    if not colon:
        return value
    if not re.fullmatch(r"[0-9]{1,5}", port) or int(port) not in PORTS:
        raise RefusedError(_REQUIRED_HOST, f"the port is a number from {PORTS[0]} to {PORTS[-1]:,}")
    return f"{host}:{int(port)}"


DomainName = Annotated[str, Check(_check_domain_name, _DOMAIN_NAME)]
RequiredHost = Annotated[str, Form(_require_host, _REQUIRED_HOST)]
"""A host that is called over 80 and 443, or over the port that it names. `split_host_and_port` reads it."""
DomainNameInput = Annotated[pulumi.Input[str], Check(_check_domain_name, _DOMAIN_NAME)]
ApiDomainName = Annotated[str, Check(_check_api_domain_name, _API_DOMAIN_NAME)]
DomainWithBasePath = Annotated[pulumi.Input[str], Check(_check_domain_with_base_path)]
_EMAIL: Final = matching(r"[^@\s]+@[^@\s]+\.[^@\s]+", "an e-mail address")
EmailAddress = Annotated[str, _EMAIL]
SecretEmails = Sequence[Annotated[str, SECRET, _EMAIL]]


URL_WORDS: Final = "http(s)://host[:port][/base]"


def check_url(value: str) -> None:
    """Raises RefusedError for text that is no URL of a private backend. The forwarder reads it by the same function."""
    if not (value.isascii() and value.isprintable() and " " not in value):
        raise RefusedError(URL_WORDS, "take out every character that is not printable ASCII, and spaces")
    try:
        url = urlsplit(value)
        _ = url.port
    except ValueError as error:
        is_port = "port" in str(error).lower()
        remedy = "the port is a number from 1 to 65535" if is_port else "what is in brackets is no IPv6 address"
        raise RefusedError(URL_WORDS, remedy) from None
    if url.scheme not in ("http", "https"):
        raise RefusedError(URL_WORDS, f"did you mean http://{value}?" if "://" not in value else "")
    if not url.hostname or url.port == 0:
        raise RefusedError(URL_WORDS, "name the host, and a port from 1 to 65535 if it is not the scheme's own")
    if not re.fullmatch(r"[A-Za-z0-9._:%~-]+", url.hostname):
        raise RefusedError(URL_WORDS, "the host has characters that no host name has")
    if "@" in url.netloc or url.query or url.fragment or "?" in value or "#" in value:
        raise RefusedError(
            URL_WORDS, "take out user name, query and fragment: headers carry credentials, requests their query"
        )
    if backend_url.parse_url(value) is None:
        raise RefusedError(URL_WORDS, "write host, port and path as the forwarder sends them: see RFC 3986")
    check_host(url.hostname)


def check_host(host: str) -> None:
    """Raises RefusedError for this machine, and for addresses of link-local services and of the internet.

    A name passes: its zone decides, and the review has a rule for names that are known to be public.
    """
    if private_addresses.is_this_machine(host):
        raise RefusedError(URL_WORDS, f"{host} is the forwarder itself: name the backend's address inside the VPC")
    if private_addresses.is_short_address(host):
        raise RefusedError(URL_WORDS, f"write the address {host} as four decimal numbers, 10.0.0.8")
    if (address := private_addresses.parse_address(host)) is None:
        return
    if address.is_loopback or address.is_unspecified:
        raise RefusedError(URL_WORDS, f"{address} is the forwarder itself: name the backend's address inside the VPC")
    if address.is_link_local or address.is_multicast:
        raise RefusedError(URL_WORDS, f"{address} is no backend: name its address inside the VPC")
    # A VPC's IPv6 addresses are global.
    if address.version == 4 and address.is_global:
        raise RefusedError(URL_WORDS, f"{address} is on the internet: name the backend's private address")


def is_address(host: str) -> bool:
    """Returns whether the host of a URL is an IP address."""
    return private_addresses.parse_address(host) is not None


Url = Annotated[pulumi.Input[str], Check(check_url, URL_WORDS)]
PlainUrl = Annotated[str, Check(check_url, URL_WORDS)]
