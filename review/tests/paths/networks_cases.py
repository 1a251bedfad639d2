"""Ways through network ACLs, security groups, routes and addresses."""

from collections.abc import Sequence
from typing import Any, Final

from review.graph import UNKNOWN
from review.tests.helpers.steps import (
    Step,
    acl,
    calls,
    change,
    egress,
    group,
    ignore_changes,
    ingress,
    invoke,
    look_up,
    machine,
    network,
    output,
    private,
    proxy_stack,
    public,
    read_only,
    remove,
    resource,
    rest,
    route,
    take_from_another_stack,
)
from review.tests.paths.case import Case, case

ALL = "0.0.0.0/0"
OFFICE = "203.0.113.0/24"
FROM_ALL = ingress("rule", of="members", port=443, cidrIpv4="0.0.0.0/0")
OTHER = "id-0123456789abcdef0"
FOUND = [look_up("ec2/getRouteTable:getRouteTable", "id-0123456789abcdef0")]


def network_acls(*, rule_: Any, lines: Any, out: Any) -> list[Step]:
    return [public(), ingress("rule", **rule_), acl("acl", of=["public"], inward=lines, outward=out)]


def direction_of_a_rule_of_an_acl(*, egress_: Any, then: Sequence[Step] = ()) -> list[Step]:
    return [
        public(),
        FROM_ALL,
        resource("ec2/networkAcl", "acl", vpcId=output("vpc.id"), subnetIds=[output("public.id")]),
        resource(
            "ec2/networkAclRule",
            "in",
            networkAclId=output("acl.id"),
            protocol="-1",
            ruleNumber=100,
            ruleAction="allow",
            cidrBlock=ALL,
        ),
        resource(
            "ec2/networkAclRule",
            "out",
            networkAclId=output("acl.id"),
            protocol="-1",
            ruleNumber=101,
            ruleAction="allow",
            cidrBlock=ALL,
            egress=egress_,
        ),
        *then,
    ]


def acl_on_the_way_out(*, place: Any, at: Any, lines: Any, out: Any) -> list[Step]:
    return [
        network(egress="nat"),
        group("members"),
        egress("out", of="members", ipProtocol="-1", cidrIpv4=ALL),
        machine("server", subnetId=place, vpcSecurityGroupIds=[output("members.id")]),
        acl("acl", of=at, inward=lines, outward=out),
    ]


def acl_between_subnets_of_unknown_range(*, caller: Any, called: Any, of: Any, lines: Any) -> list[Step]:
    return [
        resource("ec2/vpc", "vpc", cidrBlock="10.0.0.0/16"),
        group("members"),
        ingress("in", of="members", ipProtocol="-1", referencedSecurityGroupId=output("members.id")),
        egress("out", of="members", ipProtocol="-1", cidrIpv4=ALL),
        resource("ec2/subnet", "caller-place", vpcId=output("vpc.id"), cidrBlock=caller),
        resource("ec2/subnet", "called-place", vpcId=output("vpc.id"), cidrBlock=called),
        machine("caller", subnetId=output("caller-place.id"), vpcSecurityGroupIds=[output("members.id")]),
        machine("called", subnetId=output("called-place.id"), vpcSecurityGroupIds=[output("members.id")]),
        resource(
            "lambda/function",
            "proxy",
            environment={"variables": {"BACKEND_URL": "http://" + output("called.privateIp") + ":80"}},
            vpcConfig={"subnetIds": [output("caller-place.id")], "securityGroupIds": [output("members.id")]},
        ),
        rest(paths={"/x": {"get": calls("proxy")}}),
        invoke("may", api="api", function="proxy"),
        acl("acl", of=[of], inward=lines, outward=lines),
    ]


def acl_of_one_of_the_forwarder_s_subnets(*, lines: Any, out: Any, then: Sequence[Step] = ()) -> list[Step]:
    return [proxy_stack(), acl("acl", of=["private-1"], inward=lines, outward=out), *then]


def group_that_is_only_read(*, then: Sequence[Step] = ()) -> list[Step]:
    return [public(), *then]


def rule_whose_group_is_not_known(*, of: Any, then: Sequence[Step] = ()) -> list[Step]:
    return [public(), ingress("rule", of=of, port=443, cidrIpv4=ALL), *then]


def group_of_others_that_the_program_opens(*, then: Sequence[Step] = (), of: Any, range_: Any) -> list[Step]:
    return [*then, ingress("in", of=of, port=22, cidrIpv4=range_)]


def inline_rules_that_aws_may_have_changed(*, keys: Any) -> list[Step]:
    return [public(), ignore_changes("members", *keys)]


def groups_of_a_public_machine(*, groups: Any) -> list[Step]:
    return [public(vpcSecurityGroupIds=groups)]


def inline_rules(*, rule_: Any) -> list[Step]:
    return [public(), change("members", ingress=[rule_])]


def rule_with_a_text_that_is_no_range(*, range_: Any) -> list[Step]:
    return [public(), ingress("rule", of="members", port=80, cidrIpv4=range_)]


def prefix_lists(*, then: Sequence[Step] = ()) -> list[Step]:
    return [public(), ingress("list", of="members", port=22, prefixListId="pl-0123"), *then]


def prefix_lists_of_the_program(*, then: Sequence[Step] = ()) -> list[Step]:
    return [
        public(),
        resource("ec2/managedPrefixList", "list", entries=[UNKNOWN], maxEntries=5, addressFamily="IPv4"),
        ingress("by-list", of="members", port=443, prefixListId=output("list.id")),
        *then,
    ]


def default_group_that_the_program_does_not_manage(*, then: Sequence[Step] = ()) -> list[Step]:
    return [
        network(egress="none"),
        remove("default"),
        machine("server", subnetId=output("public.id"), associatePublicIpAddress=True),
        *then,
    ]


