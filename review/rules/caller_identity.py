"""Headers by which a backend learns who called: can a caller write them itself?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..aws import types
from ..aws.api import Call, Integration
from ..facts import identity_headers
from ..graph import UNKNOWN, Resource, reveal
from ..graph.reading import CannotTell, text, within
from ..reach import Reach
from .registry import Severity, rule

_REST: Final = "integration.request.header."
_ESTABLISHED: Final = ("context.authorizer", "context.identity")
_FORWARDS, _TELLS = "BACKEND_URL", "IDENTITY"
"""Variables of the forwarder: its backend, and whether it adds the headers, which it always takes from the caller."""


@rule("GATE-12", Severity.HIGH, on=(*types.REST_API, *types.HTTP_API))
def callers_cannot_name_themselves(reach: Reach, resource: Resource) -> Iterator[str]:
    """A header with the caller's identity is set or removed on every route to the backend.

    Why: On a route that passes the header on as it came, any caller can claim to be another.
    Remedy: REST: map the header, to '' where there is no value. HTTP APIs: overwrite it, or remove it; append adds to
    the caller's own.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html
    """
    api = reach.model.apis.of(resource)
    told = _told(reach)
    for call in api.calls if told else ():
        integration = call.integration
        if integration.kind != "HTTP_PROXY" or not integration.linked:
            continue
        if integration.parameters is UNKNOWN or not integration.certain:
            raise CannotTell(f"the request parameters of {call.name} are not known")
        written = _written(integration)
        for name in sorted(told):
            if name not in written:
                yield _sentence(call, told[name], "passes on")
            elif written[name] == "append":
                yield _sentence(call, told[name], "appends to")


def _sentence(call: Call, header: str, does: str) -> str:
    return f"{call.name} {does} the caller's own {header}, which other routes set to the identity of the caller"


def _told(reach: Reach) -> dict[str, str]:
    """Headers that some route sets from the identity of the caller, by their names in lower case."""
    found: dict[str, str] = {}
    for api in reach.model.apis.all:
        for call in api.calls:
            if _is_forwarder(call.integration):
                # An HTTP API can neither set nor remove x-amzn-*, so only single headers can be checked on every kind.
                found |= {name.lower(): name for name in identity_headers.SINGLE}
            for place, value in _mapped(call.integration):
                if str(reveal(value)).lstrip("${").startswith(_ESTABLISHED):
                    found[_header(place).lower()] = _header(place)
    return {name: header for name, header in found.items() if name}


def _is_forwarder(integration: Integration) -> bool:
    if integration.function is None:
        return False
    variables = within(integration.function.inputs, "environment", "variables")
    return isinstance(variables, dict) and _FORWARDS in variables and text(variables.get(_TELLS)) == "true"


def _written(integration: Integration) -> dict[str, str]:
    """The mapped headers in lower case, with `append`, `overwrite`, `remove`, or nothing on REST APIs."""
    return {_header(place).lower(): place.partition(":")[0] for place, _ in _mapped(integration)}


def _mapped(integration: Integration) -> list[tuple[str, Any]]:
    parameters = integration.parameters
    if not isinstance(parameters, Mapping):
        return []
    return [(str(place), value) for place, value in parameters.items() if _header(str(place))]


def _header(place: str) -> str:
    """The header that a mapping is for; empty if it is for something else."""
    if place.startswith(_REST):
        return place.removeprefix(_REST)
    _, _, where = place.partition(":")
    return where.removeprefix("header.") if where.startswith("header.") else ""
