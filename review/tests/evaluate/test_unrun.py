"""Code that an evaluation does not run is named with its line, if it may declare or change what shapes traffic."""

from collections.abc import Callable

import pytest

from review.aws.model.model import AwsModel
from review.graph import Graph
from review.reach import trace
from review.report.render.outside import from_outside
from review.report.report import Report
from review.rules import Status, check

Run = Callable[..., Graph]
Review = Callable[[str], Report]
HEAD = "import functools, json, os, subprocess\nimport pulumi\nimport pulumi_aws as aws\n"

ROLE = "'arn:aws:iam::123456789012:role/r'"
OTHERS = """
def other(package, kind, output, value=None):
    token = f"{package}:index/{kind}:{kind}"
    class Other(pulumi.CustomResource):
        def __init__(self, name):
            super().__init__(token, name, {output: None}, None)
    Other.__annotations__ = {output: pulumi.Output[str]}
    made = Other(f"{kind}-{output}")
    return getattr(made, output, None) or pulumi.Output.from_input(made.id)
net = ["subnet-1", "subnet-2"]
bucket, topic, queue = aws.s3.Bucket("b"), aws.sns.Topic("t"), aws.sqs.Queue("q")
vpc = aws.ec2.Vpc("v", cidr_block="10.0.0.0/16")
cluster = aws.eks.Cluster("c", role_arn=ROLE, vpc_config={"subnet_ids": net})
database = aws.rds.Instance("d", instance_class="db.t3.micro")
aurora = aws.rds.Cluster("a", engine="aurora-postgresql")
table = aws.dynamodb.Table("ta", attributes=[], billing_mode="PAY_PER_REQUEST", hash_key="a", stream_enabled=True)
zone = aws.route53.Zone("z", name="example.com")
broker = aws.msk.Cluster("k", kafka_version="3", number_of_broker_nodes=2, broker_node_group_info={
    "client_subnets": net, "instance_type": "kafka.t3.small", "security_groups": ["sg-1"]})
redis = aws.elasticache.ReplicationGroup("r", description="r")
certificate = aws.acm.Certificate("ce", domain_name="example.com", validation_method="DNS")
balancer = aws.lb.LoadBalancer("l", subnets=net)
server = aws.ec2.Instance("s", ami="a", instance_type="t3.micro")
function = aws.lambda_.Function("f", role=ROLE)
api, http = aws.apigateway.RestApi("ra"), aws.apigatewayv2.Api("ha", protocol_type="HTTP")
pool, address = aws.cognito.UserPool("up"), aws.ec2.Eip("e")
registry, key = aws.ecr.Repository("re"), aws.kms.Key("ke")
secret = aws.secretsmanager.Secret("se")
version = aws.secretsmanager.SecretVersion("sv", secret_id=secret.id)
parameter = aws.ssm.Parameter("pa", type="String", value="x")
files, link = aws.efs.FileSystem("fs"), aws.ec2.VpcEndpoint("ve", vpc_id=vpc.id, service_name="s3")
search = aws.opensearch.Domain("se2")
site = aws.cloudfront.Distribution("cf", enabled=True, origins=[], default_cache_behavior={
    "allowed_methods": [], "cached_methods": [], "target_origin_id": "x", "viewer_protocol_policy": "https-only"},
    restrictions={"geo_restriction": {"restriction_type": "none"}}, viewer_certificate={})
stack = pulumi.StackReference("o/p/s")
gateway = aws.ec2.NatGateway("n", subnet_id="subnet-1")
mail = aws.ses.DomainIdentity("m", domain="example.com")
""".replace("ROLE", ROLE)
OUTPUTS = """
cluster.endpoint
cluster.certificate_authority.data
cluster.identities
cluster.vpc_config.cluster_security_group_id
database.endpoint
database.address
database.port
aurora.endpoint
aurora.reader_endpoint
table.stream_arn
table.arn
zone.name_servers
zone.zone_id
broker.bootstrap_brokers_tls
redis.primary_endpoint_address
certificate.domain_validation_options
certificate.arn
balancer.dns_name
balancer.zone_id
server.public_ip
server.private_ip
server.id
function.arn
function.invoke_arn
function.name
api.id
api.root_resource_id
http.api_endpoint
http.execution_arn
pool.endpoint
pool.arn
address.public_ip
registry.repository_url
key.arn
secret.arn
version.version_id
parameter.value
files.dns_name
link.dns_entries
link.network_interface_ids
search.endpoint
site.domain_name
stack.get_output("cidr")
gateway.public_ip
mail.verification_token
bucket.bucket_regional_domain_name
topic.arn
queue.url
vpc.default_security_group_id
vpc.id
other("random", "RandomInteger", "result")
other("random", "RandomUuid", "result")
other("tls", "PrivateKey", "publicKeyOpenssh")
other("command", "Command", "stdout")
other("awsx", "Vpc", "vpcId")
""".strip().splitlines()
RULE = "aws.vpc.SecurityGroupIngressRule('in-{n}', security_group_id='sg-1', ip_protocol='tcp', cidr_ipv4='0.0.0.0/0')"


