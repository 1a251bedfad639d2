"""What a function that was not run may do: declare resources of some types, or anything. It is judged by the names in
its code and in the program's functions that it names: a resource under a condition counts.
"""

import dis
import functools
import inspect
import json
import re
import sys
from collections import ChainMap
from collections.abc import Callable, Mapping
from pathlib import Path
from types import BuiltinFunctionType, CodeType, FunctionType, MemberDescriptorType, MethodType, ModuleType
from typing import Any, Final

import pulumi

_UNKNOWN: Final = object()
_BETWEEN: Final = frozenset({"PUSH_NULL", "CACHE", "EXTENDED_ARG", "RESUME", "NOP", "PRECALL", "COPY", "SWAP"})
_WORDS: Final = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
_PROCESSES: Final = tuple(_WORDS["processes"])  # functions of `os` that start a process begin so
_ANY_CODE: Final = frozenset(_WORDS["any_code"])  # builtin functions that may reach any other one
_ACTING: Final = tuple(f"{module}." for module in _WORDS["acting"])
"""Modules that call others over the network, start processes or import by a text."""
_COMPUTING: Final = frozenset(_WORDS["computing"])  # packages that only compute. Any other package may call AWS
_AWS: Final = frozenset(_WORDS["aws"])  # AWS's SDK, whose operations are methods with a verb in their names
_CHANGES: Final = re.compile(rf"_*(?:{'|'.join(_WORDS['changes'])})(?:_.*)?")
"""Operations that change something, or start code that does."""
_NO_CHANGE: Final[Mapping[str, str]] = _WORDS["no_change"]
"""Methods that look like such operations and shape no traffic, unless the code names the argument."""
_matched: Final = functools.cache(re.match)
_instructions: Final = functools.lru_cache(2_000)(lambda code: [*dis.get_instructions(code)])
"""Of code, which is read again for each function that leads to it."""
_MEMBERS: Final = (
    *(staticmethod, classmethod, property),
    *(functools.cached_property, functools.partialmethod, functools.singledispatchmethod),
)
_ANY_RESOURCE: Final = (pulumi.Resource, pulumi.CustomResource, pulumi.ComponentResource)
_HARMLESS: Final = (pulumi.ComponentResource, pulumi.StackReference, pulumi.ProviderResource)


