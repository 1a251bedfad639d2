"""`gatehouse new`: asks who calls what, and writes a stack file that passes every rule. The settings check the answers.

In a folder without a project it writes the project around the stack file as well: see `project.py`.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from ...arguments.errors import hide_passwords
from ...facts import defaults, regions
from ...facts.documents import name_documents
from ..settings.mistakes import did_you_mean
from . import further_services, project
from .questions import CONTAINERS, QUESTIONS, Question, choose_default_burst, route_path
from .source import SourceError, find_source

OK: Final = 0
FAULT: Final = 2
INSTALL: Final = "pip install uv && uv pip install -r requirements-dev.txt -c requirements.lock"

_STACK: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")

Ask = Callable[[str, Mapping[str, str], str], str]


class AnswersError(Exception):
    """Answers that are missing or wrong, all of them."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        super().__init__("\n  ".join([f"{count}; nothing was written", *mistakes]))


def main(arguments: Sequence[str], name: str = "gatehouse new") -> int:
    """Run the command. Returns its exit status."""
    options = _build_parser(name).parse_args(arguments)
    folder: Path = options.project
    target = folder / f"Pulumi.{options.stack}.yaml"
    if options.renew:
        return _renew(options, name)
    try:
        source = None if (folder / "Pulumi.yaml").exists() else find_source(wheels=options.wheels)
        others = project.render_files(folder, options.stack, source, options.forge or project.find_forge(folder))
        obstacles = [*_find_obstacles(options.stack, target), *project.find_obstacles(folder, others)]
        configuration = gather_config(vars(options), _ask if sys.stdin.isatty() else None, obstacles)
    except AnswersError as error:
        # Without the usage, which would put the answers off the screen.
        missing = " ".join(f"--{flag} …" for flag in re.findall(r"--(\w+): got no answer", str(error)))
        how = f"\n  this is no terminal: add the answers as flags, {missing}" if missing else ""
        print(f"{name}: {error}{how}", file=sys.stderr)
        return FAULT
    except SourceError as error:
        print(f"{name}: {error}; nothing was written", file=sys.stderr)
        return FAULT
    except (EOFError, KeyboardInterrupt):
        print("\nnothing was written", file=sys.stderr)
        return FAULT
    project.write_files(folder, others, source)
    with target.open("x", encoding="utf-8") as file:
        file.write(render_stack_file(configuration, project.find_schema(folder)))
    written = {**others, **dict.fromkeys((f"wheels/{wheel}" for wheel in source.wheels) if source else (), "")}
    steps = list_next_steps(options.stack, target, configuration, name=name, files=written)
    try:
        print(name_documents("\n".join(steps)), flush=True)
    except BrokenPipeError:
        # The reader, such as head, has closed the pipe. Python would report it again at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return OK


def _renew(options: argparse.Namespace, name: str) -> int:
    """Put this Gatehouse into a project that another one wrote."""
    try:
        changed, news = project.renew_project(options.project, find_source(wheels=options.wheels))
    except (SourceError, project.RenewalError) as error:
        print(f"{name} --renew: {error}; nothing was written", file=sys.stderr)
        return FAULT
    where, steps = _describe_folder(options.project)
    print(f"Written{where}: {', '.join(changed)}. Workflows, program and stack files are as they were.\n\n{news}\n")
    print("\n".join(["Next:", *steps, f"  {INSTALL}"]))
    print("  gatehouse review --against HEAD && pulumi preview --diff")
    return OK


def _find_obstacles(stack: str, target: Path) -> Iterator[str]:
    """Reasons why no file can be written."""
    if not _STACK.fullmatch(stack):
        yield f"the stack's name is {stack!r}; allowed are letters, digits, _ . and -, with no . first"
    elif target.exists():
        yield f"{target.name} exists and is left as it is: edit it, or take another name for the stack"


