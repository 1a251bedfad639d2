"""The whole review of one stack, as plain data for every format."""

from __future__ import annotations

import difflib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ..acknowledgements import CONFIG_KEY as ACKNOWLEDGE
from ..aws.model.model import AwsModel
from ..cost import Estimate, Usage, estimate
from ..cost.prices import load_prices
from ..cost.sums import FIXED, find_sum
from ..cost.usage import CONFIG_KEY, NAMESPACE, UsageError
from ..facts import version
from ..facts.egress_modes import NAT_GATEWAY, NAT_INSTANCE
from ..facts.regions import OTHER_PARTITIONS
from ..graph import UNKNOWN, Asset, Graph, Origin, Secret
from ..graph.reading import as_list, as_text
from ..ledger.ledger import Withheld
from .parts.diagram import Diagram, add_costs, draw
from .parts.rows import Row, is_created, list_rows

if TYPE_CHECKING:
    from ..compare.comparison import Comparison
    from ..evaluate.runner import Evaluation
    from ..ledger.ledger import Ledger, Vouched
    from ..reach.open_calls import OpenEndpoint
    from ..reach.path import Path
    from ..rules import Finding, Tally


_MADE_FROM: Final = {
    Origin.PROGRAM: (
        "offline review, AWS was not called",
        "This is an evaluation of the program with its real configuration, and not a diff against the cloud: "
        "ids, addresses and answers of lookups are made up.",
    ),
    Origin.PLAN: (
        "review of the engine's plan",
        "This is a review of the plan that `pulumi preview` made: what changes, why and in which order is the "
        "engine's answer. Values that only the update knows are not known here.",
    ),
}
"""By origin, for the head and for the foot of a report."""
_SHORTEST_ID: Final = 6
"""Only IDs of at least this length are replaced by names: a shorter text may be a part of another word."""


def describe_source(origin: Origin) -> str:
    """The source of the review, in a few words."""
    return f"gatehouse {version.VERSION}: {_MADE_FROM[origin][0]}"


def describe_source_in_full(origin: Origin) -> str:
    """The source of the review and its limits, in sentences."""
    return f"Gatehouse {version.VERSION}. {_MADE_FROM[origin][1]}"


@dataclass(frozen=True)
class Export:
    name: str
    text: str
    """`[secret]` for every secret; `<name>` for the made-up ID of a resource."""
    known: bool
    """False if a part of the text is made up, and only a deployment knows the real one."""

    @property
    def empty(self) -> bool:
        """Whether the output is empty, because the stack does not have the part that it describes."""
        return self.text in ("", "{}", "[]", "null")


