"""The routes of an OpenAPI document as API Gateway imports it.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ...graph.reading import as_list, as_mapping, get_value
from .api import Requirement

METHODS: Final = frozenset(("get", "put", "post", "delete", "options", "head", "patch", "trace"))
_ANY: Final = "x-amazon-apigateway-any-method"
_INTEGRATION: Final = "x-amazon-apigateway-integration"
_AUTHENTICATION: Final = "x-amazon-apigateway-auth"
_BY_SCHEME: Final = {"awssigv4": Requirement.IAM, "cognito_user_pools": Requirement.COGNITO}
_BY_AUTHORIZER: Final = {"cognito_user_pools": Requirement.COGNITO, "jwt": Requirement.JWT}

_KEY: Final = ("apikey", "header", "x-api-key")
"""Type, place and name of the header that an API key comes in."""


@dataclass(frozen=True)
class Operation:
    """One operation, with its integration as the document has it (empty if there is none)."""

    method: str
    path: str
    requires: frozenset[Requirement]
    integration: Mapping[str, Any]
    declaration: Mapping[str, Any]
    """All of it, as it is written."""


def list_operations(body: Mapping[str, Any]) -> Iterator[Operation]:
    """Every operation of a document, OpenAPI 3 or Swagger 2."""
    schemes = {name: _parse_scheme(scheme) for name, scheme in list_security_schemes(body).items()}
    for path, key, operation in list_raw_operations(body):
        integration = resolve_reference(body, operation.get(_INTEGRATION))
        method = "ANY" if key == _ANY else key.upper()
        yield Operation(method, path, _read_requirements(operation, schemes), integration, operation)


def list_raw_operations(body: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Path, key of the method and operation as they are written."""
    for path, item in as_mapping(body.get("paths")).items():
        for key, operation in resolve_reference(body, item).items():
            if key in METHODS or key == _ANY:
                yield path, key, as_mapping(operation)


def resolve_reference(body: Mapping[str, Any], reference: Any) -> Mapping[str, Any]:
    """An object of a document, or the one that it refers to."""
    place = str(as_mapping(reference).get("$ref", ""))
    return as_mapping(get_value(body, *place[2:].split("/"))) if place.startswith("#/") else as_mapping(reference)


def list_security_schemes(body: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    schemes = as_mapping(get_value(body, "components", "securitySchemes")) or as_mapping(
        body.get("securityDefinitions")
    )
    return {name: as_mapping(scheme) for name, scheme in schemes.items()}


def _parse_scheme(scheme: Mapping[str, Any]) -> Requirement:
    if authorizer := as_mapping(scheme.get("x-amazon-apigateway-authorizer")):
        return _BY_AUTHORIZER.get(str(authorizer.get("type")).lower(), Requirement.AUTHORIZER)
    if kind := str(scheme.get("x-amazon-apigateway-authtype", "")).lower():
        return _BY_SCHEME.get(kind, Requirement.AUTHORIZER)
    place = tuple(str(scheme.get(key, "")).lower() for key in ("type", "in", "name"))
    return Requirement.KEY if place == _KEY else Requirement.UNKNOWN


def _list_scheme_names(operation: Mapping[str, Any]) -> list[str]:
    """Names of the security schemes that an operation requires."""
    return [name for requirement in operation.get("security") or [] for name in as_mapping(requirement)]


def _read_requirements(operation: Mapping[str, Any], schemes: Mapping[str, Requirement]) -> frozenset[Requirement]:
    """Security of the operation itself: API Gateway passes over that of the document's root."""
    requirements = {schemes.get(name, Requirement.UNKNOWN) for name in _list_scheme_names(operation)}
    if requirements and not all(map(as_mapping, as_list(operation.get("security")))):
        # An empty object among several makes the others optional in OpenAPI. AWS does not say what it makes of it.
        requirements.add(Requirement.UNKNOWN)
    authentication = _parse_authentication(operation)
    if authentication == "AWS_IAM":
        requirements.add(Requirement.IAM)
    elif requirements and authentication == "NONE":
        # AWS does not say which of the two holds.
        requirements.add(Requirement.UNKNOWN)
    return frozenset(requirements)


def _parse_authentication(operation: Mapping[str, Any]) -> str:
    return str(as_mapping(operation.get(_AUTHENTICATION)).get("type", "")).upper()
