"""Dataclasses that are finished when the first of them is made.

What `dataclasses.dataclass` writes for a class (`__init__`, `__eq__`, `__hash__`, …) takes a thousandth of a second to
compile. The program has three hundred such classes and a start needs few of them: a sixth of its time. Here a class is
marked, and finished by the first call that makes one; everything else is as in the standard library, which does it.
"""

from dataclasses import Field
from dataclasses import fields as _fields
from threading import RLock
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass", "fields"]

_finishing = RLock()
_OPTIONS = "__dataclass_options__"
_MADE_ANEW = frozenset((_OPTIONS, "__init__", "__dict__", "__weakref__"))

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    from dataclasses import dataclass as _finish

    def dataclass(cls: type | None = None, /, **options: Any) -> Any:
        """As `dataclasses.dataclass`. What is another class than the one it is made of (`slots`) is made at once."""
        if options.get("slots") or not options.get("init", True):
            return _finish(cls, **options)

        def mark(cls: type) -> type:
            def first(self: Any, /, *args: Any, **values: Any) -> None:
                finish(cls)
                cls.__init__(self, *args, **values)

            setattr(cls, _OPTIONS, options)
            cls.__init__ = first
            return cls

        return mark if cls is None else mark(cls)

    def finish(cls: type) -> None:
        """Finish a class, and before it those it is made from. Raises what `dataclasses.dataclass` does."""
        with _finishing:
            for each in reversed(cls.__mro__):
                if _OPTIONS in each.__dict__:
                    _finish_one(each, each.__dict__[_OPTIONS])

    def _finish_one(cls: type, options: dict[str, Any]) -> None:
        """`__init__` comes from a twin and is put in its place last: until then other threads wait for the lock."""
        own = {name: value for name, value in cls.__dict__.items() if name not in _MADE_ANEW}
        twin = type(cls)(cls.__name__, cls.__bases__, {**own, "__qualname__": cls.__qualname__})
        _finish(twin, **options)
        _finish(cls, **{**options, "init": False})
        cls.__init__ = twin.__init__
        delattr(cls, _OPTIONS)


def fields(made: Any) -> tuple[Field[Any], ...]:
    """The fields of a dataclass or of one of its kind, as `dataclasses.fields`."""
    if not TYPE_CHECKING:
        finish(made if isinstance(made, type) else type(made))
    return _fields(made)
