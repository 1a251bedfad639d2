"""Addresses that AWS gives to clusters, search domains and other services by itself, which no security group filters.

https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html
https://docs.aws.amazon.com/opensearch-service/latest/developerguide/ac.html
https://docs.aws.amazon.com/lightsail/latest/userguide/understanding-firewall-and-port-mappings-in-amazon-lightsail.html
https://docs.aws.amazon.com/apprunner/latest/dg/network-pl.html
https://docs.aws.amazon.com/transfer/latest/userguide/create-server-in-vpc.html
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from ..aws.catalog import types
from ..aws.catalog.catalog import token_of
from ..aws.gateway.access import condition_values
from ..aws.identity.callers import names_everybody
from ..aws.identity.iam import statements
from ..aws.model.model import AwsModel
from ..aws.network.coverage import binds
from ..aws.network.route import Family
from ..graph import UNKNOWN, Graph, Resource
from ..graph.addresses import is_internet_wide
from ..graph.given import entries, given, held, named, of_any, of_others
from ..graph.reading import CannotTell, MalformedDocument, first, integer, items, naming, output, text, within
from .exposure import INTERNET
from .path import Hop, Kind, PartialPath
from .tables import TABLES

TYPES: Final = (*types.KUBERNETES, *types.KUBERNETES_NODES, *types.DATA_STORE, *types.PUBLIC_SERVICE)
_PUBLIC: Final = {token_of(name): facts for name, facts in TABLES["public"].items()}
"""By type, the input that decides whether a service is public, what callers need, and the traffic, from tables.json."""
_APP: Final = (token_of("amplify.App"),)
_DOMAINS: Final = ("aws:opensearch/domain:Domain", "aws:elasticsearch/domain:Domain")


def partials(model: AwsModel, resource: Resource) -> Iterator[PartialPath]:
    """Paths from the internet to the resource's own address, as far as they are open."""
    if resource.type in types.KUBERNETES:
        yield from _into_cluster(model, resource)
    elif resource.type in types.KUBERNETES_NODES:
        yield from _onto_nodes(model, resource)
    elif resource.type in _DOMAINS:
        yield from _into_domain(model, resource)
    elif resource.type in _PUBLIC:
        yield from _into_service(model, resource, _PUBLIC[resource.type])


def _into_service(model: AwsModel, resource: Resource, facts: Mapping[str, str]) -> Iterator[PartialPath]:
    """A service of AWS, unless its input keeps it private. The ports of a machine of Lightsail may be given apart."""
    written = held(resource, *facts["key"].split(".")) if "key" in facts else True
    setting = facts.get("absent") if written is None else written
    if setting is not UNKNOWN and (setting is None or str(setting).lower() != facts.get("open", str(setting).lower())):
        return
    app = first(model.graph, resource, "appId", types=_APP)
    locks = [held(holder, "enableBasicAuth") for holder in (resource, app) if holder is not None]
    required = "password" if True in locks else facts.get("asks", "anyone")
    open_ = f"whether {resource.name} is public" * (setting is UNKNOWN)
    asked = f"whether {resource.name} requires a password" * (True not in locks and UNKNOWN in locks)
    spoken = held(resource, facts["speaks"]) if "speaks" in facts else None
    by = f"by which protocols {resource.name} is reached" * (UNKNOWN in items(spoken))
    usual = facts.get("traffic", "tcp 443") if spoken in (None, ["SFTP"]) else "the ports of its protocols"
    start = PartialPath(source=INTERNET).doubted(open_, asked, by)
    apart = naming(model.graph, resource, types.PUBLIC_PORTS, "instanceName")
    rules = [rule for holder in apart for rule in items(held(holder, "portInfos"))]
    for rule in rules or [{}]:
        cidrs = [*items(within(rule, "cidrs")), *items(within(rule, "ipv6Cidrs"))]
        strays = of_any(model.graph, types.PUBLIC_PORTS, "instanceName", types=(resource.type,))
        traffic = _traffic(rule) if rules else usual
        sure = not strays and UNKNOWN not in cidrs and within(rule, "cidrListAliases") is None
        unknown = not sure or not traffic
        for source in _sources([cidr for cidr in cidrs if cidr is not UNKNOWN] or [Family.IPV4.anywhere]):
            partial = replace(start, source=source).doubted(f"which ports of {resource.name} are open" * unknown)
            yield _at(model, partial, resource, required, traffic or "ports that are not known")


def _traffic(rule: object) -> str:
    """Protocol and ports; empty if they are not known."""
    protocol, start, end = (within(rule, key) for key in ("protocol", "fromPort", "toPort"))
    first_port, last_port = integer(start), integer(end)
    if not text(protocol) or None in (first_port, last_port):
        return ""
    return f"{text(protocol)} {first_port}{'' if first_port == last_port else f'-{last_port}'}"


def _into_cluster(model: AwsModel, cluster: Resource) -> Iterator[PartialPath]:
    """The Kubernetes API, which requires IAM and is public by default."""
    public = given(cluster, "vpcConfig", "endpointPublicAccess").flag(absent=True)
    listed = entries(cluster, "vpcConfig", "publicAccessCidrs")
    ranges, known = listed.some(), listed.every(unknown=None) is not None
    doubts = [f"whether the endpoint of {cluster.name} is public"] * (public is None)
    doubts += [f"whom the endpoint of {cluster.name} admits"] * (not known)
    if public is not False:
        for source in _sources(ranges or (Family.IPV4.anywhere,)):
            yield _at(model, PartialPath(source=source).doubted(*doubts), cluster, "IAM")


