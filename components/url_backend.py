"""An existing backend, by its URL."""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass

import pulumi

from .arguments.addresses import NetworkRanges, PlainUrl, is_address
from .arguments.backend_urls import find_host, find_port, find_public_name, find_range_faults, find_trust_faults
from .arguments.certificates import Certificates
from .arguments.connections import Endpoint
from .arguments.faults import Fault
from .arguments.inputs import ArgsOrMapping
from .arguments.names import SecurityGroupId
from .arguments.reader import resolve
from .reach.of_network import state_url
from .reach.statement import add_reach
from .resource_options.declaration import check_declaration


@dataclass(frozen=True, kw_only=True)
class UrlBackendArgs:
    """Arguments of UrlBackend."""

    url: PlainUrl
    """URL of the backend, `http(s)://host[:port][/base]`."""
    cidrs: NetworkRanges = ()
    """CIDR ranges of the backend. Defaults to the URL's own address. If the URL has a host name, the backend can be
    anywhere in the VPC."""
    security_group_id: SecurityGroupId | None = None
    """Security group of the backend, instead of `cidrs`. It gets one rule that allows the forwarder. A group
    with inline rules would lose it at its next update."""
    certificate_authority: Certificates | None = None
    """Private certificate authority of a backend with https, as PEM. The forwarder accepts only certificates that it
    signed. Defaults to the public authorities."""
    secret: bool = False
    """Keep the URL secret in state and outputs. Port and ranges stay readable in security group rules. Defaults to
    false."""

    def find_faults(self) -> Iterator[Fault]:
        """Yields arguments that exclude each other."""
        if self.cidrs and self.security_group_id is not None:
            yield Fault("cidrs", ", ".join(self.cidrs), "cidrs or security_group_id, not both", "the group is narrower")
        yield from find_trust_faults(self.url, self.certificate_authority)
        yield from find_range_faults("cidrs", self.url, self.cidrs)
        yield from find_public_name(self.url, self.cidrs)

    @property
    def ranges(self) -> list[str]:
        """The backend's ranges, or the URL's host as a range of one address; none if it is a name, or has a group."""
        if self.security_group_id is not None:
            return []
        host = find_host(self.url)
        return list(self.cidrs) or ([str(ipaddress.ip_network(host))] if is_address(host) else [])

    @property
    def over_ipv6(self) -> bool:
        """Whether it is called at an IPv6 address."""
        return any(":" in address for address in (find_host(self.url), *self.cidrs))


class UrlBackend(pulumi.ComponentResource):
    """An existing HTTP server. Creates no AWS resources and costs nothing; other components read its address."""

    url: pulumi.Output[str]
    """URL of the backend."""
    port: pulumi.Output[int]
    """TCP port of the URL."""
    cidrs: pulumi.Output[list[str]]
    """The backend's ranges; empty with a security group, and if it can be anywhere in the VPC."""

    def __init__(
        self, name: str, args: ArgsOrMapping[UrlBackendArgs], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        settings = resolve(UrlBackendArgs, args)
        check_declaration("UrlBackend", name, settings, opts)
        super().__init__(
            "gatehouse:index:UrlBackend",
            name,
            add_reach(args, state_url(settings), {"url"} if settings.secret else ()),
            opts,
        )
        self._spec = settings
        self.url = (pulumi.Output.secret if settings.secret else pulumi.Output.from_input)(settings.url)
        self.port = pulumi.Output.from_input(find_port(settings.url))
        self.cidrs = pulumi.Output.from_input(settings.ranges)
        self.register_outputs({"url": self.url, "port": self.port, "cidrs": self.cidrs})

    @property
    def endpoint(self) -> Endpoint:
        """Arguments of a forwarder that calls it, in Python: `**backend.endpoint`.

        With neither ranges nor a security group, add `vpc_cidr`.
        """
        spec = self._spec
        arguments: Endpoint = {"url": self.url, "port": find_port(spec.url), "ipv6": spec.over_ipv6}
        if spec.security_group_id is not None:
            arguments["backend_security_group_id"] = spec.security_group_id
        elif spec.ranges:
            arguments["backend_cidrs"] = spec.ranges
        if spec.certificate_authority is not None:
            arguments["certificate_authority"] = spec.certificate_authority
        return arguments