@dataclass(frozen=True, kw_only=True)
class Report:
    project: str
    stack: str
    origin: Origin
    """The source of the review."""
    region: str
    region_notes: tuple[str, ...]
    """Faults and gaps of the region's prices, which affect every sum."""
    topology: str
    """Empty for a program that has none."""
    rows: tuple[Row, ...]
    resources: int
    """Resources that would be made; components are not counted."""
    declared: Mapping[str, int]
    """Number of these resources by type."""
    read: tuple[str, ...]
    """Names of resources that exist already and are only read."""
    lookups: tuple[tuple[str, int], ...]
    """Type tokens of lookups, such as `aws:ec2/getAmi:getAmi`, with the number of different calls."""
    hidden: tuple[str, ...]
    """Names of resources that a real preview would not show, because they are declared inside an `apply`."""
    exports: tuple[Export, ...]
    bill: Estimate
    budgets: tuple[float, ...]
    """Limits, in dollars, at which a budget alerts."""
    paths: tuple[Path, ...]
    unseen_callers: tuple[str, ...] = ()
    """Sentences on things that exist already, whose other callers nobody can know from the program."""
    limitations: tuple[str, ...]
    """What egress cannot do: hosts that it does not reach, its speed, and its single points of failure."""
    anyone: tuple[OpenEndpoint, ...]
    """Calls that anybody on the internet may make."""
    others: Vouched | Withheld
    """That no path from outside is open but those that are listed."""
    ledger: Ledger
    """What the answers do not rest on."""
    withheld: tuple[Withheld, ...]
    """Sentences on callers and paths that are not said because of it. Rules are among the findings."""
    findings: tuple[Finding, ...]
    tally: Tally
    """Rules that passed, and rules that had nothing to look at."""
    diagram: Diagram
    notes: tuple[str, ...]
    changes: Comparison | None = None
    """Differences from what the review was compared with."""
    not_compared: str = ""
    """If the comparison failed: with what the stack was to be compared, and the error."""

    def list_findings(self, status: str) -> list[Finding]:
        """Findings that are `failed`, `waived` or `inconclusive`."""
        return [finding for finding in self.findings if finding.status.value == status]

    @property
    def failed(self) -> bool:
        """Whether `--strict` fails: because a rule failed or, in a comparison, for one of its four reasons."""
        return bool(self.list_findings("failed") if self.changes is None else self.changes.failures)

    @property
    def undecided(self) -> list[Finding]:
        """Inconclusive rules that are critical, or about calls, the network or rights: errors of `--strict=unknown`."""
        from ..rules.claims import is_about_access

        return [
            finding
            for finding in self.list_findings("inconclusive")
            if finding.rule.severity.value == "critical" or is_about_access(finding.rule.id)
        ]

    @property
    def has_doubts(self) -> bool:
        """Whether a sentence about calls, the network or rights is withheld: an error of `--strict=unknown`."""
        return bool(self.undecided or self.withheld or (self.changes is not None and self.changes.doubts))


def report(evaluation: Evaluation, usage: Usage | None = None) -> Report:
    """The report of an evaluated stack; `usage` wins over the stack's own `review:usage`."""
    # Imported here, so that a failing program is reported before all rules are loaded.
    from ..evaluate.problems import ProgramError
    from ..reach import trace
    from ..reach.existing import list_unseen_callers
    from ..rules import check, count_rules, list_changed_rules
    from .parts.limitations import list_limitations

    if rules := list_changed_rules():
        raise ProgramError(f"the program changed the review: {len(rules)} of its rules, {rules[0]} among them")
    graph = evaluation.known
    reach, model = trace(graph), AwsModel(graph)
    findings, others = tuple(check(graph, reach)), reach.others
    bill = estimate(model, usage or read_usage(graph), not_counted=reach.list_uncounted_calls())
    amounts = [(line.resource, line.amount) for line in bill.list_fixed()]
    # A lookup that is repeated counts once.
    lookups = {(invoke.token, repr(sorted(invoke.arguments.items()))) for invoke in graph.invokes}
    return Report(
        project=graph.project,
        stack=graph.stack,
        origin=graph.origin,
        region=graph.region,
        region_notes=tuple(_list_region_notes(graph)),
        topology=as_text(graph.get_project_config("topology")),
        rows=tuple(list_rows(model, reach.statements)),
        resources=sum(map(is_created, evaluation.known)),
        declared=dict(sorted(Counter(resource.type for resource in evaluation.known if is_created(resource)).items())),
        read=tuple(resource.name for resource in graph if resource.existing and not resource.is_other_stack),
        lookups=tuple(sorted(Counter(token for token, _ in lookups).items())),
        hidden=tuple(evaluation.known.resources[urn].name for urn in evaluation.hidden),
        exports=tuple(_list_exports(evaluation.known, evaluation.unknown.exports)),
        bill=bill,
        budgets=tuple(_list_budgets(graph)),
        paths=reach.paths,
        unseen_callers=tuple(list_unseen_callers(reach.statements)),
        limitations=tuple(list_limitations(reach, model, load_prices())),
        anyone=reach.open_endpoints,
        others=others,
        ledger=reach.ledger,
        withheld=(*reach.vouching.withheld, *([others] if isinstance(others, Withheld) else [])),
        findings=findings,
        tally=count_rules(reach, findings),
        diagram=add_costs(draw(graph, reach.paths), graph, amounts),
        notes=(*graph.notes, *_list_needless_costs(graph, bill)),
    )


