"""Files compiled by Python that a full disk cut short: up to 3.12.7 it keeps them, and every later import fails.

Imported only when an import has failed; see https://github.com/python/cpython/issues/126606.
"""

from __future__ import annotations

import contextlib
import os
import sys
from importlib.machinery import SourcelessFileLoader

from . import paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def folders() -> list[str]:
    """Return where the compiled files are that this process may import, those of Python itself left out."""
    bundle = paths.bundle_root()
    packages = [folder for folder in sys.path if os.path.basename(folder) == "site-packages"]
    return [os.path.join(bundle, "lib"), os.path.join(bundle, "commands"), *packages]


def remove_cut_short(places: Iterable[str]) -> bool:
    """Remove what was cut short of this Python's compiled files in and below `places`; return whether any was."""
    suffix = f".{sys.implementation.cache_tag}.pyc"
    found = False
    for place in places:
        for folder, _, names in os.walk(place):
            for name in names:
                path = os.path.join(folder, name)
                if name.endswith(suffix) and _is_cut_short(path):
                    found = True
                    with contextlib.suppress(OSError):
                        os.unlink(path)
    return found


def _is_cut_short(path: str) -> bool:
    try:
        SourcelessFileLoader("", path).get_code("")
    except EOFError:
        return True
    except (ImportError, OSError, ValueError, TypeError):
        # Gone by now, or damaged in another way.
        return False
    return False
