"""`gatehouse new`: whatever is answered, the stack file runs and breaks no rule, and nothing is overwritten."""

import io
import itertools
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from review.cli import new
from review.evaluate.project_file import load
from review.evaluate.runner import run
from review.evaluate.stack_file import from_document
from review.rules.check import failed
from tests.stacks import ROOT

Refused = Callable[..., str]
FLAGS = {
    "region": "eu-west-1",
    "image": "traefik/whoami:v1.11.0",
    "port": "80",
    "url": "http://10.20.30.40:8080",
    "vpc": "vpc-0a1b2c3d4e5f60718",
    "subnets": "subnet-0a1b2c3d4e5f60718, subnet-0b1c2d3e4f5061728",
    "issuer": "https://issuer.example.com",
    "audience": "orders",
}


def flags(**given: str) -> dict[str, str]:
    """Choices, with the flags that belong to them."""
    chosen = (f"--backend {given['backend']}", f"--callers {given['callers']}", "--backend ec2 or fargate")
    fits = {"": True, chosen[0]: True, chosen[1]: True, chosen[2]: given["backend"] in ("ec2", "fargate")}
    return {flag: text for flag, text in FLAGS.items() if fits.get(new._QUESTIONS[flag].only_with)} | given


@pytest.mark.parametrize(("backend", "callers"), list(itertools.product(new.BACKENDS, new.CALLERS)))
def test_every_stack_file_passes_every_rule(backend: str, callers: str) -> None:
    email = "-" if callers in ("iam", "anybody") else "operations@example.com"
    text = new.written(new.config(flags(backend=backend, callers=callers, email=email), None))
    project = load(ROOT)
    graph = run(project, from_document(project, "new", yaml.safe_load(text)), reimport=False)
    assert failed(graph) == frozenset()
    assert text.startswith("# Written by")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "Pulumi.yaml").write_bytes((ROOT / "Pulumi.yaml").read_bytes())
    return tmp_path


@pytest.fixture
def refused(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Refused:
    """`refused(*arguments)` is what the command prints when it refuses them, with nobody at the terminal."""
    monkeypatch.setattr("sys.stdin", io.StringIO())

    def message(*arguments: str) -> str:
        with pytest.raises(SystemExit) as ended:
            new.main(["--project", str(project), *arguments], "gatehouse new")
        assert ended.value.code == 2
        return capsys.readouterr().err

    return message


def test_flags_write_a_file_and_say_what_comes_next(project: Path) -> None:
    flags = ["shop", "--backend", "ec2", "--image", "nginx:1.29", "--callers", "key"]
    command = [sys.executable, "-m", "review.cli", "new", "--project", str(project), *flags]
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "make preview STACK=shop" in done.stdout
    written = yaml.safe_load((project / "Pulumi.shop.yaml").read_text())["config"]
    assert written["backend"] == {"kind": "ec2", "image": "nginx:1.29", "port": 8080}
    assert "protection" not in written


def test_a_file_that_exists_is_left_as_it_is(project: Path, refused: Refused) -> None:
    (project / "Pulumi.dev.yaml").write_text("mine")
    assert "exists and is left as it is" in refused("--backend", "greeter", "--callers", "iam")
    assert (project / "Pulumi.dev.yaml").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--backend", "ec2"], "--image: got no answer; an image such as nginx:1.29"),
        (["--backend", "vm"], "--backend: got 'vm'; one of ec2, fargate, url, greeter"),
        (["--backend", "greeter", "--region", "eu-west"], "--region: got 'eu-west'; a region of AWS such as eu-"),
        (["--backend", "greeter", "--region", "eu-wset-1"], "such as eu-west-1; did you mean eu-west-1?"),
        (["--backend", "greeter", "--region", "xx-north-7"], "--region: got 'xx-north-7'"),
        (["--backend", "greeter", "--image", "nginx"], "--image: only with --backend ec2 or fargate; leave it out"),
        (["--backend", "url", "--url", "10.0.0.1"], "--url: got '10.0.0.1'; http(s)://host[:port]"),
        (["--backend", "url", "--url", "http://a", "--vpc", "vpc-1"], "--vpc: got 'vpc-1'"),
        (["--backend", "url", "--url", "http://a", "--vpc", FLAGS["vpc"], "--subnets", "x"], "--subnets: got 'x'"),
        (["--backend", "url", "--url", "http://a/b?c", "--vpc", FLAGS["vpc"]], "--url: got 'http://a/b?c'"),
        (["--backend", "ec2", "--image", "two words"], "--image: got 'two words'"),
        (["--backend", "ec2", "--image", "nginx", "--port", "70000"], "--port: got '70000'; a port from 1 to 65535"),
        (["--backend", "ec2", "--image", "nginx", "--port", "²"], "--port: got '²'"),
        (
            ["--backend", "url", "--url", "http://u:p@a"],
            "--url: got 'http://(hidden)@a'; http(s)://host[:port] without",
        ),
        (["--backend", "url", "--url", "http://a:99999", "--vpc", FLAGS["vpc"]], "--url: got 'http://a:99999'"),
        (["a/b", "--backend", "greeter"], "the stack's name is 'a/b'"),
        (["..", "--backend", "greeter"], "the stack's name is '..'"),
    ],
)
def test_what_is_missing_or_wrong_writes_nothing(
    project: Path, refused: Refused, arguments: list[str], message: str
) -> None:
    assert message in refused(*arguments)
    assert list(project.glob("**/Pulumi.*.yaml")) == []