def group_of_an_interface_beside_the_default_one(*, then: Sequence[Step] = ()) -> list[Step]:
    return [
        network(egress="none"),
        resource("ec2/networkInterface", "card", subnetId=output("public.id")),
        resource(
            "ec2/instance",
            "server",
            ami="ami-1",
            instanceType="t4g.micro",
            primaryNetworkInterface={"networkInterfaceId": output("card.id")},
        ),
        resource("ec2/eip", "address", networkInterface=output("card.id")),
        change("default", ingress=[{"protocol": "-1", "cidrBlocks": [ALL]}]),
        *then,
    ]


def each_interface_with_its_own_groups_and_address(*, first: Any, second: Any) -> list[Step]:
    return [
        network(egress="none"),
        group("shut"),
        group("wide"),
        ingress("rule", of="wide", port=443, cidrIpv4=ALL),
        resource("ec2/networkInterface", "first", subnetId=output("public.id"), securityGroups=[first]),
        resource("ec2/networkInterface", "second", subnetId=output("private-1.id"), securityGroups=[second]),
        resource("ec2/eip", "address", networkInterface=output("first.id")),
        machine(
            "server",
            networkInterfaces=[{"networkInterfaceId": output("second.id"), "deviceIndex": 1}],
            primaryNetworkInterface={"networkInterfaceId": output("first.id")},
        ),
    ]


def neighbours(*, then: Sequence[Step] = ()) -> list[Step]:
    return [private(), *then]


def route_of_a_table(*, reference: Any, then: Sequence[Step] = ()) -> list[Step]:
    return [public(), FROM_ALL, remove("public-out"), route("route", of=reference), *then]


def table_that_the_program_only_reads(*, then: Sequence[Step] = ()) -> list[Step]:
    return [public(), FROM_ALL, remove("public-routes-of"), *then]


def table_that_the_program_does_not_hold(*, then: Sequence[Step] = ()) -> list[Step]:
    return [public(), FROM_ALL, *then]


def routes_for_a_part_of_the_internet(*, source: Any, then: Sequence[Step] = ()) -> list[Step]:
    return [public(), ingress("rule", of="members", port=443, cidrIpv4=source), remove("public-out"), *then]


def route_to_another_range(*, source: Any, of: Any, range_: Any, then: Sequence[Step] = ()) -> list[Step]:
    return [
        public(),
        ingress("rule", of="members", port=443, cidrIpv4=source),
        route("away", of=of, to=range_, vpcPeeringConnectionId="pcx-1"),
        *then,
    ]


def route_whose_gateway_aws_may_have_changed(*, key: Any) -> list[Step]:
    return [public(), FROM_ALL, ignore_changes("public-out", key)]


def route_for_a_prefix_list(*, by: Any, way: Any) -> list[Step]:
    return [
        public(),
        FROM_ALL,
        remove("public-out"),
        resource(
            "ec2/route",
            "listed",
            **{"routeTableId": output("public-routes.id"), "destinationPrefixListId": "pl-1", by: way},
        ),
    ]


def routes_of_a_vpn_to_a_private_range(*, gateways: Any) -> list[Step]:
    return [
        private(),
        ingress("rule", of="members", port=443, cidrIpv4="192.168.0.0/16"),
        change("private-1-routes", propagatingVgws=gateways),
    ]


def elastic_ip(*, resource_: Any, key: Any, reference: Any, then: Sequence[Step] = ()) -> list[Step]:
    return [public(associatePublicIpAddress=False), FROM_ALL, resource(resource_, "address", **{key: reference}), *then]


def ipv6_in_a_launch_template(*, card: Any) -> list[Step]:
    return [
        network(egress="none"),
        group("members"),
        ingress("rule", of="members", port=443, cidrIpv6="::/0"),
        route("six", to="::/0"),
        resource("ec2/launchTemplate", "template", networkInterfaces=[card]),
        resource(
            "autoscaling/group",
            "fleet",
            vpcZoneIdentifiers=[output("public.id")],
            launchTemplate={"id": output("template.id")},
            minSize=1,
            maxSize=1,
        ),
    ]


def machine_with_ipv6(*, then: Sequence[Step] = ()) -> list[Step]:
    return [
        network(egress="none"),
        group("members"),
        ingress("web", of="members", port=443, cidrIpv6="::/0"),
        machine("server", subnetId=output("public.id"), vpcSecurityGroupIds=[output("members.id")], ipv6AddressCount=1),
        *then,
    ]


def subnet_that_is_only_read(*, then: Sequence[Step] = ()) -> list[Step]:
    return [public(associatePublicIpAddress=None), FROM_ALL, *then]


def service_in_subnets_of_another_stack(*, subnets: Any) -> list[Step]:
    return [
        network(),
        group("members"),
        ingress("web", of="members", port=80, cidrIpv4=ALL),
        resource(
            "ecs/service",
            "server",
            networkConfiguration={"subnets": subnets, "securityGroups": [output("members.id")], "assignPublicIp": True},
        ),
    ]


def only_interface_of_a_machine_of_another_stack(*, key: Any, card: Any) -> list[Step]:
    return [network(), resource("ec2/instance", "server", **{"ami": "ami-1", "instanceType": "t4g.micro", key: card})]


def interface_of_another_stack_attached_to_a_machine(*, then: Sequence[Step] = ()) -> list[Step]:
    return [public(associatePublicIpAddress=False), *then]


def inputs_of_a_machine_that_nobody_reads(*, inputs: Any) -> list[Step]:
    return [private(**inputs), ingress("rule", of="members", port=80, cidrIpv4="10.0.0.0/16")]


def classic_rule_of_a_group_that_is_not_known(*, reference: Any, then: Sequence[Step] = ()) -> list[Step]:
    return [proxy_stack(), resource("ec2/securityGroupRule", "rule", securityGroupId=reference, type="ingress"), *then]


