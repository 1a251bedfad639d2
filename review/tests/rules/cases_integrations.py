"""Integrations against the listeners and methods that they name, and endpoints against AWS's services."""

from typing import Any

from review.tests.front_parts import route
from review.tests.graph_builder import Builder, Made, Ref
from review.tests.parts import http, rest
from review.tests.rules.cases import fault, quiet


def listener(build: Builder, protocol: str, kind: str = "network") -> tuple[Made, Made]:
    made = build("lb/loadBalancer:LoadBalancer", "balancer", loadBalancerType=kind, internal=True)
    return made, build("lb/listener:Listener", "listener", loadBalancerArn=made.arn, port=8443, protocol=protocol)


def of_http_api(build: Builder, uri: Ref | str, **inputs: Any) -> None:
    link = build("apigatewayv2/vpcLink:VpcLink", "link", subnetIds=["subnet-1"], securityGroupIds=["sg-1"])
    api = http(build).api
    given = {"connectionType": "VPC_LINK", "connectionId": link.id, "integrationType": "HTTP_PROXY", **inputs}
    made = build("apigatewayv2/integration:Integration", "integration", apiId=api.id, integrationUri=uri, **given)
    route(build, api, made)


def of_rest_api(build: Builder, protocol: str, scheme: str) -> None:
    balancer, _ = listener(build, protocol)
    link = build("apigateway/vpcLink:VpcLink", "link", targetArn=balancer.arn)
    whole = {
        "type": "http_proxy",
        "httpMethod": "GET",
        "uri": f"{scheme}://app.example.com:8443/x",
        "connectionType": "VPC_LINK",
        "connectionId": link.id,
    }
    rest(build, {"/x": {"get": {"x-amazon-apigateway-integration": whole}}})


fault("GATE-10", at="integration", message="wants the ARN of a listener")(
    lambda build: of_http_api(build, "http://app.internal:80")
)
fault("GATE-10", at="integration", message="has no tls_config")(
    lambda build: of_http_api(build, listener(build, "HTTPS", "application")[1].arn)
)


@fault("GATE-10", at="integration", message="sends TLS to listener")
def _(build: Builder) -> None:
    uri = listener(build, "HTTP", "application")[1].arn
    of_http_api(build, uri, tlsConfig={"serverNameToVerify": "app.example.com"})


fault("GATE-10", at="api", message="listener speaks TLS")(lambda build: of_rest_api(build, "TLS", "http"))
quiet("GATE-10")(lambda build: of_rest_api(build, "TLS", "https"))


@quiet("GATE-10")
def _(build: Builder) -> None:
    # The targets end the connection: what they speak is theirs.
    of_rest_api(build, "TCP", "https")


@quiet("GATE-10")
def _(build: Builder) -> None:
    uri = listener(build, "HTTPS", "application")[1].arn
    of_http_api(build, uri, tlsConfig={"serverNameToVerify": "app.example.com"})


def endpoint(build: Builder, service: str, kind: str, **inputs: Any) -> None:
    build("ec2/vpcEndpoint:VpcEndpoint", "endpoint", serviceName=service, vpcEndpointType=kind, **inputs)


fault("FIT-20", at="endpoint", message="only S3, S3 Express and DynamoDB have such")(
    lambda build: endpoint(build, "com.amazonaws.eu-west-1.s4", "Gateway")
)
fault("FIT-20", at="endpoint", message="is of us-east-1")(
    lambda build: endpoint(build, "com.amazonaws.us-east-1.logs", "Interface")
)
quiet("FIT-20")(lambda build: endpoint(build, "com.amazonaws.us-east-1.logs", "Interface", serviceRegion="us-east-1"))
quiet("FIT-20")(lambda build: endpoint(build, "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0", "Interface"))
quiet("FIT-20")(lambda build: endpoint(build, "com.amazonaws.eu-west-1.s3express", "Gateway"))
quiet("FIT-20")(lambda build: endpoint(build, "com.amazonaws.s3-global.accesspoint", "Interface"))
