"""Programs in YAML and TypeScript that use the components as a package, as a user of those languages has them.

The components run in a Python that has only `components/requirements.txt`. Two of them have hooks, which need boto3.
"""

from __future__ import annotations

import json
import shutil
import venv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import yaml

from .cli import ROOT, Engine
from .cycle import STACK, Stage, leaks, stage
from .processes import PROCESSES

_SECRET: Final = "a-secret-that-only-the-sender-knows"
_BACKEND: Final[dict[str, Any]] = {
    "vpcId": "vpc-0a1b2c3d4e5f60718",
    "subnetIds": ["subnet-0a1b2c3d4e5f60718"],
    "image": "traefik/whoami:v1.11.0",
    "port": 80,
    "egress": ["nat-gateway"],
    "callers": {"proxy": "${proxy.securityGroupId}"},
}
_PROXY: Final[dict[str, Any]] = {
    "vpcId": "vpc-0a1b2c3d4e5f60718",
    "subnetIds": ["subnet-0a1b2c3d4e5f60718"],
    "url": "${found.url}",
    "port": "${found.port}",
    "backendCidrs": ["10.20.30.40/32"],
    "publishVersions": True,
    "webhook": {"scheme": "github", "secret": {"fn::secret": _SECRET}},
}
_FRONT: Final[dict[str, Any]] = {
    "kind": "rest",
    "routes": [{"path": "/orders", "methods": ["GET"], "target": "proxy", "authorization": "iam"}],
    "targets": {"proxy": {"functionName": "${proxy.functionName}", "invokeArn": "${proxy.invokeArn}"}},
    "throttle": {"rate": 50, "burst": 25},
}
_TYPESCRIPT: Final = f"""\
import * as gatehouse from "@pulumi/gatehouse";
import * as pulumi from "@pulumi/pulumi";

const vpcId = "vpc-0a1b2c3d4e5f60718";
const subnetIds = ["subnet-0a1b2c3d4e5f60718"];
const found = new gatehouse.UrlBackend("found", {{ url: "http://10.20.30.40:80" }});
const proxy = new gatehouse.ServerlessProxy("proxy", {{
  vpcId,
  subnetIds,
  url: found.url,
  port: found.port,
  backendCidrs: ["10.20.30.40/32"],
  publishVersions: true,
  webhook: {{ scheme: gatehouse.WebhookScheme.GITHUB, secret: pulumi.secret("{_SECRET}") }},
}});
const backend = new gatehouse.Ec2Backend("backend", {{
  vpcId,
  subnetIds,
  image: "traefik/whoami:v1.11.0",
  port: 80,
  egress: ["nat-gateway"],
  callers: {{ proxy: proxy.securityGroupId }},
}});
const front = new gatehouse.ApiFront("front", {{
  kind: gatehouse.ApiKind.REST,
  routes: [{{ path: "/orders", methods: ["GET"], target: "proxy", authorization: "iam" }}],
  targets: {{ proxy: {{ functionName: proxy.functionName, invokeArn: proxy.invokeArn }} }},
  throttle: {{ rate: 50, burst: 25 }},
}});
export const url = front.url;
export const instanceIds = backend.instanceIds;
"""


def from_yaml(engine: Engine) -> Iterator[Stage]:
    """`pulumi package add` and a YAML program that uses the components through the provider host."""
    resources = {
        "found": {"type": "gatehouse:index:UrlBackend", "properties": {"url": "http://10.20.30.40:80"}},
        "proxy": {"type": "gatehouse:index:ServerlessProxy", "properties": _PROXY},
        "backend": {"type": "gatehouse:index:Ec2Backend", "properties": _BACKEND},
        "front": {"type": "gatehouse:index:ApiFront", "properties": _FRONT},
    }
    program = {"name": "in-yaml", "runtime": "yaml", "resources": resources, "outputs": {"url": "${front.url}"}}
    yield from _through_host(engine, {"Pulumi.yaml": yaml.safe_dump(program, sort_keys=False)})


