"""Functions that AWS's services call for callers outside: guests, senders of mail, people who sign up, other accounts.

https://docs.aws.amazon.com/cognito/latest/developerguide/identity-pools.html
https://docs.aws.amazon.com/ses/latest/dg/receiving-email-action-lambda.html
https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..aws.catalog import types
from ..aws.gateway.api import function_in
from ..aws.identity.iam import Decision, allowing, glob
from ..aws.model.model import AwsModel
from ..aws.network.coverage import binds
from ..graph import UNKNOWN, Resource
from ..graph.given import given, held
from ..graph.prose import few
from ..graph.reading import CannotTell, MalformedDocument, items, naming, text, within
from ..graph.unread import may_close
from .exposure import INTERNET
from .onward import Onward
from .path import Hop, PartialPath, Path
from .tables import TABLES

_INVOKE: Final = "lambda:InvokeFunction"
_PROVIDERS: Final = TABLES["sign-in"].split()
"""Inputs that let users of an identity pool sign in."""
_WITHOUT_SIGN_UP: Final = ("userMigration",)
"""Triggers that a caller reaches also if only administrators create users."""
_HARMLESS: Final = tuple(TABLES["rights of guests"].split())
_NARROWED: Final = " of what Cognito lets guests call"
_FOR_GUESTS: Final = tuple(f"do what {name}" for name in TABLES["policies for guests"].split())
"""AWS's own policies that hold something of what guests may call, by the beginning of their names."""


def paths(model: AwsModel, onward: Onward) -> Iterator[Path]:
    """One for each function and each service that calls it, as far as they are open."""
    for source in (_identities, _mail, _sign_up, _other_accounts):
        for partial, function, by, label in source(model):
            inner = onward.into_function(partial, function, by.name, label) if function is not None else None
            yield from inner or [partial.end(label)]


Calls = Iterator[tuple[PartialPath, Resource | None, Resource, str]]
"""The path so far, the function, the resource by which it is called, and a label; None for a function not known."""


def _identities(model: AwsModel) -> Calls:
    """Functions that the roles of an identity pool's guests and users may invoke."""
    for pool in model.graph.of_type(*types.IDENTITY_POOL):
        guests = given(pool, "allowUnauthenticatedIdentities").flag(absent=False)
        providers = [held(pool, key) for key in _PROVIDERS]
        users = any(one is not UNKNOWN and bool(one) for one in providers) or (None if UNKNOWN in providers else False)
        for who, key, admits in (("guests", "unauthenticated", guests), ("users", "authenticated", users)):
            if admits is not False:
                start = _from(f"{who} of {pool.name}", pool, model)
                start = start.doubted("" if admits else f"whether {pool.name} admits {who}")
                classic = given(pool, "allowClassicFlow").flag(absent=False)
                start = start.doubted(f"whether {pool.name} allows the classic flow" * (classic is None))
                services = TABLES["guests"].split() if who == "guests" and classic is False else [""]
                for link in naming(model.graph, pool, types.IDENTITY_POOL_ROLES, "identityPoolId"):
                    yield from _by_role(model, start, link, who, within(held(link, "roles"), key), (*services,))


def _by_role(
    model: AwsModel, start: PartialPath, link: Resource, who: str, written: object, services: tuple[str, ...]
) -> Calls:
    """Functions that the role of some identities, which an attachment names, may invoke, and what else it allows.

    `services` are the beginnings of actions to which Cognito narrows the role.
    https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html
    """
    role = model.graph.find(written, *types.ROLE)
    if role is None and written is not None:
        yield start.doubted(f"what the role of {who} in {link.name} allows"), None, link, f"what {who} may call"
    trusts = role and model.roles.trusts_users(role, held(link, "identityPoolId"), signed_in=who == "users")
    if role is None or trusts is False:
        return
    start = start.doubted(f"whether {role.name} trusts {who} of this pool" * (trusts is None))
    for function in model.graph.of_type(*types.FUNCTION):
        decision = model.roles.decision(role, _INVOKE, text(function.state.get("arn")) or "*")
        if decision in (Decision.ALLOW, Decision.UNKNOWN):
            asked = f"whether {role.name} lets {who} invoke {function.name}" * (decision is Decision.UNKNOWN)
            yield start.doubted(asked), function, link, ""
    allowed = [pair for _, policy in model.roles.policies(role) for pair in _allowed(model, role, policy)]
    start = start.doubted(*(f"what {key} of {role.name} refuses" for key in may_close(role)))
    allowed.sort(key=lambda pair: not pair[1])  # what one statement allows for sure, another does not put in doubt
    for sure in (True, False):
        words = [one for one, doubt in dict(allowed).items() if bool(doubt) is not sure and _is_passed(one, services)]
        if words:
            by_aws = any(" " in word and not word.startswith(_FOR_GUESTS) for word in words) and services != ("",)
            doubt = f"what {role.name} allows {who}" * (by_aws or not sure)
            words = [f"{word}{_NARROWED * ('*' in word and services != ('',))}" for word in words]
            yield start.doubted(doubt), None, link, f"AWS (may {few([*filter(None, words)]) or 'call it'})"


