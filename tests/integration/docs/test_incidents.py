"""docs/incidents.md, walked through in each topology: its commands have the names that the stack gives."""

import fnmatch
import json
import re
from collections.abc import Mapping
from typing import Any, Final

import pytest

from components.api.access_logs import HTTP_FIELDS, REST_FIELDS
from review.tests.helpers.stacks import ROOT, remembered
from tests.helpers.declare import one
from tests.integration.docs.test_procedures import CLOUD_MAP, CONSUMER, FARGATE, LINK, PROXY, SEVERAL
from tests.integration.docs.test_procedures import PAGE as OPERATING

pytestmark = pytest.mark.xdist_group("procedures")
PAGE: Final = (ROOT / "docs" / "incidents.md").read_text(encoding="utf-8")
PRIVATE: Final[Mapping[str, Any]] = {**PROXY, "topology": "private-api"}
LOGGED: Final = (PROXY, LINK, SEVERAL, FARGATE, CLOUD_MAP, PRIVATE)
SECTIONS: Final[Mapping[str, tuple[Mapping[str, Any], ...]]] = {
    "Find the failing hop": (*LOGGED, CONSUMER),
    "The endpoint of a private API": (PRIVATE, CONSUMER),
    "The forwarder": (PROXY, PRIVATE),
    "Behind a load balancer": (LINK, SEVERAL, FARGATE),
    "Fargate": (FARGATE, CLOUD_MAP),
    "One EC2 instance": (PROXY, LINK, PRIVATE),
    "Several EC2 instances": (SEVERAL,),
    "What the logs say": LOGGED,
    "errors": (PROXY,),
    "down": (PROXY,),
}
"""By heading: configs in which the section's commands must have all of their names."""


def section(heading: str) -> str:
    (text,) = re.findall(rf"^##+ {heading}\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return str(text)


@pytest.mark.parametrize("heading", SECTIONS)
def test_the_commands_of_a_section_have_their_names_in_its_topologies(heading: str) -> None:
    read = set(re.findall(r"pulumi stack output (\w+)", section(heading)))
    for config in SECTIONS[heading]:
        exports = remembered({**config}).exports
        assert {output for output in read if not exports[output]} == set(), config


def test_every_section_that_reads_an_output_has_a_row() -> None:
    for heading in re.findall(r"^##+ (.+)$", PAGE, re.MULTILINE):
        outputs = set(re.findall(r"pulumi stack output (\w+)", section(heading))) - {"apiLogGroup", "apiUrl"}
        assert not outputs or heading in SECTIONS, heading


def test_the_page_has_each_error_by_which_the_forwarder_reports_its_backend() -> None:
    sources = (ROOT / "handlers" / "forwarder" / "forwarder").glob("*.py")
    raised = {kind for path in sources for kind in re.findall(r'Refused\(50\d, .*"([a-z-]+)"\)', path.read_text())}
    tls = (ROOT / "handlers/forwarder/forwarder/tls.py").read_text()
    raised |= {"tls", *(f"tls-{word}" for word in re.findall(r'\("(\w+)", _[A-Z_]+\)', tls))}
    assert len(raised) > 8
    listed = set(
        re.findall(r"`([a-z-]+)`", "".join(re.findall(r"^\|([^|]+)\|", section("The forwarder"), re.MULTILINE)))
    )
    assert raised <= listed
    assert listed <= raised | {"error"}


def test_fields_of_logs_that_the_page_reads_exist() -> None:
    both = HTTP_FIELDS.keys() & REST_FIELDS.keys()
    assert {"integrationStatus", "integrationError", "responseLatency", "integrationLatency", "status"} <= both
    lines = (ROOT / "handlers" / "forwarder" / "forwarder" / "log_line.py").read_text()
    assert all(f'"{field}"' in lines for field in ("level", "error", "backendMilliseconds"))


# --- patterns of `aws logs tail`

_TERM: Final = re.compile(r'\(?\$\.([\w.]+) = "([^"]*)"\)?')


def is_found(pattern: str, line: Mapping[str, Any]) -> bool:
    """Whether a pattern for JSON finds the line: terms of a field and a value with `*`, between `||`.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
    """
    terms = [_TERM.fullmatch(term.strip()) for term in pattern.removeprefix("{").removesuffix("}").split("||")]
    assert all(terms), f"no pattern for JSON, as all of our logs are: {pattern}"
    return any(_has(line, term[1], term[2]) for term in terms if term)


def _has(line: Any, path: str, wanted: str) -> bool:
    for name in path.split("."):
        line = line.get(name) if isinstance(line, dict) else None
    return isinstance(line, str) and fnmatch.fnmatchcase(line, wanted)


def pattern_in(text: str, output: str) -> str:
    (found,) = re.findall(rf"stack output {output}\).* --filter-pattern '(.+?)'$", text, re.MULTILINE)
    return str(found)


RUNTIME: Final = {"timestamp": "2026-11-29T10:00:00.000Z", "level": "ERROR"}
LOST: Final[Mapping[str, Mapping[str, Any]]] = {
    "time-out": {"time": "…", "type": "platform.report", "record": {"requestId": "1", "status": "timeout"}},
    "exception": {**RUNTIME, "errorMessage": "1", "errorType": "KeyError", "requestId": "1", "stackTrace": ["…"]},
    "variable": {**RUNTIME, "errorMessage": "BACKEND_URL: …", "errorType": "ConfigurationError", "stackTrace": []},
    "variable, with streams": {**RUNTIME, "error": "Function.ConfigurationError", "message": "BACKEND_URL: …"},
    "exception, with streams": {**RUNTIME, "error": "Runtime.Failed", "message": "KeyError"},
}
"""Lines of a call that fails in the function itself: of Lambda, of its runtime for Python, and of ours.

aws/aws-lambda-python-runtime-interface-client, awslambdaric/bootstrap.py, log_error, has no `Traceback` in JSON, and
Lambda has no `Task timed out`: https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
"""


@pytest.mark.parametrize("kind", LOST)
def test_the_command_for_errors_finds_a_failure_of_the_function(kind: str) -> None:
    assert is_found(pattern_in(section("errors"), "forwarderLogGroup"), LOST[kind])


def test_the_command_for_errors_leaves_out_calls_that_the_function_answered() -> None:
    pattern = pattern_in(section("errors"), "forwarderLogGroup")
    answered = {**RUNTIME, "requestId": "1", "route": "/a", "status": 504, "bytesOut": 9, "error": "timeout"}
    assert not is_found(pattern, json.loads(json.dumps(answered)))
    # Lambda reports a call that succeeds at INFO.
    logging = one(remembered({**PROXY}), "Function", "proxy-function").inputs["loggingConfig"]
    assert (logging["logFormat"], logging["systemLogLevel"]) == ("JSON", "WARN")


def test_the_command_for_one_caller_finds_a_role() -> None:
    """API Gateway logs the session of a role: the ARN has another service and form than the role's."""
    pattern = pattern_in(OPERATING.partition("\n### Who called\n")[2].partition("\n## ")[0], "apiLogGroup")
    assert is_found(pattern, {"callerArn": "arn:aws:sts::111122223333:assumed-role/caller/session"})
    assert not is_found(pattern, {"callerArn": "arn:aws:sts::111122223333:assumed-role/caller-of-another/session"})
