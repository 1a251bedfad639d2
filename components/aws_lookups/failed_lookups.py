"""Failed lookups, in the words of the component that asked."""

from collections.abc import Mapping
from typing import TypeVar

import pulumi

Result = TypeVar("Result")


def refuse_failed(looked_up: pulumi.Output[Result], errors: Mapping[str, Exception]) -> pulumi.Output[Result]:
    """The result of a lookup. If the lookup fails, it raises the error whose key stands in the provider's message."""

    async def refuse() -> bool:
        try:
            await looked_up.future()
        except Exception as error:
            raise next((ours for words, ours in errors.items() if words in str(error)), error) from None
        return True

    known: pulumi.Output[bool] = pulumi.Output.from_input(refuse())
    return known.apply(lambda _: looked_up)
