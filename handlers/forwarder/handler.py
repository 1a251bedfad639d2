"""Lambda's entry point: what the environment says is read once, here, and a mistake in it fails the import."""

import os

from forwarder.configuration import Configuration
from forwarder.reverse_proxy import ReverseProxy

handler = ReverseProxy(Configuration(os.environ)).handle
