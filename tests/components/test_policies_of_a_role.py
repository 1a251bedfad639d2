"""The policies that a component writes for its role: how many, how long, and which table is in which."""

import contextlib
import itertools
import json
from functools import partial
from typing import Any, Final

import pulumi
import pytest

from components import ApiFunction
from components.facts import limits
from components.facts.aws_permissions import Place, build_arn
from components.iam.managed_policies import divide_permissions
from components.iam.permission_args import PermissionArgs
from components.iam.role_policies import list_attachments
from components.recording.values import reveal
from components.resource_hooks.refused_updates import RefusedUpdateError, refuse_changes
from components.testing.recorder import Graph
from tests.components.test_aws_permissions import POLICY, QUEUE, TABLE, declared, policy
from tests.helpers.declare import ProgramError, declare, names, one
from tests.helpers.policies import Decision, allows
from tests.helpers.stacks import ROOT


@pytest.mark.parametrize("component", sorted(POLICY))
def test_the_role_of_the_program_has_the_statements(component: str) -> None:
    found = policy(component, permissions={"orders": TABLE, "jobs": QUEUE})
    account = next(one["Resource"].split(":")[4] for one in found["Statement"] if ":sqs:" in str(one["Resource"]))
    for name, action in (("dynamodb", "GetItem"), ("sqs", "SendMessage")):
        resource = {"dynamodb": "table/orders", "sqs": "jobs"}[name]
        asked = f"arn:aws:{name}:eu-west-1:{account}:{resource}"
        assert allows(found, action=f"{name}:{action}", resource=asked) is Decision.ALLOW
        assert allows(found, action=f"{name}:{action}", resource=f"{asked}-archive") is Decision.SILENT


def made(component: str, **permissions: Any) -> dict[str, Any]:
    return {one.urn: one.inputs for one in declared(component, permissions=permissions) if one.custom}


@pytest.mark.parametrize("component", sorted(POLICY))
def test_another_key_and_order_change_nothing_and_an_entry_more_the_policy_alone(component: str) -> None:
    before = made(component, orders=TABLE, jobs=QUEUE)
    assert made(component, renamed=QUEUE, orders=TABLE) == before
    fewer = made(component, orders=TABLE)
    assert fewer.keys() == before.keys()
    assert [urn.rpartition("::")[2] for urn in fewer if fewer[urn] != before[urn]] == [POLICY[component]]
    owners = {"ec2": "Ec2Backend", "fargate": "FargateBackend", "function": "ApiFunction"}
    hooks = one(declared(component), owners[component]).options.hooks
    assert hooks == {"before_update": (f"{owners[component]}-program-refuses-changes",)}


@pytest.mark.parametrize("component", sorted(POLICY))
def test_more_than_a_role_holds_is_refused(component: str) -> None:
    policies = {f"p{index}": f"arn:aws:iam::111122223333:policy/p{index}" for index in range(11)}
    with pytest.raises(ProgramError, match=r"policy_arns: got '11 policies'; 10 at most.*join several"):
        declared(component, policy_arns=policies)
    assert names(declared(component, policy_arns=dict(list(policies.items())[:10])), "RolePolicyAttachment")
    with pytest.raises(
        ProgramError,
        match=r"permissions: got '600 resources, \d\d,\d{3} characters'; about \d\d,\d{3} at most .* 10 here",
    ):
        declared(component, permissions=tables(600))
    with pytest.raises(ProgramError, match=r"0 at most in the managed policies of a role, 0 here"):
        declared(component, permissions=tables(100), policy_arns=dict(list(policies.items())[:10]))


def arns(*names: str) -> dict[str, str]:
    return {name: f"arn:aws:iam::111122223333:policy/{name}" for name in names}


def tables(number: int) -> dict[str, dict[str, Any]]:
    return {f"t{index}": {**TABLE, "allow": ["read", "write"], "name": f"table-{index}"} for index in range(number)}


