"""Validation of request bodies by JSON schema draft 4.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html
"""

import json
from typing import Any

from .call import Call
from .errors import GatewayError


def validate(call: Call) -> None:
    """Raises GatewayError if the body does not fit the schema of its route."""
    schema = call.route.body_schema
    if schema is None:
        return
    if wrong := _find_mistake(schema, call.request.body):
        raise GatewayError("BAD_REQUEST_BODY", wrong, setting="route.bodySchema")


def _find_mistake(schema: Any, body: bytes) -> str:
    """Why a body does not fit a schema. Empty if it does."""
    import jsonschema  # takes as long to load as a stack to be served

    try:
        value = json.loads(body)
        error = next(jsonschema.Draft4Validator(schema).iter_errors(value), None)
    except RecursionError:
        return "the body is nested too deeply"
    except ValueError:
        return "the body is not JSON"
    return "" if error is None else f"the body does not fit the route's schema: {error.message}"
