"""`make new`: every combination of answers is a stack that passes every rule and answers; nothing is overwritten."""

import io
import itertools
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.stack.new_project import command as new
from components.stack.new_project.project import find_forge, render_files
from components.stack.new_project.questions import QUESTIONS
from components.stack.new_project.source import Source, name_commit, normalize_remote
from review.cost.estimate import add_known
from review.evaluate.stack_file import from_document
from review.graph.graph import Graph
from review.tests.helpers.graph_reports import estimate, list_failures
from review.tests.helpers.in_process.evaluation import run
from review.tests.helpers.in_process.kept import keep
from review.tests.helpers.stacks import ROOT, project

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
    "services": "-",
    "email": "operations@example.com",
}
SERVICES = {
    "ec2": "orders ec2 traefik/whoami:v1.11.0, users ec2 nginx:1.29 8080 /users /people/",
    "fargate": "orders fargate traefik/whoami:v1.11.0 80, users ec2 nginx:1.29 8080 /users /people/",
    "url": "orders url http://10.20.30.41:8080, users url https://users.internal.example.com /users /people/",
}
PAIRS = [pair for pair in itertools.product(CALLERS, BACKENDS) if pair != ("webhook", "greeter")]
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
    text = new.render_stack_file(new.gather_config(answers, None))
    stack = from_document(project(), "new", yaml.safe_load(text))
    return keep(lambda: run(project(), stack, reimport=False), "new", text)


@pytest.mark.parametrize(("caller", "backend"), PAIRS)
def test_every_stack_file_passes_every_rule(caller: str, backend: str) -> None:
    graph = graph_of_answers(flags(caller, backend))
    assert list_failures(graph) == []
    if caller == "service":
        assert f"${add_known(estimate(graph).list_fixed()):,.2f} per month" in BACKENDS[backend]


@pytest.mark.parametrize(
    ("caller", "backend"),
    [pair for pair in PAIRS if QUESTIONS["services"].asked(dict(zip(("caller", "backend"), pair, strict=True)))],
)
def test_a_stack_file_with_further_services_passes_every_rule(caller: str, backend: str) -> None:
    answers = flags(caller, backend) | {"services": SERVICES[backend]}
    config = new.gather_config(answers, None)
    assert [*config["backends"]] == ["orders", "users"]
    wanted = {"/orders": "orders", "/users": "users", "/people": "users"}
    first, *others = config["api"]["routes"]
    assert {route["path"]: route["target"] for route in others} == wanted
    # Callers prove who they are in the same way.
    assert [{**route, "path": first["path"]} for route in others] == [
        first | {"target": one} for one in wanted.values()
    ]
    assert list_failures(graph_of_answers(answers)) == []


def test_a_page_on_the_developers_machine_is_an_origin() -> None:
    assert list_failures(graph_of_answers(flags("web-app", "ec2") | {"origin": "http://localhost:5173"})) == []


def at(config: Any, path: str) -> Any:
    for key in path.split("."):
        config = config[int(key)] if key.isdigit() else config.get(key)
        if config is None:
            break
    return config


@pytest.mark.parametrize(
    ("caller", "more", "path", "value"),
    [
        ("partner", {}, "api.plans.callers.keys", ["acme", "globex"]),
        ("partner", {"quota": "-"}, "api.plans.callers.quota", None),
        ("partner", {"path": "/orders/"}, "api.routes.0", {"path": "/orders", "methods": ["ANY"], "keyRequired": True}),
        ("partner", {"path": None}, "api.routes.0.path", "/"),
        ("partner", {"email": "-"}, "protection", None),
        ("partner", {"hosts": "-"}, "network", None),
        ("web-app", {"origin": "http://localhost:5173"}, "api.cors.origins", ["http://localhost:5173"]),
        ("web-app", {}, "api.cors.headers", ["Authorization", "Content-Type"]),
        ("web-app", {}, "api.cors.methods", ["GET", "POST", "PUT", "PATCH", "DELETE"]),
        ("web-app", {}, "api.routes.0.methods", ["GET", "POST", "PUT", "PATCH", "DELETE"]),
        ("vpc", {}, "api.private", {"vpcIds": ["vpc-0b1b2c3d4e5f60718"]}),
        ("vpc", {"vpcs": "-"}, "api.private", None),
        ("vpc", {}, "api.routes.0.authorization", "iam"),
        ("vpc", {"identity": None}, "api.routes.0.authorization", None),
        ("vpc", {}, "consumer", {"access": "instance-connect"}),
        ("vpc", {"consumer": None}, "consumer", None),
        ("webhook", {"sender": "github"}, "proxy.webhook.scheme", "github"),
        ("webhook", {"sender": "github"}, "proxy.webhook.secret", {"secure": "v1:stand-in:of-an-encrypted-value"}),
        ("webhook", {"sender": "github"}, "api.policy", {"allow": ["github-hooks"]}),
        ("webhook", {}, "api.policy", None),
        ("webhook", {}, "proxy.keepWarm", True),
    ],
)
def test_an_answer_becomes_a_key(caller: str, more: dict[str, str | None], path: str, value: object) -> None:
    answers = {flag: text for flag, text in {**flags(caller, "ec2"), **more}.items() if text is not None}
    assert at(new.gather_config(answers, None), path) == value


