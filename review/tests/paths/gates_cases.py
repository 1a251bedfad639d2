"""Ways through APIs, endpoints, balancers and functions."""

from collections.abc import Sequence
from typing import Any, Final

from review.graph import UNKNOWN
from review.tests.helpers.graph_builder import Json
from review.tests.helpers.private_stacks import policy_of
from review.tests.helpers.steps import (
    Step,
    acl,
    attach,
    backend,
    balancer,
    calls,
    change,
    edge,
    egress,
    endpoint,
    export,
    firewall,
    front_of,
    group,
    http,
    http_route,
    ingress,
    invoke,
    look_up,
    machine,
    mark_existing,
    network,
    output,
    private_stack,
    proxy_stack,
    read_only,
    remove,
    resource,
    rest,
    route,
    set_config,
    statements,
)
from review.tests.paths.case import Case, case
from review.tests.rules.programs import rest_to

ANY_CALL = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
DENIED = {"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
GREETER = resource("lambda/function", "greeter")
MAY = invoke("may", api="api", function="greeter")
EVERYTHING = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
OTHER = "id-0123456789abcdef0"
ALL = "0.0.0.0/0"
KEYED = rest(paths={"/x": {"get": calls("greeter")}})
FIXED = {"type": "fixed-response", "fixedResponse": {"contentType": "text/plain", "statusCode": "404"}}
REDIRECT = {"type": "redirect", "redirect": {"statusCode": "HTTP_301", "host": "example.com"}}
FOREIGN_TARGET_GROUP = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/elsewhere/0123456789abcdef"
EVERYONE = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}
NAMED = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "111122223333"}}


def policy_that_is_a_resource_of_its_own(*, then: Sequence[Step] = ()) -> list[Step]:
    return [
        GREETER,
        rest(paths={"/items": {"get": calls("greeter")}}, policy=statements({**DENIED, "Resource": "*"})),
        MAY,
        *then,
    ]


def whom_a_resource_policy_admits(*, policy: Any) -> list[Step]:
    return [GREETER, rest(paths={"/x": {"get": calls("greeter", key=False)}}, policy=policy), MAY]


def default_address_that_is_off(*, then: Sequence[Step] = ()) -> list[Step]:
    return [GREETER, rest(paths={"/x": {"get": calls("greeter")}}, disableExecuteApiEndpoint=True), MAY, *then]


def permission_for_one_route_of_a_function(*, path: Any) -> list[Step]:
    return [
        GREETER,
        rest(paths={"/a": {"get": calls("greeter", key=False)}, "/b": {"get": calls("greeter", key=False)}}),
        invoke("may", api="api", function="greeter", path=path),
    ]


def two_routes_behind_policies_that_name_one(*, through: Any, said: Any, kind_of_api: Any) -> list[Step]:
    return [
        network(egress="none"),
        endpoint("execute-api", policy=Json({"Statement": [through]})),
        GREETER,
        rest(
            paths={"/first": {"get": calls("greeter", key=False)}, "/second": {"get": calls("greeter", key=False)}},
            body={"x-amazon-apigateway-policy": {"Statement": [said]}},
            endpointConfiguration={"types": kind_of_api},
        ),
        MAY,
    ]


def policy_of_an_endpoint_for_signed_calls(*, through: Any, signed: Any) -> list[Step]:
    return [
        network(egress="none"),
        endpoint("execute-api", policy=Json({"Statement": [through]})),
        GREETER,
        rest(
            paths={"/x": {"get": signed}},
            body={"x-amazon-apigateway-policy": {"Statement": [ANY_CALL]}},
            endpointConfiguration={"types": "PRIVATE"},
        ),
        MAY,
    ]


def usage_plan(*, policy: Any, stage: Any) -> list[Step]:
    return [
        GREETER,
        rest(paths={"/orders": {"get": calls("greeter")}}, planned=False, policy=policy),
        resource("apigateway/usagePlan", "plan", apiStages=[{"apiId": output("api.id"), "stage": stage}]),
        MAY,
    ]


def names_of_a_private_api(*, how: Any) -> list[Step]:
    return [private_stack(**how)]


def private_api_behind_an_endpoint_of_unknown_type(*, type_: Any) -> list[Step]:
    return [private_stack(), change("execute-api-endpoint", vpcEndpointType=type_)]


def group_of_an_endpoint_beside_the_default_one(*, then: Sequence[Step] = ()) -> list[Step]:
    return [
        private_stack(),
        change("execute-api-endpoint", securityGroupIds=None),
        remove("execute-api-in"),
        change("default", ingress=[{"protocol": "-1", "cidrBlocks": ["10.0.0.0/16"]}]),
        *then,
    ]


def default_group_of_a_vpc_that_is_not_known(*, then: Sequence[Step] = ()) -> list[Step]:
    return [private_stack(), change("execute-api-endpoint", securityGroupIds=None), remove("execute-api-in"), *then]


def api_whose_definition_is_not_known(
    *, resource_: Any, protocol: Any, stage: Any, of: Any, then: Sequence[Step] = ()
) -> list[Step]:
    return [
        resource(resource_, "api", body=UNKNOWN, protocolType=protocol),
        resource(stage, "stage", **{of: output("api.id"), "stageName": "prod", "name": "prod"}),
        *then,
    ]


def route_whose_integration_is_not_known(*, target: Any) -> list[Step]:
    return [
        resource("apigatewayv2/api", "api", protocolType="HTTP"),
        resource("apigatewayv2/stage", "stage", apiId=output("api.id"), name="$default"),
        resource("apigatewayv2/route", "route", apiId=output("api.id"), routeKey="GET /", target=target),
    ]


def route_whose_key_is_not_known(*, key: Any, then: Sequence[Step] = ()) -> list[Step]:
    return [
        GREETER,
        resource("apigatewayv2/api", "api", protocolType="HTTP"),
        resource("apigatewayv2/stage", "stage", apiId=output("api.id"), name="$default"),
        http_route("route", api="api", to=output("greeter.arn"), key=key),
        invoke("may", api="api", function="greeter", path="/*/GET/x"),
        *then,
    ]


def api_of_another_stack_whose_stages_are_not_known(*, then: Sequence[Step] = ()) -> list[Step]:
    return [
        GREETER,
        resource("apigatewayv2/api", "api", protocolType="HTTP"),
        http_route("route", api="api", to=output("greeter.invokeArn"), key="GET /"),
        MAY,
        *then,
    ]


def permission_for_a_stage(*, of: Any, stage: Any, path: Any) -> list[Step]:
    return [
        GREETER,
        resource("apigatewayv2/api", "api", protocolType="HTTP"),
        http_route("route", api="api", to=output("greeter.invokeArn"), key="GET /"),
        resource("apigatewayv2/stage", "stage", apiId=of, name=stage),
        invoke("may", api="api", function="greeter", path=path),
    ]


def route_that_connects_to_a_websocket_api(*, by: Any) -> list[Step]:
    return [
        GREETER,
        resource("apigatewayv2/api", "api", protocolType="WEBSOCKET"),
        resource("apigatewayv2/stage", "stage", apiId=output("api.id"), name="prod"),
        http_route("connect", api="api", to=output("greeter.invokeArn"), key="$connect", authorizationType=by),
        http_route("send", api="api", to=output("greeter.invokeArn"), key="send"),
        MAY,
    ]


def way_to_the_backend(*, then: Sequence[Step] = ()) -> list[Step]:
    return [proxy_stack(), *then]


