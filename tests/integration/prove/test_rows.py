"""Each row that a call answers, asked of `make try`; and differences that its row must find."""

import functools
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from review.prove.life import merge_config
from review.prove.probes import DIFFERENT, HELD, NOT_TRIED, Site, ask_row, hide_private_values
from review.prove.table import TABLE, Row, TableError, read_table
from review.tests.helpers.stacks import remembered
from tests.integration.prove.local_stacks import Echo, site

CLAIMS = read_table(TABLE)
Config = dict[str, Any]


def config_of(stack: str) -> Config:
    return dict(yaml.safe_load(CLAIMS.stacks[stack].read_text(encoding="utf-8"))["config"])


def asked(stack: str, there: Site, *, changed: str = "") -> dict[str, str]:
    """Results of the stack's rows by name: those of the stack as it is first deployed, or the one after a change."""
    rows = [row for row in CLAIMS.list_rows(stack) if row.local and (row.id if row.change else "") == changed]
    return {row.id: ask_row(row, there, patience=0)[0] for row in rows}


def row_of(name: str) -> Row:
    (row,) = [row for row in CLAIMS.rows if row.id == name]
    return row


@pytest.mark.parametrize("stack", CLAIMS.stacks)
def test_every_row_that_make_try_can_answer_holds_there(stack: str) -> None:
    with site(remembered(config_of(stack))) as there:
        results = asked(stack, there)
    assert results
    assert {row for row, result in results.items() if result != HELD} == set()
    # And every update of the table is a config that the program takes.
    config = merge_config(config_of(stack), CLAIMS.update)
    for row in CLAIMS.list_rows(stack):
        config = merge_config(config, row.change)
    assert remembered(config).exports


def test_a_changed_policy_refuses_other_addresses() -> None:
    with site(remembered(merge_config(config_of("proxy-rest"), row_of("policy").change))) as there:
        assert asked("proxy-rest", there, changed="policy") == {"policy": HELD}


def without(number: int, key: str) -> Callable[[Config], None]:
    """Takes a key out of a route."""
    return lambda config: config["api"]["routes"][number].pop(key)


def free(config: Config) -> None:
    """Takes the key and the throttle away."""
    del config["api"]["routes"][2]["keyRequired"], config["api"]["routes"][3]["throttle"], config["api"]["plans"]


def nameless(config: Config) -> None:
    """Lets a caller name itself, and leaves the prefix."""
    del config["api"]["stripPrefix"]
    config["api"]["identity"] = False


class StageArrives(Echo):
    prefix = "/live"


class HeaderLost(Echo):
    lost = ("x-probe",)


class SlashLost(Echo):
    def seen(self) -> str:
        return self.path.rstrip("/")


class QuerySorted(Echo):
    def seen(self) -> str:
        path, _, query = self.path.partition("?")
        return f"{path}?{'&'.join(sorted(query.split('&'), reverse=True))}" if query else path


# A backend's differences and a config's are there together, since each has rows of its own.
DIFFERENCES: list[tuple[str, type[Echo], list[Callable[[Config], object]], str]] = [
    ("proxy-rest", StageArrives, [], "no-stage trailing-slash wrapper"),
    ("proxy-rest", SlashLost, [without(1, "bodySchema"), free], "trailing-slash body-schema key throttle"),
    ("link-rest", QuerySorted, [without(0, "authorization")], "query refuses-unsigned"),
    (
        "link-http",
        HeaderLost,
        [nameless],
        "header header-utf8 header-latin1 identity identity-http2 strip-prefix hyphen",
    ),
]


@pytest.mark.parametrize(("stack", "echo", "changes", "found"), DIFFERENCES)
def test_a_difference_is_found_by_its_row(stack: str, echo: type[Echo], changes: Any, found: str) -> None:
    config = config_of(stack)
    for change in changes:
        change(config)
    with site(remembered(config), echo) as there:
        results = asked(stack, there)
    assert {row for row, result in results.items() if result == DIFFERENT} == {*found.split()}


