"""Asks AWS what a program looks up. Some lookups take the results of others, so the program runs until none is new."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from ..aws.catalog.catalog import make_token
from ..evaluate.answers import Asked
from ..evaluate.host.stand_in import TEXT
from ..evaluate.mocks.location import list_allowed_accounts
from ..evaluate.project_file import Project
from ..evaluate.runner import RunJob, run
from ..evaluate.stack_file import Stack
from ..graph import Graph, Invoke, list_texts, reveal_all
from ..graph.deployed_inputs import contains_unknown
from ..graph.reading import as_list, as_text
from ..verify.cloud import Cloud, NotRead
from .readers import READERS, NoAnswerError, has_hidden_routes

_MOST_ROUNDS: Final = 10
_FOLLOWS: Final = (*map(make_token, ("index.getRegion", "index.getPartition", "iam.getPolicyDocument")),)
"""Lookups whose results the review knows without AWS."""
_SECRET: Final = re.compile(r"secretsmanager|aws:kms/|AuthorizationToken|Credentials|[Pp]assword|getSecret")
_OWN_CREDENTIALS: Final = ("accessKey", "secretKey", "profile", "assumeRoles", "assumeRoleWithWebIdentity", "token")
_ROUTE_TABLE: Final = make_token("ec2.getRouteTable")


class AskingError(Exception):
    """AWS was not asked, or did not answer. The text has a line for each mistake."""


@dataclass(frozen=True)
class Findings:
    """The answers for a stack."""

    asked: tuple[Asked, ...]
    left_out: tuple[str, ...]
    """Sentences on lookups that were not asked."""


def find_account(cloud: Cloud, stack: Stack, region: str) -> str:
    """The account of the credentials. Raises AskingError if the stack does not allow it."""
    try:
        account = str(cloud.ask("sts.GetCallerIdentity", {}, region)["Account"])
    except NotRead as error:
        raise AskingError(
            f"the credentials cannot be used: {error}; check AWS_PROFILE, or run `aws sso login`"
        ) from None
    allowed = list_allowed_accounts(stack.parsed)
    forbidden = [str(one) for one in as_list(reveal_all(stack.parsed.get("aws:forbiddenAccountIds")))]
    if (allowed and account not in allowed) or account in forbidden:
        want = f"aws:allowedAccountIds has {', '.join(allowed)}" if allowed else "aws:forbiddenAccountIds has it"
        raise AskingError(f"{stack.name}: the credentials are of the account {account}, and {want}; use others")
    return account


def ask_lookups(project: Project, stack: Stack, cloud: Cloud, run_job: RunJob) -> Findings:
    """Answers to all lookups of a stack. Raises AskingError, or ProgramError if the program refuses an answer."""
    asking = _Asking(cloud, stack)
    for _ in range(_MOST_ROUNDS):
        answers = replace(project.answers, asked=asking.answers)
        # With outputs unknown: a lookup of a resource that does not exist yet is not made.
        graph = run(replace(project, answers=answers), stack, known=False, strict=False, run_job=run_job)
        if not asking.ask_new(graph):
            return Findings(asking.answers, (*asking.left_out, *asking.waiting))
    raise AskingError(f"{stack.name}: the program has new lookups after each of {_MOST_ROUNDS} runs")


class _Asking:
    """The answers to lookups of one stack, as far as AWS was asked."""

    def __init__(self, cloud: Cloud, stack: Stack) -> None:
        self._cloud, self._stack, self._account = cloud, stack, ""
        self._seen: set[tuple[str, str, str]] = set()
        self._answers: dict[tuple[str, str, str, str], Asked] = {}
        self.left_out: list[str] = []
        self.waiting: list[str] = []
        """Sentences on lookups of the last run whose arguments AWS did not give."""

    @property
    def answers(self) -> tuple[Asked, ...]:
        return tuple(self._answers[question] for question in sorted(self._answers))

    def ask_new(self, graph: Graph) -> bool:
        """Asks lookups of a run that were not asked before; whether there were any. Raises AskingError."""
        failures: list[str] = []
        asked = False
        made_up = _collect_made_up(graph)
        self.waiting = []
        for invoke in graph.invokes:
            arguments = {key: value for key, value in reveal_all(invoke.arguments).items() if value is not None}
            key = invoke.token, invoke.region or graph.region, json.dumps(arguments, sort_keys=True, default=str)
            if key in self._seen or invoke.token in _FOLLOWS or not invoke.token.startswith("aws:"):
                continue
            name = f"{invoke.token} {_format(arguments)}"
            if not made_up.isdisjoint(list_texts(arguments)):
                self.waiting.append(f"not asked: {name}: its arguments come from a lookup that was not asked")
                continue
            self._seen.add(key)
            if reason := _find_obstacle(graph, invoke, arguments):
                self.left_out.append(f"not asked: {name}: {reason}")
                continue
            self._account = self._account or find_account(self._cloud, self._stack, graph.region)
            try:
                self._add(invoke.token, arguments, key[1])
                asked = True
            except NoAnswerError as error:
                if "secret" in str(error):
                    self.left_out.append(f"not asked: {name}: {error}")
                else:
                    failures.append(self._describe_failure(name, arguments, key[1], str(error)))
            except NotRead as error:
                failures.append(self._describe_failure(name, arguments, key[1], str(error)))
        if failures:
            raise AskingError("\n".join(failures))
        return asked

    def _add(self, token: str, arguments: Mapping[str, Any], region: str) -> None:
        ask: Callable[..., Any] = partial(_call, self._cloud, region)
        result = READERS[token].read(ask, arguments)
        hidden = token == _ROUTE_TABLE and has_hidden_routes(ask, result["id"])
        entry = Asked(
            lookup=token,
            arguments=arguments,
            result=result,
            account=self._account,
            region=region,
            date=datetime.datetime.now(datetime.UTC).date().isoformat(),
            incomplete=("routes",) if hidden else (),
        )
        self._answers[entry.question] = entry

    def _describe_failure(self, name: str, arguments: Mapping[str, Any], region: str, reason: str) -> str:
        texts = {*list_texts(arguments)}
        keys = [key for key, value in _list_leaves(self._stack.parsed) if value in texts]
        place = f"{', '.join(keys)}: " if keys else ""
        return f"{self._stack.name}: {place}{name} in account {self._account}, {region}: {reason}"


def _collect_made_up(graph: Graph) -> frozenset[str]:
    """Texts that the review made up in place of results, except those that the config has as well."""
    invokes = (invoke for invoke in graph.invokes if invoke.made_up)
    results = ({*list_texts(reveal_all(one.result))} - {*list_texts(reveal_all(one.arguments))} for one in invokes)
    return frozenset().union(*results) - {*list_texts(graph.config)}


def _call(cloud: Cloud, region: str, call: str, **arguments: Any) -> Any:
    return cloud.ask(call, arguments, region)


def _find_obstacle(graph: Graph, invoke: Invoke, arguments: Mapping[str, Any]) -> str:
    """Why a lookup cannot be asked; empty if it can."""
    if _SECRET.search(invoke.token):
        return "its answer is a secret, which is not written into a file"
    reader = READERS.get(invoke.token)
    if reader is None:
        return "this command knows no call of AWS for it; write an answer under `lookups`"
    if contains_unknown(arguments):
        return "its arguments are known only after deployment"
    if reveal_all(invoke.arguments) is not invoke.arguments or TEXT in json.dumps(arguments, default=str):
        return "its arguments have a secret, which is not written into a file"
    if others := sorted(arguments.keys() - reader.arguments):
        return f"this command does not know its argument {', '.join(others)}; write an answer under `lookups`"
    provider = graph.resources.get(invoke.provider.rpartition("::")[0])
    if provider is not None and any(provider.inputs.get(key) is not None for key in _OWN_CREDENTIALS):
        return f"its provider {provider.name} has credentials of its own; write an answer under `lookups`"
    return ""


def _list_leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Texts of a config that are no secrets, each with its key, such as `network.vpcId`."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _list_leaves(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _list_leaves(inner, f"{path}[{index}]")
    elif text := as_text(value):
        yield path, text


def _format(arguments: Mapping[str, Any]) -> str:
    return json.dumps(arguments, sort_keys=True, default=str) if arguments else ""
