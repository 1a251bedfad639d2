"""Parts of graphs before and behind an API: a link, endpoints, and private APIs."""

from types import SimpleNamespace
from typing import Any

from review.tests.helpers import stack_parts
from review.tests.helpers.graph_builder import Builder, Made, Ref
from review.tests.helpers.stack_parts import (
    attach,
    backend,
    balancer,
    calls,
    edge,
    group,
    http,
    ingress,
    network,
    permission,
    rest,
)


def link_stack(build: Builder, *, egress: str = "nat") -> SimpleNamespace:
    """Internet → HTTP API with IAM → VPC link → internal balancer → private instance."""
    net = network(build, egress=egress)
    behind = backend(build, net)
    front = balancer(build, net)
    attach(build, front.targets, behind.server)
    members = group(build, net.vpc, "link-group")
    edge(build, members, front.group, 80, "link-to-balancer")
    edge(build, front.group, behind.group, 8080, "balancer-to-backend")
    link = build(
        "apigatewayv2/vpcLink:VpcLink", "link", subnetIds=[one.id for one in net.private], securityGroupIds=[members.id]
    )
    gate = http(build)
    gate.integration = private_integration(build, gate.api, link, front.listener.arn)
    route(build, gate.api, gate.integration)
    return SimpleNamespace(net=net, backend=behind, front=front, link=link, link_group=members, gate=gate)


def private_integration(build: Builder, api: Made, link: Made, uri: Ref) -> Made:
    through = {"connectionType": "VPC_LINK", "connectionId": link.id, "integrationUri": uri}
    sent: dict[str, Any] = {"integrationType": "HTTP_PROXY", "integrationMethod": "ANY", **through}
    return build("apigatewayv2/integration:Integration", "integration", apiId=api.id, **sent)


def route(build: Builder, /, api: Made, integration: Made, **inputs: Any) -> Made:
    usual = {"routeKey": "ANY /{proxy+}", "authorizationType": "AWS_IAM", "target": "integrations/" + integration.id}
    return build("apigatewayv2/route:Route", "route", **{"apiId": api.id, **usual, **inputs})


def policy_of(*endpoints: Any) -> dict[str, Any]:
    """The resource policy of a private API: by these endpoints only."""
    common = {"Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", **common},
            {"Effect": "Deny", **common, "Condition": {"StringNotEquals": {"aws:SourceVpce": list(endpoints)}}},
        ],
    }


def endpoint(build: Builder, /, net: SimpleNamespace, service: str, **inputs: Any) -> SimpleNamespace:
    """An interface endpoint that admits 443 from the VPC."""
    members = group(build, net.vpc, f"{service}-group")
    ingress(build, f"{service}-in", members, 443, cidrIpv4="10.0.0.0/16")
    placed = {"subnetIds": [subnet.id for subnet in net.private], "securityGroupIds": [members.id]}
    usual = {
        "vpcId": net.vpc.id, "serviceName": f"com.amazonaws.eu-west-1.{service}", "vpcEndpointType": "Interface",
        "privateDnsEnabled": True, **placed,
    }  # fmt: skip
    made = build("ec2/vpcEndpoint:VpcEndpoint", f"{service}-endpoint", **{**usual, **inputs})
    return SimpleNamespace(group=members, endpoint=made)


def private_stack(build: Builder, /, *, policy: Any = None, private_dns: bool = True, **inputs: Any) -> SimpleNamespace:
    """The VPC's inside → execute-api endpoint → private REST API → a function outside any VPC."""
    net = network(build, egress="none")
    door = endpoint(build, net, "execute-api", privateDnsEnabled=private_dns)
    logs = build("cloudwatch/logGroup:LogGroup", "greeter-logs", retentionInDays=14)
    role = build("iam/role:Role", "greeter-role", assumeRolePolicy=stack_parts.trust("lambda.amazonaws.com"))
    logging = stack_parts.allowing("logs:CreateLogStream", "logs:PutLogEvents", resource=logs.arn + ":*")
    build("iam/rolePolicy:RolePolicy", "greeter-logging", role=role.name, policy=logging)
    function = build(
        "lambda/function:Function", "greeter", role=role.arn, loggingConfig={"logFormat": "JSON", "logGroup": logs.name}
    )
    body = {"x-amazon-apigateway-policy": policy_of(door.endpoint.id) if policy is None else policy}
    gate = rest(
        build,
        {"/greeting": {"get": calls(function, key=False)}},
        body=body if policy != {} else {},
        **{"endpointConfiguration": {"types": "PRIVATE", "vpcEndpointIds": [door.endpoint.id]}, **inputs},
    )
    permission(build, gate.api, function)
    return SimpleNamespace(net=net, door=door, gate=gate, function=function)
