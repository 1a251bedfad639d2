"""Mock integrations: their templates make the response.

https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-mock-integration.html
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from ..graph.reading import text, within
from .call import Call
from .errors import GatewayError
from .proxy import to_client
from .request import Response
from .sandbox import Sandbox

NOT_SERVED: Final = re.compile(r"\$input\.(?!params\b)\w+")
"""Parts of templates that are named at the start."""
_JSON: Final = "application/json"
_DEFAULT: Final = '{"statusCode": 200}'


async def mocked(call: Call, sandbox: Sandbox) -> Response:
    """The response of a mock: its request template picks the status, and the response's templates write it."""
    written = {
        pattern: next(iter((response.get("responseTemplates") or {}).items()), (_JSON, ""))
        for pattern, response in call.route.responses.items()
    }
    status, pattern, body, overridden, override = await sandbox.ask(
        call.place,
        "mocked",
        request=_request_template(call),
        responses={pattern: template for pattern, (_, template) in written.items()},
        context=call.context,
        parameters=_parameters(call),
        variables=dict(call.stage.variables),
    )
    chosen, replaced = call.route.responses[pattern], {name.lower() for name in overridden}
    mapped = {
        parameter.removeprefix("method.response.header."): source[1:-1] if source[:1] == "'" else call.value(source)
        for parameter, source in (chosen.get("responseParameters") or {}).items()
    }
    headers = [(name, value) for name, value in mapped.items() if value is not None and name.lower() not in replaced]
    response = Response(int(override or chosen.get("statusCode") or status), headers, body.encode())
    response.headers += overridden.items()
    return to_client(response.default_type(written[pattern][0]), rest=True)


def _request_template(call: Call) -> str:
    """The template for the request's media type. Raises GatewayError if the integration passes nothing else on."""
    templates, media = call.route.templates, call.request.media or _JSON
    behaviour = text(within(call.route.integration.written, "passthroughBehavior")).upper()
    strict = behaviour == "NEVER" or (behaviour == "WHEN_NO_TEMPLATES" and templates)
    if media not in templates and strict:
        raise GatewayError("UNSUPPORTED_MEDIA_TYPE", f"no request template is for {media}, and nothing is passed on")
    return str(templates.get(media) or next(iter(templates.values()), _DEFAULT))


def _parameters(call: Call) -> Mapping[str, Mapping[str, Any]]:
    """Those of `$input.params`."""
    headers = {name: call.request.header(name) for name, _ in call.request.headers}
    spelled = headers | {name.title(): value for name, value in headers.items()}
    return {"header": spelled, "path": dict(call.variables), "querystring": dict(call.request.query)}