def test_a_missing_policy_and_a_private_api_in_the_open_are_found() -> None:
    with ExitStack() as stack:
        there = stack.enter_context(site(remembered(config_of("proxy-rest"))))
        assert asked("proxy-rest", there, changed="policy") == {"policy": DIFFERENT}
        private = stack.enter_context(site(remembered(config_of("private"))))
        private.headers = {}
        assert asked("private", private)["private-closed"] == DIFFERENT


_HEALTHY = [{"TargetHealth": {"State": "healthy"}}]
_THROTTLED = {"/keyed/GET": {"rateLimit": 6.0}}
AWS: list[tuple[str, Any, Any]] = [
    ("nlb-targets", {"TargetHealthDescriptions": _HEALTHY}, {"TargetHealthDescriptions": []}),
    ("docker-hub", {"Output": "boot\nthe backend answers\n"}, {"Output": "boot"}),
    ("session-manager", {"InstanceInformationList": [{"PingStatus": "Online"}]}, {"InstanceInformationList": []}),
    ("route-throttles", {"apiStages": [{"throttle": _THROTTLED}]}, {"apiStages": [{"throttle": {}}]}),
    ("nat", {"Output": "the NAT works"}, {}),
]


@pytest.mark.parametrize(("name", "good", "bad"), AWS)
def test_a_request_to_aws_is_compared_and_its_arguments_are_the_stacks_own(name: str, good: Any, bad: Any) -> None:
    row = row_of(name)
    named = {
        name: {"id": f"{name}-id", "arn": f"{name}-arn"}
        for name in ("front-caller", "ingress-targets", "backend-instance", "network-nat-instance")
    }
    given: list[Any] = []

    def ask(answer: Any, *call: Any) -> Any:
        given.append(call)
        return answer

    for answer, result in ((good, HELD), (bad, DIFFERENT)):
        there = Site(url="", region="", resources=named, ask=functools.partial(ask, answer))
        assert ask_row(row, there, patience=0)[0] == result
    assert row.ask == given[0][0]
    assert "-instance.id" not in str(given)
    assert ask_row(row, Site(url="", region="", ask=lambda *_: {}), patience=0)[0] == NOT_TRIED


def test_every_request_of_the_table_only_reads_and_is_one_of_aws() -> None:
    import botocore.session

    for row in CLAIMS.rows:
        if row.ask:
            service, _, operation = row.ask.partition(".")
            model = botocore.session.get_session().get_service_model(service).operation_model(operation)
            assert {*row.arguments} <= {*model.input_shape.members}, row.id
            assert operation.startswith(("Describe", "Get", "List"))


def test_a_row_is_repeated_until_it_holds() -> None:
    answers = [{}, {"Output": "the NAT works"}]
    there = Site(url="", region="", resources={"network-nat-instance": {"id": "i"}}, ask=lambda *_: answers.pop(0))
    assert ask_row(replace(row_of("nat"), wait=(5, 0.01)), there)[0] == HELD


def test_a_record_has_no_account_address_or_secret() -> None:
    for text, told in {
        "arn:aws:iam::111122223333:role/x of 111122223333": "[arn] of [account]",
        "https://abc.execute-api.eu-west-1.amazonaws.com/live": "[address]",
        "203.0.113.9, 2001:db8::1, me@example.com": "[address], [address], [address]",
        f"AKIAABCDEFGHIJKLMNOP {'Ab' * 25}": "[secret] [secret]",
        "/probe/path": "/probe/path",
    }.items():
        assert hide_private_values({"a": [text]}) == {"a": [told]}


WRONG: list[tuple[str, str]] = [
    ("stacks: {}\nrows: {a: {clam: x}}", "rows.a: there is no key 'clam'; did you mean claim?"),
    ("stacks: {}\nrows: {a: {claim: x}}", "rows.a: got none; want one of call, ask, phase, person"),
    ("stacks: {s: s.yaml}\nrows: {a: {ask: a.B, stacks: [t]}}", "rows.a.stacks: got 't'; want one of s"),
    ("rows: [", "want the keys stacks and rows"),
]


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_a_wrong_table_is_refused_with_key_and_value(text: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "probes.yaml"
    file.write_text(text)
    with pytest.raises(TableError) as refused:
        read_table(file)
    assert message in str(refused.value)
