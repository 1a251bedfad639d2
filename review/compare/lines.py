"""Lines of a comparison: what each states, the part of a report that it is in, and how grave it is."""

import enum
from dataclasses import dataclass


class Group(enum.Enum):
    """Groups of lines with their titles, in the order of a report."""

    TARGET = "Where it deploys, and with what"
    CALLERS = "Who may call"
    ELSEWHERE = "Values that come from elsewhere"
    DATA = "Data, networks and protections"
    REACH = "Who logs in, where programs lead, and their rights"
    RULES = "Rules"
    LIMITS = "Limits"
    MONEY = "Costs"
    BUILT = "What is built"
    RESOURCES = "Resources"
    EDITS = "Edited"


class Sign(enum.StrEnum):
    NEW = "+"
    GONE = "-"
    CHANGED = "~"
    REPLACED = "±"


class Topic(enum.Enum):
    """Parts of a heading with their words, the gravest first. `{}` stands for the subject."""

    TARGET = Group.TARGET, "Deploys to another target: {}"
    PACKAGES = Group.TARGET, "Uses other packages: {}"
    REFUSED = Group.DATA, "Is refused: {}"
    NETWORK = Group.DATA, "Replaces the network: {}"
    OPENS = Group.CALLERS, "Opens to anyone: {}"
    ADDRESS = Group.CALLERS, "Opens a second address: {}"
    MORE = Group.CALLERS, "Accepts more callers: {}"
    OTHER = Group.CALLERS, "Accepts other callers: {}"
    ADMITS = Group.REACH, "Admits more: {}"
    CANNOT = Group.CALLERS, "Cannot compare: {}"
    ELSEWHERE = Group.ELSEWHERE, "Takes other values from elsewhere: {}"
    DATA_GONE = Group.DATA, "Deletes data: {}"
    DATA_REPLACED = Group.DATA, "Replaces data: {}"
    DATA_PERHAPS = Group.DATA, "Perhaps replaces data: {}"
    UNPROTECTED = Group.DATA, "Takes protection off: {}"
    FAILS = Group.RULES, "Newly fails: {}"
    REMOVES = Group.CALLERS, "Removes calls: {}"
    FEWER = Group.CALLERS, "Accepts fewer callers: {}"
    ADDS = Group.CALLERS, "Adds calls: {}"
    PEOPLE = Group.REACH, "Lets more people log in: {}"
    RIGHTS = Group.REACH, "Gets more rights: {}"
    LEADS = Group.REACH, "Leads to more places: {}"
    ROUTES = Group.REACH, "Sends calls elsewhere: {}"
    PAGES = Group.REACH, "Lets pages of more sites read answers: {}"
    COSTS = Group.MONEY, "Costs: {}"
    LIMITS = Group.LIMITS, "Changes limits: {}"
    LOGS = Group.DATA, "Deletes logs: {}"
    PROTECTED = Group.DATA, "Protects from deletion: {}"
    RULES = Group.RULES, "Rules: {}"
    BUILT = Group.BUILT, "{}"
    RESOURCES = Group.RESOURCES, "{}"
    OUTPUTS = Group.EDITS, "Outputs: {}"
    EDITS = Group.EDITS, "{}"

    @property
    def group(self) -> Group:
        return self.value[0]

    @property
    def words(self) -> str:
        return self.value[1]


EACH: frozenset[Topic] = frozenset(topic for topic in Topic if topic.group is Group.CALLERS) | {Topic.REFUSED}
"""Topics of which each fact has a line of the heading for itself."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One fact that differs between two versions."""

    topic: Topic
    sign: Sign = Sign.CHANGED
    subject: str = ""
    """In a heading; empty if the heading only counts it."""
    text: str = ""
    """The fact in full; else the topic's words with the subject."""
    words: str = ""
    """In place of the topic's words."""
    resources: tuple[str, ...] = ()
    """URNs of the resources whose changes it states."""
    fails: bool = False
    """Whether `--strict` makes an error of it."""
    place: str = ""
    """By which `review:acknowledge` names it."""
    routes: frozenset[str] = frozenset()
    """Entries of `protection.acknowledgePublic` for the calls that it says to be open."""
    reason: str = ""
    """Why it was acknowledged; empty if it was not."""

    @property
    def head(self) -> str:
        """The fact in few words."""
        return (self.words or self.topic.words).format(self.subject)

    @property
    def sentence(self) -> str:
        """The fact in full."""
        return (self.text or self.head) + (f" (acknowledged: {self.reason})" if self.reason else "")
