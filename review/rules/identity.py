"""Least privilege: the actions, resources and callers that roles, trust policies and permissions allow."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..aws.catalog import types
from ..aws.gateway.lambda_permissions import API_GATEWAY
from ..aws.identity.callers import list_principals, names_everybody
from ..aws.identity.iam import list_allow_statements, match_glob, read_statements
from ..aws.network.coverage import covers_all, covers_verb, restricts_requests
from ..graph import UNKNOWN, Resource
from ..graph.prose import join_names
from ..graph.reading import (
    Doubt,
    as_list,
    as_text,
    find_first_referenced,
    find_referenced,
    find_values,
    get_declared_input,
    require_declared_input,
    require_known,
)
from ..paths import Reachability
from ..paths.anyone import read_acknowledged
from ..paths.inbound import ACROSS_ACCOUNTS
from .registry import Message, Severity, rule

_ROLE_POLICIES: Final = (*types.ROLE, *types.ROLE_POLICY, *types.POLICY)
_WITHOUT_RESOURCES: Final = """
    autoscaling:Describe* cloudwatch:ListMetrics cloudwatch:PutMetricData ec2:AssignPrivateIpAddresses
    ec2:CreateNetworkInterface ec2:DeleteNetworkInterface ec2:Describe* ec2:UnassignPrivateIpAddresses ec2messages:*
    ecr:GetAuthorizationToken elasticloadbalancing:Describe* kms:ListAliases logs:DescribeLogGroups
    route53:ListHostedZones* s3:ListAllMyBuckets servicediscovery:DiscoverInstances ssm:DescribeInstanceInformation
    ssm:UpdateInstanceInformation ssmmessages:* sts:GetCallerIdentity tag:GetResources xray:*
