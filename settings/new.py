"""`make new`: asks who calls what, and writes a stack file that passes every rule. The models check the answers."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import TypeAdapter, ValidationError

from facts import defaults, limits, regions
from facts.container_image import parse

from .values import BackendUrl, DomainName, EmailAddress, Port, RequestPath, SubnetId, VpcId

OK: Final = 0
FAULT: Final = 2
ROOT: Final = Path(__file__).parents[1]

CALLERS: Final = {
    "web-app": "a web page, whose users sign in at an OpenID issuer such as a Cognito user pool",
    "mobile-app": "an app on phones, whose users sign in at an OpenID issuer",
    "partner": "another company, with an API key, a throttle and a daily quota",
    "webhook": "GitHub, Stripe or Slack, whose signature is checked before anything reaches the backend",
    "service": "other services of yours, with AWS identities",
    "vpc": "only what runs inside the VPC: the API has no public address",
    "open": "anyone on the internet",
}
BACKENDS: Final = {
    "ec2": "a container on one EC2 instance; the image must be for arm64",
    "fargate": "a container on Fargate; the image must be for arm64",
    "url": "something that exists in a VPC, by its address",
    "greeter": "a small Lambda function that greets its caller, to try an API out",
}
WEBHOOKS: Final = {"github": "GitHub", "stripe": "Stripe", "slack": "Slack"}
_STACK: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")
_THROTTLE: Final = {"rate": 50, "burst": 100}
_QUOTA: Final = {"limit": 10_000, "period": "DAY"}
_TOKENS: Final = ("web-app", "mobile-app")
_CONTAINERS: Final = ("ec2", "fargate")
_LONGEST: Final = limits.REST_API_TIMEOUT_MILLISECONDS // 1000
_WEBHOOK_PATH: Final = "/hooks"

Ask = Callable[[str, Mapping[str, str], str], str]


class AnswersError(Exception):
    """Answers that are missing or wrong, all of them."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        super().__init__("\n  ".join([f"{count}; nothing was written", *mistakes]))


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question that a flag answers as well."""

    text: str
    help: str
    """Explains the words of the question; shown for `?`."""
    want: str
    fits: Callable[[str], bool]
    default: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    asked: Callable[[Mapping[str, str]], bool] = lambda _: True
    """Whether the answers so far call for it."""
    only_with: str = ""
    """The flags that it belongs to, in words; empty if it always counts."""


def _is(kind: Any, value: object) -> bool:
    """Whether the models accept a value."""
    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError:
        return False
    return True


def _typed(kind: Any) -> Callable[[str], bool]:
    """Whether the models accept every part of a text, which commas or spaces separate."""
    return lambda text: all(_is(kind, part) for part in re.split(r"[ ,]+", text))


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and _is(Port, int(text))


def _is_image(text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


def _choice(text: str, explained: str, choices: Mapping[str, str], default: str, **more: Any) -> Question:
    allowed = f"one of {', '.join(choices)}"
    return Question(
        text=text, help=explained, want=allowed, fits=choices.__contains__, default=default, choices=choices, **more
    )


def _with(flag: str, *values: str) -> dict[str, Any]:
    return {"asked": lambda answers: answers.get(flag) in values, "only_with": f"--{flag} {' or '.join(values)}"}


def _or_none(fits: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda text: text == "-" or fits(text)


QUESTIONS: Final[Mapping[str, Question]] = {
    "caller": _choice("Who calls it?", "This decides how callers prove who they are.", CALLERS, "service"),
    "backend": _choice("What answers?", "The backend: it stays private, and only the API reaches it.", BACKENDS, "ec2"),
    "region": Question(
        text="In which AWS region?",
        help="The data center's place. Prices and the callers' delay depend on it.",
        want="a region of AWS such as eu-west-1",
        fits=regions.is_region,
        default="eu-west-1",
    ),
    "image": Question(
        text="Which container image?",
        help="As you would give it to docker run: nginx:1.29, ghcr.io/you/app:1.0, or an image in ECR.",
        want="an image such as ghcr.io/you/app:1.0",
        fits=_is_image,
        **_with("backend", *_CONTAINERS),
    ),
    "port": Question(
        text="On which port does it listen?",
        help="The port inside the container.",
        want="a port from 1 to 65535",
        fits=_is_port,
        default=str(defaults.BACKEND_PORT),
        **_with("backend", *_CONTAINERS),
    ),
    "health": Question(
        text="Which path answers 200 without credentials?",
        help="Health checks call it. A bare framework answers 404 to /, and its container is replaced again and again.",
        want="a path such as /health",
        fits=_typed(RequestPath),
        default=defaults.HEALTH_CHECK_PATH,
        **_with("backend", "fargate"),
    ),
    "hosts": Question(
        text="Which other hosts does it call?",
        help="Hosts on the internet, such as api.stripe.com. Egress is chosen so that they are reached.",
        want="host names with commas, or - for none",
        fits=_or_none(_typed(DomainName)),
        default="-",
        **_with("backend", *_CONTAINERS),
    ),
    "url": Question(
        text="At which URL?",
        help="Its address inside the VPC: http://10.20.30.40:8080.",
        want="http(s)://host[:port] without a user",
        fits=_typed(BackendUrl),
        **_with("backend", "url"),
    ),
    "vpc": Question(
        text="In which VPC?",
        help="The id from the VPC console.",
        want="an id such as vpc-0a1b2c3d",
        fits=_typed(VpcId),
        **_with("backend", "url"),
    ),
    "subnets": Question(
        text="In which private subnets?",
        help="Subnets in two zones, from which the function calls the backend.",
        want="ids such as subnet-0a1b2c3d, with commas",
        fits=_typed(SubnetId),
        **_with("backend", "url"),
    ),
    "seconds": Question(
        text="How many seconds may an answer take?",
        help=f"The API waits {_LONGEST} s at most. Longer answers can stream: examples/streaming.yaml.",
        want=f"a number from 1 to {_LONGEST}",
        fits=lambda text: text.isascii() and text.isdigit() and 1 <= int(text) <= _LONGEST,
        default=str(defaults.PROXY_TIMEOUT_SECONDS),
        **_with("backend", "ec2", "url"),
    ),
    "origin": Question(
        text="At which address is the page?",
        help="The origin that the browser sends: scheme and host, without a path.",
        want="an origin such as https://app.example.com",
        fits=lambda text: re.fullmatch(r"https://[a-z0-9.-]+(:[0-9]+)?", text) is not None,
        **_with("caller", "web-app"),
    ),
    "issuer": Question(
        text="Which issuer signs the tokens?",
        help="Of a Cognito user pool: https://cognito-idp.REGION.amazonaws.com/POOL_ID.",
        want="an https:// URL",
        fits=lambda text: re.fullmatch(r"https://\S+", text) is not None,
        **_with("caller", *_TOKENS),
    ),
    "audience": Question(
        text="For which audience are the tokens?",
        help="The aud claim. Of Cognito it is the ID of the app client.",
        want="the audience in the tokens",
        fits=bool,
        **_with("caller", *_TOKENS),
    ),
    "sender": _choice(
        "Who sends the webhook?",
        "Each signs in a way of its own.",
        WEBHOOKS,
        "github",
        **_with("caller", "webhook"),
    ),
    "email": Question(
        text="Who gets an e-mail when it fails?",
        help="AWS sends alarms there, after the address was confirmed once.",
        want="an e-mail address, or - for none",
        fits=_or_none(_typed(EmailAddress)),
        default="-",
    ),
}
"""By flag, in the order in which they are asked."""


def main(arguments: Sequence[str], name: str = "make new") -> int:
    """Run the command. Returns its exit status."""
    parser = _parser(name)
    given = parser.parse_args(arguments)
    target = (given.project or ROOT) / f"Pulumi.{given.stack}.yaml"
    try:
        found = config(vars(given), _ask if sys.stdin.isatty() else None, list(_obstacles(given.stack, target)))
    except AnswersError as error:
        parser.error(str(error))
    except (EOFError, KeyboardInterrupt):
        print("\nnothing was written", file=sys.stderr)
        return FAULT
    with target.open("x", encoding="utf-8") as file:
        file.write(written(found))
    print("\n".join(next_steps(given.stack, target, found)))
    return OK


def _obstacles(stack: str, target: Path) -> Iterator[str]:
    """Reasons why no file can be written."""
    if not _STACK.fullmatch(stack):
        yield f"the stack's name is {stack!r}; allowed are letters, digits, _ . and -, with no . first"
    elif target.exists():
        yield f'{target.name} exists and is left as it is: edit it, or take another name: make new ARGS="NAME"'


def config(flags: Mapping[str, Any], ask: Ask | None, mistakes: Sequence[str] = ()) -> dict[str, Any]:
    """The stack's config by the answers. Raises AnswersError, with `mistakes` that are known already."""
    given = {flag: str(flags[flag]) for flag in QUESTIONS if flags.get(flag) is not None}
    wrong = {flag: _wrong(flag, got) for flag, got in given.items() if not QUESTIONS[flag].fits(got)}
    found = [*mistakes, *wrong.values()]
    if ask is not None and found:
        # Questions are not asked in vain.
        raise AnswersError(found)
    answers: dict[str, str] = {}
    for flag, question in QUESTIONS.items():
        if not question.asked(answers):
            # Which flags belong together is not known while a choice is wrong.
            if flag in given and not wrong.keys() & {"caller", "backend"}:
                found.append(f"--{flag}: only with {question.only_with}; leave it out")
            continue
        default = (os.environ.get("AWS_REGION", "") if flag == "region" else "") or question.default
        if flag in given:
            answers[flag] = "" if flag in wrong else given[flag]
        elif ask is not None:
            answers[flag] = _answered(question, default, ask)
        elif default and question.fits(default):
            answers[flag] = default
        else:
            found.append(_wrong(flag, default))
    if answers.get("caller") == "webhook" and answers.get("backend") == "greeter":
        found.append("--backend: got 'greeter'; ec2, fargate or url with --caller webhook: it has no forwarder")
    if found:
        raise AnswersError(found)
    return _config(answers)


