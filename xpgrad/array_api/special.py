"""Special functions under SciPy's names, as an extension that the standard does not have (yet).

SciPy looks for ``xp.special`` before it computes in NumPy, so that what is here lets gradients through
`scipy.special`, and through everything in SciPy that is written with it (with ``SCIPY_ARRAY_API=1``). Arguments and
results are SciPy's; parameters without a known derivative, such as the shape of a distribution, refuse one in the
backward pass.
"""

from __future__ import annotations

import math
from typing import Any

from xpgrad.array_api.creation import floating_tensors
from xpgrad.array_api.elementwise import (
    abs,
    cos,
    exp,
    expm1,
    floor,
    log,
    log1p,
    multiply,
    negative,
    remainder,
    round,
    sign,
    sin,
    sqrt,
    square,
    subtract,
    tan,
)
from xpgrad.array_api.elementwise import pow as power
from xpgrad.array_api.operands import floating, unary
from xpgrad.array_api.searching import where
from xpgrad.ops import activation, bessel, beta, cylinder, entropy, error, exponential
from xpgrad.ops import gamma as gammas

__all__ = [
    "bdtr",
    "bdtrc",
    "betainc",
    "betaincc",
    "betaln",
    "binom",
    "boxcox",
    "boxcox1p",
    "cbrt",
    "chdtr",
    "chdtrc",
    "cosdg",
    "cosm1",
    "cotdg",
    "digamma",
    "entr",
    "erf",
    "erfc",
    "erfcx",
    "erfinv",
    "exp2",
    "exp10",
    "expit",
    "exprel",
    "fdtr",
    "fdtrc",
    "gamma",
    "gammainc",
    "gammaincc",
    "gammaln",
    "gammasgn",
    "gdtr",
    "gdtrc",
    "huber",
    "i0",
    "i0e",
    "i1",
    "i1e",
    "inv_boxcox",
    "inv_boxcox1p",
    "j0",
    "j1",
    "k0",
    "k0e",
    "k1",
    "k1e",
    "kl_div",
    "log_ndtr",
    "loggamma",
    "logit",
    "multigammaln",
    "nbdtr",
    "nbdtrc",
    "ndtr",
    "ndtri",
    "pdtr",
    "pdtrc",
    "poch",
    "polygamma",
    "pseudo_huber",
    "psi",
    "radian",
    "rel_entr",
    "rgamma",
    "sinc",
    "sindg",
    "stdtr",
    "tandg",
    "xlog1py",
    "xlogy",
    "y0",
    "y1",
    "zeta",
    "zetac",
]  # fmt: skip

digamma = psi = unary(gammas.digamma, "digamma", needs_float=True)
entr = unary(entropy.entr, "entr", needs_float=True)
erf = unary(error.erf, "erf", needs_float=True)
erfc = unary(error.erfc, "erfc", needs_float=True)
erfcx = unary(error.erfcx, "erfcx", needs_float=True)
erfinv = unary(error.erfinv, "erfinv", needs_float=True)
exp2 = unary(exponential.exp2, "exp2", needs_float=True)
expit = unary(activation.sigmoid, "expit", needs_float=True)
gammaln = unary(gammas.gammaln, "gammaln", needs_float=True)
i0 = unary(bessel.i0, "i0", needs_float=True)
i0e = unary(bessel.i0e, "i0e", needs_float=True)
i1 = unary(bessel.i1, "i1", needs_float=True)
i1e = unary(bessel.i1e, "i1e", needs_float=True)
j0 = unary(cylinder.j0, "j0", needs_float=True)
j1 = unary(cylinder.j1, "j1", needs_float=True)
k0 = unary(cylinder.k0, "k0", needs_float=True)
k0e = unary(cylinder.k0e, "k0e", needs_float=True)
k1 = unary(cylinder.k1, "k1", needs_float=True)
k1e = unary(cylinder.k1e, "k1e", needs_float=True)
log_ndtr = unary(error.log_ndtr, "log_ndtr", needs_float=True)
logit = unary(entropy.logit, "logit", needs_float=True)
ndtri = unary(error.ndtri, "ndtri", needs_float=True)
y0 = unary(cylinder.y0, "y0", needs_float=True)
y1 = unary(cylinder.y1, "y1", needs_float=True)


