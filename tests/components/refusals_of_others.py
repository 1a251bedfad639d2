"""Arguments that the other components refuse: each with its key, and words of what it wants."""

from typing import Any

import pulumi
import yaml

from components import (
    Alerts,
    ApiConsumer,
    ApiFunction,
    Ec2Backend,
    ExistingIngress,
    FargateBackend,
    Greeter,
    NatInstance,
    PrivateApiEndpoint,
    PrivateIngress,
    PrivateNetwork,
    ServerlessProxy,
    UrlBackend,
)
from tests.components.arguments_of_each import ADOPTED, VPC
from tests.helpers.stacks import ROOT

GROUP = "backend_security_group_id"
ECR = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:1"
AUTHORITY = yaml.safe_load((ROOT / "tests/settings/wrong_values.yaml").read_text())["Certificates"]["sound"]
TLS = {"certificate_arn": "arn:aws:acm:eu-west-1:1:certificate/x", "server_name": "app.example.com", "port": 443}
CLOUD_MAP = {"kind": "cloud-map", "link": "v2"}
CLOSED: dict[str, Any] = {"egress": [], "image": ECR, "endpoint_services": ["ecr.api", "ecr.dkr"]}
FROM_S3 = {"s3_prefix_list_id": "pl-fa1b59dc"}
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:token-AbCdEf"
SCALING = {"maximum": 5, "cpu_percent": 60}
BY_REQUESTS = {"maximum": 5, "requests_per_target": 5}
FUNCTION_KIND = {"kind": "function", "name": "f", "allow": ["invoke"]}
TWICE, MANY = "keys that no other caller has", "“Inbound or outbound rules per security group”"
EXISTING = {"subnet_ids": None, "endpoint_id": "vpce-0a1b2c3d"}
BOTH = {"allow_security_group_ids": {"a": "sg-00000001"}}
PUBLIC_ALB = "shop-0123456789.eu-west-1.elb.amazonaws.com"
NO_DOMAINS = """
api.example.com api.example.com/ https://api.example.com/v1 api.example.com:443/v1 api.example.com//v1 /v1
api.example.com/v1/ api.example.com/v1/orders api.example.com/v1?x api.example.com/.. api..example.com/v1
*/v1 localhost/v1
"""
TABLE: dict[str, Any] = {"kind": "table", "name": "orders", "allow": ["read"]}


def permitted(given: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"permissions": {"orders": {**given, **more}}}


