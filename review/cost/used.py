"""Charges that grow with use: calls, what functions and balancers do for them, what they log and send."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ..aws.component_facts import LAMBDA_UNBILLED_STREAM_MB, STREAM_UNTHROTTLED_MB
from ..graph import Resource
from ..graph.reading import items, text
from .charge import Basis, Charge, Charger, Context
from .fixed import balancer_kind
from .prices import HOURS

_MILLION: Final = 1e6
_GB_OF_KB: Final = 1e6
"""Kilobytes in a gigabyte, as AWS bills data."""
_SECONDS: Final = HOURS * 3600
_METERED_KB: Final = 512
"""An HTTP API counts each started 512 kB as a call. https://aws.amazon.com/api-gateway/pricing/"""
_STREAMED_KB: Final = STREAM_UNTHROTTLED_MB * 1000
"""A REST API counts each started 10 MB of an answer that streams as a call. https://aws.amazon.com/api-gateway/pricing/"""

# What one capacity unit covers in an hour.
# https://aws.amazon.com/elasticloadbalancing/pricing/
_NEW_CONNECTIONS: Final = {"alb": 25, "nlb": 800}


def rest_api(resource: Resource, context: Context) -> Iterator[Charge]:
    usage = context.usage
    pieces = max(-(-usage.kb_out // _STREAMED_KB), 1)
    yield _call("rest-api-call", usage.requests * (1 + context.streamed(resource) * (pieces - 1)), "REST API")
    private = "PRIVATE" in items(_types(resource))
    if private:
        data = context.usage.requests * (context.usage.kb_in + context.usage.kb_out) / _GB_OF_KB
        yield Charge("interface-endpoint-data", data, Basis.CALL, "endpoint data")
    else:
        yield _sent(context)


def _types(resource: Resource) -> object:
    configuration = items(resource.inputs.get("endpointConfiguration"))
    return configuration[0].get("types") if configuration and isinstance(configuration[0], Mapping) else None


def http_api(_resource: Resource, context: Context) -> Iterator[Charge]:
    usage = context.usage
    pieces = max(-(-usage.kb_in // _METERED_KB), -(-usage.kb_out // _METERED_KB), 1)
    yield _call("http-api-call", usage.requests * pieces, "HTTP API")
    yield _sent(context)


def _call(item: str, calls: float, label: str) -> Charge:
    return Charge(item, calls / _MILLION, Basis.CALL, label)


def _sent(context: Context) -> Charge:
    sent = context.usage.requests * context.usage.kb_out / _GB_OF_KB
    return Charge("internet-out", sent, Basis.CALL, "data out")


def function(resource: Resource, context: Context) -> Iterator[Charge]:
    """Its share of the calls, each for as long as the usage says; what nobody's route calls costs nothing."""
    usage, streamed = context.usage, context.streamed(resource)
    calls, seconds = context.calls_of(resource), (1 - streamed) * usage.ms / 1000 + streamed * usage.stream_seconds
    reserved = resource.inputs.get("reservedConcurrentExecutions")
    if isinstance(reserved, int) and reserved >= 0 and seconds:
        # More calls than that at once are refused by Lambda, and cost only what the API takes for them.
        calls = min(calls, reserved * _SECONDS / seconds)
    if not calls:
        return
    memory = resource.inputs.get("memorySize", 128)
    architecture = text(next(iter(items(resource.inputs.get("architectures"))), "")) or "x86_64"
    gigabytes = memory / 1024 if isinstance(memory, int) else 0.125
    note = f"{memory} MB for {seconds * 1000:g} ms"
    if streamed:
        note += ", streams being paid for while they are open"
        billed = max(usage.kb_out - LAMBDA_UNBILLED_STREAM_MB * 1000, 0.0) / _GB_OF_KB
        if billed:
            yield Charge("lambda-streamed", calls * streamed * billed, Basis.CALL, "Lambda streams")
    yield _call("lambda-request", calls, "Lambda calls")
    yield Charge(f"lambda-{architecture}", calls * seconds * gigabytes, Basis.CALL, "Lambda time", note)


def log_group(_resource: Resource, context: Context) -> Iterator[Charge]:
    """The lines of a call, shared among the groups that there are."""
    groups = max(len(context.graph.of_type("aws:cloudwatch/logGroup:LogGroup")), 1)
    written = context.usage.requests * context.usage.log_kb / _GB_OF_KB / groups
    yield Charge("logs-ingested", written, Basis.CALL, "logs")


def balancer(resource: Resource, context: Context) -> Iterator[Charge]:
    """Capacity units: the larger of data and new connections, taking each call to open one."""
    kind, usage = balancer_kind(resource), context.usage
    if kind not in _NEW_CONNECTIONS:
        return
    data = usage.requests * (usage.kb_in + usage.kb_out) / _GB_OF_KB / HOURS
    connections = usage.requests / _SECONDS / _NEW_CONNECTIONS[kind]
    note = "as if each call opened a connection"
    yield Charge(f"{kind}-capacity", max(data, connections) * HOURS, Basis.CALL, f"{kind.upper()} capacity", note)


def web_acl(_resource: Resource, context: Context) -> Iterator[Charge]:
    yield _call("waf-request", context.usage.requests, "WAF requests")


def discovery(_resource: Resource, context: Context) -> Iterator[Charge]:
    note = "as if API Gateway asked for each call"
    yield Charge("cloud-map-discovery", context.usage.requests / _MILLION, Basis.CALL, "Cloud Map", note)


def nat_gateway(_resource: Resource, context: Context) -> Iterator[Charge]:
    gateways = max(len(context.graph.of_type("aws:ec2/natGateway:NatGateway")), 1)
    yield Charge("nat-gateway-data", context.usage.nat_gb / gateways, Basis.OTHER_USE, "NAT data")


def registry(_resource: Resource, context: Context) -> Iterator[Charge]:
    yield Charge("ecr-storage", context.usage.image_gb, Basis.OTHER_USE, "images")


CHARGERS: Final[Mapping[str, Charger]] = {
    "aws:apigateway/restApi:RestApi": rest_api,
    "aws:apigatewayv2/api:Api": http_api,
    "aws:lambda/function:Function": function,
    "aws:cloudwatch/logGroup:LogGroup": log_group,
    "aws:lb/loadBalancer:LoadBalancer": balancer,
    "aws:alb/loadBalancer:LoadBalancer": balancer,
    "aws:wafv2/webAcl:WebAcl": web_acl,
    "aws:servicediscovery/service:Service": discovery,
    "aws:ec2/natGateway:NatGateway": nat_gateway,
    "aws:ecr/repository:Repository": registry,
    "awsx:ecr:Repository": registry,
}