@pytest.mark.parametrize(
    ("image", "platform"),
    [
        ("traefik/whoami:v1.11.0", "linux/arm64"),
        ("docker.io/traefik/whoami", "linux/arm64"),
        ("ghcr.io/acme/whoami:1.0", None),
    ],
)
def test_the_image_that_the_questions_name_comes_with_its_platform(image: str, platform: str | None) -> None:
    answers = {flag: text for flag, text in flags("service", "ec2").items() if flag != "platform"} | {"image": image}
    assert at(new.gather_config(answers, None), "backend.platform") == platform


def test_the_next_steps_name_the_secret_to_set_and_an_example_that_is_like_it() -> None:
    for caller, backend, words in (
        ("webhook", "ec2", "pulumi config set --secret"),
        ("vpc", "greeter", "examples/private-greeter.yaml"),
        ("service", "ec2", "examples/scheduled.yaml"),
        ("partner", "url", "of each service in $(pulumi stack output services)"),
    ):
        more = {"services": SERVICES[backend]} if caller == "partner" else {}
        found = new.gather_config(flags(caller, backend) | more, None)
        steps = "\n".join(new.list_next_steps("in", Path("Pulumi.in.yaml"), found, name="make new", files={}))
        assert words in steps


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
    for caller, backend in PAIRS:
        person = Asking(flags(caller, backend))
        new.gather_config({}, person)
        shown = capsys.readouterr().out
        assert [flag for flag in person.asked if f"  {QUESTIONS[flag].help}\n" not in shown] == []
        seen |= {*person.asked}
    assert seen == QUESTIONS.keys()


