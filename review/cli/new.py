"""`gatehouse new`: asks a few questions, or takes flags, and writes a stack file that passes every rule."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

OK: Final = 0
FAULT: Final = 2

BACKENDS: Final = {
    "ec2": "a container on one EC2 instance",
    "fargate": "a container on Fargate",
    "url": "something that exists in a VPC, by its address",
    "greeter": "a small Lambda that greets its caller, to try an API out",
}
CALLERS: Final = {
    "iam": "AWS identities with the right to call it",
    "key": "whoever has an API key",
    "token": "whoever has a token of an OpenID issuer",
    "private": "callers inside the VPC alone",
    "anybody": "anybody on the internet",
}
_REGION: Final = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_STACK: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")
_URL: Final = re.compile(r"https?://[^/\s?#@]+(/[^\s?#]*)?")
_PORT: Final = 8080
_QUOTA: Final = {"limit": 10_000, "period": "DAY"}
_THROTTLE: Final = {"rate": 50, "burst": 100}


def main(arguments: Sequence[str], name: str) -> int:
    """Run the command. Returns its exit status."""
    parser = _parser(name)
    given = parser.parse_args(arguments)
    target = given.project / f"Pulumi.{given.stack}.yaml"
    if not _STACK.fullmatch(given.stack):
        parser.error(f"the stack's name is {given.stack!r}; allowed are letters, digits, _ . and -, with no . first")
    project = given.project / "Pulumi.yaml"
    if not project.is_file() or not re.search(r"^ +topology:", project.read_text(encoding="utf-8"), re.MULTILINE):
        parser.error(f"{given.project} holds no project of Gatehouse: `pulumi new` makes one from this repository")
    if target.exists():
        parser.error(f"{target} exists and is left as it is: edit it, or take another name: `{name} NAME`")
    try:
        text = written(config(vars(given), _ask if sys.stdin.isatty() else None))
    except MissingError as missing:
        parser.error(str(missing))
    except (EOFError, KeyboardInterrupt):
        print("\nnothing was written", file=sys.stderr)
        return FAULT
    with target.open("x", encoding="utf-8") as file:
        file.write(text)
    print(f"{target} is written. Next:\n  make preview STACK={given.stack}")
    print(f"  pulumi stack init {given.stack} && pulumi up")
    return OK


class MissingError(Exception):
    """An answer that is missing or wrong, without a terminal to ask on."""


Ask = Callable[[str, str, Mapping[str, str], str], str]


class _Answers:
    """Answers from flags, and from a person for what no flag gives."""

    def __init__(self, flags: Mapping[str, Any], ask: Ask | None) -> None:
        self.flags, self.ask = flags, ask

    def get(
        self, flag: str, question: str, fits: Callable[[str], bool], want: str, default: str = "", **how: Any
    ) -> str:
        choices: Mapping[str, str] = how.get("choices", {})
        answer = self.flags.get(flag)
        if answer is None and self.ask is None and default:
            answer = default
        while answer is None or not fits(answer):
            if self.ask is None or self.flags.get(flag) is not None:
                got = "no answer" if answer is None else repr(answer)
                raise MissingError(f"--{flag}: got {got}; {want}")
            if answer is not None:
                print(f"  {want}")
            answer = self.ask(flag, question, choices, default) or default
        return str(answer)

    def one_of(self, flag: str, question: str, choices: Mapping[str, str], default: str) -> str:
        want = f"one of {', '.join(choices)}"
        return self.get(flag, question, choices.__contains__, want, default, choices=choices)


def config(flags: Mapping[str, Any], ask: Ask | None) -> dict[str, Any]:
    """The stack's config by the answers. Raises MissingError."""
    answers = _Answers(flags, ask)
    region = os.environ.get("AWS_REGION") or "eu-west-1"
    found: dict[str, Any] = {
        "aws:region": answers.get("region", "Region?", _matches(_REGION), "a region such as eu-west-1", region)
    }
    kind = answers.one_of("backend", "What is behind the API?", BACKENDS, "ec2")
    backend = _backend(answers, kind)
    callers = answers.one_of("callers", "Who may call?", CALLERS, "iam")
    api = _api(answers, callers)
    linked = kind == "fargate"
    found["topology"] = "private-api" if callers == "private" else "vpc-link" if linked else "public-proxy"
    if kind == "url":
        found["network"] = _existing(answers)
    found["backend"] = backend
    if linked:
        # Cloud Map costs cents and serves HTTP APIs alone.
        found["ingress"] = {"kind": "cloud-map" if api.get("kind") == "http" else "alb"}
    # What a VPC that exists lets out is not known, and an instance inside has to reach Session Manager.
    if callers == "private" and kind != "url":
        found["consumer"] = {"access": "session-manager"}
        if kind == "greeter":
            found["network"] = {"egress": "none"}
    found["api"] = api
    protection = _protection(answers, callers)
    if protection:
        found["protection"] = protection
    return found