class Effects:
    """What the code of a callable may do. `is_own` is true for files of the program."""

    def __init__(self, function: Any, is_own: Callable[[str], bool]) -> None:
        self._is_own = is_own
        self._taken: dict[tuple[int, ...], Any] = {}  # by id, to keep them alive: an id is of one thing at a time
        self.types: set[str] = set()  # type tokens of the resources that it may declare
        self.anything = False  # whether it names what may be any code, or changes something by AWS's SDK
        self._uses_aws = False
        self._methods: set[str] = set()  # attributes of values that are not known, such as a client of AWS's SDK
        self._constants = ""
        try:
            self._take(function)
        except Exception:  # of a value of the program, or of code that is nested too deeply
            self.anything = True
        self.anything |= self._uses_aws and any(map(self._may_change, self._methods))

    def _may_change(self, method: str) -> bool:
        argument = _NO_CHANGE.get(method)
        shapes = argument is None or (argument != "" and argument in self._constants)
        return shapes and _CHANGES.fullmatch(method) is not None

    def _is_aws(self, module: str) -> bool:
        is_aws = module.partition(".")[0] in _AWS
        self._uses_aws |= is_aws
        return is_aws

    def _declares(self, module: str) -> bool:
        """Whether a module may hold a resource, or anything that is not known."""
        top = module.partition(".")[0]
        computes = top in _COMPUTING or top in sys.stdlib_module_names - {"__main__"}
        return not (self._is_aws(module) or (computes and not f"{module}.".startswith(_ACTING)))

    def _computes(self, module: str) -> bool:
        """Whether nothing of a module declares a resource by itself, or calls anything but AWS."""
        # Functions of generated SDKs are lookups.
        package = module.partition(".")[0]
        generated = module.startswith(("pulumi.", "namedtuple_")) or f"{package}._utilities" in sys.modules
        return not self._declares(module) or (generated and not f"{module}.".startswith(_ACTING))

    def _owns(self, module: str) -> bool:
        file = getattr(sys.modules.get(module), "__file__", None)
        return module in ("__main__", "__mp_main__") or self._is_own(str(file or ""))

    def _all(self, *values: Any) -> None:
        for value in values:
            self._take(value)

    def _take(self, value: Any) -> None:
        """Read what a name in the code stands for."""
        key = (id(value.__func__), id(value.__self__)) if isinstance(value, MethodType) else (id(value),)
        if key in self._taken:
            return
        self._taken[key] = value
        match value:
            case MethodType():
                self._function(value.__func__, value.__self__)
            case FunctionType():
                self._function(value)
            case functools.partial():
                self._all(value.func, *value.args, *value.keywords.values())
            case _ if isinstance(value, _MEMBERS):
                self._take(_getter(value))
            case type():
                self._class(value)
            case BuiltinFunctionType():
                # A method of a text, for example, is of no module.
                module = str(value.__module__ or "builtins")
                self.anything |= not self._computes(module) or (module == "builtins" and value.__name__ in _ANY_CODE)
                self.anything |= _starts(module, value.__name__)
            case Mapping():
                self._all(*value.values())
            case list() | tuple() | set() | frozenset():
                self._all(*value)
            case ModuleType():
                self.anything |= self._declares(value.__name__)  # by another name it may be asked for any resource
            case _:
                owned = self._owns(module := type(value).__module__)
                self.anything |= not (owned or self._computes(module))
                if owned and not isinstance(value, pulumi.Resource):
                    self._all(type(value), *getattr(value, "__dict__", {}).values())
                if callable(value) and not isinstance(value, pulumi.Output):
                    self._all(inspect.getattr_static(value, "__wrapped__", None), type(value))

    def _class(self, kind: type) -> None:
        if issubclass(kind, pulumi.Resource):
            token = str(getattr(kind, "pulumi_type", ""))
            self.types |= {token} - {""}
            self.anything |= kind in _ANY_RESOURCE or not (token or issubclass(kind, _HARMLESS))
        for base in kind.__mro__:
            if self._owns(base.__module__):
                self._all(*vars(base).values())
            elif not self._computes(base.__module__):
                self.anything = True

    def _function(self, function: Any, bound: Any = _UNKNOWN) -> None:
        self._take(getattr(function, "__wrapped__", None))
        module, code, defaults = str(function.__module__ or ""), function.__code__, _defaults(function)
        if not (self._owns(module) or self._is_own(code.co_filename)):
            self.anything |= not self._computes(module) or _starts(module, function.__name__)
            self._methods |= {function.__name__} if self._is_aws(module) else set()
            return
        cells = dict(zip(code.co_freevars, map(_content, function.__closure__ or ()), strict=True))
        own = {code.co_varnames[0]: bound} if code.co_argcount else {}
        self._all(*defaults.values())
        self._code(code, function.__globals__, {**cells, **defaults, **own})

    def _code(self, code: CodeType, outer: dict[str, Any], known: dict[str, Any]) -> None:
        """Follow each name in the code, with its attributes, to what it stands for."""
        builtin = outer.get("__builtins__", {})
        names = ChainMap(outer, vars(builtin) if isinstance(builtin, ModuleType) else builtin)
        at = loaded = constant = _UNKNOWN
        self._constants += repr(code.co_consts)
        for one in _instructions(code):
            if one.opname in ("LOAD_ATTR", "LOAD_METHOD"):
                at = self._attribute(at, str(one.argval))
            elif one.opname == "IMPORT_FROM":
                at = self._attribute(loaded, str(one.argval))
            elif one.opname not in _BETWEEN:
                # Python 3.13 loads two variables at once, or stores one and loads another.
                *others, last = one.argval if isinstance(one.argval, tuple) and "_FAST" in one.opname else (one.argval,)
                if _matched("STORE_(FAST|DEREF)", one.opname) and at is not _UNKNOWN:
                    known[others[0] if others else last] = at
                else:
                    self._take(at)
                at = _UNKNOWN
                if _matched("LOAD_.*(GLOBAL|NAME)", one.opname):
                    at = names.get(last, _UNKNOWN)
                elif _matched("(LOAD|STORE_FAST_LOAD)_.*(FAST|DEREF)", one.opname):
                    self._all(*(known.get(other, _UNKNOWN) for other in others))
                    at = known.get(last, _UNKNOWN)
                elif one.opname == "IMPORT_NAME":
                    # Without names of its parts it is its first package.
                    at = loaded = self._imported(str(one.argval), whole=constant is None)
                elif isinstance(one.argval, CodeType):
                    self._code(one.argval, outer, dict(known))
                elif one.opname == "LOAD_CONST":
                    constant = last
        self._take(at)

    def _imported(self, module: str, *, whole: bool) -> Any:
        if module in sys.modules and not self._is_aws(module):
            return sys.modules[module.partition(".")[0] if whole else module]
        self.anything |= self._declares(module)
        return _UNKNOWN

    def _attribute(self, of: Any, name: str) -> Any:
        # A name that has no value yet may have a client of AWS's SDK later.
        if of is _UNKNOWN or of is None or isinstance(of, pulumi.Output) or self._is_aws(type(of).__module__):
            self._methods.add(name)
            return _UNKNOWN
        if isinstance(of, ModuleType):
            return _UNKNOWN if self._is_aws(of.__name__) else getattr(of, name, _UNKNOWN)
        if isinstance(of, type | Mapping | list | tuple | set):
            self._take(of)
        member = inspect.getattr_static(of, name, _UNKNOWN)
        if member is _UNKNOWN:
            self._take(type(of))
        elif isinstance(member, MemberDescriptorType) and not isinstance(of, type):
            return member.__get__(of)
        function = _getter(member)
        return MethodType(function, of) if isinstance(function, FunctionType) and not isinstance(of, type) else member


def _getter(member: Any) -> Any:
    """The function of a member of a class: of a property, for example."""
    names = ("fget", "func", "__func__") if isinstance(member, _MEMBERS) else ()
    return next((getattr(member, name) for name in names if hasattr(member, name)), member)


def _starts(module: str, function: str) -> bool:
    """Whether a function of Python's own starts a process."""
    return module in ("os", "posix", "nt") and function.startswith(_PROCESSES)


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not filled yet
        return _UNKNOWN


def _defaults(function: FunctionType) -> dict[str, Any]:
    """Arguments that the function has without being given them: a loop's variable, for example."""
    code, defaults = function.__code__, function.__defaults__ or ()
    named = code.co_varnames[code.co_argcount - len(defaults) : code.co_argcount]
    return {**dict(zip(named, defaults, strict=True)), **(function.__kwdefaults__ or {})}
