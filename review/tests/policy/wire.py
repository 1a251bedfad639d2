"""Captured graphs as the engine would put them on the wire to a policy pack."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pulumi.runtime.proto import analyzer_pb2 as proto
from pulumi_policy import EnforcementLevel, Policy, ReportViolation, ResourceValidationPolicy, StackValidationPolicy
from pulumi_policy.policy import _PolicyAnalyzerServicer

from review.graph import Graph, Resource
from review.policy.pack import CANNOT_TELL
from review.recording.wire import write
from review.tests.policy.provider import outputs


def options(resource: Resource) -> proto.AnalyzerResourceOptions:
    given = resource.options
    made = proto.AnalyzerResourceOptions(protect=given.protect)
    if given.delete_before_replace is not None:
        made.deleteBeforeReplace = given.delete_before_replace
        made.deleteBeforeReplaceDefined = True
    return made


def request_of(resource: Resource) -> proto.AnalyzeRequest:
    """One resource by its inputs."""
    return proto.AnalyzeRequest(
        type=resource.type,
        urn=resource.urn,
        name=resource.name,
        properties=write({**resource.inputs, "__defaults": []}),
        options=options(resource),
        provider=provider(resource),
    )


def provider(resource: Resource) -> proto.AnalyzerProviderResource:
    """The resource's own provider or the default one, which knows the region."""
    token = "pulumi:providers:aws"
    urn = resource.provider.rpartition("::")[0] or f"urn:{token}"
    region = write({"region": resource.region})
    return proto.AnalyzerProviderResource(type=token, urn=urn, name="default", properties=region)


def stack_request(graph: Graph, *, planned: bool) -> proto.AnalyzeStackRequest:
    """Every resource by its outputs: what a preview does not know is there as a sentinel."""
    found = outputs(graph, planned=planned)
    return proto.AnalyzeStackRequest(resources=[_in_stack(resource, found[resource.urn]) for resource in graph])


def _in_stack(resource: Resource, found: Mapping[str, Any]) -> proto.AnalyzerResource:
    made = proto.AnalyzerResource(
        type=resource.type,
        urn=resource.urn,
        name=resource.name,
        properties=write(found),
        options=options(resource),
        provider=provider(resource),
        parent=resource.parent or "",
        dependencies=resource.dependencies,
    )
    for key, urns in resource.property_dependencies.items():
        made.propertyDependencies[key].urns.extend(urns)
    return made


def in_one_call(policies: Iterable[Policy]) -> list[Policy]:
    """The policies of each kind as a single one, whose messages end with their names.

    The SDK reads every resource again for each policy, which takes most of the time and tests the SDK.
    """
    kinds: dict[Any, list[Any]] = {ResourceValidationPolicy: [], StackValidationPolicy: []}
    listed = list(policies)
    unclear = [policy for policy in listed if policy.name in CANNOT_TELL.values()]
    for policy in listed[: -len(unclear)]:
        kinds[type(policy)].append(policy)
    return [*(kind("every", "violates", validate=_each(members)) for kind, members in kinds.items()), *unclear]


def _each(members: list[Any]) -> Callable[[Any, ReportViolation], None]:
    def validate(args: Any, report: ReportViolation) -> None:
        for policy in members:
            policy.validate(args, lambda text, urn=None, name=policy.name: report(f"{text} {name}", urn))

    return validate


class Pack:
    """The pack's analyzer, called as the engine calls it, without a server."""

    def __init__(self, policies: Iterable[Policy]) -> None:
        level = EnforcementLevel.ADVISORY
        nothing: Any = None
        self._servicer = _PolicyAnalyzerServicer("gatehouse", "0.1.0", list(policies), level, nothing, *[nothing] * 6)

    def configure(self, **levels: Any) -> None:
        """Settings of policies, as `--policy-pack-config` gives them."""
        request = proto.ConfigureAnalyzerRequest()
        for name, level in levels.items():
            entry = request.policyConfig[name.replace("_", "-")]
            entry.enforcementLevel = level.get("level", proto.MANDATORY)
            entry.properties.CopyFrom(write(level.get("properties", {})))
        self._servicer.Configure(request, None)  # type: ignore[no-untyped-call] # the SDK's method

    def judge(self, graph: Graph, *, planned: bool | None = None) -> list[proto.AnalyzeDiagnostic]:
        """What fails: resource policies for every resource that is declared, then stack policies.

        `planned` for the outputs of a preview; by default if the stack has an output that is not known.
        """
        return [one for one in self.reported(graph, planned=planned) if one.policyName not in CANNOT_TELL.values()]

    def unclear(self, graph: Graph, *, planned: bool | None = None) -> list[proto.AnalyzeDiagnostic]:
        """What cannot be told."""
        return [one for one in self.reported(graph, planned=planned) if one.policyName in CANNOT_TELL.values()]

    def reported(self, graph: Graph, *, planned: bool | None = None) -> list[proto.AnalyzeDiagnostic]:
        """Every line that the pack reports."""
        diagnostics: list[proto.AnalyzeDiagnostic] = []
        for resource in graph:
            if not resource.existing:
                answer = self._servicer.Analyze(request_of(resource), None)  # type: ignore[no-untyped-call] # the SDK's
                diagnostics.extend(answer.diagnostics)
        if planned is None:
            planned = any("arn" not in resource.state and resource.custom for resource in graph)
        request = stack_request(graph, planned=planned)
        answer = self._servicer.AnalyzeStack(request, None)  # type: ignore[no-untyped-call] # the SDK's
        diagnostics.extend(answer.diagnostics)
        return diagnostics
