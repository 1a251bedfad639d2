"""Lines of a comparison: groups, signs, and what each line states."""

import enum
from dataclasses import dataclass
from typing import NamedTuple


class Group(enum.Enum):
    """Groups of lines with their titles, the gravest first."""

    TARGET = "Where it deploys, and with what"
    ELSEWHERE = "Values that come from elsewhere"
    DATA = "Data that is deleted, replaced or kept for another time"
    OPEN = "Open to anyone on the internet"
    PATHS = "Who can reach what"
    CALLS = "What calls require and where they go"
    RULES = "Rules"
    MONEY = "Costs"
    ACCESS = "Resources that decide about paths and calls"
    OTHER = "Other resources"
    ALSO = "Also differs"
    EDITS = "Edited"


class Sign(enum.StrEnum):
    NEW = "+"
    GONE = "-"
    CHANGED = "~"
    REPLACED = "±"


class Topic(enum.Enum):
    """Parts of a heading with their words, the gravest first. `{}` stands for the subjects."""

    TARGET = "Deploys to another target: {}"
    ELSEWHERE = "Takes other values from elsewhere: {}"
    REFUSED = "Is refused: {}"
    CANNOT_SUCCEED = "The deployment fails: {}"
    PACKAGES = "Uses other packages: {}"
    DATA_GONE = "Deletes data: {}"
    DATA_REPLACED = "Replaces data: {}"
    DATA_PERHAPS = "Perhaps replaces data: {}"
    EARLIER = "Deletes data earlier: {}"
    UNPROTECTED = "Takes protection off: {}"
    OPENS = "Opens to anyone: {}"
    LOSES = "No longer requires what it did: {}"
    CALLERS = "Accepts other callers: {}"
    FIREWALL = "Takes the web ACL away: {}"
    SENDS = "Sends data out of the stack: {}"
    FAILS = "Newly fails: {}"
    OPENS_PATH = "Opens a path: {}"
    DOUBTS = "Cannot tell: {}"
    KEY = "Deletes a key: {}"
    DELETED_FIRST = "Deletes before the replacement exists: {}"
    ADDRESS = "The address of the API changes: {}"
    REMOVES = "Removes calls: {}"
    ENDS_PATH = "Ends a path: {}"
    SOURCE = "Calls to the internet come from another address: {}"
    MACHINE = "Replaces a machine without data of its own: {}"
    CALLS = "Changes calls: {}"
    FRONT = "Changes in front of the API: {}"
    PERMISSIONS = "Changes permissions: {}"
    ADDS = "Adds calls: {}"
    PATH = "Changes a path: {}"
    NETWORK = "Changes the network: {}"
    BEHIND = "Changes behind the API: {}"
    OUTPUTS = "Changes outputs: {}"
    ALSO = "Also differs: {}"
    CALLING = "Changes what calls a function: {}"
    PROTECTED = "Protects from deletion: {}"
    RETENTION = "Keeps data for another time: {}"
    SENDING = "Changes where objects are copied: {}"
    WATCH = "Changes alarms, logs or budgets: {}"
    NOT_READ = "Changes what the review does not read: {}"
    CLOSES = "Closes to anyone: {}"
    PASSES = "No longer fails: {}"
    FINDINGS = "Rules: {}"
    COSTS = "Costs: {}"
    """Follows all others."""


class Head(NamedTuple):
    """A part of the heading: its topic, what it is about in few words, and words in place of the topic's own."""

    topic: Topic
    subject: str
    words: str = ""
    plural: str = ""  # words for several subjects


@dataclass(frozen=True)
class Line:
    """One fact that one report states and the other does not."""

    group: Group
    sign: Sign
    text: str
    heads: tuple[Head, ...] = ()
    resources: tuple[str, ...] = ()  # URNs of the resources whose changes it states
    fails: bool = False  # whether `--strict` makes an error of it
    place: str = ""  # by which `review:acknowledge` names it; empty if it cannot be acknowledged there
