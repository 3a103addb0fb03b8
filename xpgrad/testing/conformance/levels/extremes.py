"""What people call, of what is neither small nor finite: NaN, infinities, zeros of both signs, nothing at all.

`edge_values` asks ops, of which these are composed, by what NumPy and SciPy say; this compares with the NumPy backend.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, Final

import numpy as np

import xpgrad
from xpgrad.testing.conformance.check import Level
from xpgrad.testing.conformance.subject import Host, Subject

LEVEL = Level("functions")

_INF, _NAN = np.inf, np.nan
VALUES: Final = np.asarray(
    [0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 1.5, -1.5, 2.5, -2.5, 90.0, -90.0, 1e-30, -1e30, _INF, -_INF, _NAN], np.float32
)
PAIRS: Final = np.asarray(list(itertools.product([0.0, -0.0, 1.0, -2.5, _INF, -_INF, _NAN], repeat=2)), np.float32).T
ROWS: Final = np.asarray([[1, _NAN, -2], [_INF, 3, 3], [-_INF, _INF, 0], [-0.0, 0.0, -0.0], [_NAN] * 3], np.float32)
SCORES: Final = np.asarray([[1e3, 0, -1e3], [1e30, 1e30, 0], [-_INF, 0, 1], [_INF, 0, 1], [_NAN, 0, 1]], np.float32)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


UNARY: Final = _words(
    "abs acos acosh asin asinh atan atanh ceil cos cosh deg2rad digamma erf erfc erfinv exp exp2 expm1 floor frac "
    "isfinite isinf isnan isneginf isposinf lgamma log log10 log1p log2 logit nan_to_num neg positive rad2deg "
    "reciprocal relu round rsqrt sgn sigmoid sign signbit sin sinc sinh sqrt square tan tanh trunc"
)
ACTIVATIONS: Final = _words(
    "celu elu gelu hardsigmoid hardswish hardtanh leaky_relu logsigmoid mish relu6 selu silu softplus softsign "
    "tanhshrink"
)
BINARY: Final = _words(
    "add atan2 copysign div eq floor_divide fmax fmin fmod ge gt heaviside hypot le logaddexp logaddexp2 lt "
    "maximum minimum mul ne nextafter pow remainder sub xlogy"
)
REDUCTIONS: Final = _words(
    "all amax amin any argmax argmin count_nonzero logsumexp max mean median min nanmean nansum norm prod std sum var"
)
OF_NOTHING: Final = _words("all any mean nansum prod sum var")
ALONG: Final = _words("argsort cummax cummin cumprod cumsum flip log_softmax logcumsumexp softmax sort")

# Where nobody promises which zero it is. The greater of two zeros is either of them, in the standard and in C; the sign
# of a zero is "0"; and whether a sum begins at its first number or at 0.0, which -0.0 shows, no documentation says.
EITHER_ZERO: Final = frozenset(
    _words("amax amin cummax cummin cumsum fmax fmin logcumsumexp max maximum min minimum relu6 sgn sign")
)


def _function(name: str) -> Any:
    return getattr(xpgrad, name, None) or getattr(xpgrad.nn.functional, name)


def answers(subject: Subject, call: Callable[..., Any], *arrays: Host) -> list[Host]:
    """What ``call`` makes of the arrays on the subject."""
    with subject.using(), np.errstate(all="ignore"):
        out = call(*(subject.tensor(array) for array in arrays))
        return [subject.host(x) for x in (out if isinstance(out, tuple) else (out,))]


def same(subject: Subject, call: Callable[..., Any], *arrays: Host, signed: bool = True) -> None:
    """Raise unless the subject answers as NumPy does: NaN and infinities, and if ``signed`` zeros of the same signs."""
    __tracebackhide__ = True
    expected = answers(Subject(subject.reference), call, *arrays)
    for got, right in zip(answers(subject, call, *arrays), expected, strict=True):
        assert got.dtype.kind == right.dtype.kind, f"expected {right.dtype}, got {got.dtype}"
        np.testing.assert_allclose(got, right, rtol=2e-5, atol=1e-30)
        if signed and right.dtype.kind == "f":
            zeros = right == 0
            np.testing.assert_array_equal(np.signbit(got[zeros]), np.signbit(right[zeros]), "the signs of zeros")


@LEVEL.each({f"extremes/{name}": name for name in (*UNARY, *ACTIVATIONS)}, "elementwise")
def of_one(subject: Subject, name: str) -> None:
    """Of each value, of nothing, and of one value without dimensions."""
    for values in (VALUES, VALUES[:0].reshape(0, 2), VALUES[3]):
        same(subject, _function(name), values, signed=name not in EITHER_ZERO)


@LEVEL.each({f"extremes/{name}": name for name in BINARY}, "elementwise")
def of_two(subject: Subject, name: str) -> None:
    """Of each pair of values, of nothing, and of values without dimensions."""
    for pairs in (PAIRS, PAIRS[:, :0], PAIRS[:, 9]):
        x, y = map(np.ascontiguousarray, pairs)
        same(subject, _function(name), x, y, signed=name not in EITHER_ZERO)


def _as_tuple(out: Any) -> tuple[Any, ...]:
    return tuple(out) if isinstance(out, tuple) else (out,)


@LEVEL.each({f"extremes/{name},dim={dim}": (name, dim) for name in REDUCTIONS for dim in (0, -1)}, "rows")
def of_rows(subject: Subject, asked: tuple[str, int]) -> None:
    """Over rows with NaN, infinities and zeros, and over one element."""
    name, dim = asked

    def call(x: Any) -> Any:
        return _as_tuple(_function(name)(x, dim=dim))

    for rows in (ROWS, ROWS[1:2, 1:2]):
        same(subject, call, rows, signed=name not in EITHER_ZERO)


@LEVEL.each({f"extremes/{name}": _function(name) for name in OF_NOTHING}, "nothing")
def of_nothing(subject: Subject, function: Any) -> None:
    """Over nothing at all."""
    for shape in ((0,), (0, 3)):
        same(subject, lambda x: _as_tuple(function(x)), np.zeros(shape, np.float32))


@LEVEL.each({f"extremes/{name},dim={dim}": (name, dim) for name in ALONG for dim in (0, -1)}, "rows")
def along_rows(subject: Subject, asked: tuple[str, int]) -> None:
    """Along rows with NaN, infinities, ties and numbers too large to be exponents."""
    name, dim = asked
    settings = {"stable": True} if name == "sort" else {}

    def call(x: Any) -> Any:
        return _as_tuple(_function(name)(x, [dim] if name == "flip" else dim, **settings))

    # Which of two equals an unstable sort puts first is nobody's promise.
    rows = (SCORES, ROWS) if name != "argsort" else (np.asarray([[3, _NAN, -_INF], [_INF, 0, 1]], np.float32),)
    for values in rows:
        same(subject, call, values, signed=name not in EITHER_ZERO)
