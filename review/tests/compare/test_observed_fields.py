"""What the comparison says of each option, key and field of an observation, and which of them fail `--strict`."""

import inspect
import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import pulumi
import pulumi_aws
import pytest

from review.compare.comparison import Comparison
from review.compare.lines import Group
from review.evaluate.problems import StackFileError
from review.evaluate.project_texts import ProjectTexts
from review.graph import Graph, Invoke, Origin, Secret
from review.recording.resources import COMPONENT
from review.tests.compare.observation import (
    CALL,
    GRAPH,
    OTHER,
    PREFIX,
    PROVIDER,
    QUEUE,
    READ,
    STACK,
    TEXTS,
    compare_pair,
    put,
)
from review.tests.helpers.graph_builder import Builder
from review.tests.helpers.graph_reports import compare_graphs

Change = Callable[[], tuple[Graph, ProjectTexts]]


def _option(**options: Any) -> Change:
    queue = GRAPH.resources[QUEUE]
    return lambda: (put(replace(queue, options=replace(queue.options, **options))), TEXTS)


def _other(**others: Any) -> Change:
    return _option(others={**GRAPH.resources[QUEUE].options.others, **others})


def _field(urn: str = QUEUE, **changed: Any) -> Change:
    return lambda: (put(replace(GRAPH.resources[urn], **changed)), TEXTS)


OPTIONS: Final[Mapping[str, tuple[Change, Group]]] = {
    "parent": (_option(), Group.RESOURCES),  # tested below: another parent has another URN
    "depends_on": (_field(dependencies=()), Group.RESOURCES),
    "protect": (_option(protect=True), Group.RESOURCES),
    "provider": (_field(provider=f"{PREFIX}pulumi:providers:aws::second::1"), Group.TARGET),
    "providers": (_other(providers={"aws": "b"}), Group.TARGET),
    "delete_before_replace": (_option(delete_before_replace=True), Group.RESOURCES),
    "ignore_changes": (_option(ignore_changes=("z",)), Group.RESOURCES),
    "version": (_other(version="7.2.0"), Group.TARGET),
    "aliases": (_option(aliases=()), Group.RESOURCES),
    "additional_secret_outputs": (_option(additional_secret_outputs=()), Group.RESOURCES),
    "id": (_field(READ, state={"id": "others"}), Group.ELSEWHERE),
    "import_": (_option(import_id="q-2"), Group.DATA),  # perhaps it takes the place of the queue
    "custom_timeouts": (_option(custom_timeouts={"create": "9m"}), Group.RESOURCES),
    "transformations": (_field(altered=frozenset({"tags", "policy"})), Group.RESOURCES),
    "transforms": (_field(altered=frozenset()), Group.RESOURCES),
    "hooks": (_option(hooks={}), Group.RESOURCES),
    "urn": (_option(), Group.RESOURCES),  # another resource of this stack, whose outputs the inputs have
    "replace_on_changes": (_option(replace_on_changes=()), Group.RESOURCES),
    "replacement_trigger": (_other(replacementTrigger="two"), Group.DATA),
    "plugin_download_url": (_other(pluginDownloadURL="https://evil.invalid"), Group.TARGET),
    "retain_on_delete": (_option(retain_on_delete=True), Group.RESOURCES),
    "deleted_with": (_option(deleted_with=None), Group.RESOURCES),
    "replace_with": (_other(replaceWith=[OTHER]), Group.RESOURCES),
    "hide_diffs": (_other(hideDiffs=["b"]), Group.RESOURCES),
    "env_var_mappings": (_other(envVarMappings={"A": "B"}), Group.TARGET),
    "state_migrations": (_other(stateMigrations=1), Group.RESOURCES),
}


def test_each_resource_option_has_a_row() -> None:
    assert {*OPTIONS} == {*inspect.signature(pulumi.ResourceOptions.__init__).parameters} - {"self"}


@pytest.mark.parametrize("option", OPTIONS)
def test_another_option_is_said(option: str) -> None:
    change, group = OPTIONS[option]
    if (changed := change())[0] == GRAPH:
        return
    found = compare_pair((GRAPH, TEXTS), changed)
    groups = {line.topic.group for line in found.lines}
    assert group in groups or (group is Group.RESOURCES and Group.RESOURCES in groups), found.lines
    # A resource that is only perhaps replaced fails nothing.
    assert bool(found.failures) == (group in (Group.TARGET, Group.ELSEWHERE, Group.DATA) and option != "import_")


