"""Checks that need the engine: how it reads the configuration, keeps secrets, runs policies, and is interrupted."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

import yaml

from .cli import ROOT, Engine, Outcome
from .cycle import PACK, STACK, Stage, leaks, stage
from .existing_resources import CERTIFICATE
from .failing_updates import KINDS, failing
from .other_languages import from_typescript, from_yaml, open_from_yaml
from .read_back import client

_SMALL: Final = (ROOT / "examples" / "greeter-in-the-open.yaml").read_text()
_BEHIND_FORWARDER: Final = (ROOT / "examples" / "existing-backend.yaml").read_text()
_INSTANCE: Final = {"kind": "ec2", "image": "traefik/whoami:v1.11.0", "port": 80}
_BEHIND: Final[Mapping[str, Mapping[str, Any]]] = {
    "a greeter": {"topology": "public-proxy", "backend": {"kind": "greeter"}},
    "a forwarder": {"topology": "public-proxy", "backend": _INSTANCE},
    "a VPC link": {"topology": "vpc-link", "backend": _INSTANCE, "ingress": {"kind": "alb"}},
}
_PASSWORD_IN_TASK: Final = """\
import json
import pulumi
import pulumi_aws as aws

variable = {"name": "DATABASE_PASSWORD", "value": "correct-horse-battery-staple"}
aws.ecs.TaskDefinition(
    "shop",
    family="shop",
    container_definitions=json.dumps([{"name": "shop", "image": "shop:1", "environment": [variable]}]),
    opts=pulumi.ResourceOptions(depends_on=aws.sns.Topic("first")),
)
"""
_SECRET: Final = "a-word-that-stands-nowhere-else.internal"
_UP: Final = ("up", "--yes", "--skip-preview")
_IMPORT: Final = re.compile(r"pulumi import (aws:[^`|\n]+)")
_DESTROY: Final = ("destroy", "--yes", "--skip-preview")


def configuration(engine: Engine) -> Iterator[Stage]:
    """Config as the CLI hands it on: what is missing or of another type is refused."""
    config = "config:\n  aws:region: eu-west-1\n"
    engine.write_stack(STACK, config)
    engine.run("stack", "init", STACK)
    yield _refusal("topology is missing", engine.run("preview", stack=STACK), "gatehouse:topology")
    engine.write_stack(STACK, f"{config}  topology: public-proxy\n  network: none\n")
    yield _refusal("network is no map", engine.run("preview", stack=STACK), "a map of keys and values")
    engine.write_stack(STACK, f"{config}  topology: public-proxy\n")
    for key, value in (
        ("backend.kind", "greeter"),
        ("network.egress", "none"),
        ("api.routes[0].path", "/"),
        ("api.routes[0].authorization", "iam"),
    ):
        engine.run("config", "set", "--path", key, value, stack=STACK)
    yield stage("written by pulumi config set --path", engine.run("preview", stack=STACK))
    engine.run("config", "set", "--path", "network.egres", "none", stack=STACK)
    yield _refusal("a mistake of ours", engine.run("preview", stack=STACK), "did you mean egress?")


def secrets(engine: Engine) -> Iterator[Stage]:
    """A secret of the config stands in no file of the state."""
    engine.write_stack(STACK, _BEHIND_FORWARDER)
    engine.run("stack", "init", STACK)
    engine.run("config", "set", "--secret", "--path", "backend.url", f"http://{_SECRET}:8080", stack=STACK)
    outcome = engine.run(*_UP, stack=STACK)
    yield stage("up with a secret", outcome, leaks(engine, outcome, _SECRET))
    yield stage("destroy", engine.run(*_DESTROY, stack=STACK))


def policies(engine: Engine) -> Iterator[Stage]:
    """The policy pack passes a good stack with an instance and groups: new, deployed, unchanged, changed, destroyed."""
    content = (ROOT / "Pulumi.dev.yaml").read_text()
    engine.write_stack(STACK, content)
    engine.run("stack", "init", STACK)
    yield stage("preview with policies", engine.run("preview", *PACK, stack=STACK))
    yield stage("up with policies", engine.run(*_UP, *PACK, stack=STACK))
    yield stage("preview of the unchanged stack", engine.run("preview", *PACK, stack=STACK))
    document = yaml.safe_load(content)
    document["config"]["backend"]["port"] = 8081
    engine.write_stack(STACK, yaml.safe_dump(document, sort_keys=False))
    yield stage("preview of a change", engine.run("preview", *PACK, stack=STACK))
    yield stage("up of a change", engine.run(*_UP, *PACK, stack=STACK))
    yield stage("destroy", engine.run(*_DESTROY, stack=STACK))


def open_apis(engine: Engine) -> Iterator[Stage]:
    """The pack refuses a new API that is open to everyone in the preview. `up` begins with one, and creates nothing."""
    route = {"path": "/orders", "methods": ["GET"], "authorization": "none"}
    for kind, (behind, config) in itertools.product(("rest", "http"), _BEHIND.items()):
        content = {"config": {"aws:region": "eu-west-1", **config, "api": {"kind": kind, "routes": [route]}}}
        engine.write_stack(STACK, yaml.safe_dump(content))
        engine.run("stack", "init", STACK)
        for command in (("preview",), ("up", "--yes")):
            outcome = engine.run(*command, *PACK, stack=STACK)
            refused = _refusal(f"{command[0]} of an open {kind} API, {behind} behind it", outcome, "policy API-01: ")
            faults = [f"{resource['urn'].rpartition('::')[2]} was created" for resource in engine.state(STACK)]
            yield replace(refused, faults=[*refused.faults, *faults])


def policy_times(engine: Engine) -> Iterator[Stage]:
    """Policies in an update without its preview, as review/docs/policy-pack.md describes them.

    A rule that judges each resource refuses it before it is created. One that judges the stack refuses at the end, when
    everything is created.
    """
    folder = engine.folder / "bare"
    folder.mkdir()
    options = {"toolchain": "pip", "virtualenv": str(ROOT / ".venv")}
    project = {"name": "bare", "runtime": {"name": "python", "options": options}}
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    (folder / f"Pulumi.{STACK}.yaml").write_text("config:\n  aws:region: eu-west-1\n")
    (folder / "__main__.py").write_text(_PASSWORD_IN_TASK)
    engine.run("stack", "init", STACK, cwd=folder)
    pack = ("--policy-pack", str(engine.project / "review" / "policy"))
    early = _refusal("a password", engine.run(*_UP, *pack, stack=STACK, cwd=folder), "policy SEC-02: ")
    made = [record["type"] for record in engine.state(STACK, cwd=folder) if record["type"].startswith("aws:")]
    yield replace(early, faults=[*early.faults, *([] if made == ["aws:sns/topic:Topic"] else [f"created: {made}"])])
    engine.write_stack("open", _SMALL.replace("[GET /secure/greeter]", "[]"))
    engine.run("stack", "init", "open")
    late = _refusal("an open API", engine.run(*_UP, *PACK, stack="open"), "policy API-01: ")
    made = [record["type"] for record in engine.state("open")]
    there = "aws:apigateway/restApi:RestApi" in made
    yield replace(late, faults=[*late.faults, *([] if there else [f"the API was not created, only {made}"])])
    yield stage("destroy", engine.run(*_DESTROY, stack="open"))


def template(engine: Engine) -> Iterator[Stage]:
    """The life of a project of one's own, as `pulumi new` makes it from the template under another name."""
    project = engine.folder / "made"
    project.mkdir()
    named = ("--name", "another-name", "--stack", "first", "--dir", str(project))
    yield stage("new", engine.run("new", str(ROOT / "template"), *named, "--yes", "--force", "--generate-only"))
    written = (project / "Pulumi.yaml").read_text() if (project / "Pulumi.yaml").exists() else ""
    faults = [] if written.startswith("name: another-name\n") else ["Pulumi.yaml does not carry the new name"]
    # In place of the installed package.
    for name, source in (("gatehouse", "components"), ("handlers", "handlers"), (".venv", ".venv")):
        (project / name).symlink_to(ROOT / source)
    (project / "Pulumi.first.yaml").write_text(_SMALL)
    engine.run("stack", "init", "first", cwd=project)
    yield stage("preview", engine.run("preview", stack="first", cwd=project), faults)
    yield stage("up", engine.run(*_UP, stack="first", cwd=project))
    unchanged = engine.run("preview", "--expect-no-changes", stack="first", cwd=project)
    yield stage("nothing is planned after it", unchanged)
    yield stage("destroy", engine.run(*_DESTROY, stack="first", cwd=project))


