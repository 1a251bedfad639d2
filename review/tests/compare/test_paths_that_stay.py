"""A path beside the one that ends may be there already, without a step of the update."""

from review.graph import Graph
from review.tests.graph_builder import Builder
from review.tests.parts import ingress, proxy_stack
from review.tests.updates import updated


def admitted(*dropped: str) -> Graph:
    """A backend that two rules admit the function to, without those of these names."""
    build, stack = Builder.of(proxy_stack)
    ingress(build, "again", stack.backend.group, 8080, referencedSecurityGroupId=stack.proxy.group.id)
    build.resources = {urn: resource for urn, resource in build.resources.items() if resource.name not in dropped}
    return build.graph()


def test_another_rule_admits_the_same_calls() -> None:
    (passage,) = updated(admitted(), admitted("proxy-to-backend-ingress"), rules=False).moved
    assert not passage.cut
    expected = "not cut; the new path is complete before “delete proxy-to-backend-ingress”"
    assert str(passage).partition("backend: ")[2] == expected