def test_the_applies_of_common_outputs_run_or_are_named(run_program: Run) -> None:
    program = HEAD + OTHERS
    first = program.count("\n") + 1
    program += "".join(f"{one}.apply(lambda _: {RULE.format(n=n)})\n" for n, one in enumerate(OUTPUTS))
    graph = run_program(program, strict=False)
    ran = {resource.name for resource in graph}
    named = {str(one) for one in graph.unseen}
    line = "the function of apply at __main__.py:{} was not run"
    assert len(OUTPUTS) >= 50
    lost = [one for n, one in enumerate(OUTPUTS) if f"in-{n}" not in ran and line.format(first + n) not in named]
    assert lost == []
    assert not any(f"in-{n}" in ran and line.format(first + n) in named for n in range(len(OUTPUTS)))
    assert {len(OUTPUTS) - len(named), len(named)} - {0} == {len(OUTPUTS) - len(named), len(named)}


DATABASE = "db = aws.rds.Instance('db', instance_class='db.t3.micro')\n"
OPEN = RULE.format(n=0)
TOPIC = "aws.sns.Topic('inside')"


@pytest.mark.parametrize(
    ("program", "types"),
    [
        # The function declares something by itself, or by what it names
        (f"db.endpoint.apply(lambda e: {OPEN})", {"SecurityGroupIngressRule"}),
        (f"def inner(e):\n    return [{OPEN} for _ in e]\ndb.endpoint.apply(inner)", {"SecurityGroupIngressRule"}),
        (f"def outer():\n    {OPEN}\ndb.endpoint.apply(lambda e: outer())", {"SecurityGroupIngressRule"}),
        (f"def make(e, n):\n    {OPEN}\ndb.endpoint.apply(functools.partial(make, n=1))", {"SecurityGroupIngressRule"}),
        (f"made = {{'a': lambda: {OPEN}}}\ndb.endpoint.apply(lambda e: made['a']())", {"SecurityGroupIngressRule"}),
        (f"def at(e, make=lambda: {OPEN}):\n    make()\ndb.endpoint.apply(at)", {"SecurityGroupIngressRule"}),
        (f"db.endpoint.apply(lambda e: db.port.apply(lambda p: {OPEN}))", {"SecurityGroupIngressRule"}),
        (
            "def inside(e):\n    from pulumi_aws import vpc, ec2 as net\n    net.Eip('x')\n"
            "    vpc.SecurityGroupIngressRule('y', security_group_id='sg', ip_protocol='-1')\n"
            "db.endpoint.apply(inside)",
            {"SecurityGroupIngressRule", "Eip"},
        ),
        (
            "class Part(pulumi.ComponentResource):\n    def __init__(self):\n"
            "        super().__init__('a:b:Part', 'p')\n"
            f"        self.more()\n    def more(self):\n        {OPEN}\ndb.endpoint.apply(lambda e: Part())",
            {"SecurityGroupIngressRule"},
        ),
        (
            f"class Maker:\n    def make(self, e):\n        {OPEN}\nmaker = Maker()\ndb.endpoint.apply(maker.make)\n",
            {"SecurityGroupIngressRule"},
        ),
        (
            f"class Maker:\n    def make(self, e):\n        {OPEN}\nmaker = Maker()\n"
            "db.endpoint.apply(lambda e: maker.make(e))",
            {"SecurityGroupIngressRule"},
        ),
        (
            "class Own(aws.sns.Topic):\n    def __init__(self, name):\n        super().__init__(name)\n"
            f"        {OPEN}\ndb.endpoint.apply(lambda e: Own('x'))",
            {"SecurityGroupIngressRule", "Topic"},
        ),
        # Code that may do anything
        ("db.endpoint.apply(lambda e: getattr(aws.ec2, 'Eip')('x'))", None),
        ("db.endpoint.apply(lambda e: subprocess.run(['aws', e]))", None),
        ("db.endpoint.apply(lambda e: os.system(e))", None),
        ("db.endpoint.apply(lambda e: eval(e))", None),
        ("def far(e):\n    import some_package\n    some_package.open(e)\ndb.endpoint.apply(far)", None),
        (
            "def aws_call(e):\n    import boto3\n    boto3.client('ec2').authorize_x(e)\ndb.endpoint.apply(aws_call)",
            None,
        ),
        ("db.endpoint.apply(lambda e: pulumi.CustomResource('aws:ec2/eip:Eip', 'x'))", None),
        # Functions that only compute
        ("pulumi.export('x', db.endpoint.apply(lambda e: e.split(':')[0].upper()))", set()),
        ("pulumi.export('x', db.endpoint.apply(lambda e: json.dumps({'at': e, 'n': [int(e), str(e)]})))", set()),
        ("pulumi.export('x', pulumi.Output.concat('a', db.endpoint).apply(json.loads))", set()),
        ("pulumi.export('x', pulumi.Output.json_dumps({'a': db.endpoint}))", set()),
        ("import yaml\npulumi.export('x', db.endpoint.apply(lambda e: yaml.safe_dump({'a': e})))", set()),
        (
            "import base64\npulumi.export('x', db.endpoint.apply(lambda e: base64.b64encode(e.encode()).decode()))",
            set(),
        ),
        ("pulumi.export('x', db.endpoint.apply(lambda e: print(e)))", set()),
        (
            "import contextlib\n@contextlib.contextmanager\ndef inside():\n"
            f"    {OPEN}\n    yield\ndef at(e):\n    with inside():\n        pass\ndb.endpoint.apply(at)",
            {"SecurityGroupIngressRule"},
        ),
        (
            "import dataclasses\n@dataclasses.dataclass(frozen=True)\nclass At:\n    a: str\n    b: int = 1\n"
            "pulumi.export('x', db.endpoint.apply(lambda e: str(At(e))))",
            set(),
        ),
        ("pulumi.export('x', db.endpoint.apply(lambda e: pulumi.log.info(e)))", set()),
        ("b = aws.s3.Bucket('b')\npulumi.export('x', db.endpoint.apply(lambda e: (b.id, e)))", set()),
        ("pulumi.export('x', db.endpoint.apply(lambda e: aws.get_region().name + e))", set()),
        ("def read(e):\n    import boto3\n    boto3.client('ec2').describe_x(e)\ndb.endpoint.apply(read)", set()),
        # Functions that declare nothing that shapes traffic
        (f"db.endpoint.apply(lambda e: {TOPIC})", set()),
        ("db.endpoint.apply(lambda e: aws.ssm.Parameter('p', type='String', value=e))", set()),
        # Functions whose input is known
        (f"aws.s3.Bucket('b').arn.apply(lambda e: {OPEN})", set()),
    ],
)
def test_what_a_function_that_was_not_run_may_declare(run_program: Run, program: str, types: set[str] | None) -> None:
    graph = run_program(HEAD + DATABASE + program, strict=False)
    found = {None if one.types is None else kind for one in graph.unseen for kind in one.types or [""]}
    assert {kind and kind.rpartition(":")[2] for kind in found} == ({None} if types is None else types)
    assert all("__main__.py:" in one.code for one in graph.unseen)