def test_a_parent_of_the_same_type_and_another_name_is_said() -> None:
    build = Builder()
    parents = [build("gatehouse:index:Greeter", name) for name in ("one", "two")]
    build("sqs/queue:Queue", "jobs", parent=parents[0])
    graph = build.graph()
    (urn,) = (resource.urn for resource in graph if resource.name == "jobs")
    moved = replace(graph.resources[urn], parent=parents[1].urn)
    found = compare_graphs(graph, replace(graph, resources={**graph.resources, urn: moved}))
    assert any("option parent: one → two" in line.sentence for line in found.lines)


_PROVIDER_KEYS: Final = sorted(
    {*inspect.signature(pulumi_aws.Provider._internal_init).parameters} - {"self", "resource_name", "opts", "__props__"}
)


@pytest.mark.parametrize("key", _PROVIDER_KEYS)
def test_each_key_of_the_provider_is_the_target(key: str) -> None:
    """As config of the default provider, and as an input of an explicit one."""
    name = pulumi_aws.Provider.__name__ and "".join(
        part.capitalize() if number else part for number, part in enumerate(key.split("_"))
    )
    graph = replace(GRAPH, config={**GRAPH.config, f"aws:{name}": "one"})
    after = replace(GRAPH, config={**GRAPH.config, f"aws:{name}": "two"})
    found = compare_pair((graph, TEXTS), (after, TEXTS))
    if name != "defaultTags":  # whose effect is in the tags of each resource
        assert [line.text for line in found.failures] == [f"aws:{name}: one → two"]
        assert found.heading.startswith(f"Deploys to another target: aws:{name}")
    provider = GRAPH.resources[PROVIDER]
    sides = [put(replace(provider, inputs={**provider.inputs, name: value})) for value in ("one", "two")]
    found = compare_pair((sides[0], TEXTS), (sides[1], TEXTS))
    if name == "defaultTags":  # labels, which choose no account
        assert not found.failures
        assert found.lines[0].text.startswith("provider main.defaultTags")
    else:
        (failure,) = found.failures
        assert failure.text.startswith(f"provider main.{name}: ")


_FILES: Final[Mapping[str, Group]] = {
    **dict.fromkeys(("name", "runtime", "main", "backend", "plugins", "packages"), Group.TARGET),
    **dict.fromkeys(("stackConfigDir", "requiredPulumiVersion", "options"), Group.TARGET),
    **dict.fromkeys(("description", "author", "website", "license", "template", "config"), Group.EDITS),
}


@pytest.mark.parametrize("key", _FILES)
def test_each_key_of_the_project_file_is_said(key: str) -> None:
    found = compare_pair((GRAPH, TEXTS), (GRAPH, replace(TEXTS, project={**TEXTS.project, key: {"another": "value"}})))
    assert {line.topic.group for line in found.lines} == {_FILES[key]}
    assert bool(found.failures) == (_FILES[key] is Group.TARGET)


@pytest.mark.parametrize("key", ["environment", "secretsprovider", "encryptedkey", "encryptionsalt"])
def test_each_key_of_the_stack_file_is_said(key: str) -> None:
    found = compare_pair((GRAPH, TEXTS), (GRAPH, replace(TEXTS, stack={**TEXTS.stack, key: "another"})))
    assert {line.topic.group for line in found.lines} == {Group.ELSEWHERE if key == "environment" else Group.TARGET}
    assert found.failures


_ENTRY: Final = {"place": "aws:profile", "reason": "the shop moves into an account of its own"}


def _acknowledged(entry: Any, profile: str, earlier: Any = None) -> Comparison:
    before = {**GRAPH.config, **({"review:acknowledge": earlier} if earlier else {})}
    config = {**GRAPH.config, "aws:profile": profile, "review:acknowledge": entry}
    return compare_pair((replace(GRAPH, config=before), TEXTS), (replace(GRAPH, config=config), TEXTS))


def test_an_acknowledged_place_does_not_fail_and_ends_with_its_change() -> None:
    found = _acknowledged([_ENTRY], "prod")
    assert found.failures == []
    assert any(f"aws:profile: dev → prod (acknowledged: {_ENTRY['reason']})" == line.sentence for line in found.lines)
    again = _acknowledged([_ENTRY], "prod", [_ENTRY])
    assert [line.text for line in again.failures] == ["aws:profile: dev → prod"]
    assert any("is of an earlier change" in line.sentence for line in again.lines)
    useless = _acknowledged([{**_ENTRY, "place": "aws:region"}], "dev")
    assert any("nothing differs at aws:region" in line.sentence for line in useless.lines)


