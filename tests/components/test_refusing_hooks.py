"""Updates that AWS would refuse end in the preview: subnets that move, disks that become smaller."""

import contextlib
import itertools
import subprocess
import sys
from pathlib import Path
from typing import Any

import pulumi
import pytest

import components
from components import NatInstance
from components.facts import hook_names
from components.facts.limits import VPC_LINK_ZONE_IDS
from components.refused_changes import CHECKS
from components.refused_changes.disk import list_disk_changes
from components.refused_changes.ingress import list_ingress_changes
from components.refused_changes.network import list_network_changes
from components.resource_hooks.refused_updates import RefusedUpdateError, refuse_changes
from components.stack.topologies import zones as topology_zones
from tests.helpers.declare import declare, one
from tests.helpers.stacks import ROOT, graph_of, graph_with


def hook(old: dict[str, Any], new: dict[str, Any], outputs: dict[str, Any] | None = None) -> pulumi.ResourceHookArgs:
    return pulumi.ResourceHookArgs(
        urn="urn:x", id="i-1", name="it", type="x", old_inputs=old, new_inputs=new, old_outputs=outputs
    )


def zones(*names: str, **more: Any) -> dict[str, Any]:
    return {"zones": list(names), **more}


MOVES = r"it: subnet \d lies in \w and cannot move to \w"
RENAMED = r"from 10.0.0.0/16 to 10.8.0.0/16 .* Set the egress to nat-instance"
ADOPTED = {"vpc_id": "vpc-00000001", "subnet_ids": ["subnet-00000001"]}
GATEWAY = ["nat-gateway"]


@pytest.mark.parametrize(
    ("old", "new", "stands", "words"),
    [
        (zones("a", "b", "c"), zones("b", "c"), None, MOVES),
        (zones("a", "b"), zones("b", "a"), None, MOVES),
        (zones("a", "b", zones_stay=True), zones("a", "c"), None, MOVES),
        (zones("a"), zones("b", zones_stay=False), None, MOVES),
        (zones("a"), zones("b", cidr="10.0.0.0/16"), None, MOVES),
        (zones("a", "b"), zones("a", "b", "c"), None, ""),
        (zones("a", "b", "c"), zones("a"), None, ""),
        (zones("a", "b"), zones("b", "c", zones_stay=True), None, ""),
        (zones("a", cidr="10.0.0.0/16"), zones("b", cidr="10.8.0.0/16"), None, ""),
        (zones("a"), ADOPTED, None, ""),
        # A number of zones keeps the subnets where they are.
        ({"zones": 2.0}, {"zones": 3.0}, ["a", "b"], ""),
        ({"zones": 2.0}, zones("a", "c"), ["a", "b"], "subnet 2 lies in b and cannot move to c"),
        (ADOPTED, zones("a"), None, ""),
        # A lookup named other zones since, and the subnets stayed.
        (zones("a", "c", zones_stay=True), zones("a", "b"), ["a", "b"], ""),
        (zones("a", "c", zones_stay=True), zones("a", "c"), ["a", "b"], "subnet 2 lies in b and cannot move to c"),
        # A zone was not available when the stack was created, and is now.
        (
            zones("b", "c", zones_stay=True),
            zones("a", "b", "c", zones_stay=True),
            ["b", "c"],
            r"a new subnet would lie in c, as subnet 2 does\. Name the zones",
        ),
        (zones("b", "c", zones_stay=True), zones("b", "c", "a"), ["b", "c"], ""),
        # The addresses of a NAT gateway stand in its range.
        (zones("a", egress=GATEWAY), zones("a", egress=[*GATEWAY, "ipv6"], cidr="10.8.0.0/16"), None, RENAMED),
        (zones("a", egress=GATEWAY, cidr="10.0.0.0/16"), zones("a", egress=GATEWAY, cidr="10.8.0.0/16"), None, RENAMED),
        (zones("a", egress=GATEWAY), zones("a", egress=["nat-instance"], cidr="10.8.0.0/16"), None, ""),
        (zones("a", egress=GATEWAY), zones("a", "b", egress=GATEWAY), None, ""),
    ],
)
def test_a_change_that_aws_would_refuse_is_refused(
    old: dict[str, Any], new: dict[str, Any], stands: list[str] | None, words: str
) -> None:
    with pytest.raises(RefusedUpdateError, match=words) if words else contextlib.nullcontext():
        refuse_changes(list_network_changes, hook(old, new, {"zones": stands} if stands else None))


def balancer(zones: int, **more: Any) -> dict[str, Any]:
    return {"kind": "alb", "vpc_id": "vpc-00000001", "subnet_ids": [f"subnet-{zone}" for zone in range(zones)], **more}


