"""Sessions on machines, their calls, and calls that a policy allows."""

from collections.abc import Sequence
from typing import Any, Final

from review.graph import UNKNOWN
from review.tests.helpers.graph_builder import Json
from review.tests.helpers.stack_parts import allowing
from review.tests.helpers.steps import (
    Step,
    backend,
    change,
    edge,
    egress,
    endpoint,
    group,
    ignore_changes,
    ingress,
    look_up,
    machine,
    mark_existing,
    nat_machine,
    network,
    output,
    private,
    profile,
    proxy_stack,
    read_only,
    remove,
    resource,
    role,
    route,
    statements,
    table,
)
from review.tests.paths.case import Case, case
from review.tests.rules.programs import private_signed_api, signed_api

CORE = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
ATTACHED = [resource("iam/rolePolicyAttachment", "one", role=output("role.name"), policyArn=CORE)]
SESSIONS = allowing("ssmmessages:*", "ssm:*")
OTHER = "id-0123456789abcdef0"
FOUND = [look_up("ec2/getRouteTable:getRouteTable", "id-0123456789abcdef0")]
INSIDE = {"protocol": "-1", "cidrBlocks": ["10.0.0.0/16"]}
ALL = "0.0.0.0/0"
EVERY = {"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": [ALL]}
TABLE = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders"
QUEUE = "arn:aws:sqs:eu-west-1:123456789012:jobs"
SEND = ["sqs:GetQueueUrl", "sqs:GetQueueAttributes", "sqs:SendMessage"]
ANY_CALL = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
UNLESS = {**ANY_CALL, "Effect": "Deny", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-abc"}}}


def policies_of_the_role_of_a_machine(*, role_: Any, out: Any, then: Sequence[Step] = ()) -> list[Step]:
    return [
        network(),
        role("role", **role_),
        resource("iam/instanceProfile", "profile", role=output("role.name")),
        group("members", egress=[{"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": [out]}]),
        machine(
            "server",
            subnetId=output("private-1.id"),
            vpcSecurityGroupIds=[output("members.id")],
            iamInstanceProfile=output("profile.name"),
        ),
        *then,
    ]


def sessions_without_a_way_to_the_service(*, then: Sequence[Step] = ()) -> list[Step]:
    return [network(egress="none"), profile(), backend(iamInstanceProfile=output("profile.name")), *then]


def sessions_over_ipv6(*, script: Any) -> list[Step]:
    return [
        network(egress="none", assignGeneratedIpv6CidrBlock=True),
        profile(),
        resource("ec2/egressOnlyInternetGateway", "six", vpcId=output("vpc.id")),
        route("six-out", of="private-1-routes", to="::/0", egressOnlyGatewayId=output("six.id")),
        group("members"),
        egress("out", of="members", port=443, cidrIpv6="::/0"),
        machine(
            "server",
            subnetId=output("private-1.id"),
            vpcSecurityGroupIds=[output("members.id")],
            ipv6AddressCount=1,
            iamInstanceProfile=output("profile.name"),
            userData=script,
        ),
    ]


def endpoint_that_the_agent_may_call(*, home: Any, service_: Any, then: Sequence[Step] = ()) -> list[Step]:
    return [
        network(egress="none"),
        profile(),
        machine("server", subnetId=output("private-1.id"), iamInstanceProfile=output("profile.name")),
        resource("ec2/vpcEndpoint", "endpoint", vpcId=home, serviceName=service_, vpcEndpointType="Interface"),
        *then,
    ]


def endpoints_of_an_unknown_kind(*, egress_: Any, more: Any, type_: Any) -> list[Step]:
    # AWS gives a gateway endpoint no subnets, groups or private names.
    placed = {
        "subnetIds": [output("private-1.id")],
        "privateDnsEnabled": True,
        "securityGroupIds": [output("members.id")],
    }
    of_kind = {} if type_ == "Gateway" else placed
    return [
        network(egress=egress_),
        profile(),
        group("members", ingress=[INSIDE], egress=[INSIDE, more]),
        machine(
            "server",
            subnetId=output("private-1.id"),
            vpcSecurityGroupIds=[output("members.id")],
            iamInstanceProfile=output("profile.name"),
        ),
        resource(
            "ec2/vpcEndpoint",
            "ssm",
            vpcId=output("vpc.id"),
            serviceName="com.amazonaws.eu-west-1.ssm",
            vpcEndpointType=type_,
            **of_kind,
        ),
        resource(
            "ec2/vpcEndpoint",
            "ssmmessages",
            vpcId=output("vpc.id"),
            serviceName="com.amazonaws.eu-west-1.ssmmessages",
            vpcEndpointType=type_,
            **of_kind,
        ),
    ]


def service_that_may_allow_exec(*, by: Any, may: Any) -> list[Step]:
    return [
        network(),
        group("members", egress=[{"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": [ALL]}]),
        role("role", service="ecs-tasks"),
        resource("iam/rolePolicyAttachment", "one", role=output("role.name"), policyArn=CORE),
        resource("ecs/taskDefinition", "task", family="t", containerDefinitions="[]", taskRoleArn=by),
        resource(
            "ecs/service",
            "tasks",
            taskDefinition=output("task.arn"),
            enableExecuteCommand=may,
            networkConfiguration={"subnets": [output("private-1.id")], "securityGroups": [output("members.id")]},
        ),
    ]


def connect_endpoint_that_may_be_in_the_vpc_of_the_machine(*, then: Sequence[Step] = ()) -> list[Step]:
    return [
        network(),
        group("members", ingress=[EVERY], egress=[EVERY]),
        machine("server", subnetId=output("private-1.id"), vpcSecurityGroupIds=[output("members.id")]),
        resource(
            "ec2transitgateway/instanceConnectEndpoint",
            "door",
            subnetId=output("private-1.id"),
            securityGroupIds=[output("members.id")],
        ),
        *then,
    ]


def private_servers_outside_the_graph(*, peer: Any, to: Any, then: Sequence[Step] = ()) -> list[Step]:
    return [private(egress="none"), group("data"), egress("out", **{"of": "members", "port": 5432, peer: to}), *then]


def every_port_that_a_group_lets_out(*, port: Any) -> list[Step]:
    return [
        private(egress="nat"),
        egress("out", of="members", port=port, cidrIpv4=ALL),
        egress("named", of="members", port=8443, cidrIpv4="203.0.113.0/24"),
    ]


def endpoint_in_an_existing_vpc(*, of: Any) -> list[Step]:
    return [
        resource("ec2/securityGroup", "members", vpcId=of),
        resource("ec2/securityGroup", "door", vpcId="vpc-0123456789abcdef0"),
        edge("to", of="members", to="door", port=443),
        resource(
            "ec2/vpcEndpoint",
            "ssm",
            vpcId="vpc-0123456789abcdef0",
            serviceName="com.amazonaws.eu-west-1.ssm",
            vpcEndpointType="Interface",
            subnetIds=["subnet-1"],
            securityGroupIds=[output("door.id")],
            privateDnsEnabled=True,
        ),
        machine("server", subnetId="subnet-2", vpcSecurityGroupIds=[output("members.id")]),
    ]


def gateway_endpoint_on_a_table_that_is_not_known(*, tables: Any, then: Sequence[Step] = ()) -> list[Step]:
    return [
        private(egress="nat"),
        egress("out", of="members", ipProtocol="-1", cidrIpv4=ALL),
        resource(
            "ec2/vpcEndpoint",
            "door",
            vpcId=output("vpc.id"),
            serviceName="com.amazonaws.eu-west-1.s3",
            routeTableIds=tables,
        ),
        *then,
    ]


def rule_of_a_group_that_is_not_read_may_let_a_machine_call_a_gateway_endpoint(
    *, then: Sequence[Step] = ()
) -> list[Step]:
    return [
        private(),
        resource(
            "ec2/vpcEndpoint",
            "s3",
            vpcId=output("vpc.id"),
            serviceName="com.amazonaws.eu-west-1.s3",
            vpcEndpointType="Gateway",
            routeTableIds=[output("private-1-routes.id")],
        ),
        *then,
    ]


def default_route_into_another_network(*, target: Any) -> list[Step]:
    return [
        private(),
        egress("out", of="members", ipProtocol="-1", cidrIpv4=ALL),
        resource(
            "ec2/route",
            "away",
            **{"routeTableId": output("private-1-routes.id"), "destinationCidrBlock": ALL, target: "made-elsewhere-1"},
        ),
    ]


def nat_instance(*, then: Sequence[Step] = ()) -> list[Step]:
    return [proxy_stack(egress="instance"), *then]


def nat_instance_by_the_interface_that_it_was_made_with(*, check: Any) -> list[Step]:
    return [
        private(),
        egress("out", of="members", ipProtocol="-1", cidrIpv4=ALL),
        group("nat-group"),
        ingress("in", of="nat-group", ipProtocol="-1", cidrIpv4="10.0.0.0/16"),
        egress("on", of="nat-group", ipProtocol="-1", cidrIpv4=ALL),
        resource(
            "ec2/instance",
            "nat",
            subnetId=output("public.id"),
            instanceType="t4g.nano",
            vpcSecurityGroupIds=[output("nat-group.id")],
            associatePublicIpAddress=True,
            sourceDestCheck=check,
        ),
        resource(
            "ec2/route",
            "away",
            routeTableId=output("private-1-routes.id"),
            networkInterfaceId=output("nat.primaryNetworkInterfaceId"),
            destinationCidrBlock=ALL,
        ),
    ]


def nat_gateway_of_a_whole_vpc(*, then: Sequence[Step] = ()) -> list[Step]:
    return [
        private(),
        egress("out", of="members", port=443, cidrIpv4=ALL),
        remove("internet", "public-out"),
        resource("ec2/natGateway", "nat", vpcId=output("vpc.id"), availabilityMode="regional"),
        route("by-nat", of="private-1-routes", natGatewayId=output("nat.id")),
        *then,
    ]


def private_nat_gateway(*, type_: Any) -> list[Step]:
    return [
        private(),
        egress("out", of="members", port=443, cidrIpv4=ALL),
        resource("ec2/natGateway", "nat", subnetId=output("public.id"), connectivityType=type_),
        route("by-nat", of="private-1-routes", natGatewayId=output("nat.id")),
    ]


def group_that_lets_nothing_out(*, then: Sequence[Step] = ()) -> list[Step]:
    return [proxy_stack(), remove("backend-out"), *then]


def what_a_role_allows(*, egress_: Any, door: Sequence[Step], role_: Any, policy: Any) -> list[Step]:
    return [
        network(egress=egress_),
        group("members"),
        egress("out", of="members", port=443, cidrIpv4=ALL),
        *door,
        role("role", **role_),
        resource("iam/rolePolicy", "own", role=output("role.name"), policy=policy),
        resource("iam/instanceProfile", "profile", role=output("role.name")),
        machine(
            "app",
            subnetId=output("private-1.id"),
            vpcSecurityGroupIds=[output("members.id")],
            iamInstanceProfile=output("profile.name"),
        ),
    ]


def signed_calls_of_a_public_api(*, said: Any) -> list[Step]:
    return [
        signed_api(*said),
        resource(
            "lambda/permission",
            "invoke",
            function=output("greeter.arn"),
            action="lambda:InvokeFunction",
            principal="apigateway.amazonaws.com",
        ),
    ]


def signed_calls_of_a_private_api(*, said: Any) -> list[Step]:
    return [
        private_signed_api(*said),
        resource(
            "lambda/permission",
            "invoke",
            function=output("greeter.arn"),
            action="lambda:InvokeFunction",
            principal="apigateway.amazonaws.com",
        ),
    ]


def signed_calls_through_an_endpoint_with_the_policy(*, said: Any) -> list[Step]:
    return [
        private_signed_api(ANY_CALL, through={"Statement": said}),
        resource(
            "lambda/permission",
            "invoke",
            function=output("greeter.arn"),
            action="lambda:InvokeFunction",
            principal="apigateway.amazonaws.com",
        ),
    ]


def calls_with_a_token(*, said: Any) -> list[Step]:
    return [
        signed_api(*said, by="token"),
        resource(
            "lambda/permission",
            "invoke",
            function=output("greeter.arn"),
            action="lambda:InvokeFunction",
            principal="apigateway.amazonaws.com",
        ),
    ]


def denial_of_every_identity(*, said: Any) -> list[Step]:
    return [
        signed_api(ANY_CALL, said),
        resource(
            "lambda/permission",
            "invoke",
            function=output("greeter.arn"),
            action="lambda:InvokeFunction",
            principal="apigateway.amazonaws.com",
        ),
    ]


# fmt: off
CASES: Final[dict[str, list[Case]]] = {
    # A machine with a way out, and its role by a profile of its own or of its template
    "policies of the role of a machine": [
        case(policies_of_the_role_of_a_machine(role_={}, out="0.0.0.0/0"), truth="none", kinds="people", source="people"),
        case(policies_of_the_role_of_a_machine(role_={}, out="0.0.0.0/0", then=ATTACHED), truth="open", kinds="people", source="people"),
        case(policies_of_the_role_of_a_machine(role_={}, out="0.0.0.0/0",
            then=[resource("iam/rolePolicy", "one", role=output("role.name"), policy=allowing("s3:GetObject"))]), truth="none", kinds="people",
            source="people"),
        case(policies_of_the_role_of_a_machine(role_={}, out="0.0.0.0/0",
            then=[resource("iam/rolePolicyAttachment", "one", role=output("role.name"), policyArn="arn:aws:iam::aws:policy/AmazonS3FullAccess")]),
            truth="cannot tell", kinds="people", source="people"),
        case(policies_of_the_role_of_a_machine(role_={}, out="0.0.0.0/0",
            then=[resource("iam/rolePolicy", "deny", role=output("role.name"),
            policy=statements({"Effect": "Deny", "Action": ["ssmmessages:*", "ssm:*"], "Resource": "*"})),
            resource("iam/rolePolicy", "one", role=output("role.name"), policy=UNKNOWN)]), truth="none", kinds="people", source="people"),
        case(policies_of_the_role_of_a_machine(role_={}, out="0.0.0.0/0", then=[resource("iam/rolePolicy", "one", role=output("role.name"), policy=UNKNOWN)]),
            truth="cannot tell", kinds="people", source="people"),
        case(policies_of_the_role_of_a_machine(role_={}, out="0.0.0.0/0",
            then=[resource("iam/rolePolicyAttachment", "one", role=output("role.name"), policyArn=UNKNOWN)]), truth="cannot tell", kinds="people", source="people"),
        case(policies_of_the_role_of_a_machine(role_={}, out="0.0.0.0/0",
            then=[resource("iam/rolePolicyAttachment", "one", role=output("role.name"), policyArn="arn:aws:iam::123456789012:policy/elsewhere")]),
            truth="cannot tell", kinds="people", source="people"),
        case(policies_of_the_role_of_a_machine(role_={}, out="0.0.0.0/0",
            then=[resource("iam/policyAttachment", "one", roles=[output("role.name")], policyArn=CORE)]), truth="cannot tell", kinds="people", source="people"),
        case(policies_of_the_role_of_a_machine(role_={"managedPolicyArns": [CORE]}, out="0.0.0.0/0"), truth="open", kinds="people", source="people"),
        case(policies_of_the_role_of_a_machine(role_={"managedPolicyArns": [UNKNOWN]}, out="0.0.0.0/0"), truth="cannot tell", kinds="people", source="people"),
        case(policies_of_the_role_of_a_machine(role_={"managedPolicyArns": UNKNOWN}, out="0.0.0.0/0"), truth="cannot tell", kinds="people", source="people"),
        case(policies_of_the_role_of_a_machine(role_={"inlinePolicies": UNKNOWN}, out="0.0.0.0/0"), truth="cannot tell", kinds="people", source="people"),
        case(policies_of_the_role_of_a_machine(role_={"inlinePolicies": [{"name": "one", "policy": UNKNOWN}]}, out="0.0.0.0/0"), truth="cannot tell", kinds="people", source="people"),
        case(policies_of_the_role_of_a_machine(role_={}, out="0.0.0.0/0", then=[ignore_changes("role", "managedPolicyArns")]), truth="cannot tell", kinds="people", source="people"),
        case(policies_of_the_role_of_a_machine(role_={}, out="0.0.0.0/0", then=[ignore_changes("role", "inlinePolicies")]), truth="cannot tell", kinds="people", source="people"),
        case(policies_of_the_role_of_a_machine(role_={}, out="0.0.0.0/0", then=[mark_existing("role")]), truth="cannot tell", kinds="people", source="people"),
        # two policies, in either order
        case(policies_of_the_role_of_a_machine(role_={}, out="0.0.0.0/0",
            then=[resource("iam/rolePolicy", "one", role=output("role.name"), policy=SESSIONS),
            resource("iam/rolePolicy", "two", role=output("role.name"), policy=statements({"Effect": "Deny", "Action": "ssmmessages:*", "Resource": "*"}))]),
            truth="none", kinds="people", source="people"),
        case(policies_of_the_role_of_a_machine(role_={}, out="0.0.0.0/0",
            then=[resource("iam/rolePolicy", "two", role=output("role.name"), policy=statements({"Effect": "Deny", "Action": "ssmmessages:*",
            "Resource": "*"})), resource("iam/rolePolicy", "one", role=output("role.name"), policy=SESSIONS)]), truth="none", kinds="people", source="people"),
        case(policies_of_the_role_of_a_machine(role_={}, out="0.0.0.0/0",
            then=[resource("iam/rolePolicy", "one", role=output("role.name"), policy=SESSIONS),
            resource("iam/rolePolicy", "two", role=output("role.name"), policy=statements({"Effect": "Deny", "Action": "ssmmessages:*",
            "Resource": "arn:aws:s3:::one"}))]), truth="open", kinds="people", source="people"),
        case(policies_of_the_role_of_a_machine(role_={}, out="0.0.0.0/0",
            then=[resource("iam/rolePolicy", "one", role=output("role.name"), policy=statements({"Effect": "Deny", "Action": "s3:*", "Resource": "*"})),
            resource("iam/rolePolicy", "two", role=output("role.name"), policy=SESSIONS)]), truth="open", kinds="people", source="people"),
        case(policies_of_the_role_of_a_machine(role_={}, out="0.0.0.0/0",
            then=[resource("iam/rolePolicy", "one", role=output("role.name"), policy=statements({"Effect": "Deny", "Action": "ssmmessages:*",
            "Resource": "arn:aws:ssmmessages:*:*:one"}))]), truth="none", kinds="people", source="people"),
        # a policy of a role that is not known
        case(policies_of_the_role_of_a_machine(role_={}, out="0.0.0.0/0", then=[resource("iam/rolePolicy", "one", role=OTHER, policy=SESSIONS)]), truth="none",
            kinds="people", source="people"),
        case(policies_of_the_role_of_a_machine(role_={}, out="0.0.0.0/0",
            then=[resource("iam/rolePolicy", "one", role=OTHER, policy=SESSIONS), look_up("ec2/getRouteTable:getRouteTable", "id-0123456789abcdef0")]),
            truth="cannot tell", kinds="people", source="people"),
        case(policies_of_the_role_of_a_machine(role_={}, out="0.0.0.0/0", then=[resource("iam/rolePolicy", "one", role=UNKNOWN, policy=SESSIONS)]),
            truth="cannot tell", kinds="people", source="people"),
        case(policies_of_the_role_of_a_machine(role_={}, out="0.0.0.0/0", then=[resource("iam/rolePolicy", "one", role=OTHER, policy=UNKNOWN)]), truth="none",
            kinds="people", source="people"),
        case(policies_of_the_role_of_a_machine(role_={}, out="0.0.0.0/0",
            then=[resource("iam/rolePolicy", "one", role=OTHER, policy=UNKNOWN), look_up("ec2/getRouteTable:getRouteTable", "id-0123456789abcdef0")]),
            truth="cannot tell", kinds="people", source="people"),
        case(policies_of_the_role_of_a_machine(role_={}, out="0.0.0.0/0", then=[resource("iam/rolePolicy", "one", role=UNKNOWN, policy=UNKNOWN)]),
            truth="cannot tell", kinds="people", source="people"),
        case(policies_of_the_role_of_a_machine(role_={}, out="0.0.0.0/0", then=[resource("iam/rolePolicyAttachment", "one", role=OTHER, policyArn=CORE)]),
            truth="none", kinds="people", source="people"),
        case(policies_of_the_role_of_a_machine(role_={}, out="0.0.0.0/0",
            then=[resource("iam/rolePolicyAttachment", "one", role=OTHER, policyArn=CORE),
            look_up("ec2/getRouteTable:getRouteTable", "id-0123456789abcdef0")]), truth="cannot tell", kinds="people", source="people"),
        case(policies_of_the_role_of_a_machine(role_={}, out="0.0.0.0/0", then=[resource("iam/rolePolicyAttachment", "one", role=UNKNOWN, policyArn=CORE)]),
            truth="cannot tell", kinds="people", source="people"),
        case(policies_of_the_role_of_a_machine(role_={}, out="0.0.0.0/0",
            then=[resource("iam/rolePolicy", "one", role=UNKNOWN, policy=allowing("s3:GetObject"))]), truth="none", kinds="people", source="people"),
        # a profile, a role or a template that the program does not hold
        case(policies_of_the_role_of_a_machine(role_={}, out="0.0.0.0/0", then=[change("server", iamInstanceProfile=UNKNOWN)]), truth="cannot tell", kinds="people", source="people"),
        case(policies_of_the_role_of_a_machine(role_={}, out="0.0.0.0/0", then=[change("server", iamInstanceProfile="profile-of-another-stack")]),
            truth="cannot tell", kinds="people", source="people"),
        case(policies_of_the_role_of_a_machine(role_={}, out="0.0.0.0/0", then=[change("profile", role=UNKNOWN)]), truth="cannot tell", kinds="people", source="people"),
        case(policies_of_the_role_of_a_machine(role_={}, out="0.0.0.0/0", then=[change("profile", role="role-of-another-stack")]), truth="cannot tell", kinds="people", source="people"),
        case(policies_of_the_role_of_a_machine(role_={}, out="0.0.0.0/0", then=[change("server", iamInstanceProfile=None)]), truth="none", kinds="people", source="people"),
        case(policies_of_the_role_of_a_machine(role_={}, out="0.0.0.0/0", then=[change("server", iamInstanceProfile=None, launchTemplate={"id": UNKNOWN})]),
            truth="cannot tell", kinds="people", source="people"),
        case(policies_of_the_role_of_a_machine(role_={}, out="0.0.0.0/0",
            then=[change("server", iamInstanceProfile=None, launchTemplate={"id": "lt-0123456789abcdef0"})]), truth="cannot tell", kinds="people", source="people"),
        case(policies_of_the_role_of_a_machine(role_={}, out="0.0.0.0/0",
            then=[resource("ec2/launchTemplate", "template", iamInstanceProfile={"name": output("profile.name")}),
            change("server", iamInstanceProfile=None, launchTemplate={"id": output("template.id")}),
            resource("iam/rolePolicyAttachment", "one", role=output("role.name"), policyArn=CORE)]), truth="open", kinds="people", source="people"),
        # the agent's way out
        case(policies_of_the_role_of_a_machine(role_={}, out="10.0.0.0/16", then=ATTACHED), truth="closed", kinds="people", source="people"),
        case(policies_of_the_role_of_a_machine(role_={}, out=UNKNOWN, then=ATTACHED), truth="cannot tell", kinds="people", source="people"),
    ],
    "sessions without a way to the service": [
        case(sessions_without_a_way_to_the_service(), truth="closed", kinds="people outbound", source="people",
            shows=["people → Session Manager → backend: no, *and there is no endpoint for ssm and ssmmessages"]),
        case(sessions_without_a_way_to_the_service(then=[endpoint("ssm"), endpoint("ssmmessages"), edge("one", of="backend-group", to="ssm-group", port=443),
            edge("two", of="backend-group", to="ssmmessages-group", port=443)]), kinds="people outbound", source="people",
            shows=["people → Session Manager → backend", "backend → endpoints (tcp 443) → ssm, ssmmessages"]),
        case(sessions_without_a_way_to_the_service(then=[endpoint("ssm", privateDnsEnabled=False), endpoint("ssmmessages", privateDnsEnabled=False),
            edge("one", of="backend-group", to="ssm-group", port=443), edge("two", of="backend-group", to="ssmmessages-group", port=443)]),
            kinds="people outbound", source="people",
            shows=["people → Session Manager → backend (cannot tell: whether AWS's names lead to the endpoints of ssm and ssmmessages, without private DNS)"]),
    ],
    # which the agent uses if its boot script says so
    "sessions over IPv6": [
        case(sessions_over_ipv6(script="#!/bin/sh\n"), truth="closed", kinds="people", source="people"),
        case(sessions_over_ipv6(script=UNKNOWN), truth="open", kinds="people", source="people"),
    ],
    "an endpoint that the agent may call": [
        case(endpoint_that_the_agent_may_call(home=OTHER, service_="com.amazonaws.eu-west-1.ssm"), truth="closed", kinds="people", source="people"),
        case(endpoint_that_the_agent_may_call(home=OTHER, service_="com.amazonaws.eu-west-1.ssm", then=FOUND), truth="cannot tell", kinds="people", source="people"),
        case(endpoint_that_the_agent_may_call(home=UNKNOWN, service_="com.amazonaws.eu-west-1.ssm"), truth="cannot tell", kinds="people", source="people"),
        case(endpoint_that_the_agent_may_call(home=UNKNOWN, service_="com.amazonaws.eu-west-1.s3"), truth="closed", kinds="people", source="people"),
        case(endpoint_that_the_agent_may_call(home=UNKNOWN, service_=UNKNOWN), truth="cannot tell", kinds="people", source="people"),
        case(endpoint_that_the_agent_may_call(home=output("vpc.id"), service_=UNKNOWN), truth="cannot tell", kinds="people", source="people"),
    ],
    # Session Manager has interface endpoints only
    "endpoints of an unknown kind": [
        case(endpoints_of_an_unknown_kind(egress_="none", more=INSIDE, type_="Interface"), truth="open", kinds="people", source="people"),
        case(endpoints_of_an_unknown_kind(egress_="nat", more=UNKNOWN, type_="Interface"), truth="open", kinds="people", source="people"),
        case(endpoints_of_an_unknown_kind(egress_="none", more=INSIDE, type_="Gateway"), truth="closed", kinds="people", source="people"),
        case(endpoints_of_an_unknown_kind(egress_="none", more=INSIDE, type_=UNKNOWN), truth="open", kinds="people", source="people"),
    ],
    "a service that may allow exec": [
        case(service_that_may_allow_exec(by=output("role.arn"), may=True), kinds="people", source="people", exactly=["people → ECS Exec → tasks"]),
        case(service_that_may_allow_exec(by=output("role.arn"), may=False), truth="none", kinds="people", source="people"),
        case(service_that_may_allow_exec(by=output("role.arn"), may=UNKNOWN), truth="cannot tell", kinds="people", source="people"),
        case(service_that_may_allow_exec(by=None, may=True), truth="none", kinds="people", source="people"),
    ],
    "a connect endpoint that may be in the VPC of the machine": [
        case(connect_endpoint_that_may_be_in_the_vpc_of_the_machine(), truth="open", kinds="people", source="people"),
        case(connect_endpoint_that_may_be_in_the_vpc_of_the_machine(then=[change("server", subnetId=UNKNOWN, vpcSecurityGroupIds=[UNKNOWN])]), truth="cannot tell",
            kinds="people", source="people"),
        case(connect_endpoint_that_may_be_in_the_vpc_of_the_machine(then=[change("server", subnetId="subnet-0123456789abcdef0",
            vpcSecurityGroupIds=[UNKNOWN])]), truth="cannot tell", kinds="people", source="people"),
        case(connect_endpoint_that_may_be_in_the_vpc_of_the_machine(then=[change("door", subnetId=UNKNOWN, securityGroupIds=[UNKNOWN])]), truth="cannot tell",
            kinds="people", source="people"),
        case(connect_endpoint_that_may_be_in_the_vpc_of_the_machine(then=[change("door", subnetId="subnet-0123456789abcdef0", securityGroupIds=[UNKNOWN])]),
            truth="cannot tell", kinds="people", source="people"),
    ],
    # Calls of the machine itself
    "private servers outside the graph": [
        case(private_servers_outside_the_graph(peer="referencedSecurityGroupId", to=output("data.id")), kinds="outbound", source="server", target="$data.id",
            shows=["server → tcp 5432 → data: no, data admits no tcp 5432 from members"]),
        case(private_servers_outside_the_graph(peer="referencedSecurityGroupId", to=output("data.id"),
            then=[ingress("in", of="data", port=5432, referencedSecurityGroupId=output("members.id"))]), kinds="outbound", source="server", target="$data.id",
            shows=["server → tcp 5432 → data"]),
        case(private_servers_outside_the_graph(peer="referencedSecurityGroupId", to=output("data.id"),
            then=[ingress("in", of="data", port=6379, referencedSecurityGroupId=output("members.id"))]), kinds="outbound", source="server", target="$data.id",
            shows=["*data admits no tcp 5432 from members"]),
        case(private_servers_outside_the_graph(peer="referencedSecurityGroupId", to=output("data.id"),
            then=[ingress("in", of="data", port=5432, cidrIpv4="10.0.0.0/8")]), kinds="outbound", source="server", target="$data.id",
            shows=["server → tcp 5432 → data (cannot tell: whether in admits members)"]),
        case(private_servers_outside_the_graph(peer="referencedSecurityGroupId", to="sg-0123456789abcdef0"), kinds="outbound", source="server",
            target="sg-0123456789abcdef0", shows=["*sg-0123456789abcdef0 (outside this stack) (cannot tell: whether sg-0123456789abcdef0 admits members)"]),
        case(private_servers_outside_the_graph(peer="cidrIpv4", to="10.0.0.0/24"), kinds="outbound", source="server", target="10.0.0.0/24",
            shows=["server → tcp 5432 → 10.0.0.0/24 (cannot tell: whether the servers in 10.0.0.0/24 admit it)"]),
        case(private_servers_outside_the_graph(peer="cidrIpv4", to="192.168.7.0/24"), kinds="outbound", source="server", target="192.168.7.0/24",
            shows=["*no, no route leads to 192.168.7.0/24 out of the subnets of server"]),
    ],
    "every port that a group lets out": [
        case(every_port_that_a_group_lets_out(port=22), kinds="outbound", source="server",
            exactly=["server → tcp 22 → nat → internet (IPv4)", "server → tcp 8443 → nat → 203.0.113.0/24 (internet)"]),
        case(every_port_that_a_group_lets_out(port=53), kinds="outbound", source="server",
            exactly=["server → tcp 53 → nat → internet (IPv4)", "server → tcp 8443 → nat → 203.0.113.0/24 (internet)"]),
        case(every_port_that_a_group_lets_out(port=443), kinds="outbound", source="server",
            exactly=["server → tcp 443 → nat → internet (IPv4)", "server → tcp 8443 → nat → 203.0.113.0/24 (internet)"]),
    ],
    # it serves the machines of that VPC
    "an endpoint in an existing VPC": [
        case(endpoint_in_an_existing_vpc(of="vpc-0123456789abcdef0"), truth="open", kinds="outbound", source="server", target="ssm"),
        case(endpoint_in_an_existing_vpc(of="vpc-0fedcba9876543210"), truth="none", kinds="outbound", source="server", target="ssm"),
    ],
    "a gateway endpoint on a table that is not known": [
        case(gateway_endpoint_on_a_table_that_is_not_known(tables=UNKNOWN), truth="cannot tell", kinds="outbound", source="server", target="S3*"),
        case(gateway_endpoint_on_a_table_that_is_not_known(tables=["rtb-0123456789abcdef0"]), truth="none", kinds="outbound", source="server", target="S3*"),
        case(gateway_endpoint_on_a_table_that_is_not_known(tables=None, then=[resource("ec2/vpcEndpointRouteTableAssociation", "link",
            vpcEndpointId=output("door.id"), routeTableId=UNKNOWN)]), truth="cannot tell", kinds="outbound", source="server", target="S3*"),
        case(gateway_endpoint_on_a_table_that_is_not_known(tables=[output("private-1-routes.id")]), truth="open", kinds="outbound", source="server", target="S3*"),
        case(gateway_endpoint_on_a_table_that_is_not_known(tables=[output("private-1-routes.id")],
            then=[table("lost", of="private-1"), change("lost-of", routeTableId=UNKNOWN), remove("private-1-routes-of")]), truth="cannot tell", kinds="outbound",
            source="server", target="S3*"),
    ],
    "a rule of a group that is not read may let a machine call a gateway endpoint": [
        case(rule_of_a_group_that_is_not_read_may_let_a_machine_call_a_gateway_endpoint(), kinds="outbound", source="server", target="S3*",
            exactly=["server → S3 endpoint (any bucket) → S3: no, members lets out no tcp 443 to S3"]),
        case(rule_of_a_group_that_is_not_read_may_let_a_machine_call_a_gateway_endpoint(then=[resource("ec2/securityGroupRule", "more",
            securityGroupId=output("members.id"), type="egress")]), truth="cannot tell", kinds="outbound", source="server", target="S3*",
            shows=["*does not read more*"]),
    ],
    "a default route into another network": [
        case(default_route_into_another_network(target="transitGatewayId"), truth="cannot tell", kinds="outbound", source="server", target="internet*"),
        case(default_route_into_another_network(target="vpcPeeringConnectionId"), truth="cannot tell", kinds="outbound", source="server", target="internet*"),
        case(default_route_into_another_network(target="vpcEndpointId"), truth="cannot tell", kinds="outbound", source="server", target="internet*"),
        case(default_route_into_another_network(target="localGatewayId"), truth="cannot tell", kinds="outbound", source="server", target="internet*"),
    ],
    "a NAT instance": [
        case(nat_instance(), kinds="outbound", source="backend", shows=["backend → internet*nat-interface, which no instance holds: a black hole"]),
        case(nat_instance(then=[nat_machine()]), kinds="outbound", source="backend", exactly=["backend → tcp 443 → nat-interface → internet (IPv4)"]),
        case(nat_instance(then=[nat_machine(), change("nat-interface", sourceDestCheck=True)]), truth="closed", kinds="outbound", source="backend",
            shows=["*source/destination check is on*"]),
        case(nat_instance(then=[nat_machine(), ignore_changes("nat-interface", "sourceDestCheck"), change("nat-interface", sourceDestCheck=True)]),
            truth="cannot tell", kinds="outbound", source="backend"),
        case(nat_instance(then=[resource("ec2/launchTemplate", "machines")]), truth="cannot tell", kinds="outbound", source="backend",
            shows=["*whether a machine attaches nat-interface at boot*"]),
    ],
    "a NAT instance by the interface that it was made with": [
        case(nat_instance_by_the_interface_that_it_was_made_with(check=False), truth="open", kinds="outbound", source="server", target="internet*",
            shows=["server → nat → internet (IPv4)"], unknown_too=True),
        case(nat_instance_by_the_interface_that_it_was_made_with(check=True), truth="closed", kinds="outbound", source="server", target="internet*",
            shows=["*source/destination check is on*"], unknown_too=True),
    ],
    # which needs an internet gateway of the VPC
    "a NAT gateway of a whole VPC": [
        case(nat_gateway_of_a_whole_vpc(), truth="closed", kinds="outbound", source="server", target="internet*"),
        case(nat_gateway_of_a_whole_vpc(then=[resource("ec2/internetGateway", "own", vpcId=output("vpc.id"))]), truth="open", kinds="outbound",
            source="server", target="internet*"),
        case(nat_gateway_of_a_whole_vpc(then=[resource("ec2/internetGateway", "loose", vpcId=UNKNOWN)]), truth="open", kinds="outbound", source="server", target="internet*"),
        case(nat_gateway_of_a_whole_vpc(then=[read_only("vpc")]), truth="open", kinds="outbound", source="server", target="internet*"),
    ],
    "a private NAT gateway": [
        case(private_nat_gateway(type_="private"), truth="closed", kinds="outbound", source="server", target="internet*"),
        case(private_nat_gateway(type_="public"), truth="open", kinds="outbound", source="server", target="internet*"),
    ],
    "a group that lets nothing out": [
        case(group_that_lets_nothing_out(), kinds="outbound", source="backend", exactly=["backend → internet: no, backend-group lets nothing out to the internet"]),
        case(group_that_lets_nothing_out(then=[egress("again", of="backend-group", port=8443, cidrIpv4=ALL)]), kinds="outbound", source="backend",
            exactly=["backend → tcp 8443 → nat → internet (IPv4)"]),
    ],
    # Calls to AWS resources that the policies of a role name
    "what a role allows": [
        case(what_a_role_allows(egress_="nat", door=[], role_={}, policy=allowing("dynamodb:BatchGetItem", "dynamodb:ConditionCheckItem",
            "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:PartiQLSelect", "dynamodb:Query", "dynamodb:Scan", resource=[TABLE, f"{TABLE}/index/*"])),
            kinds="outbound", source="app", target="[tqk]*", exactly=["app → read → table orders"]),
        case(what_a_role_allows(egress_="nat", door=[], role_={}, policy=allowing("dynamodb:GetItem", resource=TABLE)), kinds="outbound", source="app",
            target="[tqk]*", exactly=["app → GetItem → table orders"]),
        case(what_a_role_allows(egress_="nat", door=[], role_={}, policy=allowing("sqs:GetQueueUrl", "sqs:GetQueueAttributes", "sqs:SendMessage",
            "sqs:PurgeQueue", resource=QUEUE)), kinds="outbound", source="app", target="[tqk]*", exactly=["app → send, PurgeQueue → queue jobs"]),
        case(what_a_role_allows(egress_="none", door=[endpoint("sqs")], role_={}, policy=allowing(*SEND, resource=QUEUE)), kinds="outbound", source="app",
            target="[tqk]*", exactly=["app → send → endpoints → queue jobs"]),
        case(what_a_role_allows(egress_="nat", door=[], role_={}, policy=allowing(*SEND)), kinds="outbound", source="app", target="[tqk]*", exactly=[]),
        case(what_a_role_allows(egress_="nat", door=[], role_={}, policy=allowing("sqs:SendMessage", "dynamodb:GetItem", "s3:*", resource=[QUEUE, TABLE])),
            kinds="outbound", source="app", target="[tqk]*", exactly=["app → SendMessage → queue jobs", "app → GetItem → table orders"]),
        case(what_a_role_allows(egress_="nat", door=[], role_={}, policy=allowing("*", resource=TABLE)), kinds="outbound", source="app", target="[tqk]*",
            exactly=["app → * → table orders"]),
        case(what_a_role_allows(egress_="nat", door=[], role_={}, policy=allowing("polly:SynthesizeSpeech", resource="arn:aws:polly:x:1:lexicon/a")),
            kinds="outbound", source="app", target="[tqk]*", exactly=[]),
        case(what_a_role_allows(egress_="none", door=[endpoint("states")], role_={},
            policy=allowing("states:StartExecution", "states:StartSyncExecution", resource="arn:aws:states:eu-west-1:123456789012:stateMachine:orders")),
            kinds="outbound", source="app", target="[tqk]*", shows=["app → start → endpoints → state-machine orders",
            "app → run → state-machine orders: no, *there is no endpoint for sync-states"]),
        case(what_a_role_allows(egress_="none", door=[], role_={}, policy=allowing(*SEND, resource=QUEUE)), kinds="outbound", source="app", target="[tqk]*",
            shows=["app → send → queue jobs: no, *"]),
        case(what_a_role_allows(egress_="none", door=[endpoint("sqs", policy=Json({"Statement": [{"Effect": "Allow", "Principal": "*",
            "Action": "sqs:GetQueueUrl", "Resource": "*"}]}))], role_={}, policy=allowing(*SEND, resource=QUEUE)), kinds="outbound", source="app",
            target="[tqk]*", shows=["*does not allow sqs:GetQueueAttributes*"]),
        case(what_a_role_allows(egress_="nat", door=[], role_={}, policy=statements({"Effect": "Allow", "Action": SEND, "Resource": QUEUE,
            "Condition": {"StringEquals": {"aws:PrincipalTag/a": "b"}}})), kinds="outbound", source="app", target="[tqk]*",
            exactly=["app → send → queue jobs (cannot tell: whether the conditions of own hold)"]),
        case(what_a_role_allows(egress_="nat", door=[], role_={}, policy=statements({"Effect": "Allow", "Action": SEND, "Resource": QUEUE},
            {"Effect": "Deny", "Action": "sqs:SendMessage", "Resource": "*"})), kinds="outbound", source="app", target="[tqk]*",
            exactly=["app → GetQueueAttributes, GetQueueUrl → queue jobs"]),
        case(what_a_role_allows(egress_="nat", door=[], role_={"permissionsBoundary": UNKNOWN}, policy=allowing(*SEND, resource=QUEUE)), kinds="outbound",
            source="app", target="[tqk]*", exactly=["app → send → queue jobs (cannot tell: whether the boundary of role allows it)"]),
        # a key of another service is no call of the program
        case(what_a_role_allows(egress_="nat", door=[], role_={}, policy=statements({"Effect": "Allow", "Action": "kms:Decrypt",
            "Resource": "arn:aws:kms:eu-west-1:123456789012:key/1234", "Condition": {"StringLike": {"kms:ViaService": "sqs.eu-west-1.amazonaws.com*"}}})),
            kinds="outbound", source="app", target="[tqk]*", exactly=[]),
        case(what_a_role_allows(egress_="nat", door=[], role_={}, policy=statements({"Effect": "Allow", "Action": "kms:Decrypt",
            "Resource": "arn:aws:kms:eu-west-1:123456789012:key/1234"})), kinds="outbound", source="app", target="[tqk]*",
            exactly=["app → decrypt → key 1234"]),
    ],
    "a function outside any VPC that may send": [
        case([role("role", service="lambda"), resource("iam/rolePolicy", "own", role=output("role.name"), policy=allowing(*SEND, resource=QUEUE)),
            resource("lambda/function", "sender", role=output("role.arn"), runtime="python3.13", handler="index.handler")],
            shows=["sender → send → queue jobs"]),
    ],
    # Resource policies that speak of the caller's identity
    "signed calls of a public API": [
        case(signed_calls_of_a_public_api(said=[ANY_CALL, UNLESS]), truth="open"),
        case(signed_calls_of_a_public_api(said=[ANY_CALL, {**UNLESS, "Condition": {"StringNotEquals": {"aws:PrincipalAccount": "123456789012"}}}]), truth="open"),
        case(signed_calls_of_a_public_api(said=[ANY_CALL, {**UNLESS, "Condition": {"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}}}]), truth="open"),
        case(signed_calls_of_a_public_api(said=[ANY_CALL,
            {**UNLESS, "Condition": {"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/team/caller"}}}]), truth="open"),
        case(signed_calls_of_a_public_api(said=[ANY_CALL, {**UNLESS, "Condition": {"StringNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/team/*"}}}]), truth="open"),
        case(signed_calls_of_a_public_api(said=[ANY_CALL, {**UNLESS, "Condition": {"StringNotEquals": {"aws:username": "ann"}}}]), truth="open"),
        case(signed_calls_of_a_public_api(said=[ANY_CALL, {**UNLESS, "Condition": {"StringNotEquals": {"aws:PrincipalTag/team": "orders"}}}]), truth="open"),
        case(signed_calls_of_a_public_api(said=[ANY_CALL, {**UNLESS, "Condition": {"ForAllValues:StringNotLike": {"aws:PrincipalOrgPaths": "o-abc/r-1/ou-2/*"}}}]), truth="open"),
        case(signed_calls_of_a_public_api(said=[ANY_CALL, {"Effect": "Deny", "Action": "execute-api:Invoke", "Resource": "execute-api:/*",
            "NotPrincipal": {"AWS": ["arn:aws:iam::123456789012:user/ann", "arn:aws:iam::123456789012:root"]}}]), truth="open"),
        case(signed_calls_of_a_public_api(said=[{**ANY_CALL, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abc"}}}]), truth="open"),
        case(signed_calls_of_a_public_api(said=[{**ANY_CALL, "Principal": {"AWS": "arn:aws:iam::111122223333:role/x"}}]), truth="open"),
    ],
    "signed calls of a private API": [
        case(signed_calls_of_a_private_api(said=[ANY_CALL, UNLESS]), truth="open", source="anything in the VPC"),
        case(signed_calls_of_a_private_api(said=[ANY_CALL, {**UNLESS, "Condition": {"StringNotEquals": {"aws:PrincipalAccount": "123456789012"}}}]),
            truth="open", source="anything in the VPC"),
        case(signed_calls_of_a_private_api(said=[ANY_CALL, {**UNLESS, "Condition": {"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}}}]),
            truth="open", source="anything in the VPC"),
        case(signed_calls_of_a_private_api(said=[ANY_CALL,
            {**UNLESS, "Condition": {"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/team/caller"}}}]), truth="open",
            source="anything in the VPC"),
        case(signed_calls_of_a_private_api(said=[ANY_CALL, {**UNLESS, "Condition": {"StringNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/team/*"}}}]),
            truth="open", source="anything in the VPC"),
        case(signed_calls_of_a_private_api(said=[ANY_CALL, {**UNLESS, "Condition": {"StringNotEquals": {"aws:username": "ann"}}}]), truth="open", source="anything in the VPC"),
        case(signed_calls_of_a_private_api(said=[ANY_CALL, {**UNLESS, "Condition": {"StringNotEquals": {"aws:PrincipalTag/team": "orders"}}}]), truth="open",
            source="anything in the VPC"),
        case(signed_calls_of_a_private_api(said=[ANY_CALL,
            {**UNLESS, "Condition": {"ForAllValues:StringNotLike": {"aws:PrincipalOrgPaths": "o-abc/r-1/ou-2/*"}}}]), truth="open",
            source="anything in the VPC"),
        case(signed_calls_of_a_private_api(said=[ANY_CALL, {"Effect": "Deny", "Action": "execute-api:Invoke", "Resource": "execute-api:/*",
            "NotPrincipal": {"AWS": ["arn:aws:iam::123456789012:user/ann", "arn:aws:iam::123456789012:root"]}}]), truth="open", source="anything in the VPC"),
        case(signed_calls_of_a_private_api(said=[{**ANY_CALL, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abc"}}}]), truth="open", source="anything in the VPC"),
        case(signed_calls_of_a_private_api(said=[{**ANY_CALL, "Principal": {"AWS": "arn:aws:iam::111122223333:role/x"}}]), truth="open", source="anything in the VPC"),
    ],
    "signed calls through an endpoint with the policy": [
        case(signed_calls_through_an_endpoint_with_the_policy(said=[ANY_CALL, UNLESS]), truth="open", source="anything in the VPC"),
        case(signed_calls_through_an_endpoint_with_the_policy(said=[ANY_CALL,
            {**UNLESS, "Condition": {"StringNotEquals": {"aws:PrincipalAccount": "123456789012"}}}]), truth="open", source="anything in the VPC"),
        case(signed_calls_through_an_endpoint_with_the_policy(said=[ANY_CALL,
            {**UNLESS, "Condition": {"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}}}]), truth="open", source="anything in the VPC"),
        case(signed_calls_through_an_endpoint_with_the_policy(said=[ANY_CALL,
            {**UNLESS, "Condition": {"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/team/caller"}}}]), truth="open",
            source="anything in the VPC"),
        case(signed_calls_through_an_endpoint_with_the_policy(said=[ANY_CALL,
            {**UNLESS, "Condition": {"StringNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/team/*"}}}]), truth="open", source="anything in the VPC"),
        case(signed_calls_through_an_endpoint_with_the_policy(said=[ANY_CALL, {**UNLESS, "Condition": {"StringNotEquals": {"aws:username": "ann"}}}]),
            truth="open", source="anything in the VPC"),
        case(signed_calls_through_an_endpoint_with_the_policy(said=[ANY_CALL,
            {**UNLESS, "Condition": {"StringNotEquals": {"aws:PrincipalTag/team": "orders"}}}]), truth="open", source="anything in the VPC"),
        case(signed_calls_through_an_endpoint_with_the_policy(said=[ANY_CALL,
            {**UNLESS, "Condition": {"ForAllValues:StringNotLike": {"aws:PrincipalOrgPaths": "o-abc/r-1/ou-2/*"}}}]), truth="open",
            source="anything in the VPC"),
        case(signed_calls_through_an_endpoint_with_the_policy(said=[ANY_CALL,
            {"Effect": "Deny", "Action": "execute-api:Invoke", "Resource": "execute-api:/*",
            "NotPrincipal": {"AWS": ["arn:aws:iam::123456789012:user/ann", "arn:aws:iam::123456789012:root"]}}]), truth="open", source="anything in the VPC"),
        case(signed_calls_through_an_endpoint_with_the_policy(said=[{**ANY_CALL, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abc"}}}]),
            truth="open", source="anything in the VPC"),
        case(signed_calls_through_an_endpoint_with_the_policy(said=[{**ANY_CALL, "Principal": {"AWS": "arn:aws:iam::111122223333:role/x"}}]), truth="open",
            source="anything in the VPC"),
    ],
    # AWS's keys of an identity are absent; a positive allow is silent then, and the authorizer decides
    "calls with a token": [
        case(calls_with_a_token(said=[ANY_CALL, UNLESS]), truth="closed"),
        case(calls_with_a_token(said=[ANY_CALL, {**UNLESS, "Condition": {"StringNotEquals": {"aws:PrincipalAccount": "123456789012"}}}]), truth="closed"),
        case(calls_with_a_token(said=[ANY_CALL, {**UNLESS, "Condition": {"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}}}]), truth="closed"),
        case(calls_with_a_token(said=[ANY_CALL, {**UNLESS, "Condition": {"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/team/caller"}}}]), truth="closed"),
        case(calls_with_a_token(said=[ANY_CALL, {**UNLESS, "Condition": {"StringNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/team/*"}}}]), truth="closed"),
        case(calls_with_a_token(said=[ANY_CALL, {**UNLESS, "Condition": {"StringNotEquals": {"aws:username": "ann"}}}]), truth="closed"),
        case(calls_with_a_token(said=[ANY_CALL, {**UNLESS, "Condition": {"StringNotEquals": {"aws:PrincipalTag/team": "orders"}}}]), truth="closed"),
        case(calls_with_a_token(said=[ANY_CALL, {**UNLESS, "Condition": {"ForAllValues:StringNotLike": {"aws:PrincipalOrgPaths": "o-abc/r-1/ou-2/*"}}}]), truth="closed"),
        case(calls_with_a_token(said=[ANY_CALL, {"Effect": "Deny", "Action": "execute-api:Invoke", "Resource": "execute-api:/*",
            "NotPrincipal": {"AWS": ["arn:aws:iam::123456789012:user/ann", "arn:aws:iam::123456789012:root"]}}]), truth="closed"),
        case(calls_with_a_token(said=[{**ANY_CALL, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abc"}}}]), truth="open"),
        case(calls_with_a_token(said=[{**ANY_CALL, "Principal": {"AWS": "arn:aws:iam::111122223333:role/x"}}]), truth="open"),
    ],
    "all but one user may make signed calls": [
        case([signed_api(ANY_CALL, {**UNLESS, "Condition": {"StringEquals": {"aws:username": "ann"}}}),
            resource("lambda/permission", "invoke", function=output("greeter.arn"), action="lambda:InvokeFunction", principal="apigateway.amazonaws.com")],
            truth="open"),
    ],
    "a denial of every identity": [
        case(denial_of_every_identity(said={**UNLESS, "Condition": {"Null": {"aws:PrincipalAccount": "false"}}}), truth="closed"),
        case(denial_of_every_identity(said={**UNLESS, "Condition": {"StringLike": {"aws:PrincipalArn": "*"}}}), truth="closed"),
        case(denial_of_every_identity(said={**UNLESS, "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-0abc"}}}), truth="closed"),
        case(denial_of_every_identity(said={**ANY_CALL, "Effect": "Deny"}), truth="closed"),
        case(denial_of_every_identity(said={**ANY_CALL, "Effect": "Deny", "Principal": {"AWS": "*"}}), truth="closed"),
    ],
}
