"""A graph and a project's texts with something in each of their fields, and the comparison of two such pairs."""

from dataclasses import replace
from typing import Any, Final

from review.compare.comparison import Comparison, compare
from review.cost import Usage
from review.evaluate.project_texts import ProjectTexts
from review.graph import Graph, Invoke, Options, Resource, Secret
from review.recording.resources import PROGRAM
from review.report.described import describe
from review.tests.helpers.graph_builder import Builder

PREFIX: Final = "urn:pulumi:dev::small::"
QUEUE: Final = f"{PREFIX}gatehouse:index:Greeter$aws:sqs/queue:Queue::jobs"
OTHER: Final = f"{PREFIX}aws:sqs/queue:Queue::other"
GREETER: Final = f"{PREFIX}gatehouse:index:Greeter::hello"
PROVIDER: Final = f"{PREFIX}pulumi:providers:aws::main"
READ: Final = f"{PREFIX}aws:s3/bucket:Bucket::assets"
STACK: Final = f"{PREFIX}pulumi:pulumi:StackReference::org/net/prod"
TEXTS: Final = ProjectTexts(
    project={
        "name": "small",
        "runtime": {"name": "python", "options": {"toolchain": "uv", "virtualenv": ".venv"}},
        "main": "app",
        "description": "a text",
        "backend": {"url": "s3://states"},
        "plugins": {"providers": [{"name": "aws", "path": "bin"}]},
        "packages": {"random": "random@4.0.0"},
        "config": {"size": {"default": 1}},
        "stackConfigDir": "stacks",
        "requiredPulumiVersion": ">=3",
    },
    stack={
        "environment": ["team/dev"],
        "secretsprovider": "awskms://alias/a",
        "encryptedkey": "AAAA",
        "encryptionsalt": "v1:a",
    },
    packages={"requirements.lock": {"pulumi-aws": "==7.1.0"}, "pyproject.toml": {"project": {"version": "1"}}},
    program={"__main__.py": "digest"},
)
CALL: Final = Invoke(
    "aws:ec2/getAmi:getAmi",
    {"owners": ["amazon"]},
    {"id": "ami-1"},
    provider=f"{PROVIDER}::1",
    options={"version": "7"},
)


def _graph() -> Graph:
    build = Builder()
    hello = build("gatehouse:index:Greeter", "hello", logLevel="INFO")
    build("sqs/queue:Queue", "other")
    build(
        "sqs/queue:Queue", "jobs", parent=hello, visibilityTimeoutSeconds=30, tags={"team": "a"}, policy='{"a": ["b"]}'
    )
    build(
        "pulumi:providers:aws",
        "main",
        region="eu-west-1",
        assumeRoles=[{"roleArn": "arn:aws:iam::111122223333:role/a"}],
    )
    build("s3/bucket:Bucket", "assets", bucket="assets")
    build("pulumi:pulumi:StackReference", "org/net/prod", name="org/net/prod")
    build.exports = {"url": "https://a.example", "token": Secret("a-long-secret")}
    build.invokes = (CALL,)
    build.config = {"aws:profile": "dev", "small:size": {"disk": 8}, "small:key": Secret("[stand-in]")}
    graph = replace(build.graph(), ciphertexts={"small:key": "AAAA"}, stack_outputs=(("org/net/prod", "vpcId"),))
    resources = {urn: replace(resource, declared_by=PROGRAM) for urn, resource in graph.resources.items()}
    for urn in (READ, STACK):
        resources[urn] = replace(resources[urn], existing=True, state={"id": "assets"})
    options = Options(
        deleted_with=OTHER,
        ignore_changes=("a",),
        replace_on_changes=("b",),
        additional_secret_outputs=("c",),
        aliases=(OTHER.replace("other", "earlier"),),
        custom_timeouts={"create": "5m"},
        import_id="q-1",
        hooks={"after_create": ("h",)},
        others={"version": "7.1.0", "hideDiffs": ["a"], "providers": {"aws": "a"}, "later": {"unheard": "of"}},
    )
    both: dict[str, Any] = {"options": options, "altered": frozenset({"tags"}), "provider": f"{PROVIDER}::1"}
    resources[QUEUE] = replace(resources[QUEUE], **both, dependencies=(OTHER,))
    resources[GREETER] = replace(resources[GREETER], **both)
    return replace(graph, resources=resources)


GRAPH: Final = _graph()


def put(resource: Resource) -> Graph:
    return replace(GRAPH, resources={**GRAPH.resources, resource.urn: resource})


def compare_pair(before: tuple[Graph, ProjectTexts], after: tuple[Graph, ProjectTexts]) -> Comparison:
    return compare(before[0], after[0], Usage(), "before", None, (before[1], after[1]), describe=describe)
