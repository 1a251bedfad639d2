"""The routes that stream. A variable of the API's stage lists them, so that a deployment of the API changes routes and
streaming at the same moment.

The variable `streaming` is a list such as `POST:/v1/~proxy=60,ANY:/events=900`: method, resource with its variables as
`~name`, and maximum seconds.
https://docs.aws.amazon.com/apigateway/latest/developerguide/aws-api-gateway-stage-variables-reference.html
"""

_SHAPE = str.maketrans({"{": "~", "}": None, "+": None})
_known: dict[str, dict[str, float]] = {}


def stream_seconds(event: object) -> float | None:
    """Returns the maximum seconds of the stream. None if the response must be whole."""
    if not isinstance(event, dict):
        return None
    variables, context = event.get("stageVariables"), event.get("requestContext")
    text = variables.get("streaming") if isinstance(variables, dict) else None
    resource = context.get("resourcePath") if isinstance(context, dict) else None
    if not isinstance(text, str) or not isinstance(resource, str):
        return None
    if text not in _known:
        _known.clear()
        _known[text] = _read(text)
    seconds, shape = _known[text], resource.translate(_SHAPE)
    own = seconds.get(f"{event.get('httpMethod')}:{shape}")
    return seconds.get(f"ANY:{shape}") if own is None else own


def _read(text: str) -> dict[str, float]:
    """Parses the list. Invalid text lists no route, so that responses are whole, as most routes need."""
    found: dict[str, float] = {}
    for entry in text.split(","):
        key, _, seconds = entry.rpartition("=")
        if seconds.isascii() and seconds.isdigit() and len(seconds) < 5:
            found[key] = float(seconds)
    return found
