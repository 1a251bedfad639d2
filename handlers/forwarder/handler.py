"""Lambda's entry point. The environment is read once; an invalid variable fails the import."""

import os

from forwarder.configuration import Configuration
from forwarder.reverse_proxy import ReverseProxy

handler = ReverseProxy(Configuration(os.environ)).handle
