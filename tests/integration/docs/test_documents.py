"""The documents are true: their stack files run, their commands work, their prices are the review's."""

import json
import re
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import components
from components.facts.version import VERSION
from components.provider.gatehouse_provider import GatehouseProvider
from review.cli.command import main
from review.cost.estimate import add_known
from review.cost.parts import Part
from review.evaluate.stack_file import from_document
from review.report.render.text import format_plain
from review.report.report import report
from review.rules import reference as rules_reference
from review.tests.helpers.declare import declare
from review.tests.helpers.graph_reports import estimate
from review.tests.helpers.in_process.evaluation import InThisProcess, run
from review.tests.helpers.stacks import ROOT, evaluation, graph_of, project
from review.try_page import command
from tools import added_cost, settings_reference

FOLDERS = ("docs", "review/docs", "dev", "examples")
WRITTEN = [*ROOT.glob("*.md"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.md"))]
GENERATED = (settings_reference.REFERENCE, rules_reference.DOCUMENT)
DOCUMENTS = sorted(path for path in WRITTEN if path not in GENERATED)
CHOOSING = ROOT / "docs" / "choosing.md"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
# What only a machine with an account, a CLI or a checkout of one's own can run.
OTHER_COMMANDS = ("pulumi", "aws", "curl", "git", "serverless", "nslookup", "pip", "uv")


def blocks(language: str) -> list[tuple[str, str]]:
    return [
        (f"{path.relative_to(ROOT)}-{number}", text)
        for path in DOCUMENTS
        for number, (kind, text) in enumerate(FENCE.findall(path.read_text()), start=1)
        if kind == language
    ]


STACK_FILES = [(where, text) for where, text in blocks("yaml") if text.lstrip().startswith("config:")]
COMMANDS = [
    line.partition("#")[0].strip()
    for _, text in blocks("sh")
    for line in text.splitlines()
    if line.strip() and not line.startswith("#")
]


@pytest.mark.parametrize("text", [text for _, text in STACK_FILES], ids=[where for where, _ in STACK_FILES])
def test_a_stack_file_runs(text: str) -> None:
    stack = from_document(project(), "example", yaml.safe_load(text))
    assert run(project(), stack, reimport=False).resources


PREVIEWS = sorted({line for line in COMMANDS if line.startswith("make preview")})
OTHERS = sorted({*COMMANDS} - {*PREVIEWS})


def with_the_stack(stack: str, *values: Any) -> Any:
    """A case that runs in the process that has evaluated the stack. All stacks get a process each."""
    return pytest.param(*values, marks=[pytest.mark.xdist_group(stack), *([] if stack else [pytest.mark.slow])])


def previewed(line: str) -> str:
    """The stack that a command names; empty for all of them."""
    return "".join(re.findall(r"STACK=(\S+)", line))


@pytest.mark.parametrize("line", [with_the_stack(previewed(line), line) for line in PREVIEWS])
def test_a_preview_runs(line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """As the Makefile does it, in this process and of the stack as evaluated for all tests."""
    if "--against HEAD" in line and not (ROOT / ".git").exists():
        pytest.skip("a project that is in no repository has no revision to compare with")
    given = dict(word.split("=", 1) for word in shlex.split(line.partition(" > ")[0])[2:])
    assert given.keys() <= {"STACK", "ARGS", "PYTHON"}
    arguments = [*given.get("STACK", "").split(), *shlex.split(given.get("ARGS", ""))]
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("review.cli.command.Launcher", InThisProcess)
    monkeypatch.setattr(
        "review.evaluate.runner.evaluate", lambda _, stack, **__: evaluation(previewed(line) or stack.name)
    )
    status, shown = main(arguments), capsys.readouterr()
    assert status == 0, shown.err
    assert "rules" in shown.out.lower()


def test_every_other_command_is_of_a_known_program() -> None:
    """Commands of ours are in tests/integration/commands.yaml."""
    known = ("make", "gatehouse", *OTHER_COMMANDS)
    assert [line for line in OTHERS if shlex.split(line)[0].removeprefix(".venv/bin/") not in known] == []


def rows() -> list[tuple[str, str, dict[str, str]]]:
    """Rows of tables that name a stack file, by the headings of their columns."""
    found = []
    for path in DOCUMENTS:
        headings: list[str] = []
        for line in path.read_text().splitlines():
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if not line.startswith("|"):
                headings = []
            elif not headings:
                headings = cells
            elif match := re.search(r"`(examples/[\w-]+\.yaml)`|`Pulumi\.(dev|prod)\.yaml` \|$", line):
                stack = match[1] or match[2]
                found.append((f"{path.name}-{stack}", stack, dict(zip(headings, cells, strict=True))))
    return found


def added_and_backend(stack: str) -> tuple[str, ...]:
    return tuple(f"${amount:,.2f}" for amount in added_cost.added_and_backend(stack))


@pytest.mark.parametrize(
    ("stack", "row"), [with_the_stack(row[1], *row[1:]) for row in rows()], ids=[row[0] for row in rows()]
)
def test_a_price_is_the_reviews(stack: str, row: dict[str, str]) -> None:
    added, backend = added_and_backend(stack)
    assert row.get("added a month", added) == added
    assert row.get("backend and balancer", backend) == backend


def test_the_costs_of_choosing_are_the_reviews() -> None:
    """Of each egress mode, and of the instance to call a private API from."""
    text = CHOOSING.read_text()
    (private,) = re.findall(r"^\| `private-api` \| (\S+) \|", text, re.MULTILINE)
    assert f"an endpoint of its own costs {private} per month" in (ROOT / "README.md").read_text()
    price = add_known(estimate(graph_of("examples/private-greeter.yaml")).list_fixed(Part.CONSUMER))
    assert f"the instance to call it from is ${price:,.2f} more" in text


@pytest.mark.xdist_group("dev")
def test_the_first_page_shows_what_a_preview_prints() -> None:
    shown = format_plain(report(evaluation("dev")), 120)
    (block,) = (text for where, text in blocks("text") if where.startswith("README") and "VERDICT" in text)
    assert [line for line in block.splitlines() if line not in shown.splitlines()] == []


def test_the_first_page_shows_the_stack_file_as_it_is() -> None:
    (shown,) = (text for where, text in blocks("yaml") if where.startswith("README"))
    assert (ROOT / "Pulumi.dev.yaml").read_text(encoding="utf-8").endswith(f"\n{shown}")


@pytest.mark.slow
def test_the_first_page_shows_what_try_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The call without a key is one of `dev`; the other is the same in the open example, since keys are random."""
    monkeypatch.chdir(ROOT)
    file = tmp_path / "requests.json"
    file.write_text(json.dumps([{"path": "/live/forward"}]))
    texts = [(ROOT / "README.md").read_text()]
    for stack in ("examples/open-proxy.yaml", "dev"):
        command.main([stack, "--once", str(file)])
        texts.append(capsys.readouterr().err)
    page, admitted, refused = (re.sub(r"\d+ ms", "… ms", text) for text in texts)
    first, second, reason = page.partition("```text\n200 ")[2].partition("```")[0].splitlines()
    assert f"200 {first}\n" in admitted
    assert f"{second}\n{reason}\n" in refused


def anchors(path: Path) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_links_lead_somewhere() -> None:
    for path in DOCUMENTS:
        for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)", path.read_text()):
            found = path.parent / target if target else path
            assert found.exists(), f"{path.relative_to(ROOT)}: {target}"
            assert not anchor or anchor in anchors(found), f"{path.relative_to(ROOT)}: {target}#{anchor}"


def test_a_python_program_of_the_documents_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gatehouse", components)
    python = [(where, text) for where, text in blocks("python") if "def test_" not in text]
    # One on a stack file runs in `tests/integration/package/test_project.py`.
    programs = [(where, text) for where, text in python if "import pulumi" in text and "stack.build()" not in text]
    assert programs
    for where, text in programs:
        graph = declare(lambda text=text: exec(text, {}))  # type: ignore[misc] # one call each
        assert graph.exports, where


def test_the_library_page_has_every_component_and_messages_that_are_printed() -> None:
    text = (ROOT / "docs" / "library.md").read_text()
    assert [one.__name__ for one in components.COMPONENTS if f"| `{one.__name__}` |" not in text] == []
    wrong = {"port": 70000, "architecture": "amd64", "webhook": {"scheme": "gitea", "secret": "x" * 16}}
    args: Any = {
        "vpc_id": "vpc-0a1b2c3d4e5f60718",
        "subnet_ids": ["subnet-0a1b2c3d4e5f60718"],
        "url": "http://a",
        **wrong,
    }
    with pytest.raises(components.ArgumentErrors) as refused:
        components.ServerlessProxy("proxy", args)
    assert f"```text\n{refused.value}\n```" in text


def test_the_page_for_other_languages_names_properties_that_exist() -> None:
    provider = GatehouseProvider(components.COMPONENTS, VERSION)
    resources = json.loads(provider.schema or "")["resources"]
    (program,) = (yaml.safe_load(text) for _, text in blocks("yaml") if "runtime: yaml" in text)
    for resource in program["resources"].values():
        known = resources[resource["type"]]
        assert set(known["requiredInputs"]) <= set(resource["properties"]) <= set(known["inputProperties"])
    (typescript,) = (text for _, text in blocks("typescript"))
    given = set(re.findall(r"^    (\w+):", typescript, re.MULTILINE))
    assert given <= set(resources["gatehouse:index:ServerlessProxy"]["inputProperties"])


def test_an_output_that_a_document_reads_exists() -> None:
    known = {name for stack in ("dev", "prod", "examples/private-greeter.yaml") for name in graph_of(stack).exports}
    for path in DOCUMENTS:
        read = set(re.findall(r"pulumi stack output (\w+)", path.read_text()))
        assert read <= known, path.name
