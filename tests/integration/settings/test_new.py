"""`make new`: every combination of answers is a stack that passes every rule and answers; nothing is overwritten."""

import io
import itertools
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import yaml

from components.stack.new import command as new
from components.stack.new.questions import QUESTIONS
from review.cost.estimate import total
from review.evaluate.project_file import load
from review.evaluate.stack_file import from_document
from review.graph.graph import Graph
from review.tests.bills import estimate
from review.tests.failures import failures
from review.tests.helpers.in_process.evaluation import run
from review.tests.helpers.stacks import ROOT

Refused = Callable[..., str]
CALLERS, BACKENDS = (QUESTIONS[flag].choices for flag in ("caller", "backend"))
ANSWERS = {
    "region": "eu-west-1",
    "image": "traefik/whoami:v1.11.0",
    "platform": "linux/arm64",
    "rate": "20",
    "port": "80",
    "health": "/health",
    "hosts": "api.stripe.com",
    "seconds": "20",
    "url": "http://10.20.30.40:8080",
    "vpc": "vpc-0a1b2c3d4e5f60718",
    "subnets": "subnet-0a1b2c3d4e5f60718, subnet-0b1c2d3e4f5061728",
    "origin": "https://app.example.com",
    "issuer": "https://issuer.example.com",
    "audience": "orders",
    "sender": "stripe",
    "path": "/github-webhook/",
    "quota": "500",
    "burst": "7",
    "partners": "acme, globex",
    "vpcs": "vpc-0b1b2c3d4e5f60718",
    "identity": "iam",
    "consumer": "instance-connect",
    "email": "operations@example.com",
}
USAGE_PLAN = "aws:apigateway/usagePlan:UsagePlan"
NO_FORWARDER = ("webhook", "greeter")
SHORT = ["--caller", "service", "--backend"]


def flags(caller: str, backend: str) -> dict[str, str]:
    """The choices, with the flags that belong to them."""
    chosen = {"caller": caller, "backend": backend}
    # As cheap as the question says: no host that needs a NAT, and no alarm.
    plain = ("hosts", "email") if caller == "service" else ()
    return chosen | {
        flag: text for flag, text in ANSWERS.items() if QUESTIONS[flag].asked(chosen) and flag not in plain
    }


def graph_of_answers(answers: Mapping[str, str]) -> Graph:
    """The graph of the stack file that they lead to."""
    project = load(ROOT)
    text = new.written(new.config(answers, None))
    return run(project, from_document(project, "new", yaml.safe_load(text)), reimport=False)


@pytest.mark.parametrize(
    ("caller", "backend"), [pair for pair in itertools.product(CALLERS, BACKENDS) if pair != NO_FORWARDER]
)
def test_every_stack_file_passes_every_rule(caller: str, backend: str) -> None:
    graph = graph_of_answers(flags(caller, backend))
    assert failures(graph) == []
    if caller == "service":
        assert f"${total(estimate(graph).fixed()):,.2f} per month" in BACKENDS[backend]


NO = {
    "hosts": lambda graph: not graph.of_type("aws:ec2/eip:Eip"),
    "quota": lambda graph: [plan.inputs.get("quotaSettings") for plan in graph.of_type(USAGE_PLAN)] == [None],
    "vpcs": lambda graph: ANSWERS["vpcs"] not in str(graph.of_type("aws:apigateway/restApi:RestApi")[0].inputs),
    "email": lambda graph: not graph.of_type("aws:sns/topic:Topic"),
}
"""Whether a graph has nothing of what `-` answers with none."""


def test_each_question_that_takes_a_dash_is_known() -> None:
    assert {flag for flag, question in QUESTIONS.items() if question.fits("-") and flag != "audience"} == set(NO)


def test_each_partner_has_a_key() -> None:
    assert new.config(flags("partner", "ec2"), None)["api"]["plans"]["callers"]["keys"] == ["acme", "globex"]


def test_a_page_on_the_developers_machine_is_an_origin() -> None:
    given = flags("web-app", "ec2") | {"origin": "http://localhost:5173"}
    assert new.config(given, None)["api"]["cors"]["origins"] == ["http://localhost:5173"]
    assert failures(graph_of_answers(given)) == []


@pytest.mark.slow
def test_a_reader_that_stops_is_no_error(project: Path) -> None:
    given = ["shop", "--backend", "greeter", "--caller", "service", "--project", str(project)]
    out, into = os.pipe()
    os.close(out)
    command = [sys.executable, "-m", "components.stack.new", *given]
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=into, stderr=subprocess.PIPE, check=False)
    os.close(into)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_web_page_may_send_its_token() -> None:
    api = new.config(flags("web-app", "ec2"), None)["api"]
    assert api["cors"]["origins"] == ["https://app.example.com"]
    assert "Authorization" in api["cors"]["headers"]
    assert {*api["cors"]["methods"]} == {*api["routes"][0]["methods"]}