@pytest.mark.parametrize(
    ("old", "new", "refused"),
    [
        (balancer(3), balancer(2), True),
        (balancer(3, target_zones=2.0), balancer(1), True),
        (balancer(3, target_zones=2), balancer(2), False),
        (balancer(2, target_zones=3), balancer(2), False),
        (balancer(2), balancer(3), False),
        # An NLB is replaced, and another VPC has other subnets.
        (balancer(3, kind="nlb"), balancer(2, kind="nlb"), False),
        (balancer(3), balancer(2, vpc_id="vpc-00000002"), False),
        (balancer(3), balancer(2, subnet_ids=pulumi.output.UNKNOWN), False),
    ],
)
def test_a_balancer_does_not_leave_a_zone_before_the_copies_do(
    old: dict[str, Any], new: dict[str, Any], refused: bool
) -> None:
    words = "the balancer would leave all but .* First set backend.zones to"
    with pytest.raises(RefusedUpdateError, match=words) if refused else contextlib.nullcontext():
        refuse_changes(list_ingress_changes, hook(old, new))


def test_an_endpoint_of_its_own_is_no_existing_one() -> None:
    """The lookup finds it, and the same update would delete it."""
    declared, others = {**ADOPTED, "endpoints": ["logs"]}, {**ADOPTED, "existing_endpoints": ["logs", "s3"]}
    (reason,) = list_network_changes(declared, others)
    assert "declares the endpoints for logs, and the update would delete them" in reason
    assert not [*list_network_changes({**ADOPTED, "endpoints": ["ssm"]}, others)]
    # Endpoints of another VPC are others.
    for before, vpc_id in itertools.product((ADOPTED, zones("a")), ("vpc-00000002", pulumi.output.UNKNOWN)):
        other = {**ADOPTED, "vpc_id": vpc_id, "existing_endpoints": ["logs"]}
        assert not [*list_network_changes({**before, "endpoints": ["logs"]}, other)]


def test_the_network_has_the_hook_and_zones_by_number_stay() -> None:
    backend = {"image": "traefik/whoami:v1.11.0", "platform": "linux/arm64", "port": 80}
    config = {
        "topology": "public-proxy",
        "backend": backend,
        "api": {"routes": [{"path": "/", "authorization": "iam"}]},
    }
    for zones_of_config, ignored in ((2, ("availabilityZone",)), (["eu-west-1a", "eu-west-1b"], ())):
        graph = graph_with({**config, "network": {"zones": zones_of_config}})
        assert one(graph, "Subnet", "network-private-1").options.ignore_changes == ignored
        hooks = one(graph, "PrivateNetwork", "network").options.hooks
        assert hooks == {"before_update": ("PrivateNetwork-network-refuses-changes",)}


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

    def lookup(state: str | None, filters: Any, opts: Any) -> Found:
        return Found(*names[state])

    monkeypatch.setattr("pulumi_aws.get_availability_zones", lookup)
    monkeypatch.setattr("pulumi_aws.get_region", lambda **_: type("Region", (), {"region": "nowhere"})())
    monkeypatch.setitem(VPC_LINK_ZONE_IDS, "somewhere", ("id-of-b", "id-of-c"))
    assert topology_zones.choose_zone_names(1, vpc_link=True) == ["b"]
    assert sorted(topology_zones.choose_zone_names(2, vpc_link=True)) == ["a", "b"]
    # Zones that VPC links do not serve count for nothing.
    monkeypatch.setattr("pulumi_aws.get_region", lambda **_: type("Region", (), {"region": "somewhere"})())
    names["available"], names[None] = ("a", "b"), ("a", "b", "c")
    assert topology_zones.choose_zone_names(2, vpc_link=True) == ["b", "c"]


def disk(size: object) -> dict[str, Any]:
    return {"rootBlockDevice": {"volumeSize": size}}


def test_a_smaller_disk_is_refused_with_what_to_do() -> None:
    with pytest.raises(RefusedUpdateError, match=r"it: .*\(20 → 8 GiB\).*Set the size back to 20.*up --replace"):
        refuse_changes(list_disk_changes, hook(disk(20.0), disk(8.0)))
    for old, new in ((8, 20), (8, 8), (None, 8), (8, None), (20, pulumi.output.UNKNOWN)):
        assert not [*list_disk_changes(disk(old), disk(new)), *list_disk_changes({}, disk(new))]
    args: Any = {"vpc_id": "vpc-00000001", "vpc_cidr": "10.0.0.0/16", "subnet_id": "subnet-00000001"}
    machine = one(declare(lambda: NatInstance("nat", args)), "Instance")
    assert machine.options.hooks == {"before_update": ("NatInstance-nat-disk-only-grows",)}