def test_what_is_missing_without_an_effect_on_traffic_is_noted(run_program: Run) -> None:
    notes = run_program(HEAD + DATABASE + f"db.endpoint.apply(lambda e: {TOPIC})", strict=False).notes
    assert "the function of apply at __main__.py:5 was not run: Topic may be missing here" in notes


HOOK = """
def at(arguments):
    {body}
hook = pulumi.ResourceHook('opens', at)
aws.sns.Topic('t', opts=pulumi.ResourceOptions(hooks=pulumi.ResourceHookBinding(after_create=[hook])))
"""


@pytest.mark.parametrize(
    ("program", "named"),
    [
        (
            HOOK.format(body="import boto3; boto3.client('ec2').authorize_security_group_ingress()"),
            ["the hook opens at"],
        ),
        (HOOK.format(body="subprocess.run(['aws'])"), ["the hook opens at"]),
        (HOOK.format(body="print(arguments)"), []),
        (HOOK.format(body="import boto3; boto3.client('ec2').describe_instances()"), []),
        ("if not pulumi.runtime.is_dry_run():\n    pass", ["the code for deployments at __main__.py:4"]),
        ("from pulumi.runtime import is_dry_run\nis_dry_run()", ["the code for deployments at __main__.py:5"]),
        ("", []),
    ],
)
def test_hooks_and_branches_on_a_deployment_are_named(run_program: Run, program: str, named: list[str]) -> None:
    found = [one.code for one in run_program(HEAD + program).unseen]
    assert len(found) == len(named)
    assert all(code.startswith(start) for code, start in zip(found, named, strict=True))


