"""Secrets, logs, and what a destroy takes with it. The secrets here are made up."""

from typing import Any

from review.graph import Asset, Secret
from review.tests.front_parts import route
from review.tests.graph_builder import Builder, Json
from review.tests.parts import http, machine, proxy_stack
from review.tests.rules.cases import fault, quiet

HOOK = "correct horse battery staple"
ACCESS_KEY = "AKIA" + "IOSFODNN7EXAMPLE"


def function(build: Builder, **variables: Any) -> None:
    build("lambda/function:Function", "function", environment={"variables": variables})


fault("SEC-01", at="function", message="WEBHOOK_SECRET")(lambda build: function(build, WEBHOOK_SECRET=HOOK))
fault("SEC-01", at="function", message="db_password")(
    lambda build: function(build, db_password="hunter2", LOG_LEVEL="INFO")
)


@quiet("SEC-01", "SEC-05", "SEC-07")
def _(build: Builder) -> None:
    function(
        build,
        WEBHOOK_SECRET=Secret(HOOK),
        DB_PASSWORD_ARN="arn:aws:secretsmanager:eu-west-1:1:secret:x",
        API_TOKEN="/app/token",  # where it is, not what it is
        TOKEN_URL="https://issuer.example.com/token",
    )


def container(build: Builder, **entry: Any) -> None:
    containers = Json([{"name": "web", **entry}])
    build("ecs/taskDefinition:TaskDefinition", "task", family="task", containerDefinitions=containers)


fault("SEC-02", at="task", message="API_KEY")(
    lambda build: container(build, environment=[{"name": "API_KEY", "value": "0123456789"}])
)
quiet("SEC-02")(
    lambda build: container(build, secrets=[{"name": "API_KEY", "valueFrom": "arn:aws:ssm:eu-west-1:1:parameter/key"}])
)
fault("SEC-03", at="server", message="an AWS access key")(
    lambda build: machine(build, "server", userData=f"#!/bin/bash\nexport AWS_ACCESS_KEY_ID={ACCESS_KEY}\n")
)


@fault("SEC-03", at="server", message="carries a secret")
def _(build: Builder) -> None:
    build.config["small:hook"] = Secret(HOOK)
    machine(build, "server", userData=f"#!/bin/bash\nHOOK='{HOOK}'\n")


@fault("SEC-03", at="server", message="a private key")
def _(build: Builder) -> None:
    import base64

    script = "cat > key <<EOF\n-----BEGIN OPENSSH PRIVATE KEY-----\nEOF\n"
    machine(build, "server", userDataBase64=base64.encodebytes(script.encode()).decode())


for _line in (
    "mysql --user=app --password=hunter22",
    "DB_PASSWORD='hunter22' ./start",
    "export API_KEY=abcd1234",
    'echo "admin:hunter22" | chpasswd',
    "htpasswd --password hunter22",
    """echo '{"user": "app", "DB_PASSWORD": "hunter22"}' >config.json""",
    "chpasswd <<< 'root:hunter22'",
):

    @fault("SEC-03", at="server", message="in its user data")
    def _(build: Builder, line: str = _line) -> None:
        machine(build, "server", userData=f"#!/bin/bash\n{line}\n")


fault("SEC-03", at="server", message="the value of password")(
    lambda build: machine(
        build, "server", userData="#cloud-config\nchpasswd: {expire: false}\nusers:\n  - password: hunter22\n"
    )
)


@quiet("SEC-03")
def _(build: Builder) -> None:
    script = """#!/bin/bash
TOKEN=$(curl -X PUT -H "X-aws-ec2-metadata-token-ttl-seconds: 300" http://169.254.169.254/latest/api/token)
curl -H "X-aws-ec2-metadata-token: $TOKEN" http://169.254.169.254/latest/meta-data/
DB_PASSWORD=$(aws secretsmanager get-secret-value --secret-id app/password --query SecretString)
API_KEY="${API_KEY:-}"
PASSWORD=arn:aws:secretsmanager:eu-west-1:123456789012:secret:app
echo '{"PASSWORD": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app", "TOKEN": ""}'
echo "$user:$password" | chpasswd
PasswordAuthentication: no
"""
    machine(build, "server", userData=script)


@quiet("SEC-03")
def _(build: Builder) -> None:
    build.config["small:hook"] = Secret(HOOK)
    machine(build, "server", userData="#!/bin/bash\naws secretsmanager get-secret-value --secret-id hook\n")


@quiet("SEC-05")
def _(build: Builder) -> None:
    build("ssm/parameter:Parameter", "password", name="/app/db-password", type="SecureString", value=Secret(HOOK))
    build("ssm/parameter:Parameter", "host", name="/app/db-host", type="String", value=Secret("db.example.com"))
    build("route53/record:Record", "record", name="db.example.com", type="A", records=["10.0.0.7"])


