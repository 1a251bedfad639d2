"""A program's declarations as plain data: resources with inputs and outputs, lookups, exports, config."""

from ..recording.resources import STACK_REFERENCE as STACK_REFERENCE
from ..recording.resources import Invoke as Invoke
from ..recording.resources import Options as Options
from ..recording.resources import Resource as Resource
from ..recording.values import UNKNOWN as UNKNOWN
from ..recording.values import Asset as Asset
from ..recording.values import Secret as Secret
from ..recording.values import Unknown as Unknown
from ..recording.values import reveal as reveal
from ..recording.values import reveal_all as reveal_all
from .graph import Graph as Graph
from .graph import Origin as Origin
from .graph import list_texts as list_texts
from .graph import make_empty_graph as make_empty_graph
