"""Special functions with PyTorch's promotion: those of `xpgrad.special`, some of which `xpgrad` itself has too."""

from __future__ import annotations

import math
from typing import Any

from xpgrad.array_api.operands import cast
from xpgrad.array_api.operands import floating as as_floating
from xpgrad.backends.dtypes import float32
from xpgrad.core.op import Op
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import ArgumentTypeError, OperationError
from xpgrad.functions.creation import arange
from xpgrad.functions.elementwise import Function, meet, of_tensors, require_tensors, unary
from xpgrad.functions.pointwise import erfc, lgamma
from xpgrad.functions.results import deliver
from xpgrad.functions.shape import unsqueeze
from xpgrad.ops import arithmetic, bessel, entropy, error, gamma, polynomials

__all__ = ["i0", "igamma", "igammac", "mvlgamma", "polygamma", "xlogy"]

i0 = unary(bessel.i0, "i0", floating=True)
i0e = unary(bessel.i0e, "i0e", floating=True)
i1 = unary(bessel.i1, "i1", floating=True)
i1e = unary(bessel.i1e, "i1e", floating=True)
entr = unary(entropy.entr, "entr", floating=True)
erfcx = unary(error.erfcx, "erfcx", floating=True)
ndtri = unary(error.ndtri, "ndtri", floating=True)
log_ndtr = unary(error.log_ndtr, "log_ndtr", floating=True)

_halved = arithmetic.multiply.named("MulBackward1")
_mvlgamma = arithmetic.add.named("Mvlgamma")


def ndtr(input: Any, *, out: Any = None) -> Any:
    """The standard normal distribution's probability of being below ``input``. Mirrors ``torch.special.ndtr``."""
    require_tensors("special_ndtr", input=input)
    return deliver(out, _halved.apply_ts(erfc(as_floating(input) * -math.sqrt(0.5)), 0.5))


# Functions of two operands of which one may be a number.


def _as_tensors(x: Any, y: Any) -> tuple[Any, Any]:
    """Both as tensors, for libraries that know functions of arrays only."""
    if not isinstance(x, TensorBase):
        return y.new_tensor(x), y
    return x, y if isinstance(y, TensorBase) else x.new_tensor(y)  # type: ignore[attr-defined]


def _of_two(op: Op, name: str) -> Function:
    """The function of two tensors or of a tensor and a number, with a node name for each of these three."""
    ops = {"TT": op, "ST": op.named(f"{op.name}Backward1"), "TS": op.named(f"{op.name}Backward2")}

    def function(input: Any, other: Any, *, out: Any = None) -> Any:
        kinds = "".join("T" if isinstance(x, TensorBase) else "S" for x in (input, other))
        if kinds == "SS":
            raise ArgumentTypeError(f"{name}(): takes at least one tensor, got {input!r:.60} and {other!r:.60}")
        x, y = meet((input, other), floating=True, name=name)
        return deliver(out, ops[kinds].apply(*_as_tensors(x, y)))

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{op.__doc__} Mirrors ``torch.special.{name}``."
    return function


xlogy = _of_two(entropy.xlogy, "xlogy")
xlog1py = _of_two(entropy.xlog1py, "xlog1py")
zeta = _of_two(gamma.zeta, "zeta")


# The gamma function and its relatives.

igamma = of_tensors(gamma.gammainc, "igamma", floating=True)
igammac = of_tensors(gamma.gammaincc, "igammac", floating=True)


def polygamma(n: Any, input: Any, *, out: Any = None) -> Any:
    """The ``n``-th derivative of `digamma`. Mirrors ``torch.polygamma``.

    Raises:
        OperationError: ``n`` is negative.
    """
    if isinstance(n, TensorBase):
        # `Tensor.polygamma` has the tensor first.
        n, input = input, n
    require_tensors("polygamma", input=input)
    if n < 0:
        raise OperationError(f"polygamma(n, x) does not support negative n. Got n={n}.")
    x = as_floating(input)
    # Powers and factorials on the way to it leave the range of float16.
    wide = cast(x, float32) if x.dtype.itemsize == 2 else x
    return deliver(out, cast(gamma.polygamma.apply(wide, n=n), x.dtype))


def mvlgamma(input: Any, p: int, *, out: Any = None) -> Any:
    """The logarithm of the gamma function of ``p`` dimensions. Mirrors ``torch.mvlgamma``.

    Source: Muirhead 1982, Aspects of Multivariate Statistical Theory, theorem 2.1.12.

    Raises:
        OperationError: ``p`` is less than 1, or an element is at most ``(p - 1) / 2``.
    """
    require_tensors("mvlgamma", input=input)
    if p < 1:
        raise OperationError(f"p has to be greater than or equal to 1, got {p}")
    x = as_floating(input)
    steps = arange(0.5 * (1 - p), 0.5, 0.5, dtype=x.dtype, device=x.device)
    terms = lgamma(unsqueeze(x, -1) + steps).sum(-1)
    return deliver(out, _mvlgamma.apply_ts(terms, p * (p - 1) / 4 * math.log(math.pi)))


