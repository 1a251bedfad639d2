"""Inputs whose change lets in no caller and keeps none out, and types of which every other input may do either."""

import re
from typing import Final

QUIET: Final = re.compile(
    "|".join(
        (
            # Texts for people. Callers are listed if a policy asks for a tag.
            r".*:\w+\.((\w+\.)?tags|tagsAll|volumeTags|description|comment|deployment|deploymentId|triggers)(\..*)?",
            # Names that are no addresses.
            r"(?!aws:(apigatewayv2|route53|servicediscovery)/).*:\w+\.(name|namePrefix)",
            # Keys are compared by value, for each API, in whichever plan they are.
            r"aws:apigateway/usagePlanKey:.*",
            # The network that something is in, and what its subnets give to machines: paths follow it to each machine.
            r"aws:ec2/\w+:\w+\.vpcId",
            r"aws:ec2/subnet:\w+\.(assignIpv6AddressOnCreation|mapPublicIpOnLaunch|cidrBlock|ipv6CidrBlock|availabilityZone)",
            # Where a listener sends requests, and how: paths follow it from each listener that somebody gets to.
            r"aws:lb/(listener|listenerRule):\w+\.(defaultActions|actions)\.(targetGroupArn|forward.*)",
            r"aws:lb/targetGroup:\w+\.(port|protocol|targetType|preserveClientIp|vpcId)",
            # What a deployment contains is compared itself.
            r"aws:apigateway\w*/deployment:\w+\.(restApi|apiId)",
            # They watch, and have neither an address nor a policy.
            r"aws:cloudwatch/(metricAlarm|compositeAlarm|logGroup|logMetricFilter|dashboard):.*",
            r"aws:budgets/budget:.*",
            # It waits for a certificate. The certificate itself counts: clients may not trust another.
            r"aws:acm/certificateValidation:.*",
            # How many machines and copies there are, and when.
            r"aws:appautoscaling/.*|aws:autoscaling/(policy|schedule):.*",
            r"aws:autoscaling/group:\w+\.(min|max|desired|waitFor|health|default|instanceRefresh|force).*",
            r"aws:ecs/service:\w+\.(desiredCount|deployment\w*|capacityProviderStrategies|waitForSteadyState)(\..*)?",
            # What a machine runs behind its address. Functions that decide on callers are in `deciding_functions`.
            r".*:\w+\.(userData|userDataBase64|userDataReplaceOnChange|containerDefinitions|publish)",
            r"aws:ec2/\w+:\w+\.(ami|imageId)",
            r"aws:lambda/function:\w+\.(code|sourceCodeHash|s3Key|s3ObjectVersion|imageUri|handler|layers|runtime)(\..*)?",
            r"aws:lambda/function:\w+\.(memorySize|timeout|ephemeralStorage|tracingConfig|loggingConfig)(\..*)?",
            r".*:\w+\.(enableDeletionProtection|deletionProtection)",
            # Which of several equal targets gets a request, and when it counts as healthy.
            r"aws:lb/targetGroup:\w+\.(healthCheck|stickiness|slowStart|deregistrationDelay|targetGroupHealth"
            r"|loadBalancing\w+|connectionTermination|targetFailovers|targetHealthStates)(\..*)?",
            r"aws:lb/loadBalancer:\w+\.(accessLogs|connectionLogs|idleTimeout|clientKeepAlive|enableCrossZone\w+"
            r"|enableZonalShift|minimumLoadBalancerCapacity)(\..*)?",
            r"aws:lb/listener:\w+\.(tcpIdleTimeoutSeconds|protocol)",
            r"aws:apigateway/methodSettings:\w+\.settings\.(loggingLevel|metricsEnabled|dataTraceEnabled|throttling\w+)",
            r"aws:apigateway/stage:\w+\.(accessLogSettings|xrayTracingEnabled|documentationVersion)(\..*)?",
            r"aws:apigatewayv2/stage:\w+\.(accessLogSettings|(defaultRoute|route)Settings)(\..*)?",
            # What a browser keeps and shows of an answer that it got.
            r"aws:apigatewayv2/api:Api\.corsConfiguration\.(maxAge|exposeHeaders)",
            # `compare.limits` has lower throttles and quotas.
            r"aws:apigateway/usagePlan:\w+\.(quotaSettings|throttleSettings|name)(\..*)?",
            r"aws:apigateway\w*/integration:\w+\.(timeoutMilliseconds|responseTransferMode|passthroughBehavior)",
            r"aws:route53/record:\w+\.(ttl|allowOverwrite|aliases\.(zoneId|evaluateTargetHealth))",
            r"aws:iam/\w+:\w+\.(path|maxSessionDuration|forceDetachPolicies)",
        )
    )
)
"""Type, dot and path of an input, lists without indexes."""
DECIDING: Final = (
    *(
        "aws:apigateway",
        "aws:iam/",
        "aws:lb/listenerRule:",
        "aws:route53/",
        "aws:vpc/",
        "aws:cognito/",
        "aws:s3/bucketPolicy:",
    ),
    *(f"aws:lambda/{one}:" for one in ("permission", "functionUrl", "layerVersionPermission")),
    *(f"aws:ec2/{one}" for one in ("securityGroup", "vpcEndpoint", "networkAcl", "managedPrefixList", "keyPair")),
)
"""Types that decide on callers: what only rules and prices read of them is not judged."""
NOT_READ: Final = ("aws:cognito/", "aws:wafv2/webAcl:", "aws:wafv2/ipSet:", "aws:wafv2/ruleGroup:")
"""Types that decide on callers by inputs whose effect nothing here knows."""
COUNTING: Final = (
    "aws:cognito/",
    "aws:vpc/blockPublicAccess",
    "aws:ec2/vpcBlockPublicAccess",
    "aws:organizations/policy",
    # Credentials of an identity, and identities or accounts that get what others have.
    *(f"aws:iam/{one}" for one in ("accessKey", "groupMembership", "userGroupMembership", "userLoginProfile")),
    "aws:ram/",
    "aws:ssoadmin/",
)
"""Types of which a resource more, or one fewer, may decide on callers in a way that nothing here knows."""
NAMED: Final = ("keyName",)
"""Inputs of any type that decide on callers."""
