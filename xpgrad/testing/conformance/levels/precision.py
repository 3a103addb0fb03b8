"""Functions where a plausible way of computing them loses digits: far from zero, past 2^53, in the imaginary part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

import xpgrad
from xpgrad.testing.conformance.check import Level
from xpgrad.testing.conformance.subject import Subject, agree

LEVEL = Level("functions")

# Exact in float32; their squares are not.
FAR: Final = np.asarray([[10000.0, 10001.0, 10002.0], [-20000.0, -20001.0, -20005.0]], np.float32)
_VARIANCES: Final = np.asarray([1.0, 7.0])
_CENTRED: Final = FAR - FAR.astype(np.float64).mean(1, keepdims=True)
_NORMAL: Final = _CENTRED / np.sqrt(_CENTRED.var(1, keepdims=True) + 1e-5)

FAR_FROM_ZERO: Final[dict[str, tuple[Callable[[Any], Any], Any]]] = {
    "var": (lambda x: xpgrad.var(x, 1), _VARIANCES),
    "std": (lambda x: xpgrad.std(x, 1), np.sqrt(_VARIANCES)),
    "var_mean": (lambda x: xpgrad.var_mean(x, 1)[0], _VARIANCES),
    "layer_norm": (lambda x: xpgrad.nn.functional.layer_norm(x, (3,)), _NORMAL),
    "batch_norm": (lambda x: xpgrad.nn.functional.batch_norm(x.t(), None, None, training=True).t(), _NORMAL),
    "instance_norm": (lambda x: xpgrad.nn.functional.instance_norm(x[None])[0], _NORMAL),
    "group_norm": (lambda x: xpgrad.nn.functional.group_norm(x[None], 2)[0], _NORMAL),
    "cov": (lambda x: xpgrad.cov(x).diagonal(), _VARIANCES),
    "logsumexp": (lambda x: xpgrad.logsumexp(x, 1), np.asarray([10002.407606, -19999.68469])),
    "softmax": (lambda x: xpgrad.softmax(x, 1).sum(1), np.ones(2)),
}


@LEVEL.each({f"precision/{name}": row for name, row in FAR_FROM_ZERO.items()}, "far-from-zero", needs=["float32"])
def keeps_differences(subject: Subject, row: tuple[Callable[[Any], Any], Any]) -> None:
    """Of numbers that differ little for their size, differences count and not squares."""
    call, expected = row
    agree(subject.host(call(subject.tensor(FAR))), expected, 2e-3)


_BIG: Final = 2**53 + 1
INTEGERS: Final[dict[str, tuple[Callable[[Any], Any], Any]]] = {
    "tensor": (lambda x: x, [_BIG, -_BIG, 3]),
    "eq": (lambda x: x == _BIG - 1, [False, False, False]),
    "max": (lambda x: x.max(), _BIG),
    "min": (lambda x: x.min(), -_BIG),
    "sum": (lambda x: x[[0, 2]].sum(), _BIG + 3),
    "add": (lambda x: x + 1, [_BIG + 1, 1 - _BIG, 4]),
    "mul": (lambda x: x * 3, [3 * _BIG, -3 * _BIG, 9]),
    "sort": (lambda x: x.sort().values, [-_BIG, 3, _BIG]),
    "prod": (lambda x: x[[0, 2]].prod(), 3 * _BIG),
    "cumprod": (lambda x: x[[2, 0]].cumprod(0), [3, 3 * _BIG]),
    "cumsum": (lambda x: x.cumsum(0), [_BIG, 0, 3]),
    "full_like": (lambda x: xpgrad.full_like(x, _BIG), [_BIG] * 3),
    "where": (lambda x: xpgrad.where(x > 0, x, -x), [_BIG, _BIG, 3]),
    "take": (lambda x: x[xpgrad.tensor([0], device=x.device)], [_BIG]),
    "remainder": (lambda x: x % 10, [_BIG % 10, -_BIG % 10, 3]),
    "floor_divide": (lambda x: x // 10, [_BIG // 10, -_BIG // 10, 0]),
    "bitwise_xor": (lambda x: x ^ 1, [_BIG ^ 1, -_BIG ^ 1, 3 ^ 1]),
    "abs": (lambda x: x.abs(), [_BIG, _BIG, 3]),
    "unique": (lambda x: xpgrad.unique(x), [-_BIG, 3, _BIG]),
}


@LEVEL.each({f"precision/{name}": row for name, row in INTEGERS.items()}, "large-integers", needs=["int64"])
def keeps_every_bit(subject: Subject, row: tuple[Callable[[Any], Any], Any]) -> None:
    """Integers that no floating-point number holds stay what they are."""
    call, expected = row
    got = subject.host(call(subject.tensor(np.asarray([_BIG, -_BIG, 3]))))
    assert got.tolist() == expected, f"expected {expected}, got {got.tolist()}"


# Their sums round at each step if they are added one by one, in a dtype of few digits.
SUMS: Final[dict[str, tuple[str, Callable[[Any], Any], float]]] = {
    "sum": ("float32", lambda x: (x + 0.1).sum(), 0.1),
    "mean": ("float32", lambda x: (x + 0.1).mean() * x.numel(), 0.1),
    "half-mean": ("float16", lambda x: (x[:100] + 1000.0).mean() * (x.numel() / 1000.0), 1.0),
}


@LEVEL.each({f"precision/{name}": row for name, row in SUMS.items()}, "of-equals", needs=lambda row: [row[0]])
def adds_up_many(subject: Subject, row: tuple[str, Callable[[Any], Any], float]) -> None:
    """The sum of many equal numbers is as many times that number."""
    dtype, call, each = row
    count = 60_000
    got = subject.host(call(subject.tensor(np.zeros(count, dtype))))
    agree(got / count, np.asarray(each), 1e-3 if dtype == "float16" else 1e-5)


_LARGE, _SMALL, _NAN, _INF = 2e38, 1e-30, np.nan, np.inf
COMPLEX: Final = np.asarray(
    [complex(_LARGE, _LARGE / 2), complex(_SMALL, _SMALL), complex(0.0, _NAN), complex(_INF, _NAN), 3 + 4j, -1j], "c8"
)
OF_COMPLEX: Final[dict[str, tuple[Callable[[Any], Any], Any]]] = {
    "abs": (lambda z: z.abs(), [2.236068e38, 1.4142135e-30, _NAN, _INF, 5.0, 1.0]),
    "isnan": (lambda z: z.isnan(), [False, False, True, True, False, False]),
    "isinf": (lambda z: z.isinf(), [False, False, False, True, False, False]),
    "isfinite": (lambda z: z.isfinite(), [True, True, False, False, True, True]),
    "eq": (lambda z: z == z, [True, True, False, False, True, True]),
    "angle": (lambda z: z[4:].angle(), [0.92729522, -np.pi / 2]),
    "sqrt": (lambda z: z[4:].sqrt().real, [2.0, np.sqrt(0.5)]),
    "conj": (lambda z: z[4:].conj().imag, [-4.0, 1.0]),
}


@LEVEL.each({f"precision/{name}": row for name, row in OF_COMPLEX.items()}, "complex", needs=["complex64"])
def minds_the_imaginary_part(subject: Subject, row: tuple[Callable[[Any], Any], Any]) -> None:
    """Complex numbers whose squares are too large or too small, and which are NaN in one part."""
    call, right = row
    got, expected = subject.host(call(subject.tensor(COMPLEX))), np.asarray(right)
    assert got.shape == expected.shape, f"expected shape {expected.shape}, got {got.shape}"
    with np.errstate(all="ignore"):
        close = np.isclose(got, expected, 1e-5, 0.0, equal_nan=True)
    assert close.all(), f"expected {expected.tolist()}, got {got.tolist()}"


# Above and below the cut, where the sign of a zero says on which side.
_CUTS: Final = np.asarray([complex(-4.0, 0.0), complex(-4.0, -0.0)], np.complex64)
ON_CUTS: Final[dict[str, tuple[Callable[[Any], Any], list[float]]]] = {
    "sqrt": (lambda z: z.sqrt(), [2.0, -2.0]),
    "log": (lambda z: z.log(), [np.pi, -np.pi]),
    "angle": (lambda z: z.angle() * 1j, [np.pi, -np.pi]),
    "asin": (lambda z: z.asin(), [2.0634370689, -2.0634370689]),
    "acos": (lambda z: z.acos(), [-2.0634370689, 2.0634370689]),
}


@LEVEL.each({f"precision/{name}": row for name, row in ON_CUTS.items()}, "branch-cut", needs=["complex64"])
def stays_on_its_side(subject: Subject, row: tuple[Callable[[Any], Any], list[float]]) -> None:
    """On a branch cut the sign of the imaginary zero says which side counts."""
    call, expected = row
    agree(subject.host(call(subject.tensor(_CUTS))).imag, np.asarray(expected), 1e-5)


@LEVEL.each(
    {f"precision/{name}": name for name in ("float32", "int32", "bool")}, "to-copies", needs=lambda name: [name]
)
def copies_to_the_same_dtype(subject: Subject, name: str) -> None:
    """``to(dtype, copy=True)`` and ``clone`` share no memory, though nothing is converted."""
    x = subject.tensor(np.asarray([1, 0, 1]).astype(name))
    copies = [x.to(x.dtype, copy=True), x.clone(), xpgrad.array_api.astype(x, x.dtype, copy=True)]
    for copy in copies:
        copy.fill_(0)
    assert subject.host(x).tolist() == np.asarray([1, 0, 1]).astype(name).tolist(), "a write to the copy shows"