# Gamma functions.


def gammasgn(x: Any, /) -> Any:
    """The sign of the gamma function."""
    x = floating(x)
    return where((x > 0) | (remainder(floor(x), 2.0) == 0), 1.0 + 0.0 * x, -1.0 + 0.0 * x)


def gamma(x: Any, /) -> Any:
    """The gamma function of real numbers."""
    return gammasgn(x) * exp(gammaln(x))


def rgamma(x: Any, /) -> Any:
    """One over the gamma function."""
    return gammasgn(x) * exp(-gammaln(x))


def loggamma(x: Any, /) -> Any:
    """The logarithm of the gamma function, NaN where that is negative."""
    return where(gammasgn(x) > 0, gammaln(x), math.nan)


def multigammaln(a: Any, d: int, /) -> Any:
    """The logarithm of the multivariate gamma function of dimension ``d``."""
    return sum([gammaln(a - i / 2.0) for i in range(d)], 0.25 * d * (d - 1) * math.log(math.pi))


def betaln(a: Any, b: Any, /) -> Any:
    """The logarithm of the beta function."""
    a, b = floating_tensors(a, b)
    return gammaln(a) + gammaln(b) - gammaln(a + b)


def binom(n: Any, k: Any, /) -> Any:
    """The binomial coefficient, of real numbers."""
    n, k = floating_tensors(n, k)
    return (
        gammasgn(n + 1.0)
        * gammasgn(k + 1.0)
        * gammasgn(n - k + 1.0)
        * exp(gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0))
    )


def poch(z: Any, m: Any, /) -> Any:
    """``gamma(z + m) / gamma(z)``."""
    z, m = floating_tensors(z, m)
    return gammasgn(z + m) * gammasgn(z) * exp(gammaln(z + m) - gammaln(z))


def polygamma(n: int, x: Any, /) -> Any:
    """The ``n``-th derivative of `digamma`, one ``n`` for all."""
    return gammas.polygamma.apply(floating(x), n=int(n))


def zeta(x: Any, q: Any = 1.0, /) -> Any:
    """Hurwitz's zeta function, Riemann's without ``q``."""
    return gammas.zeta.apply(*floating_tensors(x, q))


def zetac(x: Any, /) -> Any:
    """Riemann's zeta function minus 1."""
    return zeta(x, 2.0)


# Distributions: the probability up to a value, and beyond it.


def gammainc(a: Any, x: Any, /) -> Any:
    """The regularised lower incomplete gamma function up to ``x``; without a derivative in ``a``."""
    return gammas.gammainc.apply(*floating_tensors(a, x))


def gammaincc(a: Any, x: Any, /) -> Any:
    """``1 - gammainc(a, x)``."""
    return gammas.gammaincc.apply(*floating_tensors(a, x))


def betainc(a: Any, b: Any, x: Any, /) -> Any:
    """The regularised incomplete beta function up to ``x``; without derivatives in ``a`` and ``b``."""
    return beta.betainc.apply(*floating_tensors(a, b, x))


def betaincc(a: Any, b: Any, x: Any, /) -> Any:
    """``1 - betainc(a, b, x)``."""
    return betainc(b, a, subtract(1.0, x))


def chdtr(v: Any, x: Any, /) -> Any:
    """The chi-squared distribution with ``v`` degrees of freedom up to ``x``."""
    v, x = floating_tensors(v, x)
    return where(x > 0, gammainc(v / 2.0, where(x > 0, x, 1.0) / 2.0), 0.0)


def chdtrc(v: Any, x: Any, /) -> Any:
    """The chi-squared distribution with ``v`` degrees of freedom beyond ``x``."""
    v, x = floating_tensors(v, x)
    return where(x > 0, gammaincc(v / 2.0, where(x > 0, x, 1.0) / 2.0), 1.0)


def gdtr(a: Any, b: Any, x: Any, /) -> Any:
    """The gamma distribution of rate ``a`` and shape ``b`` up to ``x``."""
    return gammainc(b, multiply(a, x))


def gdtrc(a: Any, b: Any, x: Any, /) -> Any:
    """The gamma distribution of rate ``a`` and shape ``b`` beyond ``x``."""
    return gammaincc(b, multiply(a, x))


