"""Messages and marks are the SDK's own, and it is not loaded for them."""

import subprocess
import sys

from pulumi.runtime import rpc
from pulumi.runtime.proto import resource_pb2

from review.evaluate.host import messages
from tests.helpers.stacks import ROOT


def test_marks_are_those_of_the_sdk() -> None:
    ours = (messages.UNKNOWN, messages.KEY, messages.SECRET, messages.ASSET, messages.ARCHIVE, messages.RESOURCE)
    kinds = (rpc._special_secret_sig, rpc._special_asset_sig, rpc._special_archive_sig, rpc._special_resource_sig)
    assert ours == (rpc.UNKNOWN, rpc._special_sig_key, *kinds)


def test_messages_are_those_of_the_sdk() -> None:
    request = resource_pb2.RegisterResourceRequest(type="a:b:C", name="one")
    assert messages.resource_pb2.RegisterResourceRequest.FromString(request.SerializeToString()) == request


def test_no_sdk_is_loaded_to_serve_a_program() -> None:
    code = (
        "import sys, review.evaluate.protocol, review.report.report, review.rules.check; print('pulumi' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
