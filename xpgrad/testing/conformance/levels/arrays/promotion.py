"""What dtype comes of which: operands of two dtypes, Python's numbers, and every function of one operand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

import xpgrad
from xpgrad.backends.dtypes import BY_NAME, bool_, dtype, float32, int64
from xpgrad.testing.conformance import capabilities
from xpgrad.testing.conformance.check import Level
from xpgrad.testing.conformance.subject import Subject

LEVEL = Level("arrays")

# Those that PyTorch promotes to one another.
DTYPES: Final = [name for name in BY_NAME if name not in ("uint16", "uint32", "uint64")]
# One of each category, and the one that has to become another among unsigned and signed.
OTHERS: Final = ["bool", "uint8", "int32", "int64", "float32", "complex64"]
NUMBERS: Final = [True, 2, 2.0, 2 + 0j]


def _divided(found: dtype) -> dtype:
    return found if found.is_differentiable else float32


# Each with the dtype that it gives where operands meet in one, and with its value for 3 (True for booleans) and 2.
BINARY: Final[dict[str, tuple[Callable[[Any, Any], Any], Callable[[dtype], dtype], Callable[[Any, Any], Any]]]] = {
    "add": (lambda x, y: x + y, lambda d: d, lambda a, b: a + b),
    "mul": (lambda x, y: x * y, lambda d: d, lambda a, b: a * b),
    "div": (lambda x, y: x / y, _divided, lambda a, b: a / b),
    "eq": (lambda x, y: x == y, lambda d: bool_, lambda a, b: a == b),
    "where": (lambda x, y: xpgrad.where(x == x, x, y), lambda d: d, lambda a, b: a),
    "stack": (lambda x, y: xpgrad.stack([x, y.expand(3)])[1], lambda d: d, lambda a, b: b),
}


@LEVEL.each(
    {f"promotion/{op}/{name}": (op, name) for op in BINARY for name in DTYPES}, needs=lambda row: {row[1], "int64"}
)
def operands_meet_in_the_dtype_of_pytorch(subject: Subject, row: tuple[str, str]) -> None:
    """A tensor of one dtype and one of each other, with dimensions or without, meet as PyTorch's do."""
    op, name = row
    apply, result, value = BINARY[op]
    x = _of(subject, name, 3, (3,))
    shapes: list[tuple[int, ...]] = [(3,), ()] if op in ("add", "where") else [(3,)]
    for other in DTYPES if op == "add" else OTHERS:
        for shape in shapes:
            if not capabilities.has(subject.place, other):
                continue
            y = _of(subject, other, 2, shape)
            expected = result(xpgrad.result_type(x, y))
            if not capabilities.has(subject.place, expected.name):
                continue
            what = f"{op} of {name} (3,) and {other} {shape}"
            _require(subject, apply(x, y), expected, value(_number(name, 3), _number(other, 2)), what)


@LEVEL.each({f"promotion/numbers/{name}": name for name in DTYPES}, needs=lambda name: {name, "int64"})
def numbers_give_way_to_tensors(subject: Subject, name: str) -> None:
    """A Python number changes the dtype only if it is of a higher category, and then to the default dtype."""
    for shape in ((3,), ()):
        x = _of(subject, name, 3, shape)
        for n in NUMBERS:
            expected = xpgrad.result_type(x, n)
            if capabilities.has(subject.place, expected.name):
                right = _number(name, 3) + n
                _require(subject, x + n, expected, right, f"{name} {shape} + {n}")
                _require(subject, n + x, expected, right, f"{n} + {name} {shape}")


def _of(subject: Subject, name: str, number: int, shape: tuple[int, ...]) -> Any:
    with subject.using():
        return xpgrad.full(shape, number, dtype=BY_NAME[name])


def _number(name: str, number: int) -> int:
    return 1 if name == "bool" else number


def _require(subject: Subject, got: Any, expected: dtype, value: Any, what: str) -> None:
    """Raise unless ``got`` is of the dtype ``expected`` and full of ``value``."""
    assert got.dtype is expected, f"{what}: expected {expected}, got {got.dtype}"
    host = subject.host(got).astype(complex)
    right = complex(bool(value)) if expected is bool_ else complex(value)
    tolerance = 1e-2 if expected.itemsize == 2 else 1e-6
    assert np.all(abs(host - right) <= tolerance), f"{what}: expected {right}, got {host.ravel()[0]}"