def _is_passed(action: str, services: tuple[str, ...]) -> bool:
    """Whether an action does anything to others' data, and is of one of these services."""
    asked = action.lower()
    own = any(asked.startswith(service) or service.startswith(asked.partition("*")[0]) for service in services)
    return not asked.startswith(_HARMLESS) and (own or " " in action)


def _allowed(model: AwsModel, role: Resource, policy: Any) -> Iterator[tuple[str, bool]]:
    """Actions that a policy allows and no other path has, or the name of one of AWS's own, and whether that is doubted.

    Empty if not known.
    """
    if text(policy).startswith("arn:"):
        policy = {"Statement": {"Effect": "Allow", "Action": f"do what {policy.rpartition('/')[2]} allows"}}
    try:
        for statement in allowing(policy):
            resources = [text(resource) for resource in items(statement.get("Resource"))] or ["*"]
            doubt = binds(statement.get("Condition"))
            for action in map(text, items(statement.get("Action", "do more than it names"))):
                denied = [model.roles.denies(role, action, resource) for resource in resources]
                if not all(denied) and not _is_traced(model, action, statement.get("Resource")):
                    yield action, doubt or False not in denied
    except (CannotTell, MalformedDocument):
        yield "", True


def _is_traced(model: AwsModel, action: str, written: object) -> bool:
    """Whether an action calls only functions or APIs of the program, whose own paths show who reaches them."""
    kinds = types.FUNCTION if action.lower().startswith("lambda:invoke") else types.APIS
    arns = (text(callee.state.get("executionArn", callee.state.get("arn"))) for callee in model.graph.of_type(*kinds))
    own = tuple(f"{arn}{end}" for arn in filter(None, arns) for end in "/:")
    return written is not None and all(f"{text(arn)}/".startswith(own) for arn in items(written))


def _mail(model: AwsModel) -> Calls:
    """Functions that SES calls with mail of any sender, by itself or by a topic."""
    for rule in model.graph.of_type(*types.RECEIPT_RULE):
        if given(rule, "enabled").flag(absent=False) is False:
            continue
        start = _from("any sender of mail", rule, model)
        for action in items(held(rule, "lambdaActions")):
            yield from _called(model, start, within(action, "functionArn"), rule)
        for action in items(held(rule, "snsActions")):
            topic = model.graph.find(within(action, "topicArn"))
            links = naming(model.graph, topic, types.TOPIC_SUBSCRIPTION, "topic") if topic is not None else []
            for link in (link for link in links if held(link, "protocol") in ("lambda", UNKNOWN)):
                yield from _called(model, start, held(link, "endpoint"), rule)


def _sign_up(model: AwsModel) -> Calls:
    """Functions that a user pool calls when somebody signs up or in."""
    for pool in model.graph.of_type(*types.USER_POOL):
        closed = given(pool, "adminCreateUserConfig", "allowAdminCreateUserOnly").flag(absent=False)
        triggers = held(pool, "lambdaConfig")
        start = _from(f"anyone who signs up to {pool.name}", pool, model)
        start = start.doubted(f"whether people sign up to {pool.name} by themselves" if closed is None else "")
        for name, written in triggers.items() if isinstance(triggers, Mapping) else ():
            if name != "kmsKeyId" and written is not None and (closed is not True or name in _WITHOUT_SIGN_UP):
                inner = within(written, "lambdaArn") if isinstance(written, Mapping) else written
                yield from _called(model, start, inner, pool)


ACROSS_ACCOUNTS: Final[Mapping[str, str]] = TABLES["across accounts"]
"""Services that call a function of another account for a resource of anybody's."""
_WITHIN_ACCOUNT: Final = frozenset(f"{name}.amazonaws.com" for name in TABLES["within an account"].split())
"""Services that call functions for resources of their own account only, or for callers of another service."""


def _other_accounts(model: AwsModel) -> Calls:
    """Functions that a service may invoke for any account, since the permission names no source."""
    for function, permission in model.permissions.without_source():
        principal = text(held(permission, "principal"))
        invokes = glob(text(held(permission, "action")).lower(), _INVOKE.lower())
        if principal == "*" and invokes and held(permission, "functionUrlAuthType") is None:
            yield PartialPath(source="any AWS account"), function, permission, "by its own policy"
        service = principal.partition(".")[0]
        if not principal.endswith(".amazonaws.com") or principal in _WITHIN_ACCOUNT:
            continue
        doubt = "" if principal in ACROSS_ACCOUNTS else f"whether {service} calls it for other accounts"
        yield PartialPath(source="any AWS account").doubted(doubt), function, permission, f"through {service}"


def _from(who: str, by: Resource, model: AwsModel) -> PartialPath:
    return PartialPath(source=INTERNET).then(Hop(by, who, by.name, model.names.of(by)))


def _called(model: AwsModel, start: PartialPath, arn: object, by: Resource) -> Calls:
    """The function that an ARN names, or each that it may name if it is not known."""
    function = function_in(model.graph, arn)
    if function is not None:
        yield start, function, by, ""
    elif arn is UNKNOWN or text(arn):
        yield start.doubted(f"which function {by.name} calls"), None, by, f"a function of {by.name}"
