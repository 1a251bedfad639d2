"""Which requests are to be answered in a stream: a variable of the API's stage lists them, and changes with its routes.

So a deployment of the API and what the function does with its events change in the same moment. The variable
`streaming` is a list such as `POST:/v1/~proxy=60,ANY:/events=900`: method, resource with its variable parts as
`~name`, and most seconds.
https://docs.aws.amazon.com/apigateway/latest/developerguide/aws-api-gateway-stage-variables-reference.html
"""

_SHAPE = str.maketrans({"{": "~", "}": None, "+": None})
_known: dict[str, dict[str, float]] = {}


def stream_seconds(event: object) -> float | None:
    """How long the answer to this event may take to stream; None if it is to be whole."""
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
    found, shape = _known[text], resource.translate(_SHAPE)
    own = found.get(f"{event.get('httpMethod')}:{shape}")
    return found.get(f"ANY:{shape}") if own is None else own


def _read(text: str) -> dict[str, float]:
    """Text that cannot be read streams nothing: the answer is whole, which is right on most routes."""
    found: dict[str, float] = {}
    for entry in text.split(","):
        key, _, seconds = entry.rpartition("=")
        if seconds.isascii() and seconds.isdigit() and len(seconds) < 5:
            found[key] = float(seconds)
    return found
