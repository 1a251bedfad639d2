"""Jobs as in rest_iam, on a stage with a web ACL of the program's own: RULES and DEFAULT."""

import pulumi
import pulumi_aws as aws

from components import ApiFront, ApiFrontArgs, ApiFunction, ApiFunctionArgs, RouteArgs, ThrottleArgs

function = ApiFunction("jobs", ApiFunctionArgs(folder=".", handler="handler.handler", runtime="python3.13"))
front = ApiFront(
    "front",
    ApiFrontArgs(
        kind="rest",
        routes=[RouteArgs(path="/jobs", methods=["POST"], target="jobs", authorization="iam")],
        targets={"jobs": function.target},
        throttle=ThrottleArgs(rate=50, burst=25),
    ),
)
acl = aws.wafv2.WebAcl(
    "acl",
    scope="REGIONAL",
    default_action=DEFAULT,  # noqa: F821 # of the case
    rules=RULES,  # noqa: F821
    visibility_config={"cloudwatch_metrics_enabled": False, "metric_name": "acl", "sampled_requests_enabled": False},
)
aws.wafv2.WebAclAssociation(
    "association",
    web_acl_arn=acl.arn,
    resource_arn=pulumi.Output.format(
        "arn:aws:apigateway:eu-west-1::/restapis/{0}/stages/{1}", front.api_id, front.stage_name
    ),
)