def test_an_error_of_a_module_of_the_program_is_no_doubt(run_program: Run) -> None:
    program = f"import stops\n{HEAD}{HOOK.format(body='raise stops.StopError(arguments)')}"
    graph = run_program(program, stops="class StopError(Exception):\n    pass\n")
    assert graph.unseen == ()


NET = """
vpc = aws.ec2.Vpc('v', cidr_block='10.0.0.0/16')
gateway = aws.ec2.InternetGateway('g', vpc_id=vpc.id)
routes = aws.ec2.RouteTable('t', vpc_id=vpc.id, routes=[{'cidr_block': '0.0.0.0/0', 'gateway_id': gateway.id}])
subnet = aws.ec2.Subnet('s', vpc_id=vpc.id, cidr_block='10.0.0.0/24', map_public_ip_on_launch=True)
aws.ec2.RouteTableAssociation('a', subnet_id=subnet.id, route_table_id=routes.id)
group = aws.ec2.SecurityGroup('w', vpc_id=vpc.id)
aws.ec2.Instance('web', ami='a', instance_type='t3.micro', subnet_id=subnet.id, vpc_security_group_ids=[group.id])
db = aws.rds.Instance('db', instance_class='db.t3.micro')
config = pulumi.Config()
"""
IN = (
    "aws.vpc.SecurityGroupIngressRule('in', security_group_id=group.id, ip_protocol='tcp', from_port=22, to_port=22,"
    " cidr_ipv4={})"
)
ENCRYPTED = "config:\n  aws:region: eu-west-1\n  small:cidr: {secure: v1:a}\n"


