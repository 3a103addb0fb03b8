"""Sums of products in Einstein's notation, and the products over chosen dimensions."""

from __future__ import annotations

import functools
import itertools
import math
import string
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from xpgrad.array_api import linalg as standard
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import DtypeError, SettingError, ShapeError
from xpgrad.functions.broadcasting import expand
from xpgrad.functions.dims import normalize_dim
from xpgrad.functions.elementwise import meet
from xpgrad.functions.linalg import bmm
from xpgrad.functions.matrices import diagonal
from xpgrad.functions.reduction import sum
from xpgrad.functions.reordering import permute
from xpgrad.functions.results import deliver
from xpgrad.functions.shape import reshape

__all__ = ["einsum", "tensordot"]

_LETTERS = string.ascii_uppercase + string.ascii_lowercase


def einsum(*args: Any) -> Any:
    """The sum of products that an equation describes, as in ``einsum("bij,bjk->bik", x, y)``. Mirrors ``torch.einsum``.

    The other form names dimensions by numbers: ``einsum(x, [0, 1, 2], y, [0, 2, 3], [0, 1, 3])``. Three operands and
    more are multiplied in the order that opt_einsum finds, if it is installed, else from the left.

    Raises:
        SettingError: The equation does not fit the operands.
        DtypeError: The dtypes differ.
    """
    equation, tensors = _spelled(args)
    inputs, output = _parsed(equation, tensors)
    for x in tensors[1:]:
        if x._array.dtype != tensors[0]._array.dtype:
            raise DtypeError(
                f"expected scalar type {tensors[0].dtype.name} but found {x.dtype.name}: einsum() does not promote"
            )
    _check_sizes(inputs, tensors)
    operands = [_diagonals(labels, x) for labels, x in zip(inputs, tensors, strict=True)]
    for pair in _path(operands, output):
        taken = [operands[i] for i in pair]
        operands = [operand for i, operand in enumerate(operands) if i not in pair]
        later = set(output).union(*(labels for labels, _ in operands))
        (labels, x), *rest = taken
        for n, (others, y) in enumerate(rest):
            needed = later.union(*(own for own, _ in rest[n + 1 :]))
            left = _summed(labels, x, needed | set(others))
            right = _summed(others, y, needed | set(left[0]))
            labels, x = _contracted(*left, *right, needed)
        operands.append((labels, x))
    ((labels, result),) = operands
    labels, result = _summed(labels, result, set(output))
    return permute(result, [labels.index(label) for label in output])


