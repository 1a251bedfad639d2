"""What a function that was not run may do: types of resources that it may declare, or anything.

It is judged by the names in its code and in the program's functions that it names: a resource under a condition counts.
"""

import dis
import functools
import inspect
import json
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any, Final

import pulumi

_UNKNOWN: Final = object()
_BETWEEN: Final = frozenset({"PUSH_NULL", "CACHE", "EXTENDED_ARG", "RESUME", "NOP", "PRECALL", "COPY", "SWAP"})
_WORDS: Final = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
_ANY_CODE: Final = frozenset(_WORDS["any_code"])
"""Builtin functions that may reach any other one."""
_ACTING: Final = tuple(f"{module}." for module in _WORDS["acting"])
"""Modules that call others over the network, start processes or import by a text."""
_COMPUTING: Final = frozenset(_WORDS["computing"])
"""Packages that only compute. Any other package may call AWS."""
_AWS: Final = frozenset(_WORDS["aws"])
"""AWS's SDK, whose operations are methods with a verb in their names."""
_CHANGES: Final = re.compile(rf"_*(?:{'|'.join(_WORDS['changes'])})_")
"""Operations that change something, or start code that does."""
_NO_CHANGE: Final[Mapping[str, str]] = _WORDS["no_change"]
"""Methods that look like such operations and shape no traffic, unless the code names the argument."""
_HARMLESS: Final = (pulumi.ComponentResource, pulumi.StackReference, pulumi.ProviderResource)


