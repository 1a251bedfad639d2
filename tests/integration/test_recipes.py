"""CONTRIBUTING's recipes, followed to the letter in a copy: each is complete."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from review.tests.helpers.fixture_types import Write
from review.tests.helpers.stacks import ROOT

pytestmark = pytest.mark.slow  # each copies the project and starts Python
_LINKED = {"handlers", "review", "tests", "docs", "examples", "tools", "__main__.py"}
Changes = dict[str, dict[str, str]]
Follow = Callable[..., Path]


@pytest.fixture
def follow(tmp_path: Path) -> Follow:
    """`follow({"components/greeter.py": {"anchor": "text before it"}}, "review")`: a copy with these changes alone.

    It links to all folders that no recipe of the program changes. Further names are copied whole.
    """

    def followed(changes: Changes, *copied: str) -> Path:
        copy = tmp_path / "copy"
        copy.mkdir()
        for name in ("components", *copied):
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "tests"))
        for name in _LINKED - {*copied}:
            (copy / name).symlink_to(ROOT / name)
        if "review" in copied:
            (copy / "review/tests").symlink_to(ROOT / "review/tests")
        shutil.copy(ROOT / "Pulumi.yaml", copy)  # the review follows no link out of a repository
        shutil.copy(ROOT / "review/answers.yaml", copy / "review.answers.yaml")
        for name, texts in changes.items():
            source = (copy / name).read_text(encoding="utf-8")
            for anchor, text in texts.items():
                assert source.count(anchor) == 1, f"{anchor!r} in {name}"
                source = source.replace(anchor, f"{text}{anchor}")
            (copy / name).write_text(source, encoding="utf-8")
        return copy

    return followed


def ran(copy: Path, *words: str) -> str:
    """Output of Python in the copy."""
    command = [sys.executable, *words]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False, timeout=300)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


def inputs(copy: Path, config: Mapping[str, object], kind: str) -> dict[str, object]:
    """Inputs of the first resource of a kind that the config declares."""
    program = (
        "import json; from review.tests.helpers.stacks import graph_with\n"
        f"found = next(one for one in graph_with({config!r}) if one.kind == {kind!r})\n"
        "print(json.dumps(dict(found.inputs), default=str))"
    )
    made: dict[str, object] = json.loads(ran(copy, "-c", program).splitlines()[-1])
    return made


def reference(copy: Path) -> str:
    return ran(copy, "-c", "from tools.settings_reference import build_reference; print(build_reference())")


def test_a_flag_is_its_field_and_its_use(follow: Follow) -> None:
    """On an API and on an ingress."""
    copy = follow(
        {
            "components/api/args/api_front.py": {
                '    streaming: bool = False\n    """Stream responses on every': (
                    "    stage_description: str | None = None\n"
                    '    """Description of the stage (REST, PRIVATE). Defaults to none."""\n'
                )
            },
            "components/api/rest_api.py": {
                "        xray_tracing_enabled=spec.tracing,\n": "        description=spec.stage_description,\n"
            },
            "components/ingress/ingress_args.py": {
                "    deletion_protection: bool = False\n": (
                    "    client_keep_alive: HourOfSeconds = 3600\n"
                    '    """Seconds for which an ALB keeps a client connection. Defaults to 3600."""\n'
                )
            },
            "components/ingress/load_balancer.py": {
                '        "drop_invalid_header_fields"': '        "client_keep_alive": spec.client_keep_alive,\n'
            },
        }
    )
    config = {
        "topology": "vpc-link",
        "backend": {"image": "nginx:1.29"},
        "ingress": {"kind": "alb", "clientKeepAlive": 60},
        "api": {"stageDescription": "for partners"},
    }
    assert inputs(copy, config, "Stage")["description"] == "for partners"
    assert inputs(copy, config, "LoadBalancer")["clientKeepAlive"] == 60
    rows = {line.split("`")[1]: line for line in reference(copy).splitlines() if line.startswith("- `")}
    assert "Description of the stage (REST, PRIVATE)." in rows["stageDescription"]
    assert rows["clientKeepAlive"] == (
        "- `clientKeepAlive` (default `3600`; 0 to 3,600): Seconds for which an ALB keeps a client connection."
    )


