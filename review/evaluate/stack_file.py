"""Pulumi.<stack>.yaml, read as the CLI reads it, with no CLI and no secret ever opened."""

import difflib
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from ..graph import Secret, reveal_all
from ..graph.reading import as_mapping
from .host.stand_in import TEXT, StandIn
from .problems import Problem, StackFileError
from .project_file import NAME, Declaration, Project
from .yaml_text import read_mapping

STAND_IN: Final = StandIn(TEXT)
_LETTERS: Final = str.maketrans("0123456789", "ghijklmnop")
_STAND_INS: Final[Mapping[str, Any]] = {"integer": 0, "boolean": False}
_WORDS: Final = {"string": "text", "integer": "a whole number", "boolean": "true or false", "object": "a mapping"}
# https://www.pulumi.com/docs/iac/concepts/config/
# https://www.pulumi.com/docs/iac/concepts/projects/stack-settings-file/
NOT_OPENED: Final = "environment"  # beginning of the note on what only Pulumi's cloud opens
_KNOWN: Final = frozenset({"config", "environment", "secretsprovider", "encryptedkey", "encryptionsalt"})
_OF_PROJECT: Final = frozenset(
    {"name", "runtime", "description", "main", "requiredPulumiVersion", "plugins", "packages"}
)
"""Keys of Pulumi.yaml. `runtime` beside them shows that it was copied into the stack file."""
_SUFFIXES: Final = (".yaml", ".yml")
_DIGITS: Final = re.compile("[-+]?[0-9]+")


