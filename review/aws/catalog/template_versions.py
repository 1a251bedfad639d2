"""Versions of launch templates: which one a machine or a group is made from.

A change of a template makes a version, which is the default one only if the program sets it.
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/manage-launch-template-versions.html
"""

from typing import Final

LATEST: Final = 1_000_000_001
DEFAULT: Final = 1_000_000_002
"""Stand-ins for the outputs `latestVersion` and `defaultVersion`. Nobody writes such a version."""
PATHS: Final = (
    ("launchTemplate", "id"),
    ("launchTemplate", "name"),
    ("mixedInstancesPolicy", "launchTemplate", "launchTemplateSpecification", "launchTemplateId"),
    ("mixedInstancesPolicy", "launchTemplate", "launchTemplateSpecification", "launchTemplateName"),
    ("launchConfiguration",),
)
"""Inputs of a machine or a group that name its template."""
