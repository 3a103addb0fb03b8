import numpy as np
import scipy.special

from xpgrad.ops import polynomials
from xpgrad.testing.conformance.ops.case import Case, Domain, draw

DEGREES = np.asarray([[0.0], [1.0], [2.0], [3.7], [9.0]])


def third(n, x):
    """Chebyshev's polynomials of the third kind; those of the fourth are mirrored."""
    angle = np.arccos(x)
    return np.cos((n + 0.5) * angle) / np.cos(angle / 2)


REFERENCES = {
    "chebyshev_t": scipy.special.eval_chebyt,
    "chebyshev_u": scipy.special.eval_chebyu,
    "chebyshev_v": third,
    "chebyshev_w": lambda n, x: (-1.0) ** n * third(n, -x),
    "hermite_h": scipy.special.eval_hermite,
    "hermite_he": scipy.special.eval_hermitenorm,
    "laguerre_l": scipy.special.eval_laguerre,
    "legendre_p": scipy.special.eval_legendre,
}
REFERENCES |= {f"shifted_{k}": (lambda n, x, f=f: f(n, 2 * x - 1)) for k, f in REFERENCES.items() if "cheb" in k}

CASES = [
    Case(
        polynomials.orthogonal_polynomial,
        (draw(5, 6, of=Domain(0.05, 0.95)), DEGREES),
        {"family": family},
        lambda x, n, family: REFERENCES[family](np.trunc(n).astype(int), x),
    )
    for family in REFERENCES
]