def _backend(answers: _Answers, kind: str) -> dict[str, Any]:
    if kind == "greeter":
        return {"kind": "greeter"}
    if kind == "url":
        return {"url": answers.get("url", "At which URL?", _matches(_URL), "http(s)://host[:port] without a user")}
    image = answers.get("image", "Which image?", _matches(re.compile(r"\S+")), "an image such as nginx:1.29")
    port = answers.get("port", "On which port does it listen?", _is_port, "a port from 1 to 65535", str(_PORT))
    return {"kind": kind, "image": image, "port": int(port)}


def _existing(answers: _Answers) -> dict[str, Any]:
    vpc = answers.get("vpc", "In which VPC?", _matches(re.compile(r"vpc-[0-9a-f]{8,17}")), "an id such as vpc-0a1b2c3d")
    fits = re.compile(r"subnet-[0-9a-f]{8,17}([ ,]+subnet-[0-9a-f]{8,17})*")
    subnets = answers.get(
        "subnets", "In which private subnets?", _matches(fits), "ids such as subnet-0a1b2c3d, with commas"
    )
    return {"vpcId": vpc, "subnetIds": re.split(r"[ ,]+", subnets)}


def _api(answers: _Answers, callers: str) -> dict[str, Any]:
    everything = {"path": "/", "methods": ["ANY"]}
    match callers:
        case "iam":
            return {"kind": "http", "routes": [{**everything, "authorization": "iam"}]}
        case "key":
            plan = {"keys": ["first"], "throttle": dict(_THROTTLE), "quota": dict(_QUOTA)}
            return {"kind": "rest", "routes": [{**everything, "keyRequired": True}], "plans": {"callers": plan}}
        case "token":
            issuer = answers.get("issuer", "Which issuer?", _matches(re.compile(r"https://\S+")), "an https:// URL")
            audience = answers.get("audience", "For which audience?", bool, "the audience in the tokens")
            authorizer = {"kind": "jwt", "issuer": issuer, "audiences": [audience]}
            routes = [{**everything, "authorization": "issuer"}]
            return {"kind": "http", "authorizers": {"issuer": authorizer}, "routes": routes}
        case "private":
            return {"routes": [everything]}
    return {"kind": "http", "routes": [everything]}


def _protection(answers: _Answers, callers: str) -> dict[str, Any]:
    want = "an e-mail address, or - for nobody"
    fits = re.compile(r"-|[^@\s]+@[^@\s]+\.[^@\s]+")
    email = answers.get("email", "Who is notified by e-mail if it fails?", _matches(fits), want, "-")
    found: dict[str, Any] = {"acknowledgePublic": True} if callers == "anybody" else {}
    return found if email == "-" else {**found, "alarms": {"emails": [email]}}


def written(found: Mapping[str, Any]) -> str:
    """The stack file."""
    import yaml

    head = "# Written by `gatehouse new`; docs/settings.md has every key.\n"
    return head + yaml.safe_dump({"config": dict(found)}, sort_keys=False, default_flow_style=False)


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.fullmatch(text) is not None


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < int(text) < 65536


def _ask(flag: str, question: str, choices: Mapping[str, str], default: str) -> str:
    del flag
    print(question)
    for choice, sentence in choices.items():
        print(f"  {choice:8}  {sentence}")
    return input(f"  [{default}] " if default else "  ").strip()


def _parser(name: str) -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog=name,
        description="Write a stack file that passes every rule; what no flag gives is asked.",
        epilog="exit status: 0, or 2 if an answer is missing or wrong, and nothing is written",
    )
    made.add_argument(
        "stack", nargs="?", default="dev", metavar="STACK", help="name of the stack; dev if none is given"
    )
    made.add_argument(
        "--project", type=Path, default=Path(), metavar="DIR", help="folder of Pulumi.yaml; else this one"
    )
    made.add_argument("--region", metavar="REGION", help="$AWS_REGION or eu-west-1 if nobody is asked")
    made.add_argument("--backend", metavar="KIND", help=", ".join(BACKENDS))
    made.add_argument("--image", metavar="IMAGE", help="ec2, fargate: the image; --port is where it listens, 8080")
    made.add_argument("--port", metavar="PORT", help=argparse.SUPPRESS)
    made.add_argument("--url", metavar="URL", help="url: the address, with --vpc and --subnets")
    made.add_argument("--vpc", metavar="ID", help=argparse.SUPPRESS)
    made.add_argument("--subnets", metavar="ID,ID", help=argparse.SUPPRESS)
    made.add_argument("--callers", metavar="WHO", help=", ".join(CALLERS))
    made.add_argument("--issuer", metavar="URL", help="token: the OpenID issuer, with --audience")
    made.add_argument("--audience", metavar="TEXT", help=argparse.SUPPRESS)
    made.add_argument("--email", metavar="ADDRESS", help="who is notified if it fails; - for nobody")
    return made
