"""`gatehouse new`: asks a few questions, or takes flags, and writes a stack file that passes every rule."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from ..facts import regions

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
_URL: Final = re.compile(r"https?://[^/\s?#@]+(/[^\s?#]*)?")
_STACK: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")
_QUOTA: Final = {"limit": 10_000, "period": "DAY"}
_THROTTLE: Final = {"rate": 50, "burst": 100}
_EVERYTHING: Final = {"path": "/", "methods": ["ANY"]}

Ask = Callable[[str, Mapping[str, str], str], str]


class AnswersError(Exception):
    """Answers that are missing or wrong, all of them."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        super().__init__("\n  ".join([f"{count}; nothing was written", *mistakes]))


@dataclass(frozen=True)
class _Question:
    """What is asked where no flag answers it."""

    text: str
    fits: Callable[[str], bool]
    want: str
    default: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    only_with: str = ""
    """The flag that this one belongs to; empty if it always counts."""


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < int(text) < 65536


def _is_url(text: str) -> bool:
    try:
        return bool(_URL.fullmatch(text)) and urlsplit(text).port != 0
    except ValueError:
        return False


def _choice(text: str, choices: Mapping[str, str], default: str) -> _Question:
    return _Question(text, choices.__contains__, f"one of {', '.join(choices)}", default, choices)


_CONTAINER, _EXISTING, _TOKEN = "--backend ec2 or fargate", "--backend url", "--callers token"
_ID: Final = "[0-9a-f]{8,17}"
_QUESTIONS: Final[Mapping[str, _Question]] = {
    "region": _Question("Region?", regions.is_region, "a region of AWS such as eu-west-1", "eu-west-1"),
    "backend": _choice("What is behind the API?", BACKENDS, "ec2"),
    "image": _Question("Which image?", _matches(r"\S+"), "an image such as nginx:1.29", only_with=_CONTAINER),
    "port": _Question(
        "On which port does it listen?", _is_port, "a port from 1 to 65535", "8080", only_with=_CONTAINER
    ),
    "url": _Question(
        "At which URL?",
        _is_url,
        "http(s)://host[:port] without a user",
        only_with=_EXISTING,
    ),
    "callers": _choice("Who may call?", CALLERS, "iam"),
    "issuer": _Question("Which issuer?", _matches(r"https://\S+"), "an https:// URL", only_with=_TOKEN),
    "audience": _Question("For which audience?", bool, "the audience in the tokens", only_with=_TOKEN),
    "vpc": _Question("In which VPC?", _matches(f"vpc-{_ID}"), "an id such as vpc-0a1b2c3d", only_with=_EXISTING),
    "subnets": _Question(
        "In which private subnets?",
        _matches(f"subnet-{_ID}([ ,]+subnet-{_ID})*"),
        "ids such as subnet-0a1b2c3d, with commas",
        only_with=_EXISTING,
    ),
    "email": _Question(
        "Who gets an e-mail when it fails?",
        _matches(r"-|[^@\s]+@[^@\s]+\.[^@\s]+"),
        "an e-mail address, or - for none",
        "-",
    ),
}
"""By flag, in the order in which they are asked."""


def main(arguments: Sequence[str], name: str) -> int:
    """Run the command. Returns its exit status."""
    parser = _parser(name)
    given = parser.parse_args(arguments)
    target = given.project / f"Pulumi.{given.stack}.yaml"
    project = given.project / "Pulumi.yaml"
    if not project.is_file() or not re.search(r"^ +topology:", project.read_text(encoding="utf-8"), re.MULTILINE):
        parser.error(
            f"{given.project.absolute()} holds no project of Gatehouse: `pulumi new` makes one from this repository"
        )
    try:
        found = config(vars(given), _ask if sys.stdin.isatty() else None, list(_obstacles(given, target, name)))
    except AnswersError as error:
        parser.error(str(error))
    except (EOFError, KeyboardInterrupt):
        print("\nnothing was written", file=sys.stderr)
        return FAULT
    with target.open("x", encoding="utf-8") as file:
        file.write(written(found))
    print(f"{target} is written. Next:\n  make preview STACK={given.stack}")
    print(f"  pulumi stack init {given.stack} && pulumi up")
    return OK


def _obstacles(given: argparse.Namespace, target: Path, name: str) -> Iterator[str]:
    """What keeps a file from being written, whatever it would hold."""
    if not _STACK.fullmatch(given.stack):
        yield f"the stack's name is {given.stack!r}; allowed are letters, digits, _ . and -, with no . first"
    elif target.exists():
        yield f"{target} exists and is left as it is: edit it, or take another name: `{name} NAME`"


