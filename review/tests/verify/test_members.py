"""Members that AWS has: which the stack declares by any of its resources, and which no resource declares."""

import json
from typing import Any

import pytest

from review.graph import UNKNOWN
from review.report.render import verification as report
from review.tests.graph_builder import Builder
from review.tests.verify.fake_aws import FakeAws, deployed, refreshed
from review.tests.verify.strangers import JSON, id_of, machine, strangers
from review.verify.accounts import OF_ANOTHER
from review.verify.calls import Caller
from review.verify.cloud import Cloud
from review.verify.found import Found
from review.verify.members import undeclared
from review.verify.verification import verify
from tests.helpers.stacks import graph_of


def rule(source: JSON, *, ports: tuple[int, int] = (443, 443), protocol: str = "tcp", egress: bool = False) -> JSON:
    from_port, to_port = ports
    its: JSON = {"IpProtocol": protocol, "FromPort": from_port, "ToPort": to_port, "IsEgress": egress}
    return {"SecurityGroupRuleId": f"sgr-{abs(hash(str(source)))}", **its, **source}


@pytest.mark.parametrize(
    ("declared", "listed", "unknown"),
    [
        ({"cidrBlocks": ["10.0.0.0/8", "192.0.2.0/24"]}, [{"CidrIpv4": "10.0.0.0/8"}, {"CidrIpv4": "192.0.2.0/24"}], 0),
        ({"cidrBlocks": ["10.0.0.0/8"]}, [{"CidrIpv4": "10.0.0.0/8"}, {"CidrIpv4": "0.0.0.0/0"}], 1),
        ({"ipv6CidrBlocks": ["::/0"], "prefixListIds": ["pl-1"]}, [{"CidrIpv6": "::/0"}, {"PrefixListId": "pl-1"}], 0),
        ({"ipv6CidrBlocks": ["2001:DB8:0::/48"]}, [{"CidrIpv6": "2001:db8::/48"}], 0),
        ({"self": True}, [{"ReferencedGroupInfo": {"GroupId": "its-group"}}], 0),
        ({"sourceSecurityGroupId": "1/sg-1"}, [{"ReferencedGroupInfo": {"GroupId": "sg-1"}}], 0),
        ({"sourceSecurityGroupId": "sg-1"}, [{"ReferencedGroupInfo": {"GroupId": "sg-2"}}], 1),
    ],
)
def test_rules_of_the_classic_type(declared: JSON, listed: list[JSON], unknown: int) -> None:
    """One resource makes a rule for each of its sources, and has the ID of none of them."""
    build = Builder()
    group = build("ec2/securityGroup:SecurityGroup", "group")
    its: JSON = {"type": "ingress", "protocol": "tcp", "fromPort": 443, "toPort": 443, **declared}
    build("ec2/securityGroupRule:SecurityGroupRule", "rule", securityGroupId=group.id, **its)
    written = json.dumps([rule(one) for one in listed]).replace("its-group", id_of(graph := build.graph(), "group"))
    answer = {"ec2.DescribeSecurityGroupRules": {"SecurityGroupRules": json.loads(written)}}
    assert len(strangers(graph, answer)) == unknown


@pytest.mark.parametrize(
    ("ports", "egress", "known"), [((0, 0), False, True), ((-1, -1), False, True), ((-1, -1), True, False)]
)
def test_a_classic_rule_for_all_protocols(ports: tuple[int, int], *, egress: bool, known: bool) -> None:
    """The provider writes its ports as 0, and AWS as -1. The direction counts."""
    build = Builder()
    group = build("ec2/securityGroup:SecurityGroup", "group")
    its: JSON = {"type": "ingress", "protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": ["10.0.0.0/8"]}
    build("ec2/securityGroupRule:SecurityGroupRule", "rule", securityGroupId=group.id, **its)
    listed = [rule({"CidrIpv4": "10.0.0.0/8"}, ports=ports, protocol="-1", egress=egress)]
    assert (
        strangers(build.graph(), {"ec2.DescribeSecurityGroupRules": {"SecurityGroupRules": listed}}) == set()
    ) is known