class Asking:
    """A person who asks for an explanation first, and answers then."""

    def __init__(self, replies: Mapping[str, str]) -> None:
        self._replies, self.asked = replies, list[str]()

    def __call__(self, text: str, _choices: object, _default: str) -> str:
        (flag,) = (flag for flag, question in QUESTIONS.items() if question.text == text)
        self.asked.append(flag)
        return self._replies.get(flag, "") if self.asked.count(flag) == 2 else "?"


def test_each_question_has_a_flag_and_an_explanation(capsys: pytest.CaptureFixture[str]) -> None:
    seen = set()
    for caller, backend in itertools.product(CALLERS, BACKENDS):
        if (caller, backend) != NO_FORWARDER:
            person = Asking(flags(caller, backend))
            new.config({}, person)
            shown = capsys.readouterr().out
            assert [flag for flag in person.asked if f"  {QUESTIONS[flag].help}\n" not in shown] == []
            seen |= {*person.asked}
    assert seen == QUESTIONS.keys()
    options = new._parser("new").format_help()
    assert [flag for flag in QUESTIONS if f"--{flag} " not in options] == []


def test_a_partner_may_call_one_path_and_those_below() -> None:
    (route,) = new.config(flags("partner", "ec2") | {"path": "/orders/"}, None)["api"]["routes"]
    assert route == {"path": "/orders", "methods": ["ANY"], "keyRequired": True}
    anywhere = flags("partner", "ec2")
    del anywhere["path"]
    (route,) = new.config(anywhere, None)["api"]["routes"]
    assert route["path"] == "/"


def test_other_vpcs_and_identities_are_asked_for_and_an_instance_only_comes_if_wanted() -> None:
    found = new.config(flags("vpc", "ec2"), None)
    assert found["api"]["private"] == {"vpcIds": ["vpc-0b1b2c3d4e5f60718"]}
    assert found["api"]["routes"][0]["authorization"] == "iam"
    assert found["consumer"] == {"access": "instance-connect"}
    short = new.config({"caller": "vpc", "backend": "greeter"}, None)
    assert "examples/private-greeter.yaml" in "\n".join(
        new.next_steps("in", Path("Pulumi.in.yaml"), short, name="make new", files={})
    )
    assert new._example(new.config(flags("service", "ec2"), None)) == "scheduled"
    assert "consumer" not in short
    assert "private" not in short["api"]
    assert "authorization" not in short["api"]["routes"][0]


def test_answers_that_do_not_go_together_are_asked_again(capsys: pytest.CaptureFixture[str]) -> None:
    given = iter(["webhook", "greeter", "ec2", "", "nginx:1.29", *[""] * 20])
    assert new.config({}, lambda *_: next(given))["backend"]["kind"] == "ec2"
    assert "a greeter has no forwarder" in capsys.readouterr().out


def test_a_webhook_is_checked_and_its_secret_is_not_written() -> None:
    found = new.config(flags("webhook", "ec2") | {"sender": "github"}, None)
    assert found["proxy"]["webhook"]["scheme"] == "github"
    assert "secure" in found["proxy"]["webhook"]["secret"]
    assert found["api"]["policy"] == {"allow": ["github-hooks"]}
    steps = "\n".join(new.next_steps("hooks", Path("Pulumi.hooks.yaml"), found, name="make new", files={}))
    assert "pulumi config set --secret" in steps


def test_answers_of_a_person_are_explained_and_asked_again(capsys: pytest.CaptureFixture[str]) -> None:
    given = iter(["?", "someone", "service", "ec2", "", "nginx:1.29", "", "70000", "80", "", "", "", ""])
    found = new.config({}, lambda *_: next(given))
    shown = capsys.readouterr().out
    assert "how callers prove who they are" in shown
    assert "one of web-app" in shown
    assert "a number from 1 to 65535" in shown
    assert found["backend"] == {"kind": "ec2", "image": "nginx:1.29", "port": 80}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "Pulumi.yaml").write_bytes((ROOT / "Pulumi.yaml").read_bytes())
    return tmp_path


