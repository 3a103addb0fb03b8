"""The raw namespace of a backend: each function from the first who has it.

Packs come first, then the backend's own kernels, then the extension functions over the standard, then the library.
Extensions come before the library since its function of the same name may mean something else (``torch.scatter_add``);
a backend whose function is right lists it in its kernels.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Final

from xpgrad._typing import Namespace
from xpgrad.backends.fallbacks import FALLBACKS
from xpgrad.backends.packs import before, packs_for

Kernels = Mapping[str, Callable[..., Any]]

# Who gives a function, besides packs, whose names have no spaces.
KERNELS: Final = "kernels of the backend"
EXTENSIONS: Final = "xpgrad's own, written over the standard"
LIBRARY: Final = "the library's own"


def provider(name: str, library: Namespace, kernels: Kernels) -> str:
    """Who gives the function ``name``, unless a pack does: `KERNELS`, `EXTENSIONS` or `LIBRARY`; empty if nobody."""
    if name in kernels:
        return KERNELS
    if name in FALLBACKS:
        return EXTENSIONS
    return LIBRARY if hasattr(library, name) else ""


def providers(backend: str, library: Namespace, kernels: Kernels) -> dict[str, tuple[str, ...]]:
    """Who is asked for each function, the first first: names of packs, then what `provider` says.

    Functions that are only the library's own are left out.

    Raises:
        BrokenBackendError: A pack that ``XPGRAD_KERNELS`` names cannot be used.
    """
    packs = packs_for(backend)
    names = kernels.keys() | FALLBACKS.keys() | {name for pack in packs for name in pack.kernels}
    last = {name: provider(name, library, kernels) for name in sorted(names)}
    return {
        name: (*(pack.name for pack in packs if name in pack.kernels), giver) for name, giver in last.items() if giver
    }


def raw_namespace(
    backend: str, library: Namespace, kernels: Kernels, guard: Callable[[], AbstractContextManager[Any]] | None
) -> Namespace:
    """The namespace for a device of ``backend``, every function run inside ``guard``.

    A plain module object, since attributes of those are what CPython reads fastest; each name is looked up once and
    kept.
    """
    module = types.ModuleType(f"xpgrad raw namespace of {backend}")

    def lookup(name: str) -> Any:
        giver = provider(name, library, kernels)
        if not giver:
            raise AttributeError(f"the namespace of backend {backend!r} has no {name!r}")
        if giver == LIBRARY:
            value = getattr(library, name)
        else:
            value = _bound((kernels if giver == KERNELS else FALLBACKS)[name], module)
        for pack in reversed(packs_for(backend)):
            if name in pack.kernels:
                value = before(pack.kernels[name], module, value)
        value = value if guard is None else _guarded(value, guard)
        setattr(module, name, value)
        return value

    module.__getattr__ = lookup  # type: ignore[method-assign]
    return module


def layered(name: str, *layers: Namespace) -> Namespace:
    """A namespace whose every name is that of the first of ``layers`` to have it, in submodules too."""
    module = types.ModuleType(name)

    def lookup(attribute: str) -> Any:
        found = [getattr(layer, attribute) for layer in layers if hasattr(layer, attribute)]
        if not found:
            raise AttributeError(f"{name} has no {attribute!r}")
        value = found[0]
        if len(found) > 1 and isinstance(value, types.ModuleType | types.SimpleNamespace):
            value = layered(f"{name}.{attribute}", *found)
        setattr(module, attribute, value)
        return value

    module.__getattr__ = lookup  # type: ignore[method-assign]
    return module


def _bound(function: Callable[..., Any], xp: Namespace) -> Callable[..., Any]:
    """``function`` with its ``xp`` given; a partial, since it costs no frame and a debugger steps through it."""
    bound = functools.partial(function, xp)
    functools.update_wrapper(bound, function)
    return bound


def _guarded(value: Any, guard: Callable[[], AbstractContextManager[Any]]) -> Any:
    """``value`` of a namespace with each function run inside ``guard``; constants and types are as they were."""
    if isinstance(value, types.ModuleType):
        module = types.ModuleType(value.__name__)

        def lookup(name: str) -> Any:
            found = _guarded(getattr(value, name), guard)
            setattr(module, name, found)
            return found

        module.__getattr__ = lookup  # type: ignore[method-assign]
        return module
    if isinstance(value, type) or not callable(value):
        return value

    def guarded(*args: Any, **settings: Any) -> Any:
        with guard():
            return value(*args, **settings)

    guarded.__name__ = guarded.__qualname__ = getattr(value, "__name__", type(value).__name__)
    guarded.__doc__ = value.__doc__
    return guarded