def interruption(engine: Engine) -> Iterator[Stage]:
    """An update that is interrupted is taken up by the next one."""
    engine.write_stack(STACK, _SMALL)
    engine.run("stack", "init", STACK)
    started = time.monotonic()
    status = engine.interrupted(*_UP, stack=STACK, after=12)
    faults = [] if status else ["the interrupted update reports success: it ended before the interruption"]
    yield Stage(name="interrupted up", seconds=round(time.monotonic() - started, 1), steps=0, faults=faults)
    engine.run("cancel", "--yes", stack=STACK)
    yield stage("up again", engine.run(*_UP, stack=STACK))
    yield stage("nothing is planned after it", engine.run("preview", "--expect-no-changes", stack=STACK))
    yield stage("destroy", engine.run(*_DESTROY, stack=STACK))


def pruning(engine: Engine) -> Iterator[Stage]:
    """The resource hook: of the versions that updates publish, three stay, and none is lost in a preview."""
    engine.run("stack", "init", STACK)
    document: dict[str, Any] = yaml.safe_load(_BEHIND_FORWARDER)
    for memory in (512, 640, 768, 896, 1024):
        document["config"]["proxy"] = {"publishVersions": True, "memory": memory}
        engine.write_stack(STACK, yaml.safe_dump(document, sort_keys=False))
        yield stage(f"up with {memory} MiB", engine.run(*_UP, stack=STACK))
    versions = _versions(engine)
    faults = [] if versions == ["3", "4", "5"] else [f"versions that are left: {versions}"]
    document["config"]["proxy"]["memory"] = 2048
    engine.write_stack(STACK, yaml.safe_dump(document, sort_keys=False))
    yield stage("preview of another", engine.run("preview", stack=STACK), faults)
    faults = [] if _versions(engine) == versions else ["a preview pruned versions"]
    yield stage("destroy", engine.run(*_DESTROY, stack=STACK), faults)


