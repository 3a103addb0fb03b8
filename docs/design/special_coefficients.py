"""Derive the polynomials of `xpgrad/backends/fallbacks/special.py`: `python docs/design/special_coefficients.py`.

Each is the interpolating polynomial at Chebyshev nodes, computed with 60 digits, rewritten in powers of a variable on
[-1, 1] and rounded to double. The relative error printed is that of the rounded coefficients. Needs mpmath.
"""

from collections.abc import Callable

from mpmath import cos, erf, erfc, exp, fsum, loggamma, mp, mpf, nstr, pi, sqrt

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
