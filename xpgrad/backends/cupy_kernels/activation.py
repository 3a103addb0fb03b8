"""Activations and their gradients in one launch each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from xpgrad.backends.cupy_kernels.elementwise import Formula, kernels
from xpgrad.backends.fallbacks.activation import FALLBACKS

_SIGMOID: Final = "const Real s = Real(1) / (Real(1) + exp(-x));"
_DISTRIBUTION: Final = "const Real d = Real(0.5) * (Real(1) + erf(x * Real(0.7071067811865476)));"
_TANH: Final = "const Real t = tanh(Real(0.7978845608028654) * x * (Real(1) + Real(0.044715) * (x * x)));"
_BENT: Final = "const Real slope = Real(0.7978845608028654) * (Real(1) + Real(0.134145) * (x * x));"

_FORMULAS: Final = {
    "gelu": Formula(("x",), "x * d", _DISTRIBUTION),
    "gelu_input": Formula(
        ("g", "x"), "g * (d + x * (exp(Real(-0.5) * (x * x)) * Real(0.3989422804014327)))", _DISTRIBUTION
    ),
    "gelu_tanh": Formula(("x",), "Real(0.5) * x * (Real(1) + t)", _TANH),
    "gelu_tanh_input": Formula(
        ("g", "x"), "g * (Real(0.5) * (Real(1) + t) + Real(0.5) * x * (Real(1) - t * t) * slope)", f"{_TANH} {_BENT}"
    ),
    "relu_input": Formula(("g", "out"), "out <= Real(0) ? Real(0) : g"),
    "sigmoid": Formula(("x",), "s", _SIGMOID),
    "silu": Formula(("x",), "x * s", _SIGMOID),
    "silu_input": Formula(("g", "x"), "g * (s * (Real(1) + x * (Real(1) - s)))", _SIGMOID),
}

KERNELS: dict[str, Callable[..., Any]] = dict(kernels(_FORMULAS, FALLBACKS))