@pytest.mark.parametrize("kind", ["role", "user", "group"])
def test_a_policy_that_one_resource_attaches_to_several(kind: str) -> None:
    """It hides the same policy at nobody else."""
    build = Builder()
    names = [build(f"iam/{kind}:{kind.title()}", name, name=name).name for name in ("first", "second", "third")]
    whom: JSON = {f"{kind}s": names[:1]}
    build("iam/policyAttachment:PolicyAttachment", "to-one", policyArn="arn:aws:iam::aws:policy/P", **whom)
    exclusive: JSON = {f"{kind}Name": names[2], "policyArns": ["arn:aws:iam::aws:policy/P"]}
    token = f"iam/{kind}PolicyAttachmentsExclusive:{kind.title()}PolicyAttachmentsExclusive"
    build(token, "of-one", **exclusive)
    listed = {"AttachedPolicies": [{"PolicyArn": "arn:aws:iam::aws:policy/P"}]}
    answer = {f"iam.ListAttached{kind.title()}Policies": listed}
    assert strangers(build.graph(), answer) == {"P of second"}


ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"


@pytest.mark.parametrize(
    ("token", "inputs"),
    [
        ("rolePolicyAttachment:RolePolicyAttachment", {"role": "deployer", "policyArn": ADMIN}),
        ("policyAttachment:PolicyAttachment", {"roles": ["deployer"], "users": ["app"], "policyArn": ADMIN}),
    ],
)
def test_what_is_declared_for_a_stranger_hides_nothing_here(token: str, inputs: JSON) -> None:
    build = Builder()
    build("iam/role:Role", "app", name="app")
    build(f"iam/{token}", "its", **inputs)
    listed = {"iam.ListAttachedRolePolicies": {"AttachedPolicies": [{"PolicyArn": ADMIN}]}}
    assert strangers(build.graph(), listed) == {"AdministratorAccess of app"}


def test_a_route_and_a_rule_of_what_another_program_made_hide_nothing_here() -> None:
    build = Builder()
    vpc = build("ec2/vpc:Vpc", "vpc", cidrBlock="10.0.0.0/16")
    build("ec2/routeTable:RouteTable", "private", vpcId=vpc.id)
    way: JSON = {"destinationCidrBlock": "0.0.0.0/0", "gatewayId": "igw-1"}
    build("ec2/route:Route", "of-main", routeTableId=vpc.mainRouteTableId, **way)
    build("ec2/securityGroup:SecurityGroup", "group")
    its: JSON = {"type": "ingress", "protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlocks": ["0.0.0.0/0"]}
    build("ec2/securityGroupRule:SecurityGroupRule", "of-another", securityGroupId="sg-other", **its)
    route = {"Origin": "CreateRoute", "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active"}
    listed = [rule({"CidrIpv4": "0.0.0.0/0"}, ports=(22, 22))]
    answer: JSON = {
        "ec2.DescribeRouteTables": {"RouteTables": [{"Routes": [route]}]},
        "ec2.DescribeSecurityGroupRules": {"SecurityGroupRules": listed},
    }
    assert {stranger.rpartition(" of ")[2] for stranger in strangers(build.graph(), answer)} == {"private", "group"}


@pytest.mark.parametrize(
    "token", ["cloudwatch/logSubscriptionFilter:LogSubscriptionFilter", "lambda/permission:Permission"]
)
def test_what_another_region_declares_hides_nothing_here(token: str) -> None:
    """Names of groups and functions are unique in one region."""
    build = Builder()
    for region in ("eu-west-1", "us-east-1"):
        build("cloudwatch/logGroup:LogGroup", f"log-{region}", name="/app", region=region)
        build("lambda/function:Function", f"function-{region}", name="app", region=region)
    its: JSON = {"logGroup": "/app", "name": "out", "function": "app", "statementId": "out", "destinationArn": "arn:x"}
    build(token, "its", region="us-east-1", **its)
    answer: JSON = {
        "logs.DescribeSubscriptionFilters": {"subscriptionFilters": [{"filterName": "out", "destinationArn": "arn:x"}]},
        "lambda.GetPolicy": {"Policy": json.dumps({"Statement": [{"Sid": "out", "Principal": "*"}]})},
    }
    aws = FakeAws(deployed(build.graph()))
    aws.more.update(answer)
    kind = "log" if "log" in token else "function"
    names = {resource.name for resource in undeclared(aws.graph, Cloud(aws), Found(), {}) if kind in resource.name}
    assert names == {f"out of {kind}-eu-west-1"}


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        ({"iam.ListUserPolicies": {"PolicyNames": ["hand"]}}, "hand"),
        ({"iam.ListAccessKeys": {"AccessKeyMetadata": [{"AccessKeyId": "AKIA" + "1" * 16}]}}, "AKIA" + "1" * 16),
        ({"iam.ListGroupsForUser": {"Groups": [{"GroupName": "admins"}]}}, "admins"),
    ],
)
def test_what_a_user_has_by_hand(answer: JSON, name: str) -> None:
    build = Builder()
    build("iam/user:User", "user", name="user")
    assert strangers(build.graph(), answer) == {f"{name} of user"}