def fdtr(dfn: Any, dfd: Any, x: Any, /) -> Any:
    """The F distribution up to ``x``."""
    dfn, dfd, x = floating_tensors(dfn, dfd, x)
    return betainc(dfn / 2.0, dfd / 2.0, dfn * x / (dfd + dfn * x))


def fdtrc(dfn: Any, dfd: Any, x: Any, /) -> Any:
    """The F distribution beyond ``x``."""
    dfn, dfd, x = floating_tensors(dfn, dfd, x)
    return betainc(dfd / 2.0, dfn / 2.0, dfd / (dfd + dfn * x))


def stdtr(df: Any, t: Any, /) -> Any:
    """Student's distribution with ``df`` degrees of freedom up to ``t``."""
    df, t = floating_tensors(df, t)
    # Of the two forms of one number the one without cancellation, whose derivative is finite too.
    squared = square(t)
    near = squared < df
    inner = betainc(where(near, 0.5, df / 2.0), where(near, df / 2.0, 0.5),
                    where(near, squared, df) / (df + squared))  # fmt: skip
    half = where(near, 1.0 - inner, inner) / 2.0
    return where(t < 0, half, 1.0 - half)


def pdtr(k: Any, m: Any, /) -> Any:
    """The Poisson distribution of mean ``m`` up to ``k`` events."""
    k, m = floating_tensors(k, m)
    return gammaincc(floor(k) + 1.0, m)


def pdtrc(k: Any, m: Any, /) -> Any:
    """The Poisson distribution of mean ``m`` beyond ``k`` events."""
    k, m = floating_tensors(k, m)
    return gammainc(floor(k) + 1.0, m)


def bdtr(k: Any, n: Any, p: Any, /) -> Any:
    """The binomial distribution of ``n`` trials up to ``k`` successes."""
    k, n, p = floating_tensors(k, n, p)
    return betainc(n - floor(k), floor(k) + 1.0, 1.0 - p)


def bdtrc(k: Any, n: Any, p: Any, /) -> Any:
    """The binomial distribution of ``n`` trials beyond ``k`` successes."""
    k, n, p = floating_tensors(k, n, p)
    return betainc(floor(k) + 1.0, n - floor(k), p)


def nbdtr(k: Any, n: Any, p: Any, /) -> Any:
    """The negative binomial distribution up to ``k`` failures before the ``n``-th success."""
    k, n, p = floating_tensors(k, n, p)
    return betainc(n, floor(k) + 1.0, p)


def nbdtrc(k: Any, n: Any, p: Any, /) -> Any:
    """The negative binomial distribution beyond ``k`` failures before the ``n``-th success."""
    k, n, p = floating_tensors(k, n, p)
    return betainc(floor(k) + 1.0, n, 1.0 - p)


def ndtr(x: Any, /) -> Any:
    """The standard normal distribution up to ``x``."""
    return erfc(floating(x) * -math.sqrt(0.5)) / 2.0


# Entropies, losses, transformations.


def xlogy(x: Any, y: Any, /) -> Any:
    """``x * log(y)``, 0 where ``x`` is."""
    return entropy.xlogy.apply(*floating_tensors(x, y))


def xlog1py(x: Any, y: Any, /) -> Any:
    """``x * log(1 + y)``, 0 where ``x`` is."""
    return entropy.xlog1py.apply(*floating_tensors(x, y))


def rel_entr(x: Any, y: Any, /) -> Any:
    """``x * log(x / y)``, 0 where ``x`` is, infinity where one is negative."""
    x, y = floating_tensors(x, y)
    inside = (x > 0) & (y > 0)
    safe_x, safe_y = where(inside, x, 1.0), where(inside, y, 1.0)
    value = safe_x * (log(safe_x) - log(safe_y))
    return where(inside, value, where((x == 0) & (y >= 0), 0.0, math.inf + 0.0 * value))


def kl_div(x: Any, y: Any, /) -> Any:
    """``rel_entr(x, y) - x + y``."""
    x, y = floating_tensors(x, y)
    return rel_entr(x, y) - x + y


def huber(delta: Any, r: Any, /) -> Any:
    """Half the square of ``r``, linear beyond ``delta``."""
    delta, r = floating_tensors(delta, r)
    size = abs(r)
    loss = where(size <= delta, square(r) / 2.0, delta * (size - delta / 2.0))
    return where(delta < 0, math.inf, loss)