# Functions of one real tensor, by what becomes of its dtype.
SAME: Final[dict[str, Callable[[Any], Any]]] = {
    "abs": lambda x: x.abs(),
    "neg": lambda x: -x,
    "square": lambda x: x.square(),
    "sign": lambda x: x.sign(),
    "clamp": lambda x: x.clamp(1, 3),
    "pow": lambda x: x**2,
    "add": lambda x: x + x,
    "sub": lambda x: x - x,
    "mul": lambda x: 2 * x,
    "floor_divide": lambda x: x // x,
    "remainder": lambda x: x % x,
    "maximum": lambda x: xpgrad.maximum(x, x),
    "matmul": lambda x: x @ x.mT,
    "where": lambda x: xpgrad.where(x > 1, x, 0),
    "masked_fill": lambda x: x.masked_fill(x > 1, 1),
    "max": lambda x: x.max(),
    "amin": lambda x: x.amin(1),
    "max-along": lambda x: x.max(1).values,
    "sort": lambda x: x.sort(1).values,
    "topk": lambda x: x.topk(2).values,
    "median": lambda x: x.median(),
    "flip": lambda x: x.flip(1),
    "roll": lambda x: x.roll(1, 1),
    "cat": lambda x: xpgrad.cat([x, x]),
    "stack": lambda x: xpgrad.stack([x, x]),
    "tril": lambda x: x.tril(),
    "diag": lambda x: x.diag(),
    "gather": lambda x: x.gather(1, xpgrad.zeros(2, 1, dtype=int64)),
    "index_select": lambda x: x.index_select(0, xpgrad.tensor([1])),
    "index_add": lambda x: x.index_add(0, xpgrad.tensor([1, 1]), x),
    "scatter": lambda x: x.scatter(1, xpgrad.zeros(2, 1, dtype=int64), 2),
    "getitem": lambda x: x[xpgrad.tensor([1])],
    "unique": lambda x: x.unique(),
    "diff": lambda x: x.diff(),
    "repeat": lambda x: x.repeat(2, 1),
    "cummax": lambda x: x.cummax(1).values,
    "floor": lambda x: x.floor(),
    "round": lambda x: x.round(),
    "relu": lambda x: x.relu(),
    "pad": lambda x: xpgrad.nn.functional.pad(x, (1, 1)),
}
FLOATING: Final[dict[str, Callable[[Any], Any]]] = {
    **{
        name: getattr(xpgrad, name)
        for name in (
            *("sqrt", "rsqrt", "exp", "expm1", "log", "log1p", "log2", "sin", "cos", "tanh", "atan", "sinh"),
            *("sigmoid", "erf", "reciprocal", "deg2rad"),
        )
    },
    "div": lambda x: x / 2,
}
SUMS: Final[dict[str, Callable[[Any], Any]]] = {
    "sum": lambda x: x.sum(),
    "sum-along": lambda x: x.sum(-1),
    "prod": lambda x: x.prod(),
    "cumsum": lambda x: x.cumsum(1),
    "cumprod": lambda x: x.cumprod(1),
}
TRUTHS: Final[dict[str, Callable[[Any], Any]]] = {
    "lt": lambda x: x < 2,
    "isnan": lambda x: x.isnan(),
    "isfinite": lambda x: x.isfinite(),
    "logical_not": lambda x: x.logical_not(),
    "isin": lambda x: xpgrad.isin(x, x[0]),
}
INDICES: Final[dict[str, Callable[[Any], Any]]] = {
    "argmax": lambda x: x.argmax(),
    "argmin-along": lambda x: x.argmin(1),
    "argsort": lambda x: x.argsort(1),
    "sort-indices": lambda x: x.sort(1).indices,
    "nonzero": lambda x: x.nonzero(),
    "count_nonzero": lambda x: x.count_nonzero(),
    "searchsorted": lambda x: xpgrad.searchsorted(x[0], x),
}
# Not all of them: some libraries compile each function anew for each dtype.
REAL: Final = ["uint8", "int32", "int64", "float16", "float32"]


def _dtypes_of(functions: dict[str, Callable[[Any], Any]], result: Callable[[dtype], dtype], rule: str) -> None:
    @LEVEL.each({f"dtype-of/{name}": (name, function) for name, function in functions.items()}, needs={"int64"})
    def keeps_its_dtype(subject: Subject, row: tuple[str, Callable[[Any], Any]]) -> None:
        name, function = row
        for given in REAL:
            if capabilities.has(subject.place, given):
                x = subject.tensor(np.asarray([[1, 2, 3], [4, 5, 6]], given))
                expected = result(BY_NAME[given])
                with subject.using():
                    got = function(x)
                subject.host(got)
                assert got.dtype is expected, f"{name} of {given}: expected {expected}, {rule}; got {got.dtype}"

    keeps_its_dtype.__doc__ = f"Of integers and floats of several widths, the result is {rule}."


_dtypes_of(SAME, lambda d: d, "the same dtype")
_dtypes_of(FLOATING, _divided, "the same dtype if that is floating, else the default one")
_dtypes_of(SUMS, lambda d: d if d.is_floating_point else int64, "the same dtype if that is floating, else int64")
_dtypes_of(TRUTHS, lambda d: bool_, "bool")
_dtypes_of(INDICES, lambda d: int64, "int64")
