"""CuPy's elementwise kernels of floats, which take any strides and broadcast: one launch for a whole formula."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import cupy

from xpgrad._typing import Array, Namespace
from xpgrad.backends.cupy_kernels.rows import same_floats

_PREAMBLE: Final = """
template <class T> struct Wide { typedef float type; };
template <> struct Wide<double> { typedef double type; };
"""


class Formula(NamedTuple):
    """An elementwise function in CUDA.

    Attributes:
        arguments: The names of its arguments, which have the type ``Real``: double, or float for all other floats.
        result: An expression of that type.
        first: What to compute before.
    """

    arguments: tuple[str, ...]
    result: str
    first: str = ""


def elementwise(name: str, inputs: str, outputs: str, operation: str) -> Any:
    """An ``ElementwiseKernel`` over floats ``T``, in whose ``operation`` ``Real`` is what to compute with.

    That is float for those of two bytes, so that results are rounded once.
    """
    return cupy.ElementwiseKernel(
        inputs, outputs, f"typedef Wide<T>::type Real; {operation}", f"xpgrad_{name}", preamble=_PREAMBLE
    )


def kernels(
    formulas: Mapping[str, Formula], fallbacks: Mapping[str, Callable[..., Any]]
) -> dict[str, Callable[..., Array]]:
    """Functions of arrays that compute ``formulas``, and ``fallbacks`` for dtypes other than one of the real floats."""
    return {name: _kernel(name, formula, fallbacks[name]) for name, formula in formulas.items()}


def _kernel(name: str, formula: Formula, fallback: Callable[..., Any]) -> Callable[..., Array]:
    inputs = ", ".join(f"T given_{a}" for a in formula.arguments)
    widened = ", ".join(f"{a} = given_{a}" for a in formula.arguments)
    kernel = elementwise(
        name, inputs, "T result", f"const Real {widened}; {formula.first} result = T({formula.result});"
    )

    def function(xp: Namespace, /, *arrays: Array) -> Array:
        return kernel(*arrays) if same_floats(*arrays) else fallback(xp, *arrays)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"As the fallback `{fallback.__module__}.{name}`, floats of two bytes in float32 in between."
    return function
