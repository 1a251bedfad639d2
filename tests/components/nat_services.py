"""What stands around a NAT instance in tests/components/nat_network.py: run by itself, in one of its namespaces."""

import json
import re
import socketserver
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs

_INTERFACE = "eni-0123456789abcdef0"
_KEY, _SECRET, _TOKEN = "ASIAEXAMPLE", "secret/of+the=role", "token/of+the=role"
_METADATA = {
    "mac": "0a:00:00:00:00:01",
    "network/interfaces/macs/0a:00:00:00:00:01/interface-id": _INTERFACE,
    "iam/security-credentials/": "role-of-the-nat",
    "iam/security-credentials/role-of-the-nat": json.dumps(
        {"Code": "Success", "AccessKeyId": _KEY, "SecretAccessKey": _SECRET, "Token": _TOKEN}, indent=2
    ),
}
_ATTRIBUTE = """<DescribeNetworkInterfaceAttributeResponse>
    <sourceDestCheck>
        <value>{}</value>
    </sourceDestCheck>
</DescribeNetworkInterfaceAttributeResponse>"""


def fabric_rules(folder: Path) -> str:
    """The fabric's rules, by whether the NAT has its address and its source/destination check is on."""
    checks = (folder / "check").exists() and (folder / "check").read_text() == "true"
    public = (folder / "public").read_text()
    # A VPC drops without a word; a reset lets the tests end sooner.
    reset = "ip protocol tcp reject with tcp reset"
    forward = [
        f'iifname "nat" ip saddr != 10.77.0.10 {reset}' if checks else "",
        f'oifname "nat" ip daddr != 10.77.0.10 {reset}' if checks else "",
        # An internet gateway lets out what has a public address.
        f'oifname "internet" ip saddr != 10.77.0.10 {reset}',
        "" if public else f'oifname "internet" {reset}',
    ]
    translation = f'oifname "internet" ip saddr 10.77.0.10 snat to {public}' if public else ""
    return "\n".join(
        [
            "flush ruleset",
            "table ip fabric {",
            "chain forward { type filter hook forward priority filter; policy accept;",
            *forward,
            "}",
            "chain out { type nat hook postrouting priority srcnat; policy accept;",
            translation,
            "}",
            "}\n",
        ]
    )


class _Service(BaseHTTPRequestHandler):
    folder: Path

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""

    def answer(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())


class Metadata(_Service):
    """The instance metadata service, second version alone."""

    def do_PUT(self) -> None:
        self.answer(200, "session")

    def do_GET(self) -> None:
        public = (self.folder / "public").read_text()
        known = _METADATA | ({"public-ipv4": public} if public else {})
        path = self.path.removeprefix("/latest/meta-data/")
        if self.headers["X-aws-ec2-metadata-token"] != "session":
            self.answer(401, "")
        else:
            self.answer(200 if path in known else 404, known.get(path, ""))


class Internet(_Service):
    """A site that answers with the caller's address, and two of AWS's APIs, by the action of the request."""

    def do_GET(self) -> None:
        self.answer(200, self.client_address[0])

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self._signed(body):
            self.answer(403, "SignatureDoesNotMatch")
            return
        asked = {key: values[0] for key, values in parse_qs(body.decode()).items()}
        if asked["Action"] == "PutMetricData":
            with (self.folder / "metrics").open("a") as log:
                value = asked["MetricData.member.1.Value"]
                print(f"{asked['Namespace']} {asked['MetricData.member.1.MetricName']} {value}", file=log)
            self.answer(200, "")
        elif asked["NetworkInterfaceId"] != _INTERFACE:
            self.answer(400, "InvalidNetworkInterfaceID.NotFound")
        elif asked["Action"] == "DescribeNetworkInterfaceAttribute":
            self.answer(200, _ATTRIBUTE.format((self.folder / "check").read_text()))
        else:
            (self.folder / "check").write_text(asked["SourceDestCheck.Value"])
            nft = ["ip", "netns", "exec", "fabric", "nft", "--file", "-"]
            subprocess.run(nft, input=fabric_rules(self.folder), text=True, check=True)
            self.answer(200, "<return>true</return>")

    def _signed(self, body: bytes) -> bool:
        """Whether the signature is the one that botocore makes of the same request."""
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials

        authorization = self.headers["Authorization"]
        match = re.search(r"Credential=(\w+)/\d+/([\w-]+)/(\w+)/aws4_request.*SignedHeaders=([\w;-]+)", authorization)
        if match is None or match[1] != _KEY or self.headers["X-Amz-Security-Token"] != _TOKEN:
            return False
        headers = {name: self.headers[name] for name in match[4].split(";")}
        request = AWSRequest("POST", f"http://{self.headers['Host']}/", headers=headers, data=body)
        request.context["timestamp"] = self.headers["X-Amz-Date"]
        signer = SigV4Auth(Credentials(_KEY, _SECRET), match[3], match[2])
        signature = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
        return authorization.endswith(f"Signature={signature}")


def main() -> None:
    where, folder = sys.argv[1], Path(sys.argv[2])
    service, addresses = (
        (Metadata, ["169.254.169.254"])
        if where == "nat"
        else (Internet, ["198.51.100.1", "198.51.100.2", "198.51.100.3"])
    )
    service.folder = folder
    # Not http.server's, which looks up the name of its address.
    servers = [socketserver.ThreadingTCPServer((address, 80), service) for address in addresses]
    threads = [threading.Thread(target=server.serve_forever) for server in servers]
    for thread in threads:
        thread.start()
    (folder / f"{where}.listens").touch()


if __name__ == "__main__":
    main()