@quiet("SEC-05")
def _(build: Builder) -> None:
    # The provider marks the whole mapping for the sake of the key in it.
    connection = Secret({"host": "server.example.com", "user": "ec2-user", "privateKey": HOOK})
    build("command:remote:Command", "install", connection=connection, create="./install")
    build("route53/record:Record", "record", name="server.example.com", type="A", records=["10.0.0.7"])


@fault("SEC-05", at="parameter", message="in plain in description")
def _(build: Builder) -> None:
    build.config["small:hook"] = Secret({"webhook": HOOK})
    build("ssm/parameter:Parameter", "parameter", type="String", value="x", description=f"signed with {HOOK}")


@fault("SEC-05", at="-", message="the output shown")
def _(build: Builder) -> None:
    # A plain parameter with the same value makes no secret of the config less of one.
    build.config["small:hook"] = Secret(HOOK)
    build("ssm/parameter:Parameter", "parameter", type="String", value=Secret(HOOK))
    build.exports["shown"] = HOOK


@fault("SEC-05", at="function", message="in plain in code")
def _(build: Builder) -> None:
    build.config["small:hook"] = Secret(HOOK)
    handler = Asset(text=f"SECRET = {HOOK!r}")
    build("lambda/function:Function", "function", code=Asset(members={"handler.py": handler}, archive=True))


@fault("SEC-05", at="-", message="the output curl")
def _(build: Builder) -> None:
    build("ssm/parameter:Parameter", "parameter", type="SecureString", value=Secret(HOOK))
    build.exports["curl"] = f"curl -H 'x-signature: {HOOK}'"


@fault("SEC-06", at="-", message="adminPassword")
def _(build: Builder) -> None:
    build.exports["adminPassword"] = "hunter2"


@quiet("SEC-06", "SEC-05")
def _(build: Builder) -> None:
    build.exports |= {"adminPassword": Secret(HOOK), "apiKeyIds": ["abc"], "secretArn": "arn:aws:secretsmanager:::x"}


fault("SEC-07", at="rule", message="a password in a URL")(
    lambda build: build(
        "cloudwatch/eventRule:EventRule", "rule", description="posts to https://robot:s3cr3t@hooks.example.com"
    )
)
quiet("SEC-07")(
    # Else a text of this length would be searched from each dash, for minutes.
    lambda build: build("cloudwatch/eventRule:EventRule", "rule", description="a-" * 100_000 + "//a:b")
)
fault("SEC-07", at="function", message="a GitHub token")(lambda build: function(build, CLONE="ghp_" + "a1" * 18))


@fault("SEC-08", at="-", message="gatehouse:api.webhookSecret")
def _(build: Builder) -> None:
    build.config["gatehouse:api"] = {"kind": "rest", "webhookSecret": HOOK}


@fault("SEC-08", at="-", message="small:hosts[0].url")
def _(build: Builder) -> None:
    build.config["small:hosts"] = [{"url": "https://robot:s3cr3t@hooks.example.com"}]


@fault("SEC-08", at="-", message="gatehouse:backend.environment.AWS_SECRET_ACCESS_KEY")
def _(build: Builder) -> None:
    build.config["gatehouse:backend"] = {"environment": {"AWS_SECRET_ACCESS_KEY": HOOK}}


@quiet("SEC-08")
def _(build: Builder) -> None:
    build.config |= {
        "gatehouse:api": Secret({"webhookSecret": HOOK}),
        "gatehouse:proxy": {"webhookSecretArn": "arn:aws:secretsmanager:::x", "keyRequired": True},
    }


fault("LOG-01", at="logs")(lambda build: build("cloudwatch/logGroup:LogGroup", "logs"))
quiet("LOG-01")(lambda build: build("cloudwatch/logGroup:LogGroup", "logs", retentionInDays=7))


def unlimited(build: Builder, **inputs: Any) -> None:
    """An HTTP API without a throttle, and the function that answers it."""
    gate = http(build, defaultRouteSettings=None)
    function = build("lambda/function:Function", "greeter", **inputs)
    proxy: dict[str, Any] = {"integrationType": "AWS_PROXY", "integrationUri": function.invokeArn}
    to = build("apigatewayv2/integration:Integration", "to", apiId=gate.api.id, **proxy)
    route(build, gate.api, to, authorizationType="NONE")
    caller = {"principal": "apigateway.amazonaws.com", "sourceArn": gate.api.executionArn + "/*/*"}
    build("lambda/permission:Permission", "calls", action="lambda:InvokeFunction", function=function.name, **caller)


fault("COST-02", at="greeter")(unlimited)
quiet("COST-02")(lambda build: unlimited(build, reservedConcurrentExecutions=5))


@quiet("COST-02")
def _(build: Builder) -> None:
    """A throttled route bounds how often its function runs at once."""
    proxy_stack(build)
