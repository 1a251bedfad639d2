"""`make prove` as its user sees it, the record, and the documents that are written from it."""

import functools
import json
import shutil
import threading
from pathlib import Path
from typing import Any

import boto3
import pytest
from pulumi.automation import LocalWorkspace, LocalWorkspaceOptions
from pulumi.automation.errors import CommandError

from review.prove import automation, command, record
from review.prove.life import Life
from review.prove.table import TABLE, read_table
from review.tests.helpers.stacks import ROOT
from review.verify.cloud import NotRead
from tools import claims

ANSWERS = {
    "sts.GetCallerIdentity": {"Account": "111122223333"},
    "ec2.DescribeVpcs": {"Vpcs": [{}]},
    "apigateway.GetAccount": {"cloudwatchRoleArn": "arn:aws:iam::111122223333:role/logs"},
}
GIVEN = ["--region", "eu-west-1", "--email", "me@example.com"]


@pytest.fixture
def prove(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Runs the command where the CLI is a script and AWS answers as `ANSWERS` has it."""

    def proved(*arguments: str, cli: str = "echo 3.272.0", answers: Any = ANSWERS, keys: bool = True) -> int:
        class Cloud:
            session = boto3.Session(*(("key", "secret") if keys else ()))

            def __init__(self, *_: Any) -> None:
                self.asked: list[str] = []

            def ask(self, call: str, *_: Any) -> Any:
                if isinstance(answer := answers.get(call, {}), Exception):
                    raise answer
                return answer

        for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "PULUMI_BACKEND_URL"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        monkeypatch.setattr(command, "Cloud", Cloud)
        monkeypatch.setattr(record, "FOLDER", tmp_path / "prove-records")
        monkeypatch.setenv("PATH", str(tmp_path / "bin"))
        program(tmp_path / "bin", "pulumi", cli)
        program(tmp_path / "bin", "curl", "exit 7")
        return command.main([*arguments, "--project", str(ROOT)], "make prove")

    return proved


def program(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    if script:
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)


REFUSED: list[tuple[list[str], dict[str, Any], str]] = [
    (GIVEN, {"cli": ""}, "pulumi is not on the PATH: install it from https://"),
    (GIVEN, {"cli": "echo 2.1.0"}, "the Pulumi CLI: Minimum version requirement failed"),
    (["--email", "me@example.com"], {}, "region: got none; want one such as eu-west-1: give it with --region"),
    (["--region", "eu-west-9"], {}, "region: got eu-west-9; want one such as eu-west-1"),
    (GIVEN, {"keys": False}, "there are no AWS credentials here: run `aws sso login`, or set AWS_PROFILE"),
    (GIVEN, {"answers": {"sts.GetCallerIdentity": NotRead("expired")}}, "sts.GetCallerIdentity in eu-west-1: expired"),
    ([*GIVEN, "--account", "444455556666"], {}, "the credentials are of account 111122223333, and not of 444455556666"),
    (GIVEN[:2], {}, "--email: got nothing; want the address that the budget alarm notifies"),
    ([*GIVEN, "--only", "proxy"], {}, "--only: got proxy; want some of proxy-rest, proxy-http"),
    (GIVEN, {"answers": {**ANSWERS, "ec2.DescribeVpcs": {"Vpcs": [{}] * 5}}}, "eu-west-1 has 5 VPCs of 5"),
    ([*GIVEN, "--only", "link-http"], {}, "nobody can answer here: give --yes"),
]


@pytest.mark.parametrize(("arguments", "given", "message"), REFUSED)
def test_what_is_missing_is_named_before_anything_is_created(
    prove: Any, capsys: Any, arguments: list[str], given: dict[str, Any], message: str
) -> None:
    assert prove(*arguments, **given) == 2
    assert message in capsys.readouterr().err


class Deployed:
    """A stack whose commands all succeed."""

    def __init__(self) -> None:
        self.deployed: list[Any] = []
        self.configs: list[Any] = []

    def write(self, config: Any) -> None:
        self.configs.append(config)

    def up(self) -> None:
        outputs = {"apiUrl": "https://127.0.0.1:9"}
        self.deployed = [{"urn": "u::s", "type": "pulumi:pulumi:Stack", "outputs": outputs}]

    def destroy(self) -> None:
        self.deployed = []

    def list_resources(self) -> list[Any]:
        return self.deployed

    def nothing(self, **_: Any) -> None:
        pass

    preview = refresh = forget = interrupt = allow = unlock = nothing


def test_a_run_prints_its_price_writes_a_proof_and_leaves_nothing(
    prove: Any, capsys: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stack = Deployed()
    monkeypatch.setattr(automation, "create", lambda *_: stack)
    monkeypatch.setattr(command, "Life", functools.partial(Life, patience=0))
    assert prove(*GIVEN, "--yes", "--only", "link-http") == 1  # nothing answers at this address
    out = capsys.readouterr().out
    assert "resources  $0.035 an hour" in out
    assert "in all $0.04 an hour, and $0.14 at most: everything is destroyed after 2 hours" in out
    assert "nothing is left in the account" in out
    assert "did not hold on link-http (deployed): a signed call reaches the backend" in out
    (file,) = (tmp_path / "prove-records").glob("*.json")
    record = json.loads(file.read_text())
    assert {row["row"] for row in record["rows"]} == {row.id for row in read_table(TABLE).rows}
    assert record["region"] == "eu-west-1"
    assert {"111122223333", "127.0.0.1", "me@example.com"} & {*file.read_text().replace('"', " ").split()} == set()
    config = stack.configs[0]
    assert config["protection"]["budget"] == {"monthlyUsd": 20, "emails": ["me@example.com"]}
    assert config["aws:allowedAccountIds"] == ["111122223333"]
    assert config["aws:defaultTags"]["tags"].keys() == {"gatehouse-prove"}
    assert [each["backend"]["image"] for each in stack.configs] == ["traefik/whoami:v1.10.4", "traefik/whoami:v1.11.0"]


def test_clean_destroys_what_stands(prove: Any, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    stack = Deployed()
    stack.up()
    monkeypatch.setattr(automation, "list_deployments", lambda *_: {"prove-abc-private": stack})
    assert prove("--clean", "--yes", "--region", "eu-west-1") == 0
    assert not stack.deployed
    assert "  prove-abc-private\n1 stacks of earlier runs\n" in capsys.readouterr().out


def test_the_cli_is_interrupted_alone_and_selects_no_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trap = 'trap "echo error: canceled >&2; exit 130" INT'
    wait = 'case "$*" in *version) echo 3.272.0;; *up) while :; do sleep 0.05; done;; esac'
    program(tmp_path, "pulumi", f'{trap}\necho "$@" >> calls\n{wait}')
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.chdir(tmp_path)
    cli = automation.Cli(tmp_path / "log")
    LocalWorkspace(**vars(LocalWorkspaceOptions(work_dir=str(tmp_path), pulumi_command=cli))).create_stack("prove-x")
    cli.run(["stack", "select", "--stack", "prove-x"], str(tmp_path), {})
    threading.Timer(0.5, cli.interrupt).start()
    with pytest.raises(CommandError, match="canceled"):
        cli.run(["up"], str(tmp_path), {})
    with pytest.raises(CommandError, match="stopped"):
        cli.run(["up"], str(tmp_path), {})
    calls = (tmp_path / "calls").read_text()
    assert "stack init prove-x --no-select" in calls
    assert "select " not in calls.replace("--no-select", "")


def test_an_error_of_the_cli_is_its_reason() -> None:
    unhandled = "error: Program failed with an unhandled exception:\n  File x\n  ValueError: boom\nerror: update failed"
    for printed, told in (
        ("error: creating a role: AccessDenied\n  error: update failed", "error: creating a role: AccessDenied"),
        (unhandled, "ValueError: boom"),
        ("no stack", "no stack"),
    ):
        assert automation._find_last_line(printed).endswith(told)


def made_up(root: Path, date: str, results: dict[str, str]) -> None:
    rows = [{"row": row, "stack": "s", "when": "deployed", "result": result} for row, result in results.items()]
    (root / "prove-records").mkdir(exist_ok=True)
    (root / "prove-records" / f"{date}.json").write_text(
        json.dumps({"date": date[:10], "region": "eu-west-1", "rows": rows})
    )


def test_documents_are_rendered_from_the_newest_proof_of_each_row(tmp_path: Path) -> None:
    for name in ("README.md", "CHANGELOG.md"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "docs").mkdir()
    number = len(read_table(TABLE).rows)
    before = claims.build_texts(tmp_path)
    assert f"None of the {number} claims about AWS was tried in an account." in before[tmp_path / "README.md"]
    made_up(tmp_path, "2027-01-09", {"no-stage": "did not hold", "host": "held"})
    made_up(tmp_path, "2027-01-10", {"no-stage": "held", "query": "held", "key": "not tried"})
    made_up(tmp_path, "2027-01-10-2", {"query": "did not hold"})
    texts = claims.build_texts(tmp_path)
    rows = {line.split("]")[0]: line for line in texts[tmp_path / "docs/claims.md"].splitlines()}
    for claim, result in {
        "the backend receives the client's path without the stage": "held on 2027-01-10, eu-west-1",
        "an HTTP API's VPC link passes on the host that the client called": "held on 2027-01-09, eu-west-1",
        "the query arrives with repeated names and in order": "did not hold on 2027-01-10, eu-west-1",
    }.items():
        assert rows[f"- [{claim}"].endswith(f" **{result}**")
    assert not rows["- [a route with `keyRequired` refuses a call without a key"].endswith("**")
    counted = f"2 held in an account, 1 did not hold, and {number - 3} were not tried (newest record: 2027-01-10)."
    for name in ("README.md", "CHANGELOG.md", "docs/claims.md"):
        assert f"Of {number} claims about AWS, {counted}" in texts[tmp_path / name]