def test_groups_that_a_user_is_declared_in() -> None:
    build = Builder()
    build("iam/user:User", "user", name="user")
    build("iam/userGroupMembership:UserGroupMembership", "its", user="user", groups=["readers", "writers"])
    build("iam/groupMembership:GroupMembership", "those", group="owners", users=["user"], name="those")
    listed = [{"GroupName": name} for name in ("readers", "writers", "owners")]
    assert strangers(build.graph(), {"iam.ListGroupsForUser": {"Groups": listed}}) == set()


def test_users_of_a_group() -> None:
    build = Builder()
    for name in ("readers", "others"):
        build("iam/group:Group", name, name=name)
    build("iam/groupMembership:GroupMembership", "those", group="readers", users=["ann"], name="those")
    build("iam/userGroupMembership:UserGroupMembership", "its", user="bob", groups=["readers"])
    users = [
        {"UserName": name, "Path": "/", "UserId": "A" * 16, "Arn": "a" * 20, "CreateDate": 0}
        for name in ("ann", "bob", "eve")
    ]
    group = {"Path": "/", "GroupName": "g", "GroupId": "A" * 16, "Arn": "a" * 20, "CreateDate": 0}
    listed = {"iam.GetGroup": {"Users": users, "Group": group}}
    assert strangers(build.graph(), listed) == {
        "eve of readers",
        *(f"{name} of others" for name in ("ann", "bob", "eve")),
    }


@pytest.mark.parametrize("token", ["eventPermission:EventPermission", "eventBusPolicy:EventBusPolicy"])
def test_statements_of_a_bus(token: str) -> None:
    build = Builder()
    bus = build("cloudwatch/eventBus:EventBus", "bus", name="bus")
    both = [
        {"Sid": name, "Effect": "Allow", "Principal": "*", "Action": "events:PutEvents"} for name in ("own", "hand")
    ]
    inputs: JSON = {"statementId": "own", "policy": json.dumps({"Statement": both[:1]})}
    build(f"cloudwatch/{token}", "its", eventBusName=bus.name, **inputs)
    for listed, by_hand in (([*both, {}, {}], {"hand", "without Sid", "without Sid (2)"}), (both[1], {"hand"})):
        answer = {"events.DescribeEventBus": {"Policy": json.dumps({"Statement": listed})}}
        assert strangers(build.graph(), answer) == {f"{name} of bus" for name in by_hand}


@pytest.mark.parametrize(
    ("change", "count"),
    [
        ({}, 0),
        ({"Principal": "*"}, 1),
        ({"Action": "ecr:*"}, 1),
        ({"Action": [], "NotAction": "ecr:DeleteRepository"}, 1),
        ({"Condition": {"StringLike": {"aws:sourceArn": "arn:aws:lambda:*:*:function:*"}}}, 1),
        ({"Condition": {"StringLike": {"aws:sourceArn": "arn:aws:lambda:eu-west-1:999999999999:function:*"}}}, 1),
        ({"Condition": {"StringLike": {"aws:sourceArn": "arn:aws:lambda:eu-west-1:123456789012:function:*"}}}, 0),
    ],
)
def test_what_lambda_writes_into_a_repository(change: JSON, count: int) -> None:
    """A function with an image adds its statement. Somebody else's of the same Sid is no default."""
    build = Builder()
    build("ecr/repository:Repository", "images")
    statement = {
        "Sid": "LambdaECRImageRetrievalPolicy",
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        **change,
    }
    answer = {"ecr.GetRepositoryPolicy": {"policyText": json.dumps({"Statement": [statement]})}}
    assert len(strangers(build.graph(), answer)) == count


def invoked(build: Builder, sid: str, **whom: Any) -> None:
    its: JSON = {"statementId": sid, "action": "lambda:InvokeFunction", "principal": "a.amazonaws.com", **whom}
    build("lambda/permission:Permission", f"permission {sid}", **its)


