"""Cases of documents that AWS reads, and of secrets in plain text. The secrets are made up."""

import base64
from typing import Final

from review.graph import Secret
from review.tests.helpers.graph_builder import Json
from review.tests.helpers.steps import each, export, machine, resource, role, set_config
from review.tests.rules.case import Case, fails, sound
from review.tests.rules.programs import api_document, document, files, trust_document

HOOK = "correct horse battery staple"

# fmt: off
CASES: Final[dict[str, list[Case]]] = {
    "DOC-01": [
        fails("policy", "at Statement[0].Effect: 'allow' is not one of ['Allow', 'Deny']", document(statements=[{"Effect": "allow"}])),
        fails("policy", "at Statement[1].Action: 's3.GetObject' is not an action, such as s3:GetObject", document(statements=[{}, {"Action": "s3.GetObject"}])),
        fails("policy", "at Statement[0].Resource[1]: 'images' is not an ARN, or *", document(statements=[{"Resource": ["*", "images"]}])),
        fails("policy", "'Resource' is a required property", document(statements=[{"Resource": None}])),
        fails("policy", "'Ressource' is not one of", document(statements=[{"Ressource": "*"}])),
        fails("policy", "Principal: it is for an identity's policy, which names no principal", document(statements=[{"Principal": "*"}])),
        fails("policy", "'StringEqual' is not an operator of conditions", document(statements=[{"Condition": {"StringEqual": {"aws:SourceVpc": "vpc-1"}}}])),
        fails("policy", "at Version: '2012-10-18' is not one of", document(Version="2012-10-18")),
        fails("policy", "the Sid 'Read' is there twice", document(statements=[{"Sid": "Read"}, {"Sid": "Read"}])),
        fails("policy", "it holds '→'", document(statements=[{"Condition": {"StringEquals": {"aws:PrincipalTag/team": "a→b"}}}])),
        fails("role", "Action: 's3:GetObject' is not an action of STS", trust_document(Action="s3:GetObject")),
        fails("role", "NotPrincipal", trust_document(Resource="*", NotPrincipal="*")),
        fails("role", "Resource: it is for a trust policy", trust_document(Resource="*", NotPrincipal="*")),
        fails("role", "'arn:aws:iam::123456789012:role/*' is not an account, the ARN of an identity", trust_document(Principal={"AWS": "arn:aws:iam::123456789012:role/*"})),
        fails("endpoint", "'Principal' is a required property", resource("ec2/vpcEndpoint", "endpoint",
            policy=Json({"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}))),
        # a * that ends a part reaches over the colons after it
        sound(document(statements=[{"Resource": ["arn:aws:dynamodb:*", "arn:aws:logs:*:*", "arn:aws:s3:::images"]}])),
        sound(document(statements=[{}, {"Action": None, "NotAction": ["iam:*"], "Resource": "*", "Sid": "All"}])),
        sound(document(statements=[{"Condition": {"ForAnyValue:StringLikeIfExists": {"aws:PrincipalOrgPaths": ["o-1/*"]}}}])),
        sound(role("role", inlinePolicies=[{"name": "none"}])),
        sound(resource("s3/bucketPolicy", "bucket", policy=Json({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]}))),
    ],
    "DOC-03": [
        fails("api", "'proxy' is not aws, aws_proxy, http, http_proxy or mock", api_document(integration={"type": "proxy"})),
        fails("api", "'uri' is a required property", api_document(integration={"uri": None})),
        fails("api", "'connectionId' is a required property", api_document(integration={"connectionType": "VPC_LINK"})),
        fails("api", "'get' is not one of", api_document(integration={"httpMethod": "get"})),
        fails("api", "timeoutInMillis: 600000 is greater than the maximum of 300000", api_document(integration={"timeoutInMillis": 600000})),
        fails("api", "'http' is not a proxy, and no other integration streams", api_document(integration={"type": "http", "responseTransferMode": "STREAM"})),
        fails("api", "'request.path.id' is not method.request.", api_document(integration={"requestParameters": {"integration.request.path.id": "request.path.id"}})),
        fails("api", "GET /orders/{id} maps the path parameter 'order', which it does not declare",
            api_document(integration={"requestParameters": {"integration.request.path.id": "method.request.path.order"}})),
        fails("api", "requires 'iam', which is no security scheme", api_document(operation={"security": [{"iam": []}]})),
        fails("api", "names the request validator 'body', which is not defined", api_document(operation={"x-amazon-apigateway-request-validator": "body"})),
        fails("api", "'/orders/{id}/{rest+}/more' is not a path whose variables are whole parts", api_document(paths={"/orders/{id}/{rest+}/more": {}})),
        fails("api", "'GET' is not a method in small letters", api_document(paths={"/orders": {"GET": {}}})),
        fails("api", "at x-amazon-apigateway-policy.Statement[0]: 'Principal' is a required property",
            api_document(**{"x-amazon-apigateway-policy": {"Statement": [{"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}]}})),
        fails("api", "'TEAPOT' is not one of", api_document(**{"x-amazon-apigateway-gateway-responses": {"TEAPOT": {}}})),
        fails("api", "'providerARNs' is a required property", api_document(components={"securitySchemes": {"people": {"type": "apiKey",
            "name": "Authorization", "in": "header", "x-amazon-apigateway-authorizer": {"type": "cognito_user_pools"}}}})),
        fails("api", "neither JSON nor YAML", resource("apigateway/restApi", "api", body="openapi 3")),
        fails("api", "API Gateway imports 6,000,000", api_document(info={"title": "a" * 6000000})),
        *(sound(api_document(**it)) for it in each({},
            {"integration": {"requestParameters": {"integration.request.path.id": "method.request.path.id"}}},
            {"integration": {"responseTransferMode": "STREAM", "timeoutInMillis": 900000}})),
    ],
    "SEC-01": [
        fails("function", "WEBHOOK_SECRET", resource("lambda/function", "function", environment={"variables": {"WEBHOOK_SECRET": HOOK}})),
        fails("function", "db_password", resource("lambda/function", "function", environment={"variables": {"db_password": "hunter2", "LOG_LEVEL": "INFO"}})),
        # where it is, not what it is
        sound(resource("lambda/function", "function", environment={"variables": {"WEBHOOK_SECRET": Secret(HOOK),
            "DB_PASSWORD_ARN": "arn:aws:secretsmanager:eu-west-1:1:secret:x", "API_TOKEN": "/app/token", "TOKEN_URL": "https://issuer.example.com/token"}}),
            also=["SEC-05", "SEC-07"]),
    ],
    "SEC-02": [
        fails("task", "API_KEY", resource("ecs/taskDefinition", "task", family="task",
            containerDefinitions=Json([{"name": "web", "environment": [{"name": "API_KEY", "value": "0123456789"}]}]))),
        sound(resource("ecs/taskDefinition", "task", family="task", containerDefinitions=Json([{"name": "web",
            "secrets": [{"name": "API_KEY", "valueFrom": "arn:aws:ssm:eu-west-1:1:parameter/key"}]}]))),
    ],
    "SEC-03": [
        *(fails("server", "an AWS access key", machine("server", userData=f"#!/bin/bash\nexport AWS_ACCESS_KEY_ID=AKIA{it}\n")) for it in each("IOSFODNN7EXAMPLE")),
        fails("server", "carries a secret", set_config({"small:hook": Secret(HOOK)}), machine("server", userData=f"#!/bin/bash\nHOOK='{HOOK}'\n")),
        fails("server", "a private key", machine("server", userDataBase64=base64.encodebytes(b"cat > key <<EOF\n-----BEGIN OPENSSH PRIVATE KEY-----\nEOF\n").decode())),
        *(fails("server", "in its user data", machine("server", userData=f"#!/bin/bash\n{it}\n")) for it in each("mysql --user=app --password=hunter22",
            "DB_PASSWORD='hunter22' ./start", "export API_KEY=abcd1234", 'echo "admin:hunter22" | chpasswd', "htpasswd --password hunter22",
            'echo \'{"user": "app", "DB_PASSWORD": "hunter22"}\' >config.json', "chpasswd <<< 'root:hunter22'")),
        fails("server", "the value of password", machine("server", userData="#cloud-config\nchpasswd: {expire: false}\nusers:\n  - password: hunter22\n")),
        sound(machine("server",
            userData='#!/bin/bash\nTOKEN=$(curl -X PUT -H "X-aws-ec2-metadata-token-ttl-seconds: 300" http://169.254.169.254/latest/api/token)\ncurl -H "X-aws-ec2-metadata-token: $TOKEN" http://169.254.169.254/latest/meta-data/\nDB_PASSWORD=$(aws secretsmanager get-secret-value --secret-id app/password --query SecretString)\nAPI_KEY="${API_KEY:-}"\nPASSWORD=arn:aws:secretsmanager:eu-west-1:123456789012:secret:app\necho \'{"PASSWORD": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app", "TOKEN": ""}\'\necho "$user:$password" | chpasswd\nPasswordAuthentication: no\n')),
        sound(set_config({"small:hook": Secret(HOOK)}), machine("server", userData="#!/bin/bash\naws secretsmanager get-secret-value --secret-id hook\n")),
    ],
    "SEC-05": [
        # SEC-03 says it
        sound(set_config({"small:hook": Secret(HOOK)}), machine("server", userData=f"#!/bin/bash\nHOOK='{HOOK}'\n")),
        fails("parameter", "in plain in description", set_config({"small:hook": Secret({"webhook": HOOK})}),
            resource("ssm/parameter", "parameter", type="String", value="x", description=f"signed with {HOOK}")),
        # a plain parameter makes no secret of the config less of one
        fails("-", "the output shown", set_config({"small:hook": Secret(HOOK)}), resource("ssm/parameter", "parameter", type="String", value=Secret(HOOK)),
            export({"shown": HOOK})),
        fails("function", "in plain in code", set_config({"small:hook": Secret(HOOK)}), resource("lambda/function", "function", code=files({"handler.py": f"SECRET = '{HOOK}'"}))),
        fails("-", "the output curl", resource("ssm/parameter", "parameter", type="SecureString", value=Secret(HOOK)), export({"curl": f"curl -H 'x-signature: {HOOK}'"})),
        # at any depth
        fails("-", "the output shown shows a secret", set_config({"small:section": {"list": [{"name": "plain-name-1", "key": Secret("correct horse")}]}}),
            export({"shown": "it is correct horse", "name": "plain-name-1"})),
        # a section that is encrypted as a whole
        fails("-", "the output shown shows a secret", set_config({"small:section": Secret({"host": "db.internal.example.com"})}), export({"shown": "db.internal.example.com"})),
        sound(set_config({"small:section": {"list": [{"name": "plain-name-1", "key": Secret("correct horse")}]}}), export({"name": "plain-name-1"})),
        sound(resource("ssm/parameter", "password", name="/app/db-password", type="SecureString", value=Secret(HOOK)),
            resource("ssm/parameter", "host", name="/app/db-host", type="String", value=Secret("db.example.com")),
            resource("route53/record", "record", name="db.example.com", type="A", records=["10.0.0.7"])),
        # the provider marks the whole mapping for the key in it
        sound(resource("command:remote:Command", "install", connection=Secret({"host": "server.example.com", "user": "ec2-user", "privateKey": HOOK}),
            create="./install"), resource("route53/record", "record", name="server.example.com", type="A", records=["10.0.0.7"])),
    ],
    "SEC-06": [
        fails("-", "adminPassword", export({"adminPassword": "hunter2"})),
        fails("-", "the output database.dbPass is", export({"database": {"host": "db", "dbPass": "hunter2"}})),
        *(fails("-", "the output url is", export({"url": it})) for it in each("postgres://app:hunter22@db/x", "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")),
        sound(export({"adminPassword": Secret(HOOK), "apiKeyIds": ["abc"], "secretArn": "arn:aws:secretsmanager:::x"}), also=["SEC-05"]),
    ],
    "SEC-07": [
        fails("rule", "a password in a URL", resource("cloudwatch/eventRule", "rule", description="posts to https://robot:s3cr3t@hooks.example.com")),
        fails("function", "a GitHub token", resource("lambda/function", "function", environment={"variables": {"CLONE": "ghp_" + "a1" * 18}})),
        # else it would be searched from each dash, for minutes
        sound(resource("cloudwatch/eventRule", "rule", description="a-" * 100000 + "//a:b")),
    ],
    "SEC-08": [
        fails("-", "gatehouse:api.webhookSecret", set_config({"gatehouse:api": {"kind": "rest", "webhookSecret": HOOK}})),
        fails("-", "small:hosts[0].url", set_config({"small:hosts": [{"url": "https://robot:s3cr3t@hooks.example.com"}]})),
        fails("-", "gatehouse:backend.environment.AWS_SECRET_ACCESS_KEY", set_config({"gatehouse:backend": {"environment": {"AWS_SECRET_ACCESS_KEY": HOOK}}})),
        sound(set_config({"gatehouse:api": Secret({"webhookSecret": HOOK}), "gatehouse:proxy": {"webhookSecretArn": "arn:aws:secretsmanager:::x", "keyRequired": True}})),
    ],
}
