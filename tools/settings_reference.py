"""The settings reference, written from the sections."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from components.arguments.schema import OFF, describe_schema
from components.stack.settings.section import Section, build_json_schema
from components.stack.settings.sections import SECTIONS
from components.stack.settings.services import KINDS, SECTION, OwnKeys
from components.stack.settings.topology import Topology

ROOT: Final = Path(__file__).parents[1]
REFERENCE: Final = ROOT / "docs" / "settings.md"

_FEW: Final = 1
"""Keys of a map that are written wherever they are."""
_AS_ABOVE: Final = " Keys as in "
_SENTENCES: Final = re.compile(r"(?<=\.) (?=[A-Z`])")
_ALWAYS_SHOWN: Final = ("Defaults to", "If omitted", "Required ", _AS_ABOVE.lstrip())
"""Sentences that stand beside the first one. Pages of topics, and the docstrings, have the others."""
_SHORTER: Final = tuple(
    (re.compile(pattern), short)
    for pattern, short in (
        (r".*days that CloudWatch Logs offers, such as 7, 30 or 365", "days"),
        (r"the name of a header(: letters, digits, . _ and -)?", "name of a header"),
        (r"the name of a zone such as \S+", "names"),
        (r"the ARN of (an? )?(SNS topic|KMS key)", "ARN"),
        (
            r"the id of an AWS account, 12 digits|the id of a rule, such as LOG-03|the ID of a Route 53 health check",
            "ID",
        ),
        (r"the version ID of an S3 object", "version ID"),
        (r"the short name of an AWS service, such as ecr.api or logs", "such as ecr.api"),
        (r"a host such as api.example.com, or host:port such as \S+", "host or host:port"),
        (r"the ARN of a layer's version, \S+", "ARN"),
        (r"an image in Amazon ECR, such as \S+", "image in ECR"),
        (r"an image such as nginx:1.29, one in ECR, or \S+", "image"),
        (r"a Lambda runtime such as python3.13 or \S+", "such as python3.13"),
        (r"module and function, such as handler.handler, or .*", "such as handler.handler"),
        (r"the id of a Route 53 zone, which begins with Z", "ID Z…"),
        (r"the `iss` claim of the tokens: an https:// URL without query", "https:// URL without query"),
        (r"a variable of AWS's list without `\$context.`, such as (\S+) or \S+", r"such as \1"),
        (r"one part of a path, without a slash: .*", "one part of a path"),
        (r", each value the ARN of a Secrets Manager secret or of an SSM parameter", " of ARNs"),
        (r"the name of an S3 bucket, not its ARN or URL", "name"),
        (r"a list of one or more, each item ", "list, not empty: "),
        (r"a list of (at most \d+|\d+ to \d+), each item ", r"list of \1: "),
        (r"a list, each item ", "list: "),
        (r"a list of maps", "list of maps"),
        (r"a map, each value a text that is not empty", "map of texts"),
        (r"a map, each value ", "map, each value "),
        (r"a map by name", "map by name"),
        (r"\ba map\b", "map"),
        (r"a whole number from |a number from ", ""),
        (r"a whole number of at least (\d+)|a number of at least (\d+)", r"\1\2 or more"),
        (r"a whole number", "whole number"),
        (r"a number above 0 to (\S+)", r"more than 0, at most \1"),
        (r"a number above 0", "more than 0"),
        (r"\bone of ", ""),
        (r"^only ", ""),
        (r"a text that is not empty", "text"),
        (r"the id of an? [^,]*, (\w+-) and 8 to 17 hexadecimal digits", r"ID \1…"),
        (r"(an ARN) such as \S+", "ARN"),
        (r"the ARN of a listener of an ALB or NLB, \S+", "ARN of an ALB or NLB listener"),
        (r"a name of at most 32 letters, digits and hyphens that begins with a small letter", "name"),
        (r"an IPv4 range such as \S+", "IPv4 CIDR block"),
        (r"an IPv4 or IPv6 range such as \S+", "CIDR block"),
        (r"the ID of a VPC link of the second version, such as a1b2c3", "ID"),
        (r"(a domain name|an EC2 instance type|a range) such as ([^,]+)", r"such as \2"),
        (r"an encrypted text \(.*\)", "encrypted text"),
    )
)
"""How the messages' words for allowed values are said here: the name of the key says the rest."""
Row = tuple[str, str, str, str]
Rows = tuple[Row, ...]

_SERVICES: Final = (
    "Further services behind the API, each under a name of your choice (docs/topologies.md). A service has the keys of "
    f"`backend` for the kinds {', '.join(KINDS)}, and these:"
)
_OTHER_KEYS: Final = (
    "Editors complete and check keys by [stack.schema.json](stack.schema.json), which the first line of a stack file "
    "names (`# yaml-language-server: $schema=FILE`, for example with the YAML extension of Visual Studio Code). "
    "`gatehouse schema` prints it.\n\n"
    "Other pages have the keys with a prefix: `aws:region`, `aws:profile` and `aws:allowedAccountIds` "
    "([credentials](first-deployment.md#choose-credentials)), `aws:defaultTags` ([tags](operating.md#tags)), "
    "`review:usage` ([costs](../review/docs/reviewing.md#costs)) and `review:acknowledge` "
    "([comparisons](../review/docs/comparing.md#fail-a-job))."
)
TOPOLOGY: Final = "Path of the requests: " + ", ".join(topology.value for topology in Topology)


