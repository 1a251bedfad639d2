"""The structure of every package, read from its imports: who may import whom, and no cycle of folders or modules."""

import ast
import inspect
import json
import shutil
import subprocess
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pulumi_aws
import pytest

from components import COMPONENTS
from review.tests.helpers.in_process import kept
from review.tests.helpers.stacks import ROOT
from tools.changed_tests import find_tests
from tools.structure import PACKAGES, find_needs, list_imports, list_modules


def room_of(package: str, module: str, path: Path) -> str:
    """The folder of a module. A module at the top of a package, or of the settings, is a room of its own."""
    inner = path.parent.relative_to(ROOT / package)
    return module if inner in (Path(), Path("stack/settings")) else str(inner)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_none_of_the_others(package: str) -> None:
    others = {*PACKAGES, "tests", "tools"} - {package}
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for module, path in list_modules(package).items()
        for name in list_imports(module, path)
        if name.partition(".")[0] in others
    ]
    assert wrong == []


def test_data_flows_from_the_stack_file_to_the_components() -> None:
    """No component needs a stack file, and no setting a topology."""
    wrong = [
        f"{module} imports {other}"
        for module, others in find_needs("components").items()
        for other in others
        if (".stack" in other and ".stack" not in module) or (".topologies" in other and ".settings" in module)
    ]
    assert wrong == []


def test_the_root_of_components_holds_only_components() -> None:
    files = {Path(inspect.getfile(component)).name for component in COMPONENTS}
    found = {path.name for path in (ROOT / "components").glob("*.py")}
    assert found == {*files, "__init__.py", "__main__.py"}


def test_the_local_gateway_needs_no_part_that_judges_a_stack() -> None:
    """A user's tests import `served` without rules, costs and reports, which its own package `try_page` adds."""
    needs, names = find_needs("review"), ["review.local_gateway.testing"]
    for name in names:
        names += sorted(needs[name] - {*names})
    rooms = {name.split(".")[1] for name in names if name.count(".")}
    assert rooms <= {"local_gateway", "reach", "callers", "aws", "graph", "evaluate", "extras", "launch"}
    above = {name.split(".")[1] for name, others in needs.items() if any(".local_gateway" in one for one in others)}
    assert above == {"local_gateway", "try_page"}


@pytest.mark.parametrize("package", PACKAGES)
def test_neither_modules_nor_rooms_form_a_cycle(package: str) -> None:
    modules = list_modules(package)
    rooms = {module: room_of(package, module, path) for module, path in modules.items()}
    # A name that a package hands on comes from its module.
    above: dict[str, set[str]] = {}
    below: dict[str, set[str]] = defaultdict(set)
    for module, others in find_needs(package).items():
        above[module] = {other for other in others if modules[other].name != "__init__.py"}
        below[rooms[module]] |= {rooms[other] for other in others} - {rooms[module]}
    for each in (above, below):
        TopologicalSorter(each).prepare()  # raises CycleError, which names the cycle


OWN_IMPORTS = {
    "tests": {"handlers", "components", "tests", "tools", "review.tests.helpers.in_process"},
    "tests/helpers": {"components", "review", "tests.helpers"},
    "review/tests": {"review"},
}
"""What the tests of each half may import. `tests/integration` needs both."""
RUNS = "review.tests.helpers.in_process."
"""How programs run in the tests of both halves."""


@pytest.mark.parametrize("folder", OWN_IMPORTS)
def test_the_halves_are_tested_separately(folder: str) -> None:
    ours = {*PACKAGES, "tests", "tools"}
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        if folder != "tests" or not {"helpers", "integration", "engine"} & {*path.parts}
        for name in list_imports(".".join(path.relative_to(ROOT).with_suffix("").parts), path)
        if (name.partition(".")[0] in ours and not any(f"{name}.".startswith(f"{own}.") for own in OWN_IMPORTS[folder]))
        or (name.startswith("review.tests") and not f"{name}.".startswith((f"{folder}.".replace("/", "."), RUNS)))
    ]
    assert wrong == []


def test_a_kept_graph_follows_from_all_that_an_evaluation_imports() -> None:
    needs = find_needs("review")
    names = [f"review.{module}" for module in ("evaluate.runner", "evaluate.stack_file", "evaluate.host.lazy_packages")]
    for name in names:
        names += sorted(needs[name] - {*names})
    files = {list_modules("review")[name].relative_to(ROOT) for name in names}
    assert [file for file in files if len(file.parts) > 2 and not any(map(file.is_relative_to, kept.READ))] == []


