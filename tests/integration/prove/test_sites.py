"""A deployed stack as the rows ask it, and the roles that a destroy keeps."""

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from review.prove.sites import delete_kept_roles, make_live_site
from review.verify.cloud import Cloud, NotRead

KEEPS: dict[str, Any] = {
    "type": "aws:iam/role:Role",
    "outputs": {"name": "front-account-logs-1", "arn": "arn:aws:iam::1:role/front-account-logs-1"},
}
STATE: list[dict[str, Any]] = [
    {"urn": "u::p-s", "type": "pulumi:pulumi:Stack", "outputs": {"apiUrl": "https://a.example.com/live"}},
    {"urn": "u::front-key-caller", "type": "aws:apigateway/apiKey:ApiKey", "id": "k1"},
    {"urn": "u::consumer-instance", "type": "aws:ec2/instance:Instance", "id": "i-1", "outputs": {"arn": "a"}},
]


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`aws("iam")` is a cloud whose clients of this service answer as their stub has it."""

    def made(service: str) -> tuple[Cloud, Stubber]:
        session = boto3.Session("key", "secret", region_name="eu-west-1")
        client = session.client(service)
        # Others are asked to read, by `Cloud.ask`, which tests replace.
        monkeypatch.setattr(session, "client", lambda *_, **__: client)
        stub = Stubber(client)
        stub.activate()
        return Cloud(session), stub

    return made


@pytest.mark.parametrize("used", [True, False])
def test_a_log_role_is_deleted_unless_the_account_uses_it(
    aws: Any, monkeypatch: pytest.MonkeyPatch, used: bool
) -> None:
    cloud, stub = aws("iam")
    answers = {
        "apigateway.GetAccount": {"cloudwatchRoleArn": KEEPS["outputs"]["arn"] if used else "arn:other"},
        "iam.ListAttachedRolePolicies": {"AttachedPolicies": [{"PolicyArn": "arn:aws:iam::aws:policy/logs"}]},
    }
    monkeypatch.setattr(cloud, "ask", lambda call, *_: answers[call])
    if not used:
        name = {"RoleName": "front-account-logs-1"}
        stub.add_response("detach_role_policy", {}, {**name, "PolicyArn": "arn:aws:iam::aws:policy/logs"})
        stub.add_response("delete_role", {}, name)
    failed, stays = delete_kept_roles([KEEPS], cloud, "eu-west-1")
    stub.assert_no_pending_responses()
    assert not failed
    assert [line.partition(":")[0] for line in stays] == (["the role front-account-logs-1"] if used else [])


def test_a_log_role_that_aws_does_not_delete_is_named(aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: Any) -> Any:
        raise NotRead("denied")

    cloud, _ = aws("iam")
    monkeypatch.setattr(cloud, "ask", denied)
    ((line,), _) = delete_kept_roles([KEEPS], cloud, "eu-west-1")
    assert line.endswith("run `aws iam delete-role --role-name front-account-logs-1`")


def test_the_site_is_read_from_the_state_and_the_consumer_runs_commands(
    aws: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud, stub = aws("ssm")
    monkeypatch.setattr(cloud, "ask", lambda call, arguments, _: {"value": f"{call} {arguments['apiKey']}"})
    site = make_live_site(STATE, cloud, "eu-west-1")
    assert site.url == "https://a.example.com/live"
    assert site.resources["consumer-instance"] == {"arn": "a", "id": "i-1"}
    assert site.credentials.access_key == "key"
    assert site.key() == "apigateway.GetApiKey k1"
    assert site.consumer is not None
    command = {"CommandId": "0" * 36}
    stub.add_response("send_command", {"Command": command})
    found = {**command, "Status": "Success", "StandardOutputContent": "out"}
    for _ in range(2):
        stub.add_response("get_command_invocation", found, {**command, "InstanceId": "i-1"})
    assert site.consumer("curl") == "out"
    stub.add_client_error("send_command", "InvalidInstanceId")
    with pytest.raises(NotRead, match="InvalidInstanceId"):
        site.consumer("curl")
