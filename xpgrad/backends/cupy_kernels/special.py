"""Special functions that CUDA or CuPy has, in one launch where the fallbacks take hundreds.

CuPy's own are SciPy's algorithms. Its exponentially scaled Bessel functions are left out, which are 0 times infinity
for large arguments, and its ``xlog1py``, which loses NaN.
"""

from __future__ import annotations

import functools
import importlib
import math
from collections.abc import Callable
from typing import Any, Final

import cupy

from xpgrad._typing import Array, Namespace
from xpgrad.backends.cupy_kernels.elementwise import Formula, kernels
from xpgrad.backends.cupy_kernels.rows import same_floats
from xpgrad.backends.fallbacks.special import FALLBACKS

_OF_CUDA: Final = {
    **{name: name for name in ("erf", "erfc", "erfcx", "erfinv")},
    **{"gammaln": "lgamma", "ndtri": "normcdfinv"},
}
# At infinity PyTorch's are NaN, and CUDA's the limits.
_BESSEL: Final = {
    **{name: name for name in ("j0", "j1", "y0", "y1")},
    **{"i0": "cyl_bessel_i0", "i1": "cyl_bessel_i1"},
}
_FORMULAS: Final = {
    **{name: Formula(("x",), f"{theirs}(x)") for name, theirs in _OF_CUDA.items()},
    **{name: Formula(("x",), f"x - x == Real(0) ? {theirs}(x) : x - x") for name, theirs in _BESSEL.items()},
    "log_ndtr": Formula(
        ("x",),
        "x < Real(-1) ? log(erfcx(-z) / Real(2)) - z * z : log1p(-erfc(z) / Real(2))",
        "const Real z = x * Real(0.7071067811865476);",
    ),
    "xlog1py": Formula(("x", "y"), "x == Real(0) && y == y ? Real(0) : x * log1p(y)"),
    "xlogy": Formula(("x", "y"), "x == Real(0) && y == y ? Real(0) : x * log(y)"),
}
_OF_CUPY: Final = ("betainc", "digamma", "k0", "k1", "zeta")


def gammainc(xp: Namespace, a: Array, x: Array, /) -> Array:
    """As the fallback `xpgrad.backends.fallbacks.incomplete_gamma.gammainc`."""
    return _incomplete("gammainc", xp, a, x)


def gammaincc(xp: Namespace, a: Array, x: Array, /) -> Array:
    """As the fallback `xpgrad.backends.fallbacks.incomplete_gamma.gammaincc`."""
    return _incomplete("gammaincc", xp, a, x)


def _incomplete(name: str, xp: Namespace, a: Array, x: Array) -> Array:
    out = _by_cupy(name, xp, a, x)
    # At the ends of the range of one argument CuPy does not look at the other.
    return cupy.where((a != a) | (x != x), out.dtype.type(math.nan), out)


def _by_cupy(name: str, xp: Namespace, *arrays: Array) -> Array:
    if not same_floats(*arrays):
        return FALLBACKS[name](xp, *arrays)
    dtype = arrays[0].dtype
    wide = [a.astype("float32") for a in arrays] if dtype.itemsize == 2 else arrays
    return getattr(_cupyx(), name)(*wide).astype(dtype, copy=False)


def _kernel(name: str) -> Callable[..., Array]:
    def function(xp: Namespace, /, *arrays: Array) -> Array:
        return _by_cupy(name, xp, *arrays)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"As the fallback of the name; {FALLBACKS[name].__doc__}"
    return function


@functools.cache
def _cupyx() -> Any:
    """``cupyx.scipy.special``, imported when first needed."""
    return importlib.import_module("cupyx.scipy.special")


KERNELS: dict[str, Callable[..., Any]] = {
    **kernels(_FORMULAS, FALLBACKS),
    **{name: _kernel(name) for name in _OF_CUPY},
    "gammainc": gammainc,
    "gammaincc": gammaincc,
}
