"""Marks of values are those of the SDK."""

from pulumi.runtime import rpc

from review.recording.marks import ARCHIVE, ASSET, KEY, RESOURCE, SECRET, UNKNOWN


def test_marks_are_those_of_the_sdk() -> None:
    kinds = (rpc._special_secret_sig, rpc._special_asset_sig, rpc._special_archive_sig, rpc._special_resource_sig)
    assert (rpc.UNKNOWN, rpc._special_sig_key, *kinds) == (UNKNOWN, KEY, SECRET, ASSET, ARCHIVE, RESOURCE)
