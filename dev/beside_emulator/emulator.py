"""MiniStack on a free port of 127.0.0.1, and the resources of a graph in it."""

from __future__ import annotations

import io
import os
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import boto3

from dev.server_process import server_process
from review.graph import Graph, Resource, reveal

_ACCOUNT: Final = "123456789012"
_REGION: Final = "eu-west-1"
# The call that creates each type of a REST API, in order, and inputs that boto3 names otherwise.
_REST_CALLS: Final = {
    "model:Model": "create_model",
    "requestValidator:RequestValidator": "create_request_validator",
    "authorizer:Authorizer": "create_authorizer",
    "resource:Resource": "create_resource",
    "method:Method": "put_method",
    "integration:Integration": "put_integration",
    "methodResponse:MethodResponse": "put_method_response",
    "integrationResponse:IntegrationResponse": "put_integration_response",
    "response:Response": "put_gateway_response",
}
_BACKEND: Final = "http://backend.invalid"
_REST_NAMES: Final = {"restApi": "restApiId", "authorization": "authorizationType"}


@contextmanager
def emulator(python: str, log: Path) -> Iterator[str]:
    """Its address. `python` is an interpreter that has `ministack`."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(log.parent),
        "TMPDIR": str(log.parent),
        "BIND_HOST": "127.0.0.1",
        "LAMBDA_EXECUTOR": "local",
        "MINISTACK_ACCOUNT_ID": _ACCOUNT,
        "MINISTACK_REGION": _REGION,
        "SERVICES": "apigateway,lambda,iam,sts,logs",
    }

    def command(port: int) -> list[str]:
        return ["env", f"GATEWAY_PORT={port}", python, "-m", "ministack"]

    with (
        log.open("wb") as lines,
        server_process(command, env=environment, cwd=log.parent, stdout=lines, stderr=subprocess.STDOUT) as address,
    ):
        yield f"http://{address}"


class Deployed:
    """The graph's functions and APIs in the emulator. `hosts` has each API's host, by its logical name."""

    def __init__(self, graph: Graph, functions: Path, address: str, backend: str) -> None:
        """`backend` is the address behind the integrations of HTTP."""
        self._graph, self._backend = graph, backend
        self._address = address
        self._ids: dict[str, str] = {}
        self.hosts: dict[str, str] = {}
        self._functions(functions)
        self._rest()
        self._http()

    def _client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self._address,
            region_name=_REGION,
            aws_access_key_id=_ACCOUNT,
            aws_secret_access_key="any",
        )

    def _of(self, kind: str) -> Iterator[Resource]:
        return iter(self._graph.of_type(f"aws:{kind}"))

    def _of_api(self, kind: str, api: Resource) -> Iterator[Resource]:
        return (one for one in self._of(kind) if one.inputs.get("apiId") == api.id)

    def _functions(self, folder: Path) -> None:
        client = self._client("lambda")
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as packed:
            for file in folder.glob("*.py"):
                packed.write(file, file.name)
        for one in self._of("lambda/function:Function"):
            client.create_function(
                FunctionName=one.inputs["name"],
                Runtime=one.inputs["runtime"],
                Handler=one.inputs["handler"],
                Timeout=int(one.inputs["timeout"]),
                Role=f"arn:aws:iam::{_ACCOUNT}:role/role",
                Code={"ZipFile": archive.getvalue()},
            )
            client.add_permission(
                FunctionName=one.inputs["name"],
                StatementId="gateway",
                Action="lambda:InvokeFunction",
                Principal="apigateway.amazonaws.com",
            )

    def _host(self, identifier: str) -> str:
        return f"{identifier}.execute-api.localhost:{self._address.rpartition(':')[2]}"

    def _rest(self) -> None:
        client = self._client("apigateway")
        for api in self._of("apigateway/restApi:RestApi"):
            given = api.inputs
            made = client.create_rest_api(name=given["name"], binaryMediaTypes=given["binaryMediaTypes"])
            self._ids[api.id] = made["id"]
            self._ids[api.state["rootResourceId"]] = client.get_resources(restApiId=made["id"])["items"][0]["id"]
            self.hosts[api.name] = self._host(made["id"])
        for kind, call in _REST_CALLS.items():
            # By name: resources are named by their paths, and a parent comes before its children.
            for one in sorted(self._of(f"apigateway/{kind}"), key=lambda one: one.name):
                answer = getattr(client, call)(**self._rest_arguments(one))
                self._ids[one.id] = answer.get("id", one.id)
        for stage in self._of("apigateway/stage:Stage"):
            made = self._ids[stage.inputs["restApi"]]
            name, variables = stage.inputs["stageName"], stage.inputs["variables"]
            client.create_deployment(restApiId=made, stageName=name, variables=variables)
        for plan in self._of("apigateway/usagePlan:UsagePlan"):
            stages = [{"apiId": self._ids[one["apiId"]], "stage": one["stage"]} for one in plan.inputs["apiStages"]]
            self._ids[plan.id] = client.create_usage_plan(name=plan.name, apiStages=stages)["id"]
        for key in self._of("apigateway/apiKey:ApiKey"):
            value = client.create_api_key(name=key.name, value=reveal(key.inputs["value"]), enabled=True)
            self._ids[key.id] = value["id"]
        for joined in self._of("apigateway/usagePlanKey:UsagePlanKey"):
            client.create_usage_plan_key(
                usagePlanId=self._ids[joined.inputs["usagePlanId"]],
                keyId=self._ids[joined.inputs["keyId"]],
                keyType=joined.inputs["keyType"],
            )

    def _rest_arguments(self, one: Resource) -> dict[str, Any]:
        """A resource's inputs as boto3 names them, with the emulator's identifiers."""
        found: dict[str, Any] = {}
        for key, value in one.inputs.items():
            name = _REST_NAMES.get(key, key)
            found[name] = self._ids.get(value, value) if isinstance(value, str) else value
        if one.kind == "Integration":
            found["integrationHttpMethod"] = found.pop("integrationHttpMethod", "POST")
            found["type"] = one.inputs["type"]
            found["uri"] = str(found.get("uri", "")).replace(_BACKEND, self._backend)
        if "authorizerResultTtlInSeconds" in found:
            found["authorizerResultTtlInSeconds"] = int(found["authorizerResultTtlInSeconds"])
        return found

    def _http(self) -> None:
        client = self._client("apigatewayv2")
        for api in self._of("apigatewayv2/api:Api"):
            given = api.inputs
            made = client.create_api(
                Name=given["name"],
                ProtocolType=given["protocolType"],
                CorsConfiguration={_capital(key): value for key, value in given["corsConfiguration"].items()},
            )["ApiId"]
            self._ids[api.id] = made
            self.hosts[api.name] = self._host(made)
            for one in self._of_api("apigatewayv2/integration:Integration", api):
                arguments = _arguments(one, made)
                arguments["IntegrationUri"] = arguments["IntegrationUri"].replace(_BACKEND, self._backend)
                self._ids[one.id] = client.create_integration(**arguments)["IntegrationId"]
            for one in self._of_api("apigatewayv2/authorizer:Authorizer", api):
                arguments = _arguments(one, made)
                arguments["IdentitySource"] = arguments.pop("IdentitySources")
                self._ids[one.id] = client.create_authorizer(**arguments)["AuthorizerId"]
            for one in self._of_api("apigatewayv2/route:Route", api):
                arguments = _arguments(one, made)
                arguments["Target"] = f"integrations/{self._ids[one.inputs['target'].rpartition('/')[2]]}"
                if "AuthorizerId" in arguments:
                    arguments["AuthorizerId"] = self._ids[arguments["AuthorizerId"]]
                client.create_route(**arguments)
            for one in self._of_api("apigatewayv2/stage:Stage", api):
                arguments = _arguments(one, made)
                arguments["StageName"] = arguments.pop("Name")
                client.create_stage(**arguments)


def _capital(key: str) -> str:
    return key[0].upper() + key[1:]


def _arguments(one: Resource, api: str) -> dict[str, Any]:
    """A resource's inputs as boto3 names them."""
    numbers = {"authorizerResultTtlInSeconds"}
    return {
        _capital(key): int(value) if key in numbers else value for key, value in one.inputs.items() if value is not None
    } | {"ApiId": api}
