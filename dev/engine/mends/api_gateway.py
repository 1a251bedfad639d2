"""What moto's APIs, domains and usage plans lack."""

from __future__ import annotations

import json
from typing import Any, cast
from unittest.mock import patch
from urllib.parse import unquote

from botocore import xform_name


def stages_of_usage_plans() -> None:
    """A usage plan lets go of a stage that has throttles of its own, and keeps its limits as numbers."""
    from moto.apigateway.models import UsagePlan

    original = UsagePlan.apply_patch_operations

    def apply(self: Any, operations: Any) -> None:
        leaving = [each["value"] for each in operations if each["op"] == "remove" and each["path"] == "/apiStages"]
        for stage in self.api_stages:
            if f"{stage['apiId']}:{stage['stage']}" in leaving:
                stage.pop("throttle", None)
        original(self, operations)
        self.quota |= {key: int(self.quota[key]) for key in ("limit", "offset") if key in self.quota}

    UsagePlan.apply_patch_operations = apply


def default_addresses_of_apis() -> None:
    """An API takes its default address back: the word `false` is no true one."""
    from moto.apigateway.models import RestAPI

    original = RestAPI.apply_patch_operations

    def apply(self: Any, operations: Any) -> None:
        original(self, operations)
        for operation in operations:
            if operation["path"] == "/disableExecuteApiEndpoint":
                self.disableExecuteApiEndpoint = operation["value"] == "true"

    RestAPI.apply_patch_operations = apply


def domains_with_client_certificates() -> None:
    """A domain of API Gateway shows its truststore and how it is reached."""
    from moto.apigateway.models import DomainName
    from moto.apigateway.responses import APIGatewayResponse

    original, read = APIGatewayResponse.create_domain_name, DomainName.to_json
    names = ("mutualTlsAuthentication", "endpointAccessMode")

    def create(self: Any) -> Any:
        status, headers, _ = original(self)
        domain = self.backend.get_domain_name(self._get_param("domainName"))
        domain.more = {name: self._get_param(name) for name in names if self._get_param(name)}
        return status, headers, json.dumps(domain.to_json())

    APIGatewayResponse.create_domain_name = create
    DomainName.to_json = lambda self: {**read(self), **vars(self).get("more", {})}


def domains_of_both_versions() -> None:
    """API Gateway's two versions know the same domains, and a mapping of the second leads to APIs of the first."""
    from moto.apigateway.models import APIGatewayBackend, apigateway_backends
    from moto.apigatewayv2.models import ApiGatewayV2Backend, DomainName, apigatewayv2_backends

    create, delete = APIGatewayBackend.create_domain_name, APIGatewayBackend.delete_domain_name
    mapping = ApiGatewayV2Backend.create_api_mapping

    def created(self: Any, *args: Any, **kwargs: Any) -> Any:
        made = create(self, *args, **kwargs)
        other = apigatewayv2_backends[self.account_id][self.region_name]
        other.domain_names[made.domain_name] = DomainName(made.domain_name, [], {}, made.tags or {}, other)
        return made

    def deleted(self: Any, name: str) -> None:
        delete(self, name)
        apigatewayv2_backends[self.account_id][self.region_name].domain_names.pop(name, None)

    def mapped(self: Any, api_id: str, *args: Any, **kwargs: Any) -> Any:
        first = apigateway_backends[self.account_id][self.region_name].apis
        with patch.dict(self.apis, {api_id: first[api_id]} if api_id in first else {}):
            return mapping(self, api_id, *args, **kwargs)

    def mappings(self: Any, name: str) -> list[Any]:
        return list(self.base_path_mappings.get(name, {}).values())

    APIGatewayBackend.get_base_path_mappings = mappings
    APIGatewayBackend.create_domain_name = created
    APIGatewayBackend.delete_domain_name = deleted
    ApiGatewayV2Backend.create_api_mapping = mapped


def updates_of_the_second_version() -> None:
    """UpdateStage and UpdateApiMapping, which moto lacks: the values of the call replace the earlier ones."""
    from moto.apigatewayv2.responses import ApiGatewayV2Response

    def update_stage(self: Any) -> tuple[int, dict[str, str], str]:
        *_, api, _stages, name = self.path.split("/")
        return updated(self.apigatewayv2_backend.get_stage(api, unquote(name)), self.body)

    def update_api_mapping(self: Any) -> tuple[int, dict[str, str], str]:
        *_, domain, _mappings, identifier = self.path.split("/")
        mapping = self.apigatewayv2_backend.get_api_mapping(identifier, unquote(domain))
        return updated(mapping, self.body)

    def updated(found: Any, body: str) -> tuple[int, dict[str, str], str]:
        for key, value in json.loads(body).items():
            setattr(found, xform_name(key), value)
        return 200, {}, json.dumps(found.to_json())

    ApiGatewayV2Response.update_stage = update_stage
    ApiGatewayV2Response.update_api_mapping = update_api_mapping


def tags_of_rest_apis() -> None:
    """TagResource and UntagResource for everything that has tags; moto has them only for stages."""
    from moto.apigateway.responses import APIGatewayResponse
    from moto.apigateway.urls import url_paths

    path = "{0}/tags/(?P<arn>[^/]+)/(?P<kind>[^/]+)/(?P<name>[^/]+)$"
    url_paths[path] = APIGatewayResponse.dispatch

    def tags(self: Any) -> dict[str, str]:
        kind, name, *stage = unquote(self.path).partition("::/")[2].split("/")
        collections = {
            "restapis": self.backend.apis,
            "apikeys": self.backend.keys,
            "usageplans": self.backend.usage_plans,
            "domainnames": self.backend.domain_names,
            "vpclinks": self.backend.vpc_links,
        }
        tagged = collections[kind][name]
        if stage:
            tagged = tagged.stages[stage[-1]]
        tagged.tags = tagged.tags or {}
        return cast("dict[str, str]", tagged.tags)

    def tag_resource(self: Any) -> str:
        tags(self).update(self._get_param("tags") or {})
        return "{}"

    def untag_resource(self: Any) -> str:
        held = tags(self)
        for key in self.querystring.get("tagKeys") or ():
            held.pop(key, None)
        return "{}"

    APIGatewayResponse.get_tags = lambda self: json.dumps({"tags": tags(self)})
    APIGatewayResponse.tag_resource = tag_resource
    APIGatewayResponse.untag_resource = untag_resource
