"""What can be found out about an array library by trying it."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from xpgrad.backends.discovery import BUILT_IN


class Library(NamedTuple):
    """An array library, as far as it is known.

    Attributes:
        module: Its namespace.
        distribution: What to install to have it.
        array_type: An expression for the type of its arrays, by the name of the module.
        owners: The top-level modules of that type and of the arrays' namespace.
        notes: What its backend has to give besides, or what could not be found out.
    """

    module: str
    distribution: str
    array_type: str
    owners: tuple[str, ...]
    notes: tuple[str, ...]


def examine(module: str) -> Library:
    """Import a library and look at an array of it, whatever comes of that."""
    # xpgrad brings array-api-compat along, but not what that wraps.
    top = module.removeprefix("array_api_compat.").partition(".")[0]
    distribution = importlib.metadata.packages_distributions().get(top, [top])[0]
    guess = f"type({module}.empty(0))"
    try:
        library = importlib.import_module(module)
    except Exception as error:
        note = (
            f"{module} cannot be imported here ({type(error).__name__}: {error}), so its name on the package index and "
            f"the type of its arrays are guesses: see `dependencies` in pyproject.toml, and `array_types` in the class."
        )
        return Library(module, distribution, guess, (top,), (note,))
    notes = []
    if not hasattr(library, "__array_namespace_info__"):
        note = f"{module} has no __array_namespace_info__, so it may be no namespace of the Array API standard."
        if importlib.util.find_spec(f"array_api_compat.{top}"):
            note += f" array-api-compat has one that is: --library array_api_compat.{top}"
        notes.append(note)
    try:
        array = library.empty(0)
    except Exception as error:
        notes.append(
            f"{module}.empty(0) fails ({type(error).__name__}: {error}): write the type of its arrays into "
            "`array_types`."
        )
        return Library(module, distribution, guess, (top,), tuple(notes))
    owners = {type(array).__module__.partition(".")[0], _namespace(array) or top} - BUILT_IN.keys()
    notes += _conversions(library, array)
    return Library(module, distribution, _spelled(library, module, array), tuple(sorted(owners)), tuple(notes))


def _spelled(library: ModuleType, module: str, array: Any) -> str:
    """How to write the type of ``array``: by its name in the library, if it has one there."""
    kind = type(array)
    names = (kind.__name__, "ndarray", "Array", "Tensor")
    public = next((name for name in names if getattr(library, name, None) is kind), None)
    return f"{module}.{public}" if public else f"type({module}.empty(0))"


def _namespace(array: Any) -> str:
    try:
        return str(array.__array_namespace__().__name__).partition(".")[0]
    except Exception:
        return ""


def _conversions(library: Any, array: Any) -> list[str]:
    """What the defaults of a backend do not do for this library."""
    notes = []
    try:
        np.asarray(array)
    except Exception as error:
        notes.append(f"NumPy cannot read its arrays ({type(error).__name__}: {error}): give the class a `to_host`.")
    try:
        library.asarray(np.zeros(1), device=None)
    except Exception as error:
        notes.append(f"asarray does not read NumPy's ({type(error).__name__}: {error}): give the class a `from_host`.")
    try:
        devices = library.__array_namespace_info__().devices()
    except Exception:
        return notes
    if len(devices) > 1:
        notes.append(f"it has {len(devices)} devices, of which the skeleton uses one: give the class its `devices`.")
    return notes
