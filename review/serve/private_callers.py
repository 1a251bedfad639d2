"""Callers of a private API: the endpoint and the VPC that a request comes from, as far as they are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..aws import access, types
from ..aws.api import Api
from ..aws.endpoints import ApiEndpoint
from ..aws.model import AwsModel
from ..graph.given import by_type
from ..graph.reading import output, text
from .errors import GatewayError
from .request import NOWHERE, VPC, VPC_ENDPOINT, Request

_UNNAMED: Final = "vpce-of-nobody"
"""An endpoint that no policy names."""


@dataclass(frozen=True)
class PrivateCaller:
    """A caller with its endpoint, whose ID or VPC is empty if it is not known."""

    endpoint: ApiEndpoint
    endpoint_ids: tuple[str, ...]
    """IDs that its endpoint may have."""

    @property
    def name(self) -> str:
        """The caller in a sentence."""
        return self.endpoint.id or f"endpoints in {self.endpoint.vpc}"

    def contexts(self, address: str) -> list[Mapping[str, Any]]:
        """Condition keys of its requests, one mapping for each endpoint that it may use."""
        return [access.from_endpoint(one, self.endpoint.vpc, address) for one in self.endpoint_ids]


class PrivateCallers:
    """Reads from a request who calls a private API. Every call comes through an execute-api endpoint."""

    def __init__(self, api: Api, model: AwsModel) -> None:
        self._api, self._endpoints = api, model.api_endpoints
        self._vpc_ids = {vpc.name: text(output(vpc, "id")) for vpc in model.graph.of_type(*types.VPC)}

    def of(self, request: Request) -> PrivateCaller:
        """The caller: at the stack's endpoint, unless it poses. Raises GatewayError for one on the internet."""
        if request.vpc_endpoint == NOWHERE or not (request.vpc_endpoint or request.vpc or self._endpoints):
            raise GatewayError("FORBIDDEN", "a private API has no public name: it is called through a VPC endpoint")
        vpc = self._vpc(request)
        if request.vpc_endpoint:
            found = self._named(request) or self._foreign(request.vpc_endpoint, vpc)
        else:
            inside = (one for one in self._endpoints if vpc in ("", one.vpc))
            found = next(inside, None) or self._foreign("", vpc)
        return PrivateCaller(found, (found.id,) if found.id else self._possible(vpc))

    def contradiction(self, request: Request) -> str:
        """Why no caller has both the endpoint and the VPC of a request. Empty if one may."""
        named, vpc = self._named(request), self._vpc(request)
        if named is None or not vpc or named.vpc in ("", vpc):
            return ""
        return f"{request.vpc_endpoint} is an endpoint in {named.vpc}, not in {vpc}"

    def missing(self, request: Request) -> str:
        """The header that would tell, for the end of a sentence."""
        if request.vpc_endpoint and not request.vpc:
            return f": name its VPC in {VPC.title()}"
        return f": name its endpoint in {VPC_ENDPOINT.title()}" if request.vpc and not request.vpc_endpoint else ""

    def _named(self, request: Request) -> ApiEndpoint | None:
        name = request.vpc_endpoint
        return next((one for one in self._endpoints if name and name in (one.id, one.resource.name)), None)

    def _vpc(self, request: Request) -> str:
        return self._vpc_ids.get(request.vpc) or request.vpc

    def _foreign(self, endpoint_id: str, vpc: str) -> ApiEndpoint:
        stranger = self._api.resource
        return ApiEndpoint(resource=stranger, id=endpoint_id, vpc=vpc, policy=None, policy_ground=by_type(stranger))

    def _possible(self, vpc: str) -> tuple[str, ...]:
        """Endpoints that may lie in a VPC: those that a policy names, without the stack's in other VPCs, or another."""
        elsewhere = {one.id for one in self._endpoints if one.vpc not in ("", vpc)}
        named = [one for one, _ in access.named_endpoints(self._api) if one and one not in elsewhere]
        return (*dict.fromkeys(named), _UNNAMED)
