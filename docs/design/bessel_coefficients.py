"""Derive the series of Bessel, Airy and incomplete gamma functions; needs mpmath.

`python docs/design/bessel_coefficients.py` prints `xpgrad/backends/fallbacks/coefficients.py`. Each Chebyshev series
interpolates at Chebyshev nodes, computed with 50 digits, and is cut where its terms fall below 1e-17 of the largest.
The forms are those of DLMF 10.17, 10.40, 9.7 (the asymptotic expansions' slowly varying factors) and 10.8, 10.31 (the
parts without logarithm). Temme's coefficients are DLMF 8.12.7-13, as power series with rational coefficients.
"""

from collections.abc import Callable
from fractions import Fraction

from mpmath import (
    airyai,
    airybi,
    besseli,
    besselj,
    besseljzero,
    besselk,
    bessely,
    cos,
    exp,
    fsum,
    log,
    mp,
    mpf,
    pi,
    sin,
    sqrt,
)  # fmt: skip

mp.dps = 50
NODES = 60


def chebyshev(f: Callable[[mpf], mpf]) -> list[float]:
    """Coefficients of the Chebyshev series of ``f`` on [-1, 1], lowest first."""
    angles = [pi * (k + mpf(1) / 2) / NODES for k in range(NODES)]
    values = [f(cos(a)) for a in angles]
    found = [
        fsum(v * cos(j * a) for v, a in zip(values, angles, strict=True)) * (2 if j else 1) / NODES
        for j in range(NODES)
    ]
    largest = max(map(abs, found))
    count = max(k for k, c in enumerate(found) if abs(c) > largest / mpf(10) ** 17) + 1
    if count > NODES - 5:
        raise ValueError("the series does not converge in that many terms")
    return [float(c) for c in found[:count]]


def falling(f: Callable[[mpf], mpf], start: float) -> Callable[[mpf], mpf]:
    """``f`` on [start, infinity) as a function of ``2 start / x - 1``."""
    return lambda t: f(2 * mpf(start) / (t + 1))


def falling_squared(f: Callable[[mpf], mpf], start: float) -> Callable[[mpf], mpf]:
    """``f`` on [start, infinity) as a function of ``2 start**2 / x**2 - 1``."""
    return lambda t: f(start * sqrt(2 / (t + 1)))


def squared(f: Callable[[mpf], mpf], end: float) -> Callable[[mpf], mpf]:
    """``f``, even, on [0, end] as a function of ``2 x**2 / end**2 - 1``."""
    return lambda t: f(end * sqrt((t + 1) / 2))


def wave(order: int, x: mpf) -> tuple[mpf, mpf]:
    """The slowly varying factors of the cosine and the sine in ``J(x) = sqrt(2 / (pi x)) (P cos - Q sin)``."""
    angle = x - (mpf(order) / 2 + mpf(1) / 4) * pi
    j, y, scale = besselj(order, x), bessely(order, x), sqrt(pi * x / 2)
    return scale * (j * cos(angle) + y * sin(angle)), scale * (y * cos(angle) - j * sin(angle))


def airy_wave(zeta: mpf) -> tuple[mpf, mpf]:
    """The same for ``Ai(-z) = (P cos + Q sin) / (sqrt(pi) z**(1/4))`` at ``zeta = 2/3 z**(3/2)``."""
    z, angle = (zeta * 3 / 2) ** (mpf(2) / 3), zeta - pi / 4
    scale, a, b = sqrt(pi) * z ** (mpf(1) / 4), airyai(-z), airybi(-z)
    return scale * (a * cos(angle) - b * sin(angle)), scale * (a * sin(angle) + b * cos(angle))


def airy_decay(zeta: mpf) -> mpf:
    z = (zeta * 3 / 2) ** (mpf(2) / 3)
    return 2 * sqrt(pi) * z ** (mpf(1) / 4) * exp(zeta) * airyai(z)


roots = {order: [besseljzero(order, k) ** 2 for k in (1, 2)] for order in (0, 1)}


def without_roots(order: int, x: mpf) -> mpf:
    """``J(x)``, over ``x**order``, without its first two positive zeros."""
    first, second = roots[order]
    return besselj(order, x) / x**order / ((x * x - first) * (x * x - second))


