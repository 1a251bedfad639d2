"""Resources that may take requests by themselves, and that reach does not trace: named beside the number of paths."""

import re
from typing import Final

from ..aws.catalog import types
from ..aws.catalog.catalog import is_understood, row
from ..aws.catalog.row import Row
from ..aws.identity import public_access
from ..aws.model.model import AwsModel
from ..graph import UNKNOWN, Graph, Resource
from ..graph.given import held, named
from ..graph.reading import CannotTell, output, text, within


def unread(model: AwsModel) -> dict[str, list[str]]:
    """Types with the names of their resources: types without a row, what a policy or setting opens to everybody, and
    other stacks whose outputs may declare anything."""
    found: dict[str, list[str]] = {}
    for one in model.graph:
        if not (one.custom or one.remote):
            continue
        if not _is_read(one) or _is_open(model.graph, one) or _is_of_an_api_elsewhere(model.graph, one):
            found.setdefault(one.type, []).append(one.name)
    if model.graph.unseen:
        found[NOT_RUN] = [one.code for one in model.graph.unseen]
    return dict(sorted(found.items()))


NOT_RUN: Final = "code that was not run"
"""In place of the type of what such code may declare."""


def _is_read(resource: Resource) -> bool:
    """Whether reach reads a resource, or it is proven to carry no traffic."""
    if resource.type in types.STATE_MACHINE:
        definition = held(resource, "definition")
        return definition is not UNKNOWN and not _STARTS.search(text(definition))
    if resource.type in types.STARTER:
        # A target that is not known is a resource of the program in nearly every case, and none of these.
        targets = (held(resource, "arn"), within(held(resource, "target"), "arn"))
        return not any(_CHANGES.search(text(one)) for one in targets)
    return is_understood(resource.type)


_PARTS_OF_APIS: Final = {
    **dict.fromkeys((*types.REST_RESOURCE, *types.METHOD, *types.REST_STAGE), ("restApi", types.REST_API)),
    **dict.fromkeys((*types.HTTP_ROUTE, *types.HTTP_STAGE), ("apiId", types.HTTP_API)),
}
"""Inputs of what takes a call, by which it names its API."""


def _is_of_an_api_elsewhere(graph: Graph, resource: Resource) -> bool:
    """Whether a route or stage belongs to an API that this program does not declare, whose stages may serve it."""
    if resource.type not in _PARTS_OF_APIS or resource.existing:
        return False
    key, kinds = _PARTS_OF_APIS[resource.type]
    apis = named(graph, resource, key, types=kinds).every(unknown=None)
    return apis is None or any(api.existing for api in apis)


def _is_open(graph: Graph, resource: Resource) -> bool:
    """Whether a resource is public by itself, or a stack's outputs are unknown."""
    if resource.is_other_stack:
        return output(resource, "outputs") is UNKNOWN
    opened = not resource.existing and (_grants_to_all(resource) or _admits_all(graph, resource))
    return opened or _is_public(resource)


def _is_public(resource: Resource) -> bool:
    """Whether a bucket serves files, a registry serves images, or a document is shared with every account."""
    match resource.type:
        case "aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration":
            return True
        case "aws:s3/bucket:Bucket":
            return held(resource, "website") is not None
        case "aws:ecrpublic/repository:Repository":
            return True
        case "aws:ssm/document:Document":
            # The provider's keys in this map are written as in Terraform.
            accounts = [held(resource, "permissions", key) for key in ("account_ids", "accountIds")]
            return any(value is UNKNOWN or "all" in text(value).lower().split(",") for value in accounts)
    return False


def _grants_to_all(resource: Resource) -> bool:
    try:
        return resource.type in public_access.WITH_LIST and any(True for _ in public_access.public_grants(resource))
    except CannotTell:
        return True


def _admits_all(graph: Graph, resource: Resource) -> bool:
    """Whether a resource policy admits every account. Policies of APIs and endpoints are read as part of paths."""
    known = resource.type in public_access.WITH_POLICY or row(resource.type) == Row()
    return known and public_access.admits_all(resource) and public_access.is_restricted(graph, resource) is not True


_ENDS: Final = (
    *("aws:amplify/", "aws:apprunner/", "aws:appsync/", "aws:codebuild/", "aws:codepipeline/", "aws:lightsail/"),
    *("aws:transfer/", "azure", "digitalocean:", "gcp:", "hcloud:", "linode:"),
    *(f"aws:cloudfront/{kind}:" for kind in ("distribution", "distributionTenant", "multitenantDistribution")),
    *(f"cloudflare:index/{kind}:" for kind in ("dnsRecord", "pageRule", "record", "zone", "zoneSetting")),
)
"""Types that have their own addresses or none, and no machine of the program behind them.

A distribution calls a machine by its public address, or through a VPC origin, which is a resource of its own.
"""
_STARTS: Final = re.compile(r"ecs:runTask|aws-sdk:(?:ec2|ecs|elasticloadbalancingv2|iam|lambda|ssm):|eks:|batch:")
"""Integrations of a state machine by which it starts machines or tasks, or changes what admits callers.

https://docs.aws.amazon.com/step-functions/latest/dg/integrate-services.html
"""


_CHANGES: Final = re.compile(
    r":automation-definition/|:aws-sdk:(?:ec2|ecs|elasticloadbalancingv2|iam|lambda|ssm):(?!(?:start|stop|reboot|terminate)Instances|invoke)"
)
"""Targets of rules and schedules that may change what admits callers: automations, and operations of AWS's API.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html
"""


def may_lead_to_machines(model: AwsModel) -> list[str]:
    """Names of what may send requests to a machine or open its network, and is not traced: an accelerator, a command,
    a CloudFormation stack, a component of another process."""
    found = [one for one in model.graph if (one.remote or one.custom) and not _is_read(one)]
    ours = (one for one in found if one.remote or not one.type.startswith(_ENDS))
    code = (one for one in model.graph.unseen if one.types is None or not all(map(is_understood, one.types)))
    return [*(one.name for one in ours), *(one.code for one in code)]
