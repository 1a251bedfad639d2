"""Old versions of a function, taken away after its alias has moved on.

Lambda keeps every published version without end, with its code and its environment, and nothing in CloudFormation's or
Terraform's resources takes one away. So a resource hook does, once `pulumi up` has moved the alias; never in a preview.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Protocol

import pulumi

from ..resource_hooks.boto3_clients import MissingModuleError, create_client

_LATEST: Final = "$LATEST"


class Lambda(Protocol):
    """The part of boto3's Lambda client that is used."""

    def get_paginator(self, operation_name: str, /) -> Any:
        """Pages of a list."""

    def delete_function(self, **arguments: str) -> Any:
        """Delete a version."""


Connect = Callable[[str], Lambda]


def build_pruning_hooks(name: str, kept: int, connect: Connect | None = None) -> pulumi.ResourceHookBinding:
    """Hooks for the alias of a function: they keep the newest `kept` versions and those that an alias points at.

    A failure is a warning, since by then the new version is live. The hook needs `lambda:ListVersionsByFunction`,
    `lambda:ListAliases` and `lambda:DeleteFunction`, and boto3: if it is not installed, the update fails.
    `connect` makes a client for a region. Defaults to boto3's with the stack's `aws:profile`.
    """

    def prune(args: pulumi.ResourceHookArgs) -> None:
        _prune(kept, connect or _make_client, args)

    hook = pulumi.ResourceHook(f"{name}-prunes-versions", prune, opts=pulumi.ResourceHookOptions(on_dry_run=False))
    return pulumi.ResourceHookBinding(after_create=[hook], after_update=[hook])


def find_outdated(versions: Iterable[str], aliased: Iterable[str], kept: int) -> list[str]:
    """The versions to delete, oldest first. `$LATEST` is none; Lambda refuses to delete the version of an alias."""
    numbers = sorted(int(version) for version in versions if version != _LATEST)
    held = set(aliased)
    return [str(number) for number in numbers[: max(0, len(numbers) - kept)] if str(number) not in held]


def _prune(kept: int, connect: Connect, args: pulumi.ResourceHookArgs) -> None:
    alias = args.new_outputs or {}
    function = str(alias["functionName"])
    try:
        # arn:aws:lambda:eu-west-1:123456789012:function:name:alias
        client = connect(str(alias["arn"]).split(":")[3])
        gone = _delete(client, function, kept)
    except MissingModuleError:
        raise
    except Exception as error:  # of boto3, credentials or the network: nothing of it undoes what is deployed
        pulumi.log.warn(f"{function}: old versions were not pruned and stay until the next change: {error}")
        return
    if gone:
        pulumi.log.info(f"{function}: pruned version {', '.join(gone)}; the newest {kept} stay")


def _delete(client: Lambda, function: str, kept: int) -> list[str]:
    versions = [version["Version"] for version in _list_all(client, "list_versions_by_function", "Versions", function)]
    aliased: set[str] = set()
    for alias in _list_all(client, "list_aliases", "Aliases", function):
        aliased.add(alias["FunctionVersion"])
        aliased.update((alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {})
    gone = find_outdated(versions, aliased, kept)
    for version in gone:
        client.delete_function(FunctionName=function, Qualifier=version)
    return gone


def _list_all(client: Lambda, operation: str, key: str, function: str) -> Iterable[Mapping[str, Any]]:
    for page in client.get_paginator(operation).paginate(FunctionName=function):
        yield from page[key]


def _make_client(region: str) -> Lambda:
    client: Lambda = create_client("lambda", region)
    return client
