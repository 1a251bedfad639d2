"""Functions that stand in no VPC: the greeter, and one's own from a folder."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pulumi
import pytest

from components.alerts import Alerts
from components.api_function import ApiFunction
from components.arguments.local_files import find_local_path
from components.facts import limits
from components.fargate_backend import FargateBackend
from components.greeter import Greeter
from components.recording.values import reveal
from components.testing.recorder import Graph
from tests.components.arguments_of_each import BASE, VPC
from tests.helpers.declare import assert_tidy, declare, one, refusal
from tests.helpers.policies import Decision, allows


def greeter(known: bool = True, **args: Any) -> Graph:
    return declare(lambda: Greeter("backend", args), known=known)


def test_the_greeter_has_its_log_level_and_its_log_is_deleted() -> None:
    graph = greeter(log_level="DEBUG", log_retention_days=7)
    function = one(graph, "Function").inputs
    assert function["environment"]["variables"] == {"LOG_LEVEL": "DEBUG"}
    assert "vpcConfig" not in function
    logs = one(graph, "LogGroup")
    assert function["loggingConfig"]["logGroup"] == logs.state["name"]
    assert logs.inputs["retentionInDays"] == 7
    assert logs.options.retain_on_delete is False
    assert_tidy(graph)
    assert list(graph.resources) == list(greeter(known=False, log_level="DEBUG", log_retention_days=7).resources)


def test_a_function_in_no_vpc_may_make_no_interfaces() -> None:
    policy = json.loads(reveal(one(greeter(), "RolePolicy").inputs["policy"]))
    assert allows(policy, action="ec2:CreateNetworkInterface", resource="*") is Decision.SILENT


@pytest.mark.parametrize(("runtime", "says"), [("python3.9", ["2025-12-15"]), ("python3.13", []), (None, [])])
def test_a_runtime_that_aws_no_longer_mends_is_warned_of(
    runtime: str | None, says: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = list[str]()
    monkeypatch.setattr(pulumi.log, "warn", lambda text, _: said.append(text))
    declare(lambda: ApiFunction("orders", {**BASE[ApiFunction], "runtime": runtime}))
    assert said == [f"orders: AWS ended its support of {runtime} on {day}: take a newer runtime" for day in says]


def test_lambda_may_take_the_role_and_make_interfaces_in_a_vpc() -> None:
    graph = declare(lambda: ApiFunction("orders", {**BASE[ApiFunction], **VPC}))
    (trust,) = json.loads(one(graph, "Role").inputs["assumeRolePolicy"])["Statement"]
    assert (trust["Effect"], trust["Action"], trust["Principal"]) == (
        "Allow",
        "sts:AssumeRole",
        {"Service": "lambda.amazonaws.com"},
    )
    policies = [json.loads(reveal(made.inputs["policy"])) for made in graph if made.type.endswith(":RolePolicy")]
    decisions = [allows(policy, action="ec2:CreateNetworkInterface", resource="*") for policy in policies]
    assert Decision.ALLOW in decisions
    assert Decision.DENY not in decisions


def test_a_folder_becomes_a_function(tmp_path: Path) -> None:
    (tmp_path / "index.mjs").write_text("export const handler = async () => ({statusCode: 200})")
    args: Any = {"folder": str(tmp_path), "handler": "index.handler", "runtime": "nodejs22.x", "memory": 256}
    function = one(declare(lambda: ApiFunction("function-own", args)), "Function").inputs
    assert (function["handler"], function["runtime"], function["memorySize"]) == ("index.handler", "nodejs22.x", 256)


@pytest.mark.parametrize(
    ("root", "working", "found"),
    [
        # pulumi/pulumi#20305: a program with `main: infra/` runs in `infra`
        (".", "infra", "code/handler.py"),
        # and what is beside the program is found too, as with an inline program of the Automation API, whose root is
        # a folder that nobody chose (pulumi/pulumi#5578)
        ("elsewhere", ".", "code/handler.py"),
        (".", ".", "code/handler.py"),
        # Pulumi.yaml's folder comes first
        ("first", ".", "first/code/handler.py"),
    ],
)
def test_paths_start_at_the_project_or_else_at_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: str, working: str, found: str
) -> None:
    for path in ("code/handler.py", "first/code/handler.py", "infra/__main__.py", "elsewhere/Pulumi.yaml"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(path)
    monkeypatch.chdir(tmp_path / working)
    monkeypatch.setattr(pulumi, "get_root_directory", lambda: str(tmp_path / root))
    assert find_local_path("code").joinpath("handler.py").read_text() == found
    assert find_local_path(str(tmp_path / "code")) == tmp_path / "code"


def test_a_path_in_neither_place_names_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulumi, "get_root_directory", lambda: str(tmp_path / "project"))
    monkeypatch.chdir(tmp_path)
    for component, key in ((ApiFunction, "folder"), (ApiFunction, "zip"), (FargateBackend, "build")):
        args: Any = {
            **{name: one for name, one in BASE[component].items() if name not in ("folder", "image")},
            key: "code",
        }
        error = str(refusal(lambda of=component, given=args: of("shop", given)))  # type: ignore[misc]
        assert f"{key}: got 'code'; " in error
        assert f"{tmp_path / 'project' / 'code'} or {tmp_path / 'code'}, or correct the path" in error


def test_what_cannot_be_is_refused() -> None:
    assert "INFO" in str(refusal(lambda: Greeter("backend", {"log_level": "LOUD"})))
    assert "a folder that exists" in str(refusal(lambda: ApiFunction("function-own", {"folder": "nowhere"})))
    assert "budget_emails" in str(refusal(lambda: Alerts("alerts", {"budget_monthly_usd": 50})))


def test_code_that_is_larger_than_lambda_takes_is_refused(tmp_path: Path) -> None:
    def refused(**code: Any) -> str:
        return str(refusal(lambda: ApiFunction("orders", code)))

    (tmp_path / "handler.py").write_text("")
    with (tmp_path / "data").open("wb") as data:
        data.truncate(limits.LAMBDA_CODE_BYTES + 1)
    assert "folder: got '262,144,001 bytes'; at most 262,144,000" in refused(folder=str(tmp_path))
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.write(tmp_path / "data", "data")
    assert "zip: got '262,144,001 bytes'; at most 262,144,000" in refused(zip=str(tmp_path / "a.zip"))
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive, archive.open("data", "w") as member:
        member.write(bytes(limits.LAMBDA_UPLOAD_BYTES))
    assert "at most 52,428,800 of a ZIP archive that is sent with the call" in refused(zip=str(tmp_path / "b.zip"))
    (tmp_path / "c.zip").write_bytes(b"PK\5\6" + b"\xff" * 18)
    assert "a ZIP archive that exists" in refused(zip=str(tmp_path / "c.zip"))


def test_alerts_tell_people_and_watch_the_bill() -> None:
    def program() -> None:
        args: Any = {"emails": ["a@example.com"], "budget_monthly_usd": 50, "budget_emails": ["b@example.com"]}
        pulumi.export("topic", Alerts("alerts", args).topic_arn)

    graph = declare(program)
    assert one(graph, "TopicSubscription").inputs["endpoint"] == "a@example.com"
    assert graph.exports["topic"] == one(graph, "Topic").state["arn"]
    budget = one(graph, "Budget").inputs
    assert (budget["limitAmount"], budget["timeUnit"]) == ("50", "MONTHLY")
    thresholds = [(notice["threshold"], notice["notificationType"]) for notice in budget["notifications"]]
    assert thresholds == [(50, "ACTUAL"), (80, "ACTUAL"), (100, "ACTUAL"), (100, "FORECASTED")]
    assert_tidy(graph)


def test_a_function_that_leaves_its_vpc_keeps_its_rights_until_it_has_changed() -> None:
    """The engine deletes last. https://github.com/aws/aws-cdk/issues/34400

    If an update of the policy, on which the function waits, took the rights, Lambda could not delete its interfaces.
    """
    place = {"vpc_id": "vpc-00000001", "subnet_ids": ["subnet-00000001"]}
    inside = declare(lambda: ApiFunction("made", {"folder": "handlers/greeter", **place}))
    outside = declare(lambda: ApiFunction("made", {"folder": "handlers/greeter"}))
    before, after = ({one.urn: one for one in graph if one.kind == "RolePolicy"} for graph in (inside, outside))
    (gone,) = (policy for urn, policy in before.items() if urn not in after)
    assert "ec2:DeleteNetworkInterface" in gone.inputs["policy"]
    assert all(before[urn].inputs == policy.inputs for urn, policy in after.items())
    assert gone.urn in one(inside, "Function").dependencies
