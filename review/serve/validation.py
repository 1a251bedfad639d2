"""Request validation: required parameters, and bodies by JSON schema draft 4.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html
"""

import json
from collections.abc import Mapping
from typing import Any, Final

import jsonschema
from referencing import Registry, Resource
from referencing.exceptions import NoSuchResource
from referencing.jsonschema import DRAFT4

from .call import Call
from .errors import GatewayError

_JSON: Final = "application/json"


def validate(call: Call) -> None:
    """Raises GatewayError if the request lacks what its route requires."""
    required = call.route.required
    # AWS's order: headers, the path, the query.
    lacks = sorted((one for one in required if not call.value(one)), key=lambda one: one.split(".")[2])
    missing = [one.removeprefix("method.request.").partition(".")[2] for one in lacks]
    if missing:
        message = f"Missing required request parameters: [{', '.join(missing)}]"
        raise GatewayError("BAD_REQUEST_PARAMETERS", message, message)
    schemas = call.route.body_schemas
    schema = schemas.get(call.request.media or _JSON, schemas.get("$default"))
    if schema is None:
        return
    try:
        body = json.loads(call.request.body)
        found = next(_validator(schema, call.api.models).iter_errors(body), None)
    except (ValueError, RecursionError) as problem:
        deep = isinstance(problem, RecursionError)
        raise GatewayError("BAD_REQUEST_BODY", f"the body is {'nested too deeply' if deep else 'not JSON'}") from None
    if found is not None:
        raise GatewayError("BAD_REQUEST_BODY", f"the body does not fit the route's schema: {found.message}")


def _validator(schema: Any, models: Mapping[str, Any]) -> Any:
    """A validator. Models refer to others by `https://apigateway.amazonaws.com/restapis/{api}/models/{name}`."""

    def retrieve(uri: str) -> Resource[Any]:
        name = uri.rpartition("/models/")[2]
        if name not in models:
            raise NoSuchResource(ref=uri)  # type: ignore[call-arg] # attrs makes it
        return DRAFT4.create_resource(models[name])

    return jsonschema.Draft4Validator(schema, registry=Registry(retrieve=retrieve))  # type: ignore[call-arg] # attrs makes it
