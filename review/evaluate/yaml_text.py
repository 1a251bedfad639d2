"""YAML as the Pulumi CLI reads it, by Go's yaml.v3 and not as PyYAML: only `true` and `false` are booleans (`on` and
`yes` are words), `1:30` is a word and not 90, dates stay text, and a key given twice is an error.
"""

import re
from collections.abc import Hashable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import yaml

from ..graph.aliases import DEEPEST, MOST_VALUES, is_too_large
from .problems import Problem, StackFileError
from .repositories import list_repositories

_MOST_BYTES: Final = 1 << 20
_MOST_DIGITS: Final = 1000  # Python writes no number of many more into a message


class _Loader(yaml.SafeLoader):
    """SafeLoader with yaml.v3's idea of what a plain word means."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 # PyYAML's own name

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.repeated: list[tuple[int, str]] = []

    def construct_scalar(self, node: yaml.ScalarNode | yaml.MappingNode) -> Any:
        text = super().construct_scalar(node)
        str(text).encode()  # an escape may be half of a pair of surrogates, which is no text
        return text

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key_node in (key for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"):
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                message = f"{_describe_place(key_node.start_mark)}: the key {key!r} is given twice"
                self.repeated.append((key_node.start_mark.index, message))
            seen.add(key)
        return super().construct_mapping(node, deep)


def _construct_integer(loader: _Loader, node: yaml.ScalarNode) -> int:
    text = str(loader.construct_scalar(node)).replace("_", "")
    if len(text) > _MOST_DIGITS:
        raise ValueError(f"a number of {len(text):,} digits")
    return int(text, 8 if re.match("[-+]?0[0-9]", text) else 0)  # Python wants 0o before an octal number


def _construct_float(loader: _Loader, node: yaml.ScalarNode) -> float:
    return float(str(loader.construct_scalar(node)))


for _tag, _pattern, _first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0o?[0-7_]+|[1-9][0-9_]*|0)$", "-+0123456789"),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("merge", r"^<<$", "<"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))
_Loader.add_constructor("tag:yaml.org,2002:int", _construct_integer)
_Loader.add_constructor("tag:yaml.org,2002:float", _construct_float)
for _tag in ("binary", "timestamp", "set", "omap", "pairs"):  # which no JSON has
    del _Loader.yaml_constructors[f"tag:yaml.org,2002:{_tag}"]


def _describe_place(mark: Any) -> str:
    return f"line {mark.line + 1}, column {mark.column + 1}"


def _explain(error: yaml.MarkedYAMLError, loader: _Loader) -> str:
    mark = error.problem_mark or error.context_mark
    where = f"{_describe_place(mark)}: " if mark else ""
    if "'\\t'" in (error.problem or ""):
        return f"{where}a tab: indent with spaces, which is all that YAML allows"
    opened = [
        f"in the {sign} of {_describe_place(mark)}"
        for mark in loader.marks
        if (sign := mark.buffer[mark.pointer]) in "[{"
    ]
    context = f"({error.context})" if error.context else ""
    if error.context == "while scanning a quoted scalar":  # the parser notices at the end of the file
        context = f"in the quotes of {_describe_place(error.context_mark)}"
    return where + " ".join(filter(None, (error.problem, context, *opened[-1:])))


def list_key_lines(path: Path) -> dict[tuple[str | int, ...], int]:
    """The line of each key of a file, and of each member of a list by its place. Empty for a file without any."""
    lines: dict[tuple[str | int, ...], int] = {}

    def add_lines(node: yaml.Node, keys: tuple[str | int, ...]) -> None:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                lines[*keys, str(key.value)] = key.start_mark.line + 1
                add_lines(value, (*keys, str(key.value)))
        elif isinstance(node, yaml.SequenceNode):
            for place, member in enumerate(node.value):
                lines[*keys, place] = member.start_mark.line + 1
                add_lines(member, (*keys, place))

    with suppress(yaml.YAMLError, OSError, ValueError, RecursionError):
        root = _Loader(path.read_text(encoding="utf-8")).get_single_node()
        if root is not None and not is_too_large(root):
            add_lines(root, ())
    return lines


def read_mapping(path: Path, name: str = "", home: Path | None = None) -> dict[str, Any]:
    """The mapping that a file below `home`, its folder by default, holds; of an empty file an empty one. Raises
    StackFileError for anything else, with the file's name or `name`; OSError for a file that cannot be read.
    """

    def fault(*messages: str) -> StackFileError:
        return StackFileError(name or path.name, [Problem("", "", message) for message in messages])

    target = path.resolve()
    if path.is_fifo() or (target.exists() and target.stat().st_size > _MOST_BYTES):
        raise fault(f"it is a pipe, or has more than {_MOST_BYTES >> 20} MiB")
    if not any(target.is_relative_to(folder.resolve()) for folder in list_repositories(home or path.parent)):
        # Messages show what a file has, and reports go where others read them.
        raise fault(f"it is {target}, which is outside of the repository")
    try:
        # A subclass of SafeLoader: no tag of the file can construct an object.
        loader = _Loader(path.read_text(encoding="utf-8"))
        root = loader.get_single_node()
        if root is not None and is_too_large(root):
            raise fault(f"its aliases stand for more than {MOST_VALUES:,} values, or for more than {DEEPEST} levels")
        document = None if root is None else loader.construct_document(root)
    except yaml.MarkedYAMLError as error:
        raise fault(_explain(error, loader)) from None
    except KeyError as error:  # of PyYAML, for `!!bool` before another word
        raise fault(f"{error} is neither true nor false") from None
    except (yaml.YAMLError, ValueError, TypeError) as error:  # a mapping as a key
        raise fault(" ".join(str(error).split())) from None
    except RecursionError:
        raise fault("it is nested too deeply to be read") from None
    if loader.repeated:
        raise fault(*(text for _, text in sorted(loader.repeated)))
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise fault(f"want a mapping of keys, in lines such as `key: value`, got {type(document).__name__}")
    return {str(key): value for key, value in document.items()}
