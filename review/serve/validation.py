"""Validation of request bodies by JSON schema draft 4, and of required parameters.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html
"""

import json
from typing import Any, Final

import jsonschema

from .call import Call
from .errors import GatewayError

_JSON: Final = "application/json"


def validate(call: Call) -> None:
    """Raises GatewayError if the request lacks what its route requires."""
    missing = [name.removeprefix("method.request.") for name in call.route.required if not call.value(name)]
    # AWS's order: headers, the path, the query.
    names = [name.partition(".")[2] for name in sorted(missing, key=lambda name: name.partition(".")[0])]
    if names:
        message = f"Missing required request parameters: [{', '.join(names)}]"
        raise GatewayError("BAD_REQUEST_PARAMETERS", message, message)
    schemas = call.route.body_schemas
    schema = schemas.get(call.request.media or _JSON, schemas.get("$default"))
    if schema is None:
        return
    if wrong := _mistake(schema, call.request.body):
        raise GatewayError("BAD_REQUEST_BODY", wrong)


def _mistake(schema: Any, body: bytes) -> str:
    """Why a body does not fit a schema. Empty if it does."""
    try:
        value = json.loads(body)
        error = next(jsonschema.Draft4Validator(schema).iter_errors(value), None)
    except RecursionError:
        return "the body is nested too deeply"
    except ValueError:
        return "the body is not JSON"
    return "" if error is None else f"the body does not fit the route's schema: {error.message}"
