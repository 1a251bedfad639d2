"""The policy pack: the review's rules, for `pulumi preview --policy-pack review/policy`.

Constructing a PolicyPack starts its server and never returns, so nothing else happens here.
"""

import sys
from pathlib import Path

from pulumi_policy import EnforcementLevel, PolicyPack

# The CLI runs this folder as a program of its own; the rules are beside it.
sys.path.insert(0, str(Path(__file__).parents[2]))

from review.policy.pack import NAME, make_policies

PolicyPack(name=NAME, policies=make_policies(), enforcement_level=EnforcementLevel.ADVISORY)
