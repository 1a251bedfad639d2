"""The questions of `make new`. The settings' models check the answers."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic import TypeAdapter

from facts import defaults, limits, regions
from facts.container_image import parse

from .values import BackendUrl, DomainName, EmailAddress, Issuer, Name, RequestPath, RoutePath, SubnetId, VpcId, accepts

CALLERS: Final = {
    "web-app": "a web page, whose users sign in at an OpenID issuer such as a Cognito user pool",
    "mobile-app": "an app on phones, whose users sign in at an OpenID issuer",
    "partner": "another company, with an API key, a throttle and a daily quota",
    "webhook": "GitHub, Stripe, Slack or GitLab, whose signature or token is checked before the backend is called",
    "service": "other services of yours, with AWS identities",
    "vpc": "what runs inside the VPC, and in other VPCs that you name: the API has no public address",
    "open": "anyone on the internet",
    "nobody": "nobody yet: only AWS identities of your account may call, so that you can try it",
}
BACKENDS: Final = {
    "ec2": "a container on one EC2 instance, $7.42 per month without calls",
    "fargate": "a container on Fargate, $15.59 per month without calls",
    "url": "something that exists in a VPC, by its address, $0.00 per month without calls",
    "greeter": "a small Lambda function that greets its caller, $0.00 per month without calls",
}
"""With the fixed cost in eu-west-1 of a stack that `service` calls, which a test compares with the review's."""
PLATFORMS_ASKED: Final = {
    "linux/arm64": "Graviton, about a fifth cheaper; images that Apple computers build",
    "linux/amd64": "most images that CI systems and x86 computers build",
    "unknown": "the stack runs it on arm64, and the review reports that it does not know",
}
IDENTITIES: Final = {
    "none": "the network admits them, and nothing else is checked",
    "iam": "each call is signed with an AWS identity",
}
CONSUMERS: Final = {
    "none": "callers exist, or you add them later",
    "session-manager": "login by Session Manager, which needs two paid endpoints if the VPC has no egress",
    "instance-connect": "login by EC2 Instance Connect, which is free",
}
WEBHOOKS: Final = {"github": "GitHub", "stripe": "Stripe", "slack": "Slack", "gitlab": "GitLab"}
CONTAINERS: Final = ("ec2", "fargate")
_TOKENS: Final = ("web-app", "mobile-app")
_LONGEST_NUMBER: Final = 12
_LONGEST: Final = limits.REST_API_TIMEOUT_MILLISECONDS // 1000


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question that a flag answers as well."""

    text: str
    help: str
    """Explains the words of the question; shown for `?`."""
    want: str
    fits: Callable[[str], bool]
    default: str | Callable[[Mapping[str, str]], str] = ""
    """A text, or a function of the answers so far."""
    choices: Mapping[str, str] = field(default_factory=dict)
    asked: Callable[[Mapping[str, str]], bool] = lambda _: True
    """Whether the answers so far call for it."""
    only_with: str = ""
    """The flags that it belongs to, in words; empty if it always counts."""

    def usual(self, answers: Mapping[str, str]) -> str:
        """The default, for these answers."""
        return self.default if isinstance(self.default, str) else self.default(answers)


def _is(kind: Any, value: object) -> bool:
    """Whether the models accept a value."""
    return accepts(TypeAdapter(kind).validate_python, value)


def _typed(kind: Any) -> Callable[[str], bool]:
    """Whether the models accept every part of a text, which commas or spaces separate."""
    return lambda text: all(_is(kind, part) for part in re.split(r"[ ,]+", text))


def _number(least: int, most: int) -> dict[str, Any]:
    return {"want": f"a number from {least} to {most}", "fits": lambda text: least <= _whole(text) <= most}


def _whole(text: str) -> int:
    """The number that the text is; -1 for other text, and for numbers that are too long to be meant."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < _LONGEST_NUMBER else -1


def _is_origin(text: str) -> bool:
    try:
        port = urlsplit(text).port
    except ValueError:
        return False
    return port != 0 and re.fullmatch(r"https?://[a-z0-9][a-z0-9.-]*(:[0-9]+)?", text) is not None


def _choice(text: str, explained: str, choices: Mapping[str, str], default: str, **more: Any) -> Question:
    allowed = f"one of {', '.join(choices)}"
    return Question(
        text=text, help=explained, want=allowed, fits=choices.__contains__, default=default, choices=choices, **more
    )


def burst_for(answers: Mapping[str, str]) -> str:
    """The burst beside a rate: two seconds of it."""
    # The rate is empty if a flag with a wrong one is refused.
    return str(min(2 * int(answers["rate"] or 1), limits.ACCOUNT_BURST))


def route_path(text: str) -> str:
    """The route for a path that callers use: REST APIs serve it with a slash at the end as well."""
    return text.rstrip("/") or text


_BALANCED: Final = ("partner", "webhook", "vpc")
"""Callers whose API reaches Fargate by a load balancer."""


def _with(flag: str, *values: str) -> dict[str, Any]:
    return {"asked": lambda answers: answers.get(flag) in values, "only_with": f"--{flag} {' or '.join(values)}"}


