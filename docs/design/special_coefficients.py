"""Derive the polynomials of the special functions: `python docs/design/special_coefficients.py`. Needs mpmath.

Those of `xpgrad/backends/fallbacks/special.py` interpolate at Chebyshev nodes, computed with 60 digits, in powers of a
variable on [-1, 1]. The quotient of `xpgrad/backends/numpy_kernels/special.py` is a least-squares fit at such nodes,
repeated with the denominator found as the weight. The relative errors printed are those of the rounded coefficients.
"""

from collections.abc import Callable

from mpmath import cos, erf, erfc, exp, fsum, loggamma, lu_solve, matrix, mp, mpf, nstr, pi, sqrt

mp.dps = 60


def interpolate(f: Callable[[mpf], mpf], count: int) -> list[float]:
    """Coefficients, lowest first, of the polynomial that meets ``f`` at ``count`` Chebyshev nodes of [-1, 1]."""
    angles = [pi * (k + mpf(1) / 2) / count for k in range(count)]
    values = [f(cos(angle)) for angle in angles]
    weights = [
        fsum(value * cos(j * angle) for value, angle in zip(values, angles, strict=True)) * (2 if j else 1) / count
        for j in range(count)
    ]
    chebyshev = [[mpf(1)], [mpf(0), mpf(1)]]
    while len(chebyshev) < count:
        doubled = [mpf(0), *(2 * c for c in chebyshev[-1])]
        chebyshev.append([c - (chebyshev[-2][k] if k < len(chebyshev[-2]) else 0) for k, c in enumerate(doubled)])
    return [
        float(fsum(weight * terms[k] for weight, terms in zip(weights, chebyshev, strict=True) if k < len(terms)))
        for k in range(count)
    ]


def error_function(t: mpf) -> mpf:
    x = sqrt((t + 1) / 2)
    return erf(x) / x if x else 2 / sqrt(pi)


def complement(t: mpf) -> mpf:
    x = 3 * (1 + t) / (1 - t)
    return (1 + 2 * x) * exp(x * x) * erfc(x)


def log_gamma(t: mpf) -> mpf:
    x = (t + 3) / 2
    if min(abs(x - 1), abs(x - 2)) < mpf(10) ** -25:
        x += mpf(10) ** -20
    return loggamma(x) / ((x - 1) * (x - 2))


for name, f, count in (("_ERF", error_function, 12), ("_ERFC", complement, 25), ("_LOG_GAMMA", log_gamma, 20)):
    coefficients = interpolate(f, count)
    points = [mpf(k) / 500 for k in range(-500, 500)]
    errors = [abs(fsum(c * t**k for k, c in enumerate(coefficients)) / f(t) - 1) for t in points]
    print(f"# relative error {nstr(max(errors), 2)}\n{name} = (")
    print(*(f"    {c!r}," for c in coefficients), sep="\n")
    print(")")


def fit_quotient(f: Callable[[mpf], mpf], end: mpf, degree: int, count: int = 60) -> tuple[list[float], list[float]]:
    """Numerator and denominator, both of ``degree`` and lowest first, whose quotient is close to ``f`` on [0, end]."""
    nodes = [end * (1 - cos(pi * (k + mpf(1) / 2) / count)) / 2 for k in range(count)]
    below = [mpf(1)] + [mpf(0)] * degree
    for _ in range(20):
        weights = [1 / fsum(c * u**k for k, c in enumerate(below)) for u in nodes]
        rows = [
            [weight * u**k / f(u) for k in range(degree + 1)] + [-weight * u**k for k in range(1, degree + 1)]
            for weight, u in zip(weights, nodes, strict=True)
        ]
        system = matrix(rows)
        solution = list(lu_solve(system.T * system, system.T * matrix(weights)))
        above, below = solution[: degree + 1], [mpf(1), *solution[degree + 1 :]]
    return [float(c) for c in above], [float(c) for c in below]


limit = mpf("3.93")
above, below = fit_quotient(lambda u: erf(sqrt(u)) / sqrt(u), limit**2, 5)
errors = []
for u in (limit**2 * k / 1000 for k in range(1, 1001)):
    quotient = fsum(c * u**k for k, c in enumerate(above)) / fsum(c * u**k for k, c in enumerate(below))
    errors.append(abs(quotient * sqrt(u) / erf(sqrt(u)) - 1))
print(f"# relative error {nstr(max(errors), 2)}\n_ERF_ABOVE = {tuple(above)}\n_ERF_BELOW = {tuple(below)}")