def test_components_of_several_types_can_have_one_name() -> None:
    """The engine takes each name of a hook once."""
    vpc = {"vpc_id": "vpc-00000001", "subnet_ids": ["subnet-00000001", "subnet-00000002"]}
    balanced = {**vpc, "target_group_arn": "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/a/1"}
    every: dict[str, dict[str, Any]] = {
        "PrivateNetwork": {"zones": ["eu-west-1a"]},
        "NatInstance": {"vpc_id": "vpc-00000001", "vpc_cidr": "10.0.0.0/16", "subnet_id": "subnet-00000001"},
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
    assert len(hooks) >= 10
    assert sorted({*hooks}) == sorted(hooks)


PROTECTED, ENDS = {"deletion_protection": True}, "deletion protection and would be replaced. First set"
NLB = {"kind": "nlb"}
TLS = {"certificate_arn": "arn:aws:acm:eu-west-1:1:certificate/x", "server_name": "app.example.com"}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (balancer(2, **NLB, **PROTECTED), balancer(2, **PROTECTED), ENDS),
        (balancer(2, **NLB, **PROTECTED), balancer(2), ENDS),
        (balancer(2, **PROTECTED), {"kind": "cloud-map", "vpc_id": "vpc-00000001"}, ENDS),
        (balancer(2, **PROTECTED), balancer(2, vpc_id="vpc-00000002", **PROTECTED), ENDS),
        (balancer(2, **NLB, **PROTECTED), balancer(1, **NLB, **PROTECTED), ENDS),
        (balancer(1, **NLB, **PROTECTED), balancer(2, **NLB, **PROTECTED), ""),
        (balancer(2, **NLB), balancer(2, **PROTECTED), ""),
        (balancer(2, **PROTECTED), balancer(2), ""),
        ({"kind": "cloud-map"}, balancer(2, **PROTECTED), ""),
        (balancer(2), balancer(2, **TLS), "port 80 cannot switch TLS on"),
        (balancer(2, port=443.0, **TLS), balancer(2, port=443), "port 443 cannot switch TLS off"),
        (balancer(2), balancer(2, port=443, **TLS), ""),
        (balancer(2, **NLB), balancer(2, **TLS), ""),
    ],
)
def test_a_balancer_that_aws_would_not_change_or_delete_is_refused(
    old: dict[str, Any], new: dict[str, Any], words: str
) -> None:
    reasons = [*list_ingress_changes(old, new)]
    assert [words in reason for reason in reasons] == [True] * bool(words)


def test_the_review_can_foretell_each_refusal_without_the_sdk(tmp_path: Path) -> None:
    """It reads the folder by a link beside `facts`."""
    for folder in ("facts", "refused_changes"):
        (tmp_path / "review" / folder).parent.mkdir(exist_ok=True)
        (tmp_path / "review" / folder).symlink_to(ROOT / "components" / folder)
    code = (
        "import sys; from review.refused_changes import CHECKS\n"
        "before, after = ({'zones': zones} for zones in (['a', 'b'], ['b', 'a']))\n"
        "print([*CHECKS['gatehouse:index:PrivateNetwork'](before, after)], 'pulumi' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "subnet 1 lies in a and cannot move to b" in run.stdout
    assert run.stdout.endswith("False\n")


@pytest.mark.slow
def test_each_type_with_a_hook_has_its_check_in_the_index() -> None:
    """Other hooks before an update than these wait, or call AWS."""
    hooked = set[str]()
    for example in (ROOT / "examples").glob("*.yaml"):
        for made in graph_of(f"examples/{example.name}"):
            ends = (hook_names.ONLY_GROWS, hook_names.REFUSES_CHANGES)
            hooked |= {made.type for name in made.options.hooks.get("before_update", ()) if name.endswith(ends)}
    assert hooked == {*CHECKS}


STACK: dict[str, Any] = {
    "topology": "vpc-link",
    "backend": {"kind": "fargate", "image": "traefik/whoami:v1.11.0", "platform": "linux/arm64", "port": 80},
    "api": {"kind": "http", "routes": [{"path": "/", "authorization": "iam"}]},
    "network": {"zones": ["eu-west-1a", "eu-west-1b"]},
    "ingress": {"kind": "alb"},
}
SHIELDED = {"deletionProtection": True}


@pytest.mark.parametrize(
    ("component", "before", "after", "words"),
    [
        ("PrivateNetwork", {}, {"network": {"zones": ["eu-west-1b", "eu-west-1a"]}}, "and cannot move to eu-west-1b"),
        ("PrivateNetwork", {}, {"network": {"zones": ["eu-west-1a", "eu-west-1b", "eu-west-1c"]}}, ""),
        ("PrivateIngress", {"ingress": {"kind": "nlb", **SHIELDED}}, {"ingress": {"kind": "alb", **SHIELDED}}, ENDS),
        ("PrivateIngress", {"ingress": {"kind": "nlb"}}, {"ingress": {"kind": "alb", **SHIELDED}}, ""),
    ],
)
def test_a_refusal_is_foretold_from_the_inputs_of_two_versions(
    component: str, before: dict[str, Any], after: dict[str, Any], words: str
) -> None:
    old, new = (one(graph_with({**STACK, **changed}), component) for changed in (before, after))
    reasons = [*CHECKS[old.type](old.inputs, new.inputs)]
    assert [words in reason for reason in reasons] == [True] * bool(words)