@pytest.mark.parametrize(
    ("changed", "test"),
    [
        ("components/nat_instance.py", "tests/components/test_nat_instance.py"),
        ("components/api/resource_policy.py", "tests/components/test_resource_policy.py"),
        ("handlers/forwarder/forwarder/result.py", "tests/forwarder/test_forwarder_results.py"),
        ("tests/forwarder/loopback.py", "tests/forwarder/test_forwarder_connections.py"),
        ("review/cost/prices.json", "review/tests/cost/test_prices.py"),
        ("tests/settings/wrong_values.yaml", "tests/settings/test_wrong_values.py"),
        ("tests/integration/test_structure.py", "tests/integration/test_structure.py"),
    ],
)
def test_the_tests_of_a_changed_file_are_found(changed: str, test: str) -> None:
    found = find_tests([ROOT / changed])
    assert ROOT / test in found
    assert len(found) < 20


def test_what_is_gone_slow_or_broken_among_changed_files_is_said(tmp_path: Path) -> None:
    for name in ("tools", "components", "tests"):
        (tmp_path / name).mkdir()
    for path in (ROOT / "tools").glob("*.py"):
        shutil.copy(path, tmp_path / "tools")
    (tmp_path / "components/gone.py").touch()
    (tmp_path / "tests/test_it.py").write_text("def test_it():\n    from components import gone\n")
    (tmp_path / "tests/test_gone.py").touch()
    (tmp_path / "tests/test_slow.py").write_text("import pytest\n@pytest.mark.slow\ndef test_it(): ...\n")
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@example.com")
    for command in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "all")):
        subprocess.run([*git, *command], cwd=tmp_path, check=True)

    def run() -> tuple[int, str]:
        command = [sys.executable, "-m", "tools.changed_tests", "-q", "-p", "no:cacheprovider", "-m", "not slow"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    (tmp_path / "tests/test_slow.py").write_text("import pytest\n@pytest.mark.slow\ndef test_other(): ...\n")
    status, text = run()
    assert (status, 'make slow ARGS="tests/test_slow.py"' in text) == (0, True), text
    for name in ("components/gone.py", "tests/test_gone.py"):
        (tmp_path / name).unlink()
    status, text = run()
    assert (status, "tests/test_it.py" in text, "tests/test_gone.py" in text) == (1, True, False), text
    (tmp_path / "components/broken.py").write_text("broken = (\n")
    status, text = run()
    assert (status, text.count("\n"), "components/broken.py:1: " in text) == (2, 1, True), text


def test_no_key_of_a_table_stands_twice() -> None:
    """Of two rows for one type, JSON keeps the last one, without a word."""
    twice: list[str] = []

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        keys = [key for key, _ in pairs]
        twice.extend(key for key in keys if keys.count(key) > 1)
        return dict(pairs)

    for path in (ROOT / "review/aws/catalog").glob("*.json"):
        json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=once)
    assert not twice


def _list_sdk_names(path: Path) -> Iterator[str]:
    """What a file takes from the provider's SDK: `ec2`, or `get_region` for that and its form for outputs."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "aws":
            yield node.attr.removesuffix("_output")
        elif isinstance(node, ast.ImportFrom) and node.module == "pulumi_aws":
            yield from (alias.name.removesuffix("_output") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pulumi_aws."):
            yield (node.module or "").split(".")[1]


def test_mypy_reads_what_the_code_uses_of_the_providers_sdk() -> None:
    """A service that is missing in the list would be `Any`, without a word."""
    overrides = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]["overrides"]
    listed = {
        name.split(".")[1]
        for override in overrides
        if override.get("follow_imports") == "normal"
        for name in override["module"]
        if "." in name
    }
    modules = {path.stem for path in Path(pulumi_aws.__file__).parent.iterdir()}
    files = [path for part in (*PACKAGES, "tests", "tools") for path in (ROOT / part).rglob("*.py")]
    used = {name for path in files if "beside" not in path.parts for name in _list_sdk_names(path)} & modules
    assert used == {name for name in listed if not name.startswith("_")} - {"outputs", "provider"}
