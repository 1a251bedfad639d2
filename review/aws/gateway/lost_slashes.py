"""The slash at the end of a path, which a REST API's HTTP integrations do not pass on."""

from typing import Final

from .api import Api, ApiKind

SLASH_LOST: Final = (
    "a slash at the end of a path does not reach the backend: /orders/ arrives as /orders. A backend that redirects to"
    " the path with the slash does so endlessly"
)


def loses_slashes(api: Api) -> bool:
    """True of a REST API's HTTP integrations, with a VPC link or without: `{proxy}` has no slash at its end."""
    rest = api.kind in (ApiKind.REST, ApiKind.PRIVATE)
    return rest and any(call.integration.kind.startswith("HTTP") for call in api.calls)