def route_on_an_api_of_another_stack_that_may_call_what_is_here(*, api: Any) -> list[Step]:
    return [
        proxy_stack(),
        resource("apigatewayv2/api", "theirs", protocolType="HTTP"),
        read_only("theirs"),
        resource(
            "apigatewayv2/integration",
            "to",
            apiId=api,
            integrationType="AWS_PROXY",
            integrationUri=output("proxy.invokeArn"),
        ),
        resource(
            "apigatewayv2/route", "admin", apiId=api, routeKey="POST /admin", target="integrations/" + output("to.id")
        ),
    ]


def public_addresses(*, egress_: Any, then: Sequence[Step] = ()) -> list[Step]:
    return [
        network(egress=egress_),
        group("caller"),
        egress("out", of="caller", port=80, cidrIpv4="203.0.113.9/32"),
        resource(
            "lambda/function",
            "greeter",
            environment={"variables": {"BACKEND_URL": "http://203.0.113.9"}},
            vpcConfig={"subnetIds": [output("private-1.id")], "securityGroupIds": [output("caller.id")]},
        ),
        rest(paths={"/x": {"get": calls("greeter")}}),
        invoke("may", api="api", function="greeter"),
        *then,
    ]


# fmt: off
CASES: Final[dict[str, list[Case]]] = {
    # Network ACLs
    "network ACLs": [
        case(network_acls(rule_={"of": "members", "ipProtocol": "-1", "cidrIpv4": ALL},
            lines=[{"protocol": "tcp", "fromPort": 443, "toPort": 443}, {"protocol": "tcp", "fromPort": 22, "toPort": 22}], out=None), truth="open"),
        case(network_acls(rule_={"of": "members", "ipProtocol": "tcp", "fromPort": 1, "toPort": 65535, "cidrIpv4": ALL},
            lines=[{"protocol": "tcp", "fromPort": 443, "toPort": 443}], out=None), truth="open"),
        case(network_acls(rule_={"of": "members", "port": 22, "cidrIpv4": OFFICE},
            lines=[{"protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlock": OFFICE}], out=None), truth="open"),
        case(network_acls(rule_={"of": "members", "port": 443, "cidrIpv4": "0.0.0.0/1"},
            lines=[{"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlock": "64.0.0.0/2"}], out=None), truth="open"),
        case(network_acls(rule_={"of": "members", "ipProtocol": "udp", "fromPort": 53, "toPort": 53, "cidrIpv4": ALL},
            lines=[{"protocol": "tcp", "fromPort": 443, "toPort": 443}], out=None), truth="closed"),
        case(network_acls(rule_={"of": "members", "port": 22, "cidrIpv4": ALL}, lines=[{"protocol": "tcp", "fromPort": 443, "toPort": 443}], out=None), truth="closed"),
        case(network_acls(rule_={"of": "members", "port": 22, "cidrIpv4": "198.51.100.0/24"},
            lines=[{"protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlock": OFFICE}], out=None), truth="closed"),
        case(network_acls(rule_={"of": "members", "port": 443, "cidrIpv4": ALL}, lines=[{}], out=[]), truth="closed"),
        case(network_acls(rule_={"of": "members", "port": 443, "cidrIpv4": ALL}, lines=[{"cidrBlock": UNKNOWN}], out=None), truth="cannot tell"),
        case(network_acls(rule_={"of": "members", "port": 443, "cidrIpv4": ALL}, lines=[{"action": UNKNOWN}], out=None), truth="cannot tell"),
        case(network_acls(rule_={"of": "members", "port": 443, "cidrIpv4": ALL}, lines=[{}], out=[UNKNOWN]), truth="cannot tell"),
        case(network_acls(rule_={"of": "members", "port": 443, "cidrIpv4": ALL}, lines=[{"ruleNo": UNKNOWN, "action": "deny"}, {}], out=None), truth="cannot tell"),
        # lines are read by their numbers
        case(network_acls(rule_={"of": "members", "port": 80, "cidrIpv4": ALL},
            lines=[{"ruleNo": 200}, {"ruleNo": 100, "protocol": "tcp", "fromPort": 80, "toPort": 80, "action": "deny"}], out=None), truth="closed"),
        # answers go to any ephemeral port
        case(network_acls(rule_={"of": "members", "port": 8080, "cidrIpv4": ALL}, lines=[{}], out=[{"protocol": "tcp", "fromPort": 1024, "toPort": 65535}]), truth="open"),
        case(network_acls(rule_={"of": "members", "port": 8080, "cidrIpv4": ALL}, lines=[{}],
            out=[{"protocol": "tcp", "fromPort": 1024, "toPort": 40000}, {"protocol": "tcp", "fromPort": 40001, "toPort": 65535}]), truth="open"),
        case(network_acls(rule_={"of": "members", "port": 8080, "cidrIpv4": ALL}, lines=[{}], out=[{"protocol": "tcp", "fromPort": 443, "toPort": 443}]), truth="closed"),
        case(network_acls(rule_={"of": "members", "port": 8080, "cidrIpv4": ALL}, lines=[{}], out=[{"protocol": "tcp", "fromPort": 8080, "toPort": 8080}]),
            truth="cannot tell", shows=["*answers to ports 1024-8079, 8081-65535 are dropped*"]),
        case(network_acls(rule_={"of": "members", "port": 8080, "cidrIpv4": ALL}, lines=[{}], out=[{"protocol": "tcp", "fromPort": 32768, "toPort": 60999}]),
            truth="cannot tell", shows=["*answers to ports 1024-32767, 61000-65535 are dropped*"]),
        # a path has the ports that the ACL admits
        case(network_acls(rule_={"of": "members", "ipProtocol": "-1", "cidrIpv4": ALL}, lines=[{"protocol": "tcp", "fromPort": 443, "toPort": 443}], out=None),
            exactly=["internet → tcp 443 → server"]),
        case(network_acls(rule_={"of": "members", "ipProtocol": "-1", "cidrIpv4": ALL},
            lines=[{"protocol": "tcp", "fromPort": 443, "toPort": 443}, {"protocol": "udp", "fromPort": 53, "toPort": 53}], out=None),
            exactly=["internet → tcp 443 → server", "internet → udp 53 → server"]),
        case(network_acls(rule_={"of": "members", "ipProtocol": "-1", "cidrIpv4": ALL}, lines=[{}], out=None), exactly=["internet → every port → server"]),
        case(network_acls(rule_={"of": "members", "ipProtocol": "-1", "cidrIpv4": ALL}, lines=[{"cidrBlock": UNKNOWN}], out=None),
            shows=["internet → every port → server (cannot tell*"]),
    ],
    "an ACL of subnets that are not known": [
        case([public(), FROM_ALL, acl("acl", of=[UNKNOWN], inward=[])], truth="cannot tell"),
    ],
    "the direction of a rule of an ACL": [
        case(direction_of_a_rule_of_an_acl(egress_=UNKNOWN), truth="cannot tell"),
        case(direction_of_a_rule_of_an_acl(egress_=False, then=[ignore_changes("out", "egress")]), truth="cannot tell"),
    ],
    "an ACL on the way out": [
        case(acl_on_the_way_out(place=output("private-1.id"), at=["private-1"], lines=[{}], out=[{}]), truth="open", kinds="outbound", source="server", target="internet*"),
        case(acl_on_the_way_out(place=output("private-1.id"), at=["private-1"], lines=[{}], out=[]), truth="closed", kinds="outbound", source="server", target="internet*"),
        case(acl_on_the_way_out(place=output("private-1.id"), at=["private-1"], lines=[], out=[{}]), truth="closed", kinds="outbound", source="server", target="internet*"),
        case(acl_on_the_way_out(place=output("private-1.id"), at=["private-1"], lines=[{}], out=[{"cidrBlock": "10.0.0.0/8"}]), truth="closed",
            kinds="outbound", source="server", target="internet*"),
        case(acl_on_the_way_out(place=output("private-1.id"), at=["private-1"], lines=[{}], out=[{"protocol": "tcp", "fromPort": 443, "toPort": 443}]),
            truth="open", kinds="outbound", source="server", target="internet*"),
        case(acl_on_the_way_out(place=output("private-1.id"), at=["private-1"], lines=[{}], out=[{"cidrBlock": UNKNOWN}]), truth="cannot tell", kinds="outbound",
            source="server", target="internet*"),
        # that of the NAT gateway
        case(acl_on_the_way_out(place=output("private-1.id"), at=["public"], lines=[{}], out=[]), truth="closed", kinds="outbound", source="server", target="internet*"),
        case(acl_on_the_way_out(place=output("private-1.id"), at=["public"], lines=[], out=[{}]), truth="closed", kinds="outbound", source="server", target="internet*"),
        case(acl_on_the_way_out(place=output("private-1.id"), at=["public"], lines=[{}], out=[{"cidrBlock": "10.0.0.0/8"}]), truth="closed", kinds="outbound",
            source="server", target="internet*"),
        case(acl_on_the_way_out(place=output("private-1.id"), at=["public"], lines=[{}], out=[{"cidrBlock": UNKNOWN}]), truth="cannot tell", kinds="outbound",
            source="server", target="internet*"),
        case(acl_on_the_way_out(place=output("private-1.id"), at=["public"], lines=[{}], out=[{}]), truth="open", kinds="outbound", source="server", target="internet*"),
        case(acl_on_the_way_out(place=output("public.id"), at=["public"], lines=[{}], out=[]), truth="closed", kinds="outbound", source="server", target="internet*"),
    ],
    "an ACL between subnets of unknown range": [
        case(acl_between_subnets_of_unknown_range(caller=UNKNOWN, called="10.0.2.0/24", of="called-place", lines=[{}]), truth="open", source="internet", target="called"),
        case(acl_between_subnets_of_unknown_range(caller=UNKNOWN, called="10.0.2.0/24", of="called-place", lines=[{"action": "deny"}]), truth="closed",
            source="internet", target="called"),
        case(acl_between_subnets_of_unknown_range(caller=UNKNOWN, called="10.0.2.0/24", of="called-place",
            lines=[{"action": "deny", "cidrBlock": "10.0.9.0/24"}, {}]), truth="cannot tell", source="internet", target="called"),
        case(acl_between_subnets_of_unknown_range(caller="10.0.1.0/24", called=UNKNOWN, of="caller-place", lines=[{}]), truth="open", source="internet", target="called"),
        case(acl_between_subnets_of_unknown_range(caller="10.0.1.0/24", called=UNKNOWN, of="caller-place", lines=[{"action": "deny"}]), truth="closed",
            source="internet", target="called"),
        case(acl_between_subnets_of_unknown_range(caller="10.0.1.0/24", called=UNKNOWN, of="caller-place",
            lines=[{"action": "deny", "cidrBlock": "10.0.9.0/24"}, {}]), truth="cannot tell", source="internet", target="called"),
        case(acl_between_subnets_of_unknown_range(caller="10.0.1.0/24", called="10.0.2.0/24", of="called-place",
            lines=[{"action": "deny", "cidrBlock": "10.0.9.0/24"}, {}]), truth="open", source="internet", target="called"),
    ],
    # only its way from the second one crosses an ACL of the first
    "the ACL of one of the forwarder's subnets": [
        case(acl_of_one_of_the_forwarder_s_subnets(lines=[], out=[{}]), truth="cannot tell", target="backend", shows=["*network ACL acl refuses it between some of the subnets*"]),
        case(acl_of_one_of_the_forwarder_s_subnets(lines=[{}], out=[]), truth="cannot tell", target="backend", shows=["*network ACL acl refuses it between some of the subnets*"]),
        case(acl_of_one_of_the_forwarder_s_subnets(lines=[{}], out=[{"protocol": "tcp", "fromPort": 1, "toPort": 9999}]), truth="cannot tell", target="backend",
            shows=["*answers to ports 10000-65535 are dropped*"]),
        case(acl_of_one_of_the_forwarder_s_subnets(lines=[], out=[{}], then=[change("proxy",
            vpcConfig={"subnetIds": [output("private-2.id")], "securityGroupIds": [output("proxy-group.id")]})]), truth="closed", target="backend",
            shows=["*no, network ACL acl*"]),
        case(acl_of_one_of_the_forwarder_s_subnets(lines=[{"protocol": "tcp", "fromPort": 9090, "toPort": 9090, "action": "deny"}, {}], out=[{}]), truth="open", target="backend"),
    ],
    # Security groups
    "a group that is only read": [
        case(group_that_is_only_read(), truth="closed"),
        case(group_that_is_only_read(then=[read_only("members")]), truth="cannot tell"),
        case(group_that_is_only_read(then=[read_only("members"), ingress("known", of="members", port=443, cidrIpv4="10.0.0.0/8")]), truth="cannot tell"),
    ],
    "a rule whose group is not known": [
        case(rule_whose_group_is_not_known(of="sg-0123456789abcdef0"), truth="closed"),
        case(rule_whose_group_is_not_known(of="sg-0123456789abcdef0", then=[ignore_changes("rule", "securityGroupId")]), truth="cannot tell"),
        case(rule_whose_group_is_not_known(of="sg-0123456789abcdef0", then=[ignore_changes("rule", "*")]), truth="cannot tell"),
        case(rule_whose_group_is_not_known(of="sg-0123456789abcdef0", then=[look_up("ec2/getSecurityGroup:getSecurityGroup", "sg-0123456789abcdef0")]), truth="cannot tell"),
        case(rule_whose_group_is_not_known(of=UNKNOWN), truth="cannot tell"),
        case(rule_whose_group_is_not_known(of="members", then=[take_from_another_stack("rule", "securityGroupId")]), truth="closed"),
        case(rule_whose_group_is_not_known(of="members", then=[ignore_changes("rule", "securityGroupId"), take_from_another_stack("rule", "securityGroupId")]), truth="cannot tell"),
    ],
    "a group of others that the program opens": [
        case(group_of_others_that_the_program_opens(of="sg-0123456789abcdef0", range_="0.0.0.0/0"), truth="cannot tell", target="* *"),
        case(group_of_others_that_the_program_opens(then=[look_up("ec2/getSecurityGroup:getSecurityGroup", "sg-0123456789abcdef0")], of="sg-0123456789abcdef0",
            range_="0.0.0.0/0"), truth="cannot tell", target="* *"),
        case(group_of_others_that_the_program_opens(then=[resource("ec2/securityGroup", "web"), read_only("web")], of="web", range_="0.0.0.0/0"), truth="cannot tell", target="* *"),
        case(group_of_others_that_the_program_opens(of="sg-0123456789abcdef0", range_="10.0.0.0/8"), truth="none", target="* *"),
        # of this program, without members
        case(group_of_others_that_the_program_opens(then=[resource("ec2/securityGroup", "web")], of="web", range_="0.0.0.0/0"), truth="none", target="* *"),
    ],
    "inline rules that AWS may have changed": [
        case(inline_rules_that_aws_may_have_changed(keys=["ingress"]), truth="cannot tell", shows=["*not all rules of members are known*"]),
        case(inline_rules_that_aws_may_have_changed(keys=["ingress[0].cidrBlocks"]), truth="cannot tell"),
        case(inline_rules_that_aws_may_have_changed(keys=["*"]), truth="cannot tell"),
        case(inline_rules_that_aws_may_have_changed(keys=['["ingress"]']), truth="cannot tell"),
        case(inline_rules_that_aws_may_have_changed(keys=['["ingress"][0]']), truth="cannot tell"),
        case(inline_rules_that_aws_may_have_changed(keys=["[*]"]), truth="cannot tell"),
        case(inline_rules_that_aws_may_have_changed(keys=["tags", "egress"]), truth="closed"),
    ],
    "groups of a public machine": [
        case(groups_of_a_public_machine(groups=["sg-0123456789abcdef0"]), truth="cannot tell", shows=["*not all *"]),
        case(groups_of_a_public_machine(groups=UNKNOWN), truth="cannot tell"),
        case(groups_of_a_public_machine(groups=[UNKNOWN]), truth="cannot tell"),
    ],
    "the group of another stack on a private machine": [
        case([private(vpcSecurityGroupIds=["sg-0123456789abcdef0"])], truth="closed"),
    ],
    "inline rules": [
        case(inline_rules(rule_={"protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": UNKNOWN}), truth="cannot tell", shows=["*not all rules of members are known*"]),
        case(inline_rules(rule_={"protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": ["10.0.0.0/8"], "securityGroups": [UNKNOWN]}), truth="cannot tell"),
        case(inline_rules(rule_={"protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": ["10.0.0.0/8"], "prefixListIds": [UNKNOWN]}), truth="cannot tell"),
        case(inline_rules(rule_={"protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": ["10.0.0.0/8"], "self": UNKNOWN}), truth="cannot tell"),
        case(inline_rules(rule_={"protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": ["10.0.0.0/8"], "self": "true"}), truth="closed"),
        case(inline_rules(rule_={"protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": [OFFICE]}), truth="open"),
        # text that is no range
        case(inline_rules(rule_={"protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": ["0.0.0.0/0/32"]}), truth="cannot tell"),
        case(inline_rules(rule_={"protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": ["0.0.0.0/0 "]}), truth="cannot tell"),
        case(inline_rules(rule_={"protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": ["VPC_CIDR_BLOCK"]}), truth="cannot tell"),
    ],
    "a rule with a text that is no range": [
        case(rule_with_a_text_that_is_no_range(range_=OFFICE), truth="open"),
        case(rule_with_a_text_that_is_no_range(range_="10.0.0.0/8"), truth="closed"),
        case(rule_with_a_text_that_is_no_range(range_="0.0.0.0/0/32"), truth="cannot tell"),
        case(rule_with_a_text_that_is_no_range(range_="0.0.0.0/0 "), truth="cannot tell"),
        case(rule_with_a_text_that_is_no_range(range_="VPC_CIDR_BLOCK"), truth="cannot tell"),
        case(rule_with_a_text_that_is_no_range(range_=UNKNOWN), truth="cannot tell", shows=["internet → *"], never=["anything in *"]),
    ],
    "prefix lists": [
        case(prefix_lists(), truth="cannot tell"),
        case(prefix_lists(then=[look_up("ec2/getManagedPrefixList:getManagedPrefixList", id="pl-0123", name="partners-and-public")]), truth="cannot tell"),
        case(prefix_lists(then=[look_up("ec2/getManagedPrefixList:getManagedPrefixList", id="pl-0123", name="com.amazonaws.eu-west-1.s3")]), truth="closed"),
        case(prefix_lists(then=[look_up("ec2/getManagedPrefixList:getManagedPrefixList", id="pl-0123", name="com.amazonaws.eu-west-1.ec2-instance-connect")]),
            truth="none", shows=["EC2 Instance Connect → tcp 22 → server"]),
    ],
    "prefix lists of the program": [
        case(prefix_lists_of_the_program(), truth="cannot tell"),
        case(prefix_lists_of_the_program(then=[read_only("list")]), truth="cannot tell"),
    ],
    "a default group that the program does not manage": [
        case(default_group_that_the_program_does_not_manage(), truth="closed"),
        case(default_group_that_the_program_does_not_manage(then=[resource("vpc/securityGroupIngressRule", "open",
            securityGroupId=output("vpc.defaultSecurityGroupId"), ipProtocol="tcp", fromPort=22, toPort=22, cidrIpv4=ALL)]), truth="open"),
    ],
    "the default group of a default VPC": [
        case([resource("ec2/instance", "server", ami="ami-1", instanceType="t4g.micro")], truth="cannot tell", kinds="outbound", source="server"),
    ],
    "a machine of a default VPC behind a group of its own": [
        case([resource("ec2/securityGroup", "own"), resource("ec2/instance", "server", ami="ami-1", instanceType="t4g.micro",
            vpcSecurityGroupIds=[output("own.id")]), ingress("rule", of="own", port=80, cidrIpv4=ALL)], truth="open"),
    ],
    # which may be the default one of any VPC
    "a rule of a group that the program does not hold": [
        case([network(egress="none"), remove("default"), machine("server", subnetId=output("public.id"), associatePublicIpAddress=True),
            ingress("rule", of="sg-0123456789abcdef0", port=443, cidrIpv4=ALL)], truth="cannot tell", target="server"),
    ],
    "what the default group of a VPC lets out": [
        case([network(), remove("default"), machine("server", subnetId=output("private-1.id"))], kinds="outbound", source="server", target="internet*",
            exactly=["server → nat → internet (IPv4)"]),
    ],
    "a group of an interface beside the default one": [
        case(group_of_an_interface_beside_the_default_one(), truth="open", unknown_too=True),
        case(group_of_an_interface_beside_the_default_one(then=[group("closed"),
            resource("ec2/networkInterfaceSecurityGroupAttachment", "more", networkInterfaceId=output("card.id"), securityGroupId=output("closed.id"))]),
            truth="open", unknown_too=True),
    ],
    # an open group on the private card and an address on the public one are no way in
    "each interface with its own groups and address": [
        case(each_interface_with_its_own_groups_and_address(first=output("shut.id"), second=output("wide.id")), truth="closed"),
        case(each_interface_with_its_own_groups_and_address(first=output("wide.id"), second=output("shut.id")), truth="open"),
    ],
    "neighbours": [
        case(neighbours(), truth="none", source="anything in the VPC"),
        case(neighbours(then=[ingress("rule", of="members", port=443, cidrIpv4="10.0.0.0/16")]), truth="open", source="anything in the VPC"),
        case(neighbours(then=[ingress("rule", of="members", port=443, cidrIpv4=UNKNOWN)]), truth="cannot tell", source="anything in the VPC"),
    ],
    # Routes
    "a route of a table": [
        case(route_of_a_table(reference=OTHER), truth="closed"),
        case(route_of_a_table(reference=OTHER, then=FOUND), truth="cannot tell"),
        case(route_of_a_table(reference=UNKNOWN), truth="cannot tell"),
    ],
    # by an id of the config, which may be the main one's of a VPC that it made before
    "a table that the program only reads": [
        case(table_that_the_program_only_reads(), truth="closed"),
        case(table_that_the_program_only_reads(then=[resource("ec2/routeTable", "by-id"), read_only("by-id"), route("more", of="by-id")]), truth="cannot tell"),
        case(table_that_the_program_only_reads(then=[route("more", of="rtb-0123456789abcdef0")]), truth="cannot tell"),
    ],
    "a table that the program does not hold": [
        case(table_that_the_program_does_not_hold(), truth="open"),
        case(table_that_the_program_does_not_hold(then=[change("public-routes-of", routeTableId="rtb-0123456789abcdef0")]), truth="cannot tell"),
        case(table_that_the_program_does_not_hold(then=[change("public-routes-of", routeTableId=UNKNOWN)]), truth="cannot tell"),
    ],
    "routes for a part of the internet": [
        case(routes_for_a_part_of_the_internet(source=ALL, then=[route("one", to="0.0.0.0/1"), route("two", to="128.0.0.0/1")]), truth="open"),
        case(routes_for_a_part_of_the_internet(source=OFFICE, then=[route("one", to=OFFICE)]), truth="open"),
        case(routes_for_a_part_of_the_internet(source=ALL, then=[route("one", to=OFFICE)]), truth="open"),
        case(routes_for_a_part_of_the_internet(source="198.51.100.0/24", then=[route("one", to=OFFICE)]), truth="closed"),
        case(routes_for_a_part_of_the_internet(source=ALL), truth="closed"),
    ],
    # it takes the answers to a narrow source elsewhere, and of a wide one only a part
    "a route elsewhere": [
        case(route_to_another_range(source=OFFICE, of="public-routes", range_=OFFICE), truth="closed"),
        case(route_to_another_range(source=OFFICE, of="public-routes", range_="198.51.100.0/24"), truth="open"),
        case(route_to_another_range(source=OFFICE, of="public-routes", range_=UNKNOWN), truth="cannot tell"),
        case(route_to_another_range(source=ALL, of="public-routes", range_=UNKNOWN), truth="open"),
        case(route_to_another_range(source=OFFICE, of=OTHER, range_=OFFICE), truth="open"),
        case(route_to_another_range(source=OFFICE, of=OTHER, range_=OFFICE, then=FOUND), truth="cannot tell"),
        case(route_to_another_range(source=OFFICE, of=UNKNOWN, range_=OFFICE), truth="cannot tell"),
        case(route_to_another_range(source=ALL, of=UNKNOWN, range_=OFFICE), truth="open"),
    ],
    "a route whose gateway AWS may have changed": [
        case(route_whose_gateway_aws_may_have_changed(key="gatewayId"), truth="cannot tell", unknown_too=True),
        case(route_whose_gateway_aws_may_have_changed(key="timeouts"), truth="open", unknown_too=True),
    ],
    # which AWS takes as well
    "a route whose gateway is a NAT gateway": [
        case([public(), change("server", subnetId=output("private-1.id")), FROM_ALL,
            resource("ec2/natGateway", "nat", subnetId=output("public.id"), allocationId="eipalloc-1"),
            route("by-nat", of="private-1-routes", gatewayId=output("nat.id"))], truth="closed"),
    ],
    "a route for a prefix list": [
        case(route_for_a_prefix_list(by="gatewayId", way=output("internet.id")), truth="cannot tell"),
        case(route_for_a_prefix_list(by="natGatewayId", way="nat-1"), truth="closed"),
    ],
    "routes of a VPN to a private range": [
        case(routes_of_a_vpn_to_a_private_range(gateways=None), truth="none", source="192.168.*"),
        case(routes_of_a_vpn_to_a_private_range(gateways=["vgw-1"]), truth="cannot tell", source="192.168.*"),
    ],
    "a firewall in front of the gateway": [
        case([public(), FROM_ALL, change("public-out", gatewayId=None, vpcEndpointId="vpce-0123456789abcdef0")], truth="cannot tell"),
    ],
    # Addresses
    "an elastic IP": [
        case(elastic_ip(resource_="ec2/eipAssociation", key="instanceId", reference=OTHER), truth="closed"),
        case(elastic_ip(resource_="ec2/eipAssociation", key="instanceId", reference=OTHER, then=FOUND), truth="cannot tell"),
        case(elastic_ip(resource_="ec2/eipAssociation", key="instanceId", reference=UNKNOWN), truth="cannot tell"),
        case(elastic_ip(resource_="ec2/eipAssociation", key="instanceId", reference=output("server.id")), truth="open"),
        case(elastic_ip(resource_="ec2/eipAssociation", key="networkInterfaceId", reference=OTHER), truth="closed"),
        case(elastic_ip(resource_="ec2/eipAssociation", key="networkInterfaceId", reference=OTHER, then=FOUND), truth="cannot tell"),
        case(elastic_ip(resource_="ec2/eipAssociation", key="networkInterfaceId", reference=UNKNOWN), truth="cannot tell"),
        case(elastic_ip(resource_="ec2/eipAssociation", key="networkInterfaceId", reference=output("server.primaryNetworkInterfaceId")), truth="open", unknown_too=True),
        case(elastic_ip(resource_="ec2/eip", key="instance", reference=OTHER), truth="closed"),
        case(elastic_ip(resource_="ec2/eip", key="instance", reference=OTHER, then=FOUND), truth="cannot tell"),
        case(elastic_ip(resource_="ec2/eip", key="instance", reference=UNKNOWN), truth="cannot tell"),
        case(elastic_ip(resource_="ec2/eip", key="instance", reference=output("server.id")), truth="open"),
    ],
    "a machine without an address": [
        case([public(associatePublicIpAddress=False), FROM_ALL], exactly=["internet → tcp 443 → server: no, server has no public IPv4 address"]),
    ],
    "IPv6 in a launch template": [
        case(ipv6_in_a_launch_template(card={"securityGroups": [output("members.id")], "ipv6AddressCount": 1}), truth="open"),
        case(ipv6_in_a_launch_template(card={"securityGroups": [output("members.id")], "ipv6Addresses": ["2001:db8::1"]}), truth="open"),
        case(ipv6_in_a_launch_template(card={"securityGroups": [output("members.id")], "ipv6AddressCount": 0}), truth="closed"),
        case(ipv6_in_a_launch_template(card={"securityGroups": [output("members.id")]}), truth="closed"),
        case(ipv6_in_a_launch_template(card={"securityGroups": [output("members.id")], "ipv6AddressCount": UNKNOWN}), truth="cannot tell"),
    ],
    "a machine with IPv6": [
        case(machine_with_ipv6(), exactly=["internet → tcp 443 → server: no, no internet gateway is routed to the subnets of server"]),
        case(machine_with_ipv6(then=[route("six", to="::/0")]), exactly=["internet → tcp 443 → server"]),
    ],
    "a subnet that is only read": [
        case(subnet_that_is_only_read(), truth="closed"),
        case(subnet_that_is_only_read(then=[read_only("public")]), truth="cannot tell"),
    ],
    "a service in subnets of another stack": [
        case(service_in_subnets_of_another_stack(subnets=UNKNOWN), truth="cannot tell", shows=["internet → * → server (cannot tell: not all routes of the subnets of server are known)"]),
        case(service_in_subnets_of_another_stack(subnets=[UNKNOWN]), truth="cannot tell",
            shows=["internet → * → server (cannot tell: not all routes of the subnets of server are known)"]),
    ],
    "the only interface of a machine, of another stack": [
        case(only_interface_of_a_machine_of_another_stack(key="primaryNetworkInterface", card={"networkInterfaceId": OTHER, "deviceIndex": 0}), truth="cannot tell",
            kinds="inbound outbound", source="*"),
        case(only_interface_of_a_machine_of_another_stack(key="networkInterfaces", card=[{"networkInterfaceId": OTHER, "deviceIndex": 0}]), truth="cannot tell",
            kinds="inbound outbound", source="*"),
        case(only_interface_of_a_machine_of_another_stack(key="primaryNetworkInterface", card={"networkInterfaceId": UNKNOWN, "deviceIndex": 0}),
            truth="cannot tell", kinds="inbound outbound", source="*"),
        case(only_interface_of_a_machine_of_another_stack(key="networkInterfaces", card=[{"networkInterfaceId": UNKNOWN, "deviceIndex": 0}]), truth="cannot tell",
            kinds="inbound outbound", source="*"),
    ],
    "an interface of another stack, attached to a machine": [
        case(interface_of_another_stack_attached_to_a_machine(), truth="closed", kinds="inbound outbound", source="*"),
        case(interface_of_another_stack_attached_to_a_machine(then=[resource("ec2/networkInterfaceAttachment", "more", instanceId=output("server.id"),
            networkInterfaceId=OTHER, deviceIndex=1)]), truth="cannot tell", kinds="inbound outbound", source="*"),
        case(interface_of_another_stack_attached_to_a_machine(then=[resource("ec2/networkInterfaceAttachment", "more", instanceId=output("server.id"),
            networkInterfaceId=UNKNOWN, deviceIndex=1)]), truth="cannot tell", kinds="inbound outbound", source="*"),
    ],
    # Inputs that no reader knows
    "inputs of a machine that nobody reads": [
        case(inputs_of_a_machine_that_nobody_reads(inputs={}), truth="closed", target="server"),
        case(inputs_of_a_machine_that_nobody_reads(inputs={"tenancy": "dedicated", "hibernation": True}), truth="closed", target="server"),
        case(inputs_of_a_machine_that_nobody_reads(inputs={"worldwideAddress": True}), truth="cannot tell", target="server",
            shows=["*the review does not read server.worldwideAddress*"]),
        case(inputs_of_a_machine_that_nobody_reads(inputs={"worldwideAddress": None}), truth="closed", target="server"),
        case(inputs_of_a_machine_that_nobody_reads(inputs={"secondaryNetworkInterfaces": [{"networkCardIndex": 1}]}), truth="cannot tell", target="server"),
        case(inputs_of_a_machine_that_nobody_reads(inputs={"metadataOptions": {"httpTokens": "required", "worldwide": True}}), truth="cannot tell", target="server"),
        case(inputs_of_a_machine_that_nobody_reads(inputs={"networkInterfaces": [{"deviceIndex": 1, "publicName": "x"}]}), truth="cannot tell", target="server"),
        case(inputs_of_a_machine_that_nobody_reads(inputs={"tags": {"worldwide": "yes"}, "metadataOptions": {"httpTokens": "required"}}), truth="closed", target="server"),
    ],
    # What is not read, and refers to what is
    "a classic rule of a group that is not known": [
        case(classic_rule_of_a_group_that_is_not_known(reference="sg-0123456789abcdef0"), source="internet", target="backend", never=["*does not read rule*"]),
        case(classic_rule_of_a_group_that_is_not_known(reference="sg-0123456789abcdef0",
            then=[look_up("ec2/getSecurityGroup:getSecurityGroup", "sg-0123456789abcdef0")]), source="internet", target="backend",
            shows=["*does not read rule*"]),
        case(classic_rule_of_a_group_that_is_not_known(reference=UNKNOWN), truth="cannot tell", source="internet", target="backend", shows=["*does not read rule*"]),
    ],
    "a route on an API of another stack that may call what is here": [
        case(route_on_an_api_of_another_stack_that_may_call_what_is_here(api=output("theirs.id")),
            shows=["internet → theirs (POST /admin, anyone) → proxy → tcp 8080 → backend (cannot tell: *"]),
        case(route_on_an_api_of_another_stack_that_may_call_what_is_here(api="a1b2c3d4e5"),
            causes=["to (Integration) may call proxy without the API*"]),
    ],
    # https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html
    "public addresses": [
        case(public_addresses(egress_="nat"), truth="open", kinds="inbound", target="*203.0.113.9*"),
        case(public_addresses(egress_="none", then=[route("peered", of="private-1-routes", to="203.0.113.0/24", vpcPeeringConnectionId="pcx-1")]),
            truth="cannot tell", kinds="inbound", target="*203.0.113.9*"),
        case(public_addresses(egress_="none"), truth="closed", kinds="inbound", target="*203.0.113.9*", shows=["*no IPv4 route leads out*"]),
    ],
}
