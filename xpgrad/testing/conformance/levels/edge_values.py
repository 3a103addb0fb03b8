"""Functions where values are zeros of either sign, NaN, infinite, very large or small; and of one or no element."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
from scipy import special

import xpgrad
from xpgrad.testing.conformance.check import Level
from xpgrad.testing.conformance.levels.functions import BY_NAME
from xpgrad.testing.conformance.narrow import narrow, tolerance
from xpgrad.testing.conformance.ops.case import Case
from xpgrad.testing.conformance.ops.derivatives import apply, tensors
from xpgrad.testing.conformance.subject import Host, Subject, agree, raises

LEVEL = Level("functions")

NAN, INF = float("nan"), float("inf")

# Ops that work element by element, by module: each is a row of the table of ops.
_ELEMENTWISE: Final[dict[str, tuple[str, ...]]] = {
    "arithmetic": (
        "abs", "add", "copysign", "divide", "floor_divide", "maximum", "minimum", "multiply", "negative", "positive",
        "power", "reciprocal", "remainder", "sign", "square", "subtract", "nan_to_num,nan=1.0,posinf=2.0,neginf=None",
    ),
    "exponential": (
        "exp", "exp2", "expm1", "frexp", "log", "log10", "log1p", "log2", "logaddexp", "logaddexp2", "rsqrt", "sqrt",
    ),
    "trigonometric": (
        "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cos", "cosh", "hypot", "sin", "sinc", "sinh",
        "tan", "tanh",
    ),
    "rounding": ("ceil", "floor", "nextafter", "round", "trunc"),
    "comparison": (
        "equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "isnan", "isinf", "isfinite", "signbit",
    ),
    "activation": ("relu", "sigmoid"),
    "complex": ("angle", "complex"),
    "entropy": ("entr", "logit", "xlog1py", "xlogy"),
    "error": ("erf", "erfc", "erfcx", "erfinv", "log_ndtr", "ndtri"),
    "gamma": ("digamma", "gammaln"),
    "bessel": ("i0", "i0e", "i1", "i1e"),
}  # fmt: skip
# Where the standard says which zero it is, or every library agrees: not of the greater of two zeros, say.
SIGNED: Final = {
    f"{module}.{name}"
    for module in ("arithmetic", "exponential", "trigonometric", "rounding")
    for name in _ELEMENTWISE[module]
    if name not in ("floor_divide", "maximum", "minimum", "remainder", "sign")
}
# What PyTorch has where NumPy or SciPy has another value.
PYTORCHS: Final[Mapping[str, Callable[..., Any]]] = {
    "complex.angle": lambda x: np.where(np.isnan(x), x, np.where(x < 0, np.asarray(np.pi, x.dtype), 0)),
    "gamma.gammaln": lambda x: np.where(np.isinf(x), INF, special.gammaln(x)),
}
ONE: Final = np.asarray(
    [NAN, INF, -INF, 0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 3.0, -3.0, 2.0**100, -(2.0**100), 2.0**-100, -(2.0**-100)]
)
TWO: Final = [each.ravel() for each in np.meshgrid(*[[NAN, INF, -INF, 0.0, -0.0, 1.0, -1.0, 2.5, -3.0]] * 2)]
ROWS: Final = {
    f"edge-values/{module}.{name}": f"{module}.{name}" for module, names in _ELEMENTWISE.items() for name in names
}


def needs(name: str) -> frozenset[str]:
    """What a row needs: ``complex.complex`` makes complex numbers."""
    return frozenset({"complex64"} if name == "complex.complex" else {"float32"})


@LEVEL.each(ROWS, "specials", needs=needs)
def specials_are_those_of_numpy(subject: Subject, name: str) -> None:
    """NaN, infinities, zeros of both signs and numbers near the limits give what they give in NumPy or SciPy."""
    _require(subject, name, TWO if len(BY_NAME[name].inputs) == 2 else [ONE])


@LEVEL.each(ROWS, "0-d", needs=needs)
def one_number_gives_one(subject: Subject, name: str) -> None:
    """Of arrays without dimensions the result has none."""
    _require(subject, name, [np.asarray(0.5)] * len(BY_NAME[name].inputs))


@LEVEL.each(ROWS, "empty", needs=needs)
def nothing_gives_nothing(subject: Subject, name: str) -> None:
    """Of arrays without elements the result has none, and the same shape."""
    _require(subject, name, [np.ones((0, 3))] * len(BY_NAME[name].inputs))


def _require(subject: Subject, name: str, inputs: list[Host]) -> None:
    case: Case = BY_NAME[name]
    given = [narrow(subject.place, x) for x in inputs]
    reference = PYTORCHS.get(name) or case.reference or getattr(np, case.op.forward.__name__)
    with np.errstate(all="ignore"):
        expected = reference(*given, **case.settings)
        out = apply(replace(case, inputs=tuple(inputs)), subject.place, tensors(subject.place, inputs))
        found = [subject.host(got) for got in out]
    for got, right in zip(found, expected if isinstance(expected, tuple) else [expected], strict=True):
        what = f"{name} of {' and '.join(str(x.tolist()) for x in inputs)}"
        agree(got, right, tolerance(subject.place, 1e-12), what)
        if name in SIGNED and got.dtype.kind == "f":
            wrong = (got == 0) & (np.signbit(got) != np.signbit(right))
            of = [x[wrong].tolist() for x in inputs] if inputs[0].ndim else inputs
            assert not wrong.any(), f"{name} of {of}: expected {np.asarray(right)[wrong]}, got {got[wrong]}"


# Arrays whose sums, extremes and orders are easily wrong, along their last axis and all over.
ARRAYS: Final = {
    "nan": np.asarray([[1.0, NAN, 3.0, NAN], [4.0, 5.0, 5.0, 2.0]], np.float32),
    "inf": np.asarray([[INF, 1.0, -2.0, INF], [-INF, 3.0, 2.0, -INF]], np.float32),
    "both-infinities": np.asarray([[INF, -INF, 1.0, 2.0], [0.0, 1.0, -1.0, 1.0]], np.float32),
    "zeros": np.asarray([[-0.0, 0.0, -0.0, 0.0], [0.0, 0.0, 0.0, 0.0]], np.float32),
    "large": np.asarray([[1e15, 1e15, -1e15, 1.0], [90.0, 89.0, -90.0, 0.0]], np.float32),
    "0-d": np.asarray(-1.5, np.float32),
}


def _softmax(x: Host, axis: Any) -> Any:
    raised = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return raised / np.sum(raised, axis=axis, keepdims=True)


def _logsumexp(x: Host, axis: Any) -> Any:
    return special.logsumexp(x.astype(np.float64), axis=axis)


Along = Callable[[Any, Any], Any]

# Of a tensor along a dimension, and of a NumPy array along an axis.
REDUCTIONS: Final[dict[str, tuple[Along, Along]]] = {
    "sum": (lambda x, d: x.sum(d), lambda x, d: np.sum(x, axis=d)),
    "mean": (lambda x, d: x.mean(d), lambda x, d: np.mean(x, axis=d)),
    "prod": (lambda x, d: x.prod(d), lambda x, d: np.prod(x, axis=d)),
    "var": (lambda x, d: x.var(d, correction=0), lambda x, d: np.var(x, axis=d)),
    "std": (lambda x, d: x.std(d, correction=0), lambda x, d: np.std(x, axis=d)),
    "amax": (lambda x, d: x.amax(d), lambda x, d: np.max(x, axis=d)),
    "amin": (lambda x, d: x.amin(d), lambda x, d: np.min(x, axis=d)),
    "max": (lambda x, d: x.max(d).values, lambda x, d: np.max(x, axis=d)),
    "argmax": (lambda x, d: x.argmax(d), lambda x, d: np.argmax(x, axis=d)),
    "argmin": (lambda x, d: x.argmin(d), lambda x, d: np.argmin(x, axis=d)),
    "any": (lambda x, d: x.any(d), lambda x, d: np.any(x, axis=d)),
    "all": (lambda x, d: x.all(d), lambda x, d: np.all(x, axis=d)),
    "count_nonzero": (lambda x, d: x.count_nonzero(d), lambda x, d: np.count_nonzero(x, axis=d)),
    "nansum": (lambda x, d: x.nansum(d), lambda x, d: np.nansum(x, axis=d)),
    "logsumexp": (lambda x, d: x.logsumexp(d), _logsumexp),
    "softmax": (lambda x, d: x.softmax(d), _softmax),
    "log_softmax": (lambda x, d: x.log_softmax(d).exp(), _softmax),
    "cumsum": (lambda x, d: x.cumsum(d), lambda x, d: np.cumsum(x, axis=d).reshape(x.shape)),
    "cumprod": (lambda x, d: x.cumprod(d), lambda x, d: np.cumprod(x, axis=d).reshape(x.shape)),
    "sort": (lambda x, d: x.sort(d).values, lambda x, d: np.sort(x, axis=d) if x.ndim else x),
    "argsort": (
        lambda x, d: x.argsort(d, stable=True),
        lambda x, d: np.argsort(x, axis=d, stable=True) if x.ndim else np.asarray(0),
    ),
}


@LEVEL.each({f"edge-values/{name}/{array}": (name, array) for name in REDUCTIONS for array in ARRAYS}, needs={"int64"})
def reductions_of_edges_are_those_of_numpy(subject: Subject, row: tuple[str, str]) -> None:
    """NaN and infinities go where NumPy has them go, overflow is kept away where it can be, equal elements stay so."""
    name, array = row
    function, reference = REDUCTIONS[name]
    given = ARRAYS[array]
    with np.errstate(all="ignore"):
        for axis in (-1, 0) if given.ndim else (-1,):
            expected = np.asarray(reference(given, axis if given.ndim else None))
            agree(
                subject.host(function(subject.tensor(given), axis)), expected, 1e-5, f"{name} of {array} along {axis}"
            )


# Of nothing along an axis.
OF_NOTHING: Final[dict[str, Any]] = {
    "sum": 0.0, "mean": NAN, "prod": 1.0, "var": NAN, "std": NAN, "any": False, "all": True, "count_nonzero": 0,
    "nansum": 0.0, "logsumexp": -INF,
}  # fmt: skip


@LEVEL.each({f"edge-values/{name}/empty": name for name in OF_NOTHING}, needs={"int64"})
@np.errstate(all="ignore")
def reductions_of_nothing_are_neutral(subject: Subject, name: str) -> None:
    """Along an axis without elements there is the neutral element, NaN if there is none; across it there is nothing."""
    x = subject.tensor(np.ones((2, 0), np.float32))
    for axis, expected in ((1, np.full(2, OF_NOTHING[name])), (0, np.zeros(0))):
        got = subject.host(REDUCTIONS[name][0](x, axis))
        agree(got, expected, 0, f"{name} of shape (2, 0) along {axis}")


@LEVEL.each(
    {f"edge-values/{name}/empty": name for name in ("amax", "amin", "max", "argmax", "argmin")}, needs={"int64"}
)
def extremes_of_nothing_are_refused(subject: Subject, name: str) -> None:
    """Along an axis without elements there is no extreme: an IndexError says so. Across it there is nothing."""
    x = subject.tensor(np.ones((2, 0), np.float32))
    with raises(IndexError, f"{name} of shape (2, 0) along 1"):
        REDUCTIONS[name][0](x, 1)
    agree(subject.host(REDUCTIONS[name][0](x, 0)), np.zeros(0), 0, f"{name} of shape (2, 0) along 0")


@LEVEL.each(
    {f"edge-values/{name}/empty": name for name in ("softmax", "log_softmax", "cumsum", "cumprod", "sort", "argsort")},
    needs={"int64"},
)
def what_keeps_its_shape_is_empty(subject: Subject, name: str) -> None:
    """Of nothing there comes nothing of the same shape."""
    x = subject.tensor(np.ones((2, 0), np.float32))
    for axis in (1, 0):
        agree(subject.host(REDUCTIONS[name][0](x, axis)), np.ones((2, 0)), 0, f"{name} of shape (2, 0) along {axis}")


@LEVEL.check("edge-values/sort/order-of-equals", needs={"int64"})
def equals_stay_in_their_order(subject: Subject) -> None:
    """A stable sort leaves zeros of both signs, which are equal, in the order in which they came."""
    given = ARRAYS["zeros"]
    got = subject.tensor(given).sort(-1, stable=True)
    found = np.signbit(subject.host(got.values))
    assert np.array_equal(found, np.signbit(given)), f"sort: expected signs {np.signbit(given)}, got {found}"
    agree(subject.host(got.indices), np.asarray([[0, 1, 2, 3]] * 2), 0, "sort: indices of equals")


@LEVEL.check("edge-values/max/equals", needs={"int64"})
def of_equals_the_first_is_taken(subject: Subject) -> None:
    """The index of an extreme is that of the first of equals, NaN being greater than anything."""
    x = subject.tensor(np.asarray([[2.0, 5.0, 5.0, 1.0, 1.0], [NAN, 1.0, NAN, 7.0, 0.0]], np.float32))
    for name, expected in (("argmax", [1, 0]), ("argmin", [3, 0])):
        got = subject.host(getattr(xpgrad, name)(x, 1)).tolist()
        assert got == expected, f"{name}: expected {expected}, got {got}"
