"""What a user of the library tests, for `test_mocks.py`: programs of every component, on the mocks that it ships."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import gatehouse
import pulumi
import pulumi_aws as aws
import pytest
from gatehouse.testing import Mocks

VPC: Any = {"vpc_id": "vpc-00000001", "subnet_ids": ["subnet-00000001", "subnet-00000002"]}
ROUTE: Any = {"path": "/orders", "methods": ["GET"], "target": "proxy", "authorization": "iam"}
ZONE: Any = {"zones": ["eu-west-1a"]}
IMAGE: Any = {**VPC, "image": "nginx:1.29", "egress": ["nat-instance"]}
CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/1"
LISTENER = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/found/0123456789abcdef/fedcba9876543210"
Program = Callable[[], Iterator[pulumi.ComponentResource]]


def nat_and_endpoints() -> Iterator[pulumi.ComponentResource]:
    wanted: Any = {
        **{"zones": ["eu-west-1a", "eu-west-1b"], "egress": ["nat-instance", "ipv6"], "endpoints": ["ssm", "dynamodb"]},
        **{"flow_logs_retention_days": 7, "instance_connect": True},
    }
    network = gatehouse.PrivateNetwork("network", wanted)
    yield network
    for gateways in ("one-per-zone", "regional"):
        args: Any = {**ZONE, "egress": ["nat-gateway"], "nat_gateways": gateways}
        yield gatehouse.PrivateNetwork(gateways, args)
    yield gatehouse.PrivateNetwork("existing", {**VPC, "egress": ["nat-gateway"], "vpc_link": True})
    yield gatehouse.PrivateNetwork("packages", {**VPC, "egress": ["s3-packages"]})
    yield gatehouse.Alerts(
        "alerts", {"emails": ["a@example.com"], "budget_monthly_usd": 10, "budget_emails": ["a@example.com"]}
    )
    place: Any = {"vpc_id": network.vpc_id, "vpc_cidr": network.vpc_cidr, "subnet_id": "subnet-00000001"}
    yield gatehouse.NatInstance("nat", place)


def forwarder_and_instance() -> Iterator[pulumi.ComponentResource]:
    backend = gatehouse.Ec2Backend("backend", {**IMAGE, "port": 80})
    yield backend
    proxy: Any = {**VPC, "port": 80, "publish_versions": True, "keep_warm": True}
    forwarder = gatehouse.ServerlessProxy(
        "proxy", {**proxy, "url": backend.url, "backend_security_group_id": backend.security_group_id}
    )
    yield forwarder
    partner = {"throttle": {"rate": 1, "burst": 1}, "quota": {"limit": 100, "period": "DAY"}, "keys": ["acme"]}
    args: Any = {
        "kind": "rest",
        "routes": [{**ROUTE, "key_required": True}],
        "targets": {"proxy": {"function_name": forwarder.function_name, "invoke_arn": forwarder.invoke_arn}},
        "throttle": {"rate": 10, "burst": 5},
        "plans": {"partner": partner},
        "domain": {"name": "api.example.com", "zone_id": "Z0123456789ABC"},
        "firewall": {"requests_per_five_minutes": 1000},
    }
    yield gatehouse.ApiFront("front", args)
    yield gatehouse.UrlBackend("url", {"url": "http://10.0.0.1:8080", "cidrs": ["10.0.0.1/32"]})


def balancer_and_containers() -> Iterator[pulumi.ComponentResource]:
    for kind in ("alb", "nlb", "cloud-map"):
        ingress = gatehouse.PrivateIngress(kind, {**VPC, "kind": kind, "link": "v2", "backend_port": 8080})
        yield ingress
        scaling: Any = {"maximum": 3, "cpu_percent": 60}
        if ingress.request_count_label is not None:
            scaling["requests_per_target"] = 100
        backend: Any = {**IMAGE, **ingress.registration, "scaling": scaling}
        yield gatehouse.FargateBackend(f"{kind}-backend", backend)
        args: Any = {
            "kind": "http",
            "routes": [ROUTE],
            "targets": {"proxy": {"link_id": ingress.link_id, "listener_arn": ingress.listener_arn}},
            "cors": {"origins": ["https://app.example.com"]},
        }
        yield gatehouse.ApiFront(f"{kind}-front", args)
    tls: Any = {
        **{**VPC, "kind": "alb", "link": "v2", "backend_port": 8080, "target_type": "instance"},
        **{"certificate_arn": CERTIFICATE, "server_name": "app.example.com", "private_record": True},
    }
    balanced = gatehouse.PrivateIngress("tls", tls)
    yield balanced
    yield gatehouse.Ec2Backend("group", {**IMAGE, **balanced.registration, "count": 2})
    found: Any = {**VPC, "vpc_cidr": "10.0.0.0/16", "listener_arn": LISTENER}
    yield gatehouse.ExistingIngress("found", found)
    yield gatehouse.ExistingIngress("linked", {**found, "link_id": "a1b2c3"})


def private_api(folder: str) -> Iterator[pulumi.ComponentResource]:
    endpoint = gatehouse.PrivateApiEndpoint("endpoint", {**VPC, "vpc_cidr": "10.0.0.0/16"})
    yield endpoint
    yield gatehouse.PrivateApiEndpoint(
        "found", {"vpc_id": "vpc-00000001", "vpc_cidr": "10.0.0.0/16", "endpoint_id": "vpce-00000001"}
    )
    greeter = gatehouse.Greeter("greeter", {})
    yield greeter
    yield gatehouse.ApiFunction("own", {"folder": folder})
    yield gatehouse.FargateBackend("built", {**VPC, "build": folder, "port": 80, "egress": ["nat-instance"]})
    groups = {"endpoint": endpoint.security_group_id}
    yield gatehouse.ApiConsumer("consumer", {**VPC, "calls_security_group_ids": groups, "egress": ["ipv6"]})
    domain: Any = {"name": "api.internal.example.com", "certificate_arn": CERTIFICATE, "vpc_id": "vpc-00000001"}
    domain |= {"endpoint_id": endpoint.endpoint_id, "endpoint_dns_name": endpoint.dns_name}
    args: Any = {
        "kind": "private",
        "routes": [ROUTE],
        "targets": {"proxy": {"function_name": greeter.function_name, "invoke_arn": greeter.invoke_arn}},
        "endpoint_ids": [endpoint.endpoint_id],
        "allow_endpoint_ids": [endpoint.endpoint_id],
        "private_domain": {**domain, "endpoint_zone_id": endpoint.zone_id},
    }
    yield gatehouse.ApiFront("private", args)


def missing(value: Any) -> bool:
    """Whether a value lacks what AWS would have returned."""
    if isinstance(value, dict | list):
        return any(map(missing, value.values() if isinstance(value, dict) else value))
    # A boot script may hold the word.
    return value is None or (isinstance(value, str) and "None" in value and "\n" not in value)


USED: set[type] = set()


def check(program: Program) -> None:
    """Run a program, and find what its components and its resources lack."""
    mocks = Mocks(vpc_id=VPC["vpc_id"])

    def declare() -> pulumi.Output[Any]:
        made = list(program())
        USED.update(map(type, made))
        outputs = {
            f"{place} {type(one).__name__}": {
                key: value for key in type(one).__annotations__ if (value := getattr(one, key, None)) is not None
            }
            for place, one in enumerate(made)
        }
        return pulumi.Output.all(**{name: pulumi.Output.all(**output) for name, output in outputs.items()})

    outputs = mocks.run(declare)
    assert [name for name, output in outputs.items() if missing(output)] == [], json.dumps(outputs, indent=1)
    for one in mocks.declared:
        assert {key for key, value in one.inputs.items() if missing(value)} == set(), (one.name, one.inputs)
    records = [one.inputs for one in mocks.declared if one.typ == "aws:route53/record:Record"]
    assert all("zoneId" in one for one in records)
    aliases = [alias for one in records for alias in one.get("aliases", ())]
    assert all({"name", "zoneId"} <= set(alias) for alias in aliases), aliases
    assert len(mocks.declared) > 10


def test_every_component_runs(tmp_path: Any) -> None:
    (tmp_path / "handler.py").write_text("def handler(event, context): ...\n")
    for program in (nat_and_endpoints, forwarder_and_instance, balancer_and_containers):
        check(program)
    check(lambda: private_api(str(tmp_path)))
    assert set(gatehouse.COMPONENTS) - USED == set()


def test_a_lookup_without_a_result_is_named() -> None:
    with pytest.raises(LookupError, match=r"^aws:s3/getBucket:getBucket has no result: pass Mocks\(lookups="):
        Mocks().run(lambda: aws.s3.get_bucket_output(bucket="mine"))


def test_a_program_that_fails_fails_its_test() -> None:
    with pytest.raises(gatehouse.ArgumentError, match="port"):
        Mocks().run(lambda: gatehouse.Ec2Backend("backend", {**IMAGE, "port": 0}))
    with pytest.raises(ZeroDivisionError):
        Mocks().run(lambda: gatehouse.Greeter("greeter", {}).function_name.apply(lambda _: 1 // 0))


def test_resources_and_lookups_of_others() -> None:
    mocks = Mocks(
        region="us-east-1",
        outputs={"aws:sqs/queue:Queue": {"url": "https://queue.invalid/1"}},
        lookups={"aws:ec2/getVpc:getVpc": {"cidrBlock": "10.1.0.0/16"}},
    )

    def program() -> Any:
        assert aws.get_region().region == "us-east-1"
        assert aws.get_availability_zones(state="available").names[1] == "us-east-1b"
        found = aws.ec2.get_vpc(id="vpc-00000007")
        assert (found.id, found.cidr_block, found.enable_dns_support) == ("vpc-00000007", "10.1.0.0/16", True)
        queue = aws.sqs.Queue("jobs")
        return [queue.url, queue.arn, queue.name]

    assert mocks.run(program) == ["https://queue.invalid/1", "arn:aws:sqs:us-east-1:123456789012:jobs", "jobs"]


def test_a_kind_is_found_or_the_types_to_choose_from_are_named() -> None:
    mocks = Mocks()

    def program() -> None:
        rule = aws.ec2.Route("out", route_table_id="rtb-00000001", opts=pulumi.ResourceOptions(protect=True))
        aws.apigatewayv2.Route("call", api_id="a", route_key="GET /", opts=pulumi.ResourceOptions(depends_on=[rule]))
        gatehouse.Greeter("greeter", {})

    mocks.run(program)
    with pytest.raises(LookupError, match="one of aws:apigatewayv2/route:Route, aws:ec2/route:Route"):
        mocks.inputs("Route")
    with pytest.raises(LookupError, match=r"nothing of the kind Vpc was declared, only: aws:apigatewayv2/route:Route"):
        mocks.inputs("Vpc")
    assert mocks.inputs("aws:ec2/route:Route") == [{"routeTableId": "rtb-00000001"}]
    (out,) = mocks.resources("aws:ec2/route:Route")
    (call,) = mocks.resources("aws:apigatewayv2/route:Route")
    (function,) = mocks.resources("Function")
    assert (out.options, call.dependencies, call.parent) == ({"protect": True}, {"out"}, "")
    assert function.parent == "greeter"


def test_transforms_run_as_in_a_deployment() -> None:
    """Those of the stack, of a component and of the resource itself."""
    mocks = Mocks()

    def add(tag: str) -> Any:
        def transform(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
            if args.type_ != "aws:sqs/queue:Queue":
                return None
            return pulumi.ResourceTransformResult(
                {**args.props, "tags": {**args.props.get("tags", {}), tag: "1"}}, args.opts
            )

        return transform

    def program() -> pulumi.Output[Any]:
        pulumi.runtime.register_resource_transform(add("stack"))
        home = pulumi.ComponentResource("app:index:Home", "home", {}, pulumi.ResourceOptions(transforms=[add("home")]))
        queue = aws.sqs.Queue("jobs", opts=pulumi.ResourceOptions(parent=home, transforms=[add("own")]))
        return queue.tags

    tags = {"stack": "1", "home": "1", "own": "1"}
    assert mocks.run(program) == tags
    assert mocks.inputs("Queue") == [{"tags": tags}]


def test_what_the_engine_refuses_fails_the_test() -> None:
    def program() -> None:
        for _ in range(2):
            aws.sqs.Queue("jobs")

    with pytest.raises(Exception, match=r"Duplicate resource URN '\S+::jobs'"):
        Mocks().run(program)


def test_options_are_those_that_the_engine_applies() -> None:
    """Protection and the provider come from the parent, and names of before are in the aliases."""
    mocks = Mocks()

    def program() -> None:
        home = pulumi.ComponentResource("app:index:Home", "home", {}, pulumi.ResourceOptions(protect=True))
        options = pulumi.ResourceOptions(parent=home, aliases=[pulumi.Alias(name="tasks")])
        aws.sqs.Queue("jobs", opts=options)

    mocks.run(program)
    assert [one.options for one in mocks.resources("Queue")] == [{"protect": True, "aliases": ["tasks"]}]


def test_arns_of_resources_are_those_of_permissions(tmp_path: Any) -> None:
    (tmp_path / "handler.py").write_text("def handler(event, context): ...\n")
    trust = "{}"

    def program() -> None:
        role = aws.iam.Role("role", assume_role_policy=trust)
        made: dict[str, tuple[Any, str]] = {
            "table": (aws.dynamodb.Table("orders", hash_key="id"), "read"),
            "bucket": (aws.s3.Bucket("files"), "read"),
            "queue": (aws.sqs.Queue("jobs"), "send"),
            "topic": (aws.sns.Topic("news"), "publish"),
            "key": (aws.kms.Key("key"), "encrypt"),
            "secret": (aws.secretsmanager.Secret("secret"), "read"),
            "parameter": (aws.ssm.Parameter("parameter", type="String", value="x"), "read"),
            "event-bus": (aws.cloudwatch.EventBus("bus"), "send"),
            "function": (aws.lambda_.Function("other", role=role.arn), "invoke"),
            "state-machine": (aws.sfn.StateMachine("machine", role_arn=role.arn, definition="{}"), "start"),
        }
        permissions: Any = {
            kind: {"kind": kind, "name": resource.arn, "allow": [word]} for kind, (resource, word) in made.items()
        }
        gatehouse.ApiFunction("own", {"folder": str(tmp_path), "permissions": permissions})

    mocks = Mocks()
    mocks.run(program)
    text = json.dumps(mocks.inputs("RolePolicy"))
    assert [word for word in ("dynamodb", "s3", "sqs", "sns", "kms", "states") if f"{word}:" not in text] == []


def test_a_secret_is_opened_and_marked() -> None:
    mocks = Mocks()
    webhook: Any = {"scheme": "github", "secret": pulumi.Output.secret("hush-hush-hush-hush")}
    args: Any = {**VPC, "url": "http://10.20.30.40:80", "backend_cidrs": ["10.20.30.40/32"], "webhook": webhook}
    mocks.run(lambda: gatehouse.ServerlessProxy("proxy", args))
    (function,) = mocks.resources("aws:lambda/function:Function")
    assert function.inputs["environment"]["variables"]["WEBHOOK_SECRET"] == "hush-hush-hush-hush"
    assert "environment.variables.WEBHOOK_SECRET" in function.secrets
    assert not any("WEBHOOK_SCHEME" in place for place in function.secrets)


def test_no_output_is_known_in_a_first_preview() -> None:
    seen: list[Any] = []

    def program() -> Any:
        topic = aws.sns.Topic("news")
        topic.arn.apply(seen.append)
        return aws.sqs.Queue("jobs", kms_master_key_id=topic.arn)

    mocks = Mocks(preview=True)
    mocks.run(program)
    assert (seen, mocks.inputs("Queue")) == ([], [{}])
    Mocks().run(program)
    assert seen == ["arn:aws:sns:eu-west-1:123456789012:news"]


def test_a_stack_file_is_the_config(tmp_path: Any) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (tmp_path / "Pulumi.dev.yaml").write_text(
        "config:\n"
        "  aws:region: eu-central-1\n"
        "  topology: public-proxy\n"
        "  backend: {url: 'http://10.20.30.40:80'}\n"
        "  network: {vpcId: vpc-0a1b2c3d4e5f60718, subnetIds: [subnet-0a1b2c3d4e5f60718]}\n"
        "  proxy: {webhook: {scheme: gitlab, secret: {secure: v1:x}}}\n"
        "  api:\n"
        "    kind: rest\n"
        "    routes: [{path: /hook, methods: [POST], keyRequired: true}]\n"
        "    plans: {p: {keyValues: {a: {secure: v1:a}, b: {secure: v1:b}}}}\n"
    )

    def program() -> Any:
        from gatehouse import stack

        return {"stack": pulumi.get_stack(), **stack.build().outputs}

    place = {"vpc_id": "vpc-0a1b2c3d4e5f60718"}
    mocks = Mocks(
        stack_file=tmp_path / "Pulumi.dev.yaml", secrets={"proxy.webhook.secret": "hush-hush-hush-hush"}, **place
    )
    assert (mocks.region, mocks.run(program)["stack"]) == ("eu-central-1", "dev")
    (function,) = mocks.resources("aws:lambda/function:Function")
    assert function.inputs["environment"]["variables"]["WEBHOOK_SECRET"] == "hush-hush-hush-hush"
    first, second = (key["value"] for key in mocks.inputs("ApiKey"))
    assert first != second
    with pytest.raises(OSError, match=r"Pulumi\.prod\.yaml"):
        Mocks(stack_file=tmp_path / "Pulumi.prod.yaml")


def test_an_output_in_a_text_is_seen_as_the_text_that_a_deployment_would_send() -> None:
    mocks = Mocks()

    def program() -> None:
        queue = aws.sqs.Queue("queue")
        aws.sqs.Queue("copy", name=f"copy-of-{queue.name}")

    mocks.run(program)
    (name,) = (queue.inputs["name"] for queue in mocks.resources("Queue") if queue.name == "copy")
    assert name.startswith("copy-of-Calling __str__ on an Output")


def test_a_file_and_a_text_in_an_archive_are_read() -> None:
    mocks = Mocks()

    def program() -> None:
        code = pulumi.AssetArchive({"main.py": pulumi.StringAsset("x = 1"), "data": pulumi.FileArchive(".")})
        aws.lambda_.Function("function", code=code, role=LISTENER)

    mocks.run(program)
    members = mocks.inputs("Function")[0]["code"].members
    assert (members["main.py"].text, members["data"].path) == ("x = 1", ".")