LATER = f"""
async def later():
    if {{}}:
        {IN.format("'0.0.0.0/0'")}
pulumi.export('later', pulumi.Output.from_input(later()))
"""


def ways(graph: Graph) -> list[str]:
    return [str(path) for path in trace(AwsModel(graph)).paths if path.target == "web" and path.source == "internet"]


@pytest.mark.parametrize(
    ("program", "doubt"),
    [
        ("db.endpoint.apply(lambda _: " + IN.format("'0.0.0.0/0'") + ")", "__main__.py:14"),
        (
            "pulumi.StackReference('o/p/s').get_output('x').apply(lambda cidr: " + IN.format("cidr") + ")",
            "__main__.py:14",
        ),
        ("if not pulumi.runtime.is_dry_run():\n    " + IN.format("'0.0.0.0/0'"), "__main__.py:14"),
        (HOOK.format(body="subprocess.run(['aws'])"), "the hook opens"),
        ("config.require_secret('cidr').apply(lambda cidr: " + IN.format("cidr") + ")", "__main__.py:14"),
        (LATER.format("await db.endpoint.future()"), "awaits an output at __main__.py:"),
        (LATER.format("await db.endpoint.is_known()"), "awaits an output at __main__.py:"),
        (LATER.format("await db.endpoint.future()").replace("db.endpoint", "routes.id"), "open"),
        (
            "aws.iam.Role('r', assume_role_policy='{}', opts=pulumi.ResourceOptions("
            "hooks=pulumi.ResourceHookBinding(after_create=[lambda a: os.system('aws')])))",
            "at __main__.py:14",
        ),
        (
            IN.format("config.require_secret('cidr').apply(lambda c: '0.0.0.0/0' if c == 'x' else '10.0.0.0/8')"),
            "rules of w",
        ),
        (IN.format("config.require_secret('cidr')"), "not all rules of w are known"),
        (IN.format("aws.ec2.get_managed_prefix_list(name='x').entries[0].cidr"), "not all rules of w are known"),
        ("", ""),
        ("pulumi.export('x', db.endpoint.apply(lambda e: e.upper()))", ""),
        ("db.endpoint.apply(lambda _: aws.sns.Topic('t'))", ""),
    ],
)
def test_a_no_rests_on_no_code_that_was_not_run(run_program: Run, program: str, doubt: str) -> None:
    way = ways(run_program(HEAD + NET + program, strict=False, config=ENCRYPTED))[0]
    if doubt == "open":
        assert way == "internet → tcp 22 → web"
    elif doubt:
        assert ("cannot tell" in way, doubt in way) == (True, True)
    else:
        assert way.endswith("admit nobody from outside")


def test_neighbours_may_come_by_a_rule_that_was_not_seen(run_program: Run) -> None:
    program = f"db.endpoint.apply(lambda _: {IN.format(repr('10.0.0.0/16'))})"
    graph = run_program(HEAD + NET.replace(", map_public_ip_on_launch=True", "") + program, strict=False)
    assert "anything in the VPC → unknown rules → web" in "".join(map(str, trace(AwsModel(graph)).paths))


def test_the_headline_names_the_line(review_of: Review) -> None:
    rule = IN.format("'0.0.0.0/0'")
    said = from_outside(review_of(f"{NET}db.endpoint.apply(lambda _: {rule})"))
    assert "no path from outside is open" not in said
    assert "code that was not run may open others: the function of apply at __main__.py:13" in said
    assert (
        from_outside(review_of(f"{NET}db.endpoint.apply(lambda _: aws.sns.Topic('t'))"))
        == "no path from outside is open"
    )


def test_a_list_made_of_an_encrypted_one_is_unknown(run_program: Run) -> None:
    secret = "config.require_secret_object('cidr').apply(lambda all: [{'cidr_blocks': [one]} for one in all])"
    program = NET.replace("'w', vpc_id=vpc.id", f"'w', vpc_id=vpc.id, ingress={secret}")
    program = program.replace("config = pulumi.Config()\n", "").replace("\nvpc", "\nconfig = pulumi.Config()\nvpc", 1)
    assert "cannot tell" in "".join(ways(run_program(HEAD + program, config=ENCRYPTED)))