ZETA_POSITIVE, ZETA_NEGATIVE = 2 / mpf(3) * mpf(2) ** 1.5, 2 / mpf(3) * mpf(4) ** 1.5
two_over_pi = 2 / pi
SERIES: dict[str, tuple[str, Callable[[mpf], mpf]]] = {
    "I0_SMALL": ("exp(-x) I0(x) on [0, 8]", lambda t: exp(-4 * (t + 1)) * besseli(0, 4 * (t + 1))),
    "I0_LARGE": ("sqrt(x) exp(-x) I0(x) from 8", falling(lambda x: sqrt(x) * exp(-x) * besseli(0, x), 8)),
    "I1_SMALL": ("exp(-x) I1(x) / x on [0, 8]", lambda t: exp(-4 * (t + 1)) * besseli(1, 4 * (t + 1)) / (4 * (t + 1))),
    "I1_LARGE": ("sqrt(x) exp(-x) I1(x) from 8", falling(lambda x: sqrt(x) * exp(-x) * besseli(1, x), 8)),
    "J0_SMALL": ("J0(x) without its two zeros on [0, 8]", squared(lambda x: without_roots(0, x), 8)),
    "J1_SMALL": ("J1(x) / x without its two positive zeros on [0, 8]", squared(lambda x: without_roots(1, x), 8)),
    "Y0_SMALL": (
        "Y0(x) - 2/pi log(x) J0(x) on [0, 8]",
        squared(lambda x: bessely(0, x) - two_over_pi * log(x) * besselj(0, x), 8),
    ),
    "Y1_SMALL": (
        "(Y1(x) - 2/pi (log(x) J1(x) - 1/x)) / x on [0, 8]",
        squared(lambda x: (bessely(1, x) - two_over_pi * (log(x) * besselj(1, x) - 1 / x)) / x, 8),
    ),
    "P0": ("the factor of the cosine in J0 from 8", falling_squared(lambda x: wave(0, x)[0], 8)),
    "Q0": ("the factor of the sine in J0, times x, from 8", falling_squared(lambda x: wave(0, x)[1] * x, 8)),
    "P1": ("the factor of the cosine in J1 from 8", falling_squared(lambda x: wave(1, x)[0], 8)),
    "Q1": ("the factor of the sine in J1, times x, from 8", falling_squared(lambda x: wave(1, x)[1] * x, 8)),
    "K0_SMALL": (
        "K0(x) + log(x / 2) I0(x) on [0, 2]",
        squared(lambda x: besselk(0, x) + log(x / 2) * besseli(0, x), 2),
    ),
    "K0_LARGE": ("sqrt(x) exp(x) K0(x) from 2", falling(lambda x: sqrt(x) * exp(x) * besselk(0, x), 2)),
    "K1_SMALL": (
        "x (K1(x) - log(x / 2) I1(x)) on [0, 2]",
        squared(lambda x: x * (besselk(1, x) - log(x / 2) * besseli(1, x)), 2),
    ),
    "K1_LARGE": ("sqrt(x) exp(x) K1(x) from 2", falling(lambda x: sqrt(x) * exp(x) * besselk(1, x), 2)),
    "AIRY_MIDDLE": ("Ai(x) on [-4, 2]", lambda t: airyai(3 * t - 1)),
    "AIRY_DECAY": ("2 sqrt(pi) x**(1/4) exp(zeta) Ai(x) from 2", falling(airy_decay, ZETA_POSITIVE)),
    "AIRY_P": ("the factor of the cosine in Ai(-x) from 4", falling_squared(lambda z: airy_wave(z)[0], ZETA_NEGATIVE)),
    "AIRY_Q": (
        "the factor of the sine in Ai(-x), times zeta, from 4",
        falling_squared(lambda z: airy_wave(z)[1] * z, ZETA_NEGATIVE),
    ),
}

Series = list[Fraction]


def product(a: Series, b: Series) -> Series:
    """The product of two power series, as long as they are."""
    return [sum((a[i] * b[k - i] for i in range(k + 1)), Fraction(0)) for k in range(len(a))]


def reciprocal(a: Series) -> Series:
    """One over a power series that does not begin with 0."""
    found: Series = []
    for k in range(len(a)):
        rest = sum((a[i] * found[k - i] for i in range(1, k + 1)), Fraction(0))
        found.append(((1 if k == 0 else 0) - rest) / a[0])
    return found


def temme(orders: int, terms: int) -> list[list[float]]:
    """The coefficients of the powers of eta in DLMF 8.12.9's c_k, k below ``orders``."""
    length = terms + 2 * orders + 3
    # mu = lambda - 1 = eta m(eta), from mu' mu = eta (1 + mu).
    m = [Fraction(1)]
    for k in range(1, length):
        # The coefficient of eta**(k + 1) in mu mu' - eta mu - eta.
        known = sum((m[i] * (k - i + 1) * m[k - i] for i in range(1, k)), Fraction(0))
        m.append((m[k - 1] - known) / (k + 2))
    inverse = reciprocal(m)
    c = inverse[1:]
    table = [[float(x) for x in c[:terms]]]
    for _ in range(1, orders):
        slope = [Fraction(i) * c[i] for i in range(1, len(c))]
        # c_k = (c_(k-1)' + constant / m) / eta; the constant, Stirling's g_k, is what makes that divisible.
        g = -slope[0] / inverse[0]
        total = [s + g * i for s, i in zip(slope, inverse, strict=False)]
        c = total[1:]
        table.append([float(x) for x in c[:terms]])
    return table


def rows(coefficients: list[float], indent: str) -> None:
    for k in range(0, len(coefficients), 4):
        print(indent + ", ".join(map(repr, coefficients[k : k + 4])) + ",")


print('"""Coefficients that ``docs/design/bessel_coefficients.py`` derives for the modules beside this one."""')
print("\nfrom __future__ import annotations\n\n# Chebyshev series, lowest term first.")
for name, (said, f) in SERIES.items():
    print(f"\n# {said}.\n{name} = (")
    rows(chebyshev(f), "    ")
    print(")  # fmt: skip")
for order, found in roots.items():
    print(f"\n# The squares of the first two positive zeros of J{order}.")
    print(f"J{order}_ZEROS = ({', '.join(repr(float(r)) for r in found)})")
print("\n# Temme's c_k, by powers of eta.\nTEMME = (")
for row in temme(9, 20):
    print("    (")
    rows(row, "        ")
    print("    ),")
print(")  # fmt: skip")
