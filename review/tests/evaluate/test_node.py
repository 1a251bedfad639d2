"""The command for a program in Node.js, and the watch that finds functions of `apply` that were not called."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from review.evaluate import node
from review.evaluate.problems import ProgramError, StackFileError
from review.evaluate.project_file import load
from tests.helpers.stacks import ROOT

PROGRAM = {"project": "small", "stack": "dev", "organization": "organization", "root": "/", "check_types": True}
WATCH = Path(node.__file__).with_name("host") / "watch.cjs"
HAS_NODE = pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed here")


def written(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


SDK = {"node_modules/@pulumi/pulumi/cmd/run/index.js": "", "node_modules/typescript/package.json": "{}"}


@HAS_NODE
@pytest.mark.parametrize(
    ("files", "options", "expected"),
    [
        ({**SDK, "app/package.json": "{}"}, "", "."),
        ({**SDK, "app/package.json": "{}", "app/main.ts": ""}, "main: main.ts", "main.ts"),
        ({**SDK, "app/src/main.mjs": ""}, "main: src/main.mjs", "main.mjs"),
        ({"app/" + name: text for name, text in SDK.items()} | {"app/package.json": "{}"}, "", "."),
    ],
)
def test_packages_are_found_where_node_looks_for_them(
    files: Mapping[str, str], options: str, expected: str, tmp_path: Path
) -> None:
    """Beside the program, or in a folder above it, as in a monorepo."""
    written(tmp_path, {**files, "app/Pulumi.yaml": f"name: small\nruntime: nodejs\n{options}"})
    arguments, variables, _ = node.command(load(tmp_path / "app"), PROGRAM, "unix:x")
    assert arguments[-1] == expected
    assert arguments[2].endswith("node_modules/@pulumi/pulumi/cmd/run")
    assert variables == {"PULUMI_NODEJS_TYPESCRIPT": "true"}


@HAS_NODE
def test_types_are_checked_in_one_of_the_runs(tmp_path: Path) -> None:
    written(tmp_path, {**SDK, "package.json": "{}", "Pulumi.yaml": "name: a\nruntime: nodejs"})
    _, variables, _ = node.command(load(tmp_path), {**PROGRAM, "check_types": False}, "unix:x")
    assert variables == {"PULUMI_NODEJS_TYPESCRIPT": "true", "PULUMI_NODEJS_TRANSPILE_ONLY": "true"}


@HAS_NODE
def test_options_of_the_runtime(tmp_path: Path) -> None:
    options = "{typescript: false, tsconfig: other.json, nodeargs: \"--import 'a b' --no-warnings\"}"
    written(
        tmp_path,
        {**SDK, "package.json": "{}", "Pulumi.yaml": f"name: a\nruntime: {{name: nodejs, options: {options}}}"},
    )
    arguments, variables, _ = node.command(load(tmp_path), PROGRAM, "unix:x")
    assert arguments[1:4] == ["--import", "a b", "--no-warnings"]
    assert variables == {"PULUMI_NODEJS_TYPESCRIPT": "false", "PULUMI_NODEJS_TSCONFIG_PATH": "other.json"}
    (tmp_path / "Pulumi.yaml").write_text('name: a\nruntime: {name: nodejs, options: {nodeargs: "\'"}}')
    with pytest.raises(StackFileError, match=r"runtime\.options\.nodeargs"):
        load(tmp_path)


@HAS_NODE
@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "Run `npm install` in"),
        ({"yarn.lock": ""}, "Run `yarn install` in"),
        ({"pnpm-lock.yaml": ""}, "Run `pnpm install` in"),
        ({**dict([*SDK.items()][:1]), "index.ts": ""}, "Run `npm install --save-dev typescript` in"),
        ({**dict([*SDK.items()][:1]), "index.ts": "", "pnpm-lock.yaml": ""}, "Run `pnpm add typescript` in"),
    ],
)
def test_what_is_missing_is_named_with_its_command(files: Mapping[str, str], words: str, tmp_path: Path) -> None:
    written(tmp_path, {**files, "package.json": "{}", "Pulumi.yaml": "name: a\nruntime: nodejs"})
    with pytest.raises(ProgramError, match=re.escape(words)):
        node.command(load(tmp_path), PROGRAM, "unix:x")


@HAS_NODE
def test_node_in_the_home_shows_itself_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"bin/real": "", "lib/a": "", "package.json": "{}", "Pulumi.yaml": "name: a\nruntime: nodejs"}
    written(tmp_path, {**SDK, **files})
    (tmp_path / "bin/node").symlink_to("real")
    (tmp_path / "bin/real").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    arguments, _, shown = node.command(load(tmp_path), PROGRAM, "unix:x")
    assert arguments[0] == str(tmp_path / "bin/real")
    assert {path.name for path in shown if path.is_relative_to(tmp_path)} == {"real", "lib", "node_modules"}


@HAS_NODE
@pytest.mark.parametrize(
    ("target", "shown"),
    [
        ("app/packages", True),
        ("elsewhere/node_modules", True),
        ("elsewhere", False),
        ("home/secrets", False),
        ("home/secrets/node_modules", False),
    ],
)
def test_a_link_does_not_show_other_folders_to_the_program(
    target: str, shown: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    packages = {name.replace("node_modules", target, 1): text for name, text in SDK.items()}
    written(
        tmp_path, {**packages, "home/a": "", "app/package.json": "{}", "app/Pulumi.yaml": "name: a\nruntime: nodejs"}
    )
    link = tmp_path / "app/node_modules"
    link.symlink_to(tmp_path / target)
    if shown:
        assert tmp_path / target in node.command(load(tmp_path / "app"), PROGRAM, "unix:x")[2]
    else:
        with pytest.raises(ProgramError, match=re.escape(f"{link} is a link to {tmp_path / target}")):
            node.command(load(tmp_path / "app"), PROGRAM, "unix:x")


@HAS_NODE
def test_a_link_above_the_repository_is_shown_with_its_target(tmp_path: Path) -> None:
    """The folder that it is in may be hidden from the program."""
    packages = {f"elsewhere/{name}": text for name, text in SDK.items()}
    written(tmp_path, {**packages, "app/package.json": "{}", "app/Pulumi.yaml": "name: a\nruntime: nodejs"})
    link = tmp_path / "node_modules"
    link.symlink_to(tmp_path / "elsewhere/node_modules")
    assert {link, link.resolve()} <= {*node.command(load(tmp_path / "app"), PROGRAM, "unix:x")[2]}


FAKE = {
    "sdk/output.js": "exports.Output = class { apply(callback) { if (this.known) callback('x'); } };",
    "node_modules/@grpc/grpc-js/index.js": """