def read(permissions: Any) -> Any:
    return {key: PermissionArgs(**permission) for key, permission in permissions.items()}


TEN: Final = arns(*"abcdefghij")
OWN: Final = {"permissions": tables(200)}
ROOM: Final = limits.ROLE_MANAGED_POLICIES - len(divide_permissions(read(OWN["permissions"]), ()))
REST: Final = {"policy_arns": arns(*"abcdefghij"[: ROOM + 1])}


@pytest.mark.parametrize(
    ("old", "new", "count"),
    [
        ({"policy_arns": TEN}, {"policy_arns": {**arns(*"abcdefghi"), "j": "arn:aws:iam::aws:policy/j"}}, 11),
        ({"policy_arns": TEN}, {"policy_arns": arns(*"abcdefghik")}, 11),
        ({"policy_arns": TEN}, {"policy_arns": {**TEN, "j": pulumi.output.UNKNOWN}}, None),
        ({"policy_arns": TEN}, {"policy_arns": {f"renamed-{key}": one for key, one in TEN.items()}}, None),
        ({"policy_arns": TEN}, {"policy_arns": pulumi.Output.secret(TEN)}, None),
        ({"policy_arns": pulumi.Output.secret(TEN)}, {"policy_arns": arns("k")}, None),
        ({"policy_arns": TEN}, {"policy_arns": pulumi.output.UNKNOWN}, None),
        ({"policy_arns": TEN}, {"policy_arns": arns("a")}, None),
        (None, {"policy_arns": TEN}, None),
        (REST, OWN, 11),
        (OWN, REST, 11),
        (OWN, {**OWN, "policy_arns": arns(*"abcdefghij"[:ROOM])}, None),
        ({"permissions": pulumi.output.UNKNOWN}, {"policy_arns": TEN}, None),
    ],
)
def test_an_eleventh_policy_is_refused_before_another_goes(old: Any, new: dict[str, Any], count: int | None) -> None:
    """The engine attaches what is new before it detaches what goes, also of the policies with permissions."""
    args = pulumi.ResourceHookArgs(urn="urn:x", id="", name="program", type="x", old_inputs=old, new_inputs=new)
    permissions, named = read(new.get("permissions", {})), new.get("policy_arns", {})
    refused = pytest.raises(RefusedUpdateError, match=f"program: {count} managed policies would be attached")
    with refused if count else contextlib.nullcontext():
        refuse_changes(partial(list_attachments, permissions, named), args)


def granted(graph: Graph, component: str) -> dict[str, dict[str, Any]]:
    """The policies of the program's role by their names."""
    resources = [one for one in graph if one.kind in ("Policy", "RolePolicy") and "-execution-" not in one.name]
    return {resource.name: json.loads(reveal(resource.inputs["policy"])) for resource in resources}


@pytest.mark.parametrize(
    ("component", "number", "most"), [*((component, 50, 1) for component in sorted(POLICY)), ("fargate", 300, 10)]
)
def test_hundreds_of_tables_fit(component: str, number: int, most: int) -> None:
    graph = declared(component, permissions=tables(number))
    found = granted(graph, component)
    managed = [name for name in found if name.startswith("program-permissions-")]
    assert bool(managed) == (most > 1)
    assert len(managed) <= most
    assert sorted(names(graph, "RolePolicyAttachment")) == sorted(managed)
    for name, document in found.items():
        size = len(json.dumps(document, separators=(",", ":")))
        assert size <= (limits.MANAGED_POLICY_CHARACTERS if name in managed else limits.ROLE_POLICIES_CHARACTERS)
    account = next(each.result["accountId"] for each in graph.invokes if each.token.endswith("getCallerIdentity"))
    for index in range(0, number, 29):
        own = build_arn("table", f"table-{index}", Place("aws", "eu-west-1", account))
        for resource, action in ((own, "PutItem"), (f"{own}/index/by-name", "Query")):
            decided = [allows(one, action=f"dynamodb:{action}", resource=resource) for one in found.values()]
            assert decided.count(Decision.ALLOW) == 1
    # The next policy is attached before another loses what the next takes over.
    attached = {each.name: each.urn for each in graph if each.kind == "RolePolicyAttachment"}
    for at in range(1, len(managed)):
        earlier = one(graph, "Policy", f"program-permissions-{at}")
        assert attached[f"program-permissions-{at + 1}"] in earlier.dependencies
    for inline in (each for each in graph if each.kind == "RolePolicy" and each.name == POLICY[component]):
        assert {*attached.values()} <= {*inline.dependencies}


