"""The recorded namespace: what rules see as ``xp`` when gradients are to be differentiable again.

It has the names of a raw namespace, over tensors: the standard's functions, an op for each extension function that
has rules of its own, and for any other extension its fallback, which is written over this very namespace (in the form
that reads nothing but what gradients flow to, where there are two).
"""

from __future__ import annotations

import functools
from types import ModuleType
from typing import Any

from xpgrad import array_api as standard
from xpgrad.backends.fallbacks import FALLBACKS
from xpgrad.backends.fallbacks.recurrent import DIFFERENTIABLE
from xpgrad.core.op import Op
from xpgrad.core.tensor_base import late
from xpgrad.ops import (
    activation,
    bessel,
    beta,
    convolution,
    cumulative,
    cylinder,
    decompositions,
    entropy,
    error,
    factorizations,
    gamma,
    indexing,
    inverses,
    linalg,
    pooling,
    shape,
    striding,
)

# Where the ops are that are called as an extension function.
_WITH_EXTENSIONS: tuple[ModuleType, ...] = (
    activation,
    bessel,
    beta,
    convolution,
    cylinder,
    cumulative,
    decompositions,
    entropy,
    error,
    factorizations,
    gamma,
    indexing,
    inverses,
    linalg,
    pooling,
    shape,
    striding,
)

recorded = ModuleType("xpgrad recorded namespace")


def _lookup(name: str) -> Any:
    """The function called ``name``, kept under it for the next time."""
    value = _find(name)
    setattr(recorded, name, value)
    return value


def _find(name: str) -> Any:
    if name in standard.__all__:
        return getattr(standard, name)
    if name in FALLBACKS:
        for module in _WITH_EXTENSIONS:
            if isinstance(getattr(module, name, None), Op):
                return getattr(module, name)
        return functools.partial(DIFFERENTIABLE.get(name, FALLBACKS[name]), recorded)
    raise AttributeError(f"the recorded namespace has no {name!r}")


recorded.__getattr__ = _lookup  # type: ignore[method-assign]
late.recorded = recorded
