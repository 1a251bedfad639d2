"""Mocks for unit tests of programs that use the components."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi

from ..facts.review_variables import WITHOUT_PACKAGES
from ..recording.resources import Options, Resource
from .answers import Answers, Values
from .config import Config, read_stack_file
from .reach import Reach, find_api
from .recorder import Graph, record_program
from .values import find_secrets, open_value


@dataclass(frozen=True)
class Declared:
    """A declared resource or component."""

    type: str
    """Whole type, such as `aws:ec2/route:Route`."""
    name: str
    inputs: Values
    """Inputs by the provider's names (camelCase). Secrets are opened, and unknown values are left out."""
    secrets: frozenset[str]
    """Places of inputs that are secret, such as `environment.variables.TOKEN`."""
    parent: str
    """Name of its parent. Empty at the top of the stack."""
    dependencies: frozenset[str]
    """Names of the resources that it waits for, by `depends_on` or by an input."""
    options: Mapping[str, Any]
    """Options that the program gave, such as `protect` or `ignore_changes`, by their names in Python. Names of inputs
    in them are the provider's (camelCase)."""


@contextmanager
def _without_packages() -> Iterator[None]:
    """Have functions install no packages: a unit test needs neither uv nor an index."""
    before = os.environ.get(WITHOUT_PACKAGES)
    os.environ[WITHOUT_PACKAGES] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[WITHOUT_PACKAGES]
        else:
            os.environ[WITHOUT_PACKAGES] = before