"""
"""Actions that take no narrower resource than `*`, of the services that stacks like these use.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html"""


@rule("IAM-01", Severity.HIGH, on=_ROLE_POLICIES)
def require_named_actions(_reach: Reachability, resource: Resource) -> Iterator[str]:
    """No policy allows all actions of a service, or of all services.
    Why: An attacker in the machine or function gets every allowed action, also deleting and granting.
    Remedy: List the actions that the code calls.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
    """
    wide = set[str]()
    for statement in _list_allow_statements(resource):
        if "NotAction" in statement:
            yield f"{resource.name} allows every action but {join_names(as_list(statement['NotAction']))}"
        wide |= {action for action in map(as_text, as_list(statement.get("Action"))) if _is_wide(action)}
    if wide:
        yield f"{resource.name} allows {join_names(sorted(wide))}"
    _require_known_policies(resource)


@rule("IAM-02", Severity.MEDIUM, on=_ROLE_POLICIES)
def require_named_resources(_reach: Reachability, resource: Resource) -> Iterator[str]:
    """No policy allows an action on all resources if AWS supports named ones.
    Why: The action then also works on the resources of other applications in the account.
    Remedy: Name the ARNs, or a condition that limits them.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
    """
    narrow = set[str]()
    for statement in _list_allow_statements(resource):
        if ("NotResource" in statement or _is_on_every_resource(statement)) and not restricts_requests(
            statement.get("Condition")
        ):
            actions = map(as_text, as_list(statement.get("Action")))
            narrow |= {action for action in actions if not _cannot_name_resource(action)}
    if narrow:
        yield f"{resource.name} allows {join_names(sorted(narrow))} on every resource"
    _require_known_policies(resource)


@rule("IAM-03", Severity.CRITICAL, on=types.ROLE)
def forbid_role_for_everybody(resource: Resource) -> Iterator[str]:
    """No role can be assumed by everybody.
    Why: Otherwise any AWS account, or any federated identity, can assume the role.
    Remedy: Name the service or the account, and bind federations and services to yours by a condition. For GitHub, name
    the owner and the repository in the condition on sub; the condition on aud does not restrict callers.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    """
    for statement in read_statements(require_declared_input(resource, "assumeRolePolicy")):
        if statement.get("Effect") != "Allow" or restricts_requests(
            statement.get("Condition"), statement.get("Action", "*")
        ):
            continue
        if names_everybody(statement):
            yield f"{resource.name} can be assumed by every AWS account"
        if providers := [provider for kind, provider in list_principals(statement) if kind == "Federated"]:
            matching = " that matches its condition" if statement.get("Condition") else ""
            yield f"{resource.name} can be assumed by every identity of {join_names(providers)}{matching}"


@rule("IAM-04", Severity.HIGH, on=(*types.ROLE_ATTACHMENT, *types.ROLE))
def forbid_administrator_policies(resource: Resource) -> Iterator[str]:
    """No administrator policy is attached.
    Why: Administrator policies are for people who set up accounts.
    Remedy: Write a policy with the actions and resources that the role needs.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
    """
    arns = [
        *as_list(require_declared_input(resource, "policyArn")),
        *as_list(require_declared_input(resource, "managedPolicyArns")),
    ]
    for arn in arns:
        name = as_text(arn).rpartition("/")[2]
        if re.fullmatch(r"AdministratorAccess|PowerUserAccess|IAMFullAccess|.*FullAccess", name):
            yield f"{resource.name} attaches {name}"


@rule("IAM-05", Severity.HIGH, on=_ROLE_POLICIES)
def require_named_passed_roles(_reach: Reachability, resource: Resource) -> Iterator[str]:
    """Roles are passed by name only.
    Why: A caller that may pass any role to a new machine or function has the permissions of all roles of the account.
    Remedy: Name the roles in the resource of iam:PassRole, and the service in iam:PassedToService.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
    """
    for statement in _list_allow_statements(resource):
        passes = any(match_glob(as_text(action).lower(), "iam:passrole") for action in as_list(statement.get("Action")))
        if passes and _is_on_every_resource(statement):
            yield f"{resource.name} may pass on any role"
    _require_known_policies(resource)


@rule("IAM-07", Severity.HIGH, on=types.PERMISSION)
def require_source_of_permission(reach: Reachability, resource: Resource) -> Iterator[Message]:
    """A service may invoke a function only for one API, bucket or topic.
    Why: Without a source, an API, bucket or topic of any account may invoke the function.
    Remedy: Set source_arn: for API Gateway the API's execution ARN followed by /*/*. For S3 set source_account as well.
    https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
    """
    principal = as_text(require_declared_input(resource, "principal"))
    service = principal.removesuffix(".amazonaws.com")
    narrowed = any(
        get_declared_input(resource, key) is not None for key in ("sourceArn", "sourceAccount", "principalOrgId")
    )
    if service in ACROSS_ACCOUNTS and not narrowed:
        yield f"{resource.name} lets {service} of every account invoke {_name_function(reach, resource)}"
    if service in ACROSS_ACCOUNTS or principal != API_GATEWAY:
        return
    source = get_declared_input(resource, "sourceArn")
    arn = as_text(source)
    if source is None:
        yield f"{resource.name} lets every API of every account invoke {_name_function(reach, resource)}"
    elif source is UNKNOWN:
        if not find_referenced(reach.model.graph, resource, "sourceArn", types=types.APIS):
            yield Doubt(f"which API {resource.name} is for is known only after deployment")
    elif ("*" in arn.partition("/")[0] and not _names_api(reach, arn)) or arn.count(":") < 5:
        yield f"{resource.name} lets more than one API invoke {_name_function(reach, resource)}: {arn}"


@rule("IAM-08", Severity.CRITICAL, on=types.PERMISSION)
def require_principal_of_permission(reach: Reachability, resource: Resource) -> Iterator[str]:
    """No function may be invoked by everybody.
    Why: Otherwise any AWS account may call the function without the API, at your expense.
    Remedy: Name the service or the account in principal. A function URL for everybody requires the permission: set
    authorization_type="AWS_IAM" at the URL, or add the URL's name to protection.acknowledgePublic.
    https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
    """
    keys = ("principalOrgId", "sourceArn")
    if require_declared_input(resource, "principal") != "*" or any(
        require_declared_input(resource, key) for key in keys
    ):
        return
    url_authorization = require_declared_input(resource, "functionUrlAuthType")
    if require_declared_input(resource, "invokedViaFunctionUrl") is True:
        return  # opens a URL only beside a permission for lambda:InvokeFunctionUrl, to which this rule applies
    if url_authorization is None:
        yield f"{resource.name} lets everybody invoke the function"
    elif url_authorization == "AWS_IAM":
        yield f"{resource.name} lets every AWS account call the function's URL"
    elif not _is_for_accepted_url(reach, resource):
        yield f"{resource.name} lets everybody call the function's URL"


def _is_for_accepted_url(reach: Reachability, permission: Resource) -> bool:
    """Whether its function has public URLs, and API-01 accepts each: it is acknowledged, or requires a signature."""
    acknowledged, permissions = read_acknowledged(reach.model.graph), reach.model.permissions
    urls = [
        caller
        for caller in reach.model.callers
        if caller.is_public
        and any(each.urn == permission.urn for each in permissions.list_for_function(caller.function))
        and permissions.is_for_qualifier(permission, caller.qualifier)
    ]
    return bool(urls) and all(caller.check.checks or caller.by.name in acknowledged for caller in urls)


def _list_allow_statements(resource: Resource) -> Iterator[Mapping[str, Any]]:
    """The Allow statements of a role's inline policies, or of a policy resource, as far as they are known."""
    for document in _list_policies(resource):
        yield from list_allow_statements(document) if document is not UNKNOWN else ()


def _require_known_policies(resource: Resource) -> None:
    """Raises Doubt if a policy is not known. Asked last, so that a rule finds what is certain of the others."""
    for document in _list_policies(resource):
        require_known(document, f"the policy of {resource.name}")


def _list_policies(resource: Resource) -> list[Any]:
    of_role = find_values(resource.inputs, "inlinePolicies", "policy")
    return [*as_list(get_declared_input(resource, "policy")), *of_role]


def _is_on_every_resource(statement: Mapping[str, Any]) -> bool:
    return any(covers_all(as_text(arn)) for arn in as_list(statement.get("Resource")))


def _is_wide(action: str) -> bool:
    """`*`, `s3:*`, `s3*`, `s3:Get*`; not actions without a narrower form, nor those that only list or describe."""
    return covers_verb(action) and not _cannot_name_resource(action) and not _NAMES_ONLY.fullmatch(action)


def _cannot_name_resource(action: str) -> bool:
    return any(match_glob(pattern, action.lower()) for pattern in _WITHOUT_RESOURCES.lower().split())


_NAMES_ONLY: Final = re.compile(r"[a-z0-9-]+:(Describe|List)\*", re.IGNORECASE)
"""Actions that read names and settings, and no data."""


def _names_api(reach: Reachability, arn: str) -> bool:
    """Whether only the `/` after an API's ID is missing: no ID begins with all of another, since all are as long."""
    return any(api.arn == arn.partition("*")[0] for api in reach.model.apis.all)


def _name_function(reach: Reachability, permission: Resource) -> str:
    function = find_first_referenced(reach.model.graph, permission, "function", types=types.INVOKED)
    return function.name if function else as_text(get_declared_input(permission, "function")) or "the function"