def test_all_mistakes_come_together(refused: Refused) -> None:
    flags = ["--backend", "url", "--url", "x", "--region", "eu", "--callers", "token", "--email", "me", "--port", "80"]
    lines = refused("a/b", *flags).splitlines()
    assert lines[-10].endswith("error: 9 mistakes; nothing was written")
    named = [
        "the stack's name",
        "--region",
        "--url",
        "--email",
        "--issuer",
        "--audience",
        "--vpc",
        "--subnets",
        "--port",
    ]
    assert [line.strip().partition(":")[0].partition(" is ")[0] for line in lines[-9:]] == named


def test_a_wrong_choice_leads_to_no_mistake_that_may_be_none(refused: Refused) -> None:
    said = refused("--backend", "vm", "--image", "nginx", "--vpc", "vpc-1", "--callers", "iam")
    assert [line.strip()[:9] for line in said.splitlines()[-2:]] == ["--backend", "--vpc: go"]


def test_nobody_answers_questions_beside_a_wrong_flag() -> None:
    def ask(*_: object) -> str:
        raise AssertionError("asked in vain")

    with pytest.raises(new.AnswersError, match="1 mistake; nothing was written\n  --port: got '0'"):
        new.config({"port": "0"}, ask)


def test_a_region_of_the_environment_must_be_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "somewhere")
    with pytest.raises(new.AnswersError, match="--region: got 'somewhere'"):
        new.config({"backend": "greeter"}, None)


def test_another_project_is_refused(project: Path, refused: Refused) -> None:
    (project / "Pulumi.yaml").write_text("name: other\nruntime: python\n")
    said = refused()
    assert "holds no project of Gatehouse" in said
    # What flags lack matters where there is a project.
    assert "--image" not in said.partition("error:")[2]


def test_a_person_is_asked_until_the_answer_fits(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    answers = iter(["", "lambda", "greeter", "token", "http://no", "https://issuer.example.com", "orders", ""])
    monkeypatch.setattr("builtins.input", lambda _: next(answers))
    monkeypatch.delenv("AWS_REGION", raising=False)
    found = new.config({}, new._ask)
    assert (found["aws:region"], found["backend"]) == ("eu-west-1", {"kind": "greeter"})
    assert found["api"]["authorizers"]["issuer"]["issuer"] == "https://issuer.example.com"
    said = capsys.readouterr().out
    assert "one of ec2, fargate, url, greeter" in said
    assert "an https:// URL" in said