class _Answers:
    """Answers from flags, and from a person for what no flag gives."""

    def __init__(self, flags: Mapping[str, Any], ask: Ask | None, mistakes: Sequence[str]) -> None:
        self.flags = {flag: str(flags[flag]) for flag in _QUESTIONS if flags.get(flag) is not None}
        self.ask = ask
        self.wrong = {flag: _wrong(flag, got) for flag, got in self.flags.items() if not _QUESTIONS[flag].fits(got)}
        self.mistakes = [*mistakes, *self.wrong.values()]
        self.read: set[str] = set()
        if ask is not None:
            # Nobody should answer questions in vain.
            self.check()

    def get(self, flag: str, default: str = "") -> str:
        """The answer; an empty one if it is missing or wrong, which is noted."""
        question = _QUESTIONS[flag]
        self.read.add(flag)
        default = default or question.default
        if flag in self.flags:
            return "" if flag in self.wrong else self.flags[flag]
        if self.ask is None:
            if question.fits(default) and default:
                return default
            self.mistakes.append(_wrong(flag, default))
            return ""
        while not question.fits(answer := self.ask(question.text, question.choices, default) or default):
            print(f"  {question.want}")
        return answer

    def check(self) -> None:
        """Raise AnswersError if there are mistakes."""
        if self.mistakes:
            raise AnswersError(self.mistakes)

    def check_all(self) -> None:
        """The same, with flags that no question took; which ones take them is not known if a choice is wrong."""
        if not self.wrong.keys() & {"backend", "callers"}:
            unread = [flag for flag in self.flags if flag not in self.read]
            self.mistakes += [f"--{flag}: only with {_QUESTIONS[flag].only_with}; leave it out" for flag in unread]
        self.check()


def _wrong(flag: str, got: str) -> str:
    near = regions.nearest_region(got) if flag == "region" else ""
    got = re.sub(r"(://)[^/@\s]*@", r"\1(hidden)@", got)
    return f"--{flag}: got {repr(got) if got else 'no answer'}; {_QUESTIONS[flag].want}{'; ' if near else ''}{near}"


def config(flags: Mapping[str, Any], ask: Ask | None, mistakes: Sequence[str] = ()) -> dict[str, Any]:
    """The stack's config by the answers. Raises AnswersError, with `mistakes` that are known already."""
    answers = _Answers(flags, ask, mistakes)
    found: dict[str, Any] = {"aws:region": answers.get("region", os.environ.get("AWS_REGION", ""))}
    kind = answers.get("backend")
    backend = _backend(answers, kind)
    callers = answers.get("callers")
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
    answers.check_all()
    return found


def _backend(answers: _Answers, kind: str) -> dict[str, Any]:
    match kind:
        case "ec2" | "fargate":
            return {"kind": kind, "image": answers.get("image"), "port": int(answers.get("port") or 0)}
        case "url":
            return {"url": answers.get("url")}
    return {"kind": kind}


def _existing(answers: _Answers) -> dict[str, Any]:
    return {"vpcId": answers.get("vpc"), "subnetIds": re.split(r"[ ,]+", answers.get("subnets"))}


def _api(answers: _Answers, callers: str) -> dict[str, Any]:
    match callers:
        case "iam":
            return {"kind": "http", "routes": [{**_EVERYTHING, "authorization": "iam"}]}
        case "key":
            plan = {"keys": ["first"], "throttle": dict(_THROTTLE), "quota": dict(_QUOTA)}
            return {"kind": "rest", "routes": [{**_EVERYTHING, "keyRequired": True}], "plans": {"callers": plan}}
        case "token":
            authorizer = {"kind": "jwt", "issuer": answers.get("issuer"), "audiences": [answers.get("audience")]}
            routes = [{**_EVERYTHING, "authorization": "issuer"}]
            return {"kind": "http", "authorizers": {"issuer": authorizer}, "routes": routes}
        case "private":
            return {"routes": [dict(_EVERYTHING)]}
    return {"kind": "http", "routes": [dict(_EVERYTHING)]}


def _protection(answers: _Answers, callers: str) -> dict[str, Any]:
    email = answers.get("email")
    found: dict[str, Any] = {"acknowledgePublic": True} if callers == "anybody" else {}
    return found if email == "-" else {**found, "alarms": {"emails": [email]}}


def written(found: Mapping[str, Any]) -> str:
    """The stack file."""
    import yaml

    head = "# Written by `gatehouse new`; docs/settings.md has every key.\n"
    return head + yaml.safe_dump({"config": dict(found)}, sort_keys=False, default_flow_style=False)


def _ask(text: str, choices: Mapping[str, str], default: str) -> str:
    print(text)
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
    made.add_argument("--region", metavar="REGION", help="$AWS_REGION, else eu-west-1")
    made.add_argument("--backend", metavar="KIND", help=", ".join(BACKENDS))
    made.add_argument("--image", metavar="IMAGE", help="ec2, fargate: the image; --port is where it listens, 8080")
    made.add_argument("--port", metavar="PORT", help=argparse.SUPPRESS)
    made.add_argument("--url", metavar="URL", help="url: the address, with --vpc and --subnets")
    made.add_argument("--vpc", metavar="ID", help=argparse.SUPPRESS)
    made.add_argument("--subnets", metavar="ID,ID", help=argparse.SUPPRESS)
    made.add_argument("--callers", metavar="WHO", help=", ".join(CALLERS))
    made.add_argument("--issuer", metavar="URL", help="token: the OpenID issuer, with --audience")
    made.add_argument("--audience", metavar="TEXT", help=argparse.SUPPRESS)
    made.add_argument("--email", metavar="ADDRESS", help="who gets an e-mail when it fails; - for none")
    return made