def test_a_kind_of_backend_is_a_section_and_a_case(follow: Follow) -> None:
    section = '''@dataclass(frozen=True, kw_only=True)
class Peer(Url):
    """A server in a peered VPC."""

    kind: Literal["peer"] = "peer"  # type: ignore[assignment] # its own kind
    """Server in a peered VPC."""


'''
    copy = follow(
        {
            "components/stack/settings/backend.py": {
                "Backend = Ec2 | Fargate | Url | Listener | Greeter | NoBackend\n": section,
                " | Fargate | Url | Listener | Greeter | NoBackend\n": " | Peer",
                '"greeter": Greeter,': '"peer": Peer,\n    ',
            },
            "components/stack/topologies/backend.py": {
                "        case Url() as wanted:\n": (
                    "        case Peer() as wanted:\n            return _declare_url(wanted, settings)\n"
                ),
                "Url\nfrom ..settings.egress import": "Peer, ",
            },
        }
    )
    config = {
        "topology": "public-proxy",
        "network": {"vpcId": "vpc-0123456789abcdef0", "subnetIds": ["subnet-0123456789abcdef0"]},
        "backend": {"kind": "peer", "url": "http://10.9.2.3:8080"},
    }
    environment = inputs(copy, config, "Function")["environment"]
    assert isinstance(environment, dict)
    assert environment["variables"]["BACKEND_URL"] == "http://10.9.2.3:8080"
    assert "Server in a peered VPC." in reference(copy)


def test_a_price_is_a_query_an_item_and_its_row_and_one_of_an_instance_type_an_item(follow: Follow) -> None:
    copy = follow({}, "review")
    changes: list[tuple[str, str, object]] = [
        ("aws/catalog/catalog.json", "cloudwatch.Dashboard", {"monthly": ["dashboard"], "outputs": {"id": "{name}"}}),
        ("cost/queries.json", "dashboard", {"service": "AmazonCloudWatch", "usage": "DashboardsUsageHour"}),
    ]
    for name, price in (("dashboard", 3.0), ("ec2-m9g.large", 0.5)):
        unit = "month" if name == "dashboard" else "hour"
        item = {"what": name.removeprefix("ec2-"), "unit": unit, "prices": {"pages": {"eu-west-1": price}}}
        changes.append(("cost/prices.json", name, item))
    for name, key, entry in changes:
        file = copy / "review" / name
        document = json.loads(file.read_text(encoding="utf-8"))
        entries = document.get("items", document)
        assert key not in entries
        entries[key] = entry
        file.write_text(json.dumps(document), encoding="utf-8")
    backend = {"image": "nginx:1.29", "instanceType": "m9g.large"}
    config = {"topology": "public-proxy", "backend": backend}
    program = (
        "from review.tests.helpers.graph_reports import estimate\n"
        "from review.tests.helpers.graph_builder import Builder\n"
        "from review.tests.helpers.stacks import graph_with\n"
        "build = Builder(); build('cloudwatch/dashboard:Dashboard', 'all')\n"
        "print([line.amount for line in estimate(build.graph()).lines])\n"
        f"bill = estimate(graph_with({config!r}))\n"
        "print(max(line.amount for line in bill.lines if 'm9g.large' in str(line)) / 730)"
    )
    assert ran(copy, "-c", program).splitlines()[-2:] == ["[3.0]", "0.5"]


_RULE = '''"""Topics."""

from collections.abc import Iterator

from ..graph import Resource
from ..graph.reading import get_declared_input
from .registry import Severity, rule


@rule("TOPIC-01", Severity.HIGH, on=("aws:sns/topic:Topic",))
def topics_have_owners(resource: Resource) -> Iterator[str]:
    """Topics have an owner.

    Why: Nobody finds them.
    Remedy: Tag them.
    https://docs.aws.amazon.com/sns/latest/dg/sns-tags.html
    """
    if not get_declared_input(resource, "tags", "Owner"):
        yield f"{resource.name} has no owner"
'''
_PROGRAM = "import pulumi_aws as aws\naws.sns.Topic('lost')\naws.sns.Topic('mine', tags={'Owner': 'me'})\n"


def test_a_rule_is_a_function_in_a_module_of_its_own(follow: Follow, write_project: Write) -> None:
    """The report comes out with its finding, the list of rules has it, and the pack a policy of its kind."""
    copy = follow({}, "review")
    (copy / "review/rules/topics.py").write_text(_RULE)
    project = write_project(_PROGRAM)
    said = ran(copy, "review/launch.py", "dev", "--project", str(project.root), "--format", "json")
    findings = [one for one in json.loads(said)["rules"]["findings"] if one["rule"] == "TOPIC-01"]
    assert [one["message"] for one in findings] == ["lost has no owner"]
    ran(copy, "-m", "review.rules.reference")
    entry = "### TOPIC-01\n\n**Topics have an owner.** high, resource. "
    assert entry in (copy / "review/docs/rules.md").read_text()
    kinds = "print({one.name: type(one).__name__ for one in make_policies()}['TOPIC-01'])"
    policy = ran(copy, "-c", f"from review.policy.pack import make_policies; {kinds}")
    assert policy.strip() == "ResourceValidationPolicy"
