"""Mocks for unit tests of programs that use the components. Import them as `gatehouse.testing`.

The mocks answer as AWS would, as far as the components read the answers. They start no process and call nothing.
https://www.pulumi.com/docs/iac/concepts/testing/unit/
"""

from ..callers.callers import Caller as Caller
from .mocks import Declared as Declared
from .mocks import Mocks as Mocks
from .reach import Reach as Reach
