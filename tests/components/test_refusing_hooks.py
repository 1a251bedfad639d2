"""Updates that AWS would refuse end in the preview: subnets that move, disks that become smaller."""

import itertools
from typing import Any

import pulumi
import pytest

import components
from components import NatInstance
from components.compute.growing_disk import refuse_smaller
from components.facts.limits import VPC_LINK_ZONE_IDS
from components.network.refused_changes import refuse_changes
from components.refusals import RefusedUpdateError
from components.stack.topologies import zones as topology_zones
from tests.helpers.declare import declare, one
from tests.helpers.stacks import ROOT, graph_of, graph_with


def hook(old: dict[str, Any], new: dict[str, Any], outputs: dict[str, Any] | None = None) -> pulumi.ResourceHookArgs:
    return pulumi.ResourceHookArgs(
        urn="urn:x", id="i-1", name="it", type="x", old_inputs=old, new_inputs=new, old_outputs=outputs
    )


def zones(*names: str, **more: Any) -> dict[str, Any]:
    return {"zones": list(names), **more}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (zones("a", "b", "c"), zones("b", "c")),
        (zones("a", "b"), zones("b", "a")),
        (zones("a", "b", zones_stay=True), zones("a", "c")),
        (zones("a"), zones("b", zones_stay=False)),
        (zones("a"), zones("b", cidr="10.0.0.0/16")),
    ],
)
def test_a_subnet_that_would_move_is_refused(old: dict[str, Any], new: dict[str, Any]) -> None:
    with pytest.raises(RefusedUpdateError, match=r"it: subnet \d lies in \w and cannot move to \w"):
        refuse_changes(hook(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (zones("a", "b"), zones("a", "b", "c")),
        (zones("a", "b", "c"), zones("a")),
        (zones("a", "b"), zones("b", "c", zones_stay=True)),
        (zones("a", cidr="10.0.0.0/16"), zones("b", cidr="10.8.0.0/16")),
        (zones("a"), {"vpc_id": "vpc-1", "subnet_ids": ["subnet-1"]}),
        ({"vpc_id": "vpc-1", "subnet_ids": ["subnet-1"]}, zones("a")),
    ],
)
def test_subnets_that_stay_or_lie_in_another_vpc_are_not_refused(old: dict[str, Any], new: dict[str, Any]) -> None:
    refuse_changes(hook(old, new))


def test_zones_are_compared_with_those_that_the_subnets_are_in() -> None:
    """A lookup named other zones since, and the subnets stayed."""
    old, stands = zones("a", "c", zones_stay=True), {"zones": ["a", "b"]}
    refuse_changes(hook(old, zones("a", "b"), stands))
    with pytest.raises(RefusedUpdateError, match="subnet 2 lies in b and cannot move to c"):
        refuse_changes(hook(old, zones("a", "c"), stands))


@pytest.mark.parametrize("old", [None, "10.0.0.0/16"])
def test_a_range_behind_a_nat_gateway_is_refused_with_the_steps(old: str | None) -> None:
    before = zones("a", egress=["nat-gateway"], cidr=old)
    with pytest.raises(RefusedUpdateError, match=r"from 10.0.0.0/16 to 10.8.0.0/16 .* Set the egress to nat-instance"):
        refuse_changes(hook(before, zones("a", egress=["nat-gateway", "ipv6"], cidr="10.8.0.0/16")))
    refuse_changes(hook(before, zones("a", egress=["nat-instance"], cidr="10.8.0.0/16")))
    refuse_changes(hook(before, zones("a", "b", egress=["nat-gateway"])))


def test_a_new_subnet_in_the_zone_of_another_is_refused() -> None:
    """A zone was not available when the stack was created, and is now."""
    stands = {"zones": ["b", "c"]}
    with pytest.raises(RefusedUpdateError, match=r"a new subnet would lie in c, as subnet 2 does\. Name the zones"):
        refuse_changes(hook(zones("b", "c", zones_stay=True), zones("a", "b", "c", zones_stay=True), stands))
    refuse_changes(hook(zones("b", "c", zones_stay=True), zones("b", "c", "a"), stands))


def test_an_endpoint_of_its_own_is_no_existing_one() -> None:
    """The lookup finds it, and the same update would delete it."""
    adopted = {"vpc_id": "vpc-1", "subnet_ids": ["subnet-1"]}
    with pytest.raises(RefusedUpdateError, match="declares the endpoints for logs, and the update would delete them"):
        refuse_changes(hook({**adopted, "endpoints": ["logs"]}, {**adopted, "existing_endpoints": ["logs", "s3"]}))
    refuse_changes(hook({**adopted, "endpoints": ["ssm"]}, {**adopted, "existing_endpoints": ["logs"]}))
    # Endpoints of another VPC are others.
    other = {**adopted, "vpc_id": "vpc-2", "existing_endpoints": ["logs"]}
    for before in (adopted, zones("a")):
        refuse_changes(hook({**before, "endpoints": ["logs"]}, other))
        refuse_changes(hook({**before, "endpoints": ["logs"]}, {**other, "vpc_id": pulumi.output.UNKNOWN}))


