"""Signatures of webhooks: which functions check them before anything reaches the backend.

Only the forwarder of a ServerlessProxy does. No name of a variable proves it: any function may have one of that name.
"""

from dataclasses import dataclass
from typing import Any, Final

from ...graph import UNKNOWN, Graph, Resource, reveal
from ...graph.answers import Answered
from ...graph.evidence import get_deployed_input, is_declared
from ...graph.reading import Doubt, as_text, find_referring, get_output
from ...recording.resources import PROGRAM
from ..catalog import types
from .api import Call

PROXY: Final = "gatehouse:index:ServerlessProxy"
"""The component whose function is the forwarder."""
SECRET: Final = "WEBHOOK_SECRET"  # noqa: S105 # a name
PREVIOUS: Final = "WEBHOOK_PREVIOUS_SECRET"
SCHEME: Final = "WEBHOOK_SCHEME"
SCHEMES: Final = ("github", "gitlab", "hmac", "slack", "standard", "stripe")
"""The schemes that the forwarder knows; a test compares them."""
_HANDLER: Final = "handler.handler"
_LATEST: Final = ("", "$LATEST")


@dataclass(frozen=True)
class SignatureCheck(Answered):
    """Whether a function refuses requests without a sender's signature. The answer is a doubt if that is not known."""

    checks: bool
    scheme: str = ""

    @property
    def word(self) -> str:
        """The proof that a caller needs. GitLab sends the secret itself."""
        return "" if not self.checks else "token" if self.scheme == "gitlab" else "signature"


NONE: Final = SignatureCheck(checks=False)


def is_forwarder(resource: Resource) -> bool:
    """Whether a ServerlessProxy declares the function itself. A program may declare one of its own under that type."""
    if resource.declared_by == PROGRAM:
        return False
    chain = resource.urn.split("::")[2:3]
    around = chain[0].split("$")[:-1] if chain else []
    return resource.type in types.FUNCTION and around[-1:] == [PROXY]


def check_of(function: Resource | None) -> SignatureCheck:
    """The check that a function makes by its environment. Only a known scheme with a known secret proves one."""
    if function is None or not is_forwarder(function):
        return NONE
    variables = get_deployed_input(function, "environment", "variables")
    if variables is UNKNOWN:
        return _make_doubtful_check(f"whether {function.name} checks signatures: its environment is not known")
    known = {name: reveal(value) for name, value in variables.items() if reveal(value) is not None} if variables else {}
    if not {SCHEME, SECRET, PREVIOUS} & known.keys():
        return NONE
    if get_deployed_input(function, "handler") not in (None, _HANDLER) or not is_declared(function, "code"):
        return _make_doubtful_check(f"whether {function.name} runs the forwarder's code")
    for name, value in (
        (name, known.get(name)) for name in (SCHEME, SECRET, *([PREVIOUS] if PREVIOUS in known else []))
    ):
        if wrong := _find_fault(name, value):
            return _make_doubtful_check(f"whether {function.name} refuses calls without a signature: {name} {wrong}")
    return SignatureCheck(checks=True, scheme=as_text(known[SCHEME]))


def check_on(graph: Graph, call: Call) -> SignatureCheck:
    """The check that a call meets in the function that it reaches, which an alias may take from an older version."""
    integration = call.integration
    if integration.kind == "AWS_PROXY" and not integration.certain:
        return _make_doubtful_check(f"which function {call.name} calls")
    return check_through(graph, integration.function, integration.uri)


def check_through(graph: Graph, function: Resource | None, named: Any) -> SignatureCheck:
    """The check that calls of `named` meet: a function's URI, ARN or name, with an alias or a version."""
    found = check_of(function)
    if found.checks and function is not None and (older := _name_older_version(graph, as_text(named), function)):
        return _make_doubtful_check(f"whether {older} checks signatures as the newest version does")
    return found


def _name_older_version(graph: Graph, named: str, function: Resource) -> str:
    """The version of a function that a call reaches, in words, if it may be another than this program makes."""
    qualifier = named.rpartition("function:")[2].partition("/")[0].partition(":")[2]
    alias = graph.find(named, *types.ALIAS) or _find_alias(graph, qualifier, function)
    if alias is None:
        return "" if qualifier in _LATEST else f"{function.name}:{qualifier}"
    version, own = get_deployed_input(alias, "functionVersion"), get_output(function, "version")
    made_here = version is UNKNOWN and function.urn in alias.property_dependencies.get("functionVersion", ())
    weights = get_deployed_input(alias, "routingConfig", "additionalVersionWeights")
    is_newest = made_here or version == "$LATEST" or (version is not UNKNOWN and version == own)
    return "" if is_newest and weights in (None, {}) else f"the version of {alias.name}"


def _find_alias(graph: Graph, name: str, function: Resource) -> Resource | None:
    aliases = find_referring(graph, function, types.ALIAS, "functionName")
    return next((alias for alias in aliases if name and get_output(alias, "name") == name), None)


def _find_fault(name: str, value: Any) -> str:
    """Why a variable proves nothing, as the end of a sentence. Empty if it does."""
    if value is UNKNOWN:
        return "is not known"
    if not as_text(value).strip():
        return "is missing, empty or blank"
    return "is no scheme of the forwarder" if name == SCHEME and value not in SCHEMES else ""


def _make_doubtful_check(about: str) -> SignatureCheck:
    return SignatureCheck(checks=False, answer=Doubt(about))


def list_checking_functions(graph: Graph) -> list[Resource]:
    """The functions of a graph that check signatures."""
    return [function for function in graph.list_by_type(*types.FUNCTION) if check_of(function).checks]