def test_data_that_shall_go_is_acknowledged_by_its_resource_in_a_pull_request_and_in_a_plan() -> None:
    build = Builder()
    build("dynamodb/table:Table", "orders", hashKey="id")
    config = {"review:acknowledge": [{"place": "orders", "reason": "the orders moved to another service"}]}
    there, gone = build.graph(), Builder().graph()
    assert [line.place for line in compare_graphs(there, gone).failures] == ["orders"]
    assert compare_graphs(there, replace(gone, config=config)).failures == []
    planned = replace(gone, config=config, origin=Origin.PLAN)
    assert compare_graphs(replace(there, config=config), planned).failures == []
    assert compare_graphs(replace(there, config=config), replace(gone, config=config)).failures != []


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("yes", "want a list of maps"),
        (["aws:profile"], "want a list of maps"),
        ([{"place": "aws:profile"}], "reason: missing"),
        ([{"place": "a", "reason": "short"}], "at least 10 characters"),
        ([{**_ENTRY, "until": "May"}], "unknown key; known keys: place, reason"),
    ],
)
def test_a_wrong_acknowledgement_is_refused(entry: Any, says: str) -> None:
    with pytest.raises(StackFileError, match=says):
        _acknowledged(entry, "prod")


def test_no_secret_is_in_a_line() -> None:
    exports = {**GRAPH.exports, "token": Secret("another-long-secret"), "db_password": "hunter22-and-more"}
    found = compare_pair((GRAPH, TEXTS), (replace(GRAPH, exports=exports), TEXTS))
    text = "\n".join(line.sentence for line in found.lines)
    assert "output db_password is new" in text
    assert "secret-" not in text
    assert "hunter22" not in text


def _config(**values: Any) -> Change:
    given = {key.replace("__", ":"): value for key, value in values.items()}
    return lambda: (replace(GRAPH, config={**GRAPH.config, **given}), TEXTS)


def _texts(part: str, **values: Any) -> Change:
    return lambda: (GRAPH, replace(TEXTS, **{part: {**getattr(TEXTS, part), **values}}))


def _graph_with(**parts: Any) -> Change:
    return lambda: (replace(GRAPH, **parts), TEXTS)


_ROLE: Final = [{"roleArn": "arn:aws:iam::444455556666:role/a"}]
_SECRET_CALL: Final = Invoke("aws:secretsmanager/getSecretVersion:getSecretVersion", {"secretId": "b"}, {})
_LISTED: Final[Mapping[str, tuple[Change, str]]] = {
    "another profile": (_config(aws__profile="prod"), "Deploys to another target: aws:profile: dev → prod"),
    "another role": (_config(aws__assumeRoles=_ROLE), "Deploys to another target: aws:assumeRoles: "),
    "endpoints": (
        _config(aws__endpoints=[{"sts": "https://evil.invalid"}]),
        "Deploys to another target: aws:endpoints",
    ),
    "another region": (_config(aws__region="us-east-1"), "Deploys to another target: aws:region"),
    "accounts": (_config(aws__allowedAccountIds=["111122223333"]), "Deploys to another target: aws:allowedAccountIds"),
    "a provider's role": (
        _field(PROVIDER, inputs={"region": "eu-west-1", "assumeRoles": _ROLE}),
        "Deploys to another target: provider main.assumeRoles.roleArn",
    ),
    "an explicit provider": (OPTIONS["provider"][0], "Deploys to another target: option provider: main → second"),
    "a provider's version": (OPTIONS["version"][0], "Deploys to another target: option version: 7.1.0 → 7.2.0"),
    "a download URL": (
        OPTIONS["plugin_download_url"][0],
        "Deploys to another target: option pluginDownloadURL: https://evil.invalid (new)",
    ),
    "another stack": (
        _field(STACK, inputs={"name": "org/net/evil"}, state={"id": "org/net/evil"}),
        "Takes other values from elsewhere: stack org/net/prod",
    ),
    "another output of a stack": (
        _graph_with(stack_outputs=(("org/net/prod", "adminRole"),)),
        "Takes other values from elsewhere: adminRole of stack org/net/prod, vpcId of stack org/net/prod",
    ),
    "an output that is no longer secret": (
        _graph_with(exports={**GRAPH.exports, "token": "a-long-secret"}),
        "Newly fails: SEC-06",
    ),
    "another resource that is read": (
        _field(READ, state={"id": "b"}),
        "Takes other values from elsewhere: read assets",
    ),
    "a secret look-up": (
        _graph_with(invokes=(CALL, _SECRET_CALL)),
        "Takes other values from elsewhere: look-up aws:sec",
    ),
    "a look-up by another provider": (
        _graph_with(invokes=(replace(CALL, provider=f"{PREFIX}pulumi:providers:aws::b::1"),)),
        "Takes other values from elsewhere: look-up aws:ec2/getAmi:getAmi",
    ),
    "another ciphertext": (
        _graph_with(ciphertexts={"small:key": "BBBB"}),
        "Takes other values from elsewhere: the encrypted value of key is another",
    ),
    "another ESC environment": (
        _texts("stack", environment=["team/evil"]),
        "Takes other values from elsewhere: stack file.environment: team/dev → team/evil",
    ),
    "hooks": (_option(hooks={"after_create": ("evil",)}), "option hooks"),
    "time-outs": (_option(custom_timeouts={"create": "9h"}), "option custom_timeouts"),
    "deletedWith": (_option(deleted_with=None), "option deleted_with"),
    "deleteBeforeReplace": (_option(delete_before_replace=True), "option delete_before_replace"),
    "secret outputs": (_option(additional_secret_outputs=()), "option additional_secret_outputs"),
    "a plugin's path": (
        _texts("project", plugins={"providers": [{"name": "aws", "path": "./evil"}]}),
        "Deploys to another target: Pulumi.yaml.plugins.providers[aws].path: bin → ./evil",
    ),
    "the backend of the state": (
        _texts("project", backend={"url": "s3://evil"}),
        "Deploys to another target: Pulumi.yaml.backend.url: s3://states → s3://evil",
    ),
    "a package": (
        _texts("packages", **{"requirements.lock": {"pulumi-aws": "==7.2.0"}}),
        "Uses other packages: requirements.lock.pulumi-aws: ==7.1.0 → ==7.2.0",
    ),
    "an output": (_graph_with(exports={**GRAPH.exports, "password": "hunter2222"}), "Newly fails: SEC-06"),
    "program text": (_texts("program", **{"__main__.py": "other"}), "What the program declares is equal"),
    "a setting that nothing reads": (_config(small__other=1), "What the program declares is equal"),
    "who declares it": (_field(declared_by=COMPONENT), "declared by"),
}


