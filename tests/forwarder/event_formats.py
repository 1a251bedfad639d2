"""Formats of the events that the forwarder takes, and the hosts of the calls in them."""

FORMATS = ("rest", "http_1", "http_2", "function_url")
REST_HOST, HTTP_HOST = (f"{api}.execute-api.eu-west-1.amazonaws.com" for api in ("abcde12345", "fghij67890"))