def _list_budgets(graph: Graph) -> Iterator[float]:
    """Dollars at which budgets notify somebody."""
    for budget in graph.list_by_type("aws:budgets/budget:Budget"):
        amount = as_text(budget.inputs.get("limitAmount"))
        if amount.replace(".", "", 1).isdigit():
            yield float(amount)


def _list_region_notes(graph: Graph) -> Iterator[str]:
    if graph.region not in (known := load_prices().list_regions()):
        near = difflib.get_close_matches(graph.region, known, n=1)
        hint = f" (did you mean {near[0]}?)" if near and not graph.region.startswith(OTHER_PARTITIONS) else ""
        yield f"{graph.region}: the price table has no such region{hint}, so no sum of dollars is known"


def _list_needless_costs(graph: Graph, bill: Estimate) -> Iterator[str]:
    """What is paid for, and what notifies, in vain."""
    fixed = find_sum(bill, FIXED)
    least = fixed.known if fixed.amount is None else fixed.amount
    for limit in _list_budgets(graph):
        if least > limit:
            yield f"the fixed costs of ${least:,.2f} a month are over the budget of ${limit:,.2f}: it alerts each month"
    for network in graph.list_by_type("gatehouse:index:PrivateNetwork"):
        if {NAT_INSTANCE, NAT_GATEWAY} <= {*map(as_text, as_list(network.inputs.get("egress")))}:
            yield (
                f"{network.name} pays for two ways out: the NAT gateway carries the traffic, and the NAT instance"
                " stands by. Only a move from one to the other needs both: afterwards, take one out of egress"
            )


def read_usage(graph: Graph) -> Usage:
    """The usage in the stack's config, in place of the defaults. Raises UsageError, also for an unknown key there."""
    for key in graph.config:
        if (
            key.startswith(NAMESPACE)
            and key not in (CONFIG_KEY, ACKNOWLEDGE)
            and not key.startswith(f"{graph.project}:")
        ):
            known = (CONFIG_KEY, ACKNOWLEDGE)
            near = difflib.get_close_matches(key, known, n=1, cutoff=0.8)
            hint = f"did you mean {near[0]}?" if near else f"known keys: {', '.join(known)}"
            raise UsageError(f"{key}: the review reads no such key of the config; {hint}")
    given = graph.config.get(CONFIG_KEY, {})
    if not isinstance(given, Mapping):
        raise UsageError(f"{CONFIG_KEY}: got {show_value(given)!r}; want a map, such as {{requests: 5M}}")
    return Usage().replace_settings(given)


def _list_exports(graph: Graph, unknown: Mapping[str, Any]) -> Iterator[Export]:
    ids = {as_text(resource.state.get("id")): resource.name for resource in graph if is_created(resource)}
    made_up = {
        identifier: ids[identifier]
        for identifier in sorted(ids, key=len, reverse=True)
        if len(identifier) >= _SHORTEST_ID
    }
    for name, value in sorted(graph.exports.items()):
        known = unknown.get(name) == value
        yield Export(name, show_value(value) if known else _replace_made_up(value, made_up), known)


def _replace_made_up(value: Any, made_up: Mapping[str, str]) -> str:
    """A value with names in place of made-up IDs. If it has no such ID, it is not shown: all of it may be made up."""
    written = named = show_value(value)
    for identifier, name in made_up.items():
        named = named.replace(identifier, f"<{name}>")
    return show_value(UNKNOWN) if named == written and not isinstance(value, Secret) else named


def show_value(value: Any) -> str:
    """A value for a reader: secrets are hidden at any depth, and unknown values are named as such."""
    if isinstance(value, Secret):
        return str(value)
    if value is UNKNOWN:
        return "known after deployment"
    if isinstance(value, str):
        return value
    if isinstance(value, Asset):
        # Not its text, which may hold anything.
        return value.path or value.uri or "an asset"
    return json.dumps(value, default=show_value, ensure_ascii=False)
