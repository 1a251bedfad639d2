"""What moto does with the OpenAPI document of a REST API."""

from __future__ import annotations

import copy
import json
from typing import Any, Final

_MEDIA: Final = "/binaryMediaTypes/"
_SHORT: Final = '"execute-api:/'


def documents_of_rest_apis() -> None:
    """A REST API takes name, policy, endpoints and media types from its document; a stage exports its deployment's."""
    from moto.apigateway.models import APIGatewayBackend, RestAPI

    put, show, deploy = APIGatewayBackend.put_rest_api, RestAPI.to_dict, APIGatewayBackend.create_deployment
    patch = RestAPI.apply_patch_operations

    def put_rest_api(self: Any, function_id: str, api_doc: Any, fail_on_warnings: bool, mode: str = "merge") -> Any:
        api = put(self, function_id, api_doc, fail_on_warnings=fail_on_warnings, mode=mode)
        api.document = copy.deepcopy(api_doc)
        _take(api, api_doc, overwrite=mode == "overwrite")
        return api

    def to_dict(self: Any) -> dict[str, Any]:
        return {**show(self), RestAPI.PROP_POLICY: _shown(self)}

    def create_deployment(self: Any, function_id: str, *args: Any, **kwargs: Any) -> Any:
        made = deploy(self, function_id, *args, **kwargs)
        made.document = getattr(self.get_rest_api(function_id), "document", {})
        return made

    def apply_patch_operations(self: Any, operations: list[dict[str, Any]]) -> None:
        media = [each for each in operations if each["path"].startswith(_MEDIA)]
        patch(self, [each for each in operations if each not in media])
        for each in media:
            # A slash in the path is written as in JSON pointers.
            kind = each["path"].removeprefix(_MEDIA).replace("~1", "/").replace("~0", "~")
            others = [media_type for media_type in self.binaryMediaTypes if media_type != kind]
            self.binaryMediaTypes = others if each["op"] == "remove" else [*others, kind]

    RestAPI.apply_patch_operations = apply_patch_operations
    APIGatewayBackend.put_rest_api = put_rest_api
    APIGatewayBackend.create_deployment = create_deployment
    RestAPI.to_dict = to_dict
    _export()


def _take(api: Any, document: Any, *, overwrite: bool) -> None:
    """Set what a document says of the API itself; one that overwrites also removes what it leaves out."""
    api.name = document["info"]["title"]
    if (policy := document.get("x-amazon-apigateway-policy")) or overwrite:
        api.policy = json.dumps(policy) if policy else None
    if (types := document.get("x-amazon-apigateway-binary-media-types")) or overwrite:
        api.binaryMediaTypes = list(types or ())
    servers = document.get("servers") or ()
    settings = [each.get("x-amazon-apigateway-endpoint-configuration", {}) for each in servers]
    endpoints = [endpoint for each in settings for endpoint in each.get("vpcEndpointIds", ())]
    if endpoints or overwrite:
        api.endpoint_configuration = {**api.endpoint_configuration, "vpcEndpointIds": endpoints}


def _shown(api: Any) -> str | None:
    """The policy as GetRestApi gives it: short ARNs are completed, and the text is escaped once more."""
    if not api.policy:
        return None
    whole = f'"arn:aws:execute-api:{api.region_name}:{api.account_id}:{api.id}/'
    return json.dumps(json.dumps(json.loads(api.policy)).replace(_SHORT, whole))[1:-1]


def _export() -> None:
    """GetExport answers with the document that the stage's deployment was made from."""
    from moto.apigateway.responses import APIGatewayResponse

    def get_export(self: Any) -> tuple[int, dict[str, str], bytes]:
        *_, api_id, _stages, stage, _exports, _kind = self.path.split("/")
        api = self.backend.get_rest_api(api_id)
        document = api.deployments[api.stages[stage].deployment_id].document
        return 200, {"Content-Type": "application/octet-stream"}, json.dumps(document).encode()

    APIGatewayResponse.get_export = get_export