def gather_config(flags: Mapping[str, Any], ask: Ask | None, mistakes: Sequence[str] = ()) -> dict[str, Any]:
    """The stack's config by the answers. Raises AnswersError, with `mistakes` that are known already."""
    named = {flag: str(flags[flag]) for flag in QUESTIONS if flags.get(flag) is not None}
    wrong = {flag: _describe_mistake(flag, got) for flag, got in named.items() if not QUESTIONS[flag].fits(got)}
    faults = [*mistakes, *wrong.values()]
    if ask is not None and faults:
        # Questions are not asked in vain.
        raise AnswersError(faults)
    answers: dict[str, str] = {}
    for flag, question in QUESTIONS.items():
        if not question.asked(answers):
            # Which flags belong together is not known while a choice is wrong.
            if flag in named and not wrong.keys() & {"caller", "backend"}:
                faults.append(f"--{flag}: only with {question.only_with}; leave it out")
            continue
        default = (os.environ.get("AWS_REGION", "") if flag == "region" else "") or question.find_default(answers)
        if flag in named:
            answers[flag] = "" if flag in wrong else named[flag]
        elif ask is not None:
            answers[flag] = _ask_until_valid(question, default, ask)
            while clash := _find_clash(answers):
                print(f"  {clash.partition('; ')[2]}")
                answers[flag] = _ask_until_valid(question, default, ask)
        elif default and question.fits(default):
            answers[flag] = default
        else:
            faults.append(_describe_mistake(flag, default))
    if clash := _find_clash(answers):
        faults.append(clash)
    if faults:
        raise AnswersError(faults)
    return _build_config(answers)


def _find_clash(answers: Mapping[str, str]) -> str:
    """The mistake of two answers that do not go together. Empty if they do."""
    if answers.get("caller") == "webhook" and answers.get("backend") == "greeter":
        allowed = "ec2, fargate or url with --caller webhook: a greeter has no forwarder, which checks signatures"
        return f"--backend: got 'greeter'; {allowed}"
    clash = further_services.find_clash(answers)
    return f"--services: got {hide_passwords(answers['services'])!r}; {clash}" if clash else ""


def _ask_until_valid(question: Question, default: str, ask: Ask) -> str:
    while (answer := ask(question.text, question.choices, default) or default) == "?" or not question.fits(answer):
        print(f"  {question.help}" if answer == "?" else f"  {question.want}; ? explains")
    return answer


def _describe_mistake(flag: str, got: str) -> str:
    question = QUESTIONS[flag]
    near = regions.suggest_region(got) if flag == "region" else did_you_mean(got, question.choices) if got else ""
    got = hide_passwords(got)
    return f"--{flag}: got {repr(got) if got else 'no answer'}; {question.want}{'; ' if near else ''}{near}"


def _build_config(answers: Mapping[str, str]) -> dict[str, Any]:
    caller, kind = answers["caller"], answers["backend"]
    api = _build_api(answers)
    # A webhook's signature is checked in the forwarder.
    linked = kind == "fargate" and caller != "webhook"
    configuration: dict[str, Any] = {
        "aws:region": answers["region"],
        "topology": "private-api" if caller == "vpc" else "vpc-link" if linked else "public-proxy",
    }
    if kind == "url":
        configuration["network"] = {"vpcId": answers["vpc"], "subnetIds": re.split(r"[ ,]+", answers["subnets"])}
    elif caller == "vpc" and kind == "greeter":
        configuration["network"] = {"egress": "none"}
    elif answers.get("hosts", "-") != "-":
        configuration["network"] = {"requiredHosts": re.split(r"[ ,]+", answers["hosts"])}
    # Cloud Map costs cents, and serves HTTP APIs only.
    registered = linked and api.get("kind") == "http"
    configuration["backend"] = _build_backend(answers)
    if services := further_services.read_services(answers.get("services", "-")):
        configuration["backends"] = _build_services(services, configuration["backend"])
        api["routes"] += further_services.build_routes(services, api["routes"][0])
    if kind == "fargate":
        configuration["ingress"] = {"kind": "cloud-map" if registered else "alb"}
    if answers.get("consumer", "none") != "none":
        configuration["consumer"] = {"access": answers["consumer"]}
    proxy = _build_proxy(answers)
    if proxy:
        configuration["proxy"] = proxy
    configuration["api"] = api
    protection: dict[str, Any] = {}
    if caller == "open":
        paths = [route["path"].rstrip("/") for route in api["routes"]]
        protection["acknowledgePublic"] = [f"ANY {path}/*" for path in paths]
    if answers["email"] != "-":
        protection["alarms"] = {"emails": re.split(r"[ ,]+", answers["email"])}
    return {**configuration, "protection": protection} if protection else configuration


def _build_backend(answers: Mapping[str, str]) -> dict[str, Any]:
    kind = answers["backend"]
    if kind == "url":
        return {"url": answers["url"]}
    if kind not in CONTAINERS:
        return {"kind": kind}
    backend: dict[str, Any] = {"kind": kind, "image": answers["image"], "port": int(answers["port"])}
    if (platform := answers.get("platform", "unknown")) != "unknown":
        backend["platform"] = platform
    if answers.get("health", defaults.HEALTH_CHECK_PATH) != defaults.HEALTH_CHECK_PATH:
        backend["healthCheckPath"] = answers["health"]
    return backend


