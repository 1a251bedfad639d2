"""The addresses that a resource policy admits to one call, by the ranges that the policy names."""

from typing import Any

import pytest

from review.aws.gateway import access
from review.aws.model.model import AwsModel
from review.tests.helpers.api_programs import EVERYBODY, open_api
from review.tests.helpers.graph_builder import Builder, Json


def _keep_out(ranges: list[str], *, inside: bool = False, resource: str = "execute-api:/*") -> dict[str, Any]:
    condition = {"IpAddress" if inside else "NotIpAddress": {"aws:SourceIp": ranges}}
    return {**EVERYBODY, "Effect": "Deny", "Resource": resource, "Condition": condition}


@pytest.mark.parametrize(
    ("denials", "admitted"),
    [
        # A route's own ranges inside the API's, as `routes[].allowCidrs` has them.
        ([_keep_out(["203.0.113.0/24"]), _keep_out(["203.0.113.64/28"])], ["203.0.113.64/28"]),
        # Ranges of other routes.
        (
            [_keep_out(["203.0.113.0/24"]), _keep_out(["203.0.113.64/28"], resource="execute-api:/live/GET/other")],
            ["203.0.113.0/24"],
        ),
        # A range of which a part is refused is let in all the same, and named.
        ([_keep_out(["203.0.113.0/24"]), _keep_out(["203.0.113.9/32"], inside=True)], ["203.0.113.0/24"]),
        (
            [
                _keep_out(["203.0.113.0/24"]),
                _keep_out(["203.0.113.9/32"], inside=True),
                _keep_out(["203.0.113.64/28"], resource="execute-api:/live/GET/other"),
            ],
            ["203.0.113.0/24"],
        ),
        ([_keep_out(["203.0.113.0/24", "198.51.100.0/24"])], ["198.51.100.0/24", "203.0.113.0/24"]),
        ([_keep_out(["203.0.113.0/24"], inside=True)], ["203.0.113.0/24"]),
        ([_keep_out(["203.0.113.0/24", "203.0.113.9/32"], inside=True)], ["203.0.113.0/24"]),
    ],
)
def test_only_ranges_that_decide_about_a_call_are_named(denials: list[dict[str, Any]], admitted: list[str]) -> None:
    build = Builder()
    open_api(policy=Json({"Statement": [EVERYBODY, *denials]}))(build)
    api = AwsModel(build.graph()).apis.all[0]
    assert sorted(access.find_audience(api, api.calls[0]).ranges) == admitted
