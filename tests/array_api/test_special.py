"""`xpgrad.array_api.special`: SciPy's values, also where a backend knows no special functions.

Gradients are asked in tests/scipy_functions.
"""

from __future__ import annotations

import numpy as np
import pytest
import scipy.special

import xpgrad
from xpgrad.array_api import special
from xpgrad.backends.registry import use_backend
from xpgrad.errors import NoDerivativeError

# Fallbacks divide by zero where they choose another branch.
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

UNIT = np.array([0.05, 0.3, 0.5, 0.95])
POSITIVE = np.array([0.2, 1.0, 2.5, 7.0])
REAL = np.array([-2.5, -0.3, 0.0, 4.0])
COUNTS = np.array([1.0, 2.0, 5.0, 8.0])

ARGUMENTS = {
    **dict.fromkeys(["erfinv", "logit", "ndtri"], (UNIT,)),
    **dict.fromkeys(
        [
            *("cbrt", "cosdg", "cosm1", "erf", "erfc", "erfcx", "exp2", "exp10", "expit", "exprel", "i0", "i0e"),
            *("i1", "i1e", "j0", "j1", "log_ndtr", "ndtr", "sinc", "sindg", "tandg"),
        ],
        (REAL,),
    ),
    **dict.fromkeys(["gamma", "gammaln", "gammasgn", "rgamma"], (np.array([-1.5, -0.3, 0.7, 4.0]),)),
    **dict.fromkeys(["cotdg", "digamma", "entr", "k0", "k0e", "k1", "k1e", "loggamma", "psi", "y0", "y1"], (POSITIVE,)),
    **dict.fromkeys(
        ["betaln", "binom", "boxcox", "boxcox1p", "chdtr", "chdtrc", "gammainc", "gammaincc", "huber", "kl_div"],
        (POSITIVE, POSITIVE[::-1]),
    ),
    **dict.fromkeys(["pdtr", "pdtrc", "poch", "rel_entr", "xlog1py", "xlogy"], (POSITIVE, POSITIVE[::-1])),
    **dict.fromkeys(["pseudo_huber", "stdtr"], (POSITIVE, REAL)),
    **dict.fromkeys(["inv_boxcox", "inv_boxcox1p"], (UNIT, np.array([0.0, 0.5, 1.0, 2.0]))),
    **dict.fromkeys(["bdtr", "bdtrc", "nbdtr", "nbdtrc"], (COUNTS, np.full(4, 12), UNIT)),
    **dict.fromkeys(["betainc", "betaincc"], (POSITIVE, POSITIVE[::-1], UNIT)),
    **dict.fromkeys(["fdtr", "fdtrc", "gdtr", "gdtrc", "radian"], (COUNTS, POSITIVE, POSITIVE[::-1])),
    "multigammaln": (POSITIVE + 2, 3),
    "polygamma": (2, POSITIVE),
    "zeta": (POSITIVE + 1, POSITIVE),
    "zetac": (POSITIVE + 1,),
}


@pytest.mark.parametrize("backend", ["numpy", "strict"])
@pytest.mark.parametrize("name", special.__all__)
def test_values_are_scipys(name: str, backend: str) -> None:
    with use_backend(backend):
        given = ARGUMENTS[name]
        tensors = [xpgrad.tensor(x.tolist(), dtype=xpgrad.float64) if isinstance(x, np.ndarray) else x for x in given]
        got = getattr(special, name)(*tensors)
    np.testing.assert_allclose(got.tolist(), getattr(scipy.special, name)(*ARGUMENTS[name]), rtol=1e-9, atol=1e-12)


def test_numbers_and_integers_are_taken() -> None:
    x = xpgrad.tensor([1, 2], dtype=xpgrad.int64)
    np.testing.assert_allclose(special.xlogy(2, x).tolist(), scipy.special.xlogy(2, [1, 2]), rtol=1e-6)
    np.testing.assert_allclose(special.gammainc(x, 1.5).tolist(), scipy.special.gammainc([1, 2], 1.5), rtol=1e-6)
    assert special.erf(x).dtype is xpgrad.float32


def test_what_has_no_derivative_says_so() -> None:
    a = xpgrad.tensor([1.5], requires_grad=True)
    with pytest.raises(NoDerivativeError, match="betainc: a"):
        special.betainc(a, 2.0, 0.3).sum().backward()