def _build_services(
    services: Sequence[further_services.FurtherService], backend: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """Services of one stack have images for the same platform, and the same health check."""
    shared = {key: backend[key] for key in ("platform", "healthCheckPath") if key in backend}
    return {one.name: one.keys | ({} if one.kind == "url" else shared) for one in services}


def _build_proxy(answers: Mapping[str, str]) -> dict[str, Any]:
    proxy: dict[str, Any] = {}
    seconds = answers.get("seconds", str(defaults.PROXY_TIMEOUT_SECONDS))
    if int(seconds) != defaults.PROXY_TIMEOUT_SECONDS:
        proxy["timeoutSeconds"] = int(seconds)
    if answers["caller"] == "webhook":
        # A secret is never written in plain: `pulumi config set --secret` puts the real one in its place.
        # Most senders deliver once: the first call after quiet weeks must not fail.
        proxy["keepWarm"] = True
        proxy["webhook"] = {"scheme": answers["sender"], "secret": {"secure": "v1:stand-in:of-an-encrypted-value"}}
    return proxy


def _build_api(answers: Mapping[str, str]) -> dict[str, Any]:
    everything = {"path": "/", "methods": ["ANY"]}
    throttle = {"rate": int(answers["rate"]), "burst": int(answers.get("burst") or choose_default_burst(answers))}
    match answers["caller"]:
        case "web-app":
            methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
            cors = {"origins": [answers["origin"]], "methods": methods, "headers": ["Authorization", "Content-Type"]}
            return {**_build_token_api(answers, methods), "cors": cors, "throttle": throttle}
        case "mobile-app":
            return {**_build_token_api(answers, ["ANY"]), "throttle": throttle}
        case "partner":
            limit = answers["quota"]
            quota = {} if limit == "-" else {"quota": {"limit": int(limit), "period": "DAY"}}
            plan = {"keys": re.split(r"[ ,]+", answers["partners"]), "throttle": throttle, **quota}
            route = {**everything, "path": route_path(answers["path"]), "keyRequired": True}
            # The API's own throttle counts too: by default it lets fewer pass than a plan may ask for.
            return {"kind": "rest", "routes": [route], "throttle": throttle, "plans": {"callers": plan}}
        case "webhook":
            return _build_webhook_api(answers, throttle)
        case "service" | "nobody":
            return {"kind": "http", "routes": [{**everything, "authorization": "iam"}], "throttle": throttle}
        case "vpc":
            identity = {"authorization": "iam"} if answers["identity"] == "iam" else {}
            others = answers["vpcs"]
            private = {} if others == "-" else {"private": {"vpcIds": re.split(r"[ ,]+", others)}}
            return {"routes": [{**everything, **identity}], **private, "throttle": throttle}
    return {"kind": "http", "routes": [everything], "throttle": throttle}


def _build_token_api(answers: Mapping[str, str], methods: list[str]) -> dict[str, Any]:
    issuer = {"kind": "jwt", "issuer": answers["issuer"], "audiences": [answers["audience"]]}
    routes = [{"path": "/", "methods": methods, "authorization": "issuer"}]
    return {"kind": "http", "authorizers": {"issuer": issuer}, "routes": routes}


def _build_webhook_api(answers: Mapping[str, str], throttle: Mapping[str, int]) -> dict[str, Any]:
    route: dict[str, Any] = {"path": route_path(answers["path"]), "methods": ["POST"], "throttle": dict(throttle)}
    if answers["backend"] == "fargate":
        route["target"] = "proxy"
    policy = {"policy": {"allow": ["github-hooks"]}} if answers["sender"] == "github" else {}
    return {"kind": "rest", "routes": [route], **policy}


class _Plain(yaml.SafeDumper):
    """Writes a list that occurs twice in full each time, without YAML anchors."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True


def render_stack_file(configuration: Mapping[str, Any], schema: str = "") -> str:
    """The stack file. `schema` is the file by which editors check it."""
    head = f"# yaml-language-server: $schema={schema}\n" if schema else ""
    head += "# Written by `gatehouse new`. `gatehouse docs settings` describes every key.\n"
    return head + yaml.dump({"config": dict(configuration)}, Dumper=_Plain, sort_keys=False, default_flow_style=False)


def list_next_steps(
    stack: str, target: Path, found: Mapping[str, Any], *, name: str, files: Mapping[str, str]
) -> Iterator[str]:
    """Yields the way from the files to a URL that answers, and back. `name` is the command that wrote them."""
    backend = found["backend"]
    if "image" in backend and "platform" not in backend:
        yield f"The platform of {backend['image']} is not named, so it runs on arm64, and the review cannot tell"
        yield "whether it fits. If the image is built for x86, write backend.platform: linux/amd64 (--platform)."
    example = f"examples/{_find_example(found)}.yaml"
    where, steps = _describe_folder(target.parent)
    yield f"Written{where}: {', '.join([*files, target.name])}. {example} of Gatehouse is like it. Next:"
    yield from steps
    if files:
        yield "  python3 -m venv .venv && . .venv/bin/activate"
        yield f"  {INSTALL}"
    elif not project.names_gatehouse(target.parent):
        yield "  # install Gatehouse, and let the program read the stack file: docs/library.md of Gatehouse says how"
    # A project of its own has the command, and no Makefile.
    make = name.startswith("make ") and not files and not steps
    served = f"make try STACK={stack}" if make else f"gatehouse try {stack}"
    reviewed = f"make preview STACK={stack}" if make else f"gatehouse review {stack}"
    yield f"  {served:26} # serves it on this machine"
    yield f"  {reviewed:26} # what it builds and costs, and who can reach it"
    yield f"  pulumi login && pulumi stack init {stack}"
    if "webhook" in found.get("proxy", {}):
        yield "  pulumi config set --secret --path proxy.webhook.secret"
    yield "  pulumi up && pulumi stack output curl"
    if "url" in backend:
        yield "  # allow calls from $(pulumi stack output forwarderSecurityGroupId) in the backend's security group"
        if "backends" in found:
            yield "  # and from forwarderSecurityGroupId of each service in $(pulumi stack output services) in its own"
    if "webhook" in found.get("proxy", {}):
        path = found["api"]["routes"][0]["path"]
        yield f"  # at the sender, enter <apiUrl>{path}, with a slash at the end if the backend needs one"
    yield "  pulumi destroy             # removes everything again"
    yield "docs/first-deployment.md of Gatehouse has each step with what AWS needs before it."


def _describe_folder(folder: Path) -> tuple[str, list[str]]:
    """Words for a project's folder, and the step into it. Both are empty for the folder of the command."""
    if folder.resolve() == Path.cwd():
        return "", []
    return f" in {folder}", [f"  cd {shlex.quote(str(folder))}"]


def _find_example(configuration: Mapping[str, Any]) -> str:
    """Returns the example that is nearest to a config: the first that fits."""
    api, backend, hook = configuration["api"], configuration["backend"], "webhook" in configuration.get("proxy", {})
    greeter, private = backend == {"kind": "greeter"}, configuration["topology"] == "private-api"
    fits = {
        "three-services": "backends" in configuration,
        "jenkins-webhook": hook and "url" in backend,
        "webhook": hook,
        "private-greeter": greeter and private,
        "greeter-in-the-open": greeter and api.get("kind") == "http",
        "internal-api": private,
        "web-app": "cors" in api,
        "jwt-http": "authorizers" in api,
        "partner-api": "plans" in api,
        "existing-backend": "acknowledgePublic" in configuration.get("protection", {}) or "url" in backend,
        "scheduled": True,
    }
    return next(name for name, fitting in fits.items() if fitting)


def _ask(text: str, choices: Mapping[str, str], default: str) -> str:
    print(text)
    for choice, sentence in choices.items():
        print(f"  {choice:11} {sentence}")
    return input(f"  [{default}] " if default else "  ").strip()


def _build_parser(name: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=name,
        description="Write a stack file that passes every rule, and the project around it in a folder that has none. "
        "What no flag gives is asked; ? explains a question.",
        epilog="exit status: 0, or 2 if an answer is missing or wrong, and nothing is written",
        allow_abbrev=False,
    )
    parser.add_argument("stack", nargs="?", default="dev", metavar="STACK", help="name of the stack. Defaults to dev")
    parser.add_argument(
        "--project", type=Path, default=Path(), metavar="DIR", help="folder of the project. Defaults to this folder"
    )
    forge = "write the CI files of this forge. Defaults to that of the repository's origin, or else to github"
    parser.add_argument("--forge", choices=project.FORGES, help=forge)
    wheels = "put the two wheels of Gatehouse into the project, also if its repository has the commit"
    parser.add_argument("--wheels", action="store_true", help=wheels)
    renew = (
        "put this Gatehouse into the project in place of the one that it has, and print the changelog between the two"
    )
    parser.add_argument("--renew", action="store_true", help=renew)
    for flag, question in QUESTIONS.items():
        allowed = ", ".join(question.choices) or question.want
        belongs = f" ({question.only_with})" if question.only_with else ""
        parser.add_argument(f"--{flag}", metavar=flag.upper(), help=f"{question.text} {allowed}{belongs}")
    return parser
