"""Request validation: required parameters, and bodies by JSON schema draft 4.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html
"""

import base64
from typing import Final

from .call import Call
from .errors import GatewayError
from .sandbox import Sandbox

_JSON: Final = "application/json"


async def validate(call: Call, sandbox: Sandbox) -> None:
    """Raises GatewayError if the request lacks what its route requires."""
    required = call.route.required
    # AWS's order: headers, the path, the query.
    lacks = sorted((name for name in required if not call.value(name)), key=lambda parameter: parameter.split(".")[2])
    if missing := [parameter.removeprefix("method.request.").partition(".")[2] for parameter in lacks]:
        message = f"Missing required request parameters: [{', '.join(missing)}]"
        raise GatewayError("BAD_REQUEST_PARAMETERS", message, message)
    schemas = call.route.body_schemas
    schema = schemas.get(call.request.media or _JSON, schemas.get("$default"))
    if schema is None:
        return
    body = base64.b64encode(call.request.body).decode()
    if wrong := await sandbox.ask(call.place, "validated", schema=schema, models=call.api.models, body=body):
        raise GatewayError("BAD_REQUEST_BODY", wrong)
