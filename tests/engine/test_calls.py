"""What a request of each of AWS's protocols is called in a policy; no binary and no emulator."""

import io
import json
from pathlib import Path

import pytest

from .calls import Noted, _allows, _named

SIGNED = "AWS4-HMAC-SHA256 Credential=test/20261122/eu-west-1/{}/aws4_request, SignedHeaders=host, Signature=x"


def noted(file: Path, service: str, path: str, method: str = "POST", body: bytes = b"", target: str = "") -> str:
    def inner(environ: dict[str, object], _: object) -> list[bytes]:
        read = environ["wsgi.input"]
        assert isinstance(read, io.BytesIO)
        return [read.read()]

    environ = {
        "HTTP_AUTHORIZATION": SIGNED.format(service),
        "PATH_INFO": path,
        "REQUEST_METHOD": method,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        **({"HTTP_X_AMZ_TARGET": target} if target else {}),
    }
    assert list(Noted(inner, file)(environ, lambda *_: None)) == [body]
    one, operation, where = json.loads(file.read_text().splitlines()[-1])
    return _named((one, operation, where))[0]


@pytest.mark.parametrize(
    ("service", "path", "method", "body", "target", "want"),
    [
        ("ec2", "/", "POST", b"Action=CreateVpc&Version=1", "", "ec2:CreateVpc"),
        ("logs", "/", "POST", b"{}", "Logs_20140328.CreateLogGroup", "logs:CreateLogGroup"),
        ("budgets", "/", "POST", b"{}", "AWSBudgetServiceGateway.CreateBudget", "budgets:ModifyBudget"),
        ("monitoring", "/service/Granite/operation/PutMetricAlarm", "POST", b"", "", "cloudwatch:PutMetricAlarm"),
        ("lambda", "/2015-03-31/functions/f/versions", "GET", b"", "", "lambda:ListVersionsByFunction"),
        ("route53", "/2013-04-01/hostedzone/Z1/rrset", "POST", b"", "", "route53:ChangeResourceRecordSets"),
        ("apigateway", "/v2/apis/a/routes", "POST", b"", "", "apigateway:POST"),
    ],
)
def test_a_request_is_named_as_in_a_policy(
    tmp_path: Path, service: str, path: str, method: str, body: bytes, target: str, want: str
) -> None:
    assert noted(tmp_path / "calls", service, path, method, body, target) == want


def test_api_gateway_is_allowed_by_path() -> None:
    allowed = {"apigateway:POST": ["arn:aws:apigateway:eu-west-1::/apis/*"]}
    assert _allows(allowed, "apigateway:POST", "/apis/a/routes")
    assert not _allows(allowed, "apigateway:POST", "/restapis")
    assert not _allows(allowed, "apigateway:GET", "/apis/a")
