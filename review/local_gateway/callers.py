"""Callers of an API, and whether the policies in front of it allow a call.

Every call of a private API comes through an execute-api endpoint. The statement of an endpoint's component tells whom
it admits; the resource policy is the one in the API's document.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any, Final

from ..aws.catalog import types
from ..aws.identity.callers import ANONYMOUS, Caller, make_caller
from ..aws.identity.iam import Decision, evaluate_policy
from ..graph import UNKNOWN, Graph
from ..graph.reading import as_text, get_output
from ..reach.statements import Part, Statements
from .apis import AuthorizerKind, Route, ServedApi, find_child
from .call import Call
from .errors import GatewayError
from .request import IDENTITY_HEADERS, NOWHERE, PRINCIPAL, SOURCE_IP, VPC_ENDPOINT, Request

_ACTION: Final = "execute-api:Invoke"
_UNNAMED: Final = "vpce-of-nobody"
"""An endpoint that no policy names."""
_POLICY: Final = "api.policy"


@dataclass(frozen=True)
class Endpoint:
    """An execute-api endpoint of the stack, or one that a caller names."""

    id: str
    """Empty if only its VPC is known."""
    vpc: str
    part: Part | None = None
    """The component that declares it."""


def list_endpoints(statements: Statements) -> Iterator[Endpoint]:
    """The endpoints of a stack for private APIs."""
    for part in statements.list_of("PrivateApiEndpoint"):
        declared = find_child(statements.graph, part, *types.ENDPOINT)
        if declared is not None:
            yield Endpoint(as_text(declared.id), as_text(declared.inputs.get("vpcId")), part)
        elif isinstance(existing := part.get("endpoint"), str):
            yield Endpoint(existing, "", part)


def list_endpoint_ranges(statements: Statements, endpoint: Part) -> list[str]:
    """The ranges of addresses that an endpoint admits: those that it states, and that of a VPC of the stack."""
    admits = endpoint.get_map("admits")
    vpc = admits.get("vpc")
    network = None if isinstance(vpc, str) else statements.find(vpc)
    own = vpc if isinstance(vpc, str) else network.get("range") if network is not None else None
    return [*admits.get("ranges", {}), *([own] if isinstance(own, str) else [])]


class Callers:
    """The callers of one API."""

    def __init__(self, graph: Graph, statements: Statements, api: ServedApi) -> None:
        self._statements, self._account, self._api = statements, graph.account, api
        self._endpoints = [*list_endpoints(statements)]
        self._vpc_ids = {vpc.name: as_text(get_output(vpc, "id")) for vpc in graph.list_by_type(*types.VPC)}

    def admit(self, call: Call) -> tuple[bool, str]:
        """Give the call its endpoint. Raises GatewayError if a policy or an endpoint does not admit it.

        Returns whether the resource policy itself allows the call, and what is uncertain about it.
        """
        request, uncertainty, source = call.request, "", call.request.source_ip
        contexts: list[Mapping[str, Any]] = [{"aws:SourceIp": request.source_ip}]
        if self._api.is_private:
            endpoint = self._find_endpoint(request)
            uncertainty = self._enter(endpoint, request)
            ids = [endpoint.id] if endpoint.id else self._list_possible_endpoints(endpoint.vpc)
            place = {"aws:SourceVpc": endpoint.vpc or UNKNOWN, "aws:VpcSourceIp": request.source_ip}
            contexts = [{**place, "aws:SourceVpce": each} for each in ids]
            source = endpoint.id or f"endpoints in {endpoint.vpc}"
            request.vpc, request.vpc_endpoint = endpoint.vpc, endpoint.id
            if not self._api.policy:
                raise GatewayError("ACCESS_DENIED", "a private API without a resource policy admits no one")
        return self._ask_policy(call, contexts, source), uncertainty

    def _ask_policy(self, call: Call, contexts: list[Mapping[str, Any]], source: str) -> bool:
        """Whether the resource policy allows the call. Raises GatewayError if it has to, and does not."""
        signed = call.route.authorizer_kind is AuthorizerKind.IAM
        caller = make_caller(signed=True, arn=call.signer) if signed else ANONYMOUS
        # An identity of another account needs both: its own policy and the API's.
        is_own = caller.account in (None, self._account)
        if not self._api.policy:
            if is_own:
                return False
            note = f"{caller.arn} is of another account: only a resource policy of the API can admit it"
            raise GatewayError("ACCESS_DENIED", note, setting="api.callerAccountIds")
        by_identity = is_decided_by_identity(call.route) and is_own
        admitting = {Decision.ALLOW, Decision.SILENT} if by_identity else {Decision.ALLOW}
        decisions = {self._decide(call.arn, context, caller) for context in contexts}
        if decisions <= admitting:
            return decisions == {Decision.ALLOW}
        if Decision.UNKNOWN in decisions or decisions & admitting:
            note = f"cannot tell whether the resource policy admits {source}"
            raise GatewayError("ACCESS_DENIED", note, setting=_POLICY)
        how = " with an explicit deny" if Decision.DENY in decisions else ""
        # AWS shows four digits of the account.
        masked = call.arn.replace(self._account, f"********{self._account[-4:]}", 1)
        user = caller.arn or "anonymous"
        message = f"User: {user} is not authorized to perform: {_ACTION} on resource: {masked}{how}"
        note = f"the resource policy does not admit {source if is_own else user}"
        raise GatewayError("ACCESS_DENIED", note, message, setting=_POLICY)

    def _decide(self, arn: str, context: Mapping[str, Any], caller: Caller) -> Decision:
        given = {"aws:SecureTransport": "true", **context}
        return evaluate_policy(self._api.policy, caller=caller, action=_ACTION, resource=arn, context=given)

    def _enter(self, endpoint: Endpoint, request: Request) -> str:
        """Give a caller of the stack's endpoint an address there. Returns what is uncertain. Raises GatewayError."""
        if endpoint.part is None:
            return ""
        name, admits = endpoint.part.name, endpoint.part.get_map("admits")
        if endpoint.part.get("admits") == "unknown":
            return f"whom the existing endpoint {name} admits"
        ranges = list_endpoint_ranges(self._statements, endpoint.part)
        assumed, others = request.assumed.get(SOURCE_IP, ""), admits.keys() - {"vpc", "ranges"}
        if not assumed:
            # A caller that names no address has one that is admitted.
            request.source_ip = str(next((ip_network(one)[4] for one in ranges), request.source_ip))
            return ""
        if any(ip_address(assumed) in ip_network(one, strict=False) for one in ranges):
            return ""
        if others or ("vpc" in admits and len(ranges) == len(admits.get("ranges", {}))):
            return f"whether {name} admits {assumed}, which may be a member of what it names"
        note = f"{name} admits no tcp 443 from {assumed}"
        raise GatewayError("FORBIDDEN", note, setting="topology")

    def apply_identity_headers(self, request: Request) -> str:
        """Read the caller from IDENTITY_HEADERS. Returns why no gateway can take the request, or an empty text."""
        removed = [(name, value) for name, value in request.headers if name in IDENTITY_HEADERS]
        request.assumed = assumed = dict(removed)
        request.headers = [(name, value) for name, value in request.headers if name not in IDENTITY_HEADERS]
        request.source_ip = assumed.get(SOURCE_IP, request.source_ip)
        request.principal = assumed.get(PRINCIPAL, "")
        if self._api.is_private:
            # execute-api endpoints have only private APIs behind them.
            place = assumed.get(VPC_ENDPOINT, "")
            is_vpc = self._find_named_endpoint(place) is None and (place.startswith("vpc-") or place in self._vpc_ids)
            request.vpc_endpoint, request.vpc = ("", self._vpc_ids.get(place, place)) if is_vpc else (place, "")
        if not request.raw_path.startswith("/"):
            # Behind the backend's `host:port` it would become part of the address.
            return "the request's target must be a path that begins with /"
        if request.method == "CONNECT":
            return "no API takes CONNECT"
        for name in assumed:
            if [header for header, _ in removed].count(name) > 1:
                return f"send {name.title()} once"
        try:
            ip_address(request.source_ip)
        except ValueError:
            return f"{SOURCE_IP.title()} must be one IP address"
        return ""

    def _find_endpoint(self, request: Request) -> Endpoint:
        """The endpoint that a header names, or else the stack's. Raises GatewayError for a caller on the internet."""
        if request.vpc_endpoint == NOWHERE or not (request.vpc_endpoint or request.vpc or self._endpoints):
            note = "a private API has no public name: it is called through a VPC endpoint"
            raise GatewayError("FORBIDDEN", note, setting="topology")
        if request.vpc_endpoint:
            return self._find_named_endpoint(request.vpc_endpoint) or Endpoint(request.vpc_endpoint, request.vpc)
        fitting = (end for end in self._endpoints if request.vpc in ("", end.vpc))
        return next(fitting, None) or Endpoint("", request.vpc)

    def _find_named_endpoint(self, name: str) -> Endpoint | None:
        names = (
            (end, (end.id, f"{end.part.resource.name}-execute-api" if end.part else "")) for end in self._endpoints
        )
        return next((end for end, own in names if name and name in own), None)

    def _list_possible_endpoints(self, vpc: str) -> list[str]:
        """Endpoints that may lie in a VPC: those that the API states, without the stack's in other VPCs, or another."""
        in_other_vpcs = {endpoint.id for endpoint in self._endpoints if endpoint.vpc not in ("", vpc)}
        ways = self._api.part.get_map("ways").values()
        named = (key for way in ways for key, part in _list_named(way) if part is True and key not in in_other_vpcs)
        return [*dict.fromkeys(named), _UNNAMED]


def _list_named(way: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield from way.get("needs", {}).get("through", {}).get("endpoints", {}).items()


def is_decided_by_identity(route: Route) -> bool:
    """Whether AWS evaluates an identity's policy, or a Lambda authorizer's answer, together with the resource policy.

    Within one account either of them may allow, and neither may deny.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
    """
    return route.authorizer_kind in (AuthorizerKind.IAM, AuthorizerKind.FUNCTION)
