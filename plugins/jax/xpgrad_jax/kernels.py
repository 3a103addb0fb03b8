"""The extension functions in JAX, compiled as a whole: each fallback once per shape, and what XLA has of its own.

And three functions of the standard that JAX's namespace has otherwise.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any

import jax
from jax import lax
from jax import numpy as jnp
from jax.scipy import special as jsp

from xpgrad.backends.fallbacks import FALLBACKS
from xpgrad.backends.windows import check_convolved, convolution_size
from xpgrad_jax.philox import philox_bits

__all__ = ["KERNELS"]

# Fallbacks that look at shapes only, not at values. Written as NumPy runs them, one operation after the other, each
# costs JAX a compilation per operation and shape and ten microseconds per operation ever after.
_COMPILED = (
    *("gelu", "gelu_input", "gelu_tanh", "gelu_tanh_input", "relu_input", "sigmoid", "silu", "silu_input"),
    *("log_softmax", "log_softmax_input", "nll_loss", "nll_loss_input", "safe_softmax", "softmax", "softmax_input"),
    *("addmm", "adam_update", "batch_norm", "batch_norm_gradients", "layer_norm", "layer_norm_gradients"),
    *("avg_pool", "avg_pool_input", "biased_convolution", "max_pool", "max_pool_input", "pool_gather"),
    *("as_strided", "constant_pad", "put_rows", "sliding_windows", "view_as_complex", "view_as_real"),
    *("cholesky_solve", "frexp", "logcumsumexp", "row_order", "running_extreme", "solve_triangular"),
    *("airy_ai", "digamma", "erf", "erfc", "erfcx", "erfinv", "gammaln", "polygamma", "xlog1py", "xlogy"),
    *("i0", "i0e", "i1", "i1e", "j0", "j1", "k0", "k0e", "k1", "k1e", "spherical_j0", "y0", "y1"),
    *("log_ndtr", "ndtri"),
)


def compiled(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """``function``, which is the extension ``name``, compiled once for the shapes of its arrays and its settings.

    Settings that are floats do not count: a learning rate may change at each step.
    """
    settings = inspect.signature(FALLBACKS[name]).parameters.values()
    fixed = [p.name for p in settings if p.kind is p.KEYWORD_ONLY and "float" not in str(p.annotation)]
    return jax.jit(function, static_argnums=0, static_argnames=fixed)


# As the fallbacks of the same names, whose docstrings say what they do.


def convolution(xp: Any, x: Any, w: Any, /, *, stride: Any, padding: Any, dilation: Any, groups: int) -> Any:
    convolution_size(x.shape, w.shape, stride, padding, dilation, groups)
    around = [(p, p) for p in padding]
    return lax.conv_general_dilated(x, w, stride, around, rhs_dilation=dilation, feature_group_count=groups)


def convolution_input(xp: Any, g: Any, w: Any, /, *, size: Any, groups: int, **settings: Any) -> Any:
    if jnp.isdtype(g.dtype, "integral"):
        # JAX transposes functions of floating-point numbers only.
        return FALLBACKS["convolution_input"](xp, g, w, size=size, groups=groups, **settings)
    x = jax.ShapeDtypeStruct((g.shape[0], w.shape[1] * groups, *size), g.dtype)
    check_convolved(g.shape, x.shape, w.shape, groups=groups, **settings)
    return jax.linear_transpose(lambda x: convolution(xp, x, w, groups=groups, **settings), x)(g)[0]


def convolution_weight(xp: Any, g: Any, x: Any, /, *, size: Any, groups: int, **settings: Any) -> Any:
    if jnp.isdtype(g.dtype, "integral"):
        return FALLBACKS["convolution_weight"](xp, g, x, size=size, groups=groups, **settings)
    w = jax.ShapeDtypeStruct((g.shape[1], x.shape[1] // groups, *size), g.dtype)
    check_convolved(g.shape, x.shape, w.shape, groups=groups, **settings)
    return jax.linear_transpose(lambda w: convolution(xp, x, w, groups=groups, **settings), w)(g)[0]


def pool_scatter(xp: Any, g: Any, indices: Any, /, *, size: Any) -> Any:
    maps, count, total = math.prod(g.shape[:2]), math.prod(g.shape[2:]), math.prod(size)
    at = jnp.reshape(indices, (maps, count)) + total * jnp.arange(maps)[:, None]
    added = scatter_add(xp, jnp.reshape(g, (maps * count,)), jnp.reshape(at, (maps * count,)), size=maps * total)
    return jnp.reshape(added, (*g.shape[:2], *size))


def scatter_add(xp: Any, updates: Any, indices: Any, /, *, size: int) -> Any:
    # One by one in half precision, a sum of many small numbers would soon stop growing.
    dtype = jnp.float32 if updates.dtype in (jnp.float16, jnp.bfloat16) else updates.dtype
    added = jnp.zeros((size, *updates.shape[1:]), dtype).at[indices].add(updates.astype(dtype))
    return added.astype(updates.dtype)


def scatter_reduce(xp: Any, x: Any, indices: Any, updates: Any, /, *, kind: str) -> Any:
    at = x.at[indices]
    return {"prod": at.multiply, "max": at.max, "min": at.min}[kind](updates)


_OWN = (convolution, convolution_input, convolution_weight, pool_scatter, scatter_add, scatter_reduce)


# Functions of the standard, which JAX's answer otherwise where numbers are zero or infinite.


@jax.jit
def _abs(x: Any) -> Any:
    # In JAX the absolute value of (infinity, NaN) is NaN.
    return jnp.hypot(x.real, x.imag) if jnp.isdtype(x.dtype, "complex floating") else jnp.abs(x)


@jax.jit
def _floor_divide(x: Any, y: Any) -> Any:
    out = jnp.floor_divide(x, y)
    return _signed_zeros(out, x / y)


@jax.jit
def _remainder(x: Any, y: Any) -> Any:
    out = jnp.remainder(x, y)
    return _signed_zeros(out, y)


def _signed_zeros(out: Any, signs: Any) -> Any:
    """``out``, its zeros with the signs of ``signs``."""
    if not jnp.isdtype(out.dtype, "real floating"):
        return out
    return jnp.where(out == 0, jnp.copysign(out, signs), out)


KERNELS: Mapping[str, Callable[..., Any]] = {
    **{name: compiled(name, FALLBACKS[name]) for name in _COMPILED},
    **{function.__name__: compiled(function.__name__, function) for function in _OWN},
    "abs": lambda xp, x, /: _abs(x),
    "assign": lambda xp, x, value, /, *, index: x.at[index].set(value),
    "betainc": lambda xp, a, b, x, /: jsp.betainc(a, b, x),
    "bitcast": lambda xp, x, /, *, dtype: x.view(dtype),
    "eig": lambda xp, x, /: tuple(jnp.linalg.eig(x)),
    "eigvals": lambda xp, x, /: jnp.linalg.eigvals(x),
    "floor_divide": lambda xp, x, y, /: _floor_divide(x, y),
    "gammainc": lambda xp, a, x, /: jsp.gammainc(a, x),
    "gammaincc": lambda xp, a, x, /: jsp.gammaincc(a, x),
    "gcd": lambda xp, x, y, /: jnp.gcd(x, y),
    "lcm": lambda xp, x, y, /: jnp.lcm(x, y),
    "philox_bits": philox_bits,
    "remainder": lambda xp, x, y, /: _remainder(x, y),
    "zeta": lambda xp, x, q, /: jsp.zeta(x, q),
}