def pseudo_huber(delta: Any, r: Any, /) -> Any:
    """A smooth `huber`."""
    delta, r = floating_tensors(delta, r)
    ratio = where(delta == 0, 0.0, r / where(delta == 0, 1.0, delta))
    return square(delta) * (sqrt(1.0 + square(ratio)) - 1.0)


def boxcox(x: Any, lmbda: Any, /) -> Any:
    """``(x ** lmbda - 1) / lmbda``, the logarithm where ``lmbda`` is 0."""
    x, lmbda = floating_tensors(x, lmbda)
    return log(x) * exprel(lmbda * log(x))


def boxcox1p(x: Any, lmbda: Any, /) -> Any:
    """`boxcox` of ``1 + x``."""
    x, lmbda = floating_tensors(x, lmbda)
    return log1p(x) * exprel(lmbda * log1p(x))


def inv_boxcox(y: Any, lmbda: Any, /) -> Any:
    """The inverse of `boxcox`."""
    y, lmbda = floating_tensors(y, lmbda)
    zero = lmbda == 0
    safe = where(zero, 1.0, lmbda)
    return where(zero, exp(y), exp(log1p(where(zero, 0.0, safe * y)) / safe))


def inv_boxcox1p(y: Any, lmbda: Any, /) -> Any:
    """The inverse of `boxcox1p`."""
    y, lmbda = floating_tensors(y, lmbda)
    zero = lmbda == 0
    safe = where(zero, 1.0, lmbda)
    return where(zero, expm1(y), expm1(log1p(where(zero, 0.0, safe * y)) / safe))


# Elementary functions.


def cbrt(x: Any, /) -> Any:
    """The real cube root."""
    x = floating(x)
    return sign(x) * power(abs(x), 1.0 / 3.0)


def exp10(x: Any, /) -> Any:
    """``10 ** x``."""
    return power(10.0, floating(x))


def exprel(x: Any, /) -> Any:
    """``(exp(x) - 1) / x``, 1 at 0."""
    x = floating(x)
    small = abs(x) < 1e-5
    safe = where(small, 1.0, x)
    return where(small, 1.0 + x / 2.0 + square(x) / 6.0, expm1(safe) / safe)


def cosm1(x: Any, /) -> Any:
    """``cos(x) - 1``, exact near 0."""
    return -2.0 * square(sin(floating(x) / 2.0))


def sinc(x: Any, /) -> Any:
    """``sin(pi * x) / (pi * x)``, 1 at 0."""
    y = floating(x) * math.pi
    small = abs(y) < 1e-4
    safe = where(small, 1.0, y)
    return where(small, 1.0 - square(y) / 6.0, sin(safe) / safe)


def radian(d: Any, m: Any, s: Any, /) -> Any:
    """Degrees, minutes and seconds in radians."""
    d, m, s = floating_tensors(d, m, s)
    return (d + m / 60.0 + s / 3600.0) * (math.pi / 180.0)


def _quarters(x: Any) -> tuple[Any, Any]:
    """Which quarter turn is nearest to ``x`` degrees, and the rest in radians."""
    turns = round(x / 90.0)
    return remainder(turns, 4.0), (x - 90.0 * turns) * (math.pi / 180.0)


def sindg(x: Any, /) -> Any:
    """The sine of ``x`` degrees, exact at multiples of 90."""
    quarter, rest = _quarters(floating(x))
    size = where(remainder(quarter, 2.0) == 0, sin(rest), cos(rest))
    return where(quarter < 2, size, negative(size))


def cosdg(x: Any, /) -> Any:
    """The cosine of ``x`` degrees, exact at multiples of 90."""
    return sindg(floating(x) + 90.0)


def tandg(x: Any, /) -> Any:
    """The tangent of ``x`` degrees, exact at multiples of 90."""
    quarter, rest = _quarters(floating(x))
    return where(remainder(quarter, 2.0) == 0, tan(rest), -1.0 / tan(rest))


def cotdg(x: Any, /) -> Any:
    """The cotangent of ``x`` degrees, exact at multiples of 90."""
    return 1.0 / tandg(x)