CASES: dict[type, list[tuple[dict[str, Any], str, str]]] = {
    Alerts: [
        ({"budget_monthly_usd": 10}, "budget_emails", "notifies nobody"),
    ],
    PrivateNetwork: [
        ({"zones": None}, "zones", "one to six"),
        ({"zones": 7}, "zones", "a whole number from 1 to 6"),
        ({"zones": [f"eu-west-1{letter}" for letter in "abcdefg"]}, "zones", "1 to 6"),
        ({"cidr": "10.0.0.0/27"}, "cidr", "the range of 2 zones is a /16 to /25, not a /27"),
        ({"cidr": "10.0.0.1/16"}, "cidr", "10.0.0.0/16"),
        ({"egress": ["nat"]}, "egress[0]", "one of s3-packages, ipv6"),
        ({"egress": ["s3-packages", "ipv6"]}, "egress", "leave it off"),
        ({"nat_instance": {"instance_type": "tiny"}}, "nat_instance.instance_type", "t4g.micro"),
        ({"endpoints": ["com.amazonaws.eu-west-1.ssm"]}, "endpoints[0]", "the short name"),
        ({"endpoints": ["elasticsearch-magic"]}, "endpoints[0]", "a service that has an endpoint"),
        ({"endpoints": ["ssm", "ssm"]}, "endpoints", "once"),
        ({"endpoints": ["s3"]}, "endpoints", "it would admit nothing"),
        ({"flow_logs_retention_days": 2}, "flow_logs_retention_days", "days that CloudWatch Logs offers"),
        ({"public_subnet_ids": ["subnet-00000001"]}, "public_subnet_ids", "only with vpc_id"),
        ({"existing_endpoints": ["logs"]}, "existing_endpoints", "only with vpc_id"),
        ({"cidr": "8.8.0.0/16"}, "cidr", "a range inside 10.0.0.0/8"),
        ({"nat_gateways": "regional"}, "nat_gateways", "only with egress nat-gateway"),
        ({"nat_instance": {"disk_gib": 4}}, "nat_instance", "only with egress nat-instance"),
        (
            {"egress": ["nat-instance"], "nat_instance": {"image_id": "ami-0123456789abcdef0"}},
            "nat_instance.disk_gib",
            "the size of the disk for the image",
        ),
        (
            {"egress": ["nat-instance"], "nat_instance": {"instance_type": "mac1.metal"}},
            "nat_instance.instance_type",
            "a dedicated host",
        ),
        ({"endpoints": ["execute-api"]}, "endpoints", "PrivateApiEndpoint makes this one"),
        ({**ADOPTED, "existing_endpoints": ["execute-api"]}, "existing_endpoints", "PrivateApiEndpoint makes this one"),
        # One that exists
        ({**ADOPTED, "subnet_ids": None}, "subnet_ids", "both"),
        ({**ADOPTED, "vpc_id": None}, "vpc_id", "both"),
        *(
            ({**ADOPTED, key: value}, key, "leave it out")
            for key, value in (
                ("zones", ["eu-west-1a"]),
                ("cidr", "10.0.0.0/16"),
                ("nat_instance", {"disk_gib": 4}),
                ("nat_gateways", "one-per-zone"),
                ("flow_logs_retention_days", 7),
                ("alarm_topic_arn", "arn:aws:sns:eu-west-1:123456789012:alarms"),
            )
        ),
        ({**ADOPTED, "endpoints": ["s3"]}, "endpoints", "it would admit nothing"),
        ({**ADOPTED, "existing_endpoints": ["ssm"], "endpoints": ["ssm"]}, "endpoints", "not in existing_endpoints"),
        (
            {**ADOPTED, "existing_endpoints": ["com.amazonaws.eu-west-1.logs"]},
            "existing_endpoints[0]",
            "the short name",
        ),
    ],
    NatInstance: [
        ({"instance_type": "g5.xlarge"}, "instance_type", "without GPU"),
        ({"vpc_cidr": "0.0.0.0/0"}, "vpc_cidr", "from /16 to /28"),
        ({"tags": {"aws:x": "y"}}, "tags.aws:x", "does not begin with aws:"),
        ({"instance_type": "mac1.metal"}, "instance_type", "a dedicated host"),
        ({"instance_type": "nano"}, "instance_type", "named like t4g.micro"),
        ({"disk_gib": 1}, "disk_gib", "2 to 100"),
        ({"image_id": "ami-0123456789abcdef0"}, "disk_gib", "the size of the disk for the image"),
    ],
    Ec2Backend: [
        (
            {"image": "s3://images/a.tar.gz", "s3_prefix_list_id": "pl-00000001", "egress": [], "logs": {}},
            "logs",
            "reaches CloudWatch",
        ),
        ({"egress": []}, "image", "an image that the backend can fetch"),
        ({**CLOSED, "secrets": {"A": SECRET}}, "secrets.A", "a secret that the backend can read"),
        (CLOSED, "image", "an instance that can install Docker"),
        (
            {"image": "s3://b-1/a.tar.gz", "egress": ["s3-packages"], **FROM_S3, "s3_buckets": ["b-12"]},
            "image",
            "in the network, name b-1 in readable_buckets",
        ),
        ({**CLOSED, **FROM_S3}, "access", "Session Manager only in a network that reaches it"),
        ({"instance_type": "a1.large"}, "instance_type", "first Graviton"),
        ({"files": {"/a": "x", "/a/b": "y"}}, "files./a", "a file or a folder"),
        ({"secrets": {"A": f"{SECRET}:key::"}}, "secrets.A", "a whole secret on EC2"),
        ({"policy_arns": {f"p{n}": f"arn:aws:iam::aws:policy/P{n}" for n in range(11)}}, "policy_arns", "10 at most"),
        ({"permissions": {f"t{n}": {**TABLE, "name": f"{n}" + "x" * 200} for n in range(300)}}, "permissions", "about"),
        (
            {"scaling": {**SCALING, "minimum": 9}, "target_group_arn": "arn"},
            "scaling.minimum",
            "at most the maximum, 5",
        ),
        ({"image": None}, "image", "image, user_data or image_id"),
        ({"image": "https://x"}, "image", "without a scheme"),
        ({"user_data": "#!/bin/sh"}, "user_data", "not both"),
        ({"image": None, "user_data": "echo hi"}, "user_data", "begin a script with #!/bin/bash"),
        ({"image": None, "user_data": "x" * 20_000}, "user_data", "EC2 takes 16384"),
        ({"image": None, "user_data": "#!/bin/sh", "environment": {"A": "b"}}, "environment", "only beside image"),
        ({"environment": {"A": "b"}, "secrets": {"A": SECRET}}, "secrets.A", "not in both"),
        ({"secrets": {"LD_PRELOAD": SECRET}}, "secrets.LD_PRELOAD", "take another"),
        ({"secrets": {"A": "hunter2"}}, "secrets.A", "the ARN of"),
        ({"port": 22}, "port", "its SSH server has this one"),
        ({"health_check_path": "health"}, "health_check_path", "begins with /; did you mean /health?"),
        ({"instance_type": "micro"}, "instance_type", "t4g.micro"),
        ({"instance_type": "g5.xlarge"}, "instance_type", "without GPU"),
        (
            {"instance_type": "g5.xlarge", "image_id": "ami-00000001", "disk_gib": 30},
            "instance_type",
            "not passed to a container",
        ),
        ({"disk_gib": 4}, "disk_gib", "8 to 65,536"),
        ({"image_id": "ami-0123456789abcdef0"}, "disk_gib", "the size of the disk for the image"),
        ({"access": "instance-connect"}, "instance_connect_security_group_id", "endpoint's group"),
        ({"access": "bastion"}, "bastion_security_group_id", "bastion's group"),
        ({"count": 0}, "count", "1 to 1,000"),
        ({"count": 2, "scaling": SCALING, "target_group_arn": "arn"}, "count", "not both"),
        ({"count": 2}, "target_group_arn", "target group"),
        ({"registry_arn": "arn:x", "target_group_arn": "arn"}, "registry_arn", "instances register in one of them"),
        ({"scaling": BY_REQUESTS, "target_group_arn": "arn"}, "request_count_label", "the ALB's label"),
        ({"scaling": {"maximum": 5}, "target_group_arn": "arn"}, "scaling", "at least one of cpu_percent"),
    ],
    FargateBackend: [
        ({"image": None}, "image", "image or build"),
        ({"build": "examples"}, "build", "not both"),
        ({"image": None, "build": "nowhere"}, "build", "a folder that exists"),
        ({"image": None, "build": "examples", "egress": []}, "build", "an image that the backend can fetch"),
        ({"callers": {f"c{n}": f"sg-{n:08}" for n in range(61)}}, "callers", MANY),
        (CLOSED, "logs", "a task that can send its log"),
        ({"image": pulumi.Output.from_input(ECR), "egress": []}, "image", "an image that the backend can fetch"),
        ({"image": "s3://bucket/app.tar.gz"}, "image", "which loads tarballs"),
        ({"cpu": 256, "memory": 4096}, "memory", "nearest is 2048"),
        ({"egress": ["none"]}, "egress[0]", "nat-gateway; an empty list for none"),
        ({"scaling": {"maximum": 2, "requests_per_target": 5}}, "request_count_label", "the ALB's label"),
        ({"spot": {}}, "spot.on_demand", "fewer than the maximum number of copies, 1"),
        (permitted(TABLE, allow=["send"]), "permissions.orders", "read, write with kind: table"),
        (permitted(TABLE, allow=[]), "permissions.orders.allow", "a list of one or more"),
        (permitted(TABLE, name="*"), "permissions.orders", "the name or the ARN of one table"),
        (permitted(TABLE, kms_key="alias/a"), "permissions.orders", "the name or the ARN of one key"),
        (permitted(FUNCTION_KIND, kms_key="k"), "permissions.orders", "kms_key only with table"),
        ({"permissions": {"a": TABLE, "b": TABLE}}, "permissions.b", "add its words to permissions.a"),
        (permitted(TABLE, kind="tables"), "permissions.orders.kind", "one of table, bucket"),
    ],
    PrivateIngress: [
        ({"has_backend": False, "backend_port": 81}, "backend_port", "only with a backend of its own"),
        ({"port": 443}, "port", "443 only with certificate_arn"),
        ({"kind": "alb"}, "subnet_ids", "an ALB needs two zones"),
        ({"kind": "alb", "link": "v1"}, "link", "call only NLBs"),
        ({"kind": "cloud-map", "link": "none"}, "link", "only HTTP APIs"),
        ({"kind": "cloud-map", **TLS}, "certificate_arn", "terminates no TLS"),
        *(
            ({**CLOUD_MAP, key: value, **more}, key, "only with alb or nlb: Cloud Map")
            for key, value, more in (
                ("port", 8443, {}),
                ("private_record", True, {"server_name": "app.example.com"}),
                ("server_name", "app.example.com", {}),
                ("insecure_skip_verification", True, {}),
                ("deletion_protection", True, {}),
                ("deregistration_delay_seconds", 5, {}),
                ("alarm_topic_arn", "arn:aws:sns:eu-west-1:123456789012:alarms", {}),
                ("health_check_path", "/healthz", {}),
                ("longest_wait_seconds", 30, {}),
                ("target_type", "instance", {}),
                ("target_zones", 1, {}),
            )
        ),
        ({"certificate_arn": TLS["certificate_arn"]}, "server_name", "together"),
        ({"private_record": True}, "private_record", "server_name"),
        ({"insecure_skip_verification": True}, "insecure_skip_verification", "only with certificate_arn"),
        ({"port": 65535}, "port", "the listener for health checks"),
        ({"target_port": 80}, "target_port", "did you mean 'port' or 'backend_port'?"),
    ],
    ExistingIngress: [
        (
            {"link_id": "a1b2c3", "security_group_id": "sg-00000001"},
            "security_group_id",
            "link_id or security_group_id",
        ),
        ({"insecure_skip_verification": True}, "insecure_skip_verification", "only with server_name"),
    ],
    ServerlessProxy: [
        ({"reserved_concurrency": 901}, "reserved_concurrency", "at most 900: Lambda keeps 100 of 1,000"),
        ({"tags": {f"t{n}": "x" for n in range(50)}}, "tags", "at most 50 tags"),
        ({"certificate_authority": AUTHORITY}, "certificate_authority", "only with a URL with https"),
        ({"url": "https://10.0.1.2"}, "certificate_authority", "no public one signs a certificate for a private"),
        ({"url": f"http://{PUBLIC_ALB}"}, "url", "the forwarder has no way to the internet"),
        (
            {"timeout_seconds": 90, "idle_seconds": 60},
            "timeout_seconds",
            "at most 60: the load balancer waits no longer",
        ),
        (
            {"stream_seconds": 900, "idle_seconds": 60},
            "stream_seconds",
            "at most 60: the load balancer waits no longer",
        ),
        ({GROUP: None, "backend_cidrs": ["0.0.0.0/1", "128.0.0.0/1"]}, "backend_cidrs[1]", "not of the internet"),
        ({GROUP: None, "backend_cidrs": ["10.9.0.0/16"]}, "backend_cidrs", "ranges with 10.0.1.2, the address of url"),
        ({"port": 80}, "port", "8080, the port of the URL: the security group opens no other; take it out"),
        *(
            ({"url": url, GROUP: None, "vpc_cidr": "10.0.0.0/16"}, "vpc_cidr", "the address of url")
            for url in ("http://172.16.0.1", "http://[2600::1]:80")
        ),
        ({"url": "http://[2600::1]"}, "ipv6", "true with 2600::1, the address of url"),
        (
            {"url": "http://[2600::1]", GROUP: None, "backend_cidrs": ["2600::/32"], "ipv6": False},
            "ipv6",
            "true with 2600::1, the address of url",
        ),
        ({"timeout_seconds": 2, "mean_milliseconds": 9}, "timeout_seconds", "or mean_milliseconds, not both"),
        *(
            (
                {"webhook": {"scheme": scheme, "secret": "a" * 20, "tolerance_seconds": 60}},
                "webhook.tolerance_seconds",
                "no timestamp is signed",
            )
            for scheme in ("github", "gitlab")
        ),
        *(
            ({"webhook": {"secret": "a" * 20, "header": "X-S", "scheme": "hmac", **given}}, f"webhook.{key}", words)
            for given, key, words in (
                ({"tolerance_seconds": 60}, "tolerance_seconds", "no timestamp is signed"),
                ({"header": None}, "header", "the header that has the signature"),
                ({"signed": "{timestamp}"}, "signed", "ends with {body}"),
                ({"signed": "{body}{body}"}, "signed", "once at most"),
                ({"signed": "{url}{body}"}, "signed", "no other braces"),
                ({"signed": "{id}{body}"}, "signed", "where the ID ends"),
                ({"signed": "{timestamp}.{body}"}, "timestamp_header", "the header of {timestamp}"),
                ({"timestamp_header": "X-T"}, "timestamp_header", "only with {timestamp} in signed"),
                ({"id_header": "X-I"}, "id_header", "only with {id} in signed"),
                ({"scheme": "github"}, "header", "only with scheme hmac"),
                ({"scheme": "standard", "header": None, "secret": "whsec_aaaaaaaaaaaaa"}, "secret", "a key in base64"),
                ({"scheme": "standard", "header": None, "secret": "whsec_c2hvcnQtb25l"}, "secret", "16 bytes or more"),
            )
        ),
        ({"memory": 64}, "memory", "128 to 10,240"),
        ({"timeout_seconds": 301}, "timeout_seconds", "1 to 300"),
        ({"stream_seconds": 901}, "stream_seconds", "1 to 900"),
        ({"strip_prefix": "forward"}, "strip_prefix", "begins with one slash"),
        ({GROUP: None, "backend_cidrs": [f"10.0.{n}.0/24" for n in range(61)]}, "backend_cidrs", MANY),
        ({GROUP: None}, GROUP, "one of backend_security_group_id, backend_cidrs, vpc_cidr"),
        ({"backend_cidrs": ["10.0.0.0/8"]}, GROUP, "one of backend_security_group_id, backend_cidrs, vpc_cidr"),
        *(
            ({"custom_domain": domain}, "custom_domain", f"got {domain!r}; a domain name, one slash")
            for domain in NO_DOMAINS.split()
        ),
    ],
    UrlBackend: [
        ({"certificate_authority": AUTHORITY}, "certificate_authority", "only with a URL with https"),
        ({"url": "app.internal"}, "url", "http(s)"),
        ({"url": "http://8.8.8.8"}, "url", "is on the internet"),
        ({"cidrs": ["10.0.0.0/8"], "security_group_id": "sg-00000001"}, "cidrs", "not both"),
        ({"url": "http://10.1.2.3", "cidrs": ["10.2.0.0/16"]}, "cidrs", "ranges with 10.1.2.3"),
        ({"cidrs": ["2001:db8::1/32"]}, "cidrs[0]", "did you mean 2001:db8::/32?"),
        ({"cidrs": ["0.0.0.0/0"]}, "cidrs[0]", "not of the internet"),
        ({"url": "https://app.internal"}, "certificate_authority", "no public one signs a certificate for a private"),
        ({"url": f"http://{PUBLIC_ALB}"}, "url", "a public host name"),
    ],
    PrivateApiEndpoint: [
        ({"allow_cidrs": ["0.0.0.0/0"]}, "allow_cidrs[0]", "not of the internet"),
        ({"allow_cidrs": ["0.0.0.0/1", "128.0.0.0/1"]}, "allow_cidrs[1]", "not of the internet"),
        ({"allow_cidrs": ["::/0"]}, "allow_cidrs[0]", "not of the internet"),
        (
            {"subnet_ids": None, "endpoint_id": "vpce-0a1b2c3d", "allow_vpc": True},
            "allow_vpc",
            "nothing with endpoint_id",
        ),
        ({**EXISTING, "private_dns": False}, "private_dns", "nothing with endpoint_id"),
        ({"allow_vpc": False}, "allow_vpc", "true, unless allow_cidrs"),
        ({"allow_vpc": True, "allow_security_group_ids": {"vpc": "sg-00000001"}}, "allow_security_group_ids", TWICE),
        ({"allow_prefix_list_ids": {"vpc": "pl-00000001"}}, "allow_prefix_list_ids", TWICE),
        ({**BOTH, "allow_prefix_list_ids": {"a": "pl-00000001"}}, "allow_prefix_list_ids", TWICE),
        # A second rule for it would be refused: InvalidPermission.Duplicate.
        ({"allow_cidrs": ["10.0.0.0/16"]}, "allow_cidrs", "the VPC's own, which may call already"),
        ({"endpoint_id": "vpce-0a1b2c3d4e5f60718"}, "subnet_ids", "not both"),
        ({"allow_cidrs": [f"10.9.{number}.0/24" for number in range(60)]}, "allow_cidrs", MANY),
        ({"allow_cidrs": [f"2001:db8:{number:x}::/48" for number in range(1, 62)]}, "allow_cidrs", MANY),
        ({"allow_security_group_ids": {f"g{n}": f"sg-{n:08}" for n in range(61)}}, "allow_security_group_ids", MANY),
    ],
    ApiConsumer: [
        ({"egress": []}, "access", "Session Manager only in a network that reaches it"),
        ({"image_id": "ami-0123456789abcdef0"}, "disk_gib", "the size of the disk for the image"),
        ({"instance_type": "a1.large"}, "instance_type", "first Graviton"),
        ({"access": "instance-connect"}, "instance_connect_security_group_id", "endpoint's group"),
    ],
    Greeter: [({"log_level": "LOUD"}, "log_level", "INFO")],
    ApiFunction: [
        *(
            ({"policy_arns": {"all": f"arn:aws:iam::aws:policy/{name}"}}, "policy_arns.all", "name the resources in")
            for name in ("AdministratorAccess", "PowerUserAccess", "AmazonS3FullAccess", "IAMFullAccess")
        ),
        ({**VPC, "calls": {f"s{n}": {"port": 1 + n, "cidr": "10.0.0.0/8"} for n in range(61)}}, "calls", MANY),
        ({"folder": "nowhere"}, "folder", "a folder that exists"),
        ({"runtime": "nodejs22.x", "requirements": "requirements.txt"}, "requirements", "a runtime of Python"),
        ({"requirements": "nowhere.txt"}, "requirements", "a file that exists"),
        ({"folder": None}, "folder", "one of folder, zip and image"),
        ({"folder": None, "zip": "nowhere.zip"}, "zip", "a ZIP archive that exists"),
        ({"folder": None, "image": ECR, "handler": "a.b"}, "handler", "an image has its own"),
        ({"vpc_id": "vpc-00000001"}, "subnet_ids", "both or neither"),
        ({"calls": {"db": {"port": 80, "cidr": "10.0.0.0/8"}}}, "calls", "only with vpc_id"),
        ({**VPC, "calls": {"db": {"port": 80}}}, "calls.db", "only one of them"),
        ({**VPC, "calls": {key: {"port": 80, "cidr": "10.0.0.0/8"} for key in "ab"}}, "calls.b", "calls.a is the same"),
        ({**VPC, "calls": {"mail": {"port": 25, "cidr": "0.0.0.0/0"}}}, "calls.mail", "another port: AWS blocks 25"),
        ({"environment": {"A": "x"}}, "environment.A", "two characters or more"),
        ({"environment": {"AWS_REGION": "x"}}, "environment.AWS_REGION", "does not set itself"),
        ({"environment": {"AB": "x" * 4096}}, "environment", "at most 4,096 bytes"),
        ({"secrets": {"AB": f"{SECRET}:key::"}}, "secrets.AB", "a whole secret"),
    ],
}
