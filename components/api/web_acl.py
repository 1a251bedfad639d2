"""AWS WAF in front of a REST API's stage.

Costs $5.00 a month, $1.00 for each rule or rule group, and $0.60 a million requests.
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-aws-waf.html
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from typing import Final

import pulumi
import pulumi_aws as aws

from ..resource_options.scope import build_tags
from .args.firewall import FirewallArgs

# https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
MANAGED_RULE_GROUPS: Final = {
    "common": "AWSManagedRulesCommonRuleSet",
    "known-bad-inputs": "AWSManagedRulesKnownBadInputsRuleSet",
    "ip-reputation": "AWSManagedRulesAmazonIpReputationList",
    "anonymous-ip": "AWSManagedRulesAnonymousIpList",
    "sql-injection": "AWSManagedRulesSQLiRuleSet",
}
_WINDOW_SECONDS: Final = 300
# https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
_BODY_SIZE_RULE: Final = "SizeRestrictions_BODY"
# https://docs.aws.amazon.com/waf/latest/APIReference/API_VisibilityConfig.html
_METRIC_NAME_LENGTH: Final = 128


def declare(
    name: str,
    firewall: FirewallArgs,
    api_id: pulumi.Output[str],
    stage_arn: pulumi.Input[str],
    tags: Mapping[str, pulumi.Input[str]],
    parent: pulumi.Resource,
) -> None:
    """Declare the web ACL and put it in front of the stage."""
    child = pulumi.ResourceOptions(parent=parent)
    rules = [
        *_declare_allow_rules(name, firewall.allow, tags, child),
        _build_rate_rule(firewall.requests_per_five_minutes),
        *(_build_managed_rule(group, firewall.large_bodies) for group in firewall.managed_rules),
    ]
    for priority, rule in enumerate(rules):
        rule.priority = priority
    acl = aws.wafv2.WebAcl(
        f"{name}-web-acl",
        scope="REGIONAL",
        default_action=aws.wafv2.WebAclDefaultActionArgs(allow=aws.wafv2.WebAclDefaultActionAllowArgs()),
        rules=rules,
        visibility_config=aws.wafv2.WebAclVisibilityConfigArgs(
            cloudwatch_metrics_enabled=True,
            metric_name=api_id.apply(lambda known: _metric_name(name, known)),
            sampled_requests_enabled=True,
        ),
        tags=build_tags(f"{name}-web-acl", tags),
        opts=child,
    )
    # AWS deletes an association by its stage, and would delete a new one too.
    only_one = pulumi.ResourceOptions(parent=parent, delete_before_replace=True)
    aws.wafv2.WebAclAssociation(f"{name}-web-acl-stage", resource_arn=stage_arn, web_acl_arn=acl.arn, opts=only_one)


def _metric_name(name: str, api_id: str) -> str:
    """The web ACL's dimension of its metrics, which the account's and region's other stacks must not share."""
    return re.sub(r"[^A-Za-z0-9_-]", "-", f"{name}-{api_id}-web-acl")[-_METRIC_NAME_LENGTH:]


def _declare_allow_rules(
    name: str, allow: Sequence[str], tags: Mapping[str, pulumi.Input[str]], child: pulumi.ResourceOptions
) -> list[aws.wafv2.WebAclRuleArgs]:
    """One rule for IPv4 and one for IPv6: an address set holds only one of the two."""
    rules = []
    for version in (4, 6):
        addresses = [cidr for cidr in allow if ipaddress.ip_network(cidr).version == version]
        if addresses:
            address_set = aws.wafv2.IpSet(
                f"{name}-allow-ipv{version}",
                scope="REGIONAL",
                ip_address_version=f"IPV{version}",
                addresses=addresses,
                tags=build_tags(f"{name}-allow-ipv{version}", tags),
                opts=child,
            )
            rules.append(
                aws.wafv2.WebAclRuleArgs(
                    name=f"allow-ipv{version}",
                    priority=0,
                    action=aws.wafv2.WebAclRuleActionArgs(allow=aws.wafv2.WebAclRuleActionAllowArgs()),
                    statement=aws.wafv2.WebAclRuleStatementArgs(
                        ip_set_reference_statement=aws.wafv2.WebAclRuleStatementIpSetReferenceStatementArgs(
                            arn=address_set.arn
                        )
                    ),
                    visibility_config=_visibility_config(f"allow-ipv{version}"),
                )
            )
    return rules


def _build_rate_rule(limit: pulumi.Input[int]) -> aws.wafv2.WebAclRuleArgs:
    return aws.wafv2.WebAclRuleArgs(
        name="rate",
        priority=0,
        action=aws.wafv2.WebAclRuleActionArgs(block=aws.wafv2.WebAclRuleActionBlockArgs()),
        statement=aws.wafv2.WebAclRuleStatementArgs(
            rate_based_statement=aws.wafv2.WebAclRuleStatementRateBasedStatementArgs(
                limit=limit, aggregate_key_type="IP", evaluation_window_sec=_WINDOW_SECONDS
            )
        ),
        visibility_config=_visibility_config("rate"),
    )


def _build_managed_rule(group: str, large_bodies: bool) -> aws.wafv2.WebAclRuleArgs:
    return aws.wafv2.WebAclRuleArgs(
        name=group,
        priority=0,
        # The group's own actions hold. Made here: to load this part of the SDK takes a quarter of a second.
        override_action=aws.wafv2.WebAclRuleOverrideActionArgs(
            none=aws.wafv2.WebAclRuleOverrideActionNoneArgs()  # type: ignore[no-untyped-call] # the SDK leaves it untyped
        ),
        statement=aws.wafv2.WebAclRuleStatementArgs(
            managed_rule_group_statement=aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementArgs(
                name=MANAGED_RULE_GROUPS[group],
                vendor_name="AWS",
                rule_action_overrides=[_count_only(_BODY_SIZE_RULE)] if large_bodies and group == "common" else None,
            )
        ),
        visibility_config=_visibility_config(group),
    )


def _count_only(rule: str) -> aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideArgs:
    """The rule counts what it finds, and blocks nothing."""
    action = aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseArgs(
        count=aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseCountArgs()
    )
    return aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideArgs(name=rule, action_to_use=action)


def _visibility_config(metric: str) -> aws.wafv2.WebAclRuleVisibilityConfigArgs:
    return aws.wafv2.WebAclRuleVisibilityConfigArgs(
        cloudwatch_metrics_enabled=True, metric_name=metric, sampled_requests_enabled=True
    )
