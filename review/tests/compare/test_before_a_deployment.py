"""A plan of a new stack has no identifier of AWS: what may call is named as it is with them."""

import pytest

from review.aws.model.model import AwsModel
from review.compare.callers.admission import Callers, difference
from review.compare.callers.demands import Demands
from review.graph import Graph
from review.tests.compare.pairs import balanced, discrete
from review.tests.graph_builder import Builder, Declare


def created(graph: Graph) -> Callers:
    nothing = Demands(AwsModel(Builder().graph()), {}, (), {})
    return Callers.of(difference(nothing, Demands(AwsModel(graph), {}, (), {}), (), (), ()))


@pytest.mark.parametrize("declare", [discrete(), balanced(acl=True)], ids=["a permission", "a web ACL"])
def test_callers_are_named_the_same_before_identifiers_are_known(declare: Declare) -> None:
    known, unknown = Builder(), Builder(known=False)
    declare(known)
    declare(unknown)
    assert created(unknown.graph()) == created(known.graph())