@pytest.fixture
def refused(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Refused:
    """`refused(*arguments)` is the message when the command refuses them, without a terminal."""
    monkeypatch.setattr("sys.stdin", io.StringIO())

    def message(*arguments: str) -> str:
        assert new.main(["--project", str(project), *arguments], "make new") == 2
        said = capsys.readouterr().err
        assert (said[:10], "this is no terminal" in said) == ("make new: ", "got no answer" in said)
        return said

    return message


def test_flags_write_a_file_and_name_the_next_steps(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    given = ["shop", "--backend", "ec2", "--image", "nginx:1.29", "--caller", "partner"]
    assert new.main(["--project", str(project), *given], "make new") == 0
    shown = capsys.readouterr().out
    for step in ("make try STACK=shop", "make preview STACK=shop", "pulumi up", "pulumi destroy"):
        assert step in shown
    written = yaml.safe_load((project / "Pulumi.shop.yaml").read_text())["config"]
    assert written["backend"] == {"kind": "ec2", "image": "nginx:1.29", "port": 8080}
    assert "protection" not in written


def test_a_file_that_exists_is_left_as_it_is(project: Path, refused: Refused) -> None:
    (project / "Pulumi.dev.yaml").write_text("mine")
    assert "exists and is left as it is" in refused(*SHORT, "greeter")
    assert (project / "Pulumi.dev.yaml").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ec2"], "--image: got no answer; an image such as"),
        (["vm"], "--backend: got 'vm'; one of ec2, fargate, url, greeter"),
        (["greeter", "--region", "eu-wset-1"], "such as eu-west-1; did you mean eu-west-1?"),
        (["greeter", "--image", "nginx"], "--image: only with --backend ec2 or fargate; leave it out"),
        (["url", "--url", "10.0.0.1"], "--url: got '10.0.0.1'; http(s)://host[:port]"),
        (["url", "--url", "http://a", "--vpc", "vpc-1"], "--vpc: got 'vpc-1'"),
        (["url", "--url", "http://a", "--vpc", ANSWERS["vpc"], "--subnets", "x"], "--subnets: got 'x'"),
        (["ec2", "--image", "two words"], "--image: got 'two words'"),
        (["ec2", "--image", "nginx", "--port", "70000"], "--port: got '70000'; a number from 1 to 65535"),
        (["ec2", "--image", "nginx", "--port", "²"], "--port: got '²'"),
        (["ec2", "--image", "nginx", "--seconds", "31"], "--seconds: got '31'; a number from 1 to 29"),
        (["url", "--url", "http://u:p@a"], "--url: got 'http://(hidden)@a'; http(s)://host[:port] without"),
        (["greeter", "--caller", "webhook"], "--backend: got 'greeter'; ec2, fargate or url"),
        (["fargat"], "begin with a copy of examples/existing-balancer.yaml; did you mean fargate?"),
        (["alb"], "--backend: got 'alb'; one of ec2, fargate, url, greeter; in front of a load balancer of yours, "),
        (["greeter", "--caller", "web_app"], "did you mean web-app?"),
        (["greeter", "--caller", "mobile-app", "--issuer", "https://a.eu.auth0.com"], "Auth0's ends with /"),
        (["greeter", "--caller", "partner", "--quota", "0"], "--quota: got '0'; a number"),
        (["greeter", "--caller", "partner", "--burst", "x"], "--burst: got 'x'; a number"),
        (["ec2", "--image", "a", "--caller", "webhook", "--path", "hooks"], "--path: got 'hooks'; a path"),
        (["greeter", "a/b"], "the stack's name is 'a/b'"),
        (["greeter", ".."], "the stack's name is '..'"),
    ],
)
def test_a_missing_or_wrong_answer_writes_nothing(
    project: Path, refused: Refused, arguments: list[str], message: str
) -> None:
    assert message in refused(*SHORT, *arguments)
    assert list(project.glob("**/Pulumi.*.yaml")) == []


@pytest.mark.parametrize(
    ("flag", "value"),
    [(flag, "9" * 5000) for flag in ("rate", "burst", "quota", "port")]
    + [("origin", value) for value in ("https://-:99999", "https://a.example.com:99999", "https://a.example.com:0")],
)
def test_a_number_or_port_that_cannot_be_is_refused(flag: str, value: str, refused: Refused) -> None:
    caller = "web-app" if flag == "origin" else "partner"
    assert f"--{flag}: got" in refused("--caller", caller, "--backend", "ec2", f"--{flag}", value)


def test_all_mistakes_come_together(refused: Refused) -> None:
    given = ["--caller", "web-app", "--backend", "url", "--url", "x", "--region", "eu", "--email", "me", "--port", "80"]
    named = [line.strip().partition(":")[0] for line in refused("a/b", *given).splitlines()[-10:]]
    wanted = {"--region", "--url", "--email", "--origin", "--issuer", "--audience", "--vpc", "--subnets", "--port"}
    assert wanted <= {*named}


def test_a_wrong_choice_leads_to_no_mistake_that_may_be_none(refused: Refused) -> None:
    shown = refused("--backend", "vm", "--image", "nginx", "--vpc", "vpc-1", "--caller", "service")
    assert "only with" not in shown
