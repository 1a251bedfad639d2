"""Versions of launch templates: which one a machine or a group is made from.

A change of a template makes a version, which is the default one only if the program sets it.
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/manage-launch-template-versions.html
"""

from typing import Final

from ...graph import UNKNOWN, Resource
from ...graph.given import held

LATEST: Final = 1_000_000_001
DEFAULT: Final = 1_000_000_002
"""Stand-ins for the outputs `latestVersion` and `defaultVersion`. Nobody writes such a version."""
WORDS: Final = {str(LATEST): "the latest version", str(DEFAULT): "the default version"}
PATHS: Final = (
    ("launchTemplate", "id"),
    ("launchTemplate", "name"),
    ("mixedInstancesPolicy", "launchTemplate", "launchTemplateSpecification", "launchTemplateId"),
    ("mixedInstancesPolicy", "launchTemplate", "launchTemplateSpecification", "launchTemplateName"),
    ("launchConfiguration",),
)
"""Inputs of a machine or a group that name its template."""


def follows_latest(user: Resource, path: tuple[str, ...], template: Resource) -> bool:
    """Whether new machines of a user get the newest version of the template that the input at `path` names."""
    version = held(user, *path[:-1], "version") if len(path) > 1 else None
    if len(path) == 1 or version is UNKNOWN or str(version) in ("$Latest", str(LATEST)):
        return True
    if version is not None and str(version) not in ("$Default", str(DEFAULT)):
        return False
    return held(template, "updateDefaultVersion") is True or str(held(template, "defaultVersion")) == str(LATEST)