def build_reference() -> str:
    """docs/settings.md, whole."""
    lines = [
        "# Settings",
        "",
        "Every key of a stack file, with its default and allowed values. `make docs` writes this page from the code;",
        "docstrings of the components have more on each key.",
        "",
        _OTHER_KEYS,
        "",
        "## topology",
        "",
        f"{TOPOLOGY}. Required.",
    ]
    known: dict[Rows, str] = {}
    for key, (title, models) in SECTIONS.items():
        lines += ["", f"## {key}", "", f"{title}."]
        headings: dict[str, str] = {}
        for heading, model in models.items():
            lines += ["", *([f"### {heading}", ""] if heading else [])]
            lines += _render_list(model, f"{heading}|{key}", known, heading, headings)
        if key == "backend":
            lines += ["", f"## {SECTION}", "", _SERVICES, ""]
            lines += _render_list(OwnKeys, f"|{SECTION}", known, "", {})
    return "\n".join(lines) + "\n"


def _render_list(
    model: type[Section], place: str, known: dict[Rows, str], heading: str, headings: dict[str, str]
) -> list[str]:
    """Keys of a section, one a line. Equal keys of a map stand once; `known` has the `heading|map` where they stand.

    `headings` has the rows of the section's other models, each with its heading.
    """
    schema = build_json_schema(model)
    lines: list[str] = []
    again: dict[str, list[str]] = {}
    for row in _list_rows(schema, f"{place}.", known):
        key, allowed, default, text = row
        other = headings.setdefault(" | ".join((*row[:3], text.partition(_AS_ABOVE)[0])), heading)
        if other != heading:
            again.setdefault(other, []).append(f"`{key}`")
            continue
        # The default of a switch, and an example beside a default, say nothing new.
        values = _shorten(allowed)
        values = values.removesuffix(", or off") if default == "default `off`" else values
        stated = bool(default) and (values == "true or false" or values.startswith("such as "))
        facts = "; ".join(fact for fact in (default, "" if stated else values) if fact)
        lines.append(f"- `{key}` ({facts}): {_choose_sentences(text)}")
    same = [f"{', '.join(keys)}: as under {other}." for other, keys in again.items()]
    return [*same, *([""] if same else []), *lines]


def _choose_sentences(text: str) -> str:
    first, *others = _SENTENCES.split(text)
    return " ".join([first, *(sentence for sentence in others if sentence.startswith(_ALWAYS_SHOWN))])


def _shorten(allowed: str) -> str:
    for pattern, short in _SHORTER:
        allowed = pattern.sub(short, allowed)
    return allowed


def _list_rows(node: Mapping[str, Any], place: str, known: dict[Rows, str]) -> Iterator[Row]:
    required = node.get("required", [])
    for key, raw in node.get("properties", {}).items():
        inner, suffix = _find_inner(raw)
        text, inside = str(raw.get("description", "")), f"{key}{suffix}"
        # Maps inside refer to others by their place, so only the keys of maps are compared.
        keys = () if inner is None else tuple(_list_rows(inner, ".", {}))
        first = known.setdefault(keys, f"{place}{inside}")
        in_full = len(keys) <= _FEW or first == f"{place}{inside}"
        text += "" if in_full else f"{_AS_ABOVE}`{first.partition('|')[2]}`."
        yield key, _describe_allowed(raw, inner), _format_default(key in required, raw), text
        if in_full and inner is not None:
            rows = _list_rows(inner, f"{place}{inside}.", known)
            yield from ((f"{inside}.{name}", allowed, default, meaning) for name, allowed, default, meaning in rows)


def _find_inner(own: Mapping[str, Any]) -> tuple[Mapping[str, Any] | None, str]:
    """Returns the model inside a key, its list or its map, and the suffix that a path needs for it."""
    candidates = (
        (own, ""),
        (own.get("items") or {}, "[]"),
        (_value_schema(own), ".<name>"),
    )
    return next(((node, suffix) for node, suffix in candidates if node.get("properties")), (None, ""))


def _value_schema(node: Mapping[str, Any]) -> Mapping[str, Any]:
    values = node.get("additionalProperties")
    return values if isinstance(values, dict) else {}


def _describe_allowed(node: Mapping[str, Any], inner: Mapping[str, Any] | None) -> str:
    if inner is not None and "words" not in node:
        kinds = {"array": "a list of maps", "object": "a map" if node is inner else "a map by name"}
        return kinds.get(node.get("type", "object"), "a map") + (f", or {OFF}" if node.get(OFF) else "")
    return describe_schema(node)


def _format_default(required: bool, raw: Mapping[str, Any]) -> str:
    if required:
        return "required"
    default = raw.get("default")
    if isinstance(default, dict):
        return "default its keys'" if OFF in raw else ""
    if default in (None, [], "") or _is_maps(default):
        return ""
    return f"default `{default if isinstance(default, str) else json.dumps(default, ensure_ascii=False)}`"


def _is_maps(default: object) -> bool:
    return isinstance(default, list) and any(isinstance(item, dict) for item in default)


def build_texts() -> dict[Path, str]:
    """The page with its text."""
    return {REFERENCE: build_reference()}
