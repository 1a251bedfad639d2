"""The statement of an API: its addresses, and for each call what it needs and where it leads."""

import ipaddress
from collections.abc import Iterable

from ..api.api_spec import ApiSpec
from ..api.args.authorizers import AuthorizerArgs
from ..api.args.cors import CorsArgs
from ..api.args.domains import DomainArgs
from ..api.args.firewall import FirewallArgs
from ..api.args.plans import PlanArgs
from ..api.args.routes import IAM, NONE, RouteArgs, ThrottleArgs
from ..api.route_operations import choose_timeout
from ..arguments.connections import TargetArgs
from ..facts.statements import OWN_ACCOUNT
from .references import refer, refer_each
from .statement import Statement, drop_absent, make_set


def state_api(spec: ApiSpec) -> Statement:
    """Returns the statement of an API, from its arguments only."""
    return drop_absent(
        kind=spec.kind,
        at=_state_addresses(spec),
        ways={call: way for route in spec.routes for call, way in _state_ways(spec, route)},
        to={name: _state_target(target) for name, target in sorted(spec.targets.items())},
        keys={name: key for plan in spec.plans.values() for name, key in _state_keys(plan)},
        firewall=spec.firewall and _state_firewall(spec.firewall),
        preflight=spec.cors and _state_preflight(spec.cors, spec),
        identity=spec.passes_identity or None,
        strip_prefix=spec.strip_prefix,
        # API Gateway writes the logs of all REST APIs of the account and region by this role.
        log_role=True if spec.kind != "http" and spec.account_log_role else None,
        notifies=spec.alarms and refer(spec.alarms.topic_arn, "Topic"),
    )


def _state_addresses(spec: ApiSpec) -> Statement:
    """Of a domain that exists already, its owner decides what else leads there, and whether it asks for a
    certificate."""
    domain = spec.domain
    private = spec.private_domain
    return drop_absent(
        own=None if spec.disable_default_endpoint else True,
        stage=None if spec.kind == "http" else spec.stage,
        domain=domain
        and drop_absent(
            name=domain.name,
            base_path=domain.base_path,
            existing=domain.existing or None,
            certificate=_state_certificate(domain),
        ),
        private_domain=private
        and drop_absent(
            name=private.name,
            base_path=private.base_path,
            endpoint=refer(private.endpoint_id, "VpcEndpoint"),
            vpc=refer(private.vpc_id, "Vpc"),
        ),
        endpoints=refer_each(spec.endpoint_ids, "VpcEndpoint"),
    )


def _state_ways(spec: ApiSpec, route: RouteArgs) -> Iterable[tuple[str, Statement]]:
    """The calls of a route, each by method and path. With `below`, all paths below it are called the same way."""
    throttle = route.throttle or spec.stage_throttle
    way = drop_absent(
        below=len(route.paths) > 1 or None,
        needs=_state_needs(spec, route),
        rate=throttle and _state_throttle(throttle),
        streams=choose_timeout(route.timeout_milliseconds, streams=True) / 1000 if route.streaming else None,
        to=route.target,
    )
    return [(f"{method} {route.path}", way) for method in sorted(route.methods)]


def _state_needs(spec: ApiSpec, route: RouteArgs) -> Statement:
    """What a caller needs: all of these. A need that is absent admits everybody."""
    allow, deny = spec.ranges
    lists = drop_absent(api=normalize_ranges(allow), route=normalize_ranges(route.ranges))
    keys = [name for plan in spec.plans.values() for name in plan.names] if route.key_required else None
    # A key is required also if no plan has one: then nobody is admitted.
    needs = drop_absent(
        caller=_state_caller(spec, route),
        addresses=lists,
        not_addresses=normalize_ranges(deny),
        through=_state_entries(spec) if spec.kind == "private" else None,
        # No call needs a client certificate if the API's own address is open beside the domain.
        certificate=_state_certificate(spec.domain) if spec.domain and spec.disable_default_endpoint else None,
    )
    return needs if keys is None else {**needs, "keys": make_set(keys)}


def _state_caller(spec: ApiSpec, route: RouteArgs) -> Statement | None:
    if route.authorization == NONE:
        return None
    if route.authorization == IAM:
        others = refer_each(spec.caller_account_ids) if spec.caller_account_ids else {}
        return {"iam": drop_absent(accounts={OWN_ACCOUNT: True}, other_accounts=others)}
    authorizer = spec.authorizers[route.authorization]
    return {authorizer.kind: _state_authorizer(authorizer, route)}


