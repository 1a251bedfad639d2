"""Inputs that stack files declare, altered by a transform: a sentence changes, or a reason says why none does."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from review.aws.model.model import AwsModel
from review.evaluate.project_file import load
from review.evaluate.stack_file import read_stack
from review.graph import Graph, Resource, reveal
from review.ledger.ways import find_ways_of_kind, is_inert
from review.paths import Reachability, trace_paths
from review.paths.claims import vouch_for_others
from review.rules import check
from review.tests.helpers.in_process.evaluation import run
from tests.helpers.stacks import EXAMPLES, ROOT

pytestmark = pytest.mark.slow

INDIFFERENT: Final = {
    "AWS refuses a deployment or a certificate authority that does not exist": [
        "apigateway.Deployment restApi",
        "apigateway.DomainName mutualTlsAuthentication",
    ],
    "it is as wide or as closed as before": [
        "apigatewayv2.Integration timeoutMilliseconds",
        "apigatewayv2.Route routeKey",
        "apigatewayv2.Stage routeSettings",
        "apigatewayv2.VpcLink subnetIds",
        "ec2.Instance ipv6AddressCount",
        "ec2.NatGateway subnetId",
        "ec2.Route gatewayId",
        "ec2.VpcEndpoint subnetIds",
        "ec2transitgateway.InstanceConnectEndpoint subnetId",
        "lb.LoadBalancer subnets",
        "vpc.SecurityGroupEgressRule toPort",
        "vpc.SecurityGroupIngressRule toPort",
    ],
    "it is the engine's own": ["index.Stash input"],
}
"""Inputs that readers ask for, and for which another value of their kind changes no sentence, by the reason."""

EVERYBODY: Final = [{"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": ["0.0.0.0/0"]}]
OTHERS: Final[dict[str, Any]] = {
    "ingress": EVERYBODY,
    "egress": EVERYBODY,
    "protocolType": "WEBSOCKET",
    "loadBalancerType": "network",
    "protocol": "UDP",
    "integrationType": "MOCK",
    "routeKey": "GET /other",
    "endpointConfiguration": {"types": "PRIVATE"},
    "destinationCidrBlock": "10.0.0.0/8",
    "destinationIpv6CidrBlock": "2001:db8::/32",
    "policy": '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}',
    "defaultAction": {"block": {}},
}
"""Values of inputs that AWS takes, in place of those that it would refuse."""


def alter(value: Any) -> Any:
    """Another value of the same kind."""
    match reveal(value):
        case bool(plain):
            return not plain
        case int(plain) | float(plain):
            return plain + 1
        case str(plain):
            return f"{plain}-other"
        case list(members) if members:
            return [alter(member) for member in members]
        case Mapping() as block if block:
            return {key: alter(inner) for key, inner in block.items()}
    return ["other"]


def read_graphs() -> Iterator[Graph]:
    project = load(Path(ROOT))
    for name in EXAMPLES:
        yield run(project, read_stack(project, name), known=True, strict=False, reimport=False)


def alter_input(graph: Graph, resource: Resource, key: str) -> Reachability:
    """The stack after a transform that changed one input."""
    value = OTHERS.get(key) or alter(resource.inputs[key])
    altered = replace(
        resource,
        inputs={**resource.inputs, key: value},
        state={**resource.state, key: value},
        altered=resource.altered | {key},
    )
    return trace_paths(AwsModel(replace(graph, resources={**graph.resources, resource.urn: altered})))


def list_sentences(reach: Reachability) -> list[str]:
    return [*map(str, reach.paths), str(vouch_for_others(reach)), *map(str, reach.ledger.entries)]


def list_findings(reach: Reachability) -> list[str]:
    return [f"{finding.rule.id} {finding.status} {finding.message}" for finding in check(reach.model.unrecorded, reach)]


def test_no_altered_input_leaves_every_sentence_without_a_reason() -> None:
    excused = {name for names in INDIFFERENT.values() for name in names}
    types, silent = set[str](), set[str]()
    seen = set[tuple[str, str]]()
    for graph in read_graphs():
        before = trace_paths(AwsModel(graph))
        sentences = list_sentences(before)
        for resource in [one for one in graph if one.custom and not one.existing and one.is_of_component]:
            types.add(resource.type)
            for key in [key for key, value in resource.inputs.items() if value is not None]:
                if (resource.type, key) in seen or is_inert(key) or not find_ways_of_kind(resource.type):
                    continue
                seen.add((resource.type, key))
                after = alter_input(graph, resource, key)
                if list_sentences(after) == sentences and list_findings(after) == list_findings(before):
                    module, _, kind = resource.type.rpartition(":")
                    silent.add(f"{module.partition(':')[2].partition('/')[0]}.{kind} {key}")
    assert len(types) > 50
    assert silent == excused, silent ^ excused
