"""CuPy's elementwise kernels of floats, which take any strides and broadcast."""

from __future__ import annotations

from typing import Any, Final

import cupy

_PREAMBLE: Final = """
template <class T> struct Wide { typedef float type; };
template <> struct Wide<double> { typedef double type; };
"""


def elementwise(name: str, inputs: str, outputs: str, operation: str) -> Any:
    """An ``ElementwiseKernel`` over floats ``T``, in whose ``operation`` ``Real`` is what to compute with.

    That is float for those of two bytes, so that results are rounded once.
    """
    return cupy.ElementwiseKernel(
        inputs, outputs, f"typedef Wide<T>::type Real; {operation}", f"xpgrad_{name}", preamble=_PREAMBLE
    )