exports.credentials = { createInsecure() {} };
exports.Client = class {
  makeUnaryRequest(method, write, read, claim, done) { console.log(claim.toString()); done(); }
  close() {}
};""",
    "sdk/run.js": """
require("@grpc/grpc-js");
global.Output = require("./output").Output;
require("../program.js");""",
}


FROZEN = "exports.Resource = Object.freeze(class Resource {});"


@HAS_NODE
@pytest.mark.parametrize(
    ("callback", "declares"),
    [
        ("value => new aws.ec2.Instance('i', { ami: value })", True),
        ("value => make(value)", True),
        ("make", True),
        ("async value => { await make(value); }", True),
        ("value => { if (make) { make(value); } }", True),
        ("value => value.map(one => aws.make(one))", True),
        ("make.bind(null)", True),
        ("value => (0, aws.make)(value)", True),
        ("value => value.map(make)", True),
        ("value => Array.from(value, make)", True),
        ("value => { for (const key of value) aws['make'](key); }", True),
        ("value => { aws.lazy; }", True),
        ("(value, called = make) => called(value)", True),
        ("value => { value.forEach((make) => make); make(value); }", True),
        ("value => { const all = (make) => make\nmake(value); }", True),
        ("value => `a${`}${make(value)}`}`", True),
        ("value => value.split(/[\"/]/).map(make).join('\"')", True),
        ("value => /* ' */ make(value, '')", True),
        ("value => [...make]", True),
        ("value => Array.from`${make}`", True),
        ("value => `${make.name}`", True),
        ("value => value.constructor.constructor('make()')()", True),
        ("({ make: value }) => make(value)", True),
        ("value => JSON.stringify({ toJSON: make })", True),
        ("value => Array.from(value, value ? value : make, 0)", True),
        ("value => value.length", False),
        ("value => JSON.stringify([{ options: { 'a-group': value, 'a-region': make }, all: make, one: 1 }])", False),
        ("value => JSON.stringify({ Resource: [value, `${value}/*`] })", False),
        ("value => { return `${value}/${make}`; }", False),
        ("async (value) => { const [first] = await value; for (const x of first) { console.log(x / 2); } }", False),
        (
            "({ id: { name }, ...rest }) => { try { return rest[name]; } catch (error) { throw new Error(error); } }",
            False,
        ),
        ("value => value.replace(/['make`]/g, (found) => `${found}make` /* make */) // make\n", False),
        ("([one, other]) => `${one.toUpperCase()}${other}`", False),
        ("value => value.split(',').map(part => part.trim()).filter(Boolean)", False),
        ("function (value) { if (value.endsWith('/')) { return new URL(value).host; } }", False),
    ],
)
def test_functions_of_apply_that_are_not_called(callback: str, declares: bool, tmp_path: Path) -> None:
    program = f"""