def test_no_policy_is_empty() -> None:
    """The places of these eighteen leave one of four policies without any."""
    drawn = [
        PermissionArgs(kind="table", name=f"132-{number}".ljust(255, "x"), allow=("read",)) for number in range(18)
    ]
    parts = divide_permissions({f"t{number}": one for number, one in enumerate(drawn)}, [])
    assert sorted(map(len, parts)) == [5, 5, 8]


def test_a_name_that_is_an_output_differs_from_a_text_like_its_key() -> None:
    def declare_it() -> None:
        output = pulumi.Output.from_input("t-output")
        permissions: Any = {**tables(300), "table-1": {**TABLE, "name": output}}
        ApiFunction("program", {"folder": str(ROOT / "handlers/greeter"), "permissions": permissions})

    assert "table/t-output" in str(granted(declare(declare_it), "function"))


@pytest.mark.parametrize(("number", "length", "most"), [(30, 255, "10,240"), (100, 255, "6,144"), (30, 100, "")])
@pytest.mark.parametrize("component", sorted(POLICY))
def test_the_size_is_checked_again_when_outputs_are_known(component: str, number: int, length: int, most: str) -> None:
    """Before AWS counts: the value of an output may be longer than it was taken for."""

    def long(index: int) -> dict[str, Any]:
        return {**TABLE, "name": pulumi.Output.from_input(f"t{index:03}".ljust(length, "x"))}

    match = rf"permissions: got '[\d,]+ characters in a policy .* of outputs'; at most {most}; write the names as text"
    with pytest.raises(ProgramError, match=match) if most else contextlib.nullcontext():
        declared(component, permissions=lambda: {f"t{index}": long(index) for index in range(number)})


@pytest.mark.parametrize("component", sorted(POLICY))
def test_the_policies_of_a_role_are_counted_together(component: str) -> None:
    """Permissions that fit by themselves, beside secrets of the role or its shell."""
    secret = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders-{:02}-a1B2c3"
    secrets = {"secrets": {f"SECRET_{index}": secret.format(index) for index in range(28)}}
    length, beside = (110, {"execute_command": True}) if component == "fargate" else (100, secrets)

    def later() -> Any:
        names = {f"t{at}": f"t{at:02}".ljust(length, "x") for at in range(30)}
        return {key: {**TABLE, "name": pulumi.Output.from_input(name)} for key, name in names.items()}

    declared(component, permissions=later)
    with pytest.raises(ProgramError, match="at most 10,0" if component == "fargate" else "at most 10,240"):
        declared(component, permissions=later, **beside)


@pytest.mark.slow
def test_a_table_more_moves_others_only_to_a_further_policy() -> None:
    def places(number: int) -> dict[str, str]:
        found = granted(declared("fargate", permissions=tables(number)), "fargate")
        listed = {name: [str(statement["Resource"]) for statement in each["Statement"]] for name, each in found.items()}
        return {
            f"table-{index}": name
            for name, texts in listed.items()
            for index in range(number)
            if any(f":table/table-{index}'" in text for text in texts)
        }

    counted = {number: places(number) for number in range(100, 140, 3)}
    assert len({len({*each.values()}) for each in counted.values()}) > 1
    for before, after in itertools.pairwise(counted.values()):
        moved = {after[table] for table, place in before.items() if after[table] != place}
        assert moved <= {*after.values()} - {*before.values()}
