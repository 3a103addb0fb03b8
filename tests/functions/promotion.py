"""PyTorch's type promotion as a table of text: what dtype comes of which operands, one letter for each question.

``python tests/functions/promotion.py > tests/functions/promotion.txt`` asks PyTorch; `table` asks whichever library.
Every section is a question; its rows and columns are operands in the order of `OPERANDS`, each dtype with dimensions
and then as a 0-d tensor. A dot is a refusal.
"""

from __future__ import annotations

import operator
import warnings
from collections.abc import Callable, Iterator
from typing import Any

LETTERS = {
    "bool": "?", "uint8": "B", "uint16": "H", "uint32": "I", "uint64": "Q", "int8": "b", "int16": "h", "int32": "i",
    "int64": "q", "float16": "e", "bfloat16": "E", "float32": "f", "float64": "d", "complex64": "F", "complex128": "D",
    "complex32": "F",  # which no array library has
}  # fmt: skip
DTYPES = [name for name in LETTERS if name != "complex32"]
OPERANDS = [(name, shape) for name in DTYPES for shape in ((1,), ())]
NUMBERS = [True, 3, 2.5, 1 + 2j]

OPERATORS = ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "eq", "lt", "ge", "and_", "or_", "lshift"]
INPLACE = ["iadd", "isub", "imul", "itruediv", "ifloordiv", "imod", "ipow", "iand", "ilshift"]
# Of two tensors, by name.
FUNCTIONS = ["maximum", "atan2", "hypot", "copysign", "fmod", "true_divide", "floor_divide", "eq"]
JOINING = ["cat", "stack"]
OF_ONE = [
    "abs", "neg", "sqrt", "exp", "sin", "floor", "sign", "square", "reciprocal", "sigmoid", "relu", "isnan",
    "logical_not", "sum", "prod", "mean", "amax", "max", "any", "all", "argmax", "std", "var", "logsumexp", "cumsum",
    "cumprod", "count_nonzero", "softmax", "norm", "sort", "tril", "dot", "mm",
]  # fmt: skip
ALONG = {"logsumexp", "cumsum", "cumprod", "softmax"}


def table(library: Any) -> Iterator[str]:
    """The lines of all sections, as ``library`` answers; a title starts with ``#``."""
    tensors = [library.ones(shape, dtype=getattr(library, name)) for name, shape in OPERANDS]
    for name in OPERATORS:
        yield from _section(f"x {name} y", getattr(operator, name), tensors, tensors)
        yield from _section(f"x {name} number", getattr(operator, name), tensors, NUMBERS)
        yield from _section(f"number {name} x", getattr(operator, name), NUMBERS, tensors)
    for name in INPLACE:
        yield from _section(f"x {name} y", _on_copy(getattr(operator, name)), tensors, tensors)
        yield from _section(f"x {name} number", _on_copy(getattr(operator, name)), tensors, NUMBERS)
    for name in FUNCTIONS:
        yield from _section(f"{name}(x, y)", getattr(library, name), tensors, tensors)
    mask = library.tensor([True])
    yield from _section("where(mask, x, y)", lambda x, y: library.where(mask, x, y), tensors, tensors)
    yield from _section("where(mask, x, number)", lambda x, y: library.where(mask, x, y), tensors, NUMBERS)
    yield from _section("clamp(x, y)", library.clamp, tensors, tensors)
    yield from _section("clamp(x, number)", library.clamp, tensors, NUMBERS)
    vectors = tensors[::2]
    for name in JOINING:
        yield from _section(f"{name}([x, y])", _joined(getattr(library, name)), vectors, vectors)
    yield from _section("add(x, x, out=y)", _into(library.add), vectors, vectors)
    yield from _section("sum(x, dtype=y)", lambda x, y: library.sum(x, dtype=y.dtype), vectors, vectors)
    yield from _section("result_type(x, y)", library.result_type, tensors, tensors)
    yield from _section("result_type(x, number)", library.result_type, tensors, NUMBERS)
    yield from _section("promote_types(x, y)", lambda x, y: library.promote_types(x.dtype, y.dtype), vectors, vectors)
    yield from _section("can_cast(x, y)", lambda x, y: library.can_cast(x.dtype, y.dtype), vectors, vectors)
    for name in OF_ONE:
        yield f"# {name}(x)"
        yield "".join([_letter(_of_one(library, name), x) for x in vectors])


def _section(title: str, ask: Callable[..., Any], rows: list[Any], columns: list[Any]) -> Iterator[str]:
    yield f"# {title}"
    for x in rows:
        yield "".join([_letter(ask, x, y) for y in columns])


def _letter(ask: Callable[..., Any], *operands: Any) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            answer = ask(*operands)
    except (RuntimeError, TypeError, ValueError, AttributeError):
        return "."
    if isinstance(answer, bool):
        return "y" if answer else "n"
    answer = answer[0] if isinstance(answer, tuple) else answer
    name = str(getattr(answer, "dtype", answer)).removeprefix("torch.")
    return LETTERS[name]


def _on_copy(operate: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, y: operate(x.clone(), y)


def _joined(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, y: function([x, y])


def _into(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, y: function(x, x, out=y.clone())


def _of_one(library: Any, name: str) -> Callable[..., Any]:
    if name == "dot":
        return lambda x: library.dot(x, x)
    if name == "mm":
        return lambda x: library.mm(x.reshape(1, 1), x.reshape(1, 1))
    if name == "tril":
        return lambda x: library.tril(x.reshape(1, 1))
    if name in ALONG:
        return lambda x: getattr(library, name)(x, 0)
    return getattr(library, name)  # type: ignore[no-any-return]


if __name__ == "__main__":
    import torch

    print("\n".join(table(torch)))
