"""A path beside the one that ends may be there already, without a step of the update."""

from __future__ import annotations

from pathlib import Path

from review.compare.changes import compare
from review.compare.side import Side, side
from review.cost import Usage
from review.rules.check import judged
from review.tests.graph_builder import Builder
from review.tests.parts import ingress, proxy_stack


def admitted(*dropped: str) -> Side:
    """A backend that two rules admit the function to, without those of these names."""
    build = Builder()
    stack = proxy_stack(build)
    ingress(build, "again", stack.backend.group, 8080, referencedSecurityGroupId=stack.proxy.group.id)
    build.resources = {urn: one for urn, one in build.resources.items() if one.name not in dropped}
    return side(build.graph(), Path(), Usage(), judged)


def test_another_rule_admits_the_same_calls() -> None:
    (passage,) = compare(admitted(), admitted("proxy-to-backend-ingress"), "before").moved
    assert not passage.cut
    expected = "not cut; the new path is complete before “delete proxy-to-backend-ingress”"
    assert str(passage).partition("backend: ")[2] == expected
