"""Special functions by SciPy where it is installed, else by the fallbacks.

`polygamma` has no kernel: SciPy's is no quicker than the fallback.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

import numpy as np

from xpgrad._typing import Namespace
from xpgrad.backends.fallbacks.special import FALLBACKS
from xpgrad.backends.numpy_kernels.blocks import Ndarray

# erf(x) / x on x in [-3.93, 3.93], for float32, is a quotient of polynomials in x**2, of relative error 2e-8;
# `docs/design/special_coefficients.py` derives them.
_ERF_ABOVE = (
    1.1283791480102625,
    0.19034338522607322,
    0.05273185427479679,
    0.0037609107591323942,
    0.0002844237611354309,
    2.0456751588626997e-06,
)
_ERF_BELOW = (
    1.0,
    0.5020202152256452,
    0.11407537442564013,
    0.014959649550969506,
    0.0011607640471015888,
    3.8022648306539166e-05,
)
_ERF_LIMIT = 3.93
# From this many elements on, the quotient beats SciPy; so many at a time stay in the cache.
_MANY, _BLOCK = 4096, 16384


def erf(xp: Namespace, x: Ndarray, /) -> Ndarray:
    """As the fallback `xpgrad.backends.fallbacks.error.erf`."""
    if x.dtype == np.float32 and x.size >= _MANY:
        return _erf_single(x)
    return _by_scipy("erf", xp, x)


def erfinv(xp: Namespace, x: Ndarray, /) -> Ndarray:
    """As the fallback `xpgrad.backends.fallbacks.error.erfinv`."""
    # Of -0.0, PyTorch gives -0.0 and SciPy 0.0.
    return np.copysign(_by_scipy("erfinv", xp, x), x)


def gammaln(xp: Namespace, x: Ndarray, /) -> Ndarray:
    """As the fallback `xpgrad.backends.fallbacks.gamma.gammaln`."""
    # At -inf, PyTorch's limit is inf and SciPy's is -inf.
    return _by_scipy("gammaln", xp, np.maximum(x, xp.finfo(x.dtype).min))


def airy_ai(xp: Namespace, x: Ndarray, /) -> Ndarray:
    """As the fallback `xpgrad.backends.fallbacks.airy.airy_ai`."""
    return _by_scipy("airy", xp, x, fallback="airy_ai", result=0)


def gammainc(xp: Namespace, a: Ndarray, x: Ndarray, /) -> Ndarray:
    """As the fallback `xpgrad.backends.fallbacks.incomplete_gamma.gammainc`."""
    return _by_scipy("gammainc", xp, a, x)


def gammaincc(xp: Namespace, a: Ndarray, x: Ndarray, /) -> Ndarray:
    """As the fallback `xpgrad.backends.fallbacks.incomplete_gamma.gammaincc`."""
    return _by_scipy("gammaincc", xp, a, x)


def betainc(xp: Namespace, a: Ndarray, b: Ndarray, x: Ndarray, /) -> Ndarray:
    """As the fallback `xpgrad.backends.fallbacks.incomplete_beta.betainc`."""
    return _by_scipy("betainc", xp, a, b, x)


def zeta(xp: Namespace, x: Ndarray, q: Ndarray, /) -> Ndarray:
    """As the fallback `xpgrad.backends.fallbacks.gamma.zeta`."""
    return _by_scipy("zeta", xp, x, q)


def _by_scipy(
    name: str, xp: Namespace, *arrays: Ndarray, fallback: str | None = None, result: int | None = None
) -> Ndarray:
    """SciPy's function ``name``, of several results the one called for, or the fallback where there is no SciPy."""
    scipy = _scipy_special()
    if scipy is None:
        with np.errstate(all="ignore"):
            return FALLBACKS[fallback or name](xp, *arrays)  # type: ignore[no-any-return]
    out = getattr(scipy, name)(*arrays)
    found = np.asarray(out if result is None else out[result])
    return found.astype(arrays[0].dtype, copy=False)


def _kernel(name: str) -> Callable[..., Ndarray]:
    def kernel(xp: Namespace, x: Ndarray, /) -> Ndarray:
        return _by_scipy(name, xp, x)

    kernel.__name__ = kernel.__qualname__ = name
    kernel.__doc__ = f"As the fallback of the name; {FALLBACKS[name].__doc__}"
    return kernel


@functools.cache
def _scipy_special() -> ModuleType | None:
    """`scipy.special`, imported when first needed: it takes as long to import as all of xpgrad."""
    try:
        import scipy.special  # noqa: PLC0415
    except ImportError:
        return None
    module: ModuleType = scipy.special
    return module


def _erf_single(x: Ndarray) -> Ndarray:
    out: Ndarray = np.empty(x.shape, x.dtype)
    source, target = x.reshape(-1), out.reshape(-1)
    for start in range(0, x.size, _BLOCK):
        part = slice(start, start + _BLOCK)
        a = np.clip(source[part], -_ERF_LIMIT, _ERF_LIMIT)
        square = a * a
        above = _horner(square, _ERF_ABOVE)
        above *= a
        above /= _horner(square, _ERF_BELOW)
        np.clip(above, -1, 1, out=target[part])
    return out


def _horner(x: Ndarray, coefficients: Sequence[float]) -> Ndarray:
    """The polynomial in ``x`` with ``coefficients``, lowest first, in one array."""
    *lower, second, top = coefficients
    out: Ndarray = x * top
    out += second
    for c in reversed(lower):
        out *= x
        out += c
    return out


# What SciPy has under the very name of the fallback, with the same edges.
_OF_ONE = (
    "digamma", "erfc", "erfcx", "i0", "i0e", "i1", "i1e", "j0", "j1", "k0", "k0e", "k1", "k1e", "log_ndtr",
    "ndtri", "y0", "y1",
)  # fmt: skip

KERNELS: dict[str, Callable[..., Any]] = {
    "airy_ai": airy_ai,
    "betainc": betainc,
    "erf": erf,
    "erfinv": erfinv,
    "gammainc": gammainc,
    "gammaincc": gammaincc,
    "gammaln": gammaln,
    "zeta": zeta,
    **{name: _kernel(name) for name in _OF_ONE},
}