def _spelled(args: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    """The equation and the operands, from either form."""
    if not args:
        raise SettingError(
            "einsum(): must specify the equation string and at least one operand, or at least one operand and its "
            "subscripts list"
        )
    first, *rest = args
    if not isinstance(first, str):
        return _from_lists(args)
    if len(rest) == 1 and isinstance(rest[0], (list, tuple)):
        rest = list(rest[0])
    if not rest:
        raise SettingError("einsum(): must provide at least one operand")
    return first, tuple(rest)


def _from_lists(args: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    pairs, last = args, None
    if len(args) % 2:
        *pairs, last = args  # type: ignore[assignment]
    terms = [_term(numbers) for numbers in pairs[1::2]]
    equation = ",".join(terms)
    return (equation if last is None else f"{equation}->{_term(last)}"), tuple(pairs[::2])


def _term(numbers: Any) -> str:
    letters = []
    for n in numbers:
        if n is Ellipsis:
            letters.append("...")
        elif isinstance(n, int) and 0 <= n < 52:
            letters.append(_LETTERS[n])
        else:
            raise SettingError(f"einsum(): subscripts must be in range [0, 52) or an Ellipsis, got {n!r}")
    return "".join(letters)


def _parsed(equation: str, tensors: Sequence[Any]) -> tuple[list[list[str]], list[str]]:
    """The labels of each operand and of the result; the dimensions of an ellipsis are labelled ``"0"``, ``"1"``, ..."""
    left, arrow, right = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(tensors):
        more = "more" if len(tensors) > len(terms) else "fewer"
        raise SettingError(
            f"einsum(): {more} operands were provided than specified in the equation: {equation!r} names "
            f"{len(terms)}, got {len(tensors)}"
        )
    longest = 0
    inputs = []
    for position, (term, x) in enumerate(zip(terms, tensors, strict=True)):
        before, dots, after = _cut(term, f"for operand {position}", equation)
        named = len(before) + len(after)
        extra = x._array.ndim - named
        if extra < 0 or (extra and not dots):
            more = "and no ellipsis was given" if not dots else "even without the ellipsis"
            raise SettingError(
                f"einsum(): the number of subscripts in the equation ({named}) does not match the number of "
                f"dimensions ({x._array.ndim}) for operand {position} {more}, in {equation!r}"
            )
        longest = max(longest, extra)
        inputs.append([*before, *map(str, reversed(range(extra))), *after])
    hidden = [str(i) for i in reversed(range(longest))]
    if not arrow:
        counts = [label for labels in inputs for label in labels]
        return inputs, hidden + sorted(c for c in set(counts) if c.isalpha() and counts.count(c) == 1)
    before, dots, after = _cut(right, "for the output", equation)
    for label in (*before, *after):
        if (*before, *after).count(label) > 1:
            raise SettingError(
                f"einsum(): output subscript {label} appears more than once in the output of {equation!r}"
            )
        if not any(label in labels for labels in inputs):
            raise SettingError(
                f"einsum(): output subscript {label} does not appear in the equation for any input operand of "
                f"{equation!r}"
            )
    return inputs, [*before, *(hidden if dots else []), *after]


def _cut(term: str, place: str, equation: str) -> tuple[str, str, str]:
    """The labels of ``term`` before its ellipsis, the ellipsis, and the labels after it."""
    before, dots, after = term.partition("...")
    for label in before + after:
        if label == ".":
            raise SettingError(f"einsum(): found '.' {place} that is not part of any ellipsis, in {equation!r}")
        if label not in _LETTERS:
            raise SettingError(
                f"einsum(): invalid subscript given at index {equation.index(label)} in the equation string, "
                f"subscripts must be in [a-zA-Z]: {label!r} in {equation!r}"
            )
    return before, dots, after


def _check_sizes(inputs: Sequence[Sequence[str]], tensors: Sequence[Any]) -> None:
    seen: dict[str, int] = {}
    for position, (labels, x) in enumerate(zip(inputs, tensors, strict=True)):
        own: dict[str, int] = {}
        for label, n in zip(labels, x._array.shape, strict=True):
            if own.setdefault(label, n) != n:
                raise SettingError(
                    f"einsum(): subscript {label} is repeated for operand {position} but the sizes don't match, "
                    f"{n} != {own[label]}"
                )
            if seen.get(label, 1) != 1 and n not in (1, seen[label]):
                raise SettingError(
                    f"einsum(): subscript {label} has size {n} for operand {position} which does not broadcast with "
                    f"previously seen size {seen[label]}"
                )
            seen[label] = n if seen.get(label, 1) == 1 else seen[label]


def _path(operands: Sequence[tuple[Sequence[str], Any]], output: Sequence[str]) -> list[Sequence[int]]:
    """Which operands to take together, step by step; each result goes to the end."""
    count = len(operands)
    if count <= 2:
        return [tuple(range(count))]
    optimizer = _opt_einsum()
    if optimizer is None:
        return [tuple(range(count))]
    sizes: dict[str, int] = {}
    for labels, x in operands:
        for label, n in zip(labels, x._array.shape, strict=True):
            sizes[label] = max(n, sizes.get(label, 1))
    spell = {label: optimizer.get_symbol(i) for i, label in enumerate(sizes)}
    terms = ",".join("".join(spell[label] for label in labels) for labels, _ in operands)
    equation = f"{terms}->{''.join(spell[label] for label in output)}"
    shapes = [tuple(sizes[label] for label in labels) for labels, _ in operands]
    path, _ = optimizer.contract_path(equation, *shapes, shapes=True)
    return [tuple(step) for step in path]


@functools.cache
def _opt_einsum() -> ModuleType | None:
    """The package `opt_einsum`, imported when three operands first meet."""
    try:
        import opt_einsum  # noqa: PLC0415
    except ImportError:
        return None
    module: ModuleType = opt_einsum
    return module


def _diagonals(labels: list[str], x: Any) -> tuple[list[str], Any]:
    """``x`` with one dimension per label: those with the same label become their diagonal."""
    while len(set(labels)) != len(labels):
        twice = next(c for c in labels if labels.count(c) > 1)
        first = labels.index(twice)
        second = labels.index(twice, first + 1)
        x = diagonal(x, 0, first, second)
        labels = [c for i, c in enumerate(labels) if i not in (first, second)] + [twice]
    return labels, x


def _summed(labels: list[str], x: Any, needed: set[str]) -> tuple[list[str], Any]:
    """``x`` summed over the dimensions that nothing needs, integers in int64."""
    gone = [i for i, label in enumerate(labels) if label not in needed]
    if not gone:
        return labels, x
    return [label for label in labels if label in needed], sum(x, gone)


def _contracted(x_labels: list[str], x: Any, y_labels: list[str], y: Any, later: set[str]) -> tuple[list[str], Any]:
    """The product of two operands, summed over the labels that nothing needs later, as one batched matrix product."""
    x, y = meet((x, y), name="einsum")
    both = [c for c in x_labels if c in y_labels]
    batch, inner = [c for c in both if c in later], [c for c in both if c not in later]
    x_only, y_only = [c for c in x_labels if c not in both], [c for c in y_labels if c not in both]
    sizes: dict[str, int] = {}
    for label, n in itertools.chain(
        zip(x_labels, x._array.shape, strict=True), zip(y_labels, y._array.shape, strict=True)
    ):
        sizes[label] = n if sizes.get(label, 1) == 1 else sizes[label]
    left = _laid_out(x_labels, x, [batch, x_only, inner], sizes)
    right = _laid_out(y_labels, y, [batch, inner, y_only], sizes)
    product = bmm(left, right)
    return batch + x_only + y_only, reshape(product, [sizes[c] for c in batch + x_only + y_only])


def _laid_out(labels: list[str], x: Any, groups: list[list[str]], sizes: dict[str, int]) -> Any:
    """``x`` with its dimensions in the order of ``groups``, each group flattened into one."""
    order = [c for group in groups for c in group]
    x = expand(permute(x, [labels.index(c) for c in order]), [sizes[c] for c in order])
    return reshape(x, [math.prod(sizes[c] for c in group) for group in groups])


def tensordot(a: Any, b: Any, dims: Any = 2, out: Any = None) -> Any:
    """The product summed over the last ``dims`` of ``a`` and the first of ``b``, or over a pair of lists of dimensions.

    Mirrors ``torch.tensordot``; a summed dimension of length 1 meets any other.

    Raises:
        SettingError: ``dims`` is negative or greater than the number of dimensions.
        ShapeError: The lengths of a pair differ.
        DtypeError: The dtypes differ.
    """
    dims_a, dims_b = _pairs(a, b, dims)
    if a._array.dtype != b._array.dtype:
        raise DtypeError(f"both inputs should have same dtype, got {a.dtype.name} and {b.dtype.name}; cast one")
    if len(dims_a) != len(dims_b):
        raise ShapeError(f"both dimension lists should have same length, got {list(dims_a)} and {list(dims_b)}")
    axes_a = [normalize_dim(d, a._array.ndim) for d in dims_a]
    axes_b = [normalize_dim(d, b._array.ndim) for d in dims_b]
    for i, (m, n) in enumerate(zip(axes_a, axes_b, strict=True)):
        size_a, size_b = a._array.shape[m], b._array.shape[n]
        if size_a == size_b:
            continue
        if size_a == 1:
            b = sum(b, n, True, dtype=b.dtype)
        elif size_b == 1:
            a = sum(a, m, True, dtype=a.dtype)
        else:
            raise ShapeError(
                f"contracted dimensions need to match, but first has size {size_a} in dim {dims_a[i]} and second has "
                f"size {size_b} in dim {dims_b[i]}"
            )
    return deliver(out, standard.tensordot(a, b, axes=(tuple(axes_a), tuple(axes_b))))


def _pairs(a: Any, b: Any, dims: Any) -> tuple[Sequence[int], Sequence[int]]:
    if isinstance(dims, TensorBase):
        dims = dims.tolist()  # type: ignore[attr-defined]
    if isinstance(dims, int):
        if dims < 0:
            raise SettingError(f"tensordot expects dims >= 0, but got dims={dims}")
        if dims > min(a._array.ndim, b._array.ndim):
            raise SettingError(
                f"tensordot expects dims < ndim_a or ndim_b, but got dims={dims} for {a._array.ndim}D and "
                f"{b._array.ndim}D"
            )
        return range(-dims, 0), range(dims)
    first, second = ([d] if isinstance(d, int) else list(d) for d in dims)
    return first, second
