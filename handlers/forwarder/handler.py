"""Lambda's entry point: the environment is read once, here, and a mistake in it fails the import."""

import os

from forwarder.configuration import Configuration
from forwarder.reverse_proxy import ReverseProxy

handler = ReverseProxy(Configuration(os.environ)).handle
