"""Cases of notices that arrive, or do not, at somebody."""

from typing import Any, Final

from review.tests.helpers.graph_builder import Json
from review.tests.helpers.steps import Step, each, output, resource
from review.tests.rules.case import Case, cannot_tell, fails, sound

ARN = "arn:aws:sns:eu-west-1:123456789012:team"
ALARM = resource("cloudwatch/metricAlarm", "alarm", alarmActions=[output("team.arn")])
ALARM_BY_ARN = resource("cloudwatch/metricAlarm", "alarm", alarmActions=[ARN])
BUDGET = resource("budgets/budget", "budget", notifications=[{"subscriberSnsTopicArns": [output("team.arn")]}])


def admitting(service: str, *actions: str, deny: Any = None) -> Json:
    """A resource policy that lets a service use the resource."""
    allowed = {"Effect": "Allow", "Principal": {"Service": service}, "Action": [*actions], "Resource": "*"}
    denied = {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": deny}
    return Json({"Version": "2012-10-17", "Statement": [allowed, *([denied] if deny else [])]})


def publishing(service: str, **given: Any) -> Json:
    return admitting(service, "SNS:Publish", **given)


def key(name: str, service: str, *actions: str) -> Step:
    return resource("kms/key", name, policy=admitting(service, *actions))


def team(*steps: Step, **inputs: Any) -> list[Step]:
    """A topic with a subscription."""
    topic = resource("sns/topic", "team", **inputs)
    return [*steps, topic, resource("sns/topicSubscription", "mail", topic=output("team.arn"), protocol="email")]


GOOD = key("good", "cloudwatch.amazonaws.com", "kms:Decrypt", "kms:GenerateDataKey*")
ELSE = key("else", "events.amazonaws.com", "kms:*")
HALF = key("half", "cloudwatch.amazonaws.com", "kms:Decrypt")
# SNS's own policy, written out.
OWN = Json({"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "SNS:Publish", "Resource": "*",
    "Condition": {"StringEquals": {"AWS:SourceOwner": "123456789012"}}}]})  # fmt: skip
TLS = {"Bool": {"aws:SecureTransport": "false"}}

# fmt: off
CASES: Final[dict[str, list[Case]]] = {
    "LOG-08": [
        sound(*team(), ALARM),
        sound(*team(), resource("budgets/budget", "budget", notifications=[{"subscriberEmailAddresses": ["a@example.com"]}])),
        sound(*team(GOOD, kmsMasterKeyId=output("good.id")), ALARM),
        sound(*team(GOOD, kmsMasterKeyId=output("good.arn")), ALARM),
        sound(*team(policy=OWN), ALARM),
        sound(*team(policy=publishing("budgets.amazonaws.com")), BUDGET),
        sound(*team(policy=publishing("cloudwatch.amazonaws.com", deny=TLS)), ALARM),
        # Not a notice.
        sound(resource("cloudwatch/metricAlarm", "alarm", alarmActions=["arn:aws:automate:eu-west-1:ec2:recover"])),
        *(fails("alarm", "encrypted with AWS's key alias/aws/sns", *team(kmsMasterKeyId=it), ALARM)
            for it in each("alias/aws/sns", "arn:aws:kms:eu-west-1:123456789012:alias/aws/sns")),
        fails("alarm", "does not let CloudWatch use it (kms:Decrypt)", *team(ELSE, kmsMasterKeyId=output("else.id")), ALARM),
        fails("alarm", "does not let CloudWatch use it (kms:GenerateDataKey)", *team(HALF, kmsMasterKeyId=output("half.id")), ALARM),
        fails("alarm", "default policy, which admits no service",
            *team(resource("kms/key", "bare"), kmsMasterKeyId=output("bare.id")), ALARM),
        fails("alarm", "does not let CloudWatch publish", *team(policy=publishing("events.amazonaws.com")), ALARM),
        fails("alarm", "does not let CloudWatch publish", *team(),
            resource("sns/topicPolicy", "policy", arn=output("team.arn"), policy=publishing("events.amazonaws.com")), ALARM),
        fails("budget", "does not let AWS Budgets publish: it has only SNS's own", *team(), BUDGET),
        fails("budget", "does not let AWS Budgets publish (SNS", *team(policy=publishing("cloudwatch.amazonaws.com")), BUDGET),
        fails("alarm", "only takes topics of its own region", resource("cloudwatch/metricAlarm", "alarm",
            alarmActions=[ARN.replace("eu-west-1", "us-east-1")])),
        cannot_tell("alarm", "whether anybody receives what team gets", resource("sns/topic", "team"), ALARM),
        cannot_tell("alarm", "since this stack does not declare it", ALARM_BY_ARN),
        cannot_tell("alarm", "whether the key of team admits CloudWatch", *team(kmsMasterKeyId="alias/else"), ALARM),
    ],
}
