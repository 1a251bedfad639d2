"""Updates that AWS or its provider would refuse, cut or never finish, and accounts in which many stacks have lived."""

from typing import Any

import pytest

from components.facts import limits
from components.refused_changes.ingress import list_ingress_changes
from review.compare.resources import compare_resources
from review.permissions import build_permissions
from review.tests.helpers.stacks import graph_with
from tests.helpers.declare import one
from tests.integration.topologies.engine_model import faults
from tests.integration.topologies.test_changes import LINK, TLS, changed, kept, unstable

_IAM = {"path": "/", "authorization": "iam"}


@pytest.mark.parametrize("kind", ["alb", "nlb"])
def test_tls_is_switched_off_by_another_listener(kind: str) -> None:
    """terraform-provider-aws#1851: the provider sends the old policy of TLS, which AWS refuses for HTTP and TCP."""
    secure, plain = (graph_with(changed(LINK, ingress={"kind": kind, **tls})) for tls in (TLS, {}))
    assert not [*kept(secure, plain), *kept(plain, secure), *faults(secure, plain), *faults(plain, secure)]
    replaced = {change.new.name for change in compare_resources(secure, plain).changes if change.replacing}
    assert {"ingress-listener", "ingress-standby"} <= replaced
    # At the same port the preview refuses it.
    at_same_port = graph_with(changed(LINK, ingress={"kind": kind, **TLS, "port": 80}))
    before, after = (one(graph, "PrivateIngress").inputs for graph in (plain, at_same_port))
    assert [*list_ingress_changes(before, after)]


@pytest.mark.parametrize("qualifier", ["", ":live", ":7"])
def test_a_permission_names_the_function_as_the_provider_reads_it(qualifier: str) -> None:
    arn = "arn:aws:lambda:eu-west-1:111122223333:function:orders"
    api = {"functions": {"orders": {"arn": arn + qualifier}}, "routes": [{**_IAM, "target": "orders"}]}
    graph = graph_with({"topology": "public-proxy", "api": api})
    inputs = one(graph, "Permission").inputs
    assert (inputs["function"], inputs.get("qualifier")) == (arn, qualifier.removeprefix(":") or None)
    assert not [*unstable(graph)]


@pytest.mark.parametrize("seconds", [30, 3_600])
def test_a_service_waits_for_the_draining_and_so_does_the_session(seconds: int) -> None:
    graph = graph_with(changed(LINK, ingress={"kind": "nlb", "deregistrationDelaySeconds": seconds}))
    limit = f"{35 * 60 + limits.NAT_BOOT_SECONDS + seconds}s"
    timeouts = one(graph, "Service", "backend-service").options.custom_timeouts
    assert timeouts == dict.fromkeys(("create", "update", "delete"), limit)
    assert build_permissions(graph).longest_wait >= 35 * 60 + seconds


def test_the_session_lasts_as_long_as_hooks_and_groups_wait() -> None:
    backend = {"kind": "ec2", "image": "traefik/whoami:v1.11.0", "count": 2}
    config = {**LINK, "backend": backend, "network": {"egress": "nat-gateway", "zones": 2}}
    assert build_permissions(graph_with(config)).longest_wait == limits.LAMBDA_INTERFACES_SECONDS


def test_an_old_network_keeps_its_way_out_until_the_new_backend_answers() -> None:
    found = compare_resources(graph_with(LINK), graph_with(changed(LINK, network={"cidr": "10.1.0.0/16"})))
    # The engine deletes at the end, so the way out must be deleted and neither updated nor replaced.
    assert {"network-nat-association", "network-nat-instance"} <= {resource.name for resource in found.removed}
    assert not any(change.new.name.startswith("network-nat-") for change in found.changes)


def test_a_second_stack_maps_a_base_path_of_a_domain_that_exists() -> None:
    domain = {"name": "api.example.com", "basePath": "orders", "existing": True}
    api = {"routes": [_IAM], "domain": domain}
    graph = graph_with({"topology": "public-proxy", "backend": {"kind": "greeter"}, "api": api})
    mapping = one(graph, "ApiMapping").inputs
    assert (mapping["domainName"], mapping["apiMappingKey"]) == ("api.example.com", "orders")
    assert not [each for each in graph if each.type.endswith((":DomainName", ":Certificate", ":Record"))]


def test_another_listener_of_a_balancer_is_a_difference() -> None:
    listener = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/0a1b2c3d4e5f6071/8a9b0c1d2e3f405"
    subnets = ["subnet-0a1b2c3d4e5f60718", "subnet-0b1c2d3e4f5061728"]
    config: dict[str, Any] = {
        "topology": "vpc-link",
        "network": {"vpcId": "vpc-0a1b2c3d4e5f60718", "subnetIds": subnets},
        "api": {"routes": [_IAM]},
    }
    before, after = (graph_with({**config, "backend": {"listenerArn": f"{listener}{end}"}}) for end in (1, 2))
    assert compare_resources(before, after).changes
