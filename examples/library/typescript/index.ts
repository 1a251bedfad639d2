// A function behind an HTTP API, which only callers with a signature of this account may call.
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();

const role = new aws.iam.Role("reports", {
  assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" }),
  managedPolicyArns: ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"],
});
const table = new aws.dynamodb.Table("reports", {
  name: config.require("table"),
  attributes: [{ name: "id", type: "S" }],
  hashKey: "id",
  billingMode: "PAY_PER_REQUEST",
  deletionProtectionEnabled: true,
  pointInTimeRecovery: { enabled: true },
  serverSideEncryption: { enabled: true },
});
new aws.iam.RolePolicy("reads", {
  role: role.id,
  policy: {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: ["dynamodb:GetItem", "dynamodb:Query"], Resource: table.arn }],
  },
});

const log = new aws.cloudwatch.LogGroup("reports", { retentionInDays: 30 });
const reports = new aws.lambda.Function("reports", {
  runtime: "nodejs22.x",
  architectures: ["arm64"],
  handler: "index.handler",
  role: role.arn,
  timeout: 10,
  loggingConfig: { logFormat: "JSON", logGroup: log.name },
  reservedConcurrentExecutions: 10,
  environment: { variables: { TABLE: table.name } },
  code: new pulumi.asset.AssetArchive({
    "index.js": new pulumi.asset.StringAsset("exports.handler = async () => ({ statusCode: 200, body: '[]' });"),
  }),
});

const api = new aws.apigatewayv2.Api("reports", { protocolType: "HTTP" });
const integration = new aws.apigatewayv2.Integration("reports", {
  apiId: api.id,
  integrationType: "AWS_PROXY",
  integrationUri: reports.invokeArn,
  payloadFormatVersion: "2.0",
  timeoutMilliseconds: 11_000,
});
new aws.apigatewayv2.Route("list", {
  apiId: api.id,
  routeKey: "GET /reports",
  target: pulumi.interpolate`integrations/${integration.id}`,
  authorizationType: "AWS_IAM",
});
const access = new aws.cloudwatch.LogGroup("access", { retentionInDays: 30 });
const stage = new aws.apigatewayv2.Stage("live", {
  apiId: api.id,
  name: "$default",
  autoDeploy: true,
  accessLogSettings: {
    destinationArn: access.arn,
    format: JSON.stringify({ id: "$context.requestId", route: "$context.routeKey", status: "$context.status" }),
  },
  defaultRouteSettings: { throttlingRateLimit: 20, throttlingBurstLimit: 40 },
});
new aws.lambda.Permission("invokes", {
  action: "lambda:InvokeFunction",
  function: reports.name,
  principal: "apigateway.amazonaws.com",
  sourceArn: pulumi.interpolate`${api.executionArn}/*/GET/reports`,
});

export const url = stage.invokeUrl;