def _onto_nodes(model: AwsModel, nodes: Resource) -> Iterator[PartialPath]:
    """SSH, which a key without source groups opens to everybody, and what the cluster's services open."""
    placed = named(model.graph, nodes, "subnetIds", types=types.SUBNET)
    routed = [model.network.is_public(subnet) for subnet in placed.some()]
    access = held(nodes, "remoteAccess")
    key, groups = within(access, "ec2SshKey"), within(access, "sourceSecurityGroupIds")
    if key is not None and groups in (None, UNKNOWN) and (None in routed or True in routed or not routed):
        certain = True in routed and groups is None and key is not UNKNOWN
        doubt = "" if certain else f"whether {nodes.name} admits SSH from anywhere"
        partial = PartialPath(source=INTERNET, kind=Kind.PEOPLE).then(Hop(nodes, "tcp 22", nodes.name))
        yield partial.then(Hop(nodes, "", "", model.names.of(nodes))).doubted(doubt)
    doubt = "which services of the cluster are exposed is not in this program"
    yield PartialPath(source=INTERNET).then(Hop(nodes, "", "", model.names.of(nodes))).doubted(doubt)


def _into_domain(model: AwsModel, domain: Resource) -> Iterator[PartialPath]:
    """A search domain outside a VPC: only its access policy decides."""
    place = given(domain, "vpcOptions").value(absent="public", unknown=None)
    if place not in ("public", None):
        return
    apart = policies_of(model.graph, domain)
    strays = of_any(model.graph, types.SEARCH_POLICY, "domainName", types=(domain.type,))
    if held(domain, "domainName") in (None, UNKNOWN):
        # Whatever name it gets, a policy may have written it.
        named = {policy.urn for other in model.graph.of_type(domain.type) for policy in policies_of(model.graph, other)}
        others = of_others(model.graph, types.SEARCH_POLICY, "domainName", types=(domain.type,))
        strays += [resource for resource in others if resource not in strays and resource.urn not in named]
    outside = PartialPath(source=INTERNET).doubted("" if place else f"whether {domain.name} is in a VPC")
    for holder in (domain, *apart, *strays):
        policy = held(holder, "accessPolicies")
        if policy is None:
            continue
        start = outside.doubted(f"whether {holder.name} is of {domain.name}" if holder in strays else "")
        try:
            for source in _admitted(policy):
                yield _at(model, replace(start, source=source), domain, "anyone")
        except (CannotTell, MalformedDocument):
            yield _at(model, start.doubted(f"whom the access policy of {domain.name} admits"), domain, "")


def signed(graph: Graph, domain: Resource) -> str:
    """The doubt about callers of a search domain in a VPC whose policies admit nobody without a signature."""
    policies = [held(policy, "accessPolicies") for policy in (domain, *policies_of(graph, domain))]
    try:
        admitted = [source for policy in policies if policy is not None for source in _admitted(policy)]
    except (CannotTell, MalformedDocument):
        admitted = []
    named = domain.type in _DOMAINS and any(policy is not None for policy in policies)
    return f"whom the access policy of {domain.name} admits" if named and not admitted else ""


def is_in_vpc(graph: Graph, holder: Resource) -> bool:
    """Whether a policy is of search domains that are known to be in a VPC, which only addresses inside reach."""
    domains = [one for kind in _DOMAINS for one in graph.of_type(kind) if holder in (one, *policies_of(graph, one))]
    return bool(domains) and all(held(domain, "vpcOptions") not in (None, UNKNOWN) for domain in domains)


def policies_of(graph: Graph, domain: Resource) -> list[Resource]:
    """The policies apart from a domain that name it, by an output or by the name that the program gives it."""
    name = text(output(domain, "domainName"))
    same = (hit for hit in graph.of_type(*types.SEARCH_POLICY) if name and text(held(hit, "domainName")) == name)
    return list({hit.urn: hit for hit in (*naming(graph, domain, types.SEARCH_POLICY, "domainName"), *same)}.values())


def _admitted(policy: object) -> list[str]:
    """Sources that a policy admits without a name. Raises CannotTell if it is not known, or denies somebody."""
    parsed = list(statements(policy))
    if any(statement.get("Effect") == "Deny" for statement in parsed):
        raise CannotTell("what the policy denies is not read")
    sources: list[str] = []
    for statement in parsed:
        everybody = names_everybody(statement)
        if ranges := list(condition_values({"Statement": [statement]}, "aws:sourceip")) if everybody else []:
            sources += _sources(ranges)
        elif everybody and not binds(statement.get("Condition"), statement.get("Action", "*")):
            sources.append(INTERNET)
    return sources


def _sources(ranges: tuple[str, ...] | list[str]) -> list[str]:
    written = [text(cidr) for cidr in ranges]
    return [INTERNET] if is_internet_wide(written) else [f"{cidr} ({INTERNET})" for cidr in written]


def _at(model: AwsModel, partial: PartialPath, resource: Resource, label: str, traffic: str = "tcp 443") -> PartialPath:
    partial = partial.then(Hop(resource, traffic, f"the public address of {resource.name}"))
    return partial.then(Hop(resource, label, "", model.names.of(resource)))