function make(value) {{ return new aws.sqs.Queue(value); }}
const aws = {{ sqs: {{ Queue: class {{}} }}, ec2: {{ Instance: class {{}} }}, make() {{}} }};
new Output().apply({callback});
Object.assign(new Output(), {{ known: true }}).apply(() => make());
"""
    sentences = unrun(tmp_path, {"program.js": program})
    assert sentences == ["the function of apply at program.js:4"] if declares else not sentences


def unrun(folder: Path, files: Mapping[str, str], root: str = "") -> list[str]:
    """Code that the watch reports of `program.js`, and processes."""
    written(folder, {**FAKE, **files})
    arguments = [WATCH, folder / "sdk/run.js", "--monitor", "unix:x", "--root-directory", folder / root]
    ended = subprocess.run(["node", *map(str, arguments)], capture_output=True, text=True, timeout=60, check=True)
    *_, unrun, started = map(json.loads, ended.stdout.splitlines())
    return [*unrun["unrun"], *started["started"]]


@HAS_NODE
def test_a_thread_of_the_program_is_named(tmp_path: Path) -> None:
    """It may start processes that the watch of this one does not see."""
    code = "const { Worker } = require('worker_threads');\nnew Worker('', { eval: true });"
    assert unrun(tmp_path, {"program.js": code}) == ["the program started a thread at program.js:2"]


OPENS = "new Output().apply(value => make(value));"


@HAS_NODE
@pytest.mark.parametrize(
    ("files", "root", "place"),
    [
        ({"program.js": "require('lib');", "node_modules/lib/a.js": OPENS}, "", " at node_modules/lib/a.js:1"),
        ({"program.js": "require('lib');", "node_modules/lib/a.js": OPENS}, "app", " at node_modules/lib/a.js:1"),
        ({"program.js": "require('./a (1)/a');", "a (1)/a.js": OPENS}, "", " at a (1)/a.js:1"),
        ({"program.js": OPENS}, "app", " at ../program.js:1"),
        ({"program.js": f"Error.stackTraceLimit = 0; {OPENS}"}, "", " at program.js:1"),
        ({"program.js": f"Error.prepareStackTrace = () => []; {OPENS}"}, "", ""),
        ({"program.js": f"Object.freeze(Error); {OPENS}"}, "", ""),
        ({"program.js": f"eval({OPENS!r})"}, "", ""),
        ({"program.js": f"require('./resource'); {OPENS}", "resource.js": FROZEN}, "", " at program.js:1"),
        ({"program.js": "require('@pulumi/x/a');", "node_modules/@pulumi/x/a.js": OPENS}, "", None),
    ],
)
def test_where_apply_was_called(files: Mapping[str, str], root: str, place: str | None, tmp_path: Path) -> None:
    """By the program, a folder beside it or a package; Pulumi's own packages, which lift outputs, are passed over."""
    sentences = unrun(tmp_path, {**{"node_modules/lib/package.json": '{"main": "a.js"}'}, **files}, root)
    start = "the function" if place else "a function"
    assert sentences == ([] if place is None else [f"{start} of apply{place}"])


GUARDED = "if (!sdk.isDryRun()) { make(); }"


