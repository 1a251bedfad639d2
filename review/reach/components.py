"""Ways into components of other processes (awsx, eks, aws-apigateway), whose resources an evaluation does not see.

What each opens was read in the sources of awsx 1 to 3, eks 4 and aws-apigateway 3. A plan and a state have the children
of a component, and then nothing here is asked; in an evaluation, its only children are those that the program gives it.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from ..aws.catalog.types import COMPONENT_SERVICES, COMPONENTS
from ..aws.model.model import AwsModel
from ..graph import UNKNOWN, Origin, Resource
from ..graph.addresses import ANYWHERE, is_internet_wide
from ..graph.given import given, held
from ..graph.prose import listed
from ..graph.reading import integer, items, text, within
from .exposure import INTERNET
from .path import Hop, Kind, PartialPath, Path

REST_API: Final = "aws-apigateway:index:RestAPI"


def paths(model: AwsModel) -> Iterator[Path]:
    """From the internet into each component, as far as its arguments open it."""
    for resource in _unseen(model, *COMPONENTS, *COMPONENT_SERVICES):
        for partial in _READERS[resource.type](resource):
            yield partial.then(Hop(resource, "", "", resource.name)).end(resource.name)


def _unseen(model: AwsModel, *kinds: str) -> Iterator[Resource]:
    """Components whose children the graph does not have."""
    whole = model.graph.origin is Origin.PROGRAM
    resources = (resource for resource in model.graph.of_type(*kinds) if resource.remote)
    return (resource for resource in resources if whole or not model.graph.children(resource.urn))


def open_routes(model: AwsModel) -> Iterator[tuple[Resource, list[str]]]:
    """REST APIs of aws-apigateway, with the routes that ask for nothing of who calls the API's own address."""
    for resource in _unseen(model, REST_API):
        if given(resource, "disableExecuteApiEndpoint").flag(absent=False) is False:
            yield resource, _asked(resource).get(NOTHING, [])


def has_unknown_routes(resource: Resource) -> bool:
    """Of a REST API of aws-apigateway: whether its routes are in a document, or known only after deployment."""
    return held(resource, "routes") is UNKNOWN or held(resource, "swaggerString") is not None


def _start(*doubts: str, source: str = INTERNET, kind: Kind = Kind.INBOUND) -> PartialPath:
    return PartialPath(source=source, kind=kind).doubted(*doubts)


def _balancer(resource: Resource) -> Iterator[PartialPath]:
    """A load balancer, which faces the internet by default; a group that it makes itself admits everybody."""
    internal = given(resource, "internal").flag(absent=False)
    written = held(resource, "defaultSecurityGroup")
    ingress = items(within(written, "args", "ingress"))
    everybody = is_internet_wide([text(cidr) for rule in ingress for cidr in items(within(rule, "cidrBlocks"))])
    grouped = held(resource, "securityGroups") is not None or (written is not None and not everybody)
    listeners = [*items(held(resource, "listener")), *items(held(resource, "listeners"))] or [{}]
    for listener in listeners if internal is not True else ():
        port = integer(within(listener, "port")) or (443 if within(listener, "protocol") == "HTTPS" else 80)
        doubts = [f"whether {resource.name} faces the internet"] * (internal is None)
        doubts += [f"whether the security group of {resource.name} admits it"] * grouped
        yield _start(*doubts).then(Hop(resource, f"tcp {port}", f"a listener of {resource.name}"))


def _service(resource: Resource) -> Iterator[PartialPath]:
    """A service. Without a network of its own it is in the default VPC, in a group that admits everybody."""
    network = held(resource, "networkConfiguration")
    own = network is None and "Fargate" in resource.kind
    written = held(resource, "assignPublicIp") if network is None else within(network, "assignPublicIp")
    public = None if UNKNOWN in (network, written) else str(written).lower() == "true"
    if public is not False:
        doubts = [f"whether {resource.name} gets a public address"] * (public is None)
        doubts += [f"whether the security groups of {resource.name} admit it"] * (not own)
        yield _start(*doubts).then(Hop(resource, "every port", f"the security group of {resource.name}"))
    targets = [text(within(entry, "targetGroupArn")) for entry in items(held(resource, "loadBalancers"))]
    if not targets or public is False:
        yield _start(f"which load balancers send requests to {resource.name}")


def _cluster(resource: Resource) -> Iterator[PartialPath]:
    """The Kubernetes API, which requires IAM, and what the services of the cluster open."""
    public = given(resource, "endpointPublicAccess").flag(absent=True)
    ranges = [text(cidr) for cidr in items(held(resource, "publicAccessCidrs"))] or [ANYWHERE[0]]
    for cidr in ranges if public is not False else ():
        source = INTERNET if is_internet_wide([cidr]) else f"{cidr} ({INTERNET})" if cidr else INTERNET
        doubts = [f"whether the endpoint of {resource.name} is public"] * (public is None)
        doubts += [f"whom the endpoint of {resource.name} admits"] * (not cidr)
        yield _start(*doubts, source=source).then(Hop(resource, "tcp 443, IAM", f"the endpoint of {resource.name}"))
    yield from _nodes(resource)


def _nodes(resource: Resource) -> Iterator[PartialPath]:
    """Nodes, whose own group admits the cluster only. A key without source groups opens SSH to everybody."""
    access = held(resource, "remoteAccess")
    if within(access, "ec2SshKey") is not None and within(access, "sourceSecurityGroupIds") in (None, UNKNOWN):
        start = _start(f"whether {resource.name} has public addresses", kind=Kind.PEOPLE)
        yield start.then(Hop(resource, "tcp 22", resource.name))
    yield _start("which services of the cluster are exposed is not in this program")


def _api(resource: Resource) -> Iterator[PartialPath]:
    """A REST API with a stage. Each route is open to anyone unless it asks for something."""
    if has_unknown_routes(resource):
        yield _start(f"which routes {resource.name} has")
        return
    disabled = given(resource, "disableExecuteApiEndpoint").flag(absent=False) is not False
    doubts = [f"whether a domain leads to {resource.name}, whose own address is off"] * disabled
    for asked, names in _asked(resource).items():
        few = listed(sorted(names)) if len(names) <= 2 else f"{len(names)} routes"
        hop = Hop(resource, f"{few}, {asked}", f"the stage of {resource.name}", calls=tuple(names))
        yield _start(*doubts).then(hop)


def _asked(resource: Resource) -> dict[str, list[str]]:
    """Routes by what they ask for."""
    by_demand: dict[str, list[str]] = {}
    for route in items(held(resource, "routes")):
        words = [word for key, word in _DEMANDS.items() if within(route, key) not in (None, False, [], "")]
        name = " ".join(filter(None, (text(within(route, "method")), text(within(route, "path")))))
        by_demand.setdefault(", ".join(words) or NOTHING, []).append(name or "a route")
    return by_demand


NOTHING: Final = "anyone"
_DEMANDS: Final = {"authorizers": "authorizer", "iamAuthEnabled": "IAM", "apiKeyRequired": "key"}
_READERS: Final[Mapping[str, Callable[[Resource], Iterator[Any]]]] = {
    **dict.fromkeys(("awsx:lb:ApplicationLoadBalancer", "awsx:lb:NetworkLoadBalancer"), _balancer),
    **dict.fromkeys(("awsx:ecs:FargateService", "awsx:ecs:EC2Service"), _service),
    **dict.fromkeys(("eks:index:NodeGroup", "eks:index:NodeGroupV2", "eks:index:ManagedNodeGroup"), _nodes),
    "eks:index:Cluster": _cluster,
    REST_API: _api,
}
