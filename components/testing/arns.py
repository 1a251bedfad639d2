"""ARNs of resources, in the form of their service.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

import re
import uuid
from typing import Final

from ..facts.regions import find_partition

_OWN: Final = "{region}:{account}"
_FORMS: Final = {
    "acm/certificate:Certificate": f"acm:{_OWN}:certificate/{{name}}",
    "apigateway/restApi:RestApi": "apigateway:{region}::/restapis/{name}",
    "apigatewayv2/api:Api": "apigateway:{region}::/apis/{name}",
    "autoscaling/group:Group": f"autoscaling:{_OWN}:autoScalingGroup:0123:autoScalingGroupName/{{name}}",
    "cloudwatch/eventBus:EventBus": f"events:{_OWN}:event-bus/{{name}}",
    "cloudwatch/eventRule:EventRule": f"events:{_OWN}:rule/{{name}}",
    "cloudwatch/logGroup:LogGroup": f"logs:{_OWN}:log-group:{{name}}",
    "cloudwatch/metricAlarm:MetricAlarm": f"cloudwatch:{_OWN}:alarm:{{name}}",
    "cognito/userPool:UserPool": f"cognito-idp:{_OWN}:userpool/{{region}}_{{name}}",
    "dynamodb/table:Table": f"dynamodb:{_OWN}:table/{{name}}",
    "ecr/repository:Repository": f"ecr:{_OWN}:repository/{{name}}",
    "ecs/cluster:Cluster": f"ecs:{_OWN}:cluster/{{name}}",
    "ecs/service:Service": f"ecs:{_OWN}:service/{{name}}",
    "ecs/taskDefinition:TaskDefinition": f"ecs:{_OWN}:task-definition/{{name}}:1",
    "iam/instanceProfile:InstanceProfile": "iam::{account}:instance-profile/{name}",
    "iam/policy:Policy": "iam::{account}:policy/{name}",
    "iam/role:Role": "iam::{account}:role/{name}",
    "iam/user:User": "iam::{account}:user/{name}",
    "kinesis/stream:Stream": f"kinesis:{_OWN}:stream/{{name}}",
    "kms/alias:Alias": f"kms:{_OWN}:alias/{{name}}",
    "kms/key:Key": f"kms:{_OWN}:key/{{name}}",
    "lambda/alias:Alias": f"lambda:{_OWN}:function:function:{{name}}",
    "lambda/function:Function": f"lambda:{_OWN}:function:{{name}}",
    "lambda/layerVersion:LayerVersion": f"lambda:{_OWN}:layer:{{name}}:1",
    "lb/listener:Listener": f"elasticloadbalancing:{_OWN}:listener/app/{{name}}/0123456789abcdef/0123456789abcdef",
    "lb/loadBalancer:LoadBalancer": f"elasticloadbalancing:{_OWN}:loadbalancer/app/{{name}}/0123456789abcdef",
    "lb/targetGroup:TargetGroup": f"elasticloadbalancing:{_OWN}:targetgroup/{{name}}/0123456789abcdef",
    "s3/bucket:Bucket": "s3:::{name}",
    "s3/bucketV2:BucketV2": "s3:::{name}",
    "scheduler/schedule:Schedule": f"scheduler:{_OWN}:schedule/default/{{name}}",
    "secretsmanager/secret:Secret": f"secretsmanager:{_OWN}:secret:{{name}}-AbCdEf",
    "servicediscovery/service:Service": f"servicediscovery:{_OWN}:service/{{name}}-id",
    "sfn/stateMachine:StateMachine": f"states:{_OWN}:stateMachine:{{name}}",
    "sns/topic:Topic": f"sns:{_OWN}:{{name}}",
    "sqs/queue:Queue": f"sqs:{_OWN}:{{name}}",
    "ssm/parameter:Parameter": f"ssm:{_OWN}:parameter/{{name}}",
    "wafv2/webAcl:WebAcl": f"wafv2:{_OWN}:regional/webacl/{{name}}/0123",
}


def build_arn(kind: str, name: str, region: str, account: str) -> str:
    """Returns an ARN for a resource of a type. A type that is not listed has the form of EC2, `service:…:kind/name`."""
    module, _, last = kind.partition(":")[2].partition("/")
    word = re.sub(r"(?<=[a-z0-9])([A-Z])", r"-\1", last.rpartition(":")[2]).lower()
    form = _FORMS.get(kind.partition(":")[2], f"{module.partition(':')[0]}:{_OWN}:{word}/{{name}}")
    # The name of a key is a UUID.
    own = str(uuid.uuid5(uuid.NAMESPACE_URL, name)) if kind == "aws:kms/key:Key" else name
    return f"arn:{find_partition(region).name}:" + form.format(region=region, account=account, name=own)
