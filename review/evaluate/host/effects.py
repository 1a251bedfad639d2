"""Effects of a function that was not run: the resources that its code may declare, and code that may do anything.

The function's code is read, with all functions of the program that it names. It is judged by the names in it, so a
resource that it declares only under a condition counts.
"""

import dis
import functools
import inspect
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import BuiltinFunctionType, BuiltinMethodType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any, Final

import pulumi

_NOTHING: Final = object()
_BETWEEN: Final = frozenset({"PUSH_NULL", "CACHE", "EXTENDED_ARG", "RESUME", "NOP", "PRECALL", "COPY", "SWAP"})
_INSTRUCTIONS: Final[dict[int, tuple[CodeType, list[tuple[str, Any]]]]] = {}
"""By id, code that was read, with the names and arguments of its instructions: many functions share what they call."""
_NAMES: Final = ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_DEREF")
_WORDS: Final = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
_ANY_CODE: Final = frozenset(_WORDS["any_code"])
"""Builtin functions that may reach any other one."""
_PROCESSES: Final = tuple(_WORDS["processes"])
_ACTING: Final = frozenset(_WORDS["acting"])
"""Modules of Python that call others over the network, start processes or import by a text."""
_PURE: Final = frozenset(_WORDS["computing"])
"""Packages that only compute. Any other package may call AWS."""
_AWS: Final = frozenset(_WORDS["aws"])
"""AWS's SDK, whose operations are methods with a verb in their names."""
_CHANGES: Final = re.compile(rf"_*(?:{'|'.join(_WORDS['changes'])})_")
"""Operations that change something, or start code that does."""
_NO_CHANGE: Final[Mapping[str, str]] = _WORDS["no_change"]
"""Methods that look like such operations and shape no traffic, unless the code names the argument."""
_BASES: Final = (pulumi.Resource, pulumi.CustomResource, pulumi.ComponentResource)
_HARMLESS: Final = (pulumi.StackReference, pulumi.ProviderResource)


@dataclass
class Effects:
    """What the code of a function may do."""

    types: set[str] = field(default_factory=set)
    """Type tokens of the resources that it may declare."""
    unread: list[str] = field(default_factory=list)
    """Names in it that may stand for any code, and operations of AWS's SDK that change something."""


def effects(function: Any, is_own: Callable[[str], bool], declares: Callable[[str], bool]) -> Effects:
    """The effects of a callable. `is_own` is true for files of the program, `declares` as the function below."""
    reader = _Reader(_Modules(is_own, declares))
    reader.take(function)
    return Effects(reader.found.types, [*reader.found.unread, *reader.changing()])


def declares(package: str) -> bool:
    """Whether a module of a package has imported Pulumi's SDK."""
    inside = f"{package}."
    parts = (module for name, module in list(sys.modules.items()) if name == package or name.startswith(inside))
    return any(value is pulumi for part in parts for value in list(vars(part).values()))


class _Modules:
    """What the modules that a function's code names may do."""

    def __init__(self, is_own: Callable[[str], bool], declares: Callable[[str], bool]) -> None:
        self._is_own, self._declares = is_own, declares
        self.uses_aws = False

    def computes(self, module: str) -> bool:
        """Whether nothing of a module declares a resource, or calls anything outside the program."""
        top = module.partition(".")[0]
        if top in _AWS:
            self.uses_aws = True
            return True
        if top in _ACTING or module in ("urllib.request", "asyncio.subprocess"):
            return False
        if top == "pulumi":
            return not module.startswith(("pulumi.automation", "pulumi.dynamic"))
        # Functions of generated SDKs are lookups.
        return top in _PURE or top in sys.stdlib_module_names - {"__main__"} or f"{top}._utilities" in sys.modules

    def reads(self, module: str, file: str = "") -> bool:
        """Whether code does more than compute, and is the program's or of a package that declares resources."""
        if self.computes(module):
            return False
        file = file or str(getattr(sys.modules.get(module), "__file__", None) or "")
        return module in ("__main__", "__mp_main__") or self._is_own(file) or self._declares(module.partition(".")[0])