@pytest.mark.parametrize("name", _LISTED)
def test_a_change_that_a_reviewer_must_hear_of(name: str) -> None:
    change, says = _LISTED[name]
    found = compare_pair((GRAPH, TEXTS), change())
    assert any(says in text for text in (found.heading, *(line.sentence for line in found.lines)))


def test_the_same_pair_prints_the_same_bytes_in_any_order() -> None:
    def shuffled(value: Any, seed: int) -> Any:
        if isinstance(value, dict):
            items = sorted(value.items(), key=lambda item: hash((seed, str(item[0]))))
            return {key: shuffled(inner, seed) for key, inner in items}
        return value

    printed = set()
    after = _option(hooks={"a": ("x",), "b": ("y",)})()[0]
    for seed in range(10):
        sides = []
        for graph in (GRAPH, replace(after, exports={"b": 1, "a": {"d": 1, "c": 2}}, config={"aws:x": 1, "aws:b": 2})):
            changed = {
                urn: replace(one, inputs=shuffled(dict(one.inputs), seed)) for urn, one in graph.resources.items()
            }
            parts = {part: shuffled(dict(getattr(graph, part)), seed) for part in ("exports", "config", "ciphertexts")}
            sides.append(replace(graph, resources=changed, **parts))
        found = compare_pair((sides[0], TEXTS), (sides[1], TEXTS))
        printed.add("\n".join([found.heading, *(line.sentence for line in found.lines), found.scope]))
    assert len(printed) == 1


@pytest.mark.parametrize(("region", "fails"), [("eu-west-1", False), ("us-east-1", True)])
def test_a_provider_that_writes_the_config_out_is_no_other_target(region: str, fails: bool) -> None:
    graphs: list[Graph] = []
    for is_explicit in (False, True):
        build = Builder()
        build.config = {"aws:region": "eu-west-1"}
        build("sqs/queue:Queue", "jobs")
        graph = build.graph()
        (urn,) = graph.resources
        if is_explicit:
            build("pulumi:providers:aws", "main", region=region, skipRegionValidation="true")
            graph = build.graph()
            jobs = replace(graph.resources[urn], provider=f"{PROVIDER}::1", region=region)
            graph = replace(graph, resources={**graph.resources, urn: jobs})
        graphs.append(graph)
    for before, after in itertools.permutations(graphs):
        found = compare_graphs(before, after)
        assert any("provider main" in line.sentence for line in found.lines)
        assert bool(found.failures) is fails