def _existing(want: str, kind: Any) -> dict[str, Any]:
    return {"want": want, "fits": _typed(kind), **_with("backend", "url")}


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
        want="an image such as ghcr.io/you/app:1.0; traefik/whoami:v1.11.0 is one to begin with",
        fits=partial(accepts, parse),
        **_with("backend", *CONTAINERS),
    ),
    "platform": _choice(
        "For which platform is the image built?",
        "docker image inspect --format '{{.Os}}/{{.Architecture}}' IMAGE shows it. On another processor it ends with an"
        " exec format error.",
        PLATFORMS_ASKED,
        "unknown",
        **_with("backend", *CONTAINERS),
    ),
    "port": Question(
        text="On which port does it listen?",
        help="The port inside the container.",
        **_number(limits.PORTS.start, limits.PORTS.stop - 1),
        default=str(defaults.BACKEND_PORT),
        **_with("backend", *CONTAINERS),
    ),
    "health": Question(
        text="Which path answers 200 without credentials?",
        help="Health checks call it. A bare framework answers 404 to /, and its container is replaced again and again.",
        want="a path such as /health",
        fits=_typed(RequestPath),
        default=defaults.HEALTH_CHECK_PATH,
        # The other callers reach Fargate by Cloud Map, which calls no health check.
        asked=lambda answers: answers.get("backend") == "fargate" and answers.get("caller") in _BALANCED,
        only_with=f"--backend fargate and --caller {' or '.join(_BALANCED)}",
    ),
    "hosts": Question(
        text="Which other hosts does it call?",
        help="Hosts on the internet, such as api.stripe.com. Egress is chosen so that they are reached. Without any, it"
        " can be IPv6 only: then hosts with IPv4 only, such as GitHub, are out of reach.",
        want="host names with commas, or - for none",
        fits=_or_none(_typed(DomainName)),
        default="-",
        **_with("backend", *CONTAINERS),
    ),
    "url": Question(
        text="At which URL?",
        help="Its address inside the VPC: http://10.20.30.40:8080.",
        **_existing("http(s)://host[:port] without a user", BackendUrl),
    ),
    "vpc": Question(
        text="In which VPC?",
        help="The id from the VPC console.",
        **_existing("an id such as vpc-0a1b2c3d", VpcId),
    ),
    "subnets": Question(
        text="In which private subnets?",
        help="Subnets in two zones, from which the function calls the backend.",
        **_existing("ids such as subnet-0a1b2c3d, with commas", SubnetId),
    ),
    "seconds": Question(
        text="How many seconds may an answer take?",
        help=f"The API waits {_LONGEST} s at most. Longer answers can stream: examples/streaming.yaml.",
        **_number(1, _LONGEST),
        default=str(defaults.PROXY_TIMEOUT_SECONDS),
        **_with("backend", "ec2", "url"),
    ),
    "rate": Question(
        text="How many requests per second may arrive?",
        help="More get status 429. The rate limits the bill too: the review prints its worst month.",
        **_number(1, limits.ACCOUNT_RATE),
        default="50",
    ),
    "burst": Question(
        text="How many requests may arrive at once?",
        help="The size of the token bucket, which fills at the rate.",
        **_number(1, limits.ACCOUNT_BURST),
        default=burst_for,
        **_with("caller", "partner"),
    ),
    "partners": Question(
        text="Which partners call it?",
        help="Each gets an API key of this name, with the throttle and the quota for itself.",
        want="names of letters, digits and hyphens that begin with a small letter, with commas",
        fits=_typed(Name),
        default="partner",
        **_with("caller", "partner"),
    ),
    "quota": Question(
        text="How many requests may each partner send per day?",
        help="More get status 429 until the next day. AWS counts on a best-effort basis.",
        want="a number from 1, or - for no limit",
        fits=_or_none(lambda text: _whole(text) >= 1),
        default="10000",
        **_with("caller", "partner"),
    ),
    "vpcs": Question(
        text="Which other VPCs may call it?",
        help="IDs of VPCs in the region. Each needs an execute-api endpoint of its own. The stack's own VPC may call.",
        want="ids such as vpc-0a1b2c3d, with commas, or - for none",
        fits=_or_none(_typed(VpcId)),
        default="-",
        **_with("caller", "vpc"),
    ),
    "identity": _choice(
        "How do callers prove who they are?",
        "A private API admits all callers in the admitted VPCs. With iam, each call is signed with an AWS identity too,"
        " which needs the permission execute-api:Invoke.",
        IDENTITIES,
        "none",
        **_with("caller", "vpc"),
    ),
    "consumer": _choice(
        "Create an instance inside the VPC to call the API from?",
        "A private API does not answer your computer. A small EC2 instance can call it, and you log in there.",
        CONSUMERS,
        "none",
        asked=lambda answers: answers.get("caller") == "vpc" and answers.get("backend") != "url",
        only_with="--caller vpc and --backend ec2, fargate or greeter",
    ),
    "origin": Question(
        text="At which address is the page?",
        help="The origin that the browser sends: scheme and host, without a path.",
        want="an origin such as https://app.example.com or http://localhost:5173",
        fits=_is_origin,
        **_with("caller", "web-app"),
    ),
    "issuer": Question(
        text="Which issuer signs the tokens?",
        help="The iss claim of the tokens, letter by letter: with another one every call gets 401. Of a Cognito user"
        " pool: https://cognito-idp.REGION.amazonaws.com/POOL_ID. Of Auth0: https://TENANT.auth0.com/, with the slash.",
        want="the https:// URL in the tokens' iss claim; Auth0's ends with /, and Cognito's names the pool without one",
        fits=lambda text: _is(Issuer, text),
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
        "Who sends the webhook?", "Each signs in a way of its own.", WEBHOOKS, "github", **_with("caller", "webhook")
    ),
    "path": Question(
        text="Which path do they call?",
        help="The path after the API's address. A webhook posts to this path, as you enter it at the sender; for"
        " Jenkins it is /github-webhook/. A partner may call it and all paths below it; / is the whole backend.",
        want="a path such as /orders",
        fits=lambda text: _is(RoutePath, route_path(text)),
        default=lambda answers: "/hooks" if answers["caller"] == "webhook" else "/",
        **_with("caller", "partner", "webhook"),
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
