"""CONTRIBUTING's recipes for the program and for prices, followed to the letter in a copy: each is complete.

The recipes of the review are in `tests/integration/test_contributing.py`.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from review.tests.helpers.stacks import ROOT

pytestmark = pytest.mark.slow  # each copies the project and starts Python
_CHANGED = ("components",)
_LINKED = ("handlers", "review", "tests", "docs", "examples", "__main__.py")

Follow = Callable[..., Path]


@pytest.fixture
def follow(tmp_path: Path) -> Follow:
    """`follow({"components/logs.py": ("anchor", "text before it")}, "review")`: a copy with this change alone.

    The copy links to all folders that no recipe of the program changes. Further names are copied whole.
    """

    def followed(changes: dict[str, tuple[str, str]], *copied: str) -> Path:
        copy = tmp_path / "copy"
        copy.mkdir()
        ignored = shutil.ignore_patterns("__pycache__", "tests")
        for name in (*_CHANGED, *copied):
            shutil.copytree(ROOT / name, copy / name, ignore=ignored)
        for name in set(_LINKED) - set(copied):
            (copy / name).symlink_to(ROOT / name)
        shutil.copy(ROOT / "Pulumi.yaml", copy)  # the review follows no link out of a repository
        shutil.copy(ROOT / "review/answers.yaml", copy / "review.answers.yaml")
        for name, (anchor, text) in changes.items():
            file = copy / name
            source = file.read_text(encoding="utf-8")
            assert source.count(anchor) == 1, f"{anchor!r} in {name}"
            file.write_text(source.replace(anchor, f"{text}{anchor}"), encoding="utf-8")
        return copy

    return followed


def ran(copy: Path, program: str) -> str:
    """Output of a Python program in the copy."""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


def inputs(copy: Path, config: Mapping[str, object], kind: str) -> dict[str, object]:
    """Inputs of the first resource of a kind that the config declares."""
    program = (
        "import json; from review.tests.helpers.stacks import graph_with\n"
        f"found = next(one for one in graph_with({config!r}) if one.kind == {kind!r})\n"
        "print(json.dumps(dict(found.inputs), default=str))"
    )
    made: dict[str, object] = json.loads(ran(copy, program).splitlines()[-1])
    return made


def documented(copy: Path, key: str) -> str:
    """The row of a key in the reference of the settings."""
    text = ran(copy, "from components.stack.settings.reference import reference; print(reference())")
    (row,) = (line for line in text.splitlines() if line.startswith(f"| `{key}` |"))
    return row


def test_a_flag_on_an_api_is_its_field_and_its_use(follow: Follow) -> None:
    text = '    """Description of the stage (REST, PRIVATE). Defaults to none."""\n'
    copy = follow(
        {
            "components/api/api_args.py": (
                '    streaming: bool = False\n    """Stream responses on every',
                f"    stage_description: str | None = None\n{text}",
            ),
            "components/api/rest_api.py": (
                "        xray_tracing_enabled=spec.tracing,\n",
                "        description=spec.stage_description,\n",
            ),
        }
    )
    api = {"stageDescription": "for partners"}
    config = {"topology": "public-proxy", "backend": {"kind": "greeter"}, "api": api}
    assert inputs(copy, config, "Stage")["description"] == "for partners"
    assert "Description of the stage (REST, PRIVATE). Defaults to none." in documented(copy, "stageDescription")


def test_a_flag_on_an_ingress_is_its_field_and_its_use(follow: Follow) -> None:
    text = '    """Seconds for which an ALB keeps a client connection. Defaults to 3600."""\n'
    copy = follow(
        {
            "components/ingress/ingress_args.py": (
                "    deletion_protection: bool = False\n",
                f"    client_keep_alive: HourOfSeconds = 3600\n{text}",
            ),
            "components/ingress/load_balancer.py": (
                '        "drop_invalid_header_fields": True,\n',
                '        "client_keep_alive": spec.client_keep_alive,\n',
            ),
        }
    )
    ingress = {"kind": "alb", "clientKeepAlive": 60}
    config = {"topology": "vpc-link", "backend": {"image": "nginx:1.29"}, "ingress": ingress}
    assert inputs(copy, config, "LoadBalancer")["clientKeepAlive"] == 60
    wanted = "| 0 to 3,600 | `3600` | Seconds for which an ALB keeps a client connection. |"
    assert documented(copy, "clientKeepAlive").endswith(wanted)


