"""What is read or made when something of it is first asked for: what few need does not make every start longer."""

import re
from importlib import import_module
from typing import Any, cast


class Late:
    """Stands for a module. Beside it, under TYPE_CHECKING, the module is imported by its own name.

    Used where a start would else read pydantic and all that reads scenarios and examinations: a tenth of its time.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(import_module(self.name), attribute)


class Expression:
    """Stands for a regular expression, which is compiled when its first method is asked for."""

    def __init__(self, text: str, flags: int) -> None:
        self.text, self.flags = text, flags

    def __getattr__(self, method: str) -> Any:
        found = getattr(re.compile(self.text, self.flags), method)
        setattr(self, method, found)
        return found


def expression(text: str, flags: int = 0) -> re.Pattern[str]:
    """As `re.compile`, whose work for the larger of the program's expressions takes a hundredth of a start.

    Only methods of what it returns are to be used; a mistake in the expression shows at the first.
    """
    return cast("re.Pattern[str]", Expression(text, flags))
