"""Single values that AWS refuses: numbers out of range, names of FIFO queues, schedules, variables of functions."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from ..aws.catalog import types
from ..aws.catalog.tables import table
from ..graph import UNKNOWN, Resource
from ..graph.given import held
from ..graph.prose import listed
from ..graph.reading import items, mapping, number, spread, text, within
from ..graph.recorded import unrecorded
from .registry import ALWAYS, Severity, rule

_Bounds = tuple[float | None, float | None]
"""The least and the most."""
_CHECKED: Final[dict[str, dict[str, Sequence[_Bounds]]]] = table("bounds")["types"]
"""By type, inputs with the ranges that the provider takes."""
_OWN_PAGES: Final = {kind: inputs for by_type in table("accepted").values() for kind, inputs in by_type.items()}
"""By type, inputs with what AWS takes, where the provider checks none or takes more."""
_RANGES: Final = {
    kind: {**_CHECKED.get(kind, {}), **{key: [bounds] for key, bounds in _OWN_PAGES.get(kind, {}).items()}}
    for kind in sorted({*_CHECKED, *_OWN_PAGES})
}
_OWN: Final = re.compile(
    r"_HANDLER|_X_AMZN_TRACE_ID|AWS_(DEFAULT_)?REGION|AWS_EXECUTION_ENV|AWS_LAMBDA_(FUNCTION_\w+|LOG_\w+|RUNTIME_API)"
    r"|AWS_(ACCESS_KEY|ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)|LAMBDA_(TASK_ROOT|RUNTIME_DIR)"
)
_SCHEDULED: Final = table("schedules")
"""By type, the path of its cron expressions."""
_FIFO: Final = {"aws:sqs/queue:Queue": "fifoQueue", "aws:sns/topic:Topic": "fifoTopic"}


@rule("LIMIT-03", Severity.HIGH, on=tuple(_RANGES), refused=ALWAYS)
def number_is_in_range(resource: Resource) -> Iterator[str]:
    """A number is not above the most, or below the least, that AWS takes for it.

    Why: AWS or its provider refuses the update.
    Remedy: Choose a number between the two that the message has.
    https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html
    """
    inputs = unrecorded(resource.inputs)
    for path, ranges in _RANGES[resource.type].items():
        for amount in map(number, spread(inputs, *path.split("."))):
            if amount is not None and not any(_is_in(amount, bounds) for bounds in ranges):
                taken = " or ".join(map(_words, ranges))
                yield f"{resource.name} has {path} {amount:,.10g}, and AWS takes {taken}"


def _is_in(amount: float, bounds: _Bounds) -> bool:
    least, most = bounds
    return (least is None or least <= amount) and (most is None or amount <= most)


def _words(bounds: _Bounds) -> str:
    least, most = bounds
    if least is None or least == most:
        return f"{most:,.10g}" if least == most else f"at most {most:,.10g}"
    return f"{least:,.10g} to {most:,.10g}" if most is not None else f"{least:,.10g} or more"


@rule("FIT-36", Severity.HIGH, on=tuple(_FIFO), refused=ALWAYS)
def fifo_name_ends_so(resource: Resource) -> Iterator[str]:
    """The name of a FIFO queue or topic ends in .fifo, and no other one does.

    Why: AWS refuses the queue or topic.
    Remedy: Add .fifo to the name, or set fifo_queue or fifo_topic.
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-types.html
    """
    name, is_fifo = text(held(resource, "name")), held(resource, _FIFO[resource.type])
    if name and is_fifo is not UNKNOWN and name.endswith(".fifo") is not (is_fifo is True):
        yield f"{resource.name} is {'a' if is_fifo else 'no'} FIFO queue or topic, and its name is {name}"


@rule("FIT-37", Severity.HIGH, on=tuple(_SCHEDULED), refused=ALWAYS)
def cron_has_its_form(resource: Resource) -> Iterator[str]:
    """A cron expression of AWS has six fields, and a question mark for one of the two days.

    Why: EventBridge, Glue and AWS Backup refuse the expression of crontab.
    Remedy: Write cron(0 12 * * ? *) for every day at 12:00 UTC.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
    """
    for written in map(text, spread(resource.inputs, *_SCHEDULED[resource.type])):
        fields = written.removeprefix("cron(").removesuffix(")").split()
        if written.startswith("cron(") and (len(fields) != 6 or "?" not in (fields[2], fields[4])):
            yield f"{resource.name} has the schedule {written}"


@rule("FIT-38", Severity.HIGH, on=types.FUNCTION, refused=("environment",))
def variables_are_not_of_lambda(resource: Resource) -> Iterator[str]:
    """A function sets no variable that Lambda sets itself.

    Why: Lambda refuses reserved variables.
    Remedy: Give the variable another name; the code can read Lambda's own.
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
    """
    if own := sorted(filter(_OWN.fullmatch, mapping(held(resource, "environment", "variables")))):
        yield f"{resource.name} sets {listed(own)}"


@rule("FIT-40", Severity.HIGH, on=("aws:dynamodb/table:Table",), refused=ALWAYS)
def attributes_are_keys(resource: Resource) -> Iterator[str]:
    """A table declares the attributes of its keys and indexes, and no others.

    Why: DynamoDB refuses the table.
    Remedy: Declare the attributes that hash_key, range_key and the indexes name. Items may have any others.
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
    """
    declared = {text(within(attribute, "name")) for attribute in items(held(resource, "attributes"))}
    holders = [resource.inputs, *items(held(resource, "globalSecondaryIndexes"))]
    keys = [within(holder, key) for holder in holders for key in ("hashKey", "rangeKey")]
    keys += [*spread(resource.inputs, "localSecondaryIndexes", "rangeKey")]
    keys += [*spread(resource.inputs, "globalSecondaryIndexes", "keySchemas", "attributeName")]
    named = {text(key) for key in keys if key is not None}
    if "" not in named | declared and declared and named != declared and resource.inputs.get("hashKey"):
        differ = listed(sorted(named ^ declared))
        yield f"{resource.name} declares {listed(sorted(declared))}, which is not what its keys name ({differ})"


_BUCKET: Final = ("aws:s3/bucket:Bucket",)
_BUCKET_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


@rule("FIT-48", Severity.HIGH, on=(*_BUCKET, "aws:kms/alias:Alias"), refused=ALWAYS)
def name_has_its_form(resource: Resource) -> Iterator[str]:
    """The name of a bucket has 3 to 63 small letters, digits, dots and hyphens; that of a key begins with alias/.

    Why: S3, KMS or the provider refuses the name.
    Remedy: Choose such a name, or leave it out.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    """
    name = held(resource, "bucket" if resource.type in _BUCKET else "name")
    fits = _BUCKET_NAME.fullmatch(text(name)) if resource.type in _BUCKET else text(name).startswith("alias/")
    if isinstance(name, str) and not fits:
        yield f"{resource.name} has the name {name}"