def test_a_kind_of_backend_is_a_section_and_a_case(follow: Follow) -> None:
    section = '''@dataclass(frozen=True, kw_only=True)
class Peer(Url):
    """A server in a peered VPC."""

    kind: Literal["peer"] = "peer"  # type: ignore[assignment] # its own kind
    """Server in a peered VPC."""


'''
    copy = follow(
        {
            "components/stack/settings/backend.py": (
                "Backend = Ec2 | Fargate | Url | Listener | Greeter | NoBackend\n",
                section,
            ),
            "components/stack/topologies/backend.py": (
                "        case Url() as wanted:\n",
                "        case Peer() as wanted:\n            return _url(wanted, settings)\n",
            ),
        }
    )
    file = copy / "components/stack/settings/backend.py"
    source = file.read_text(encoding="utf-8").replace("| NoBackend\n", "| NoBackend | Peer\n")
    file.write_text(source.replace('"greeter": Greeter,', '"greeter": Greeter,\n    "peer": Peer,'), encoding="utf-8")
    file = copy / "components/stack/topologies/backend.py"
    file.write_text(
        file.read_text(encoding="utf-8").replace("Fargate, Url\n", "Fargate, Peer, Url\n"), encoding="utf-8"
    )
    network = {"vpcId": "vpc-0123456789abcdef0", "subnetIds": ["subnet-0123456789abcdef0"]}
    backend = {"kind": "peer", "url": "http://10.9.2.3:8080"}
    config = {"topology": "public-proxy", "network": network, "backend": backend}
    environment = inputs(copy, config, "Function")["environment"]
    assert isinstance(environment, dict)
    assert environment["variables"]["BACKEND_URL"] == "http://10.9.2.3:8080"
    assert "Server in a peered VPC." in ran(
        copy, "from components.stack.settings.reference import reference; print(reference())"
    )


def test_an_instance_type_is_an_entry_of_the_prices(follow: Follow) -> None:
    copy = follow({}, "review")
    table = copy / "review/cost/prices.json"
    document = json.loads(table.read_text(encoding="utf-8"))
    assert "ec2-m9g.large" not in document["items"]
    item = {"what": "m9g.large Linux", "unit": "hour", "prices": {"pages": {"eu-west-1": 0.5}}}
    document["items"]["ec2-m9g.large"] = item
    table.write_text(json.dumps(document), encoding="utf-8")
    backend = {"image": "nginx:1.29", "instanceType": "m9g.large"}
    config = {"topology": "public-proxy", "backend": backend}
    program = (
        "from review.tests.helpers.stacks import graph_with; from review.tests.bills import estimate\n"
        f"bill = estimate(graph_with({config!r}))\n"
        "print(max(line.amount for line in bill.lines if 'm9g.large' in str(line)) / 730)"
    )
    (copy / "review/tests").symlink_to(ROOT / "review/tests")
    assert ran(copy, program).splitlines()[-1] == "0.5"


def test_a_price_is_a_query_an_item_and_its_row(follow: Follow) -> None:
    copy = follow({}, "review")
    listed = copy / "review/aws/catalog/catalog.json"
    rows = json.loads(listed.read_text(encoding="utf-8"))
    rows["cloudwatch.Dashboard"] = {"monthly": ["dashboard"], "outputs": {"id": "{dashboardName}"}}
    listed.write_text(json.dumps(rows), encoding="utf-8")
    for name, entry in (
        ("queries.json", {"service": "AmazonCloudWatch", "usage": "DashboardsUsageHour"}),
        ("prices.json", {"what": "dashboard", "unit": "month", "prices": {"pages": {"eu-west-1": 3.0}}}),
    ):
        file = copy / "review/cost" / name
        document = json.loads(file.read_text(encoding="utf-8"))
        document.get("items", document)["dashboard"] = entry
        file.write_text(json.dumps(document), encoding="utf-8")
    (copy / "review/tests").symlink_to(ROOT / "review/tests")
    program = (
        "from review.tests.bills import estimate; from review.tests.graph_builder import Builder\n"
        "build = Builder(); build('cloudwatch/dashboard:Dashboard', 'all')\n"
        "print([line.amount for line in estimate(build.graph()).lines])"
    )
    assert ran(copy, program).splitlines()[-1] == "[3.0]"
