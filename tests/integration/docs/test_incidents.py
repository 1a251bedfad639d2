"""docs/incidents.md, walked through in each topology: its commands have the names that the stack gives."""

import re
from collections.abc import Mapping
from typing import Any, Final

import pytest

from components.api.access_logs import HTTP_FIELDS, REST_FIELDS
from review.tests.helpers.stacks import ROOT, remembered
from tests.integration.docs.test_procedures import CLOUD_MAP, CONSUMER, FARGATE, LINK, PROXY, SEVERAL

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
    assert len(raised) > 5
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