class _Reader:
    def __init__(self, modules: _Modules) -> None:
        self.found, self._modules = Effects(), modules
        self._methods: set[str] = set()
        """Attributes of values that are not known, such as a client of AWS's SDK."""
        self._texts: set[str] = set()
        """Constants of the code, names of arguments among them."""
        self._taken: dict[int, Any] = {}
        """By id, to keep them alive: an id is of one thing at a time."""

    def changing(self) -> list[str]:
        """Operations of AWS's SDK that may shape traffic, by their names."""
        found = [method for method in sorted(self._methods) if _CHANGES.match(method)] if self._modules.uses_aws else []
        arguments = {method: _NO_CHANGE[method] for method in found if method in _NO_CHANGE}
        named = {method for method, name in arguments.items() if name and any(name in text for text in self._texts)}
        return [method for method in found if method in named or method not in arguments]

    def take(self, value: Any) -> None:
        """Read what a name in the code stands for."""
        if id(value) in self._taken:
            return
        self._taken[id(value)] = value
        match value:
            case MethodType():
                self._function(value.__func__, value.__self__)
            case functools.partial():
                self._all(value.func, *value.args, *value.keywords.values())
            case staticmethod() | classmethod():
                self.take(value.__func__)
            case property():
                self._all(value.fget)
            case type():
                self._class(value)
            case FunctionType():
                self._function(value)
            case BuiltinFunctionType() | BuiltinMethodType():
                self._builtin(value)
            case Mapping():
                self._all(*value.values())
            case list() | tuple() | set() | frozenset():
                self._all(*value)
            case ModuleType() | pulumi.Output() | pulumi.Resource():
                pass
            case _ if callable(value):
                wrapped = getattr(value, "__wrapped__", None)
                self.take(type(value) if wrapped is None else wrapped)

    def _all(self, *values: Any) -> None:
        for value in values:
            self.take(value)

    def _builtin(self, value: Any) -> None:
        module, name = str(getattr(value, "__module__", "") or ""), value.__name__
        if module == "builtins" and name in _ANY_CODE:
            self.found.unread.append(name)
        elif module in ("posix", "nt", "os") and name.startswith(_PROCESSES):
            self.found.unread.append(f"os.{name}")
        elif module and not self._modules.computes(module):
            self.found.unread.append(f"{module}.{name}")

    def _class(self, made: type) -> None:
        if issubclass(made, _HARMLESS):
            return
        dynamic = any(base.__module__.startswith("pulumi.dynamic") for base in made.__mro__)
        if dynamic or made in (pulumi.Resource, pulumi.CustomResource):
            self.found.unread.append(made.__name__)
            return
        if issubclass(made, pulumi.Resource) and (token := getattr(made, "pulumi_type", "")):
            self.found.types.add(str(token))
        elif not (self._modules.computes(made.__module__) or self._modules.reads(made.__module__)):
            self.found.unread.append(f"{made.__module__}.{made.__name__}")
        for base in made.__mro__:
            if "pulumi_type" not in vars(base) and self._modules.reads(base.__module__):
                self._all(*(member for member in vars(base).values() if _is_code(member)))
            elif base is not made and base not in _BASES and issubclass(base, pulumi.Resource):
                self.take(base)

    def _function(self, function: Any, bound: Any = _NOTHING) -> None:
        module = str(function.__module__ or "")
        if self._modules.computes(module):
            return
        wrapped = getattr(function, "__wrapped__", None)
        if wrapped is not None and self._modules.computes(str(function.__globals__.get("__name__"))):
            # Python's own wrapper, as that of a context manager.
            self.take(wrapped)
            return
        # The methods of a dataclass are in no file, and are read all the same.
        code = function.__code__
        if not self._modules.reads(module, "" if code.co_filename == "<string>" else code.co_filename):
            self.found.unread.append(f"{module}.{function.__qualname__}")
            return
        cells = dict(zip(code.co_freevars, map(_content, function.__closure__ or ()), strict=True))
        own = {code.co_varnames[0]: bound} if bound is not _NOTHING and code.co_argcount else {}
        defaults = _defaults(function)
        self._all(*defaults.values())
        self._code(code, function.__globals__, {**cells, **defaults, **own})

    def _code(self, code: CodeType, outer: Mapping[str, Any], known: dict[str, Any]) -> None:
        """Follow each name in the code, with its attributes, to what it stands for."""
        at: Any = _NOTHING
        module: Any = _NOTHING
        constant: Any = None
        inner = []
        self._texts.update(_texts(code.co_consts))
        if id(code) not in _INSTRUCTIONS:
            found = [(one.opname, one.argval) for one in dis.get_instructions(code) if one.opname not in _BETWEEN]
            _INSTRUCTIONS[id(code)] = code, found
        for name, argument in _INSTRUCTIONS[id(code)][1]:
            if name in ("LOAD_ATTR", "LOAD_METHOD"):
                at = self._attribute(at, str(argument))
            elif name == "IMPORT_FROM":
                at = self._attribute(module, str(argument))
            else:
                self.take(at)
                # Python 3.13 loads two variables at once, or stores one and loads another.
                *others, last = argument if isinstance(argument, tuple) and "_FAST" in name else (argument,)
                if name.startswith("STORE_") and at is not _NOTHING:
                    known[others[0] if others else last] = at
                at = _NOTHING
                if name in _NAMES:
                    at = self._named(str(last), outer, known)
                elif "LOAD_FAST" in name:
                    self._all(*(known.get(other, _NOTHING) for other in others))
                    at = known.get(last, _NOTHING)
                elif name == "IMPORT_NAME":
                    at = module = self._imported(str(argument), outer, whole=constant is None)
                elif isinstance(argument, CodeType):
                    inner.append(argument)
                elif name == "LOAD_CONST":
                    constant = argument
        self.take(at)
        for nested in inner:
            self._code(nested, outer, dict(known))

    def _named(self, name: str, outer: Mapping[str, Any], known: Mapping[str, Any]) -> Any:
        builtin = outer.get("__builtins__", {})
        builtins = vars(builtin) if isinstance(builtin, ModuleType) else builtin
        return known.get(name, outer.get(name, builtins.get(name, _NOTHING)))

    def _imported(self, name: str, outer: Mapping[str, Any], *, whole: bool) -> Any:
        """The module of an import: its first part if it is imported without names."""
        near = [f"{outer.get('__package__') or ''}.{name}", name]
        module = next((sys.modules[module] for module in near if module in sys.modules), None)
        if name.partition(".")[0] in _AWS:
            self._modules.uses_aws = True
            return _NOTHING
        if module is None:
            if not self._modules.computes(name):
                self.found.unread.append(f"import {name}")
            return _NOTHING
        return sys.modules.get(name.partition(".")[0], module) if whole else module

    def _attribute(self, of: Any, name: str) -> Any:
        if of is _NOTHING:
            self._methods.add(name)
            return _NOTHING
        if isinstance(of, ModuleType):
            if of.__name__.partition(".")[0] in _AWS:
                self._modules.uses_aws = True
                return _NOTHING
            return getattr(of, name, _NOTHING)
        if isinstance(of, Mapping | list | tuple | set):
            self.take(of)
            return _NOTHING
        holder = of if isinstance(of, type) else type(of)
        if isinstance(of, type):
            self.take(of)
        function = inspect.getattr_static(holder, name, _NOTHING)
        if function is _NOTHING and not isinstance(of, type):
            return getattr(of, "__dict__", {}).get(name, _NOTHING)
        if isinstance(function, FunctionType) and not isinstance(of, type):
            return MethodType(function, of)
        return function if _is_code(function) else _NOTHING


def _texts(constants: tuple[Any, ...]) -> Iterator[str]:
    for constant in constants:
        if isinstance(constant, str):
            yield constant
        elif isinstance(constant, tuple):
            yield from _texts(constant)


def _is_code(value: Any) -> bool:
    return isinstance(value, FunctionType | staticmethod | classmethod | property | type | functools.partial)


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not filled yet
        return _NOTHING


def _defaults(function: FunctionType) -> dict[str, Any]:
    """Arguments that the function has without being given them: a loop's variable, for example."""
    code, defaults = function.__code__, function.__defaults__ or ()
    named = code.co_varnames[code.co_argcount - len(defaults) : code.co_argcount]
    return {**dict(zip(named, defaults, strict=True)), **(function.__kwdefaults__ or {})}
