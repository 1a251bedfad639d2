"""Cases of what must be there before a backend starts, of what fits together, and of what keeps calls alive."""

from typing import Final

from review.graph import UNKNOWN, Asset, Options
from review.tests.helpers.stack_parts import allowing
from review.tests.helpers.steps import (
    backend,
    change,
    each,
    edge,
    endpoint,
    http,
    http_route,
    machine,
    network,
    output,
    profile,
    proxy_stack,
    resource,
    role,
)
from review.tests.rules.case import Case, cannot_tell, fails, sound
from review.tests.rules.programs import (
    bucket_endpoint,
    folder,
    packaged,
    schedule,
    secret_of_container,
    service,
    task,
    unlimited,
    with_role,
)

DNF = "#!/bin/bash\ndnf install -y docker\n"
PACKAGES = "al2023-repos-eu-west-1-de612dc2"
PULLS = '#!/bin/bash\nIMAGE=123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:1\ndocker pull "$IMAGE"\n'
ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:1"
LOADS = "#!/bin/bash\naws s3 cp s3://images/app.tar.gz - | docker load\n"
LOGS = "#!/bin/bash\nLOG_GROUP=backend-log-1\n"
DRIVES = "#!/bin/bash\ndocker run --log-driver awslogs --log-opt awslogs-group=backend-log-1 backend\n"
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:login-AbCdEf"
PARAMETER = "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/host"
BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
ARM = {"cpuArchitecture": "ARM64"}
PLAIN = {"domainName": "www.example.com"}
WIDE = {"domainName": "example.com", "subjectAlternativeNames": ["*.example.com"]}

