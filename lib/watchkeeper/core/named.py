"""NamedTuple classes without importing `typing`, which would cost a hook more than everything else it imports.

Used as `if TYPE_CHECKING: from typing import NamedTuple` with this one in the other branch, so that type checkers see
the standard one.
"""

from __future__ import annotations

from collections import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class _Maker(type):
    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> Any:
        if not bases:
            return super().__new__(cls, name, bases, namespace)
        fields = list(namespace.pop("__annotations__", {}))
        defaults = [namespace.pop(field) for field in fields if field in namespace]
        make: Any = namedtuple  # noqa: PYI024 - the standard one costs too much
        made: Any = make(name, fields, defaults=defaults, module=namespace["__module__"])
        for key, value in namespace.items():
            if key not in ("__module__", "__qualname__", "__classcell__", "__static_attributes__", "__firstlineno__"):
                setattr(made, key, value)
        return made


class NamedTuple(metaclass=_Maker):
    """Base of a class whose annotations become the fields of a tuple; fields with a value have it as default."""
