"""Bounds of what a program sends and serves, and what a refused, false or late message leaves."""

import signal
import socket
import sys
from pathlib import Path
from threading import Event
from unittest.mock import patch

import pytest

from review.evaluate.files import Files, _below
from review.evaluate.problems import ProgramError
from review.evaluate.protocol import served
from review.evaluate.runner import Run
from review.evaluate.stack_file import read_stack
from review.graph import UNKNOWN
from review.graph.given import is_ignored, roots
from review.tests.evaluate.test_protocol import reviewed
from review.tests.fixtures import Write
from tests.helpers.in_process.evaluation import run

ANSWERS = """
import contextlib, grpc
from concurrent import futures
from pulumi.runtime import settings
from pulumi.runtime.proto import callback_pb2, callback_pb2_grpc, resource_pb2

changed = resource_pb2.TransformResponse()
changed.properties["text"] = "x" * (3 << 20)

class Callbacks(callback_pb2_grpc.CallbacksServicer):
    def Invoke(self, request, context):
        return callback_pb2.CallbackInvokeResponse(response=changed.SerializeToString())

server = grpc.server(futures.ThreadPoolExecutor(2))
callback_pb2_grpc.add_CallbacksServicer_to_server(Callbacks(), server)
port = server.add_insecure_port("127.0.0.1:0")
server.start()
callback = callback_pb2.Callback(target=f"127.0.0.1:{port}", token="t")
for number in range(12):
    with contextlib.suppress(Exception):
        settings.get_monitor().RegisterResource(
            resource_pb2.RegisterResourceRequest(type="a:b:C", name=str(number), custom=True, transforms=[callback])
        )
"""


def test_what_callbacks_answer_is_limited_too(write_project: Write, short: Path) -> None:
    with pytest.raises(ProgramError, match="the program sent more than 50,000 requests, 32 MiB"):
        reviewed(write_project(ANSWERS), short)


EMPTY = """
import contextlib
from google.protobuf.struct_pb2 import ListValue
from pulumi.runtime import settings
from pulumi.runtime.proto import resource_pb2

request = resource_pb2.RegisterResourceRequest(type="a:b:C", name="n", custom=True)
request.object["all"] = []
request.object.fields["all"].list_value.MergeFrom(ListValue.FromString(MARK * 2_100_000))
with contextlib.suppress(Exception):
    settings.get_monitor().RegisterResource(request)
"""


def test_values_of_a_request_are_limited_since_an_empty_one_takes_memory_too(write_project: Write, short: Path) -> None:
    text = EMPTY.replace("MARK", repr(b"\x0a\x02\x2a\x00"))
    with pytest.raises(ProgramError, match=r"the program sent more than .* and 2,000,000 values"):
        reviewed(write_project(text), short)


FALSE = """
import json, grpc, pulumi_aws as aws
from pathlib import Path

address = next(line.split()[-1] for line in Path("/proc/net/unix").read_text().splitlines() if "recorder" in line)
tell = grpc.insecure_channel(f"unix:{address}").unary_unary("/gatehouse.Program/Tell")
from pulumi.runtime import settings
from pulumi.runtime.proto import resource_pb2

for token, inputs in {
    "aws:ec2/securityGroup:SecurityGroup": {"ingress": [{"protocol": "-1", "cidrBlocks": ["0.0.0.0/0"]}]},
    "aws:ec2/securityGroupRule:SecurityGroupRule": {"cidrBlocks": ["0.0.0.0/0"]},
    "aws:rds/instance:Instance": {"publiclyAccessible": "true", "allocatedStorage": [20], "engine": ["mysql"]},
}.items():
    tell(json.dumps({"type": token, "properties": dict.fromkeys(inputs, "str")}).encode())
    request = resource_pb2.RegisterResourceRequest(type=token, name="open", custom=True)
    request.object.update(inputs)
    settings.get_monitor().RegisterResource(request)
"""


def test_no_claim_of_a_type_hides_an_input(write_project: Write, short: Path) -> None:
    group, rule, database = reviewed(write_project(FALSE), short)
    assert [each["cidrBlocks"] for each in group.inputs["ingress"]] == [["0.0.0.0/0"]]
    assert rule.inputs["cidrBlocks"] == ["0.0.0.0/0"]
    assert (database.inputs["publiclyAccessible"], database.inputs["allocatedStorage"]) == (True, UNKNOWN)
    assert database.inputs["engine"] == '["mysql"]'


