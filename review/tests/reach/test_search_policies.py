"""Policies of search domains that name their domain by an output, by a given name, or by one of a stranger."""

from typing import Any

import pytest

from review.reach import Kind
from review.rules.check import check
from review.tests.graph_builder import Builder, Json
from review.tests.parts import network, paths

EVERYBODY = Json({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "es:*", "Resource": "*"}]})


def answers(build: Builder) -> list[str]:
    found = [path for path in paths(build.graph()) if path.kind is Kind.INBOUND and path.source == "internet"]
    return ["no" if not path.open else "cannot tell" if path.uncertainty else "yes" for path in found]


@pytest.mark.parametrize("kind", ["opensearch", "elasticsearch"])
@pytest.mark.parametrize(
    ("given", "named", "expected"),
    [
        ("orders", "output", ["yes"]),
        ("orders", "orders", ["yes"]),
        ("orders", "others", []),
        (None, "output", ["yes"]),
        (None, "others", ["cannot tell"]),
    ],
)
def test_policy_apart(build: Builder, kind: str, given: Any, named: str, expected: list[str]) -> None:
    domain = build(f"{kind}/domain:Domain", "domain", **({"domainName": given} if given else {}))
    name = domain.domainName if named == "output" else named
    build(f"{kind}/domainPolicy:DomainPolicy", "policy", domainName=name, accessPolicies=EVERYBODY)
    found = answers(build)
    assert [one for one in found if one != "no"] == expected
    assert any(
        one.rule.id == "IAM-10" and one.resource and one.resource.name == "policy" for one in check(build.graph())
    )


@pytest.mark.parametrize("apart", [True, False])
def test_domain_in_a_vpc_may_have_a_policy_for_everybody(apart: bool) -> None:
    build, net = Builder.of(network)
    own: dict[str, Any] = {} if apart else {"accessPolicies": EVERYBODY}
    domain = build("opensearch/domain:Domain", "domain", vpcOptions={"subnetIds": [net.private[0].id]}, **own)
    if apart:
        build("opensearch/domainPolicy:DomainPolicy", "p", domainName=domain.domainName, accessPolicies=EVERYBODY)
    assert not any(finding.rule.id == "IAM-10" for finding in check(build.graph()))
