"""Keys of the config that no section reads: unknown ones, and those of a namespace that is misspelt."""

import functools
import inspect
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

import pulumi
import pulumi_aws as aws

from ...facts.regions import is_region
from .mistakes import HIDDEN, Mistake, find_nearest, hide_unless_harmless, qualify
from .section import to_camel
from .sections import KEYS, describe_unknown_key, find_holders
from .topology import Topology

_PAGE = "https://www.pulumi.com/registry/packages/aws/installation-configuration/"


def find_unknown_keys(values: Mapping[str, str]) -> Iterator[Mistake]:
    """Mistakes in the names of all keys of a stack, `namespace:key`. Values that may be secrets are not shown."""
    for mistake in _find_wrong_names(values):
        yield replace(mistake, got=_show_value(mistake.key, values[mistake.key]))


def _show_value(full: str, value: str) -> object:
    if pulumi.runtime.is_config_secret(full):
        return HIDDEN
    words = [value] if is_region(value) else [topology.value for topology in Topology]
    return hide_unless_harmless(full.partition(":")[2], value, words)


def _find_wrong_names(names: Collection[str]) -> Iterator[Mistake]:
    own = pulumi.get_project()
    # Stack files of this repository may have its name before their keys, in a renamed copy too.
    known: dict[str, Collection[str]] = {"aws": _provider_keys(), "gatehouse": KEYS, own: KEYS}
    for full in sorted(names):
        namespace, _, key = full.partition(":")
        if namespace == own:
            if key in KEYS:
                continue
            if key == own:
                yield Mistake(
                    full, HIDDEN, "its keys one by one", f"write {KEYS[0]} and the others straight under config:"
                )
            elif key in known["aws"]:
                yield _describe_misplaced(full, f"aws:{key}")
            elif paths := find_holders(key):
                remedy = f"did you mean {' or '.join(paths)}? Write it under {' or '.join(_list_sections(paths))}"
                yield Mistake(full, HIDDEN, f"a key of {' or '.join(_list_sections(paths))}, not of config", remedy)
            else:
                yield describe_unknown_key(qualify(""), key, HIDDEN, KEYS)
        elif namespace == "aws":
            if key not in known["aws"]:
                remedy = f"did you mean aws:{near}?" if (near := find_nearest(key, known["aws"])) else "take it out"
                yield Mistake(full, HIDDEN, f"a key of the AWS provider: {_PAGE}", remedy)
        elif (meant := _find_namespace(namespace)) and (near := find_nearest(key, known[meant], 0.75)):
            yield _describe_misplaced(full, f"aws:{near}" if meant == "aws" else qualify(near))
        # Other programs may have keys of this name; but without it, the stack has no topology.
        elif key == KEYS[0] and not {qualify(key), f"gatehouse:{key}"} & {*names}:
            yield _describe_misplaced(full, qualify(key))


def _list_sections(paths: Iterable[str]) -> list[str]:
    return [*dict.fromkeys(f"{path.partition('.')[0]}:" for path in paths)]


def _find_namespace(namespace: str) -> str:
    """The namespace that this one can only be a slip of; empty for others, which libraries and providers read."""
    folded = namespace.lower()
    # Letters doubled, swapped or in capitals. One more or another one makes other names: awsx, ads.
    if set(folded) == set("aws"):
        return "aws"
    if folded == pulumi.get_project().lower():
        return pulumi.get_project()
    # One letter is wrong or missing: warehouse and lighthouse are words of their own.
    return find_nearest(namespace, ["gatehouse"], 0.85)


def _describe_misplaced(full: str, meant: str) -> Mistake:
    namespace = full.partition(":")[0]
    return Mistake(full, HIDDEN, f"nothing reads this key of the namespace {namespace}", f"did you mean {meant}?")


@functools.cache
def _provider_keys() -> list[str]:
    """The keys that the installed AWS provider takes, and those by which Pulumi chooses the provider."""
    return [*map(to_camel, inspect.signature(aws.ProviderArgs).parameters), "version", "pluginDownloadURL"]
