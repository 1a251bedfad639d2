"""Each type of the catalog has all that AWS charges for it: in the sums, in the use, or named without an amount."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from review.aws.catalog import catalog
from review.aws.catalog.month import SECONDS
from review.cost import Usage
from review.cost.charge import Basis
from review.cost.estimate import Line
from review.graph import UNKNOWN, Graph
from review.report.render.costs import list_caveats
from review.tests.helpers.graph_builder import Builder
from review.tests.helpers.graph_reports import estimate
from review.tests.helpers.stacks import ALL, graph_of
from review.tests.helpers.stated_apis import front

_TABLE: Final = yaml.safe_load(Path(__file__).with_name("dimensions.yaml").read_text(encoding="utf-8"))
FREE: Final = frozenset(map(catalog.make_token, _TABLE.pop("free").split()))
PAID: Final[dict[str, dict[str, Any]]] = {catalog.make_token(name): row for name, row in _TABLE.items()}


def test_each_type_of_the_catalog_has_its_dimensions_once() -> None:
    assert PAID.keys() | FREE == catalog.ROWS.keys()
    assert PAID.keys() & FREE == set()


@pytest.mark.parametrize("token", [token for token in catalog.ROWS if catalog.find_cost(token) != catalog.FREE])
def test_what_a_type_charges_for_is_listed(token: str) -> None:
    cost, row = catalog.find_cost(token), PAID[token]
    assert cost is not None
    assert {item.name for item in cost.items} <= set(row.get("sum", ()))
    assert bool(row.get("sum") or row.get("use") or row.get("named"))
    if cost.depends_on:
        assert [words for words in row["named"] if words in cost.depends_on]


def test_a_type_without_a_charge_says_why() -> None:
    silent = [token for token in PAID if catalog.find_cost(token) == catalog.FREE]
    assert [token for token in silent if not PAID[token].get("elsewhere")] == []


def _unlisted(lines: tuple[Line, ...]) -> Iterator[str]:
    for line in lines:
        row = PAID[line.resource.type]
        listed = row.get("sum" if line.basis is Basis.FIXED else "use", ())
        by_name = [words for words in row.get("named", ()) if words in line.label]
        if not by_name and not any(fnmatchcase(line.item, pattern) for pattern in listed):
            yield f"{line.resource.type}: {line.item} ({line.label})"


@pytest.mark.parametrize("stack", ALL)
def test_every_line_of_a_bill_is_of_a_dimension_in_the_table(stack: str) -> None:
    assert list(_unlisted(estimate(graph_of(stack)).lines)) == []


def traced(tracing: Any = False, level: Any = "OFF", disk: Any = None, mode: Any = None) -> Graph:
    """A REST API in front of a function."""
    build = Builder()
    more: dict[str, Any] = {"ephemeralStorage": {"size": disk}} if disk is not None else {}
    more |= {"tracingConfig": {"mode": mode}} if mode is not None else {}
    api = front(build, {"GET /x": {}}, to=build("lambda/function:Function", "f", memorySize=1024, **more))
    build("apigateway/stage:Stage", "s", restApi="api", stageName="live", parent=api, xrayTracingEnabled=tracing)
    build(
        "apigateway/methodSettings:MethodSettings",
        "t",
        restApi="api",
        stageName="live",
        parent=api,
        methodPath="*/*",
        settings={"loggingLevel": level},
    )
    return build.graph()


@pytest.mark.parametrize(
    ("inputs", "label", "usd"),
    [
        # $5 a million, of which all are recorded at less than one a second: siutsin/telegram-jung2-bot#96
        ({"tracing": True}, "X-Ray traces", 5.0),
        ({"tracing": UNKNOWN}, "X-Ray traces", None),
        ({"tracing": True, "mode": "Active"}, "X-Ray traces", 5.0),
        ({"mode": "Active"}, "X-Ray traces", 5.0),
        ({"mode": UNKNOWN}, "X-Ray traces", None),
        # A million calls of 100 ms with 1 GB beyond the first 512 MB, at $0.0000000309 a GB-second.
        ({"disk": 1536}, "Lambda temporary disk", 0.00309),
        ({"disk": UNKNOWN}, "Lambda temporary disk", None),
        ({"level": "INFO"}, "execution logs", None),
        ({"level": UNKNOWN}, "execution logs", None),
    ],
)
def test_what_a_switch_costs_is_in_the_sum_or_named(inputs: dict[str, Any], label: str, usd: float | None) -> None:
    without, bill = estimate(traced()), estimate(traced(**inputs))
    assert label not in {line.label for line in without.lines}
    (line,) = [line for line in bill.lines if line.label == label]
    assert line.amount == (None if usd is None else pytest.approx(usd))
    if line.basis is not Basis.CALL:
        assert [text for text in list_caveats(bill) if text.startswith(label)]


def test_of_many_calls_a_second_few_are_traced() -> None:
    """One a second and 5% of the others, by the default rule of X-Ray."""
    usage = Usage(requests=100 * SECONDS)
    (line,) = [line for line in estimate(traced(tracing=True), usage).lines if line.item == "xray-trace"]
    assert line.quantity == pytest.approx((1 + 99 * 0.05) * SECONDS / 1e6)