ROLE_OF_WEB = """
role = aws.iam.Role('role', assume_role_policy='{}')
profile = aws.iam.InstanceProfile('profile', role=role.name)
aws.ec2.Instance('run', ami='a', instance_type='t3.micro', subnet_id=subnet.id, iam_instance_profile=profile.name)
"""
ATTACHED = "aws.iam.RolePolicyAttachment('ssm', role=role.name, policy_arn='arn:aws:iam::aws:policy/X')"


@pytest.mark.parametrize(("program", "doubted"), [(ATTACHED, True), (TOPIC, False)])
def test_a_policy_that_may_be_declared_may_allow_sessions(run_program: Run, program: str, doubted: bool) -> None:
    graph = run_program(HEAD + NET + ROLE_OF_WEB + f"db.endpoint.apply(lambda _: {program})", strict=False)
    found = [str(path) for path in trace(AwsModel(graph)).paths if path.source == "people"]
    assert [("was not run" in line) for line in found] == [True] * doubted


@pytest.mark.parametrize(
    ("program", "unjudged"),
    [
        ("db.endpoint.apply(lambda _: " + IN.format("'0.0.0.0/0'") + ")", {"NET-02", "NET-03", "NET-04", "NET-05"}),
        ("db.endpoint.apply(lambda _: aws.s3.BucketPolicy('p', bucket='b', policy='{}'))", {"IAM-10"}),
        (f"db.endpoint.apply(lambda _: {TOPIC})", set()),
    ],
)
def test_no_rule_passes_on_what_it_did_not_see(run_program: Run, program: str, unjudged: set[str]) -> None:
    found = check(run_program(HEAD + NET + program, strict=False))
    named = {one.rule.id for one in found if "was not run: what it declares was not judged" in one.message}
    assert named >= unjudged
    assert bool(named) is bool(unjudged)
    assert all(one.status is Status.INCONCLUSIVE for one in found if one.rule.id in named)


def test_a_policy_that_may_be_declared_is_in_the_headline(review_of: Review) -> None:
    policy = "aws.s3.BucketPolicy('p', bucket='b', policy='{}')"
    said = from_outside(
        review_of(f"db = aws.rds.Instance('db', instance_class='c')\ndb.endpoint.apply(lambda _: {policy})")
    )
    assert "code that was not run may open others" in said


@pytest.mark.parametrize("key", ["cidr_blocks", "ingress"])
def test_an_encrypted_list_is_unknown(run_program: Run, key: str) -> None:
    secret = "config.require_secret_object('cidr')"
    program = {
        "cidr_blocks": "aws.ec2.SecurityGroupRule('r', type='ingress', security_group_id=group.id, protocol='tcp', "
        f"from_port=22, to_port=22, cidr_blocks={secret})",
        "ingress": f"other = aws.ec2.SecurityGroup('o', vpc_id=vpc.id, ingress={secret})\n"
        "aws.ec2.NetworkInterfaceSecurityGroupAttachment('x', security_group_id=other.id, "
        "network_interface_id=web.primary_network_interface_id)",
    }[key]
    graph = run_program(HEAD + NET.replace("aws.ec2.Instance(", "web = aws.ec2.Instance(") + program, config=ENCRYPTED)
    assert "cannot tell" in "".join(ways(graph))


def test_an_encrypted_port_or_flag_is_unknown(run_program: Run) -> None:
    rule = IN.format("'203.0.113.0/24'").replace("from_port=22", "from_port=config.require_secret_int('cidr')")
    assert "cannot tell" in "".join(ways(run_program(HEAD + NET + rule, config=ENCRYPTED)))
