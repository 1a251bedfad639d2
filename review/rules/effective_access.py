"""Who may call a route in effect: the identity's policy and the API's resource policy together."""

from __future__ import annotations

from collections.abc import Iterator

from ..aws import access, effective_access, types
from ..graph import Resource
from ..graph.reading import CannotTell
from ..reach import Reach
from .registry import Severity, guide, listed, rule


@rule(
    "API-10",
    "A resource policy admits no identity to a route with IAM or Lambda authorization by itself",
    Severity.CRITICAL,
    on=types.REST_API,
    why="Within one account AWS admits a caller whom either policy allows: an allow for everybody replaces the "
    "permission that each caller should need, and other accounts write the missing half themselves.",
    remedy="Allow only the methods without authorization or with Cognito, by their ARNs, and state the conditions as "
    "denies; name the accounts that may call from outside.",
    source=guide("apigateway/latest/developerguide", "apigateway-authorization-flow"),
)
def policy_leaves_the_decision_to_the_identity(reach: Reach, resource: Resource) -> Iterator[str]:
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
