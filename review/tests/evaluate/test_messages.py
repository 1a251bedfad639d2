"""Messages and marks of the protocol are those of the SDK."""

from pulumi.runtime import rpc
from pulumi.runtime.proto import resource_pb2

from review.evaluate.host.messages import ARCHIVE, ASSET, KEY, RESOURCE, SECRET, UNKNOWN
from review.evaluate.host.messages import resource_pb2 as ours


def test_messages_and_marks_are_those_of_the_sdk() -> None:
    kinds = (rpc._special_secret_sig, rpc._special_asset_sig, rpc._special_archive_sig, rpc._special_resource_sig)
    assert (rpc.UNKNOWN, rpc._special_sig_key, *kinds) == (UNKNOWN, KEY, SECRET, ASSET, ARCHIVE, RESOURCE)
    request = resource_pb2.RegisterResourceRequest(type="a:b:C", name="one")
    assert ours.RegisterResourceRequest.FromString(request.SerializeToString()) == request
