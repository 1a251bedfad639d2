"""An existing backend, by its URL."""

import dataclasses
import ipaddress
from collections.abc import Iterator, Sequence
from typing import NotRequired, TypedDict
from urllib.parse import urlsplit

import pulumi

from .argument_types import PlainUrl, is_public
from .arguments import ArgumentError, inputs, resolve
from .facts import limits

_COMPONENT = "UrlBackend"


class UrlBackendArgs(TypedDict):
    """Arguments of UrlBackend."""

    url: PlainUrl
    """`http(s)://host[:port][/base]`."""
    cidrs: NotRequired[Sequence[pulumi.Input[str]]]
    """CIDR ranges of the backend. Defaults to the URL's own address, or `fallback_cidr` if the URL has a host name."""
    security_group_id: NotRequired[pulumi.Input[str]]
    """Security group of the backend, instead of `cidrs`."""
    fallback_cidr: NotRequired[pulumi.Input[str]]
    """CIDR range for a URL with a host name, such as the VPC's."""
    secret: NotRequired[bool]
    """Keep the URL secret in state and outputs. Port and ranges stay readable in security group rules. Defaults to
    false."""


@dataclasses.dataclass(frozen=True)
class _Settings:
    url: str
    cidrs: Sequence[pulumi.Input[str]] = dataclasses.field(default_factory=list)
    security_group_id: pulumi.Input[str] | None = None
    fallback_cidr: pulumi.Input[str] | None = None
    secret: bool = False

    def mistakes(self) -> Iterator[ArgumentError]:
        """Arguments that exclude each other."""
        if is_public(host_of(self.url)) and not self.cidrs and self.security_group_id is None:
            want = "name the backend's range: its address is public, and few VPCs use public addresses inside"
            yield ArgumentError(_COMPONENT, "cidrs", [], want)
        if not self.cidrs and self.security_group_id is None and not self.own_cidr and self.fallback_cidr is None:
            yield ArgumentError(
                _COMPONENT, "cidrs", [], "cidrs, security_group_id or fallback_cidr if the URL has a host name"
            )

    @property
    def own_cidr(self) -> str | None:
        """The URL's host as a range of one address, if it is an address."""
        try:
            return str(ipaddress.ip_network(urlsplit(self.url).hostname or ""))
        except ValueError:
            return None


class UrlBackend(pulumi.ComponentResource):
    """An existing HTTP server. Creates no AWS resources and costs nothing; other components read its address."""

    url: pulumi.Output[str]
    """URL of the backend."""
    port: pulumi.Output[int]
    """TCP port of the URL."""
    cidrs: pulumi.Output[list[str]]
    """The backend's ranges; empty with a security group."""

    def __init__(self, name: str, args: UrlBackendArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Creates the component."""
        settings = resolve(_Settings, UrlBackendArgs, args)
        super().__init__("gatehouse:index:UrlBackend", name, inputs(args, {"url"} if settings.secret else ()), opts)
        self.port_number = port_of(settings.url)
        self.security_group_id = settings.security_group_id
        self.cidr_list = [] if settings.security_group_id is not None else _cidrs(settings)
        self.url = (pulumi.Output.secret if settings.secret else pulumi.Output.from_input)(settings.url)
        self.port = pulumi.Output.from_input(self.port_number)
        self.cidrs = pulumi.Output.all(*self.cidr_list)
        self.register_outputs({"url": self.url, "port": self.port, "cidrs": self.cidrs})


def host_of(url: str) -> str:
    """The host that a URL names."""
    return urlsplit(url).hostname or ""


def port_of(url: str) -> int:
    """The port that a URL names, or its scheme's own."""
    parts = urlsplit(url)
    return parts.port or (limits.HTTPS_PORT if parts.scheme == "https" else limits.HTTP_PORT)


def _cidrs(settings: _Settings) -> Sequence[pulumi.Input[str]]:
    if settings.cidrs:
        return settings.cidrs
    if settings.own_cidr:
        return [settings.own_cidr]
    return [settings.fallback_cidr or ""]