def test_the_network_has_the_hook_and_zones_by_number_stay() -> None:
    for zones_of_config, ignored in ((2, ("availabilityZone",)), (["eu-west-1a", "eu-west-1b"], ())):
        backend = {"image": "traefik/whoami:v1.11.0", "platform": "linux/arm64", "port": 80}
        api = {"routes": [{"path": "/", "authorization": "iam"}]}
        graph = graph_with(
            {"topology": "public-proxy", "network": {"zones": zones_of_config}, "backend": backend, "api": api}
        )
        assert one(graph, "Subnet", "network-private-1").options.ignore_changes == ignored
        assert one(graph, "PrivateNetwork", "network").options.hooks == {
            "before_update": ("PrivateNetwork-network-refuses-changes",)
        }


def test_what_is_beside_a_private_subnet_takes_its_zone_from_it() -> None:
    """The subnet may be in another zone than the lookup names."""
    graph = graph_of("examples/nat-gateway.yaml")
    private = one(graph, "Subnet", "network-private-1")
    public = one(graph, "Subnet", "network-public-1")
    assert private.urn in public.property_dependencies["availabilityZone"]


def test_a_stack_stands_although_a_zone_is_no_longer_available(monkeypatch: pytest.MonkeyPatch) -> None:
    class Found:
        def __init__(self, *names: str) -> None:
            self.names, self.zone_ids = [*names], [f"id-of-{name}" for name in names]

    names: dict[str | None, tuple[str, ...]] = {"available": ("b",), None: ("a", "b")}

    def lookup(state: str | None, filters: Any) -> Found:
        return Found(*names[state])

    monkeypatch.setattr("pulumi_aws.get_availability_zones", lookup)
    monkeypatch.setattr("pulumi_aws.get_region", lambda: type("Region", (), {"region": "nowhere"})())
    monkeypatch.setitem(VPC_LINK_ZONE_IDS, "somewhere", ("id-of-b", "id-of-c"))
    assert topology_zones.zone_names(1, vpc_link=True) == ["b"]
    assert sorted(topology_zones.zone_names(2, vpc_link=True)) == ["a", "b"]
    # Zones that VPC links do not serve count for nothing.
    monkeypatch.setattr("pulumi_aws.get_region", lambda: type("Region", (), {"region": "somewhere"})())
    names["available"], names[None] = ("a", "b"), ("a", "b", "c")
    assert topology_zones.zone_names(2, vpc_link=True) == ["b", "c"]


def disk(size: object) -> dict[str, Any]:
    return {"rootBlockDevice": {"volumeSize": size}}


def test_a_smaller_disk_is_refused_with_what_to_do() -> None:
    with pytest.raises(RefusedUpdateError, match=r"it: .*\(20 → 8 GiB\).*Set the size back to 20.*--replace 'urn:x'"):
        refuse_smaller(hook(disk(20.0), disk(8.0)))


@pytest.mark.parametrize(("old", "new"), [(8, 20), (8, 8), (None, 8), (8, None), (20, pulumi.output.UNKNOWN)])
def test_another_disk_is_not_refused(old: object, new: object) -> None:
    refuse_smaller(hook(disk(old), disk(new)))
    refuse_smaller(hook({}, disk(new)))


def test_the_nat_instance_refuses_a_smaller_disk() -> None:
    args: Any = {"vpc_id": "vpc-1", "vpc_cidr": "10.0.0.0/16", "subnet_id": "subnet-1"}
    machine = one(declare(lambda: NatInstance("nat", args)), "Instance")
    assert machine.options.hooks == {"before_update": ("NatInstance-nat-disk-only-grows",)}


def test_components_of_several_types_can_have_one_name() -> None:
    """The engine takes each name of a hook once."""
    vpc = {"vpc_id": "vpc-1", "subnet_ids": ["subnet-1", "subnet-2"]}
    balanced = {**vpc, "target_group_arn": "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/a/1"}
    every: dict[str, dict[str, Any]] = {
        "PrivateNetwork": {"zones": ["eu-west-1a"]},
        "NatInstance": {"vpc_id": "vpc-1", "vpc_cidr": "10.0.0.0/16", "subnet_id": "subnet-1"},
        "PrivateIngress": {**vpc, "kind": "alb", "link": "v2"},
        "Ec2Backend": {**balanced, "user_data": "#!/bin/sh\n", "access": "none"},
        "FargateBackend": {
            **balanced,
            "image": "nginx:1.29",
            "egress": ["nat-instance"],
            "scaling": {"maximum": 2, "cpu_percent": 50},
        },
        "ApiFunction": {"folder": str(ROOT / "handlers/greeter")},
        "ServerlessProxy": {**vpc, "url": "http://backend.invalid", "backend_cidrs": ["10.0.0.0/16"]},
    }
    graph = declare(lambda: [getattr(components, kind)("app", args) for kind, args in every.items()])
    hooks = [name for made in graph for name in {*itertools.chain(*made.options.hooks.values())}]
    assert len(hooks) > 10
    assert sorted({*hooks}) == sorted(hooks)