class Effects:
    """What the code of a callable may do. `is_own` is true for files of the program."""

    def __init__(self, function: Any, is_own: Callable[[str], bool]) -> None:
        self._is_own = is_own
        self._taken: dict[int, Any] = {}
        """By id, to keep them alive: an id is of one thing at a time."""
        self.types: set[str] = set()
        """Type tokens of the resources that it may declare."""
        self.anything = False
        """Whether it names what may be any code, or an operation of AWS's SDK that changes something."""
        self._uses_aws = False
        self._methods: set[str] = set()
        """Attributes of values that are not known, such as a client of AWS's SDK."""
        self._constants = ""
        self._take(function)
        self.anything |= self._uses_aws and any(map(self._may_change, self._methods))

    def _may_change(self, method: str) -> bool:
        argument = _NO_CHANGE.get(method)
        return bool(_CHANGES.match(method)) and (argument is None or (argument != "" and argument in self._constants))

    def _is_aws(self, module: str) -> bool:
        is_aws = module.partition(".")[0] in _AWS
        self._uses_aws |= is_aws
        return is_aws

    def _computes(self, module: str) -> bool:
        """Whether nothing of a module declares a resource by itself, or calls anything but AWS."""
        # Functions of generated SDKs are lookups.
        generated = module.startswith("pulumi.") or f"{module.partition('.')[0]}._utilities" in sys.modules
        return self._is_aws(module) or _only_computes(module) or (generated and not f"{module}.".startswith(_ACTING))

    def _owns(self, module: str) -> bool:
        file = getattr(sys.modules.get(module), "__file__", None)
        return module in ("__main__", "__mp_main__") or self._is_own(str(file or ""))

    def _all(self, *values: Any) -> None:
        for value in values:
            self._take(value)

    def _take(self, value: Any) -> None:
        """Read what a name in the code stands for."""
        if id(value) in self._taken:
            return
        self._taken[id(value)] = value
        match value:
            case MethodType():
                self._function(value.__func__, value.__self__)
            case FunctionType():
                self._function(value)
            case functools.partial():
                self._all(value.func, *value.args, *value.keywords.values())
            case staticmethod() | classmethod():
                self._take(value.__func__)
            case property():
                self._take(value.fget)
            case type():
                self._class(value)
            case BuiltinFunctionType():
                # A method of a text, for example, is of no module.
                module = str(value.__module__ or "builtins")
                self.anything |= not self._computes(module) or (module == "builtins" and value.__name__ in _ANY_CODE)
            case Mapping():
                self._all(*value.values())
            case list() | tuple() | set() | frozenset():
                self._all(*value)
            case ModuleType():
                # By another name it may be asked for any resource.
                self.anything |= not (self._is_aws(value.__name__) or _only_computes(value.__name__))
            case _ if not isinstance(value, pulumi.Output) and (callable(value) or self._owns(type(value).__module__)):
                self._take(getattr(value, "__wrapped__", type(value)))

    def _class(self, made: type) -> None:
        if issubclass(made, pulumi.Resource):
            token = str(getattr(made, "pulumi_type", ""))
            self.types |= {token} - {""}
            self.anything |= not (token or issubclass(made, _HARMLESS))
        for base in made.__mro__:
            if self._owns(base.__module__):
                self._all(*filter(_is_code, vars(base).values()))
            elif not self._computes(base.__module__):
                self.anything = True

    def _function(self, function: Any, bound: Any = _UNKNOWN) -> None:
        if self._computes(module := str(function.__module__ or "")):
            return
        if not self._owns(module):
            self.anything = True
            return
        code, defaults = function.__code__, _defaults(function)
        cells = dict(zip(code.co_freevars, map(_content, function.__closure__ or ()), strict=True))
        own = {code.co_varnames[0]: bound} if code.co_argcount else {}
        self._all(*defaults.values())
        self._code(code, function.__globals__, {**cells, **defaults, **own})

    def _code(self, code: CodeType, outer: Mapping[str, Any], known: Mapping[str, Any]) -> None:
        """Follow each name in the code, with its attributes, to what it stands for."""
        builtin = outer.get("__builtins__", {})
        names = {**(vars(builtin) if isinstance(builtin, ModuleType) else builtin), **outer}
        at: Any = _UNKNOWN
        self._constants += repr(code.co_consts)
        for one in dis.get_instructions(code):
            if one.opname in ("LOAD_ATTR", "LOAD_METHOD"):
                at = self._attribute(at, str(one.argval))
            elif one.opname not in _BETWEEN:
                self._take(at)
                at = _UNKNOWN
                if re.match("LOAD_.*(GLOBAL|NAME)", one.opname):
                    at = names.get(one.argval, _UNKNOWN)
                elif re.match("(LOAD|STORE_FAST_LOAD)_.*(FAST|DEREF)", one.opname):
                    # Python 3.13 loads two variables at once, or stores one and loads another.
                    *others, last = one.argval if isinstance(one.argval, tuple) else (one.argval,)
                    self._all(*(known.get(other, _UNKNOWN) for other in others))
                    at = known.get(last, _UNKNOWN)
                elif one.opname == "IMPORT_NAME":
                    self.anything |= not (self._is_aws(one.argval) or _only_computes(one.argval))
                elif isinstance(one.argval, CodeType):
                    self._code(one.argval, outer, known)
        self._take(at)

    def _attribute(self, of: Any, name: str) -> Any:
        if isinstance(of, ModuleType):
            return getattr(of, name, _UNKNOWN)
        if isinstance(of, type | Mapping | list | tuple | set):
            self._take(of)
        if of is _UNKNOWN or isinstance(of, pulumi.Output):
            self._methods.add(name)
            return _UNKNOWN
        found = inspect.getattr_static(of, name, _UNKNOWN)
        if found is _UNKNOWN:
            self._take(type(of))
        function = found.fget if isinstance(found, property) else found
        return MethodType(function, of) if isinstance(function, FunctionType) and not isinstance(of, type) else found


def _only_computes(module: str) -> bool:
    top = module.partition(".")[0]
    known = top in _COMPUTING or top in sys.stdlib_module_names - {"__main__"}
    return known and not f"{module}.".startswith(_ACTING)


def _is_code(value: Any) -> bool:
    return isinstance(value, FunctionType | staticmethod | classmethod | property | type | functools.partial)


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