def test_a_permission_for_an_alias() -> None:
    """What one function's alias declares hides nothing at another's, nor at the function itself."""
    build = Builder()
    arn = "arn:aws:lambda:eu-west-1:1:function"
    for name in ("first", "second"):
        build("lambda/function:Function", name, name=name)
        build("lambda/alias:Alias", f"{name}-live", name="live", functionName=name, functionVersion="1")
    invoked(build, "by-input", function=f"{arn}:first", qualifier="live")
    invoked(build, "by-arn", function=f"{arn}:first:live")
    invoked(build, "read-back", function=f"{arn}:first:live", qualifier="live")
    invoked(build, "of-none", function="first", qualifier="$LATEST")
    sids = ("by-input", "by-arn", "read-back")
    listed = [{"Sid": sid, "Principal": "*", "Action": "lambda:InvokeFunction"} for sid in (*sids, "of-none")]
    answer = {"lambda.GetPolicy": {"Policy": json.dumps({"Statement": listed})}}
    others = {f"{sid} of {where}" for sid in sids for where in ("first", "second", "second-live")}
    assert strangers(build.graph(), answer) == others | {
        "of-none of second",
        "of-none of second-live",
        "of-none of first-live",
    }


def test_what_is_not_read_of_a_member_is_not_known() -> None:
    """Defaults of the provider would be sentences about somebody else's machine."""
    build = Builder()
    build("ec2/securityGroup:SecurityGroup", "group")
    aws = FakeAws(graph := deployed(build.graph()))
    options = {"HttpTokens": "required", "HttpEndpoint": "enabled"}
    aws.more["ec2.DescribeInstances"] = machine(PublicIpAddress="192.0.2.1", MetadataOptions=options)
    (member,) = (one for one in undeclared(graph, Cloud(aws), Found(), {}) if one.kind == "Instance")
    assert member.inputs["associatePublicIpAddress"] is True
    assert member.inputs["metadataOptions"]["httpTokens"] == "required"
    assert member.inputs["userData"] is UNKNOWN
    assert member.inputs["ebsBlockDevices"] is UNKNOWN


@pytest.mark.parametrize(
    ("parent", "member", "answer"),
    [
        ({"apigateway/domainName:DomainName": {"domainName": "a.example.com"}},
         {"apigatewayv2/apiMapping:ApiMapping": {"domainName": "a.example.com", "apiMappingKey": "v1", "apiId": "i"}},
         {"apigateway.GetBasePathMappings": {"items": [{"basePath": "v1"}]}}),
        ({"apigatewayv2/domainName:DomainName": {"domainName": "a.example.com"}},
         {"apigateway/basePathMapping:BasePathMapping": {"domainName": "a.example.com", "basePath": "v1"}},
         {"apigatewayv2.GetApiMappings": {"Items": [{"ApiMappingId": "x", "ApiMappingKey": "v1"}]}}),
        ({"apigateway/restApi:RestApi": {}},
         {"apigateway/deployment:Deployment": {"restApi": "{id}", "stageName": "prod"}},
         {"apigateway.GetStages": {"item": [{"stageName": "prod"}]}}),
        ({"sns/topic:Topic": {}},
         {"chatbot/slackChannelConfiguration:SlackChannelConfiguration": {"snsTopicArns": ["{arn}"]}},
         {"sns.ListSubscriptionsByTopic": {"Subscriptions": [
             {"Protocol": "https", "Endpoint": "https://global.sns-api.chatbot.amazonaws.com"}]}})
    ]
)  # fmt: skip
def test_members_that_a_resource_of_another_type_declares(parent: JSON, member: JSON, answer: JSON) -> None:
    for declared in (True, False):
        build = Builder()
        ((token, inputs),) = parent.items()
        made = build(token, "parent", **inputs)
        ((kind, its),) = member.items()
        refs: JSON = {"{id}": made.id, "{arn}": made.arn, "['{arn}']": [made.arn]}
        if declared:
            written: JSON = {key: refs.get(str(value), value) for key, value in its.items()}
            build(kind, "member", **written)
        assert bool(strangers(build.graph(), answer)) is not declared