@dataclass(frozen=True, kw_only=True)
class Stack:
    """One stack's configuration, project defaults filled in."""

    name: str
    is_empty: bool = False  # true if the stack has no file, which is legal, and no config of its own
    config: Mapping[str, str] = field(default_factory=dict)
    """`namespace:key` to text, as the engine hands it to a program; encrypted values are stand-ins."""
    secret_keys: tuple[str, ...] = ()
    stand_ins: tuple[str, ...] = ()  # keys whose encrypted values nothing answers
    parsed: Mapping[str, Any] = field(default_factory=dict)
    """The same values as YAML gave them; each encrypted one is a `Secret`, its neighbours are not."""
    ciphertexts: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Encrypted values as they are written, by key and path: another text is perhaps another value."""
    file: Path | None = None
    document: Mapping[str, Any] = field(default_factory=dict)
    """The file without its config: `environment`, and how secrets are encrypted."""
    notes: tuple[str, ...] = ()  # references of the file that this reading could not open


STACK_WITHOUT_FILE: Final = "dev"
"""The stack of a project without any stack file, which is legal."""


def list_stacks(project: Project) -> list[str]:
    """Names of the stacks that have a file beside the project."""
    names = {
        path.name.removeprefix("Pulumi.").removesuffix(path.suffix)
        for path in project.stack_dir.glob("Pulumi.*")
        if path.suffix in _SUFFIXES and path.name.count(".") >= 2
    }
    return sorted(filter(NAME.fullmatch, names))


def find_most_similar(project: Project, which: str) -> str:
    """The stack, or the stack file, whose name is most like `which`. Empty if none is."""
    if is_file(which):
        folder = Path(which).parent
        files = {path.stem: path.name for home in (Path(), project.root) for path in (home / folder).glob("*.y*ml")}
        near = difflib.get_close_matches(Path(which).stem, files, n=1, cutoff=0.8)
        return str(folder / files[near[0]]) if near else ""
    homonym = next((path for path in project.root.glob("*/*.yaml") if path.stem == which), None)
    near = difflib.get_close_matches(which, list_stacks(project), n=1)
    return str(homonym.relative_to(project.root)) if homonym else "".join(near)


def read_stack(project: Project, which: str) -> Stack:
    """A stack by its name, or by a file that is read as one. Raises StackFileError with every mistake in it."""
    if (path := locate_file(project, which)) is None:
        known = ", ".join(list_stacks(project)) or "none"
        stack = from_document(project, which, {})
        source = "only the defaults of Pulumi.yaml" if stack.config else "no config"
        note = f"there is no Pulumi.{which}.yaml, so the stack has {source} (stacks with a file: {known})"
        return replace(stack, is_empty=True, notes=(note, *stack.notes))
    return from_document(project, get_stack_name(which), read_mapping(path), path)


# Of a passphrase, of Pulumi Cloud and of a stack's data key, `v1:nonce:text`; of a cloud's key, base64.
_CIPHERTEXT: Final = re.compile(r"v1:|[A-Za-z0-9+/]{40,}={0,2}$")


def from_document(project: Project, name: str, document: Mapping[str, Any], path: Path | None = None) -> Stack:
    """A stack from the mapping that its file holds. Raises StackFileError with every mistake in it."""
    problems: list[Problem] = []
    notes = _list_environment_notes(document.get("environment"))
    beside = [key for key in document if key not in _KNOWN]
    of_project = [key for key in beside if key in _OF_PROJECT and "runtime" in document]
    of_config = [key for key in beside if key not in of_project]
    for keys, remedy in (
        (of_project, "the CLI reads this only in Pulumi.yaml: take it out here"),
        (of_config, "the CLI does not read this here: put it under `config:`, indented"),
    ):
        if keys:
            near = difflib.get_close_matches(keys[0], _KNOWN, n=1, cutoff=0.8) if len(keys) == 1 else []
            problems.append(Problem(", ".join(keys), "", f"did you mean {near[0]}?" if near else remedy))
    config = _add_namespaces(document.get("config"), project.name, problems)
    # A stack's value wins whole: the CLI merges no maps.
    defaults = {key: entry.default for key, entry in project.declarations.items() if entry.default is not None}
    merged = {**defaults, **config}
    secrets = project.answers.secrets
    if notes:
        merged = {**{key: {"secure": ""} for key in secrets}, **merged}
    types, texts = {key: entry.type for key, entry in project.declarations.items()}, dict[str, Any]()
    opened = {key: _open(key, value, types.get(key, ""), secrets, texts) for key, value in merged.items()}
    for declaration in project.declarations.values():
        _check(declaration, merged, opened, problems, notes)
    empty = (key for key in config if config[key] == {} == defaults.get(key))
    notes += [f"{key} is empty, which does nothing: write one of its keys, or take it out" for key in empty]
    remedy = "'secure' holds text that `pulumi config set --secret` wrote"
    wrong = (key for key, text in texts.items() if key not in secrets and not isinstance(text, str))
    problems += [Problem(key, "(not shown)", remedy) for key in wrong]
    plain_texts = (key for key, text in texts.items() if isinstance(text, str) and text and not _CIPHERTEXT.match(text))
    remedy = (
        "the text under 'secure' is not encrypted: run `pulumi config set --secret`, and replace a committed secret"
    )
    problems += [Problem(key, "(not shown)", remedy) for key in plain_texts]
    if problems:
        raise StackFileError(path.name if path else f"Pulumi.{name}.yaml", problems)
    plain = {key: reveal_all(value) for key, value in opened.items()}
    secret_keys = tuple(key for key, value in opened.items() if plain[key] is not value)
    if stand_ins := tuple(key for key in secret_keys if key not in secrets):
        notes.append(f"encrypted values are stand-ins here: {', '.join(stand_ins)}")
        notes += project.answers.describe_useless_secrets(merged)
    return Stack(
        name=name,
        config={key: as_text(value) for key, value in plain.items()},
        secret_keys=secret_keys,
        stand_ins=stand_ins,
        parsed=opened,
        ciphertexts={key: str(text) for key, text in texts.items()},
        file=path and path.absolute(),
        document={key: value for key, value in document.items() if key != "config"},
        notes=tuple(notes),
    )


def as_text(value: Any) -> str:
    """A config value as the engine hands it to a program: words as they are, all else as compact JSON."""
    if isinstance(value, str):
        return value
    plain = json.loads(json.dumps(value), parse_float=_as_go_writes)
    return json.dumps(plain, separators=(",", ":"), sort_keys=True, ensure_ascii=False)


def _as_go_writes(number: str | float) -> float:
    """A number as Go writes it: the float 3.0 as 3."""
    value = float(number)
    return int(value) if value.is_integer() and abs(value) < 1e21 else value


def get_stack_name(which: str) -> str:
    """The stack's name, from a name or a file."""
    return Path(which).stem.removeprefix("Pulumi.") if is_file(which) else which


def is_file(which: str) -> bool:
    """Whether a stack is given by a file, and not by its name."""
    return which.endswith(_SUFFIXES) or "/" in which


