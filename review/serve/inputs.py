"""Inputs of served resources: those that decide an answer here, and those that decide none. Every other one is named.

A test holds that something reads each input of `SERVED`, and that review/docs/try.md lists the others of these types.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..aws import openapi
from ..aws.definitions import definition
from ..aws.model import AwsModel
from ..graph import UNKNOWN, Resource
from ..graph.reading import items, mapping, text
from .apis import ServedApi

_RULE: Final = "cidrIpv4 cidrIpv6 fromPort ipProtocol prefixListId referencedSecurityGroupId securityGroupId toPort"
SERVED: Final[Mapping[str, str]] = {
    "apigateway/restApi:RestApi": (
        "binaryMediaTypes body disableExecuteApiEndpoint endpointConfiguration.types "
        "endpointConfiguration.vpcEndpointIds policy"
    ),
    "apigateway/restApiPolicy:RestApiPolicy": "policy restApiId",
    "apigateway/response:Response": "responseParameters responseTemplates responseType restApiId statusCode",
    "apigateway/stage:Stage": "accessLogSettings.format restApi stageName variables",
    "apigateway/methodSettings:MethodSettings": (
        "methodPath restApi settings.throttlingBurstLimit settings.throttlingRateLimit stageName"
    ),
    "apigateway/resource:Resource": "parentId pathPart restApi",
    "apigateway/method:Method": (
        "apiKeyRequired authorization authorizationScopes authorizerId httpMethod requestModels requestParameters "
        "requestValidatorId resourceId restApi"
    ),
    "apigateway/integration:Integration": (
        "connectionId connectionType credentials httpMethod integrationHttpMethod integrationTarget "
        "passthroughBehavior requestParameters requestTemplates resourceId responseTransferMode restApi "
        "timeoutMilliseconds tlsConfig type uri"
    ),
    "apigateway/integrationResponse:IntegrationResponse": (
        "httpMethod resourceId responseParameters responseTemplates restApi selectionPattern statusCode"
    ),
    "apigateway/authorizer:Authorizer": (
        "authorizerCredentials authorizerResultTtlInSeconds authorizerUri identitySource identityValidationExpression "
        "providerArns type"
    ),
    "apigateway/requestValidator:RequestValidator": "validateRequestBody validateRequestParameters",
    "apigateway/model:Model": "name restApi schema",
    "apigateway/usagePlan:UsagePlan": (
        "apiStages quotaSettings.limit quotaSettings.period throttleSettings.burstLimit throttleSettings.rateLimit"
    ),
    "apigateway/usagePlanKey:UsagePlanKey": "keyId usagePlanId",
    "apigateway/apiKey:ApiKey": "enabled value",
    "apigateway/domainName:DomainName": "domainName",
    "apigateway/basePathMapping:BasePathMapping": "basePath domainName restApi stageName",
    "apigateway/vpcLink:VpcLink": "targetArn",
    "apigatewayv2/api:Api": ("body corsConfiguration disableExecuteApiEndpoint protocolType routeKey target"),
    "apigatewayv2/stage:Stage": (
        "accessLogSettings.format apiId autoDeploy defaultRouteSettings.throttlingBurstLimit deploymentId "
        "defaultRouteSettings.throttlingRateLimit name routeSettings stageVariables"
    ),
    "apigatewayv2/route:Route": "apiId authorizationScopes authorizationType authorizerId routeKey target",
    "apigatewayv2/integration:Integration": (
        "connectionId connectionType credentialsArn integrationMethod integrationType integrationUri "
        "payloadFormatVersion requestParameters responseParameters timeoutMilliseconds tlsConfig"
    ),
    "apigatewayv2/authorizer:Authorizer": (
        "authorizerCredentialsArn authorizerPayloadFormatVersion authorizerResultTtlInSeconds authorizerType "
        "authorizerUri enableSimpleResponses identitySources jwtConfiguration"
    ),
    "apigatewayv2/domainName:DomainName": "domainName",
    "apigatewayv2/apiMapping:ApiMapping": "apiId apiMappingKey domainName stage",
    "apigatewayv2/vpcLink:VpcLink": "securityGroupIds subnetIds",
    "lambda/function:Function": (
        "code environment handler loggingConfig.logGroup memorySize packageType reservedConcurrentExecutions runtime "
        "timeout vpcConfig"
    ),
    "lambda/alias:Alias": "functionName name",
    "lambda/permission:Permission": "action function principal qualifier sourceAccount sourceArn",
    "lb/loadBalancer:LoadBalancer": (
        "dropInvalidHeaderFields enforceSecurityGroupInboundRulesOnPrivateLinkTraffic internal loadBalancerType "
        "securityGroups subnetMappings subnets"
    ),
    "lb/listener:Listener": "defaultActions loadBalancerArn port protocol",
    "lb/listenerRule:ListenerRule": "actions conditions listenerArn priority",
    "lb/targetGroup:TargetGroup": (
        "healthCheck.interval healthCheck.matcher healthCheck.path healthCheck.protocol ipAddressType port "
        "preserveClientIp protocol targetType"
    ),
    "lb/targetGroupAttachment:TargetGroupAttachment": "port targetGroupArn targetId",
    "ec2/subnet:Subnet": "cidrBlock ipv6CidrBlock vpcId",
    "ec2/vpc:Vpc": "cidrBlock ipv6CidrBlock",
    "ec2/routeTable:RouteTable": "routes",
    "ec2/route:Route": (
        "destinationCidrBlock destinationIpv6CidrBlock egressOnlyGatewayId gatewayId natGatewayId networkInterfaceId "
        "routeTableId transitGatewayId vpcPeeringConnectionId"
    ),
    "ec2/routeTableAssociation:RouteTableAssociation": "routeTableId subnetId",
    "ec2/securityGroup:SecurityGroup": "egress ingress vpcId",
    "vpc/securityGroupIngressRule:SecurityGroupIngressRule": _RULE,
    "vpc/securityGroupEgressRule:SecurityGroupEgressRule": _RULE,
    "ec2/securityGroupRule:SecurityGroupRule": (
        "cidrBlocks fromPort ipv6CidrBlocks prefixListIds protocol securityGroupId self sourceSecurityGroupId toPort "
        "type"
    ),
    "ec2/networkAcl:NetworkAcl": "egress ingress subnetIds",
    "ec2/networkAclRule:NetworkAclRule": (
        "cidrBlock egress fromPort ipv6CidrBlock networkAclId protocol ruleAction ruleNumber toPort"
    ),
    "ec2/vpcEndpoint:VpcEndpoint": (
        "policy privateDnsEnabled routeTableIds securityGroupIds serviceName subnetIds vpcEndpointType vpcId"
    ),
    "ec2/vpcPeeringConnection:VpcPeeringConnection": "autoAccept peerVpcId vpcId",
    "ec2/natGateway:NatGateway": "availabilityMode connectivityType subnetId",
}
"""Inputs that the answers here depend on, by type."""

_OF_ALL: Final = "description name namePrefix region tags tagsAll"
_WITHOUT_EFFECT: Final[Mapping[str, str]] = {
    "apigateway/restApi:RestApi": (
        "endpointAccessMode endpointConfiguration.ipAddressType failOnWarnings putRestApiMode securityPolicy"
    ),
    "apigateway/stage:Stage": "accessLogSettings.destinationArn deployment documentationVersion xrayTracingEnabled",
    "apigateway/methodSettings:MethodSettings": (
        "settings.dataTraceEnabled settings.loggingLevel settings.metricsEnabled"
    ),
    "apigateway/method:Method": "operationName",
    "apigateway/authorizer:Authorizer": "restApi",
    "apigateway/requestValidator:RequestValidator": "restApi",
    "apigateway/model:Model": "contentType",
    "apigateway/usagePlan:UsagePlan": "productCode",
    "apigateway/usagePlanKey:UsagePlanKey": "keyType",
    "apigateway/apiKey:ApiKey": "customerId",
    "apigateway/domainName:DomainName": (
        "certificateArn certificateBody certificateChain certificateName certificatePrivateKey endpointAccessMode "
        "endpointConfiguration ownershipVerificationCertificateArn regionalCertificateArn regionalCertificateName "
        "securityPolicy"
    ),
    "apigatewayv2/api:Api": ("apiKeySelectionExpression failOnWarnings ipAddressType routeSelectionExpression version"),
    "apigatewayv2/stage:Stage": ("accessLogSettings.destinationArn defaultRouteSettings.detailedMetricsEnabled"),
    "apigatewayv2/integration:Integration": "apiId",
    "apigatewayv2/route:Route": "operationName",
    "apigatewayv2/authorizer:Authorizer": "apiId",
    "apigatewayv2/domainName:DomainName": "domainNameConfiguration",
    "lambda/function:Function": (
        "architectures codeSha256 codeSigningConfigArn deadLetterConfig kmsKeyArn loggingConfig.applicationLogLevel "
        "loggingConfig.logFormat loggingConfig.systemLogLevel publish publishTo replaceSecurityGroupsOnDestroy "
        "replacementSecurityGroupIds role skipDestroy snapStart sourceCodeHash sourceKmsKeyArn tracingConfig"
    ),
    "lambda/alias:Alias": "functionVersion",
    "lambda/permission:Permission": (
        "eventSourceToken functionUrlAuthType invokedViaFunctionUrl statementId statementIdPrefix"
    ),
    "lb/loadBalancer:LoadBalancer": (
        "accessLogs clientKeepAlive connectionLogs desyncMitigationMode dnsRecordClientRoutingPolicy "
        "enableCrossZoneLoadBalancing enableDeletionProtection enableHttp2 enableWafFailOpen "
        "enableZonalShift healthCheckLogs ipAddressType minimumLoadBalancerCapacity"
    ),
    "lb/listener:Listener": "alpnPolicy certificateArn sslPolicy tcpIdleTimeoutSeconds",
    "lb/targetGroup:TargetGroup": (
        "connectionTermination deregistrationDelay healthCheck.enabled healthCheck.healthyThreshold healthCheck.port "
        "healthCheck.timeout healthCheck.unhealthyThreshold loadBalancingAlgorithmType loadBalancingAnomalyMitigation "
        "loadBalancingCrossZoneEnabled slowStart stickiness targetFailovers targetGroupHealths targetHealthStates vpcId"
    ),
    "lb/targetGroupAttachment:TargetGroupAttachment": "availabilityZone",
    "ec2/subnet:Subnet": (
        "assignIpv6AddressOnCreation availabilityZone availabilityZoneId enableLniAtDeviceIndex mapPublicIpOnLaunch "
        "enableResourceNameDnsARecordOnLaunch enableResourceNameDnsAaaaRecordOnLaunch privateDnsHostnameTypeOnLaunch"
    ),
    "ec2/vpc:Vpc": (
        "assignGeneratedIpv6CidrBlock enableDnsHostnames enableNetworkAddressUsageMetrics instanceTenancy "
        "ipv6CidrBlockNetworkBorderGroup"
    ),
    "ec2/securityGroup:SecurityGroup": "revokeRulesOnDelete",
    "ec2/routeTable:RouteTable": "vpcId",
    "ec2/networkAcl:NetworkAcl": "vpcId",
    "ec2/networkAclRule:NetworkAclRule": "icmpCode icmpType",
    "ec2/natGateway:NatGateway": (
        "allocationId privateIp secondaryAllocationIds secondaryPrivateIpAddressCount secondaryPrivateIpAddresses vpcId"
    ),
}
"""Inputs that decide no answer to a caller."""

_DEFAULTS: Final[Mapping[str, tuple[Any, ...]]] = {
    "apiKeySource": ("HEADER",),
    "cacheTtlInSeconds": (300,),
    "minimumCompressionSize": ("-1", -1),
    "protocolVersion": ("HTTP1",),
    "routingMode": ("API_MAPPING_ONLY",),
    "enableDnsSupport": (True,),
    "idleTimeout": (60,),
    "parameters": ({"basepath": "ignore"},),
    "xffHeaderProcessingMode": ("append",),
    "unauthorizedCacheControlHeaderStrategy": ("SUCCEED_WITH_RESPONSE_HEADER",),
}
"""Values of inputs that are not served, which ask for nothing."""


def _words(written: str) -> frozenset[str]:
    return frozenset(written.split())


_DOCUMENT: Final = _words(
    "openapi swagger info servers host basePath schemes consumes produces tags externalDocs paths components "
    "definitions securityDefinitions x-amazon-apigateway-binary-media-types x-amazon-apigateway-cors "
    "x-amazon-apigateway-gateway-responses x-amazon-apigateway-policy x-amazon-apigateway-request-validator "
    "x-amazon-apigateway-request-validators x-amazon-apigateway-documentation "
    "x-amazon-apigateway-endpoint-configuration x-amazon-apigateway-importexport-version "
    "x-amazon-apigateway-endpoint-access-mode x-amazon-apigateway-security-policy "
)
_OPERATION: Final = _words(
    "operationId summary description tags externalDocs deprecated parameters requestBody responses security "
    "consumes produces schemes isDefaultRoute x-amazon-apigateway-integration x-amazon-apigateway-request-validator "
    "x-amazon-apigateway-auth "
)
_PATH: Final = openapi.METHODS | _words("parameters summary description servers x-amazon-apigateway-any-method")
_INTEGRATION: Final = _words(
    "type httpMethod uri connectionId connectionType credentials integrationTarget integration-target "
    "passthroughBehavior payloadFormatVersion requestParameters requestTemplates responseParameters responses "
    "responseTransferMode timeoutInMillis tlsConfig "
)
_AUTHORIZER: Final = _words(
    "type authorizerUri authorizerCredentials authorizerPayloadFormatVersion authorizerResultTtlInSeconds "
    "enableSimpleResponses identitySource identityValidationExpression jwtConfiguration providerARNs "
)


def of_type(kind: str) -> frozenset[str]:
    """Inputs of a type that are served or that have no effect; nested ones by their path."""
    return frozenset(f"{_OF_ALL} {SERVED[kind]} {_WITHOUT_EFFECT.get(kind, '')}".split())


def _unread(model: AwsModel, apis: list[ServedApi]) -> Iterator[tuple[str, str]]:
    """Resources and inputs that are set, and that no answer here depends on although it may on AWS."""
    for kind in SERVED:
        for one in model.graph.of_type(f"aws:{kind}"):
            yield from ((one.name, path) for path in _of_resource(one, of_type(kind)))
    for name in ("apigatewayv2/routingRule:RoutingRule", "apigatewayv2/integrationResponse:IntegrationResponse"):
        yield from ((one.name, name.partition(":")[2]) for one in model.graph.of_type(f"aws:{name}"))
    for api in apis:
        name = api.api.resource.name
        yield from ((name, path) for path in _of_document(mapping(definition(model.graph, api.api.resource))))
        for route in api.routes:
            if route.integration.kind in ("HTTP", "AWS"):
                found = route.integration.resource
                where = f"type {route.integration.kind}: its templates"
                yield (found.name, where if found is not api.api.resource else f"{route.name} ({where})")


def _of_resource(resource: Resource, known: frozenset[str]) -> Iterator[str]:
    for key, value in resource.inputs.items():
        below = [path for path in known if path.startswith(f"{key}.")]
        if key in known or _asks_nothing(key, value):
            continue
        holders = [one for one in items(value) if isinstance(one, Mapping)]
        if not below or not holders:
            yield key
        for inner in dict.fromkeys(inner for one in holders if below for inner in one):
            values = [one.get(inner) for one in holders]
            if f"{key}.{inner}" not in known and not all(_asks_nothing(inner, each) for each in values):
                yield f"{key}.{inner}"


def _asks_nothing(key: str, value: Any) -> bool:
    """Whether a value is empty, false or AWS's default."""
    usual = _DEFAULTS.get(key, ())
    # What is on unless it is set to false asks for something then.
    return value is not UNKNOWN and (value in usual or (not value and True not in usual))


def _of_document(body: Mapping[str, Any]) -> Iterator[str]:
    """Keys of an OpenAPI document that are not served, by their place."""
    yield from (str(key) for key in body if key not in _DOCUMENT)
    for path, entry in mapping(body.get("paths")).items():
        yield from (f"{path}: {key}" for key in mapping(entry) if key not in _PATH)
    for one in openapi.operations(body):
        place = f"{one.method} {one.path}: "
        yield from (f"{place}{key}" for key in one.written if key not in _OPERATION)
        yield from (f"{place}{key}" for key in one.integration if key not in _INTEGRATION)
    for name, scheme in openapi.written_schemes(body).items():
        own = mapping(scheme.get("x-amazon-apigateway-authorizer"))
        yield from (f"{name}: {key}" for key in own if key not in _AUTHORIZER)


def unread_inputs(model: AwsModel, apis: list[ServedApi]) -> list[dict[str, str]]:
    """The same as objects, each once."""
    found = dict.fromkeys(_unread(model, apis))
    return [{"resource": name, "input": text(path)} for name, path in found]
