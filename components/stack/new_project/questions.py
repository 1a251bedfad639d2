"""The questions of `gatehouse new`, whose texts are in questions.yaml. The settings' models check the answers."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import yaml

from ...arguments.addresses import DomainName, EmailAddress, PlainUrl
from ...arguments.marks import matches_type, passes_check
from ...arguments.names import Issuer, Name, SubnetId, VpcId
from ...arguments.paths import RequestPath, RouteSetting
from ...facts import defaults, limits, regions
from ...facts.container_image import parse
from . import further_services

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

    def find_default(self, answers: Mapping[str, str]) -> str:
        """Returns the default, for these answers."""
        return self.default if isinstance(self.default, str) else self.default(answers)


def _build_type_check(kind: Any) -> Callable[[str], bool]:
    """Whether the models accept every part of a text, which commas or spaces separate."""
    return lambda text: all(matches_type(kind, part) for part in re.split(r"[ ,]+", text))


def _number_rule(least: int, most: int) -> dict[str, Any]:
    return {"want": f"a number from {least} to {most}", "fits": lambda text: least <= _parse_whole_number(text) <= most}


def _parse_whole_number(text: str) -> int:
    """Returns the number that the text is; -1 for other text, and for numbers that are too long to be meant."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < _LONGEST_NUMBER else -1


def _is_origin(text: str) -> bool:
    try:
        port = urlsplit(text).port
    except ValueError:
        return False
    return port != 0 and re.fullmatch(r"https?://[a-z0-9][a-z0-9.-]*(:[0-9]+)?", text) is not None


def choose_default_burst(answers: Mapping[str, str]) -> str:
    """Returns the burst beside a rate: two seconds of it."""
    # The rate is empty if a flag with a wrong one is refused.
    return str(min(2 * int(answers["rate"] or 1), limits.ACCOUNT_BURST))


def route_path(text: str) -> str:
    """The route for a path that callers use: REST APIs serve it with a slash at the end as well."""
    return text.rstrip("/") or text


_BALANCED: Final = ("partner", "webhook", "vpc")
"""Callers whose API reaches Fargate by a load balancer."""


def _ask_with(flag: str, *values: str) -> dict[str, Any]:
    return {"asked": lambda answers: answers.get(flag) in values, "only_with": f"--{flag} {' or '.join(values)}"}


def _allow_none(fits: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda text: text == "-" or fits(text)


_RULES: Final[Mapping[str, Mapping[str, Any]]] = {
    "region": {"fits": regions.is_region},
    "image": {"fits": partial(passes_check, parse), **_ask_with("backend", *CONTAINERS)},
    "platform": {
        "default": lambda answers: further_services.choose_platform(answers.get("image", "")),
        **_ask_with("backend", *CONTAINERS),
    },
    "port": {
        **_number_rule(limits.PORTS.start, limits.PORTS.stop - 1),
        "default": lambda answers: str(further_services.choose_port(answers.get("image", ""))),
        **_ask_with("backend", *CONTAINERS),
    },
    "health": {
        "fits": _build_type_check(RequestPath),
        "default": defaults.HEALTH_CHECK_PATH,
        # The other callers reach Fargate by Cloud Map, which calls no health check.
        "asked": lambda answers: answers.get("backend") == "fargate" and answers.get("caller") in _BALANCED,
        "only_with": f"--backend fargate and --caller {' or '.join(_BALANCED)}",
    },
    "hosts": {"fits": _allow_none(_build_type_check(DomainName)), **_ask_with("backend", *CONTAINERS)},
    "url": {"fits": _build_type_check(PlainUrl), **_ask_with("backend", "url")},
    "vpc": {"fits": _build_type_check(VpcId), **_ask_with("backend", "url")},
    "subnets": {"fits": _build_type_check(SubnetId), **_ask_with("backend", "url")},
    "seconds": {
        **_number_rule(1, _LONGEST),
        "help": f"The API waits {_LONGEST} s at most. Longer answers can stream: examples/streaming.yaml.",
        "default": str(defaults.PROXY_TIMEOUT_SECONDS),
        **_ask_with("backend", "ec2", "url"),
    },
    "rate": _number_rule(1, limits.ACCOUNT_RATE),
    "burst": {
        **_number_rule(1, limits.ACCOUNT_BURST),
        "default": choose_default_burst,
        **_ask_with("caller", "partner"),
    },
    "partners": {"fits": _build_type_check(Name), **_ask_with("caller", "partner")},
    "quota": {"fits": _allow_none(lambda text: _parse_whole_number(text) >= 1), **_ask_with("caller", "partner")},
    "vpcs": {"fits": _allow_none(_build_type_check(VpcId)), **_ask_with("caller", "vpc")},
    "identity": _ask_with("caller", "vpc"),
    "consumer": {
        "asked": lambda answers: answers.get("caller") == "vpc" and answers.get("backend") != "url",
        "only_with": "--caller vpc and --backend ec2, fargate or greeter",
    },
    "origin": {"fits": _is_origin, **_ask_with("caller", "web-app")},
    "issuer": {"fits": lambda text: matches_type(Issuer, text), **_ask_with("caller", *_TOKENS)},
    "audience": {"fits": bool, **_ask_with("caller", *_TOKENS)},
    "sender": _ask_with("caller", "webhook"),
    "path": {
        "fits": lambda text: matches_type(RouteSetting, route_path(text)),
        "default": lambda answers: "/hooks" if answers["caller"] == "webhook" else "/",
        **_ask_with("caller", "partner", "webhook"),
    },
    "services": {
        "fits": partial(passes_check, further_services.read_services),
        "want": further_services.WANT,
        "asked": lambda answers: (
            answers.get("backend") in further_services.KINDS and answers.get("caller") in further_services.CALLERS
        ),
        "only_with": (
            f"--backend {' or '.join(further_services.KINDS)} and --caller {', '.join(further_services.CALLERS)}"
        ),
    },
    "email": {"fits": _allow_none(_build_type_check(EmailAddress))},
}
"""When a question is asked, and which answers it takes."""


def _build_question(texts: Mapping[str, Any], rules: Mapping[str, Any]) -> Question:
    choices = texts.get("choices", {})
    wanted = filter(None, [choices and f"one of {', '.join(choices)}", texts.get("want")])
    fits = {"fits": choices.__contains__} if choices else {}
    return Question(**{**fits, **texts, "want": "; ".join(wanted), **rules})


_TEXTS: Final = yaml.safe_load(Path(__file__).with_name("questions.yaml").read_text(encoding="utf-8"))
QUESTIONS: Final[Mapping[str, Question]] = {
    flag: _build_question(texts, _RULES.get(flag, {})) for flag, texts in _TEXTS.items()
}
"""By flag, in the order in which they are asked."""
