"""Charges that grow with use: calls, what functions and balancers do for them, what they log and send."""

from collections.abc import Iterator
from typing import Any, Final

from ..aws.catalog.month import HOURS, SECONDS
from ..aws.compute import functions
from ..aws.network.load_balancer_kind import Kind, read_kind
from ..facts import limits
from ..graph import UNKNOWN, Resource
from ..graph.reading import get_declared_input
from .charge import Basis, Charge, Context, charge_by_use

FIREWALL_CALLS: Final = "WAF requests"
"""Label of what a web ACL takes for calls. https://aws.amazon.com/waf/pricing/"""

_FUNCTION: Final = "Lambda"
_AUTHORIZER: Final = "authorizer"
"""Beginnings of the labels of a function's runs."""
AUTHORIZER_CALLS: Final = f"{_AUTHORIZER} calls"

_MILLION: Final = 1e6
_GB_OF_KB: Final = 1e6
"""Kilobytes in a gigabyte, as AWS bills data."""
_METERED_KB: Final = 512
"""An HTTP API counts each started 512 kB as a call. https://aws.amazon.com/api-gateway/pricing/"""
_STREAMED_KB: Final = limits.STREAM_UNTHROTTLED_MB * 1000
"""A REST API counts each started 10 MB of an answer that streams as a call. https://aws.amazon.com/api-gateway/pricing/"""
_REST_STAGE: Final = "aws:apigateway/stage:Stage"
_SAMPLED: Final = 0.05
_LOG_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"

# Usage that one capacity unit covers in an hour.
# https://aws.amazon.com/elasticloadbalancing/pricing/
_NEW_CONNECTIONS: Final = {Kind.APPLICATION: 25, Kind.NETWORK: 800}


