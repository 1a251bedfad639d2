"""Routes that stream, and what keeps them from it."""

from typing import Any

from review.graph import UNKNOWN, Secret
from review.tests.front_parts import private_integration, route
from review.tests.graph_builder import Builder, Made
from review.tests.parts import balancer, http, network, rest
from review.tests.rules.cases import fault, quiet
from review.tests.rules.cases_api import function

WRAPPED = {"runtime": "python3.13", "environment": {"variables": {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/bootstrap"}}}


def operation(to: Made, end: str = "response-streaming-invocations", **integration: Any) -> dict[str, Any]:
    """An operation that streams from a function."""
    uri = "arn:aws:apigateway:eu-west-1:lambda:path/2021-11-15/functions/" + to.arn + "/" + end
    streamed = {"type": "aws_proxy", "httpMethod": "POST", "uri": uri, "responseTransferMode": "STREAM", **integration}
    return {"x-amazon-apigateway-integration": streamed}


def model(build: Builder, **inputs: Any) -> Made:
    return function(build, "model", **{"runtime": "nodejs22.x", **inputs})


fault("GATE-09", at="api", message="calls its function for a whole answer")(
    lambda build: rest(build, {"/chat": {"post": operation(model(build), "invocations")}})
)
fault("GATE-09", at="api", message="its answer is to be whole")(
    lambda build: rest(build, {"/chat": {"post": operation(model(build), responseTransferMode="BUFFERED")}})
)
fault("GATE-09", at="api", message="integration of type MOCK")(
    lambda build: rest(build, {"/chat": {"post": operation(model(build), type="mock")}})
)
fault("GATE-09", at="api", message="900 s is the most")(
    lambda build: rest(build, {"/chat": {"post": operation(model(build), timeoutInMillis=900_001)}})
)
fault("GATE-09", at="api", message="python3.13, which answers whole")(
    lambda build: rest(build, {"/chat": {"post": operation(model(build, runtime="python3.13"))}})
)
fault("GATE-09", at="api", message="api compresses answers")(
    lambda build: rest(build, {"/chat": {"post": operation(model(build))}}, minimumCompressionSize="0")
)


@fault("GATE-09", at="api", message="stage caches answers")
def _(build: Builder) -> None:
    gate = rest(build, {"/chat": {"post": operation(model(build))}})
    build("apigateway/stage:Stage", "cached-stage", restApi=gate.api.id, stageName="cached", cacheClusterEnabled=True)


@quiet("GATE-05", "GATE-09")
def _(build: Builder) -> None:
    streams = model(build, timeout=60)
    rest(build, {"/chat": {"post": operation(streams, timeoutInMillis=60_000)}}, minimumCompressionSize="-1")


quiet("GATE-09")(lambda build: rest(build, {"/chat": {"post": operation(model(build, **WRAPPED))}}))


def _of_variables(environment: Any) -> None:
    @quiet("GATE-09")
    def _(build: Builder) -> None:
        rest(build, {"/chat": {"post": operation(model(build, runtime="python3.13", environment=environment))}})


# Variables that are known after the deployment may name a loop, and so may secret ones.
_of_variables(UNKNOWN)
_of_variables({"variables": UNKNOWN})
_of_variables({"variables": Secret({"AWS_LAMBDA_EXEC_WRAPPER": "/opt/bootstrap"})})
_of_variables({"variables": {"AWS_LAMBDA_EXEC_WRAPPER": UNKNOWN}})


@quiet("GATE-09")
def _(build: Builder) -> None:
    """If nothing streams, an API may compress, and Python answers."""
    whole = operation(model(build, runtime="python3.13"), "invocations", responseTransferMode="BUFFERED")
    rest(build, {"/chat": {"post": whole}}, minimumCompressionSize="0")


fault("GATE-05", at="model", message="may take 61 s, and api waits 60 s")(
    lambda build: rest(build, {"/chat": {"post": operation(model(build, timeout=61), timeoutInMillis=60_000)}})
)


@fault("GATE-05", at="model", message="may take 120 s, and api waits 29 s")
def _(build: Builder) -> None:
    """AWS's default is the same for a stream."""
    rest(build, {"/chat": {"post": operation(model(build, timeout=120))}})


@quiet("GATE-05")
def _(build: Builder) -> None:
    """A quota of the account that AWS raised."""
    raised = operation(model(build, timeout=60), "invocations", responseTransferMode="BUFFERED", timeoutInMillis=60_000)
    rest(build, {"/chat": {"post": raised}})


@fault("GATE-05", at="model", message="may take 10 s, and api waits 2 s")
def _(build: Builder) -> None:
    hasty = operation(model(build, timeout=10), "invocations", responseTransferMode="BUFFERED", timeoutInMillis=2000)
    rest(build, {"/chat": {"post": hasty}})


def linked(build: Builder, kind: str = "application", wait: dict[str, Any] | None = None, **inputs: Any) -> None:
    """A REST API before a load balancer; an HTTP API if no wait is given."""
    front = balancer(build, network(build), kind, **inputs)
    link = build("apigatewayv2/vpcLink:VpcLink", "link", subnetIds=["subnet-1"], securityGroupIds=["sg-1"])
    if wait is None:
        api = http(build).api
        route(build, api, private_integration(build, api, link, front.listener.arn))
        return
    whole = {
        "type": "http_proxy",
        "httpMethod": "GET",
        "uri": "http://app.example.com/x",
        "connectionType": "VPC_LINK",
        "connectionId": link.id,
        "integrationTarget": front.balancer.arn,
        **wait,
    }
    rest(build, {"/x": {"get": {"x-amazon-apigateway-integration": whole}}})


fault("GATE-13", at="balancer", message="balancer waits 60 s for its targets, and api 299 s")(
    lambda build: linked(build, wait={"timeoutInMillis": 299_000})
)
fault("GATE-13", at="balancer", message="balancer waits 60 s for its targets, and api 300 s")(
    lambda build: linked(build, wait={"responseTransferMode": "STREAM", "timeoutInMillis": 900_000}, idleTimeout=60)
)
fault("GATE-13", at="balancer", message="balancer waits 20 s for its targets, and api 30 s")(
    lambda build: linked(build, idleTimeout=20)
)


def forwarding(build: Builder, seconds: str | None, timeout: int = 200, **inputs: Any) -> None:
    """A function that calls a load balancer."""
    front = balancer(build, network(build), **inputs)
    variables = {"BACKEND_URL": "http://" + front.balancer.dnsName + ":8080"}
    function(
        build,
        "proxy",
        timeout=timeout,
        environment={"variables": variables | ({"TIMEOUT_SECONDS": seconds} if seconds else {})},
    )


fault("GATE-13", at="balancer", message="balancer waits 60 s for its targets, and proxy 200 s")(
    lambda build: forwarding(build, "200", 900)
)
fault("GATE-13", at="balancer", message="balancer waits 60 s for its targets, and proxy 200 s")(
    lambda build: forwarding(build, None)
)
quiet("GATE-13")(lambda build: forwarding(build, "10"))
quiet("GATE-13")(lambda build: forwarding(build, "200", idleTimeout=210))
quiet("GATE-13")(lambda build: linked(build, wait={"timeoutInMillis": 299_000}, idleTimeout=309))
quiet("GATE-13")(
    lambda build: linked(build, wait={"responseTransferMode": "STREAM", "timeoutInMillis": 900_000}, idleTimeout=310)
)
quiet("GATE-13")(lambda build: linked(build, idleTimeout=60))


@quiet("GATE-13")
def _(build: Builder) -> None:
    """An NLB waits for 350 s."""
    linked(build, "network", wait={"timeoutInMillis": 299_000})


@quiet("GATE-13")
def _(build: Builder) -> None:
    """Nothing of an API leads there."""
    balancer(build, network(build), idleTimeout=1)
