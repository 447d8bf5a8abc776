"""Modules that are read when something of them is first asked for: what few need does not make every start longer."""

from importlib import import_module
from typing import Any


class Late:
    """Stands for a module. Beside it, under TYPE_CHECKING, the module is imported by its own name.

    Used where a start would else read pydantic and all that reads scenarios and examinations: a tenth of its time.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(import_module(self.name), attribute)