@HAS_NODE
@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"program.js": f"\n{GUARDED}"}, ["the code for deployments at program.js:2"]),
        ({"program.js": "/**/" * 2**19 + GUARDED}, ["the code for deployments at program.js:1"]),
        ({"program.js": "const asks = sdk.isDryRun; asks();"}, ["the code for deployments at program.js:1"]),
        ({"program.js": "sdk.isDryRun?.();"}, ["the code for deployments at program.js:1"]),
        ({"program.js": "require('./.a/b');", ".a/b.js": GUARDED}, ["the code for deployments at .a/b.js:1"]),
        (
            {"program.js": "require('own');", "node_modules/own/index.js": GUARDED},
            ["the code for deployments at node_modules/own/index.js:1"],
        ),
        ({"program.js": "require('@pulumi/x/a');", "node_modules/@pulumi/x/a.js": GUARDED}, []),
        (
            {"program.js": "const hook = new ResourceHook('a', make);\nhook instanceof ResourceHook || fail();"},
            ["the code of ResourceHook at program.js:1"],
        ),
        ({"program.js": "// isDryRun() and new ResourceHook()"}, []),
    ],
)
def test_code_for_deployments_is_named(files: Mapping[str, str], found: list[str], tmp_path: Path) -> None:
    sdk = {
        "sdk/settings.js": "function isDryRun() { return true; }\nexports.isDryRun = isDryRun;",
        "sdk/resource.js": "exports.ResourceHook = class { constructor(name, call) { this.call = call; } };",
        "sdk/run.js": "global.sdk = require('./settings');\nglobal.ResourceHook = require('./resource').ResourceHook;\n"
        "global.make = () => {};" + FAKE["sdk/run.js"],
    }
    assert unrun(tmp_path, {**sdk, **files}) == found


@HAS_NODE
def test_processes_that_the_program_starts(tmp_path: Path) -> None:
    calls = [
        "spawn('/bin/true', ['x'])",
        "exec('true x')",
        "execFileSync('true')",
        "spawnSync('true x', { shell: true })",
    ]
    lines = ["const child = require('child_process');", *(f"child.{call};" for call in calls)]
    sentences = unrun(tmp_path, {"program.js": "\n".join(lines)})
    assert sentences == [f"the program started true at program.js:{number}" for number in range(2, 6)]


@HAS_NODE
def test_an_error_whose_stack_has_a_file_right_below_a_scope_is_written(tmp_path: Path) -> None:
    """Node.js 20.20 does not come back from writing it with colours, as the SDK does."""
    program = """
const error = new Error("missing");
error.stack = "Error: missing\\n    at require (/a/node_modules/@pulumi/config.ts:1:2)";
const text = require("util").inspect(error, { colors: true });
require("child_process").spawnSync(JSON.stringify(text).replaceAll("/", "|"));
"""
    (text,) = unrun(tmp_path, {"program.js": program})
    assert text.startswith('the program started "Error: missing')
    assert "u001b" not in text


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed here")
def test_a_program_that_uses_its_memory_up(tmp_path: Path) -> None:
    files = {
        **SDK,
        "package.json": "{}",
        "index.js": "",
        "Pulumi.yaml": "name: small\nruntime: nodejs\n",
        "Pulumi.dev.yaml": "config: {}\n",
    }
    for name, text in {**files, "node_modules/@pulumi/pulumi/cmd/run/index.js": "process.abort()"}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    command = [sys.executable, "-m", "review", "--project", str(tmp_path), "dev"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (
        "the signal SIGABRT ended the program's process: Node.js ends so if it has used up its memory" in ended.stderr
    )


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed here")
def test_the_example_in_typescript_breaks_no_rule(tmp_path: Path) -> None:
    """With the SDK and the provider's package that it names."""
    folder = tmp_path / "typescript"
    shutil.copytree(ROOT / "examples/library/typescript", folder)
    subprocess.run(
        ["npm", "install", "--no-audit", "--no-fund"], cwd=folder, capture_output=True, timeout=500, check=True
    )
    command = [sys.executable, "-m", "review", "--project", str(folder), "--format", "json", "dev"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 0, ended.stderr
    document = json.loads(ended.stdout)
    assert document["rules"]["findings"] == []
    assert [path["source"] for path in document["paths"] if path["open"] and path["kind"] == "inbound"] == ["internet"]
