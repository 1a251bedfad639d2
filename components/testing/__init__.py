"""Mocks for unit tests of programs that use the components. Import them as `gatehouse.testing`.

The mocks answer as AWS would, as far as the components read the answers. They start no process and call nothing.
https://www.pulumi.com/docs/iac/concepts/testing/unit/
"""

from .mocks import Declared as Declared
from .mocks import Mocks as Mocks
