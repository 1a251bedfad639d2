"""The mocks of our own tests: those of the package, with answers that a test may replace."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import grpc
import pulumi

from components.testing import Mocks

Answer = Callable[["StackMocks", Mapping[str, Any]], Mapping[str, Any]]
ANSWERS: Final[dict[str, Answer]] = {}
"""Results of lookups by token, in place of the package's. A test sets one by `monkeypatch.setitem`."""
OUTPUTS: Final[dict[str, Mapping[str, Any]]] = {}
"""Further outputs by type, likewise."""


class LookupRefusedError(grpc.RpcError):  # type: ignore[misc] # grpc has no types
    """The engine's answer to a lookup that the provider refuses, with the provider's words."""

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        return str(self)


class StackMocks(Mocks):
    """Mocks of one run."""

    groups: Sequence[str] = ()
    """Security groups of each load balancer that is looked up."""

    def call(self, args: pulumi.runtime.MockCallArgs) -> dict[str, Any]:  # type: ignore[override] # the SDK takes both
        given = {key: value for key, value in args.args.items() if value is not None}
        if args.token in ANSWERS:
            return dict(ANSWERS[args.token](self, given))
        return self.usual(args.token, given)

    def usual(self, token: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """The package's own answer."""
        found = super().call(pulumi.runtime.MockCallArgs(token, dict(given), ""))
        if self.groups and token == "aws:lb/getLoadBalancer:getLoadBalancer":
            found["securityGroups"] = list(self.groups)
        return found

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        identity, outputs = super().new_resource(args)
        return identity, {**outputs, **OUTPUTS.get(args.typ, {})}


def usual(token: str) -> Answer:
    """The answer until now, for a test that changes a part of it."""
    return ANSWERS.get(token) or (lambda mocks, given: mocks.usual(token, given))
