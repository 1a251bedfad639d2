"""Code that an evaluation does not run is named with its line, if it may declare or change what shapes traffic."""

import pytest

from review.tests.fixtures import Run

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
    program += "".join(f"{output}.apply(lambda _: {RULE.format(n=n)})\n" for n, output in enumerate(OUTPUTS))
    graph = run_program(program, strict=False)
    ran = {resource.name for resource in graph}
    named = {str(unseen) for unseen in graph.unseen}
    line = "the function of apply at __main__.py:{} was not run"
    assert len(OUTPUTS) >= 50
    lost = [output for n, output in enumerate(OUTPUTS) if f"in-{n}" not in ran and line.format(first + n) not in named]
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
            f"class Maker:\n    def make(self, e):\n        {OPEN}\nmaker = Maker()\n"
            "def at(e):\n    by = maker\n    by.make(e)\ndb.endpoint.apply(at)",
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
        ("def inside(e):\n    from pulumi_aws import ec2\n    ec2.Eip('x')\ndb.endpoint.apply(inside)", {"Eip"}),
        ("net = aws.ec2\ndef inside(e):\n    by = net\n    by.Eip('x')\ndb.endpoint.apply(inside)", {"Eip"}),
        ("db.endpoint.apply(lambda e: os.popen(e))", None),
        ("def far(e):\n    from urllib import request\n    request.urlopen(e)\ndb.endpoint.apply(far)", None),
        ("import boto3\nec2 = boto3.client('ec2', 'eu-west-1')\ndb.endpoint.apply(lambda e: ec2.authorize_x(e))", None),
        ("import boto3\nsns = boto3.client('sns', 'eu-west-1')\ndb.endpoint.apply(sns.publish)", None),
        (
            "late = None\ndef far(e):\n    import boto3\n    (late or boto3.client('ec2')).open_x(e)\n"
            "db.endpoint.apply(far)",
            None,
        ),
        ("db.endpoint.apply(func=lambda e: eval(e))", None),
        (
            "class Far(dict):\n    def values(self):\n        raise ValueError\n"
            "far = Far()\ndb.endpoint.apply(lambda e: far)",
            None,
        ),
        (
            f"class N:\n    @functools.cached_property\n    def rule(self):\n        return {OPEN}\n"
            "db.endpoint.apply(lambda e: N().rule)",
            {"SecurityGroupIngressRule"},
        ),
        (f"@functools.singledispatch\ndef at(e):\n    {OPEN}\ndb.endpoint.apply(at)", {"SecurityGroupIngressRule"}),
        (
            f"class N:\n    makers = [lambda: {OPEN}]\n    def at(self, e):\n        self.makers[0]()\n"
            "db.endpoint.apply(N().at)",
            {"SecurityGroupIngressRule"},
        ),
        ("import pulumi.dynamic\ndb.endpoint.apply(lambda e: pulumi.dynamic.Resource(None, 'x', {}))", None),
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
        ("pulumi.export('x', db.endpoint.apply(lambda e: os.getenv('A', e)))", set()),
        (
            "def at(e):\n    import os\n    from os import path\n    return path.join(os.sep, e)\n"
            "db.endpoint.apply(at)",
            set(),
        ),
        (
            "import typing\nclass At(typing.NamedTuple):\n    a: str\n"
            "pulumi.export('x', db.endpoint.apply(lambda e: At(e).a))",
            set(),
        ),
        ("class F:\n    def of(self, v):\n        return [self.of(y) for y in v]\ndb.endpoint.apply(F().of)", set()),
        (
            "class Settings:\n    def __getattr__(self, name):\n        return pulumi.Config().require(name)\n"
            "settings = Settings()\npulumi.export('x', db.endpoint.apply(lambda e: f'{settings}{e}'))",
            set(),
        ),
        (
            "class Lazy:\n    def __getattr__(self, name):\n        raise ValueError(name)\n"
            "class Holder:\n    lazy = Lazy()\nholder = Holder()\ndb.endpoint.apply(lambda e: (holder.lazy, e))",
            set(),
        ),
        (
            "class Part(pulumi.ComponentResource):\n    def __init__(self):\n"
            f"        super().__init__('a:b:Part', 'p')\n        {OPEN}\n"
            "        db.endpoint.apply(lambda e: aws.sns.Topic(e, opts=pulumi.ResourceOptions(parent=self)))\n"
            "Part()",
            set(),
        ),
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
    found = {None if unseen.types is None else kind for unseen in graph.unseen for kind in unseen.types or [""]}
    assert {kind and kind.rpartition(":")[2] for kind in found} == ({None} if types is None else types)
    assert all("__main__.py:" in unseen.code for unseen in graph.unseen)


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
        (HOOK.format(body="import boto3; boto3.client('lambda').delete_function(FunctionName='f')"), []),
        ("if not pulumi.runtime.is_dry_run():\n    pass", ["the code for deployments at __main__.py:4"]),
        ("from pulumi.runtime import is_dry_run\nis_dry_run()", ["the code for deployments at __main__.py:5"]),
        ("", []),
    ],
)
def test_hooks_and_branches_on_a_deployment_are_named(run_program: Run, program: str, named: list[str]) -> None:
    codes = [unseen.code for unseen in run_program(HEAD + program).unseen]
    assert len(codes) == len(named)
    assert all(code.startswith(start) for code, start in zip(codes, named, strict=True))


def test_an_error_of_a_module_of_the_program_is_no_doubt(run_program: Run) -> None:
    program = f"import stops\n{HEAD}{HOOK.format(body='raise stops.StopError(arguments)')}"
    graph = run_program(program, stops="class StopError(Exception):\n    pass\n")
    assert graph.unseen == ()