def rest_api(resource: Resource, context: Context) -> Iterator[Charge]:
    usage, owner = context.usage, context.statements.find_owner(resource.urn)
    pieces = max(-(-usage.kb_out // _STREAMED_KB), 1)
    calls = usage.requests * (1 + context.share_of_streams(resource) * (pieces - 1))
    yield _charge_by_call("rest-api-call", calls / _MILLION, "REST API")
    if owner is not None and owner.get("kind") == "private":
        data = usage.requests * (usage.kb_in + usage.kb_out) / _GB_OF_KB
        yield _charge_by_call("interface-endpoint-data", data, "endpoint data")
    else:
        yield _charge_sent_data(context)


def http_api(_resource: Resource, context: Context) -> Iterator[Charge]:
    usage = context.usage
    pieces = max(-(-usage.kb_in // _METERED_KB), -(-usage.kb_out // _METERED_KB), 1)
    yield _charge_by_call("http-api-call", usage.requests * pieces / _MILLION, "HTTP API")
    yield _charge_sent_data(context)


def _charge_by_call(item: str, quantity: float | None, label: str, note: str = "") -> Charge:
    return Charge(item=item, quantity=quantity, basis=Basis.CALL, label=label, note=note)


def _charge_sent_data(context: Context) -> Charge:
    return _charge_by_call("internet-out", context.usage.requests * context.usage.kb_out / _GB_OF_KB, "data out")


def function(resource: Resource, context: Context) -> Iterator[Charge]:
    """Its share of the calls, and the calls that it authorizes, each for as long as the usage assumes."""
    usage, streamed = context.usage, context.share_of_streams(resource)
    seconds = (1 - streamed) * usage.ms / 1000 + streamed * usage.stream_seconds
    yield from _charge_runs(resource, context, context.count_calls(resource), seconds, streamed, _FUNCTION)
    if runs := context.count_authorizer_runs(resource):
        longest = functions.find_timeout(resource)
        seconds = usage.ms / 1000 if longest is None else min(usage.ms / 1000, longest)
        yield from _charge_runs(resource, context, runs, seconds, 0.0, _AUTHORIZER)


def _charge_runs(
    resource: Resource, context: Context, calls: float, seconds: float, streamed: float, whose: str
) -> Iterator[Charge]:
    """Runs of a function, each for so many seconds, of which a share streams. `whose` begins the labels."""
    usage = context.usage
    reserved = functions.find_reserved_concurrency(resource)
    if reserved is not None and seconds:
        # Lambda refuses more calls than that at once, and they cost only what the API takes for them.
        calls = min(calls, reserved * SECONDS / seconds)
    if not calls:
        return
    memory = functions.find_memory(resource)
    note = context.describe_cache(resource) if whose == _AUTHORIZER else ""
    yield _charge_by_call("lambda-request", calls / _MILLION, f"{whose} calls", note)
    time = None if memory is None else calls * seconds * memory / 1024
    note = "its memory is not known" if memory is None else f"{memory:g} MB for {seconds * 1000:g} ms"
    if streamed:
        note += ", streams being paid for while they are open"
        if billed := max(usage.kb_out - limits.LAMBDA_UNBILLED_STREAM_MB * 1000, 0.0) / _GB_OF_KB:
            yield _charge_by_call("lambda-streamed", calls * streamed * billed, "Lambda streams")
    yield _charge_by_call(f"lambda-{functions.find_architecture(resource)}", time, f"{whose} time", note)
    disk = functions.find_temporary_disk(resource)
    if disk is None or disk > functions.DEFAULT_DISK:
        beyond = None if disk is None else calls * seconds * (disk - functions.DEFAULT_DISK) / 1024
        yield _charge_by_call("lambda-disk", beyond, f"{whose} temporary disk")
    traced = get_declared_input(resource, "tracingConfig", "mode")
    stages = context.model.graph.list_by_type(_REST_STAGE)
    # A function's part of a call that its API traces belongs to the same trace.
    if traced in ("Active", UNKNOWN) and not any(
        get_declared_input(stage, "xrayTracingEnabled") is True for stage in stages
    ):
        yield _charge_traces(context, calls, traced)
    if not context.model.graph.list_by_type(_LOG_GROUP):
        # Lambda makes one that is not declared.
        yield _charge_by_call(
            "logs-ingested", calls * usage.log_kb / _GB_OF_KB, "logs" if whose == _FUNCTION else f"{whose} logs"
        )


def log_group(_resource: Resource, context: Context) -> Iterator[Charge]:
    """The lines of a call, shared among the groups that there are."""
    groups = max(len(context.model.graph.list_by_type(_LOG_GROUP)), 1)
    log_gb = context.usage.requests * context.usage.log_kb / _GB_OF_KB / groups
    yield _charge_by_call("logs-ingested", log_gb, "logs")


def rest_stage(resource: Resource, context: Context) -> Iterator[Charge]:
    """Traces of X-Ray."""
    if get_declared_input(resource, "xrayTracingEnabled") in (True, UNKNOWN):
        yield _charge_traces(
            context,
            context.usage.requests / _count_rest_stages(context),
            get_declared_input(resource, "xrayTracingEnabled"),
        )


def _count_rest_stages(context: Context) -> int:
    return max(len(context.model.graph.list_by_type(_REST_STAGE)), 1)


def _charge_traces(context: Context, calls: float, switch: Any) -> Charge:
    """Without a sampling rule of your own: one call a second, and 5% of the others.

    https://docs.aws.amazon.com/xray/latest/devguide/xray-console-sampling.html
    """
    sampled_calls = min(calls, SECONDS / _count_rest_stages(context))
    traced = sampled_calls + (calls - sampled_calls) * _SAMPLED
    note = "as if calls came evenly, and without sampling rules of your own"
    if switch is UNKNOWN:
        return _charge_by_call("xray-trace", None, "X-Ray traces", "whether it traces is not known")
    return _charge_by_call("xray-trace", traced / _MILLION, "X-Ray traces", note)


def execution_logs(resource: Resource, _context: Context) -> Iterator[Charge]:
    """Execution logs at the level INFO, which are several lines for each call; at ERROR only errors write."""
    level = get_declared_input(resource, "settings", "loggingLevel")
    if level in ("INFO", UNKNOWN):
        note = "not estimated: several lines for each call, paid for as logs"
        note = "whether they are on is not known" if level is UNKNOWN else note
        yield charge_by_use("logs-ingested", "execution logs", None, note)


def load_balancer_capacity(resource: Resource, context: Context) -> Iterator[Charge]:
    """Capacity units: the larger of data and new connections, as if each call opened a connection."""
    kind, usage = read_kind(resource), context.usage
    if kind not in _NEW_CONNECTIONS:
        return
    data = usage.requests * (usage.kb_in + usage.kb_out) / _GB_OF_KB / HOURS
    connections = usage.requests / SECONDS / _NEW_CONNECTIONS[kind]
    units, note = max(data, connections) * HOURS, "as if each call opened a connection"
    yield _charge_by_call(f"{kind.value.lower()}-capacity", units, f"{kind.value} capacity", note)


def web_acl_requests(_resource: Resource, context: Context) -> Iterator[Charge]:
    yield _charge_by_call("waf-request", context.usage.requests / _MILLION, FIREWALL_CALLS)


def discovery(_resource: Resource, context: Context) -> Iterator[Charge]:
    note = "as if API Gateway asked for each call"
    yield _charge_by_call("cloud-map-discovery", context.usage.requests / _MILLION, "Cloud Map", note)


def nat_gateway_data(_resource: Resource, context: Context) -> Iterator[Charge]:
    gateways = max(len(context.model.graph.list_by_type("aws:ec2/natGateway:NatGateway")), 1)
    yield charge_by_use("nat-gateway-data", "NAT data", context.usage.nat_gb / gateways)


def registry(_resource: Resource, context: Context) -> Iterator[Charge]:
    yield charge_by_use("ecr-storage", "images", context.usage.image_gb)
