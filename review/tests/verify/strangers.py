"""What `verify` says of members that AWS lists, beside a graph that is deployed."""

from collections.abc import Mapping
from typing import Any

from review.graph import Graph
from review.report.render import verification as report
from review.tests.verify.fake_aws import FakeAws, deployed, refreshed
from review.verify.calls import Caller
from review.verify.cloud import Cloud
from review.verify.verification import verify

JSON = dict[str, Any]


def strangers(graph: Graph, answers: Mapping[str, Any]) -> set[str]:
    """Names of the members that no resource declares, with what AWS answers."""
    aws = FakeAws(deployed(graph))
    aws.more.update(answers)
    document = report.document(verify(refreshed(aws.graph), Cloud(aws), Caller(), offline=True))
    assert document["notRead"] == []
    return {one["resource"] for one in document["drift"] if one["kind"] == "not declared"}


def id_of(graph: Graph, name: str) -> str:
    return next(str(resource.id) for resource in graph if resource.name == name)


def machine(**its: Any) -> JSON:
    return {"Reservations": [{"Instances": [{"InstanceId": "i-1", "State": {"Name": "running"}, **its}]}]}