def _answered(question: Question, default: str, ask: Ask) -> str:
    while not question.fits(answer := ask(question.text, question.choices, default) or default):
        print(f"  {question.help}" if answer == "?" else f"  {question.want}; ? explains")
    return answer


def _wrong(flag: str, got: str) -> str:
    near = regions.nearest_region(got) if flag == "region" else ""
    got = re.sub(r"(://)[^/@\s]*@", r"\1(hidden)@", got)
    return f"--{flag}: got {repr(got) if got else 'no answer'}; {QUESTIONS[flag].want}{'; ' if near else ''}{near}"


def _config(answers: Mapping[str, str]) -> dict[str, Any]:
    caller, kind = answers["caller"], answers["backend"]
    api = _api(answers)
    # A webhook's signature is checked in the forwarder.
    linked = kind == "fargate" and caller != "webhook"
    found: dict[str, Any] = {
        "aws:region": answers["region"],
        "topology": "private-api" if caller == "vpc" else "vpc-link" if linked else "public-proxy",
    }
    if kind == "url":
        found["network"] = {"vpcId": answers["vpc"], "subnetIds": re.split(r"[ ,]+", answers["subnets"])}
    elif caller == "vpc" and kind == "greeter":
        found["network"] = {"egress": "none"}
    elif answers.get("hosts", "-") != "-":
        found["network"] = {"requiredHosts": re.split(r"[ ,]+", answers["hosts"])}
    # Cloud Map costs cents; it serves HTTP APIs only, and calls no health check.
    registered = linked and api.get("kind") == "http"
    found["backend"] = _backend(answers, checked=not registered)
    if kind == "fargate":
        found["ingress"] = {"kind": "cloud-map" if registered else "alb"}
    if caller == "vpc" and kind != "url":
        found["consumer"] = {"access": "session-manager"}
    proxy = _proxy(answers)
    if proxy:
        found["proxy"] = proxy
    found["api"] = api
    protection: dict[str, Any] = {"acknowledgePublic": True} if caller == "open" else {}
    if answers["email"] != "-":
        protection["alarms"] = {"emails": re.split(r"[ ,]+", answers["email"])}
    return {**found, "protection": protection} if protection else found


