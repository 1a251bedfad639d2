"""The provider's answer to a change of inputs: it replaces the resource, keeps a value, or deletes the old one first.

Its own plans say so (`provider_facts.py`), but for inputs that replace under a condition, in
`conditional_replacements`. Types and inputs of which they say nothing are reported as not known.
"""

import re
from collections.abc import Iterable
from typing import Final

from ...aws.catalog import types
from ...aws.catalog.provider_facts import provider_facts
from ...aws.network.routes import TARGET_INPUTS
from ...graph import UNKNOWN, Resource
from ...graph.reading import peek, spread
from .conditional_replacements import SOMETIMES

_OWN_NAMES: Final = ("aws:route53/record:Record",)
"""Types whose `name` is no name that the provider makes up."""
_FIRST: Final = (
    "aws:apigateway/integration:Integration",
    "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter",
    "aws:ec2/securityGroupRule:SecurityGroupRule",
    *(f"aws:iam/{one.lower()}PolicyAttachment:{one}PolicyAttachment" for one in ("Group", "Role", "User")),
)
"""Types that pulumi-aws itself deletes first: `DeleteBeforeReplace` in its provider/resources.go."""
_ELEMENT: Final = re.compile(r"\[\d+\]")


def replaced_by(old: Resource, resource: Resource, changed: Iterable[str]) -> list[str] | None:
    """Those of the changed inputs (dotted, as deep as they differ) that replace the resource.

    None if it is not known of its type or of a changed input. Those of the option `replace_on_changes` count as well.
    """
    changed = list(changed)
    asked = [key for key in changed if _covered(key, resource.options.replace_on_changes)]
    facts = provider_facts(resource.type)
    sometimes = SOMETIMES.get(resource.type, {})
    if facts is None:
        now = [key for key, holds in sometimes.items() if holds(old.inputs, resource.inputs)]
        certain = [key for key in changed if _covered(key, now)]
        return [*asked, *certain] or (None if resource.type.startswith("aws:") and changed else [])
    replacing = facts.replaces - sometimes.keys()
    found = [key for key in changed if _covered(key, replacing) or _holds(key, replacing, old, resource)]
    now = [key for key, holds in sometimes.items() if holds(old.inputs, resource.inputs)]
    found += [key for key in changed if _covered(key, now)]
    unknown = facts.unknown - sometimes.keys()
    if not found and not asked and any(_covered(key, unknown) for key in changed):
        return None
    return list(dict.fromkeys(found + asked))


def _covered(key: str, replacing: Iterable[str]) -> bool:
    # Elements of lists have no names of their own in the table: `dnsConfig.dnsRecords.type`.
    key = _ELEMENT.sub("", key)
    return any(f"{key}.".startswith(f"{_ELEMENT.sub('', one)}.") or one == "*" for one in replacing)


def _holds(key: str, replacing: Iterable[str], old: Resource, new: Resource) -> bool:
    """Whether a block that comes as a whole, or a list of another length, brings another value of such an input."""
    inner = [one.split(".") for one in replacing if one.startswith(f"{_ELEMENT.sub('', key)}.")]
    values = ([spread(each.inputs, *path) for each in (new, old)] for path in inner)
    return any(now not in ([], [UNKNOWN]) and now != was for now, was in values)


def left_out(old: Resource, new: Resource) -> list[str]:
    """Inputs that only the old one has, of those that the provider keeps then."""
    kept = facts.kept if (facts := provider_facts(new.type)) else ()
    if new.type in types.ROUTE and TARGET_INPUTS & new.inputs.keys():
        # Another target takes the place of the one that is left out.
        kept = tuple(key for key in kept if key not in TARGET_INPUTS)
    return [key for key in kept if peek(old, *key.split(".")) is not None and peek(new, *key.split(".")) is None]


def goes_first(resource: Resource) -> bool:
    """Whether it is deleted before its replacement: as the program declares it, else as the bridge decides.

    A name that the bridge did not make up would collide.
    https://github.com/pulumi/pulumi-terraform-bridge, pkg/tfbridge, nameRequiresDeleteBeforeReplace
    """
    if resource.options.delete_before_replace is not None:
        return resource.options.delete_before_replace
    if resource.type in _FIRST:
        return True
    return resource.type.startswith("aws:") and "name" in resource.inputs and resource.type not in _OWN_NAMES