@pytest.mark.parametrize("moment", ["start", "stop"])
def test_a_signal_leaves_no_server_half_started_or_half_stopped(
    moment: str, monkeypatch: pytest.MonkeyPatch, write_project: Write, tmp_path: Path
) -> None:
    """gRPC waits for such a one without end."""
    whole = Event()

    class Server:
        def add_insecure_port(self, _: str) -> None: ...

        def start(self) -> None:
            self.reached("start")

        def stop(self, _: None) -> Event:
            self.reached("stop")
            return whole

        def reached(self, this: str) -> None:
            if this == moment:
                signal.raise_signal(signal.SIGUSR1)
                whole.set()

    def start(once: Run) -> None:
        with served(once, "unix:nowhere", tmp_path, lambda _: socket.socket()):
            pass

    monkeypatch.setattr("grpc.server", lambda *_, **__: Server())
    project = write_project()
    before = signal.signal(signal.SIGUSR1, lambda *_: sys.exit())
    try:
        with pytest.raises(SystemExit):
            run(project, read_stack(project, "dev"), start=start)
        assert whole.wait(60)
    finally:
        signal.signal(signal.SIGUSR1, before)


CONNECTIONS = """
import json, subprocess, sys
from pathlib import Path

import pulumi

address = next(line.split()[-1] for line in Path("/proc/net/unix").read_text().splitlines() if "recorder" in line)
code = '''
import json, socket, sys, time
made = [socket.socket(socket.AF_UNIX) for _ in range(200)]
for one in made:
    one.connect(sys.argv[1])
time.sleep(1)
def is_open(one):
    one.setblocking(False)
    try:
        return one.recv(1) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False
print(sum(map(is_open, made)))
'''
pulumi.export("open", int(subprocess.check_output([sys.executable, "-c", code, address])))
"""


def test_a_program_has_few_connections_to_the_recorder(write_project: Write, short: Path) -> None:
    """Each is an open file of the review, and without one it cannot read what it judges."""
    assert reviewed(write_project(CONNECTIONS), short).exports["open"] < 100


PORTS = """
import socket, threading

import pulumi
from pulumi.runtime import settings
from pulumi.runtime.proto import callback_pb2, resource_pb2

for number in range(20):
    server = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=lambda: server.accept()[0].close()).start()
    callback = callback_pb2.Callback(target=f"127.0.0.1:{server.getsockname()[1]}", token="t")
    request = resource_pb2.RegisterResourceRequest(type="a:b:C", name=str(number), custom=True, transforms=[callback])
    try:
        settings.get_monitor().RegisterResource(request)
    except Exception as error:
        said = error.details()
pulumi.export("said", said)
"""


def test_a_program_serves_callbacks_at_few_ports(write_project: Write, short: Path) -> None:
    said = reviewed(write_project(PORTS), short).exports["said"]
    assert said == "the program serves callbacks at more than 16 ports"


def test_a_request_that_was_refused_leaves_a_doubt(write_project: Write, short: Path) -> None:
    program = """
        import contextlib
        from pulumi.runtime import settings
        from pulumi.runtime.proto import resource_pb2

        group = resource_pb2.RegisterResourceRequest(type="aws:ec2/securityGroup:SecurityGroup", name="a", custom=True)
        group.parent = "urn:of:none"
        with contextlib.suppress(Exception):
            settings.get_monitor().RegisterResource(group)
        """
    (unseen,) = reviewed(write_project(program), short).unseen
    assert (unseen.code, unseen.types) == ("what a refused request would have declared", None)


IGNORED = """
from pulumi.runtime import settings
from pulumi.runtime.proto import resource_pb2

paths = [f"tags[{number}]" for number in range(100_000)]
request = resource_pb2.RegisterResourceRequest(type="aws:s3/bucket:Bucket", name="a", custom=True, ignoreChanges=paths)
settings.get_monitor().RegisterResource(request)
"""


def test_inputs_that_no_update_changes_are_read_once(write_project: Write, short: Path) -> None:
    """Each rule asks for them, several times for each resource."""
    (bucket,) = reviewed(write_project(IGNORED), short)
    with patch("review.graph.given.roots", wraps=roots) as read:
        assert all(is_ignored(bucket, "tags") for _ in range(100))
    assert read.call_count <= 1  # a rule may have asked before


def test_a_folder_that_a_program_names_again_is_walked_once(tmp_path: Path) -> None:
    files = Files(str(tmp_path.resolve()), roots=(tmp_path.resolve(),))
    with patch("review.evaluate.files._below", wraps=_below) as walk:
        assert all(files.may_read(name) for name in (".", "./.", f"../{tmp_path.name}"))
        (tmp_path / "other").symlink_to("..")
        assert [files.may_read(name) for name in ("other", "./other")] == [False, False]
    assert (walk.call_count, files.refused) == (2, {"other", "./other"})
