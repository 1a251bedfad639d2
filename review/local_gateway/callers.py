"""Callers of an API, and whether the policies in front of it allow a call.

Every call of a private API comes through an execute-api endpoint, whose ID and VPC are known or not.
"""

from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import Any, Final

from ..aws.catalog import types
from ..aws.gateway import access, effective_access
from ..aws.identity.callers import make_caller
from ..aws.identity.iam import Decision
from ..aws.network.endpoints import ApiEndpoint
from ..graph.answers import Answer, No
from ..graph.evidence import make_type_evidence
from ..graph.reading import Doubt, as_text, get_output
from ..paths import Reachability
from ..paths.exposure import Exposure
from ..paths.onward import Onward
from ..paths.private import PrivateApis
from .apis import AuthorizerKind, ServedApi
from .call import Call
from .errors import GatewayError
from .request import IDENTITY_HEADERS, NOWHERE, PRINCIPAL, SOURCE_IP, VPC_ENDPOINT, Request

_UNNAMED: Final = "vpce-of-nobody"
"""An endpoint that no policy names."""

_POLICY: Final = "api.policy"


class Callers:
    """The callers of one API."""

    def __init__(self, api: ServedApi, reach: Reachability) -> None:
        model = reach.model
        onward, exposure = Onward(model, reach.connections), Exposure(model, reach.connections)
        self._private = PrivateApis(model, reach.connections, onward, exposure)
        self._account = model.graph.account
        self._fronts: dict[tuple[str, str], tuple[Answer, str]] = {}
        self._api, self._endpoints = api.api, model.api_endpoints
        self._is_private = api.is_private
        self._vpc_ids = {vpc.name: as_text(get_output(vpc, "id")) for vpc in model.graph.list_by_type(*types.VPC)}

    def admit(self, call: Call) -> tuple[bool, str]:
        """Give the call its endpoint. Raises GatewayError if a policy or the network does not admit it.

        Returns whether the resource policy itself allows the call, and what is uncertain about it.
        """
        uncertainty = self._enter_endpoint(call.request) if self._is_private else ""
        request, source = call.request, call.request.source_ip
        signed = call.route.kind is AuthorizerKind.IAM
        caller = make_caller(signed=signed, arn=call.signer)
        contexts: Sequence[Mapping[str, Any]] = [{"aws:SourceIp": request.source_ip}]
        if self._is_private:
            endpoint = self._find_endpoint(request)
            ids = (endpoint.id,) if endpoint.id else self._list_possible_endpoints(endpoint.vpc)
            contexts = [
                access.build_endpoint_context(identifier, endpoint.vpc, request.source_ip) for identifier in ids
            ]
            source = endpoint.id or f"endpoints in {endpoint.vpc}"
            passed = effective_access.decide_at_endpoint(self._api, call.route, endpoint, caller)
            request.vpc, request.vpc_endpoint = endpoint.vpc, endpoint.id
            if passed.refused:
                raise GatewayError("FORBIDDEN", f"the policy of endpoint {endpoint.id} does not let the call pass")
            if not call.api.api.policies:
                raise GatewayError("ACCESS_DENIED", "a private API without a resource policy admits no one")
        by_identity = access.is_decided_by_identity(call.route)
        # An identity of another account needs both: its own policy and the API's.
        own = caller.account in (None, self._account)
        admitting = {Decision.ALLOW, Decision.SILENT} if by_identity and own else {Decision.ALLOW}
        allowed = False
        for policy in call.api.api.policies:
            decisions = {access.decide(policy, call.arn, context, caller) for context in contexts}
            allowed = allowed or decisions == {Decision.ALLOW}
            if decisions <= admitting:
                continue
            if Decision.UNKNOWN in decisions or decisions & admitting:
                note = f"cannot tell whether the resource policy admits {source}"
                raise GatewayError("ACCESS_DENIED", note, setting=_POLICY)
            how = " with an explicit deny" if Decision.DENY in decisions else ""
            # AWS shows four digits of the account.
            masked = call.arn.replace(self._account, f"********{self._account[-4:]}", 1)
            user = caller.arn or "anonymous"
            message = f"User: {user} is not authorized to perform: execute-api:Invoke on resource: {masked}{how}"
            note = f"the resource policy does not admit {source if own else user}"
            raise GatewayError("ACCESS_DENIED", note, message, setting=_POLICY)
        if not (own or call.api.api.policies):
            note = f"{caller.arn} is of another account: only a resource policy of the API can admit it"
            raise GatewayError("ACCESS_DENIED", note)
        return allowed, uncertainty

    def _enter_endpoint(self, request: Request) -> str:
        """Give a caller of the stack's endpoint an address there. Returns what is uncertain. Raises GatewayError."""
        endpoint = self._find_endpoint(request)
        if endpoint.resource is self._api.resource:
            return ""
        source_ip = request.assumed.get(SOURCE_IP, "")
        key = (endpoint.resource.urn, source_ip)
        if key not in self._fronts:
            self._fronts[key] = self._private.check_front(endpoint.resource, source_ip)
        answer, address = self._fronts[key]
        if isinstance(answer, No):
            raise GatewayError("FORBIDDEN", answer.reason, setting="topology")
        request.source_ip = address or request.source_ip
        return str(answer) if isinstance(answer, Doubt) else ""

    def apply_identity_headers(self, request: Request) -> str:
        """Read the caller from IDENTITY_HEADERS. Returns why no gateway can take the request, or an empty text."""
        removed = [(name, value) for name, value in request.headers if name in IDENTITY_HEADERS]
        request.assumed = assumed = dict(removed)
        request.headers = [(name, value) for name, value in request.headers if name not in IDENTITY_HEADERS]
        request.source_ip = assumed.get(SOURCE_IP, request.source_ip)
        request.principal = assumed.get(PRINCIPAL, "")
        if self._is_private:
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

    def _find_endpoint(self, request: Request) -> ApiEndpoint:
        """The endpoint that a header names, or else the stack's. Raises GatewayError for a caller on the internet."""
        if request.vpc_endpoint == NOWHERE or not (request.vpc_endpoint or request.vpc or self._endpoints):
            note = "a private API has no public name: it is called through a VPC endpoint"
            raise GatewayError("FORBIDDEN", note, setting="topology")
        endpoint = self._find_named_endpoint(request.vpc_endpoint)
        if not request.vpc_endpoint:
            endpoint = next((end for end in self._endpoints if request.vpc in ("", end.vpc)), None)
        return endpoint or ApiEndpoint(
            resource=self._api.resource,
            id=request.vpc_endpoint,
            vpc=request.vpc,
            policy=None,
            policy_evidence=make_type_evidence(self._api.resource),
        )

    def _find_named_endpoint(self, name: str) -> ApiEndpoint | None:
        return next((end for end in self._endpoints if name and name in (end.id, end.resource.name)), None)

    def _list_possible_endpoints(self, vpc: str) -> tuple[str, ...]:
        """Endpoints that may lie in a VPC: those that a policy names, without the stack's in other VPCs, or another."""
        in_other_vpcs = {endpoint.id for endpoint in self._endpoints if endpoint.vpc not in ("", vpc)}
        named = [name for name, _ in access.list_named_endpoints(self._api) if name and name not in in_other_vpcs]
        return (*dict.fromkeys(named), _UNNAMED)
