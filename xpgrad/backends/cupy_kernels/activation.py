"""Activations and their gradients in one launch each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from xpgrad._typing import Array, Namespace
from xpgrad.backends.cupy_kernels.elementwise import elementwise
from xpgrad.backends.cupy_kernels.rows import same_floats
from xpgrad.backends.fallbacks import activation as fallback

# By name: the arguments, and the result.
_FORMULAS: Final = {
    "gelu": (("x",), "x * (Real(0.5) * (Real(1) + erf(x * Real(0.7071067811865476))))"),
    "gelu_input": (
        ("g", "x"),
        "g * (Real(0.5) * (Real(1) + erf(x * Real(0.7071067811865476)))"
        " + x * (exp(Real(-0.5) * (x * x)) * Real(0.3989422804014327)))",
    ),
    "gelu_tanh": (
        ("x",),
        "Real(0.5) * x * (Real(1) + tanh(Real(0.7978845608028654) * (x + Real(0.044715) * (x * x * x))))",
    ),
    "gelu_tanh_input": (
        ("g", "x"),
        "g * (Real(0.5) * (Real(1) + t) + Real(0.5) * x * (Real(1) - t * t)"
        " * (Real(0.7978845608028654) * (Real(1) + Real(0.134145) * (x * x))))",
    ),
    "relu_input": (("g", "out"), "out <= Real(0) ? Real(0) : g"),
    "sigmoid": (("x",), "Real(1) / (Real(1) + exp(-x))"),
    "silu": (("x",), "x * (Real(1) / (Real(1) + exp(-x)))"),
    "silu_input": (("g", "x"), "g * (s * (Real(1) + x * (Real(1) - s)))"),
}
# What some formulas name.
_FIRST: Final = {
    "gelu_tanh_input": ("const Real t = tanh(Real(0.7978845608028654) * x * (Real(1) + Real(0.044715) * (x * x)));"),
    "silu_input": "const Real s = Real(1) / (Real(1) + exp(-x));",
}


def _elementwise(name: str) -> Callable[..., Array]:
    otherwise: Callable[..., Array] = fallback.FALLBACKS[name]
    arguments, formula = _FORMULAS[name]
    widened = ", ".join(f"{a} = given_{a}" for a in arguments)
    inputs = ", ".join(f"T given_{a}" for a in arguments)
    operation = f"const Real {widened}; {_FIRST.get(name, '')} result = T({formula});"
    kernel = elementwise(name, inputs, "T result", operation)

    def function(xp: Namespace, /, *arrays: Array) -> Array:
        return kernel(*arrays) if same_floats(*arrays) else otherwise(xp, *arrays)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"As the fallback `{otherwise.__module__}.{name}`, floats of two bytes in float32 in between."
    return function


KERNELS: dict[str, Callable[..., Any]] = {name: _elementwise(name) for name in _FORMULAS}
