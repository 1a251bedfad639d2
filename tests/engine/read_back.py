"""What AWS's API, here the emulator, and the state hold of a stack, beside what the program declared."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from components.facts.statements import KEY, PACKAGE

from .cli import Engine

_API: Final = "aws:apigateway/restApi:RestApi"
_STAGE: Final = "aws:apigateway/stage:Stage"
_WITHOUT_REACH: Final = ("Alerts", "DestroyProtection")
_SECRET: Final = "4dabf18193072939515e22adb298388d"
"""Key by which the engine marks a secret in the state."""
_POLICY: Final = "x-amazon-apigateway-policy"


def client(engine: Engine, service: str) -> Any:
    """A client of the emulator."""
    # Only where it is needed: half a second to load.
    import boto3
    from botocore.config import Config

    # A loaded emulator may refuse a connection for a moment.
    patient = Config(retries={"mode": "standard", "total_max_attempts": 8})
    key = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return boto3.client(service, "eu-west-1", endpoint_url=engine.endpoint, config=patient, **key)


def read_back(engine: Engine, stack: str) -> Iterator[str]:
    """Where AWS holds another REST API than the program's, or a component states its reach wrongly."""
    yield from rest_apis(engine, stack)
    yield from unstated(engine.state(stack))


def unstated(resources: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Components whose statement is not in the state, or has a secret."""
    for record in resources:
        kind = record["type"].removeprefix(PACKAGE)
        if not record["type"].startswith(PACKAGE) or kind in _WITHOUT_REACH:
            continue
        name, statement = record["urn"].rpartition("::")[2], record.get("inputs", {}).get(KEY)
        if not statement:
            yield f"{kind} {name} has no input {KEY} in the state"
        elif _SECRET in json.dumps(statement):
            yield f"{kind} {name} has a secret in its input {KEY}"


def rest_apis(engine: Engine, stack: str) -> Iterator[str]:
    """Where a stage serves another document than the program's, or an API has another policy."""
    resources = engine.state(stack, secrets=True)
    declared = {record["id"]: record for record in resources if record["type"] == _API and "body" in record["inputs"]}
    stages = [
        each["outputs"] for each in resources if each["type"] == _STAGE and each["outputs"]["restApi"] in declared
    ]
    if not declared:
        return
    gateway = client(engine, "apigateway")
    for identifier, api in declared.items():
        body = json.loads(_plain(api["inputs"]["body"]))
        held = gateway.get_rest_api(restApiId=identifier)
        exports = {
            stage["stageName"]: json.load(
                gateway.get_export(restApiId=identifier, stageName=stage["stageName"], exportType="oas30")["body"]
            )
            for stage in stages
            if stage["restApi"] == identifier
        }
        name = api["urn"].rpartition("::")[2]
        yield from differences(name, api["outputs"]["executionArn"], body, held.get("policy"), exports)


def _plain(value: Any) -> Any:
    """A value of the state, of which a secret has its text as JSON."""
    return json.loads(value["plaintext"]) if isinstance(value, Mapping) and "plaintext" in value else value


def differences(
    name: str, arn: str, body: Mapping[str, Any], policy: str | None, stages: Mapping[str, Any]
) -> Iterator[str]:
    """One sentence for each thing that AWS holds differently; `policy` is as GetRestApi gives it."""
    declared = json.dumps(body.get(_POLICY)).replace('"execute-api:/', f'"{arn}/')
    held = json.loads(json.loads(f'"{policy}"')) if policy else None
    if held != json.loads(declared):
        yield f"the policy of {name} is {json.dumps(held)}, and the program declares {declared}"
    for stage, document in stages.items():
        if document != body:
            yield f"stage {stage} of {name} serves another document than the program declares"