def function_in_another_vpc_than_the_backend(*, then: Sequence[Step] = ()) -> list[Step]:
    return [
        proxy_stack(),
        resource("ec2/vpc", "other", cidrBlock="10.9.0.0/16"),
        resource("ec2/subnet", "other-1", vpcId=output("other.id"), cidrBlock="10.9.1.0/24"),
        change(
            "proxy", vpcConfig={"subnetIds": [output("other-1.id")], "securityGroupIds": [output("proxy-group.id")]}
        ),
        *then,
    ]


def function_that_sends_ipv6_only_if_it_may(*, may: Any) -> list[Step]:
    return [
        network(egress="none", assignGeneratedIpv6CidrBlock=True),
        group("caller"),
        egress("out", of="caller", port=8080, cidrIpv6="fd00::9/128"),
        egress("web", of="caller", port=443, cidrIpv6="::/0"),
        resource("ec2/egressOnlyInternetGateway", "six", vpcId=output("vpc.id")),
        route("six-out", of="private-1-routes", to="::/0", egressOnlyGatewayId=output("six.id")),
        resource(
            "lambda/function",
            "greeter",
            environment={"variables": {"BACKEND_URL": "http://[fd00::9]:8080"}},
            vpcConfig={
                "subnetIds": [output("private-1.id")],
                "securityGroupIds": [output("caller.id")],
                "ipv6AllowedForDualStack": may,
            },
        ),
        KEYED,
        invoke("call", api="api", function="greeter"),
    ]


def client_addresses_that_a_network_balancer_keeps(
    *, type_: Any, key: Any, admitted: Any, targets: Any, then: Sequence[Step] = ()
) -> list[Step]:
    return [
        network(),
        backend(),
        balancer(kind=type_, internal=False, subnets=[output("public.id")]),
        attach(to="targets", server="backend"),
        ingress("from-anywhere", of="balancer-group", port=80, cidrIpv4=ALL),
        egress("to-backend", of="balancer-group", port=8080, cidrIpv4="10.0.0.0/16"),
        ingress("to-target", **{"of": "backend-group", "port": 8080, key: admitted}),
        change("targets", **targets),
        *then,
    ]


def link_of_the_first_version(*, front_: Any, then: Sequence[Step] = ()) -> list[Step]:
    return [
        network(),
        backend(),
        balancer(**front_),
        attach(to="targets", server="backend"),
        *then,
        rest_to(uri="http://" + output("balancer.dnsName") + ":80/x", link=output("balancer.arn"), httpMethod="ANY"),
    ]


def link_of_another_stack(*, listener_: Any) -> list[Step]:
    return [
        network(),
        backend(),
        balancer(),
        attach(to="targets", server="backend"),
        edge("e", of="balancer-group", to="backend-group", port=8080),
        resource("apigatewayv2/api", "api", protocolType="HTTP"),
        resource(
            "apigatewayv2/integration",
            "to",
            apiId=output("api.id"),
            integrationUri=listener_,
            connectionType="VPC_LINK",
            connectionId="a1b2c3",
            integrationType="HTTP_PROXY",
        ),
        resource(
            "apigatewayv2/route",
            "all",
            apiId=output("api.id"),
            routeKey="$default",
            target="integrations/" + output("to.id"),
        ),
        resource("apigatewayv2/stage", "stage", apiId=output("api.id"), name="$default", autoDeploy=True),
    ]


def public_balancer(*, attached: Any, addresses: Any, then: Sequence[Step] = ()) -> list[Step]:
    return [
        network(),
        backend(),
        group("front-group"),
        ingress("in", of="front-group", port=80, cidrIpv4=ALL),
        egress("out", of="front-group", ipProtocol="-1", cidrIpv4=ALL),
        ingress("to", of="backend-group", port=80, referencedSecurityGroupId=output("front-group.id")),
        front_of(
            server=attached,
            loadBalancerType="application",
            internal=False,
            securityGroups=[output("front-group.id")],
            ipAddressType=addresses,
        ),
        *then,
    ]


def actions_of_a_listener(*, of: Any, actions: Any, then: Sequence[Step] = ()) -> list[Step]:
    return [
        network(),
        group("wide"),
        ingress("rule", of="wide", port=80, cidrIpv4=ALL),
        resource(
            "lb/loadBalancer",
            "balancer",
            loadBalancerType="application",
            subnets=[output("public.id")],
            securityGroups=[output("wide.id")],
            internal=False,
        ),
        resource("lb/listener", "one", loadBalancerArn=of, port=80, protocol="HTTP", defaultActions=actions),
        *then,
    ]


def web_acl_and_a_group_that_have_no_address_in_common(*, range_: Any) -> list[Step]:
    return [
        network(),
        group("wide"),
        ingress("rule", of="wide", port=80, cidrIpv4=range_),
        resource(
            "lb/loadBalancer",
            "balancer",
            loadBalancerType="application",
            subnets=[output("public.id")],
            securityGroups=[output("wide.id")],
            internal=False,
        ),
        resource(
            "lb/listener",
            "one",
            loadBalancerArn=output("balancer.arn"),
            port=80,
            protocol="HTTP",
            defaultActions=[FIXED],
        ),
        resource("wafv2/ipSet", "offices", addresses=["203.0.113.0/24"]),
        firewall("balancer", default="block", action="allow", of_set="offices"),
    ]


def listener_of_a_foreign_balancer(*, actions: Any, then: Sequence[Step] = ()) -> list[Step]:
    return [
        network(),
        machine("server", subnetId=output("private-1.id")),
        resource("lb/targetGroup", "targets", port=8080, protocol="HTTP", vpcId=output("vpc.id")),
        attach(to="targets", server="server"),
        resource(
            "lb/listener",
            "one",
            loadBalancerArn="arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/elsewhere/0123456789abcdef",
            port=80,
            protocol="HTTP",
            defaultActions=actions,
        ),
        *then,
    ]


def targets_that_others_register(*, reference: Any) -> list[Step]:
    return [
        resource("lb/loadBalancer", "balancer", loadBalancerType="network"),
        resource("lb/targetGroup", "group", port=80, protocol="TCP"),
        resource(
            "lb/listener",
            "listener",
            loadBalancerArn=output("balancer.arn"),
            port=80,
            protocol="TCP",
            defaultActions=[{"type": "forward", "targetGroupArn": output("group.arn")}],
        ),
        resource("lb/targetGroupAttachment", "more", targetGroupArn=reference),
    ]


def function_behind_a_listener_that_may_refuse_callers(*, listener_: Any) -> list[Step]:
    return [
        network(),
        group("own"),
        ingress("in", of="own", port=443, cidrIpv4=ALL),
        GREETER,
        front_of(
            securityGroups=[output("own.id")], internal=False, target={"targetType": "lambda"}, listener=listener_
        ),
        resource(
            "lb/targetGroupAttachment", "target", targetGroupArn=output("targets.arn"), targetId=output("greeter.arn")
        ),
        resource(
            "lambda/permission",
            "may",
            action="lambda:InvokeFunction",
            principal="elasticloadbalancing.amazonaws.com",
            function=output("greeter.name"),
            sourceArn=output("targets.arn"),
        ),
    ]


def permission_for_a_service_that_calls_for_others(*, then: Sequence[Step] = ()) -> list[Step]:
    return [GREETER, *then]


def types_that_change_nothing(*, of: Any, inputs: Any) -> list[Step]:
    return [
        network(egress="none"),
        group("members"),
        machine(
            "server",
            subnetId=output("public.id"),
            vpcSecurityGroupIds=[output("members.id")],
            associatePublicIpAddress=True,
        ),
        resource(of, "other", **inputs),
    ]


def trusts_of_other_accounts(*, said: Any) -> list[Step]:
    return [resource("iam/role", "role", assumeRolePolicy=statements(*said))]


def trusts_that_are_not_known_in_part(*, said: Any) -> list[Step]:
    return [
        set_config({"aws:allowedAccountIds": ["123456789012"]}),
        resource("iam/role", "role", assumeRolePolicy={"Version": "2012-10-17", "Statement": said}),
    ]


