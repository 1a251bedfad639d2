"""The authorization of each route: as ApiFront was given it, and in effect, with the API's resource policy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..aws import access, effective_access, types
from ..aws.api import Api, Call, Requirement
from ..graph import UNKNOWN, Resource
from ..graph.reading import CannotTell, items, read, text, within
from ..reach import Reach
from .registry import Severity, listed, rule

_BY_KIND: Final[Mapping[str, Requirement]] = {
    "jwt": Requirement.JWT,
    "cognito": Requirement.COGNITO,
    "lambda": Requirement.AUTHORIZER,
}
_BELOW: Final = "/{proxy+}"


@rule("API-11", Severity.CRITICAL, on=("gatehouse:index:ApiFront",))
def authorizers_are_in_the_api(reach: Reach, resource: Resource) -> Iterator[str]:
    """Each route that names an authorizer has it in the API.

    Why: Without it, a caller needs only the route's API key, or nothing.
    Remedy: Name the authorizer differently, and report the fault to Gatehouse.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-to-api.html
    """
    api = next((one for one in reach.model.apis.all if one.resource.parent == resource.urn), None)
    if api is None:
        return
    for route in items(read(resource, "routes")):
        required = _required(resource, route)
        for call in _calls(api, route) if required is not None else ():
            if Requirement.UNKNOWN in call.requires:
                raise CannotTell(f"the authorization of the routes of {resource.name} is known only after deployment")
            if required not in call.requires:
                yield f"{call.name} does not require {text(within(route, 'authorization'))}"


def _required(resource: Resource, route: Any) -> Requirement | None:
    named = within(route, "authorization")
    if named == "iam":
        return Requirement.IAM
    kind = within(read(resource, "authorizers"), text(named), "kind")
    if UNKNOWN in (named, kind):
        raise CannotTell(f"the authorizers of {resource.name} are known only after deployment")
    return _BY_KIND.get(text(kind))


def _calls(api: Api, route: Any) -> list[Call]:
    """Calls of the route itself, and of what lies under it unless another route is there."""
    path, methods = text(within(route, "path")), [text(method) for method in items(within(route, "methods"))]
    paths = (path, *([path.rstrip("/") + _BELOW] if within(route, "include_subpaths") is not False else []))
    unknown = [call for call in api.calls if Requirement.UNKNOWN in call.requires]
    return unknown or [call for call in api.calls if call.path in paths and call.method in methods]


@rule("API-10", Severity.CRITICAL, on=types.REST_API)
def policy_leaves_the_decision_to_the_identity(reach: Reach, resource: Resource) -> Iterator[str]:
    """A resource policy admits no identity to a route with IAM or Lambda authorization by itself.

    Why: Within one account AWS admits a caller whom either policy allows: an allow for everybody replaces the
    permission that each caller should need, and other accounts write the missing half themselves.
    Remedy: Allow only the methods without authorization or with Cognito, by their ARNs, and state the conditions as
    denies; name the accounts that may call from outside.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
    """
    api = reach.model.apis.of(resource)
    if not api.policies:
        return
    calls = [call for call in api.calls if access.decided_by_identity(call)]
    found = {call.name: effective_access.admitted(api, call, reach.model.api_endpoints) for call in calls}
    for label in dict.fromkeys(caller.label for caller, _ in found.values() if caller is not None):
        names = [name for name, (caller, _) in found.items() if caller is not None and caller.label == label]
        yield f"the resource policy lets {label} call {listed(names)}, without a permission of its own"
    if not all(certain for caller, certain in found.values() if caller is None):
        raise CannotTell(f"whom the policy of {resource.name} admits is known only after deployment")