def _backend(answers: Mapping[str, str], *, checked: bool) -> dict[str, Any]:
    kind = answers["backend"]
    if kind == "url":
        return {"url": answers["url"]}
    if kind not in _CONTAINERS:
        return {"kind": kind}
    found: dict[str, Any] = {"kind": kind, "image": answers["image"], "port": int(answers["port"])}
    if checked and answers.get("health", defaults.HEALTH_CHECK_PATH) != defaults.HEALTH_CHECK_PATH:
        found["healthCheckPath"] = answers["health"]
    return found


def _proxy(answers: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    seconds = answers.get("seconds", str(defaults.PROXY_TIMEOUT_SECONDS))
    if int(seconds) != defaults.PROXY_TIMEOUT_SECONDS:
        found["timeoutSeconds"] = int(seconds)
    if answers["caller"] == "webhook":
        # A secret is never written in plain: `pulumi config set --secret` puts the real one in its place.
        found["webhook"] = {"scheme": answers["sender"], "secret": {"secure": "v1:stand-in:of-an-encrypted-value"}}
    return found


def _api(answers: Mapping[str, str]) -> dict[str, Any]:
    everything = {"path": "/", "methods": ["ANY"]}
    match answers["caller"]:
        case "web-app":
            methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
            cors = {"origins": [answers["origin"]], "methods": methods, "headers": ["Authorization", "Content-Type"]}
            routes = [{"path": "/", "methods": methods, "authorization": "issuer"}]
            return {"kind": "http", "authorizers": {"issuer": _issuer(answers)}, "routes": routes, "cors": cors}
        case "mobile-app":
            routes = [{**everything, "authorization": "issuer"}]
            return {"kind": "http", "authorizers": {"issuer": _issuer(answers)}, "routes": routes}
        case "partner":
            plan = {"keys": ["first"], "throttle": dict(_THROTTLE), "quota": dict(_QUOTA)}
            return {"kind": "rest", "routes": [{**everything, "keyRequired": True}], "plans": {"callers": plan}}
        case "webhook":
            return _webhook(answers)
        case "service":
            return {"kind": "http", "routes": [{**everything, "authorization": "iam"}]}
        case "vpc":
            return {"routes": [everything]}
    return {"kind": "http", "routes": [everything]}


def _issuer(answers: Mapping[str, str]) -> dict[str, Any]:
    return {"kind": "jwt", "issuer": answers["issuer"], "audiences": [answers["audience"]]}


def _webhook(answers: Mapping[str, str]) -> dict[str, Any]:
    route = {"path": _WEBHOOK_PATH, "methods": ["POST"], "throttle": {"rate": 10, "burst": 20}}
    if answers["backend"] == "fargate":
        route["target"] = "proxy"
    policy = {"policy": {"allow": ["github-hooks"]}} if answers["sender"] == "github" else {}
    return {"kind": "rest", "routes": [route], **policy}


def written(found: Mapping[str, Any]) -> str:
    """The stack file."""
    head = "# Written by `make new`; docs/settings.md has every key.\n"
    return head + yaml.safe_dump({"config": dict(found)}, sort_keys=False, default_flow_style=False)


def next_steps(stack: str, target: Path, found: Mapping[str, Any]) -> Iterator[str]:
    """The way from the file to a URL that answers, and back."""
    yield f"{target.name} is written. Next:"
    yield f"  make try STACK={stack:16} # serves it on this machine"
    yield f"  make preview STACK={stack:12} # what it builds and costs, and who can reach it"
    yield f"  pulumi login && pulumi stack init {stack}"
    if "webhook" in found.get("proxy", {}):
        yield "  pulumi config set --secret --path gatehouse:proxy.webhook.secret"
    yield "  pulumi up && pulumi stack output curl"
    yield "  pulumi destroy              # removes everything again"
    yield "docs/first-deployment.md has each step with what AWS needs before it."


def _ask(text: str, choices: Mapping[str, str], default: str) -> str:
    print(text)
    for choice, sentence in choices.items():
        print(f"  {choice:11} {sentence}")
    return input(f"  [{default}] " if default else "  ").strip()


def _parser(name: str) -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog=name,
        description="Write a stack file that passes every rule. What no flag gives is asked; ? explains a question.",
        epilog="exit status: 0, or 2 if an answer is missing or wrong, and nothing is written",
        allow_abbrev=False,
    )
    made.add_argument("stack", nargs="?", default="dev", metavar="STACK", help="name of the stack. Defaults to dev")
    made.add_argument("--project", type=Path, metavar="DIR", help="folder of Pulumi.yaml. Defaults to this project")
    for flag, question in QUESTIONS.items():
        allowed = ", ".join(question.choices) or question.want
        belongs = f" ({question.only_with})" if question.only_with else ""
        made.add_argument(f"--{flag}", metavar=flag.upper(), help=f"{allowed}{belongs}")
    return made


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