# fmt: off
CASES: Final[dict[str, list[Case]]] = {
    "BOOT-01": [
        fails("backend", "no endpoint for S3", network(egress="none"), backend(userData=DNF)),
        fails("backend", "does not admit the bucket al2023-repos-eu-west-1-de612dc2", network(egress="none"), bucket_endpoint(bucket="my-data"), backend(userData=DNF)),
        fails("backend", "its mirrors are on the internet", network(egress="none"), bucket_endpoint(bucket=PACKAGES),
            backend(userData="#!/bin/bash\napt-get -y install docker.io\n")),
        sound(network(egress="none"), bucket_endpoint(bucket=PACKAGES), backend(userData=DNF)),
        sound(network(), backend(userData='#!/bin/bash\ndnf install -y docker\nIMAGE=docker.io/library/nginx:1\ndocker pull "$IMAGE"\n'), also=["BOOT-02"]),
    ],
    "BOOT-02": [
        fails("backend", "no endpoint for ecr.api and ecr.dkr", network(egress="none"), backend(userData=PULLS)),
        fails("backend", "the registry is on the internet", network(egress="none"), backend(userData="#!/bin/bash\ndocker pull traefik/whoami:v1\n")),
        fails("service", "cannot fetch", network(egress="none"), service()),
        sound(network(egress="none"), bucket_endpoint(bucket="prod-eu-west-1-starport-layer-bucket"), backend(userData=PULLS), endpoint("ecr.api"),
            endpoint("ecr.dkr"), edge("one", of="backend-group", to="ecr.api-group", port=443), edge("two", of="backend-group", to="ecr.dkr-group", port=443)),
        # aws/amazon-vpc-cni-k8s#924; AmazonECR/latest/userguide/vpc-endpoints: no requests to another region
        fails("service", "the endpoints of eu-west-1 do not lead to 111122223333.dkr.ecr.us-east-1", network(egress="none"),
            bucket_endpoint(bucket="prod-eu-west-1-starport-layer-bucket"), service(image="111122223333.dkr.ecr.us-east-1.amazonaws.com/app:1"),
            endpoint("ecr.api"), endpoint("ecr.dkr")),
    ],
    # ECS resolves a tag once for each deployment: aws/containers-roadmap#2393
    "BOOT-10": [
        fails("service", "runs nginx, of which each deployment", network(), service(image="nginx")),
        fails("service", "runs registry.example.com:5000/app, of which", network(), service(image="registry.example.com:5000/app")),
        fails("service", "runs nginx:latest, of which", network(), service(image="nginx:latest")),
        fails("backend", "runs traefik/whoami, of which each new instance", network(), backend(userData="#!/bin/bash\ndocker pull traefik/whoami\n")),
        cannot_tell("service", "containers of task", network(), service(image=UNKNOWN)),
        *(sound(network(), service(image=it)) for it in each("nginx:1.29", "registry.example.com:5000/app:1",
            "nginx@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", ECR)),
        # a tarball has no tag
        sound(network(), backend(userData=LOADS)),
    ],
    "BOOT-11": [
        cannot_tell("backend", "the boot script of backend", network(), backend(userData=UNKNOWN)),
        *(fails("backend", "cannot reach logs: ", network(egress="none"), profile(policy="arn:aws:iam::123456789012:policy/logs"),
            backend(userData=it, iamInstanceProfile=output("profile.name"))) for it in each(LOGS, DRIVES)),
        fails("backend", "no role lets it", network(), backend(userData=LOGS)),
        sound(network(), role("role"), resource("iam/rolePolicy", "writes", role=output("role.name"),
            policy=allowing("logs:CreateLogStream", "logs:PutLogEvents", resource="*")), resource("iam/instanceProfile", "own", role=output("role.name")),
            backend(userData=LOGS, iamInstanceProfile=output("own.name"))),
        sound(network(egress="none"), backend(userData=LOGS, iamInstanceProfile="made-elsewhere"), endpoint("logs"), edge("one", of="backend-group", to="logs-group", port=443)),
        sound(network(egress="none"), backend(userData="#!/bin/bash\nLOG_GROUP=''\n")),
    ],
    "BOOT-03": [
        fails("backend", "does not admit the bucket images", network(egress="none"), bucket_endpoint(bucket=PACKAGES), backend(userData=LOADS)),
        sound(network(egress="none"), bucket_endpoint(bucket="images"), backend(userData=LOADS)),
    ],
    "BOOT-04": [
        fails("backend", "no endpoint for ssm and ssmmessages", network(egress="none"), profile(), backend(iamInstanceProfile=output("profile.name"))),
        sound(network(egress="none"), backend(iamInstanceProfile="made-elsewhere")),
        sound(network(), profile(), backend(iamInstanceProfile=output("profile.name"))),
        sound(network(egress="none"), profile(), backend(iamInstanceProfile=output("profile.name")), endpoint("ssm"), endpoint("ssmmessages"),
            edge("one", of="backend-group", to="ssm-group", port=443), edge("two", of="backend-group", to="ssmmessages-group", port=443)),
    ],
    "BOOT-05": [
        fails("service", "cannot reach logs", network(egress="none"), service()),
        fails("service", "cannot reach secretsmanager", network(egress="none"), endpoint("logs"),
            service(secrets=[{"name": "K", "valueFrom": "arn:aws:secretsmanager:eu-west-1:1:secret:k"}])),
        sound(network(), service()),
        sound(network(egress="none"), endpoint("logs"), service()),
    ],
    "BOOT-06": [
        fails("backend", "no role lets it", network(), backend(userData=PULLS)),
        fails("task", "no role lets it", network(), service()),
        sound(network(), role("role"), resource("iam/rolePolicy", "pulls", role=output("role.name"),
            policy=allowing("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", resource="arn:aws:ecr:eu-west-1:123456789012:repository/app")),
            resource("iam/instanceProfile", "own", role=output("role.name")), backend(userData=PULLS, iamInstanceProfile=output("own.name"))),
        sound(network(), profile(policy="arn:aws:iam::123456789012:policy/pulls"), backend(userData=PULLS, iamInstanceProfile=output("profile.name"))),
        # which may name a profile
        sound(network(), backend(userData=PULLS, launchTemplate={"id": "lt-of-another-stack"})),
    ],
    "BOOT-07": [
        fails("task", "secret:login-AbCdEf, and starts does not allow secretsmanager:GetSecretValue for it", secret_of_container(source=f"{SECRET}:password::")),
        fails("task", "secret:login-AbCdEf, and starts does not allow secretsmanager:GetSecretValue for it", secret_of_container(source=SECRET, allowed=f"{SECRET}-other")),
        fails("task", "parameter/shop/host, and starts does not allow ssm:GetParameters for it", secret_of_container(source="/shop/host", allowed=SECRET)),
        *(sound(secret_of_container(**it)) for it in each({"source": f"{SECRET}:password::", "allowed": SECRET}, {"source": SECRET, "allowed": "*"},
            {"source": "/shop/host", "allowed": PARAMETER, "action": "ssm:GetParameters"})),
    ],
    "BOOT-08": [
        fails("nightly", "nightly invokes charge, and runs does not allow it",
            schedule(policy=allowing("lambda:InvokeFunction", resource="arn:aws:lambda:eu-west-1:123456789012:function:ledger"))),
        sound(schedule(policy=allowing("lambda:InvokeFunction"))),
        cannot_tell("nightly", "", schedule(policy=UNKNOWN)),
    ],
    "BOOT-09": [
        fails("checkout", "runs does not trust ecs-tasks.amazonaws.com, which takes it for checkout", role("runs", service="ecs"),
            resource("ecs/taskDefinition", "checkout", taskRoleArn=output("runs.arn"))),
        sound(role("runs", service="ecs-tasks"), resource("ecs/taskDefinition", "checkout", taskRoleArn=output("runs.arn"))),
    ],
    "FIT-10": [
        fails("listener", "is of us-east-1", resource("lb/listener", "listener", certificateArn="arn:aws:acm:us-east-1:123456789012:certificate/a")),
        fails("private", "is of us-east-1", resource("apigateway/domainName", "private", domainName="b.example.com",
            certificateArn="arn:aws:acm:us-east-1:123456789012:certificate/c", endpointConfiguration={"types": "PRIVATE"})),
        sound(resource("lb/listener", "listener", certificateArn="arn:aws:acm:eu-west-1:123456789012:certificate/a")),
        sound(resource("apigateway/domainName", "edge", domainName="a.example.com", certificateArn="arn:aws:acm:us-east-1:123456789012:certificate/b")),
        sound(resource("apigateway/domainName", "private", domainName="b.example.com", certificateArn="arn:aws:acm:eu-west-1:123456789012:certificate/c",
            endpointConfiguration={"types": "PRIVATE"})),
    ],
    "FIT-13": [
        fails("old", "python3.8", resource("lambda/function", "old", runtime="python3.8")),
        fails("new", "python3.19, which Lambda does not have", resource("lambda/function", "new", runtime="python3.19")),
        sound(resource("lambda/function", "new", runtime="python3.13"), resource("lambda/function", "image", packageType="Image")),
    ],
    "FIT-16": [
        fails("function", "role does not let function write its log", with_role(service="lambda.amazonaws.com", actions=["s3:GetObject"]), packaged()),
        fails("function", "", with_role(service="lambda.amazonaws.com", attached="arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess"), packaged()),
        *(sound(with_role(**it), packaged()) for it in each({"service": "lambda.amazonaws.com", "actions": ["logs:CreateLogStream", "logs:PutLogEvents"]},
            {"service": "lambda.amazonaws.com", "attached": BASIC}, {"service": "lambda.amazonaws.com", "attached": "arn:aws:iam::123456789012:policy/own"})),
        cannot_tell("function", "", with_role(service="lambda.amazonaws.com", attached="arn:aws:iam::123456789012:policy/own"), packaged()),
        cannot_tell("function", "", with_role(service="lambda.amazonaws.com", actions=["s3:GetObject"]), packaged(),
            resource("iam/policyAttachment", "more", roles=[output("role.name")], policyArn="arn:aws:iam::1:policy/p")),
    ],
    "FIT-17": [
        fails("task", "role does not let task write its log", with_role(service="ecs-tasks.amazonaws.com", actions=["ecr:BatchGetImage"]), task()),
        fails("task", "has no execution role", task()),
        sound(with_role(service="ecs-tasks.amazonaws.com", attached="arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"), task()),
        sound(task(requiresCompatibilities=["EC2"])),
    ],
    "FIT-18": [
        *(fails("function", "in its package", packaged(handler=it)) for it in each("main.handle", "app.main", "app/other.handle")),
        fails("function", "no index.js in its package", packaged(runtime="nodejs22.x", handler="index.handler")),
        *(sound(packaged(**it)) for it in each({"handler": "app/main.handle"}, {"handler": "x" * 300, "code": folder(".")},
            {"handler": "anything.at.all", "layers": ["arn:aws:lambda:eu-west-1:123456789012:layer:wrapper:1"]},
            {"runtime": "java21", "handler": "example.Handler::handle"}, {"runtime": "ruby3.4", "handler": "source.Functions::Handler.process",
            "code": "source.rb"}, {"runtime": "nodejs22.x", "handler": "dist/index.Api.handler", "code": "dist/index.js"},
            {"handler": "x.y", "code": Asset(uri="https://example.com/code.zip", archive=True)},
            {"handler": "lib.main.handle", "code": Asset(members={"lib": Asset(path="lib", archive=True)}, archive=True)})),
    ],
    "FIT-19": [
        fails("task", "runs on arm64, and image is for x86_64", resource("docker:index/image:Image", "image", imageName="app",
            build={"platform": "linux/amd64"}), task(image=output("image.imageName"), runtimePlatform=ARM)),
        fails("task", "runs on arm64, and its tag image-platform names x86_64", task(image="nginx:1.29", runtimePlatform=ARM, tags={"image-platform": "linux/amd64"})),
        sound(resource("docker:index/image:Image", "image", imageName="app", build={"platform": "linux/arm64"}), task(image=output("image.imageName"), runtimePlatform=ARM)),
        sound(task(image="nginx:1.29", runtimePlatform=ARM, tags={"image-platform": "linux/arm64"})),
        sound(resource("ec2/instance", "server", ami="ami-0", instanceType="t4g.nano")),
        cannot_tell("task", "task needs nginx:1.29 to be built for arm64, which the review does not know; ", task(image="nginx:1.29", runtimePlatform=ARM)),
        cannot_tell("task", "set backend.platform", task(image="nginx:1.29", runtimePlatform=ARM)),
    ],
    "FIT-52": [
        *(fails("it", "it has the name api.example.com, and proof is for www.example.com", resource("acm/certificate", "proof", **PLAIN),
            resource("apigateway/domainName", "it", **it)) for it in each({"domainName": "api.example.com", "regionalCertificateArn": output("proof.arn")},
            {"domainName": "api.example.com", "certificateArn": output("proof.arn")})),
        fails("it", "it has the name a.b.example.com, and proof is for example.com and *.example.com", resource("acm/certificate", "proof", **WIDE),
            resource("apigateway/domainName", "it", domainName="a.b.example.com", regionalCertificateArn=output("proof.arn"))),
        fails("it", "proof is for *.example.com", resource("acm/certificate", "proof", domainName="*.example.com"),
            resource("apigateway/domainName", "it", domainName="example.com", regionalCertificateArn=output("proof.arn"))),
        *(fails("it", "has the name *.example.com", resource("acm/certificate", "proof", **PLAIN),
            resource("acm/certificateValidation", "valid", certificateArn=output("proof.arn")),
            resource("apigateway/domainName", "it", domainName=it, regionalCertificateArn=output("valid.certificateArn"))) for it in each("*.example.com")),
        *(sound(resource("acm/certificate", "proof", **PLAIN), resource("acm/certificateValidation", "valid", certificateArn=output("proof.arn")),
            resource("apigateway/domainName", "it", domainName=it, regionalCertificateArn=output("valid.certificateArn"))) for it in each("WWW.example.com")),
        sound(resource("acm/certificate", "proof", **WIDE), resource("apigateway/domainName", "it", domainName="a.example.com", regionalCertificateArn=output("proof.arn"))),
        # its names are in the text
        sound(resource("acm/certificate", "proof", certificateBody="pem", privateKey="pem"),
            resource("apigateway/domainName", "it", domainName="example.org", regionalCertificateArn=output("proof.arn"))),
        # of another stack
        sound(resource("apigateway/domainName", "it", domainName="api.example.com", regionalCertificateArn="arn:aws:acm:us-east-1:123456789012:certificate/a")),
    ],
    "EC2-01": [
        fails("server", "without a token", machine("server", metadataOptions={"httpTokens": "optional"})),
        *(fails("server", "", resource("ec2/launchTemplate", "template", metadataOptions={"httpTokens": it}),
            machine("server", metadataOptions=None, launchTemplate={"id": output("template.id")})) for it in each("optional")),
        *(fails("template", "", resource("ec2/launchTemplate", "template", metadataOptions={"httpTokens": it}),
            machine("server", metadataOptions=None, launchTemplate={"id": output("template.id")})) for it in each("optional")),
        *(sound(resource("ec2/launchTemplate", "template", metadataOptions={"httpTokens": it}),
            machine("server", metadataOptions=None, launchTemplate={"id": output("template.id")})) for it in each("required")),
        sound(machine("silent", metadataOptions={"httpEndpoint": "disabled"})),
        # image and account decide
        cannot_tell("server", "set metadata_options.http_tokens to required", machine("server", metadataOptions=None)),
        cannot_tell("template", "set metadata_options.http_tokens to required", resource("ec2/launchTemplate", "template", metadataOptions={"httpEndpoint": "enabled"})),
        cannot_tell("copy", "set metadata_options.http_tokens to required", resource("ec2/launchTemplate", "template", metadataOptions={"httpEndpoint": "enabled"}),
            machine("copy", metadataOptions=None, launchTemplate={"id": output("template.id")})),
    ],
    "ECS-03": [
        fails("service", "", resource("ecs/service", "service", enableExecuteCommand=True)),
        sound(resource("ecs/service", "service", enableExecuteCommand=False)),
    ],
    # terraform-linters/tflint#268
    "LIMIT-02": [
        *(fails("crowd", "crowd has 61 inbound rules of IPv4; AWS allows 60", resource("ec2/vpc", "vpc", cidrBlock="10.0.0.0/16"),
            resource("ec2/securityGroup", "crowd", vpcId=output("vpc.id"), ingress=[{"protocol": "tcp", "fromPort": 443, "toPort": 443,
            "cidrBlocks": ["10.9.0.0/24", "10.9.1.0/24", "10.9.2.0/24", "10.9.3.0/24", "10.9.4.0/24", "10.9.5.0/24", "10.9.6.0/24", "10.9.7.0/24",
            "10.9.8.0/24", "10.9.9.0/24", "10.9.10.0/24", "10.9.11.0/24", "10.9.12.0/24", "10.9.13.0/24", "10.9.14.0/24", "10.9.15.0/24", "10.9.16.0/24",
            "10.9.17.0/24", "10.9.18.0/24", "10.9.19.0/24", "10.9.20.0/24", "10.9.21.0/24", "10.9.22.0/24", "10.9.23.0/24", "10.9.24.0/24", "10.9.25.0/24",
            "10.9.26.0/24", "10.9.27.0/24", "10.9.28.0/24", "10.9.29.0/24", "10.9.30.0/24", "10.9.31.0/24", "10.9.32.0/24", "10.9.33.0/24", "10.9.34.0/24",
            "10.9.35.0/24", "10.9.36.0/24", "10.9.37.0/24", "10.9.38.0/24", "10.9.39.0/24", "10.9.40.0/24", "10.9.41.0/24", "10.9.42.0/24", "10.9.43.0/24",
            "10.9.44.0/24", "10.9.45.0/24", "10.9.46.0/24", "10.9.47.0/24", "10.9.48.0/24", "10.9.49.0/24", "10.9.50.0/24", "10.9.51.0/24", "10.9.52.0/24",
            "10.9.53.0/24", "10.9.54.0/24", "10.9.55.0/24", "10.9.56.0/24", "10.9.57.0/24", "10.9.58.0/24", "10.9.59.0/24"]},
            it])) for it in each({"protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": ["10.0.0.0/16"]},
            {"protocol": "tcp", "fromPort": 80, "toPort": 80, "securityGroups": ["sg-0a1b2c3d"]},
            {"protocol": "tcp", "fromPort": 80, "toPort": 80, "prefixListIds": ["pl-0a1b2c3d"]})),
        cannot_tell("crowd", "the inbound rules of crowd", resource("ec2/vpc", "vpc", cidrBlock="10.0.0.0/16"),
            resource("ec2/securityGroup", "crowd", vpcId=output("vpc.id"), ingress=UNKNOWN)),
        *(sound(resource("ec2/vpc", "vpc", cidrBlock="10.0.0.0/16"), resource("ec2/securityGroup", "crowd", vpcId=output("vpc.id"),
            ingress=[{"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": ["10.9.0.0/24", "10.9.1.0/24", "10.9.2.0/24", "10.9.3.0/24",
            "10.9.4.0/24", "10.9.5.0/24", "10.9.6.0/24", "10.9.7.0/24", "10.9.8.0/24", "10.9.9.0/24", "10.9.10.0/24", "10.9.11.0/24", "10.9.12.0/24",
            "10.9.13.0/24", "10.9.14.0/24", "10.9.15.0/24", "10.9.16.0/24", "10.9.17.0/24", "10.9.18.0/24", "10.9.19.0/24", "10.9.20.0/24", "10.9.21.0/24",
            "10.9.22.0/24", "10.9.23.0/24", "10.9.24.0/24", "10.9.25.0/24", "10.9.26.0/24", "10.9.27.0/24", "10.9.28.0/24", "10.9.29.0/24", "10.9.30.0/24",
            "10.9.31.0/24", "10.9.32.0/24", "10.9.33.0/24", "10.9.34.0/24", "10.9.35.0/24", "10.9.36.0/24", "10.9.37.0/24", "10.9.38.0/24", "10.9.39.0/24",
            "10.9.40.0/24", "10.9.41.0/24", "10.9.42.0/24", "10.9.43.0/24", "10.9.44.0/24", "10.9.45.0/24", "10.9.46.0/24", "10.9.47.0/24", "10.9.48.0/24",
            "10.9.49.0/24", "10.9.50.0/24", "10.9.51.0/24", "10.9.52.0/24", "10.9.53.0/24", "10.9.54.0/24", "10.9.55.0/24", "10.9.56.0/24", "10.9.57.0/24",
            "10.9.58.0/24", "10.9.59.0/24"]}, it])) for it in each({"protocol": "tcp", "fromPort": 443, "toPort": 443, "ipv6CidrBlocks": ["2001:db8::/32"]})),
    ],
    "COST-01": [
        fails("server", "", machine("server", creditSpecification=None)),
        sound(machine("server", creditSpecification=None, instanceType="m7g.large")),
    ],
    "COST-02": [
        fails("greeter", "", unlimited()),
        sound(unlimited(reservedConcurrentExecutions=5)),
        # a throttled route bounds how often its function runs at once
        sound(proxy_stack()),
        # one route is throttled, the other is not
        fails("greeter", "", unlimited(), change("stage", routeSettings=[{"routeKey": "GET /slow", "throttlingRateLimit": 1, "throttlingBurstLimit": 1}]),
            http_route("slow", api="api", to=output("greeter.invokeArn"), key="GET /slow", authorizationType="NONE")),
    ],
    "LOG-01": [
        fails("logs", "", resource("cloudwatch/logGroup", "logs")),
        sound(resource("cloudwatch/logGroup", "logs", retentionInDays=7)),
    ],
    "LOG-02": [
        fails("stage", "", http(accessLogSettings=None)),
        sound(http(accessLogSettings={"destinationArn": "arn:aws:logs:::x",
            "format": '{"id": "$context.extendedRequestId", "key": "$context.identity.apiKeyId"}'}), also=["LOG-03"]),
    ],
    "LOG-03": [
        fails("stage", "whole API keys", http(accessLogSettings={"destinationArn": "arn:aws:logs:::x",
            "format": '{"id": "$context.requestId", "key": "$context.identity.apiKey"}'})),
        fails("stage", "no request id", http(accessLogSettings={"destinationArn": "arn:aws:logs:::x", "format": "$context.status"})),
    ],
    "LOG-07": [
        fails("alarm", "the actions of alarm are disabled", resource("cloudwatch/metricAlarm", "alarm", actionsEnabled=False,
            alarmActions=["arn:aws:sns:eu-west-1:123456789012:team"])),
        # that of a NAT instance without protection.alarms
        *(cannot_tell("alarm", "notifies nobody", resource("cloudwatch/metricAlarm", "alarm", **it)) for it in each({}, {"alarmActions": []})),
        *(sound(resource("cloudwatch/metricAlarm", "alarm", alarmActions=it)) for it in each(["arn:aws:sns:eu-west-1:123456789012:team"], [UNKNOWN])),
    ],
    "TRAP-02": [
        *(fails("nat", "turns the source and destination check of door on again",
            resource("ec2/networkInterface", "door", subnetId="subnet-1", sourceDestCheck=False),
            resource("ec2/instance", "nat", ami="ami-1", primaryNetworkInterface={"networkInterfaceId": output("door.id")},
            options=Options(ignore_changes=(*it,)))) for it in each([], ["ami"])),
        *(sound(resource("ec2/networkInterface", "door", subnetId="subnet-1", sourceDestCheck=False),
            resource("ec2/instance", "nat", ami="ami-1", primaryNetworkInterface={"networkInterfaceId": output("door.id")},
            options=Options(ignore_changes=(*it,)))) for it in each(["sourceDestCheck"], ["*"], ['["sourceDestCheck"]'])),
        sound(resource("ec2/networkInterface", "door", subnetId="subnet-1", sourceDestCheck=True),
            resource("ec2/instance", "nat", ami="ami-1", primaryNetworkInterface={"networkInterfaceId": output("door.id")})),
    ],
}