def _versions(engine: Engine) -> list[str]:
    functions = client(engine, "lambda")
    names = [function["FunctionName"] for function in functions.list_functions()["Functions"]]
    pages = [functions.list_versions_by_function(FunctionName=name)["Versions"] for name in names]
    return sorted(version["Version"] for page in pages for version in page if version["Version"] != "$LATEST")


def imports(engine: Engine) -> Iterator[Stage]:
    """The `pulumi import` lines of our documents, for a domain that exists: the component then keeps the domain."""
    texts = [path.read_text() for path in sorted((ROOT / "docs").rglob("*.md"))]
    lines = [line.split() for text in texts for line in _IMPORT.findall(text)]
    if not lines:
        yield Stage(name="import", seconds=0, steps=0, faults=["no document has a line with pulumi import"])
    client(engine, "apigateway").create_domain_name(
        domainName="api.example.com",
        regionalCertificateArn=CERTIFICATE,
        # As the component declares it: moto updates no domain.
        endpointConfiguration={"types": ["REGIONAL"], "ipAddressType": "dualstack"},
        securityPolicy="TLS_1_2",
        tags={"Name": "front-domain"},
    )
    engine.write_stack(STACK, _SMALL)
    engine.run("stack", "init", STACK)
    yield stage("up before the import", engine.run(*_UP, stack=STACK))
    document = yaml.safe_load(_SMALL)
    document["config"]["api"]["domain"] = {"name": "api.example.com", "certificateArn": CERTIFICATE}
    engine.write_stack(STACK, yaml.safe_dump(document, sort_keys=False))
    for words in lines:
        line = [word.replace(":STACK:", f":{STACK}:").replace(":PROJECT:", ":gatehouse:") for word in words]
        outcome = engine.run("import", *line, "--yes", "--skip-preview", "--generate-code=false", stack=STACK)
        yield stage(f"import of {line[0]}", outcome)
    after = engine.run("preview", stack=STACK)
    steps = [step for step in after.changes if step.type.endswith(":DomainName")]
    yield stage("preview after the import", after, [f"{step.name} {step.operation}: {step.changed}" for step in steps])
    yield stage("up after the import", engine.run(*_UP, stack=STACK))
    yield stage("nothing is planned after it", engine.run("preview", "--expect-no-changes", stack=STACK))
    yield stage("destroy", engine.run(*_DESTROY, stack=STACK))


CHECKS: Final[Mapping[str, Callable[[Engine], Iterator[Stage]]]] = {
    "configuration": configuration,
    "secrets in state": secrets,
    "policy pack": policies,
    "open APIs": open_apis,
    "when policies run": policy_times,
    "template under another name": template,
    "version pruning": pruning,
    "imports of the documents": imports,
    "a program in YAML": from_yaml,
    "an open API in YAML": open_from_yaml,
    "a program in TypeScript": from_typescript,
    "interrupted up": interruption,
    **{f"a failing update of {name}": partial(failing, kind=kind) for name, kind in KINDS.items()},
}


def _refusal(name: str, outcome: Outcome, words: str) -> Stage:
    said = outcome.text + "".join(outcome.errors)
    if outcome.status == 0:
        faults = ["it is not refused"]
    else:
        faults = [] if words in said else [f"it is refused without the words {words!r}: {said[-400:]}"]
    return Stage(name=name, seconds=round(outcome.seconds, 1), steps=0, faults=faults)
