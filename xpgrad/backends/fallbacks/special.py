"""The special functions of all subjects by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xpgrad.backends.fallbacks import airy, bessel, entropy, error, gamma, incomplete_beta, incomplete_gamma, orthogonal

FALLBACKS: dict[str, Callable[..., Any]] = {
    "airy_ai": airy.airy_ai,
    "betainc": incomplete_beta.betainc,
    "digamma": gamma.digamma,
    "erf": error.erf,
    "erfc": error.erfc,
    "erfcx": error.erfcx,
    "erfinv": error.erfinv,
    "gammainc": incomplete_gamma.gammainc,
    "gammaincc": incomplete_gamma.gammaincc,
    "gammaln": gamma.gammaln,
    "i0": bessel.i0,
    "i0e": bessel.i0e,
    "i1": bessel.i1,
    "i1e": bessel.i1e,
    "j0": bessel.j0,
    "j1": bessel.j1,
    "k0": bessel.k0,
    "k0e": bessel.k0e,
    "k1": bessel.k1,
    "k1e": bessel.k1e,
    "log_ndtr": error.log_ndtr,
    "ndtri": error.ndtri,
    "orthogonal_polynomial": orthogonal.orthogonal_polynomial,
    "polygamma": gamma.polygamma,
    "spherical_j0": bessel.spherical_j0,
    "xlog1py": entropy.xlog1py,
    "xlogy": entropy.xlogy,
    "y0": bessel.y0,
    "y1": bessel.y1,
    "zeta": gamma.zeta,
}