def _state_authorizer(authorizer: AuthorizerArgs, route: RouteArgs) -> Statement:
    match authorizer.kind:
        case "jwt":
            return drop_absent(
                issuer=refer(authorizer.issuer),
                audiences=refer_each(authorizer.audiences),
                scopes=make_set(route.scopes),
                headers=make_set(authorizer.identity_headers, str.lower),
            )
        case "cognito":
            return drop_absent(
                pools=refer_each(authorizer.user_pool_arns, "UserPool"),
                scopes=make_set(route.scopes),
                headers=make_set(authorizer.identity_headers, str.lower),
            )
    return drop_absent(
        function=refer(authorizer.function_name, "Function"),
        headers=make_set(authorizer.identity_headers, str.lower),
        cache_seconds=refer(authorizer.cache_seconds),
    )


def _state_entries(spec: ApiSpec) -> Statement:
    """Endpoints and VPCs through which a private API can be called."""
    return drop_absent(
        endpoints=refer_each(spec.allow_endpoint_ids, "VpcEndpoint") if spec.allow_endpoint_ids else None,
        vpcs=refer_each(spec.allow_vpc_ids, "Vpc") if spec.allow_vpc_ids else None,
    )


def _state_certificate(domain: DomainArgs) -> Statement | None:
    """The authorities whose client certificates a domain accepts."""
    if domain.truststore is None:
        return None
    return drop_absent(truststore=refer(domain.truststore), version=refer(domain.truststore_version))


def _state_throttle(throttle: ThrottleArgs) -> Statement:
    return {"rate": refer(throttle.rate), "burst": refer(throttle.burst)}


def _state_target(target: TargetArgs) -> Statement:
    if target.is_function:
        return drop_absent(function=refer(target.function_name, "Function"), alias=refer(target.alias_name, "Alias"))
    return drop_absent(
        link=refer(target.link_id, "VpcLink"),
        listener=refer(target.listener_arn, "Listener", "Service"),
        load_balancer=refer(target.load_balancer_arn, "LoadBalancer"),
        url=refer(target.url, "Listener"),
        # Any authority may have signed the certificate of what answers.
        unverified=target.insecure_skip_verification or None,
    )


def _state_keys(plan: PlanArgs) -> Iterable[tuple[str, Statement]]:
    """API keys: whether AWS makes the value, the former name of a key that keeps its value, and the limits of its
    plan."""
    for name in plan.names:
        yield (
            name,
            drop_absent(
                value="given" if name in plan.key_values else "generated",
                formerly=plan.renamed_keys.get(name),
                rate=plan.throttle and _state_throttle(plan.throttle),
                quota=plan.quota and {"limit": refer(plan.quota.limit), "period": plan.quota.period},
                routes={call: _state_throttle(limit) for call, limit in sorted(plan.route_throttles.items())} or None,
            ),
        )


def _state_firewall(firewall: FirewallArgs) -> Statement:
    return drop_absent(
        requests_per_five_minutes=refer(firewall.requests_per_five_minutes),
        rules=make_set(firewall.managed_rules),
        allow=normalize_ranges(firewall.allow),
        large_bodies=firewall.large_bodies or None,
    )


def _state_preflight(cors: CorsArgs, spec: ApiSpec) -> Statement:
    """The web pages that may read answers, as API Gateway tells the browser by itself, without calling a target.

    A REST API throttles these calls like others.
    """
    return drop_absent(
        origins=make_set(cors.origins),
        methods=make_set(cors.methods),
        headers=make_set(cors.headers, str.lower),
        credentials=cors.credentials or None,
        rate=_state_throttle(spec.stage_throttle) if spec.kind != "http" and spec.stage_throttle else None,
    )


def normalize_ranges(ranges: Iterable[str]) -> dict[str, bool]:
    """Returns ranges in the form that AWS shows, in a stable order."""
    networks = {ipaddress.ip_network(each, strict=False) for each in ranges}
    ordered = sorted(networks, key=lambda network: (network.version, network.network_address, network.prefixlen))
    return dict.fromkeys(map(str, ordered), True)