def test_what_another_account_declares_hides_nothing_here() -> None:
    build = Builder()
    build("lambda/function:Function", "here", name="app")
    build("lambda/permission:Permission", "there", function="app", statementId="out")
    aws = FakeAws(graph := deployed(build.graph()))
    aws.more["lambda.GetPolicy"] = {"Policy": json.dumps({"Statement": [{"Sid": "out", "Principal": "*"}]})}
    permission = next(resource.urn for resource in graph if resource.name == "there")
    for elsewhere, count in ((f"{OF_ANOTHER}1: run it", 1), ("its provider has credentials of its own", 0)):
        found = Found()
        assert len([*undeclared(graph, Cloud(aws), found, {permission: elsewhere})]) == count
        assert [name for why, name in found.unread if "GetPolicy" in why] == ["here"] * (1 - count)


def test_values_of_maps_are_not_shown() -> None:
    """A header or a stage variable by hand may be a secret that the state has too."""
    build = Builder()
    build("apigatewayv2/api:Api", "api", protocolType="HTTP")
    build("sns/topic:Topic", "topic")
    balancer = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/a/1"
    build("lb/listener:Listener", "listener", port=80, loadBalancerArn=balancer)
    graph = deployed(build.graph())
    aws = FakeAws(graph)
    its = {"IntegrationId": "i", "RequestParameters": {"overwrite:header.Authorization": "Bearer hunter2"}}
    aws.more["apigatewayv2.GetIntegrations"] = {"Items": [its]}
    aws.more["apigatewayv2.GetStages"] = {"Items": [{"StageName": "s", "StageVariables": {"apikey": "hunter2"}}]}
    its = {"IntegrationId": "i", "IntegrationUri": "https://u:hunter2@h.example/?key=hunter2", **its}
    aws.more["apigatewayv2.GetIntegrations"] = {"Items": [its]}
    subscription = {"Protocol": "https", "Endpoint": "https://e.example.com/hunter2", "SubscriptionArn": "arn:s"}
    aws.more["sns.ListSubscriptionsByTopic"] = {"Subscriptions": [subscription]}
    header = {"HttpHeaderConfig": {"HttpHeaderName": "X-Origin-Verify", "Values": ["hunter2"]}}
    aws.more["elbv2.DescribeRules"] = {"Rules": [{"RuleArn": "arn:r", "IsDefault": False, "Conditions": [header]}]}
    document = json.dumps(report.document(verify(refreshed(graph), Cloud(aws), Caller(), offline=True)))
    assert [word for word in ("apikey", "arn:s", "httpHeader") if word not in document] == []
    assert "hunter2" not in document


def test_a_path_to_a_machine_by_hand_names_it_and_not_the_component_of_its_group() -> None:
    """The component's own backend is another machine."""
    graph = deployed(graph_of("examples/nat-instance.yaml"))
    aws = FakeAws(graph)
    of = {resource.name: str(resource.id) for resource in graph}
    its = {
        "SecurityGroups": [{"GroupId": of["backend-group"]}],
        "SubnetId": of["network-public-1"],
        "PublicIpAddress": "192.0.2.1",
    }
    aws.change(
        "ec2.DescribeInstances",
        lambda found: found.setdefault("Reservations", []).extend(machine(**its)["Reservations"]),
    )
    document = report.document(verify(refreshed(graph), Cloud(aws), Caller(), offline=True))
    assert [line for line in document["opens"] if line.startswith("i-1 of ")]
    assert not [line for line in document["opens"] if line.startswith("backend")]


def test_the_remedy_does_not_delete_what_another_stack_may_own() -> None:
    build = Builder()
    build("ec2/securityGroup:SecurityGroup", "group")
    aws = FakeAws(graph := deployed(build.graph()))
    aws.more["ec2.DescribeInstances"] = machine()
    (only,) = report.document(verify(refreshed(graph), Cloud(aws), Caller(), offline=True))["drift"]
    assert only["remedy"].startswith("find out who made it: another stack may declare it")


def test_targets_of_an_event_rule() -> None:
    build = Builder()
    rule = build("cloudwatch/eventRule:EventRule", "rule", name="rule", scheduleExpression="rate(1 day)")
    build(
        "cloudwatch/eventTarget:EventTarget", "its", rule=rule.name, targetId="own", arn="arn:aws:lambda:x:1:function:f"
    )
    listed = [{"Id": name, "Arn": "arn:aws:lambda:x:1:function:f"} for name in ("own", "hand")]
    assert strangers(build.graph(), {"events.ListTargetsByRule": {"Targets": listed}}) == {"hand of rule"}
