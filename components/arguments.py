"""How a component reads its arguments: unknown and missing ones are refused before anything is registered."""

import dataclasses
import difflib
from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar

import pulumi

Settings = TypeVar("Settings")


class ArgumentError(pulumi.RunError, pulumi.InputPropertyError):
    """An argument that the caller can fix.

    In a program the CLI prints the message alone; from another language, through the component provider, the engine
    shows resource, property and reason.
    """

    def __init__(self, component: str, key: str, got: object, want: str) -> None:
        reason = f"got {got!r}; {want}"
        pulumi.InputPropertyError.__init__(self, key, reason)
        Exception.__init__(self, f"{component}: {key}: {reason}")


class ArgumentErrors(pulumi.RunError, pulumi.InputPropertiesError):
    """Several arguments that the caller can fix, shown like one."""

    def __init__(self, errors: Sequence[ArgumentError]) -> None:
        details = [
            pulumi.InputPropertyErrorDetails(property_path=error.property_path, reason=error.reason) for error in errors
        ]
        pulumi.InputPropertiesError.__init__(self, "\n".join(map(str, errors)), details)


def refuse(errors: Sequence[ArgumentError]) -> None:
    """Raises what there is: nothing, one ArgumentError, or all of them as one ArgumentErrors."""
    if len(errors) > 1:
        raise ArgumentErrors(errors)
    if errors:
        raise errors[0]


def resolve(settings: type[Settings], component: str, args: Mapping[str, Any]) -> Settings:
    """`args` as the component's frozen settings, whose fields hold the only defaults.

    Raises ArgumentError for a key that the component does not know, or one that it cannot do without.
    """
    fields = {field.name: field for field in dataclasses.fields(settings)}  # type: ignore[arg-type] # always a dataclass
    for key in args:
        if key not in fields:
            near = difflib.get_close_matches(key, fields, n=1)
            known = f"did you mean {near[0]!r}?" if near else f"known arguments: {', '.join(sorted(fields))}"
            raise ArgumentError(component, key, args[key], known)
    for key, field in fields.items():
        required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        if required and args.get(key) is None:
            raise ArgumentError(component, key, None, "it is required")
    return settings(**{key: _whole(fields[key].type, value) for key, value in args.items() if value is not None})


def inputs(args: Mapping[str, Any], secrets: Collection[str] = ()) -> dict[str, Any]:
    """`args` as a component's inputs, with the values of the keys in `secrets` marked as secret, however deep.

    The engine writes a component's inputs into the state: what is not marked would stand there in plain text.
    """

    def marked(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: marked(one) for key, one in value.items()}
        return pulumi.Output.secret(value)

    return {
        key: marked(value) if key in secrets else inputs(value, secrets) if isinstance(value, Mapping) else value
        for key, value in args.items()
    }


def _whole(kind: Any, value: Any) -> Any:
    """A whole number as one: through the component provider it arrives as a float."""
    return int(value) if kind in (int, int | None) and isinstance(value, float) and value.is_integer() else value


def named(name: str, tags: Mapping[str, pulumi.Input[str]]) -> dict[str, pulumi.Input[str]]:
    """Tags for a child: a `Name` that the AWS console shows, then the caller's."""
    return {"Name": name, **tags}