def open_from_yaml(engine: Engine) -> Iterator[Stage]:
    """The policy pack on a new REST API that is open to everyone, in a YAML program: the preview is refused."""
    route = {"path": "/orders", "methods": ["GET"], "target": "greeter", "includeSubpaths": False}
    target = {"functionName": "${greeter.functionName}", "invokeArn": "${greeter.invokeArn}"}
    front = {"kind": "rest", "routes": [route], "targets": {"greeter": target}, "throttle": {"rate": 50, "burst": 25}}
    resources = {
        "greeter": {"type": "gatehouse:index:Greeter"},
        "front": {"type": "gatehouse:index:ApiFront", "properties": front},
    }
    program = {"name": "open-in-yaml", "runtime": "yaml", "resources": resources}
    engine, folder, added = _with_package(engine, {"Pulumi.yaml": yaml.safe_dump(program, sort_keys=False)})
    yield added
    pack = ("--policy-pack", str(engine.project / "review" / "policy"))
    outcome = engine.run("preview", *pack, stack=STACK, cwd=folder)
    open_to_all = [error for error in outcome.errors if error.startswith("policy API-01: ") and "GET /orders" in error]
    faults = [] if outcome.status and open_to_all else [f"it is not refused by API-01: {outcome.text[-400:]}"]
    yield Stage(name="preview", seconds=round(outcome.seconds, 1), steps=0, faults=faults)


def from_typescript(engine: Engine) -> Iterator[Stage]:
    """The same from TypeScript; npm fetches Pulumi's SDK."""
    package = {"name": "in-typescript", "main": "index.ts", "dependencies": {"@pulumi/pulumi": "^3.188.0"}}
    files = {
        "Pulumi.yaml": yaml.safe_dump({"name": "in-typescript", "runtime": "nodejs"}),
        "package.json": json.dumps(package),
        "tsconfig.json": json.dumps({"compilerOptions": {"strict": True, "target": "es2022", "module": "commonjs"}}),
        "index.ts": _TYPESCRIPT,
    }
    yield from _through_host(engine, files)


def _through_host(engine: Engine, files: dict[str, str]) -> Iterator[Stage]:
    """`package add`, then a whole life of a program of another language."""
    engine, folder, added = _with_package(engine, files)
    yield added
    if added.faults:
        return
    for name, command in (
        ("preview", ("preview",)),
        ("up", ("up", "--yes", "--skip-preview")),
        ("second preview", ("preview", "--expect-no-changes")),
        ("destroy", ("destroy", "--yes", "--skip-preview")),
    ):
        outcome = engine.run(*command, stack=STACK, cwd=folder)
        yield stage(name, outcome, leaks(engine, outcome, _SECRET))


def _with_package(engine: Engine, files: dict[str, str]) -> tuple[Engine, Path, Stage]:
    """A project of another language with a stack, to which the components were added as a package."""
    folder = engine.folder / "consumer"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    _install_plugins(engine)
    engine = _with_requirements_of_components(engine)
    added = engine.run("package", "add", str(engine.project / "components"), cwd=folder)
    (folder / f"Pulumi.{STACK}.yaml").write_text("config:\n  aws:region: eu-west-1\n")
    engine.run("stack", "init", STACK, cwd=folder)
    return engine, folder, stage("package add", added)


def _with_requirements_of_components(engine: Engine) -> Engine:
    """The engine with a Python that has the components' own requirements, and nothing of the project's."""
    environment = engine.folder / "components-environment"
    venv.create(environment, with_pip=True)
    install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]
    requirements = engine.project / "components" / "requirements.txt"
    with PROCESSES.started([str(environment / "bin" / "python"), *install, str(requirements)]) as installing:
        if installing.wait():
            raise RuntimeError(f"{requirements} could not be installed")
    return replace(engine, python=environment / "bin")


def _install_plugins(engine: Engine) -> None:
    """Put the plugins of the components' SDKs where the CLI looks for them, if AWS's plugin is on PATH.

    Otherwise the CLI fetches them. Only AWS's plugin is started.
    """
    plugin_on_path = shutil.which("pulumi-resource-aws")
    if plugin_on_path is None:
        return
    for described in (ROOT / ".venv").glob("lib/*/site-packages/pulumi_*/pulumi-plugin.json"):
        plugin = json.loads(described.read_text())
        if not plugin["resource"]:
            continue
        name, version = plugin["name"], plugin["version"]
        folder = engine.folder / "home" / "plugins" / f"resource-{name}-v{version}"
        folder.mkdir(parents=True)
        command = folder / f"pulumi-resource-{name}"
        if name == "aws":
            command.symlink_to(plugin_on_path)
        else:
            command.write_text("#!/bin/sh\nexit 1\n")
            command.chmod(0o755)
