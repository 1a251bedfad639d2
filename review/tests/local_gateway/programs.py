"""Programs that are not ours, for tests of the network between an API and its backends."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from review.graph import Asset, Graph, Resource
from review.tests.helpers import private_stacks, stack_parts
from review.tests.helpers.graph_builder import Builder, Made
from review.tests.helpers.stack_parts import (
    attach,
    balancer,
    edge,
    egress,
    group,
    ingress,
    machine,
    network,
    subnet,
    table,
    trust,
)


def shop() -> Builder:
    """An HTTP API → VPC link → internal ALB → a machine named `orders`."""
    build, net = Builder.of(network)
    front, members = balancer(build, net), group(build, net.vpc, "link-group")
    edge(build, members, front.group, 80, "link-to-balancer")
    group_of = group(build, net.vpc, "orders-group")
    edge(build, front.group, group_of, 8080, "balancer-to-orders")
    server = machine(build, "orders", subnetId=net.private[0].id, vpcSecurityGroupIds=[group_of.id])
    attach(build, front.targets, server)
    subnets = [one.id for one in net.private]
    link = build("apigatewayv2/vpcLink:VpcLink", "link", subnetIds=subnets, securityGroupIds=[members.id])
    gate = stack_parts.http(build)
    integration = private_stacks.private_integration(build, gate.api, link, front.listener.arn)
    private_stacks.route(build, gate.api, integration, authorizationType="NONE")
    return build


def neighbours() -> Builder:
    """An HTTP API → a function → a machine in another subnet."""
    build = Builder()
    vpc = build("ec2/vpc:Vpc", "near", cidrBlock="10.0.0.0/8")
    near, far = (subnet(build, vpc, f"{name}-subnet", cidr, "a") for name, cidr in
                 (("near", "10.1.0.0/24"), ("far", "10.2.0.0/24")))  # fmt: skip
    routes = table(build, vpc, "near-routes", near)
    gateway = build("ec2/internetGateway:InternetGateway", "gateway", vpcId=vpc.id)
    out: dict[str, Any] = {"destinationCidrBlock": "0.0.0.0/0", "gatewayId": gateway.id}
    build("ec2/route:Route", "near-route", routeTableId=routes.id, **out)
    callers, called = group(build, vpc, "callers"), group(build, vpc, "called")
    egress(build, "out", callers, 8080, cidrIpv4="10.2.0.0/24")
    ingress(build, "in", called, 8080, cidrIpv4="10.1.0.0/24")
    server = machine(build, "server", subnetId=far.id, vpcSecurityGroupIds=[called.id])
    variables = {"BACKEND_URL": "http://" + server.privateIp + ":8080"}
    placed = {"subnetIds": [near.id], "securityGroupIds": [callers.id]}
    function = lambda_function(build, "caller", environment={"variables": variables}, vpcConfig=placed)
    called_by_http(build, function)
    return build


def lambda_function(build: Builder, name: str, **inputs: Any) -> Made:
    role = build("iam/role:Role", f"{name}-role", assumeRolePolicy=trust("lambda.amazonaws.com"))
    usual = {"role": role.arn, "runtime": "python3.13", "handler": "main.handler", "timeout": 29}
    return build("lambda/function:Function", name, **{**usual, **inputs})


def integration_of(build: Builder, api: Made, uri: Any, **inputs: Any) -> Made:
    """An integration with a function, or with a URL for which the backend of this machine stands in."""
    usual: dict[str, Any] = {"integrationType": "HTTP_PROXY", "integrationMethod": "ANY", "integrationUri": uri}
    return build("apigatewayv2/integration:Integration", "integration", apiId=api.id, **{**usual, **inputs})


def called_by_http(build: Builder, function: Made, uri: Any = None, **given: Any) -> None:
    """An HTTP API with one route to a function, which it may invoke."""
    api = stack_parts.http(build).api
    to: dict[str, Any] = {"integrationType": "AWS_PROXY", "payloadFormatVersion": "2.0"}
    integration = integration_of(build, api, function.arn if uri is None else uri, **to)
    private_stacks.route(build, api, integration, authorizationType="NONE")
    stack_parts.permission(build, api, function, **given)


def without(graph: Graph, *names: str) -> Graph:
    """The graph without some resources, by their logical names."""
    kept = {urn: resource for urn, resource in graph.resources.items() if resource.name not in names}
    assert len(kept) == len(graph.resources) - len(names)
    return replace(graph, resources=kept)


def changed(graph: Graph, name: str, /, **inputs: Any) -> Graph:
    """The graph with other inputs of one resource. None removes one."""
    assert any(resource.name == name for resource in graph)

    def merged(old: Mapping[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in {**old, **inputs}.items() if value is not None}

    def made(one: Resource) -> Resource:
        return replace(one, inputs=merged(one.inputs), state=merged(one.state)) if one.name == name else one

    return replace(graph, resources={urn: made(resource) for urn, resource in graph.resources.items()})


def guarded(code: str, *, rest: bool, source: str | None = "/*/*") -> Graph:
    """An API with GET /guarded behind a function that authorizes, which the permission's source lets it invoke."""
    build, token = Builder.of(lambda_function, "token", code=Asset(members={"main.py": Asset(text=code)}))
    if rest:
        sent = {"type": "http_proxy", "httpMethod": "GET", "uri": "http://backend.invalid/"}
        operation = {"x-amazon-apigateway-integration": sent, "security": [{"gate": []}]}
        decision = {"type": "request", "authorizerUri": token.invokeArn, "authorizerResultTtlInSeconds": 0}
        decision["identitySource"] = "method.request.header.X-Token"
        scheme = {"type": "apiKey", "name": "X-Token", "in": "header", "x-amazon-apigateway-authorizer": decision}
        schemes = {"components": {"securitySchemes": {"gate": scheme}}}
        api = stack_parts.rest(build, {"/guarded": {"get": operation}}, body=schemes).api
    else:
        api = stack_parts.http(build).api
        gate = build(
            "apigatewayv2/authorizer:Authorizer", "gate", apiId=api.id, authorizerType="REQUEST",
            authorizerUri=token.invokeArn, authorizerPayloadFormatVersion="2.0", enableSimpleResponses=True,
            authorizerResultTtlInSeconds=0, identitySources=["$request.header.X-Token"],
        )  # fmt: skip
        to = integration_of(build, api, "http://backend.invalid/")
        guard = {"authorizationType": "CUSTOM", "authorizerId": gate.id}
        private_stacks.route(build, api, to, routeKey="GET /guarded", **guard)
    if source is not None:
        stack_parts.permission(build, api, token, sourceArn=api.executionArn + source)
    return build.graph()