class Mocks(pulumi.runtime.Mocks):
    """Mocks for every component of this package.

    `run` runs a program on them. Resources of other types get an ID, an ARN, a name and their inputs. A lookup that the
    components do not use raises an error that names it.
    """

    region: str
    """Region that lookups return."""
    account: str
    """Account ID that lookups return."""
    vpc_id: str
    """VPC of the subnets that the program looks up."""
    declared: list[pulumi.runtime.MockResourceArgs]
    """Resources in the order of their declaration, with `typ`, `name` and `inputs`. Components are included."""

    def __init__(
        self,
        *,
        region: str = "eu-west-1",
        account: str = "123456789012",
        vpc_id: str = "vpc-0123456789abcdef0",
        outputs: Mapping[str, Values] | None = None,
        lookups: Mapping[str, Values] | None = None,
        preview: bool = False,
        stack_file: str | Path | None = None,
        secrets: Mapping[str, str] | None = None,
    ) -> None:
        """Creates the mocks.

        If the program uses an existing VPC, pass its ID as `vpc_id`.
        `outputs` has further outputs by resource type, such as `{"aws:sqs/queue:Queue": {"url": "https://…"}}`.
        `lookups` has results by token, such as `{"aws:ec2/getVpc:getVpc": {"cidrBlock": "10.1.0.0/16"}}`. Both
        replace single values and keep the others.
        With `preview`, no output of a resource is known, as in a first preview.
        `stack_file`, such as `Pulumi.dev.yaml`, sets config, project and stack as the CLI does. Its `aws:region`
        replaces `region`. An encrypted value is a text of letters, or that of `secrets`, such as
        `{"proxy.webhook.secret": "…"}`. Raises OSError if there is no such file, or no `Pulumi.yaml` beside it.
        """
        self._config: Config | None = None
        if stack_file is not None:
            self._config = read_stack_file(Path(stack_file), secrets or {})
            region = self._config.values.get("aws:region", region)
        self._answers = Answers(region, account, vpc_id)
        self._preview = preview
        self._graph = Graph({}, {}, ())
        self.region, self.account, self.vpc_id = region, account, vpc_id
        self.declared = []
        self._outputs = outputs or {}
        self._lookups = lookups or {}

    def run(self, program: Callable[[], Any]) -> Any:
        """Runs a program and waits until all its resources are declared. Returns the program's result.

        An Output in the result is returned as its value; in a preview the whole result is None if one of them is not
        known. Raises errors of the program and of its outputs.
        """
        results: list[Any] = []

        def run() -> None:
            pulumi.Output.from_input(program()).apply(results.append)

        config = self._config
        with _without_packages(), self._explain_vpc():
            self._graph = record_program(
                run,
                self,
                project=config.project if config else "project",
                stack=config.stack if config else "stack",
                config=config.values if config else None,
                secret_keys=config.secret_keys if config else (),
                known=not self._preview,
                preview=self._preview,
            )
        return results[0] if results else None

    @contextmanager
    def _explain_vpc(self) -> Iterator[None]:
        """Adds to a refusal that names the made-up VPC where it comes from."""
        try:
            yield
        except Exception as error:
            if self.vpc_id in str(error):
                error.add_note(
                    f"{self.vpc_id} is the VPC of these mocks: pass the ID of the program's VPC as `vpc_id=`"
                )
            raise

    def inputs(self, kind: str) -> list[Values]:
        """Inputs of all declared resources of a kind. Raises as `resources` does."""
        return [resource.inputs for resource in self.resources(kind)]

    def resources(self, kind: str) -> list[Declared]:
        """All declared resources of a kind, such as `SecurityGroupEgressRule`, or of a whole type.

        Raises LookupError if nothing of the kind was declared, or if two packages share it. The message has the types
        to choose from.
        """
        # Without `run`, as `pulumi.runtime.test` runs a program, there are only types, names and inputs.
        declared = list(map(_from_resource, self._graph)) or list(map(_from_mock_args, self.declared))
        types = sorted({resource.type for resource in declared})
        found = [one for one in types if kind in (one, one.rpartition(":")[2])]
        if len(found) > 1:
            raise LookupError(f"{kind} is a kind of several packages: name one of {', '.join(found)}")
        if not found:
            raise LookupError(f"nothing of the kind {kind} was declared, only: {', '.join(types) or 'nothing'}")
        return [resource for resource in declared if resource.type == found[0]]

    def reach(self, api: str) -> Reach:
        """What an ApiFront states of its callers, by the API's name: `mocks.reach("front").admits("GET", "/orders")`.

        Raises LookupError if `run` declared no such API.
        """
        return find_api(self._graph, api)

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        """Records the resource. Returns its ID and outputs."""
        self.declared.append(args)
        outputs = {**self._answers.outputs(args), **args.inputs, **self._outputs.get(args.typ, {})}
        return self._answers.resource_id(args), outputs

    def call(self, args: pulumi.runtime.MockCallArgs) -> dict[str, Any]:  # type: ignore[override] # the SDK takes both
        """Returns the result of a lookup. Raises LookupError if there is none."""
        known = self._answers.lookup(args.token, args.args)
        if known is None and args.token not in self._lookups:
            raise LookupError(f"{args.token} has no result: pass Mocks(lookups={{{args.token!r}: {{…}}}})")
        return {**(known or {}), **self._lookups.get(args.token, {})}


def _from_resource(resource: Resource) -> Declared:
    return Declared(
        type=resource.type,
        name=resource.name,
        inputs=open_value(resource.inputs),
        secrets=frozenset(find_secrets(resource.inputs)),
        parent=_urn_name(resource.parent or ""),
        dependencies=frozenset(map(_urn_name, resource.dependencies)),
        options=_list_options(resource.options),
    )


def _from_mock_args(args: pulumi.runtime.MockResourceArgs) -> Declared:
    return Declared(args.typ, args.name, args.inputs, frozenset(), "", frozenset(), {})


def _urn_name(urn: str) -> str:
    return urn.rpartition("::")[2]


def _list_options(options: Options) -> dict[str, Any]:
    """Returns options of a registration. An option that was not given is left out."""
    named = {
        "protect": options.protect,
        "retain_on_delete": options.retain_on_delete,
        "ignore_changes": list(options.ignore_changes),
        "replace_on_changes": list(options.replace_on_changes),
        "additional_secret_outputs": list(options.additional_secret_outputs),
        "aliases": list(map(_urn_name, options.aliases)),
    }
    present = {key: value for key, value in named.items() if value}
    if options.delete_before_replace is not None:
        present["delete_before_replace"] = options.delete_before_replace
    return present