@pytest.mark.parametrize(
    ("given", "shown", "port"),
    [
        # Answers that do not go together.
        (["webhook", "greeter", "ec2", "", "nginx:1.29"], ["a greeter has no forwarder"], 8080),
        (
            ["?", "someone", "service", "ec2", "", "nginx:1.29", "", "70000", "80"],
            ["how callers prove who they are", "one of web-app", "a number from 1 to 65535"],
            80,
        ),
    ],
)
def test_answers_of_a_person_are_explained_and_asked_again(
    capsys: pytest.CaptureFixture[str], given: list[str], shown: list[str], port: int
) -> None:
    answers = iter([*given, *[""] * 20])
    found = new.gather_config({}, lambda *_: next(answers))
    said = capsys.readouterr().out
    assert [words for words in shown if words not in said] == []
    assert found["backend"] == {"kind": "ec2", "image": "nginx:1.29", "port": port}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project, and no terminal."""
    (tmp_path / "Pulumi.yaml").write_bytes((ROOT / "Pulumi.yaml").read_bytes())
    monkeypatch.setattr("sys.stdin", io.StringIO())
    return tmp_path


@pytest.fixture
def refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> Refused:
    """`refused(*arguments)` is the message when the command refuses them and writes nothing."""

    def message(*arguments: str) -> str:
        before = [*folder.rglob("*")]
        assert new.main(["--project", str(folder), *arguments], "make new") == 2
        assert [*folder.rglob("*")] == before
        said = capsys.readouterr().err
        assert (said[:10], "this is no terminal" in said) == ("make new: ", "got no answer" in said)
        return said

    return message


def test_flags_write_a_file_and_name_the_next_steps(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["shop", "--backend", "ec2", "--image", "nginx:1.29", "--caller", "partner"]
    monkeypatch.chdir(folder)
    assert new.main(given, "make new") == 0
    shown = capsys.readouterr().out
    for step in ("Written: Pulumi.shop.yaml", "make try STACK=shop", "make preview STACK=shop", "pulumi destroy"):
        assert step in shown
    assert "cd " not in shown
    written = yaml.safe_load((folder / "Pulumi.shop.yaml").read_text())["config"]
    assert written["backend"] == {"kind": "ec2", "image": "nginx:1.29", "port": 8080}
    assert "protection" not in written


@pytest.mark.parametrize("program", ["from gatehouse import stack\n", "import pulumi\n"])
def test_the_next_steps_for_another_folder_go_there_and_say_if_its_program_lacks_gatehouse(
    folder: Path, capsys: pytest.CaptureFixture[str], program: str
) -> None:
    project = folder / "my shop"
    project.mkdir()
    (folder / "Pulumi.yaml").rename(project / "Pulumi.yaml")
    (project / "__main__.py").write_text(program)
    assert new.main(["--project", str(project), *SHORT, "greeter"], "make new") == 0
    shown = capsys.readouterr().out
    assert f"Written in {project}: Pulumi.dev.yaml." in shown
    steps = [line.strip().partition("  ")[0] for line in shown.partition("Next:\n")[2].splitlines()]
    assert steps[0] == f"cd '{project}'"
    assert ("docs/library.md" in steps[1]) == ("gatehouse" not in program)
    assert {"gatehouse try dev", "gatehouse review dev"} <= {*steps}
    assert "make " not in shown


@pytest.mark.slow
def test_a_reader_that_stops_is_no_error(folder: Path) -> None:
    given = ["shop", "--backend", "greeter", "--caller", "service", "--project", str(folder)]
    out, into = os.pipe()
    os.close(out)
    command = [sys.executable, "-m", "components.stack.new_project", *given]
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=into, stderr=subprocess.PIPE, check=False)
    os.close(into)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_file_that_exists_is_left_as_it_is(folder: Path, refused: Refused) -> None:
    (folder / "Pulumi.dev.yaml").write_text("mine")
    assert "exists and is left as it is" in refused(*SHORT, "greeter")
    assert (folder / "Pulumi.dev.yaml").read_text() == "mine"


NGINX = "ec2 --image nginx"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("ec2", "--image: got no answer; an image such as"),
        ("vm", "--backend: got 'vm'; one of ec2, fargate, url, greeter"),
        ("greeter --region eu-wset-1", "such as eu-west-1; did you mean eu-west-1?"),
        ("greeter --image nginx", "--image: only with --backend ec2 or fargate; leave it out"),
        ("url --url 10.0.0.1", "--url: got '10.0.0.1'; http(s)://host[:port]"),
        ("url --url http://a --vpc vpc-1", "--vpc: got 'vpc-1'"),
        (f"url --url http://a --vpc {ANSWERS['vpc']} --subnets x", "--subnets: got 'x'"),
        ("ec2 --image HTTP://nginx", "--image: got 'HTTP://nginx'"),
        (f"{NGINX} --port 70000", "--port: got '70000'; a number from 1 to 65535"),
        (f"{NGINX} --port ²", "--port: got '²'"),
        (f"{NGINX} --seconds 31", "--seconds: got '31'; a number from 1 to 29"),
        ("url --url http://u:p@a", "--url: got 'http://(hidden)@a'; http(s)://host[:port] without"),
        ("greeter --caller webhook", "--backend: got 'greeter'; ec2, fargate or url"),
        (f"{NGINX} --services orders", "--services: got 'orders'; for each a name, kind, image or URL"),
        (f"{NGINX} --services=proxy_ec2_nginx", "--services: got"),
        (f"{NGINX} --services=orders_ec2_nginx_0", "--services: got"),
        (f"{NGINX} --services=orders_ec2_nginx_orders", "--services: got"),
        (f"{NGINX} --services=orders_ec2_nginx,orders_ec2_nginx", "--services: got"),
        (f"{NGINX} --services=orders_url_http://u:p@a", "--services: got 'orders url http://(hidden)@a'"),
        (f"{NGINX} --services=orders_fargate_nginx", "orders is fargate; with --backend ec2 only ec2"),
        (f"{NGINX} --services=orders_ec2_nginx_/", "/ leads to two services"),
        (f"{NGINX} --services=orders_ec2_nginx_/a_/a/", "/a leads to two services"),
        ("greeter --services=orders_ec2_nginx", "--services: only with --backend ec2 or fargate or url"),
        ("fargat", "begin with a copy of examples/existing-balancer.yaml; did you mean fargate?"),
        ("alb", "--backend: got 'alb'; one of ec2, fargate, url, greeter; in front of a load balancer of yours, "),
        ("greeter --caller web_app", "did you mean web-app?"),
        ("greeter --caller mobile-app --issuer https://a.eu.auth0.com", "Auth0's ends with /"),
        ("greeter --caller partner --quota 0", "--quota: got '0'; a number"),
        ("greeter --caller partner --burst x", "--burst: got 'x'; a number"),
        ("ec2 --image a --caller webhook --path hooks", "--path: got 'hooks'; a path"),
        ("greeter a/b", "the stack's name is 'a/b'"),
        ("greeter ..", "the stack's name is '..'"),
        *((f"ec2 --caller partner --{flag} {'9' * 5000}", f"--{flag}: got") for flag in ("rate", "burst", "quota")),
        (f"{NGINX} --port {'9' * 5000}", "--port: got"),
        ("ec2 --caller web-app --origin https://-:99999", "--origin: got"),
        ("ec2 --caller web-app --origin https://a.example.com:99999", "--origin: got"),
        ("ec2 --caller web-app --origin https://a.example.com:0", "--origin: got"),
    ],
)
def test_a_missing_or_wrong_answer_writes_nothing(refused: Refused, arguments: str, message: str) -> None:
    spaced = (word.replace("_", " ") if word.startswith("--services") else word for word in arguments.split())
    assert message in refused(*SHORT, *spaced)


def test_all_mistakes_come_together(refused: Refused) -> None:
    given = ["--caller", "web-app", "--backend", "url", "--url", "x", "--region", "eu", "--email", "me", "--port", "80"]
    named = [line.strip().partition(":")[0] for line in refused("a/b", *given).splitlines()[-10:]]
    wanted = {"--region", "--url", "--email", "--origin", "--issuer", "--audience", "--vpc", "--subnets", "--port"}
    assert wanted <= {*named}
    # A wrong choice leads to no mistake that may be none.
    shown = refused("--backend", "vm", "--image", "nginx", "--vpc", "vpc-1", "--caller", "service")
    assert "only with" not in shown


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        *((remote, "git+https://github.com/me/shop.tools") for remote in (
            "https://github.com/me/shop.tools.git", "git@github.com:me/shop.tools", "ssh://git@github.com/me/shop.tools.git",
            "https://me:of-the-test@github.com/me/shop.tools",
        )),
        ("git@git.example.com:me/shop.git", "git+ssh://git@git.example.com/me/shop"),
        ("ssh://git@git.example.com:2222/me/shop.git", "git+ssh://git@git.example.com:2222/me/shop"),
        ("https://git.example.com/me/shop", "git+https://git.example.com/me/shop"),
        *((remote, "") for remote in ("", "/srv/git/shop", "../shop", "file:///srv/git/shop")),
    ],
)  # fmt: skip
def test_the_origin_of_a_clone_is_an_address_without_a_password(remote: str, address: str) -> None:
    assert normalize_remote(remote) == address


def test_a_project_of_a_clone_whose_origin_has_the_commit_names_it(tmp_path: Path) -> None:
    commit = "0a1b2c3" * 5
    texts = render_files(tmp_path, "dev", name_commit("git+https://github.com/me/shop", commit))
    assert f"gatehouse @ git+https://github.com/me/shop@{commit}\n" in texts["requirements.txt"]
    assert f"@ git+https://github.com/me/shop@{commit}#subdirectory=review\n" in texts["requirements-dev.txt"]
    assert f"(https://github.com/me/shop/blob/{commit}/docs/settings.md)" in texts["README.md"]
    assert [path for path, text in texts.items() if "OWNER" in text] == []


def test_without_an_origin_the_readme_names_each_document_once(tmp_path: Path) -> None:
    text = render_files(tmp_path, "dev", Source(requirements=("gatehouse", "gatehouse-review")))["README.md"]
    assert "`gatehouse docs settings`" in text
    assert "docs/settings.md" not in text


@pytest.mark.parametrize(
    ("origin", "forge"),
    [
        ("https://github.com/me/shop.git", "github"),
        ("git@gitlab.com:me/shop.git", "gitlab"),
        ("https://gitlab.example.com/me/shop", "gitlab"),
        ("", "github"),
    ],
)
def test_a_project_has_the_files_of_its_forge(tmp_path: Path, origin: str, forge: str) -> None:
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    if origin:
        subprocess.run(["git", "-C", str(tmp_path), "remote", "add", "origin", origin], check=True)
    assert find_forge(tmp_path) == forge
    for wanted, file, other in (
        ("github", ".github/workflows/gatehouse.yml", ".gitlab-ci.yml"),
        ("gitlab", ".gitlab-ci.yml", ".github/workflows/gatehouse.yml"),
    ):
        texts = render_files(tmp_path, "dev", None, wanted)
        assert (file in texts, other in texts) == (True, False)
        assert (f"`{file}` reviews" in texts["README.md"], other in texts["README.md"]) == (True, False)