# fmt: off
CASES: Final[dict[str, list[Case]]] = {
    # Resource policies
    "a private API whose policy names another endpoint": [
        case([private_stack(policy=policy_of("vpce-of-others"))],
            shows=["anything in the VPC *the resource policy of api admits no call from execute-api endpoint",
            "vpce-of-others (outside this stack) → api (100/s, named endpoints only) → greeter"]),
    ],
    "a private API for everybody": [
        case([private_stack(policy={"Statement": [ANY_CALL]})], shows=["any VPC endpoint of any account → api (100/s) → greeter"]),
    ],
    "a private API whose policy has a condition that a caller can meet": [
        case([private_stack(policy={"Statement": [{**ANY_CALL, "Condition": {"StringLike": {"aws:UserAgent": "partner/*"}}}]})],
            shows=["anything in the VPC → *cannot tell: whether the resource policy admits execute-api endpoint*"]),
    ],
    "a private API for a whole VPC": [
        case([private_stack(policy={"Statement": [ANY_CALL, {**DENIED, "Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-of-others"}}}]})],
            shows=["endpoints in vpc-of-others (outside this stack) → *"]),
    ],
    # it is written after the policy of its API
    "a policy that is a resource of its own": [
        case(policy_that_is_a_resource_of_its_own(), truth="closed", source="internet"),
        case(policy_that_is_a_resource_of_its_own(then=[resource("apigateway/restApiPolicy", "more", restApiId=output("api.id"), policy=UNKNOWN)]),
            truth="cannot tell", source="internet"),
        case(policy_that_is_a_resource_of_its_own(then=[resource("apigateway/restApiPolicy", "more", restApiId=output("api.id"),
            policy=statements({**ANY_CALL, "Resource": "*"}))]), truth="cannot tell", source="internet"),
    ],
    # the review does not read them
    "an API whose methods are resources of their own": [
        case([resource("apigateway/restApi", "api"), resource("apigateway/stage", "stage", restApi=output("api.id"), stageName="live"),
            resource("apigateway/method", "get", restApi=output("api.id"), httpMethod="GET", authorization="NONE")], truth="cannot tell", source="internet"),
    ],
    "a policy that admits everybody to one of the calls that are not known": [
        case([resource("apigateway/restApi", "api", body=UNKNOWN, policy=statements({**ANY_CALL, "Resource": "execute-api:/*/GET/x"})),
            resource("apigateway/stage", "stage", restApi=output("api.id"), stageName="live")], truth="cannot tell", source="internet"),
    ],
    # the dash keeps the name from being read as an output
    "a target that a stage variable names": [
        case([rest(paths={"/x": {"get": {"x-amazon-apigateway-integration": {"type": "http_proxy", "httpMethod": "GET",
            "uri": "http://${stageVariables.back-end}/"}}}})], truth="cannot tell", source="internet",
            shows=["*which target GET /x has, since stage variables are not read*"]),
    ],
    "whom a resource policy admits": [
        case(whom_a_resource_policy_admits(policy=statements({**ANY_CALL, "Condition": {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24"]}}})), kinds="inbound",
            exactly=["internet → api (100/s, 203.0.113.0/24) → greeter"]),
        case(whom_a_resource_policy_admits(policy=statements({**ANY_CALL, "Condition": {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "198.51.100.7"]}}})),
            kinds="inbound", exactly=["internet → api (100/s, 198.51.100.7 and 203.0.113.0/24) → greeter"]),
        case(whom_a_resource_policy_admits(policy=statements({**ANY_CALL,
            "Condition": {"IpAddress": {"aws:SourceIp": ["203.0.0.0/24", "203.0.1.0/24", "203.0.2.0/24", "203.0.3.0/24", "203.0.4.0/24"]}}})), kinds="inbound",
            exactly=["internet → api (100/s, 5 ranges) → greeter"]),
        case(whom_a_resource_policy_admits(policy=statements({**ANY_CALL, "Condition": {"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24"]}}})),
            kinds="inbound", exactly=["internet → api (100/s, all but 203.0.113.0/24) → greeter"]),
        case(whom_a_resource_policy_admits(policy=statements()), kinds="inbound", exactly=["internet → api (100/s) → greeter: no, the resource policy of api admits nobody"]),
        # a condition that a caller can meet
        case(whom_a_resource_policy_admits(policy=statements({**ANY_CALL, "Condition": {"Bool": {"aws:SecureTransport": "true"}}})), kinds="inbound",
            exactly=["internet → api (100/s) → greeter"]),
        case(whom_a_resource_policy_admits(policy=statements({**ANY_CALL, "Condition": {"StringLike": {"aws:UserAgent": "partner/*"}}})), truth="cannot tell",
            kinds="inbound", shows=["*cannot tell: whom the resource policy admits)"]),
        case(whom_a_resource_policy_admits(policy=statements({**ANY_CALL, "Condition": {"StringEquals": {"aws:Referer": "https://example.com"}}})), truth="cannot tell", kinds="inbound"),
    ],
    "a default address that is off": [
        case(default_address_that_is_off(), kinds="inbound", exactly=["internet → api (key, 100/s) → greeter: no, api has its default address off and no domain"]),
        case(default_address_that_is_off(then=[resource("apigateway/domainName", "domain", domainName="api.example.com"),
            resource("apigateway/basePathMapping", "mapping", restApi=output("api.id"), domainName=output("domain.domainName"))]), kinds="inbound",
            exactly=["internet → api (key, 100/s) → greeter"]),
        # an input that is not read
        case(default_address_that_is_off(then=[resource("apigateway/domainName", "domain", domainName="api.example.com", worldwideApi=output("api.id"))]),
            truth="cannot tell", kinds="inbound"),
    ],
    "routes that require different things": [
        case([GREETER, rest(paths={"/items": {"get": calls("greeter"), "post": calls("greeter")}, "/items/{proxy+}": {"get": calls("greeter")},
            "/ping": {"get": calls("greeter", key=False)}}), MAY], kinds="inbound",
            exactly=["internet → api (GET POST /items and GET /items/{proxy+}, key, 100/s a method) → greeter", "internet → api (GET /ping, 100/s) → greeter"]),
    ],
    "a permission for one route of a function": [
        case(permission_for_one_route_of_a_function(path="/*/GET/a"), shows=["internet → api (GET /a, 100/s) → greeter", "internet → api (GET /b, 100/s) → greeter: no, *"]),
        case(permission_for_one_route_of_a_function(path="/*/GET/b"), shows=["internet → api (GET /b, 100/s) → greeter", "internet → api (GET /a, 100/s) → greeter: no, *"]),
    ],
    # each call is judged by itself
    "two routes behind policies that name one": [
        case(two_routes_behind_policies_that_name_one(through={**EVERYTHING, "Resource": "arn:aws:execute-api:*:*:*/*/GET/first"}, said=ANY_CALL,
            kind_of_api="PRIVATE"), shows=["anything in the VPC → * (GET /first, 100/s) → greeter",
            "anything in the VPC → * (GET /second, 100/s) → greeter: no, *"]),
        case(two_routes_behind_policies_that_name_one(through={**EVERYTHING, "Resource": "arn:aws:execute-api:*:*:*/*/GET/second"}, said=ANY_CALL,
            kind_of_api="PRIVATE"), shows=["anything in the VPC → * (GET /second, 100/s) → greeter",
            "anything in the VPC → * (GET /first, 100/s) → greeter: no, *"]),
        case(two_routes_behind_policies_that_name_one(through=EVERYTHING, said={**ANY_CALL, "Resource": "execute-api:/*/GET/first"}, kind_of_api="PRIVATE"),
            shows=["anything in the VPC → * (GET /first, 100/s) → greeter", "any VPC endpoint of any account → api (GET /first, 100/s) → greeter",
            "anything in the VPC → * (GET /second, 100/s, named endpoints only) → greeter: no, *"]),
        case(two_routes_behind_policies_that_name_one(through=EVERYTHING, said={**ANY_CALL, "Resource": "execute-api:/*/GET/second"}, kind_of_api="PRIVATE"),
            shows=["anything in the VPC → * (GET /second, 100/s) → greeter", "any VPC endpoint of any account → api (GET /second, 100/s) → greeter",
            "anything in the VPC → * (GET /first, 100/s, named endpoints only) → greeter: no, *"]),
        case(two_routes_behind_policies_that_name_one(through=EVERYTHING, said={**ANY_CALL, "Resource": "execute-api:/*/GET/first"}, kind_of_api="REGIONAL"),
            shows=["internet → api (GET /first, 100/s) → greeter", "internet → api (GET /second, 100/s) → greeter: no, *"]),
        case(two_routes_behind_policies_that_name_one(through=EVERYTHING, said={**ANY_CALL, "Resource": "execute-api:/*/GET/second"}, kind_of_api="REGIONAL"),
            shows=["internet → api (GET /second, 100/s) → greeter", "internet → api (GET /first, 100/s) → greeter: no, *"]),
    ],
    "the policy of an endpoint for signed calls": [
        case(policy_of_an_endpoint_for_signed_calls(through=EVERYTHING, signed={"x-amazon-apigateway-auth": {"type": "AWS_IAM"},
            "x-amazon-apigateway-integration": {"type": "aws_proxy", "httpMethod": "POST", "uri": output("greeter.invokeArn")}}), truth="open",
            source="anything in the VPC"),
        case(policy_of_an_endpoint_for_signed_calls(through={**EVERYTHING, "Principal": {"AWS": "arn:aws:iam::123456789012:role/own"}},
            signed={"x-amazon-apigateway-auth": {"type": "AWS_IAM"}, "x-amazon-apigateway-integration": {"type": "aws_proxy", "httpMethod": "POST",
            "uri": output("greeter.invokeArn")}}), truth="open", source="anything in the VPC"),
        case(policy_of_an_endpoint_for_signed_calls(through={**EVERYTHING, "Principal": {"AWS": ["123456789012"]}},
            signed={"x-amazon-apigateway-auth": {"type": "AWS_IAM"}, "x-amazon-apigateway-integration": {"type": "aws_proxy", "httpMethod": "POST",
            "uri": output("greeter.invokeArn")}}), truth="open", source="anything in the VPC"),
        case(policy_of_an_endpoint_for_signed_calls(through={**EVERYTHING, "Effect": "Deny"},
            signed={"x-amazon-apigateway-auth": {"type": "AWS_IAM"}, "x-amazon-apigateway-integration": {"type": "aws_proxy", "httpMethod": "POST",
            "uri": output("greeter.invokeArn")}}), truth="closed", source="anything in the VPC"),
        case(policy_of_an_endpoint_for_signed_calls(through={**EVERYTHING, "Resource": "arn:aws:execute-api:eu-west-1:123456789012:another/*"},
            signed={"x-amazon-apigateway-auth": {"type": "AWS_IAM"}, "x-amazon-apigateway-integration": {"type": "aws_proxy", "httpMethod": "POST",
            "uri": output("greeter.invokeArn")}}), truth="closed", source="anything in the VPC"),
        case(policy_of_an_endpoint_for_signed_calls(through={**EVERYTHING, "Principal": {"AWS": "arn:aws:iam::123456789012:role/own"}, "Action": "s3:*"},
            signed={"x-amazon-apigateway-auth": {"type": "AWS_IAM"}, "x-amazon-apigateway-integration": {"type": "aws_proxy", "httpMethod": "POST",
            "uri": output("greeter.invokeArn")}}), truth="closed", source="anything in the VPC"),
        case(policy_of_an_endpoint_for_signed_calls(through={**DENIED, "Effect": "Allow", "Resource": "arn:aws:execute-api:*:*:*/*/POST/x"},
            signed={"x-amazon-apigateway-auth": {"type": "AWS_IAM"}, "x-amazon-apigateway-integration": {"type": "aws_proxy", "httpMethod": "POST",
            "uri": output("greeter.invokeArn")}}), truth="closed", source="anything in the VPC"),
    ],
    # it is for stages, and admits nobody by itself
    "a usage plan": [
        case(usage_plan(policy=None, stage="live"), truth="cannot tell", shows=["*cannot tell: which keys the usage plans*"]),
        case(usage_plan(policy=None, stage="another"), truth="closed", shows=["*: no, api requires keys and is in no usage plan"]),
        case(usage_plan(policy=None, stage=UNKNOWN), truth="cannot tell"),
        case(usage_plan(policy='{"Statement": []}', stage="live"), truth="closed", shows=["*: no, the resource policy of api admits nobody"]),
    ],
    # Private names and domains
    "names of a private API": [
        case(names_of_a_private_api(how={"private_dns": True}),
            shows=["anything in the VPC → tcp 443 → execute-api endpoint (private DNS, Route 53 alias) → *"], never=["*(outside this stack)*"]),
        case(names_of_a_private_api(how={"private_dns": True, "endpointConfiguration": {"types": "PRIVATE"}}),
            shows=["anything in the VPC → tcp 443 → execute-api endpoint (private DNS) → *"], never=["*(outside this stack)*"]),
        case(names_of_a_private_api(how={"private_dns": False}), shows=["anything in the VPC → tcp 443 → execute-api endpoint (Route 53 alias) → *"],
            never=["*(outside this stack)*"]),
        case(names_of_a_private_api(how={"private_dns": False, "endpointConfiguration": {"types": "PRIVATE"}}),
            shows=["anything in the VPC → tcp 443 → execute-api endpoint (header x-apigw-api-id) → *"], never=["*(outside this stack)*"]),
    ],
    "an endpoint of others that the API names": [
        case([private_stack(policy={"Statement": [{**ANY_CALL, "Resource": "*", "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-0f1e2d3c4b5a69788"}}}]},
            endpointConfiguration={"types": "PRIVATE", "vpcEndpointIds": ["vpce-0f1e2d3c4b5a69788"]})],
            shows=["vpce-0f1e2d3c4b5a69788 (outside this stack) → Route 53 alias → api (100/s, named endpoints only) → greeter"]),
    ],
    "a private API behind an endpoint of unknown type": [
        case(private_api_behind_an_endpoint_of_unknown_type(type_="Interface"), truth="open", source="anything in the VPC"),
        case(private_api_behind_an_endpoint_of_unknown_type(type_=UNKNOWN), truth="open", source="anything in the VPC"),
    ],
    "a group of an endpoint beside the default one": [
        case(group_of_an_endpoint_beside_the_default_one(), truth="open", source="anything in*"),
        case(group_of_an_endpoint_beside_the_default_one(then=[group("closed"),
            resource("ec2/securityGroupAssociation", "more", vpcEndpointId=output("execute-api-endpoint.id"), securityGroupId=output("closed.id"),
            replaceDefaultAssociation=False)]), truth="open", source="anything in*"),
    ],
    "the default group of a VPC that is not known": [
        case(default_group_of_a_vpc_that_is_not_known(), truth="none", source="anything in*"),
        case(default_group_of_a_vpc_that_is_not_known(then=[change("execute-api-endpoint", vpcId=OTHER)]), shows=["*cannot tell*not all security groups of*"]),
    ],
    # APIs of which a part is not known
    "an API whose definition is not known": [
        case(api_whose_definition_is_not_known(resource_="apigateway/restApi", protocol=None, stage="apigateway/stage", of="restApi"), truth="cannot tell", source="internet"),
        case(api_whose_definition_is_not_known(resource_="apigatewayv2/api", protocol="HTTP", stage="apigatewayv2/stage", of="apiId"), truth="cannot tell", source="internet"),
        case(api_whose_definition_is_not_known(resource_="apigateway/restApi", protocol=None, stage="apigateway/stage", of="restApi", then=[read_only("api")]),
            truth="none", source="internet"),
    ],
    "a route whose integration is not known": [
        case(route_whose_integration_is_not_known(target=UNKNOWN), truth="open", source="internet"),
        case(route_whose_integration_is_not_known(target="integrations/abc1234"), truth="open", source="internet"),
        case(route_whose_integration_is_not_known(target=None), truth="none", source="internet"),
    ],
    "a route whose key is not known": [
        case(route_whose_key_is_not_known(key="GET /x"), truth="open", source="internet"),
        case(route_whose_key_is_not_known(key="GET /y"), truth="closed", source="internet"),
        case(route_whose_key_is_not_known(key=UNKNOWN), truth="cannot tell", source="internet"),
        case(route_whose_key_is_not_known(key="GET /y", then=[http_route("unknown", api="api", to=output("greeter.arn"), key=UNKNOWN)]), source="internet",
            shows=["internet → api * → greeter: no, *", "internet → api * → greeter (cannot tell*"]),
    ],
    "an API of another stack, whose stages are not known": [
        case(api_of_another_stack_whose_stages_are_not_known(), truth="closed", source="internet"),
        case(api_of_another_stack_whose_stages_are_not_known(then=[mark_existing("api")]), source="internet", shows=["internet → api (GET /, anyone) → greeter (cannot tell*"]),
    ],
    "a permission for a stage": [
        case(permission_for_a_stage(of=output("api.id"), stage="prod", path="/prod/GET/"), truth="open", source="internet"),
        case(permission_for_a_stage(of=output("api.id"), stage="test", path="/prod/GET/"), truth="closed", source="internet"),
        case(permission_for_a_stage(of=output("api.id"), stage=UNKNOWN, path="/prod/GET/"), truth="cannot tell", source="internet"),
        case(permission_for_a_stage(of=output("api.id"), stage=UNKNOWN, path="/*/GET/"), truth="open", source="internet"),
        case(permission_for_a_stage(of=UNKNOWN, stage="prod", path="/prod/GET/"), truth="cannot tell", source="internet"),
    ],
    "the route that connects to a WebSocket API": [
        case(route_that_connects_to_a_websocket_api(by="AWS_IAM"), shows=["internet → api (IAM) → greeter"]),
        case(route_that_connects_to_a_websocket_api(by="NONE"), shows=["internet → api (anyone) → greeter"]),
        case(route_that_connects_to_a_websocket_api(by=UNKNOWN), shows=["*cannot tell: what its routes require*"]),
    ],
    # The forwarder and its backend
    "the way to the backend": [
        case(way_to_the_backend(), source="internet", target="backend", exactly=["internet → api (key, 100/s a method) → proxy → tcp 8080 → backend",
            "internet → backend: no, backend has no public address"]),
        case(way_to_the_backend(then=[ingress("more", of="backend-group", port=8080, cidrIpv4=ALL)]), source="internet", target="backend",
            shows=["anything in the VPC → tcp 8080 → backend", "internet → tcp 8080 → backend: no, backend has no public IPv4 address"]),
        case(way_to_the_backend(then=[ingress("more", of="backend-group", port=8080, cidrIpv4=ALL), change("backend", associatePublicIpAddress=True)]),
            source="internet", target="backend", shows=["internet → tcp 8080 → backend: no, no internet gateway is routed to the subnets of backend"]),
        case(way_to_the_backend(then=[ingress("more", of="backend-group", port=8080, cidrIpv4=ALL),
            change("backend", associatePublicIpAddress=True, subnetId=output("public.id"))]), source="internet", target="backend",
            shows=["internet → tcp 8080 → backend"]),
        case(way_to_the_backend(then=[change("proxy-to-backend-ingress", fromPort=9090, toPort=9090)]), truth="closed", source="internet", target="backend",
            shows=["*no, backend-group admits no tcp 8080 from there*"]),
        case(way_to_the_backend(then=[change("proxy-to-backend-ingress", ipProtocol="udp")]), truth="closed", source="internet", target="backend",
            shows=["*no, backend-group admits no tcp 8080 from there*"]),
        case(way_to_the_backend(then=[change("proxy-to-backend-ingress", referencedSecurityGroupId=None, cidrIpv4="10.9.0.0/16")]), truth="closed",
            source="internet", target="backend", shows=["*no, backend-group admits no tcp 8080*"]),
        case(way_to_the_backend(then=[remove("proxy-to-backend-egress")]), truth="closed", source="internet", target="backend", shows=["*no, proxy-group lets out no tcp 8080*"]),
        case(way_to_the_backend(then=[remove("proxy-to-backend-ingress")]), truth="closed", source="internet", target="backend", shows=["*no, backend-group admits no tcp 8080*"]),
        case(way_to_the_backend(then=[remove("api-invokes-function")]), truth="closed", source="internet", target="backend", shows=["*no, no permission lets api invoke proxy*"]),
        case(way_to_the_backend(then=[remove("stage")]), truth="closed", source="internet", target="backend", shows=["*no, no stage of api is deployed*"]),
        case(way_to_the_backend(then=[remove("throttle")]), source="internet", target="backend", shows=["internet → api (key) → proxy → tcp 8080 → backend"]),
        case(way_to_the_backend(then=[change("throttle", settings={"throttlingRateLimit": 2.5})]), source="internet", target="backend",
            shows=["internet → api (key, 2.5/s a method) → proxy → tcp 8080 → backend"]),
        case(way_to_the_backend(then=[machine("other-machine", subnetId=output("private-1.id"), vpcSecurityGroupIds=[output("proxy-group.id")])]),
            source="internet", target="backend", shows=["other-machine → tcp 8080 → backend"]),
        case(way_to_the_backend(then=[ingress("more", of="backend-group", port=8080, referencedSecurityGroupId="sg-elsewhere")]), source="internet",
            target="backend", shows=["members of sg-elsewhere → tcp 8080 → backend"]),
        # the function's own group lets out to backend-group only
        case(way_to_the_backend(then=[change("backend", vpcSecurityGroupIds=["sg-elsewhere"])]), truth="closed", source="internet", target="backend"),
        case(way_to_the_backend(then=[change("backend", vpcSecurityGroupIds=["sg-elsewhere"]),
            change("proxy-to-backend-egress", referencedSecurityGroupId=None, cidrIpv4="10.0.0.0/8")]), truth="cannot tell", source="internet", target="backend",
            shows=["*(cannot tell: not all rules of sg-elsewhere are known)"]),
        case(way_to_the_backend(then=[change("proxy-to-backend-ingress", fromPort=UNKNOWN, toPort=UNKNOWN)]), truth="cannot tell", source="internet",
            target="backend", shows=["*cannot tell: *backend-group*"]),
        case(way_to_the_backend(then=[ingress("near", of="backend-group", port=8080, cidrIpv4="10.0.2.0/24"),
            ingress("far", of="backend-group", port=8080, cidrIpv4="192.168.7.0/24")]), source="internet", target="backend",
            shows=["anything in private-2 → tcp 8080 → backend", "192.168.7.0/24 → tcp 8080 → backend"]),
    ],
    "a function in another VPC than the backend": [
        case(function_in_another_vpc_than_the_backend(), shows=["*no, proxy and backend are in different VPCs*"]),
        case(function_in_another_vpc_than_the_backend(then=[resource("ec2/routeTableAssociation", "lost", subnetId=output("other-1.id"),
            routeTableId=UNKNOWN)]), shows=["*cannot tell: whether the VPCs of proxy and backend are joined*"]),
        case(function_in_another_vpc_than_the_backend(then=[route("peered", of="private-1-routes", to="10.9.0.0/16", vpcPeeringConnectionId="pcx-1")]),
            shows=["*cannot tell: whether the VPCs of proxy and backend are joined*"]),
    ],
    "a function outside any VPC": [
        case([resource("lambda/function", "greeter", environment={"variables": {"BACKEND_URL": "http://10.0.0.9:80"}}), KEYED, MAY],
            shows=["internet → api * → greeter → * no, 10.0.0.9 is a private address"]),
    ],
    "a function that sends IPv6 only if it may": [
        case(function_that_sends_ipv6_only_if_it_may(may=False), shows=["*no, greeter sends no IPv6 without ipv6AllowedForDualStack",
            "greeter → internet: no, *"], never=["greeter → * → internet (IPv6)"]),
        case(function_that_sends_ipv6_only_if_it_may(may=True), shows=["greeter → * → internet (IPv6)"], never=["*sends no IPv6*"]),
    ],
    # Balancers
    "the client addresses that a network balancer keeps": [
        case(client_addresses_that_a_network_balancer_keeps(type_="network", key="cidrIpv4", admitted="10.0.0.0/16", targets={}),
            shows=["internet → tcp 80 → balancer → tcp 8080 → backend: no, *"]),
        case(client_addresses_that_a_network_balancer_keeps(type_="network", key="cidrIpv4", admitted="10.0.0.0/16",
            targets={"preserveClientIp": "true", "targetType": "ip"}), shows=["internet → tcp 80 → balancer → tcp 8080 → backend: no, *"]),
        case(client_addresses_that_a_network_balancer_keeps(type_="network", key="cidrIpv4", admitted="10.0.0.0/16", targets={"protocol": "UDP"}),
            shows=["internet → * → balancer → * → backend: no, *"]),
        case(client_addresses_that_a_network_balancer_keeps(type_="network", key="referencedSecurityGroupId", admitted=output("balancer-group.id"),
            targets={}), shows=["internet → tcp 80 → balancer → tcp 8080 → backend"]),
        case(client_addresses_that_a_network_balancer_keeps(type_="network", key="cidrIpv4", admitted=ALL, targets={}),
            shows=["internet → tcp 80 → balancer → tcp 8080 → backend"]),
        case(client_addresses_that_a_network_balancer_keeps(type_="network", key="cidrIpv4", admitted="10.0.0.0/16", targets={"preserveClientIp": "false"}),
            shows=["internet → tcp 80 → balancer → tcp 8080 → backend"]),
        case(client_addresses_that_a_network_balancer_keeps(type_="network", key="cidrIpv4", admitted="10.0.0.0/16", targets={"targetType": "ip"}),
            shows=["internet → tcp 80 → balancer → tcp 8080 → backend"]),
        case(client_addresses_that_a_network_balancer_keeps(type_="application", key="cidrIpv4", admitted="10.0.0.0/16", targets={}),
            shows=["internet → tcp 80 → balancer → tcp 8080 → backend"]),
        case(client_addresses_that_a_network_balancer_keeps(type_="network", key="cidrIpv4", admitted="10.0.0.0/16", targets={"preserveClientIp": UNKNOWN}),
            shows=["*cannot tell: whether targets keeps the addresses of clients*"]),
        # it sees the client
        case(client_addresses_that_a_network_balancer_keeps(type_="network", key="referencedSecurityGroupId", admitted=output("balancer-group.id"), targets={},
            then=[acl("acl", of=["private-1"], inward=[{"cidrBlock": "10.0.0.0/16"}], outward=[{"cidrBlock": "10.0.0.0/16"}])]),
            shows=["internet → tcp 80 → *: no, the network ACL of private-1*"]),
    ],
    "CloudFront's own list": [
        case([network(), balancer(internal=False, subnets=[output("public.id"), output("private-1.id")]),
            ingress("from", of="balancer-group", port=80, prefixListId="pl-1"), backend(), edge("e", of="balancer-group", to="backend-group", port=8080),
            attach(to="targets", server="backend"), look_up("ec2/getManagedPrefixList:getManagedPrefixList", id="pl-1",
            name="com.amazonaws.global.cloudfront.origin-facing")], shows=["CloudFront → tcp 80 → balancer → tcp 8080 → backend"]),
    ],
    "a link of the first version": [
        case(link_of_the_first_version(front_={"kind": "network", "enforceSecurityGroupInboundRulesOnPrivateLinkTraffic": "off"},
            then=[edge("e", of="balancer-group", to="backend-group", port=8080)]),
            shows=["internet → api (100/s) → link → tcp 80 → balancer → tcp 8080 → backend"]),
        case(link_of_the_first_version(front_={"kind": "network"}, then=[edge("e", of="balancer-group", to="backend-group", port=8080)]),
            shows=["internet → api *apply to PrivateLink and admit no such caller*"]),
        case(link_of_the_first_version(front_={"kind": "network", "securityGroups": None},
            then=[ingress("from-balancer", of="backend-group", port=8080, cidrIpv4="10.0.0.0/16")]),
            shows=["internet → api (100/s) → link → tcp 80 → balancer → tcp 8080 → backend", "anything in the VPC → tcp 80 → balancer → tcp 8080 → backend"]),
    ],
    "a link of another stack": [
        case(link_of_another_stack(listener_=output("listener.arn")),
            shows=["internet → api * → a VPC link outside this stack (VPC link) → balancer → tcp 8080 → backend (cannot tell: whether what it calls admits*"]),
        case(link_of_another_stack(listener_="arn:aws:elasticloadbalancing:eu-west-1:1:listener/app/x/1/2"),
            shows=["internet → api * → a VPC link outside this stack (VPC link) → *listener/app/x/1/2 (cannot tell: whether what it calls admits*"]),
    ],
    "routes to two ports of a balancer": [
        case([network(), balancer(internal=False, subnets=[output("public.id")]), ingress("anyone", of="balancer-group", port=80, cidrIpv4=ALL),
            machine("server", subnetId=output("private-1.id")), attach(to="targets", server="server"),
            rest(paths={"/http": {"get": {"x-amazon-apigateway-integration": {"type": "http_proxy", "httpMethod": "GET",
            "uri": "http://" + output("balancer.dnsName") + "/"}}}, "/https": {"get": {"x-amazon-apigateway-integration": {"type": "http_proxy",
            "httpMethod": "GET", "uri": "https://" + output("balancer.dnsName") + "/"}}}})], shows=["*GET /https*: no, balancer has no listener on port 443"],
            never=["*GET /http,*no listener*"]),
    ],
    "a listener for UDP": [
        case([network(), backend(), group("front-group"), ingress("dns", of="front-group", ipProtocol="udp", fromPort=53, toPort=53, cidrIpv4=ALL),
            front_of(server="backend", loadBalancerType="network", securityGroups=[output("front-group.id")], target={"port": 5353, "protocol": "UDP"},
            listener={"port": 53}), egress("out", of="front-group", ipProtocol="udp", fromPort=5353, toPort=5353,
            referencedSecurityGroupId=output("backend-group.id")), ingress("in", of="backend-group", ipProtocol="udp", fromPort=5353, toPort=5353,
            referencedSecurityGroupId=output("front-group.id"))], shows=["internet → udp 53 → front → udp 5353 → backend"]),
    ],
    "Cloud Map instances by their address": [
        case([network(), backend(), resource("servicediscovery/httpNamespace", "space", name="space"),
            resource("servicediscovery/service", "registry", namespaceId=output("space.id"), name="app"),
            resource("servicediscovery/instance", "one", serviceId=output("registry.id"), instanceId="one",
            attributes={"AWS_INSTANCE_IPV4": output("backend.privateIp"), "AWS_INSTANCE_PORT": "8080"}), group("link-group"),
            edge("e", of="link-group", to="backend-group", port=8080), resource("apigatewayv2/vpcLink", "link", subnetIds=[output("private-1.id")],
            securityGroupIds=[output("link-group.id")]), http(), resource("apigatewayv2/integration", "to", apiId=output("api.id"),
            integrationType="HTTP_PROXY", connectionType="VPC_LINK", connectionId=output("link.id"), integrationUri=output("registry.arn")),
            resource("apigatewayv2/route", "route", apiId=output("api.id"), routeKey="$default", target="integrations/" + output("to.id"))],
            shows=["internet → api (100/s) → link → registry → tcp 8080 → backend"]),
    ],
    "a public balancer": [
        case(public_balancer(attached="backend", addresses="ipv4"), source="internet", target="[bt]*",
            exactly=["internet → tcp 80 → front → tcp 80 → backend", "internet → backend: no, backend has no public address"]),
        case(public_balancer(attached="backend", addresses="dualstack"), truth="open", source="internet", target="[bt]*"),
        case(public_balancer(attached="backend", addresses="dualstack-without-public-ipv4"), truth="closed", source="internet", target="[bt]*",
            shows=["*no, front has no public IPv4 address*"]),
        case(public_balancer(attached=None, addresses="ipv4"), truth="cannot tell", source="internet", target="[bt]*", shows=["*cannot tell: which targets others register*"]),
        case(public_balancer(attached="backend", addresses="ipv4", then=[firewall("front", default="block", action="count")]), truth="closed",
            source="internet", target="[bt]*", shows=["*front (WAF*)*: no, firewall blocks every caller"]),
        case(public_balancer(attached="backend", addresses="ipv4", then=[firewall("front", default="block", action="block")]), truth="closed", source="internet", target="[bt]*"),
        case(public_balancer(attached="backend", addresses="ipv4", then=[firewall("front", default="block", action="allow")]), source="internet",
            target="[bt]*", never=["*blocks every caller"]),
        case(public_balancer(attached="backend", addresses="ipv4", then=[firewall("front", default="allow", action="block")]), source="internet",
            target="[bt]*", never=["*blocks every caller"]),
    ],
    "actions of a listener": [
        case(actions_of_a_listener(of=output("balancer.arn"), actions=[FIXED]), truth="open", source="internet"),
        case(actions_of_a_listener(of=output("balancer.arn"), actions=[REDIRECT]), truth="none", source="internet"),
        case(actions_of_a_listener(of=output("balancer.arn"), actions=UNKNOWN), truth="cannot tell", source="internet"),
        case(actions_of_a_listener(of=output("balancer.arn"), actions=[UNKNOWN]), truth="cannot tell", source="internet"),
        case(actions_of_a_listener(of=output("balancer.arn"), actions=[{"type": "forward", "targetGroupArn": UNKNOWN}]), truth="cannot tell", source="internet"),
        case(actions_of_a_listener(of=output("balancer.arn"), actions=[{"type": "forward", "targetGroupArn": FOREIGN_TARGET_GROUP}]), truth="cannot tell", source="internet"),
        case(actions_of_a_listener(of=output("balancer.arn"), actions=[{"type": "forward", "forward": {"targetGroups": [{"arn": UNKNOWN}]}}]), truth="cannot tell", source="internet"),
        case(actions_of_a_listener(of=UNKNOWN, actions=[{"type": "forward", "targetGroupArn": UNKNOWN}]), truth="cannot tell", source="internet"),
        case(actions_of_a_listener(of="arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/x/1",
            actions=[{"type": "forward", "targetGroupArn": UNKNOWN}]), truth="cannot tell", source="internet"),
        case(actions_of_a_listener(of=UNKNOWN, actions=[FIXED]), truth="none", source="internet"),
        case(actions_of_a_listener(of="arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/x/1", actions=[FIXED]), truth="none", source="internet"),
        # a listener that leaves the program: other stacks add rules to it
        case(actions_of_a_listener(of=output("balancer.arn"), actions=[REDIRECT], then=[export({"shared": output("one.arn")})]), truth="cannot tell",
            source="internet", shows=["*which rules other stacks add to one*"]),
        case(actions_of_a_listener(of=output("balancer.arn"), actions=[REDIRECT], then=[export({"shared": output("balancer.arn")})]), truth="cannot tell", source="internet"),
        case(actions_of_a_listener(of=output("balancer.arn"), actions=[REDIRECT], then=[export({"shared": {"arns": [output("one.arn")]}})]), truth="cannot tell", source="internet"),
        case(actions_of_a_listener(of=output("balancer.arn"), actions=[REDIRECT], then=[export({"shared": UNKNOWN})]), truth="cannot tell", source="internet"),
        # a web ACL that blocks by default
        case(actions_of_a_listener(of=output("balancer.arn"), actions=[FIXED],
            then=[resource("wafv2/ipSet", "offices", addresses=["203.0.113.0/24"]), firewall("balancer", default="block", action="allow", of_set="offices")]),
            truth="open", source="203.0.113.0/24 (internet)"),
        case(actions_of_a_listener(of=output("balancer.arn"), actions=[FIXED],
            then=[resource("wafv2/ipSet", "offices", addresses=["203.0.113.0/24"]), firewall("balancer", default="allow", action="block", of_set="offices")]),
            truth="open", source="internet"),
        case(actions_of_a_listener(of=output("balancer.arn"), actions=[FIXED],
            then=[resource("wafv2/ipSet", "offices", addresses=["0.0.0.0/1", "128.0.0.0/1"]),
            firewall("balancer", default="block", action="allow", of_set="offices")]), truth="open", source="internet"),
    ],
    "a web ACL and a group that have no address in common": [
        case(web_acl_and_a_group_that_have_no_address_in_common(range_="203.0.113.0/25"), truth="open", source="*(internet)"),
        case(web_acl_and_a_group_that_have_no_address_in_common(range_="198.51.100.0/24"), truth="closed", source="*(internet)",
            shows=["*no, firewall admits nobody from 198.51.100.0/24*"]),
    ],
    "a listener of a balancer elsewhere": [
        case(listener_of_a_foreign_balancer(actions=[{"type": "forward", "targetGroupArn": output("targets.arn")}]), truth="cannot tell", source="internet", unknown_too=True),
        case(listener_of_a_foreign_balancer(actions=[FIXED], then=[resource("lb/listenerRule", "rule", listenerArn=output("one.arn"),
            actions=[{"type": "forward", "targetGroupArn": output("targets.arn")}])]), truth="cannot tell", source="internet", unknown_too=True),
    ],
    "targets that others register": [
        case(targets_that_others_register(reference=OTHER), shows=["*cannot tell: which targets others register with group*"]),
        case(targets_that_others_register(reference=UNKNOWN), shows=["*cannot tell: which targets others register with group*"]),
    ],
    "a function behind a listener that may refuse callers": [
        case(function_behind_a_listener_that_may_refuse_callers(listener_={"port": 443, "protocol": "HTTPS"}), truth="open", target="greeter"),
        case(function_behind_a_listener_that_may_refuse_callers(listener_={"port": 443, "protocol": "HTTPS",
            "mutualAuthentication": {"mode": "verify", "trustStoreArn": "s"}}), target="greeter", shows=["*client certificate*"]),
        case(function_behind_a_listener_that_may_refuse_callers(listener_={"port": 443, "protocol": "HTTPS", "jwtValidation": {}}), truth="cannot tell", target="greeter"),
    ],
    "a function outside of the VPC and its backend": [
        case([network(), balancer(internal=False, subnets=[output("public.id")]), ingress("anyone", of="balancer-group", port=80, cidrIpv4=ALL),
            resource("lambda/function", "proxy", environment={"variables": {"BACKEND_URL": "http://" + output("balancer.dnsName") + ":80"}}),
            rest(paths={"/x": {"get": calls("proxy", key=False)}}), invoke("may", api="api", function="proxy")],
            shows=["internet → api * → proxy → *balancer*"], unknown_too=True),
    ],
    # Callers of functions, and other accounts
    "a permission for a service that calls for others": [
        case(permission_for_a_service_that_calls_for_others(), truth="none", source="[!p]*"),
        case(permission_for_a_service_that_calls_for_others(then=[resource("lambda/permission", "p", action="lambda:InvokeFunction",
            function=output("greeter.name"), principal="*")]), truth="open", source="[!p]*"),
        case(permission_for_a_service_that_calls_for_others(then=[resource("lambda/permission", "p", action="lambda:InvokeFunction",
            function=output("greeter.name"), principal="*", principalOrgId="o-1")]), truth="open", source="[!p]*"),
        case(permission_for_a_service_that_calls_for_others(then=[resource("lambda/permission", "p", action="lambda:InvokeFunctionUrl",
            functionUrlAuthType="NONE", function=output("greeter.name"), principal="*")]), truth="none", source="[!p]*"),
        case(permission_for_a_service_that_calls_for_others(then=[resource("lambda/permission", "p", action="lambda:InvokeFunction",
            function=output("greeter.name"), principal="s3.amazonaws.com")]), truth="open", source="[!p]*"),
        case(permission_for_a_service_that_calls_for_others(then=[resource("lambda/permission", "p", action="lambda:InvokeFunction",
            function=output("greeter.name"), principal="sns.amazonaws.com")]), truth="open", source="[!p]*"),
        case(permission_for_a_service_that_calls_for_others(then=[resource("lambda/permission", "p", action="lambda:InvokeFunction",
            function=output("greeter.name"), principal="iot.amazonaws.com")]), truth="cannot tell", source="[!p]*"),
        case(permission_for_a_service_that_calls_for_others(then=[resource("lambda/permission", "p", action="lambda:InvokeFunction",
            function=output("greeter.name"), principal="events.amazonaws.com")]), truth="none", source="[!p]*"),
        case(permission_for_a_service_that_calls_for_others(then=[resource("lambda/permission", "p", action="lambda:InvokeFunction",
            function=output("greeter.name"), principal="s3.amazonaws.com", sourceAccount="123456789012")]), truth="none", source="[!p]*"),
        case(permission_for_a_service_that_calls_for_others(then=[resource("sns/topic", "t"),
            resource("lambda/permission", "p", action="lambda:InvokeFunction", function=output("greeter.name"), principal="sns.amazonaws.com",
            sourceArn=output("t.arn"))]), truth="none", source="[!p]*"),
    ],
    "types that change nothing": [
        case(types_that_change_nothing(of="sfn/stateMachine", inputs={"definition": '{"Resource": "arn:aws:states:::lambda:invoke"}'}), truth="closed"),
        case(types_that_change_nothing(of="scheduler/schedule", inputs={"target": {"arn": "arn:aws:scheduler:::aws-sdk:ec2:stopInstances"}}), truth="closed"),
        case(types_that_change_nothing(of="cloudwatch/eventTarget", inputs={"arn": "arn:aws:lambda:eu-west-1:123456789012:function:f"}), truth="closed"),
        case(types_that_change_nothing(of="datadog:index/monitor:Monitor", inputs={}), truth="closed"),
        case(types_that_change_nothing(of="cloudflare:index/record:Record", inputs={}), truth="closed"),
        case(types_that_change_nothing(of="glue/job", inputs={}), truth="closed"),
        case(types_that_change_nothing(of="iam/user", inputs={}), truth="closed"),
    ],
    "trusts of other accounts": [
        case(trusts_of_other_accounts(said=[{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "123456789012"}}]), truth="none", source="*other accounts*"),
        case(trusts_of_other_accounts(said=[{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:iam::123456789012:role/x"}}]),
            truth="none", source="*other accounts*"),
        case(trusts_of_other_accounts(said=[{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}]), truth="none",
            source="*other accounts*"),
        case(trusts_of_other_accounts(said=[EVERYONE, {**EVERYONE, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abc"}}}]),
            source="*other accounts*", shows=["other accounts: o-abc → *", "other accounts: every account → *"]),
        case(trusts_of_other_accounts(said=[{**EVERYONE, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abc"}}}, EVERYONE]),
            source="*other accounts*", shows=["other accounts: o-abc → *", "other accounts: every account → *"]),
        case(trusts_of_other_accounts(said=[{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": "arn:aws:iam::123456789012:oidc-provider/gitlab.com"}}]), truth="none", source="*other accounts*",
            shows=["gitlab.com (internet) → *"]),
    ],
    # a doubt, and they hide no other statement
    "trusts that are not known in part": [
        case(trusts_that_are_not_known_in_part(said=[UNKNOWN, NAMED]), source="*other accounts*",
            exactly=["other accounts: 111122223333 → role (may sts:AssumeRole)",
            "other accounts: every account → role (may use it) (cannot tell: whom the policy of role admits)"]),
        case(trusts_that_are_not_known_in_part(said=[NAMED, UNKNOWN]), source="*other accounts*",
            exactly=["other accounts: 111122223333 → role (may sts:AssumeRole)",
            "other accounts: every account → role (may use it) (cannot tell: whom the policy of role admits)"]),
        case(trusts_that_are_not_known_in_part(said=[{**EVERYONE, "Condition": UNKNOWN}, NAMED]), source="*other accounts*",
            exactly=["other accounts: 111122223333 → role (may sts:AssumeRole)",
            "other accounts: every account → role (may use it) (cannot tell: whom the policy of role admits)"]),
        case(trusts_that_are_not_known_in_part(said=[NAMED, {**EVERYONE, "Condition": UNKNOWN}]), source="*other accounts*",
            exactly=["other accounts: 111122223333 → role (may sts:AssumeRole)",
            "other accounts: every account → role (may use it) (cannot tell: whom the policy of role admits)"]),
        case(trusts_that_are_not_known_in_part(said=[{**EVERYONE, "Condition": {"StringEquals": UNKNOWN}}, NAMED]), source="*other accounts*",
            exactly=["other accounts: 111122223333 → role (may sts:AssumeRole)",
            "other accounts: every account → role (may use it) (cannot tell: whom the policy of role admits)"]),
        case(trusts_that_are_not_known_in_part(said=[{**EVERYONE, "Condition": {"StringEquals": {"aws:PrincipalOrgID": UNKNOWN}}}, NAMED]),
            source="*other accounts*", exactly=["other accounts: 111122223333 → role (may sts:AssumeRole)",
            "other accounts: every account → role (may use it) (cannot tell: whom the policy of role admits)"]),
        case(trusts_that_are_not_known_in_part(said=[{**EVERYONE, "Principal": {"AWS": UNKNOWN}}, NAMED]), source="*other accounts*",
            exactly=["other accounts: 111122223333 → role (may sts:AssumeRole)",
            "other accounts: every account → role (may use it) (cannot tell: whom the policy of role admits)"]),
    ],
    "a trust policy that is not known": [
        case([resource("iam/role", "role", assumeRolePolicy=UNKNOWN)], shows=["other accounts: *cannot tell: whom the policy of role admits*"]),
    ],
}