# Functions without a derivative, as in PyTorch.


def _bessel(kind: str, name: str, said: str) -> Function:
    def function(input: Any, *, out: Any = None) -> Any:
        require_tensors(f"special_{name}", input=input)
        return deliver(out, bessel.bessel.apply(as_floating(input), kind=kind))

    def of_x(x: Any, *, out: Any = None) -> Any:
        return function(x, out=out)

    # The newer ones of PyTorch call their argument so.
    made = of_x if kind in ("airy_ai", "k0e", "k1e", "spherical_j0") else function
    made.__name__ = made.__qualname__ = name
    made.__doc__ = f"{said} It has no derivative. Mirrors ``torch.special.{name}``."
    return made


airy_ai = _bessel("airy_ai", "airy_ai", "The Airy function Ai.")
bessel_j0 = _bessel("j0", "bessel_j0", "The Bessel function of the first kind, order 0.")
bessel_j1 = _bessel("j1", "bessel_j1", "The Bessel function of the first kind, order 1.")
bessel_y0 = _bessel("y0", "bessel_y0", "The Bessel function of the second kind, order 0.")
bessel_y1 = _bessel("y1", "bessel_y1", "The Bessel function of the second kind, order 1.")
modified_bessel_i0 = _bessel("i0", "modified_bessel_i0", "The modified Bessel function of the first kind, order 0.")
modified_bessel_i1 = _bessel("i1", "modified_bessel_i1", "The modified Bessel function of the first kind, order 1.")
modified_bessel_k0 = _bessel("k0", "modified_bessel_k0", "The modified Bessel function of the second kind, order 0.")
modified_bessel_k1 = _bessel("k1", "modified_bessel_k1", "The modified Bessel function of the second kind, order 1.")
scaled_modified_bessel_k0 = _bessel("k0e", "scaled_modified_bessel_k0", "``exp(x)`` times `modified_bessel_k0`.")
scaled_modified_bessel_k1 = _bessel("k1e", "scaled_modified_bessel_k1", "``exp(x)`` times `modified_bessel_k1`.")
spherical_bessel_j0 = _bessel("spherical_j0", "spherical_bessel_j0", "The spherical Bessel function of order 0.")


def _polynomials(family: str, name: str) -> Function:
    def function(x: Any, n: Any, *, out: Any = None) -> Any:
        x, degree = meet((x, n), floating=True, name=name)
        x, degree = _as_tensors(x, degree)
        return deliver(out, polynomials.orthogonal_polynomial.apply(x, degree, family=family))

    function.__name__ = function.__qualname__ = name
    function.__doc__ = (
        f"The {name.rpartition('_polynomial_')[0].replace('_', ' ')} polynomial {name[-1].upper()} of degree ``n`` at "
        f"``x``, 0 for negative ``n``. It has no derivative. Mirrors ``torch.special.{name}``."
    )
    return function


chebyshev_polynomial_t = _polynomials("chebyshev_t", "chebyshev_polynomial_t")
chebyshev_polynomial_u = _polynomials("chebyshev_u", "chebyshev_polynomial_u")
chebyshev_polynomial_v = _polynomials("chebyshev_v", "chebyshev_polynomial_v")
chebyshev_polynomial_w = _polynomials("chebyshev_w", "chebyshev_polynomial_w")
hermite_polynomial_h = _polynomials("hermite_h", "hermite_polynomial_h")
hermite_polynomial_he = _polynomials("hermite_he", "hermite_polynomial_he")
laguerre_polynomial_l = _polynomials("laguerre_l", "laguerre_polynomial_l")
legendre_polynomial_p = _polynomials("legendre_p", "legendre_polynomial_p")
shifted_chebyshev_polynomial_t = _polynomials("shifted_chebyshev_t", "shifted_chebyshev_polynomial_t")
shifted_chebyshev_polynomial_u = _polynomials("shifted_chebyshev_u", "shifted_chebyshev_polynomial_u")
shifted_chebyshev_polynomial_v = _polynomials("shifted_chebyshev_v", "shifted_chebyshev_polynomial_v")
shifted_chebyshev_polynomial_w = _polynomials("shifted_chebyshev_w", "shifted_chebyshev_polynomial_w")