def locate_file(project: Project, which: str) -> Path | None:
    """The stack's file; None for a name that has none, which the CLI accepts. Raises StackFileError."""
    if is_file(which):
        path = next((path for path in [Path(which), project.root / which] if path.is_file()), None)
        if path is None:
            hint = f"; did you mean {near}?" if (near := find_most_similar(project, which)) else ""
            raise StackFileError(which, [Problem("", which, f"there is no such file{hint}")])
        return path
    candidates = [project.stack_dir / f"Pulumi.{which}{suffix}" for suffix in _SUFFIXES]
    return next((path for path in candidates if path.is_file()), None)


def _list_environment_notes(environment: Any) -> list[str]:
    names = environment if isinstance(environment, list) else ["(written in the stack file)"]
    environments = ", ".join(str(next(iter(name), "?") if isinstance(name, dict) else name) for name in names)
    return (
        [f"{NOT_OPENED} {environments}: not opened, so keys that come from it are missing here"] if environment else []
    )


def _add_namespaces(config: Any, project: str, problems: list[Problem]) -> dict[str, Any]:
    if config is not None and not isinstance(config, dict):
        problems.append(Problem("config", config, "want a mapping of config keys"))
    named: dict[str, Any] = {}
    for key, value in as_mapping(config).items():
        full = str(key) if ":" in str(key) else f"{project}:{key}"
        if full.count(":") != 1 or full.startswith(":") or full.endswith(":"):
            problems.append(Problem(str(key), "", "want 'key' or 'namespace:key'"))
        elif full in named:
            problems.append(Problem(full, "", "given twice, with and without the project's name before it"))
        else:
            named[full] = value
    return named


def _check(
    entry: Declaration, values: Mapping[str, Any], opened: Mapping[str, Any], problems: list[Problem], notes: list[str]
) -> None:
    """Adds what is wrong with a key to `problems`; to `notes` where something else, by a note, may give the key."""
    key = entry.key
    if key not in values:
        if entry.required and notes:
            notes.append(f"{key} is required and not in the stack file: taken to come from the environment")
        elif entry.required:
            problems.append(Problem(key, "", f"missing, and Pulumi.yaml requires it: pulumi config set {key} …"))
        return
    value = opened[key]
    if entry.type and not _fits(value, entry.type, entry.items):
        allowed = _WORDS.get(entry.type, f"a list of {entry.items.get('type', 'values')}")
        remedy = "; it is empty: take it out, or write its value" if value is None else ""
        problems.append(Problem(key, "(not shown)" if entry.secret else values[key], f"want {allowed}{remedy}"))
    elif entry.type and entry.secret and reveal_all(value) is value:
        remedy = f"must be encrypted, as Pulumi.yaml calls it secret: pulumi config set --secret {key} …"
        problems.append(Problem(key, "(not shown)", remedy))


def _fits(value: Any, kind: str, items: Mapping[str, Any]) -> bool:
    """The CLI's own leniency: a number may be quoted, and 3.0 is whole. An encrypted value is not looked into."""
    if isinstance(value, Secret):
        return True
    match kind:
        case "string":
            return isinstance(value, str)
        case "integer" if isinstance(value, str):
            return _DIGITS.fullmatch(value) is not None
        case "integer" if isinstance(value, float):
            return isinstance(_as_go_writes(value), int)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool) or value in ("true", "false")
        case "array":
            inner = str(items.get("type", ""))
            below = as_mapping(items.get("items"))
            return isinstance(value, list) and all(not inner or _fits(item, inner, below) for item in value)
        case _:
            return isinstance(value, dict)


def _open(key: str, value: Any, kind: str, answers: Mapping[str, Any], texts: dict[str, Any]) -> Any:
    """The value; encrypted ones in it are answers or stand-ins, each marked as secret. `texts` takes what they were."""
    match value:
        case {"secure": text} if len(value) == 1:
            texts[key] = text
            return Secret(answers.get(key, _STAND_INS[kind] if kind in _STAND_INS else _make_stand_in(key)))
        case dict():
            return {str(name): _open(f"{key}.{name}", item, "", answers, texts) for name, item in value.items()}
        case list():
            return [_open(f"{key}[{index}]", item, "", answers, texts) for index, item in enumerate(value)]
    return value


def _make_stand_in(key: str) -> str:
    """The stand-in of an encrypted value: texts at different places of a map differ, as those of API keys must."""
    if "." not in key.partition(":")[2]:
        return STAND_IN
    digest = hashlib.sha256(key.encode()).hexdigest()[:8]
    return TEXT + digest.translate(_LETTERS)
